"""Panel 4 in its automatic mode: which slices, with which settings, and what of the result is worth looking at."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from RWTHSAMLib.core.settings.automatic import PRESETS, AutomaticSettings
from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.settings.setting import settings_of
from RWTHSAMLib.core.settings.typed import text_fields

from ..actions import Actions
from ..field_words import of_field
from . import overwriting, rules, widgets

_FIELD = {"density": "compact", "variant": "outlined", "hide_details": "auto"}


def section(actions: Actions) -> None:
    """Declare everything but the table of objects."""
    _where(actions)
    _run(actions)
    with v.VExpansionPanels(v_model=("auto_open",), multiple=True, variant="accordion", flat=True, classes="inner"):
        with widgets.panel("settings", None, "SAM settings", "auto_preset || 'own'"):
            _settings(actions)
        with widgets.panel(
            "filters", None, "Filters", "unfiltered_count ? detected_count + ' of ' + unfiltered_count : ''"
        ):
            _filters(actions)
        with widgets.panel(
            "rules", None, "Rules", "rules.length ? rules.length + (rules.length > 1 ? ' rules' : ' rule') : ''"
        ):
            rules.section(actions)


def _where(actions: Actions) -> None:
    with v.VBtnToggle(
        v_model=("auto_where",),
        mandatory=True,
        density="compact",
        variant="outlined",
        divided=True,
        color="primary",
        classes="tool-choice",
    ):
        for value, text, help_text in (
            ("slice", "This slice", "The slice of the view that the mouse was in last"),
            ("range", "From - to", "Slices along the axis of that view"),
            ("all", "All slices", "Every slice along the axis of that view"),
        ):
            with v.VBtn(value=value, size="small", classes="text-none flex-grow-1"):
                html.Span(text)
                widgets.tooltip(help_text)
    with html.Div(classes="row", v_if=("auto_where === 'range'",)):
        for label, end in (("First slice", "first"), ("Last slice", "last")):
            change = (actions.automatic.set_range_end, f"['{end}', $event.target.value]")
            widgets.number_field(label, f"auto_{end}", change, min=0)
    widgets.note("embedding_budget", v_if=("auto_where === 'all' && embedding_budget && !run_running",))


def _run(actions: Actions) -> None:
    with html.Div(classes="row"):
        v.VBtn(
            "Find objects",
            click=(actions.automatic.start, "[auto_where]"),
            v_if=("!run_running",),
            disabled=("engine_phase !== 'ready' || !auto_valid",),
            prepend_icon="mdi-auto-fix",
            variant="flat",
            color=("engine_phase === 'ready' && auto_valid ? 'primary' : undefined",),
            size="small",
            classes="text-none flex-grow-1",
        )
        widgets.stop_button("objects", actions.automatic.stop, v_if=("run_running",), classes="text-none flex-grow-1")
        widgets.button("Resume", actions.automatic.resume, "mdi-play", v_if=("run_stopped",))
    with html.Div(v_if=("run_percent >= 0",)):
        v.VProgressLinear(model_value=("run_percent",), color="primary", height=4, rounded=True)
        widgets.note("run_text")
    html.Div("A setting is not valid yet: see below.", classes="note warn", v_if=("!auto_valid",))


def _settings(actions: Actions) -> None:
    with html.Div(classes="row"):
        for name in PRESETS:
            widgets.button(
                name.capitalize(),
                (actions.automatic.use_preset, f"['{name}']"),
                color=(f"auto_preset === '{name}' ? 'primary' : undefined",),
                classes="text-none flex-grow-1",
            )
    points, name = settings_of(AutomaticRunSettings)["mode"], "auto_fields.${each.name}"
    with v.VSelect(
        model_value=("auto_points",),
        update_modelValue=(actions.automatic.set_points, "[$event]"),
        items=(
            "points_choice",
            [{"value": each.value, "title": f"{each.text}: {each.help}"} for each in points.options],
        ),
        label=points.title,
        **_FIELD,
    ):
        widgets.tooltip(points.help)
    with (
        html.Div(classes="settings-grid"),
        v.VTextField(
            v_for="each in auto_fields",
            key="each.name",
            label=("each.label",),
            model_value=(widgets.shown(name, "each.value"),),
            update_modelValue=widgets.tells(
                name, of_field("SAM settings", actions.automatic.set_setting), "[each.name, $event]"
            ),
            blur=(actions.automatic.leave, "[each.name]"),
            error_messages=("each.error ? [each.error] : []",),
            **_FIELD,
        ),
    ):
        widgets.tooltip("{{ each.help }}")
    _own_points(actions)
    widgets.button("Save to profile", actions.automatic.keep_settings, "mdi-content-save-outline")


def _own_points(actions: Actions) -> None:
    with html.Div(classes="row"):
        widgets.tooltip(settings_of(AutomaticSettings)["point_grids"].help)
        widgets.button("Ask my points", actions.automatic.use_points, "mdi-dots-hexagon")
        widgets.button("Ask a grid", actions.automatic.use_grid, "mdi-dots-grid", disabled=("!auto_own_points",))
    widgets.note(
        "auto_own_points + (auto_own_points > 1 ? ' points of your own are' : ' point of your own is') + "
        "' asked on every slice instead of a grid'",
        v_if=("auto_own_points",),
    )


def _filters(actions: Actions) -> None:
    widgets.setting_check(AutomaticRunSettings, "hide_doubtful", "auto_doubtful", actions.automatic.set_doubtful)
    fewest = settings_of(AutomaticRunSettings)["min_slices"]
    with html.Div():
        widgets.tooltip(fewest.help)
        change = (actions.automatic.set_shortest, "[$event.target.value]")
        widgets.number_field(fewest.title, "auto_shortest", change, min=fewest.about.lowest)
    fields = text_fields(AutomaticRunSettings)
    with widgets.left_together(actions.automatic.leave_grey):
        ends = [widgets.shown(f"auto_grey.{at}", f"auto_grey[{at}]") for at in (0, 1)]
        for field, at, arguments in (
            (fields["grey_lower"], 0, f"[$event, {ends[1]}]"),
            (fields["grey_upper"], 1, f"[{ends[0]}, $event]"),
        ):
            with v.VTextField(
                model_value=(ends[at],),
                update_modelValue=widgets.tells(
                    f"auto_grey.{at}", of_field(field.label, actions.automatic.set_grey), arguments
                ),
                label=field.label,
                **_FIELD,
            ):
                widgets.tooltip(field.help)
    with html.Div(classes="row"):
        widgets.tooltip(settings_of(AutomaticRunSettings)["region_xyxy"].help)
        widgets.button("Only inside the box", actions.automatic.use_box, "mdi-vector-square")
        widgets.button("Everywhere", actions.automatic.drop_box, disabled=("!auto_region",))
    widgets.note("'Inside ' + auto_region", v_if=("auto_region",))


def submit(actions: Actions) -> None:
    """Declare where the objects go."""
    enabled = "detected_selected + detected_accepted > 0"
    with v.VBtn(
        block=True,
        click=actions.automatic.submit,
        disabled=(f"!({enabled}) || class_locked",),
        color=(f"{enabled} && !class_locked ? 'success' : undefined",),
        variant="flat",
        classes="text-none submit",
        raw_attrs=widgets.named("Submit objects"),
    ):
        html.Span("Submit {{ detected_selected || detected_accepted || '' }} to", classes="mr-2")
        html.Span(classes="dot", style=("`background: ${class_color}`",))
        html.Span("{{ class_name }}", classes="text-truncate font-weight-bold")
        v.VIcon("mdi-lock", v_if=("class_locked",), size=14, classes="ml-1")
    with html.Div(classes="row"):
        widgets.button(
            "Each as its own class", actions.automatic.submit_apart, "mdi-call-split", disabled=(f"!({enabled})",)
        )
        widgets.button("Undo", actions.prompts.undo, "mdi-undo", disabled=("!undo_text",))
        widgets.button("Redo", actions.prompts.redo, "mdi-redo", disabled=("!redo_text",))
    overwriting.choice(actions)
