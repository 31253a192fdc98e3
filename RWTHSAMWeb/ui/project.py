"""The panel above the others: the work as a project, and what is asked about one."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from ..field_words import of_field
from ..state.page_values import LABELS
from . import widgets

OPEN_TYPED = "trigger('open_project', [project_path])"
PICK_SEGMENTATION = "utils.rwthsam.pick('segmentation', '.nrrd,.nii,.gz,.mha,.tif,.tiff,.json,.csv,.ctbl,.txt', true)"


def panel(actions: Actions) -> None:
    """Declare the panel."""
    with widgets.panel("project", None, "Project", "project_name"):
        v.VTextField(
            v_model=("project_path",),
            label=LABELS["project_path"],
            density="compact",
            variant="outlined",
            hide_details=True,
        )
        widgets.note("'A name alone lies in ' + project_base", v_if=("project_base",))
        with html.Div(classes="row mt-2"):
            widgets.button(
                "Save project",
                (of_field(LABELS["project_path"], actions.project.save), "[project_path]"),
                "mdi-content-save-outline",
                disabled=("!has_scan || !!busy_text",),
            )
            widgets.button(
                "Open project",
                f"unsaved_work ? (opening = 'project') : {OPEN_TYPED}",
                "mdi-folder-open-outline",
                disabled=("!project_path || !!busy_text",),
            )
        with html.Div(classes="row mt-2"):
            widgets.button(
                "Open segmentation",
                f"unsaved_work ? (opening = 'segmentation') : {PICK_SEGMENTATION}",
                "mdi-shape-outline",
                disabled=("!has_scan || upload_percent >= 0 || !!busy_text",),
            )
            with html.Span():
                widgets.tooltip(
                    "On the open scan: a .seg.nrrd, a labelmap (NRRD, NIfTI, TIFF; choose its colour table with "
                    "it), or a prompt file, which is computed again"
                )
        widgets.button(
            "Unsaved work ({{ unsaved_offers.length }})",
            "unsaved_shown = true",
            "mdi-backup-restore",
            v_if=("unsaved_offers.length",),
            classes="text-none mt-2",
        )
        html.Div("Recent", v_if=("recent_projects.length",), classes="subtitle mt-2")
        v.VBtn(
            "{{ each.text }}",
            title=("each.path",),
            v_for="(each, position) in recent_projects",
            key="each.path",
            click=(actions.project.open_recent, "[position]"),
            disabled=("unsaved_work || !!busy_text",),
            size="small",
            variant="text",
            classes="text-none justify-start recent-project",
            block=True,
        )
        widgets.note(
            "'Save or discard your work to open one of these.'", v_if=("unsaved_work && recent_projects.length",)
        )


def dialogs(actions: Actions) -> None:
    """Declare what is asked about a project that is to be opened, and about work that was not saved."""
    with widgets.dialog("Where is the scan?", model_value=("!!project_missing",), persistent=True, max_width=560):
        with v.VCardText():
            html.Div("{{ project_missing }}", classes="mb-3")
            v.VTextField(v_model=("scan_place",), label=LABELS["scan_place"], density="compact", variant="outlined")
        with v.VCardActions():
            v.VSpacer()
            widgets.button("Cancel", actions.project.cancel, variant="text")
            widgets.button(
                "Use this scan",
                (of_field(LABELS["scan_place"], actions.project.use_place), "[scan_place]"),
                color="primary",
                variant="flat",
            )
    with widgets.dialog("The scan has changed", model_value=("!!project_changed",), persistent=True, max_width=560):
        v.VCardText("{{ project_changed }}")
        with v.VCardActions():
            v.VSpacer()
            widgets.button("Cancel", actions.project.cancel, variant="text")
            widgets.button("Open all the same", actions.project.open_changed, color="primary", variant="flat")
    _unsaved(actions)


def _unsaved(actions: Actions) -> None:
    shown = "unsaved_shown && !!unsaved_offers.length"
    with widgets.dialog("There is unsaved work", model_value=(shown,), persistent=True, max_width=560):
        with v.VCardText():
            html.Div("RWTHSAM ended before this was saved:", classes="mb-2")
            with html.Div(v_for="each in unsaved_offers", key="each.id", classes="d-flex align-center mb-1"):
                html.Span("{{ each.scan }}, {{ each.saved }}", classes="flex-grow-1")
                widgets.button("Discard", (actions.project.discard, "[each.id]"), variant="text")
                widgets.button("Restore", (actions.project.restore, "[each.id]"), color="primary")
        with v.VCardActions():
            v.VSpacer()
            widgets.button("Later", actions.project.later, variant="text")
