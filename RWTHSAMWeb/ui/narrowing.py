"""Panel 5: the fine structure inside a class, found by grey values, at its rim, or outside other classes."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.settings.typed import text_fields

from ..actions import Actions
from . import widgets

_FIELD = {"density": "compact", "variant": "outlined", "hide_details": "auto"}
_SIDES = (
    widgets.Choice("", "All", "By the range only"),
    widgets.Choice("dark", "Dark", "The dark side of Otsu's threshold"),
    widgets.Choice("bright", "Bright", "The bright side of Otsu's threshold"),
)


def section(actions: Actions) -> None:
    """Declare it, folded away until it is asked for."""
    with (
        v.VExpansionPanels(v_model=("native_open",), multiple=True, variant="accordion", flat=True, classes="inner"),
        widgets.panel("narrowing", None, "Narrow a class", "narrow_on ? 'shown' : ''"),
    ):
        html.Div("What of {{ narrow_source }} is kept.", classes="note")
        with html.Div(classes="settings-grid"):
            for each in text_fields(ThresholdSettings).values():
                widgets.checked_field(each, "narrow_values", actions.narrowing.set_value)
        widgets.choice_of("narrow_otsu", actions.narrowing.set_otsu, _SIDES)
        _classes(actions)
        v.VCheckbox(
            model_value=("narrow_on",),
            update_modelValue=(actions.narrowing.show, "[$event]"),
            disabled=("!has_scan",),
            label="Show on the slices what would be left",
            density="compact",
            hide_details=True,
        )
        widgets.note("narrow_text", v_if=("narrow_text",))
        with html.Div(classes="row"):
            widgets.button("Narrow", actions.narrowing.apply, "mdi-check", disabled=("!(has_scan && narrow_valid)",))


def _classes(actions: Actions) -> None:
    named = {"item_title": "name", "item_value": "id", **_FIELD}
    v.VSelect(
        label="Result goes to",
        model_value=("narrow_target",),
        items=("[{ id: '', name: 'the class itself' }, ...classes.filter(each => each.id !== class_id)]",),
        update_modelValue=(actions.narrowing.set_target, "[$event]"),
        **named,
    )
    v.VSelect(
        label="Outside of",
        model_value=("narrow_outside",),
        items=("classes.filter(each => each.id !== class_id)",),
        update_modelValue=(actions.narrowing.set_outside, "[$event]"),
        multiple=True,
        clearable=True,
        classes="mt-2",
        **named,
    )
