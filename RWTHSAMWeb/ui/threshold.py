"""Panel 5: the fine structure inside a class, found by grey values, at its rim, or outside other classes."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.settings.typed import text_fields

from ..actions import Actions
from . import widgets

_FIELD = {"density": "compact", "variant": "outlined", "hide_details": "auto"}


def section(actions: Actions) -> None:
    """Declare it, folded away until it is asked for."""
    with (
        v.VExpansionPanels(v_model=("native_open",), multiple=True, variant="accordion", flat=True, classes="inner"),
        widgets.panel("threshold", None, "Threshold a class", "threshold_on ? 'shown' : ''"),
    ):
        html.Div("What of {{ threshold_source }} is kept.", classes="note")
        with html.Div(classes="settings-grid"):
            for each in text_fields(ThresholdSettings).values():
                widgets.checked_field(each, "threshold_values", actions.threshold.set_value, actions.threshold.leave)
        widgets.setting_choice(ThresholdSettings, "otsu", "threshold_otsu", actions.threshold.set_otsu)
        _classes(actions)
        v.VCheckbox(
            model_value=("threshold_on",),
            update_modelValue=(actions.threshold.show, "[$event]"),
            disabled=("!has_scan",),
            label="Show on the slices what would be left",
            density="compact",
            hide_details=True,
        )
        widgets.note("threshold_text", v_if=("threshold_text",))
        with html.Div(classes="row"):
            widgets.button(
                "Apply threshold", actions.threshold.apply, "mdi-check", disabled=("!(has_scan && threshold_valid)",)
            )


def _classes(actions: Actions) -> None:
    named = {"item_title": "name", "item_value": "id", **_FIELD}
    v.VSelect(
        label="Result goes to",
        model_value=("threshold_target",),
        items=("[{ id: '', name: 'the class itself' }, ...classes.filter(each => each.id !== class_id)]",),
        update_modelValue=(actions.threshold.set_target, "[$event]"),
        **named,
    )
    v.VSelect(
        label="Outside of",
        model_value=("threshold_outside",),
        items=("classes.filter(each => each.id !== class_id)",),
        update_modelValue=(actions.threshold.set_outside, "[$event]"),
        multiple=True,
        clearable=True,
        classes="mt-2",
        **named,
    )
