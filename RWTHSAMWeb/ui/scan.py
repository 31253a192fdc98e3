"""Panel 1: the scan and the grey values that the model sees of it."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from ..state.page_values import LABELS
from . import widgets
from .project import OPEN_TYPED, PICK_SEGMENTATION

ACCEPTED = ".nrrd,.nhdr,.mha,.mhd,.raw,.zraw,.nii,.hdr,.img,.gz,.tif,.tiff,.png,.jpg,.jpeg,.bmp,.dcm,.dicom,.ima"

_OPEN = {
    "file": f"utils.rwthsam.pick('scan', '{ACCEPTED}', true)",
    "path": "trigger('open_path')",
    "phantom": "trigger('open_phantom')",
    "project": OPEN_TYPED,
    "segmentation": PICK_SEGMENTATION,
}
_TO_VOXEL_SIZE = "panels = panels.includes('scan') ? panels : [...panels, 'scan']; utils.rwthsam.focus('voxel-size-i')"
_UNITS = (
    widgets.Choice("mm", "mm", "Millimetres"),
    widgets.Choice("µm", "µm", "Micrometres"),
)


def panel(actions: Actions) -> None:
    """Declare the panel."""
    with widgets.panel("scan", 1, "Scan", "scan_name"):
        with html.Div(classes="row"):
            widgets.button(
                "Open file",
                _asking_first("file"),
                "mdi-folder-open-outline",
                disabled=("upload_percent >= 0 || !!busy_text",),
            )
            widgets.button("Phantom", _asking_first("phantom"), "mdi-battery-outline", disabled=("!!busy_text",))
        v.VProgressLinear(v_if=("upload_percent >= 0",), model_value=("upload_percent",), height=3, classes="my-1")
        v.VTextField(
            v_model=("scan_path",),
            label=LABELS["scan_path"],
            density="compact",
            variant="outlined",
            hide_details=True,
            clearable=True,
            append_inner_icon="mdi-arrow-right",
            __events=[("click_append", "click:appendInner"), ("enter", "keydown.enter")],
            click_append=_asking_first("path"),
            enter=_asking_first("path"),
        )
        widgets.note("scan_text", v_if=("scan_text",))
        html.Div("{{ text }}", v_for="text in scan_notes", key="text", classes="note")
        with html.Div(v_if=("has_scan",)):
            _voxel_size(actions)
            _window(actions)
            _model_sees()


def question(actions: Actions) -> None:
    """Declare what is asked about the voxel size: above all panels, so that it is seen whichever are unfolded."""
    with html.Div(v_if=("voxel_question",), classes="drawer-question", raw_attrs=['role="status"']):
        html.Div("{{ voxel_question }}", classes="note warn")
        with html.Div(classes="row mt-1"):
            widgets.button("As the file says", actions.scan.voxel_size_of_file, v_if=("voxel_told",))
            widgets.button("Keep", actions.scan.believe_voxel_size, v_if=("voxel_told",))
            widgets.button("It is right", actions.scan.believe_voxel_size, v_if=("!voxel_told",))
            widgets.button("Change", _TO_VOXEL_SIZE, variant="text")


def replace_dialog() -> None:
    """Ask before another scan ends the work on the present one."""
    shown = {"model_value": ("!!opening",), "update_modelValue": "opening = ''"}
    with widgets.dialog("Leave unsaved work?", max_width=520, **shown):
        v.VCardText("What was done on '{{ scan_name }}' is lost unless it is saved as a project.")
        with v.VCardActions():
            widgets.button("Download segmentation", None, "mdi-download", href="download/segmentation", download=True)
            v.VSpacer()
            widgets.button("Cancel", "opening = ''", variant="text")
            for kind, script in _OPEN.items():
                widgets.button(
                    "Open", f"opening = ''; {script}", v_if=(f"opening === '{kind}'",), color="primary", variant="flat"
                )


def _asking_first(kind: str) -> str:
    return f"unsaved_work ? (opening = '{kind}') : {_OPEN[kind]}"


def _voxel_size(actions: Actions) -> None:
    with html.Div(classes="subtitle-row"):
        html.Span("Voxel size", classes="subtitle")
        v.VSpacer()
        widgets.choice_of("voxel_unit", "voxel_unit = $event", _UNITS, style="width: 104px; flex: none")
    with html.Div(v_if=("voxel_told && !voxel_question",), classes="row"):
        widgets.note("voxel_told", style="flex: 1")
        widgets.button("As the file says", actions.scan.voxel_size_of_file)
    with html.Div(classes="row mt-2"):
        for position, axis in enumerate("ijk"):
            widgets.number_field(
                f"along {axis}",
                f"Number((voxel_mm[{position}] * (voxel_unit === 'mm' ? 1 : 1000)).toPrecision(5))",
                (actions.scan.set_voxel_size, f"[{position}, $event.target.value, voxel_unit]"),
                classes="narrow",
                id=f"voxel-size-{axis}",
                name=f"Voxel size along {axis}",
                type="text",  # a field for numbers drops a decimal comma without a word
                inputmode="decimal",
            )


def _window(actions: Actions) -> None:
    with html.Div(classes="subtitle-row"):
        html.Span("Window", classes="subtitle")
        v.VSpacer()
        widgets.button("Propose", actions.scan.propose_window, "mdi-auto-fix", variant="text")
        with html.Span():
            widgets.tooltip("All but the darkest and brightest 0.5 % of the grey values")
    with html.Div(classes="histogram"):
        html.Div(v_html=("`<svg viewBox='0 0 100 30' preserveAspectRatio='none'><path d='${histogram}'/></svg>`",))
        v.VRangeSlider(
            model_value=(widgets.shown("window", "window"),),
            min=("grey_range[0]",),
            max=("grey_range[1]",),
            step=("grey_step",),
            update_modelValue=widgets.tells("window", actions.scan.preview_window, "[$event]"),
            end=widgets.tells("window", actions.scan.set_window, "[$event]"),
            hide_details=True,
            density="compact",
            track_size=2,
            thumb_size=12,
            raw_attrs=widgets.named("Window"),
        )
    with html.Div(classes="row"):
        for side, label in enumerate(("Black below", "White above")):
            widgets.number_field(
                label,
                f"Math.round(window[{side}] * 1000) / 1000",
                (actions.scan.set_window_bound, f"[{side}, $event.target.value]"),
            )


def _model_sees() -> None:
    with html.Div(v_if=("model_sees",), classes="model-sees"):
        html.Img(src=("model_sees",), alt="The slice as the model sees it")
        with html.Div(classes="note"):
            html.Div("What the model sees", classes="subtitle")
            html.Div("{{ model_sees_text }}")
