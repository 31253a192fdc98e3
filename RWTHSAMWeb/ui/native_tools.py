"""Panel 5: Slicer's own editing tools on the same segmentation; what they change needs no submit."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from . import threshold, widgets

_TOOLS = (
    ("paint", "Paint", "mdi-brush"),
    ("erase", "Erase", "mdi-eraser"),
    ("scissors", "Scissors", "mdi-content-cut"),
    ("threshold", "Threshold", "mdi-contrast-circle"),
)
_SUMMARY = "{ paint: 'Paint', erase: 'Erase', scissors: 'Scissors', threshold: 'Threshold' }[native_tool] || ''"


def panel(actions: Actions) -> None:
    """Declare the panel."""
    with widgets.panel("native", 5, "Edit by hand", _SUMMARY):
        with v.VBtnToggle(
            model_value=("native_tool",),
            update_modelValue=(actions.tools.choose, "[$event || '']"),
            density="compact",
            variant="outlined",
            divided=True,
            color="primary",
            classes="tool-choice",
            disabled=("!has_scan",),
        ):
            for value, text, icon in _TOOLS:
                with v.VBtn(value=value, size="small", classes="flex-grow-1", icon=True, raw_attrs=widgets.named(text)):
                    v.VIcon(icon)
                    widgets.tooltip(text)
        html.Div("Choose a tool; choose it again to go back to prompts.", classes="note", v_if=("!native_tool",))
        with html.Div(v_if=("native_tool === 'paint' || native_tool === 'erase'",)):
            _brush(actions)
        html.Div(
            "Draw a line round what shall be cut away from the class.",
            classes="note",
            v_if=("native_tool === 'scissors'",),
        )
        with html.Div(v_if=("native_tool === 'threshold'",)):
            _threshold(actions)
        threshold.section(actions)


def _brush(actions: Actions) -> None:
    with html.Div(classes="subtitle-row"):
        html.Span("Brush", classes="subtitle")
        v.VSpacer()
        html.Span("{{ Number(brush_mm).toPrecision(3) }} mm", classes="note")
    v.VSlider(
        model_value=(widgets.shown("brush", "brush_mm"),),
        min=("brush_range[0]",),
        max=("brush_range[1]",),
        step=("brush_range[0] / 2",),
        update_modelValue=widgets.tells("brush", actions.tools.set_brush, "[$event]"),
        raw_attrs=widgets.named("Brush diameter"),
        hide_details=True,
        density="compact",
        track_size=2,
        thumb_size=12,
    )
    v.VCheckbox(
        model_value=("brush_is_sphere",),
        update_modelValue=(actions.tools.set_brush_sphere, "[$event]"),
        label="Sphere (several slices at once)",
        density="compact",
        hide_details=True,
    )


def _threshold(actions: Actions) -> None:
    v.VRangeSlider(
        model_value=(widgets.shown("threshold", "threshold"),),
        min=("grey_range[0]",),
        max=("grey_range[1]",),
        step=("grey_step",),
        update_modelValue=widgets.tells("threshold", actions.tools.set_threshold, "[$event]"),
        raw_attrs=widgets.named("Grey values of the threshold"),
        hide_details=True,
        density="compact",
        track_size=2,
        thumb_size=12,
    )
    with html.Div(classes="row"):
        html.Span("{{ threshold[0].toPrecision(5) }} to {{ threshold[1].toPrecision(5) }}", classes="note")
        v.VSpacer()
        widgets.button("Add to {{ class_name }}", actions.tools.apply_threshold, "mdi-check")
