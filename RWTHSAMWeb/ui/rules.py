"""Rules that make classes of objects: from-to ranges, a look at what they would do, and doing it."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from ..field_words import of_field
from . import widgets

_FIELD = {"density": "compact", "variant": "outlined", "hide_details": True}


def section(actions: Actions) -> None:
    """Declare the list of rules and its buttons."""
    html.Div(
        "A rule puts objects into a class by what can be measured; the first that fits counts. Rules belong to the "
        "profile.",
        classes="note",
    )
    with html.Div(v_for="(rule, number) in rules", key="number", classes="rule"):
        _head(actions)
        _condition(actions)
        with html.Div(classes="row"):
            widgets.button("and ...", (actions.rules.add_condition, "[number]"), "mdi-plus")
            v.VSpacer()
        html.Div("{{ rule.error }}", classes="note warn", v_if=("rule.error",))
    with html.Div(classes="row"):
        widgets.button("Add rule", actions.rules.add, "mdi-plus")
        v.VSpacer()
        widgets.button(
            "Show",
            (actions.automatic.show_rules, "[!rules_shown]"),
            "mdi-eye-outline",
            disabled=("!rules.length",),
            color=("rules_shown ? 'primary' : undefined",),
            label="Show rules",
        )
        widgets.button(
            "Apply",
            actions.automatic.apply_rules,
            "mdi-check-all",
            disabled=("!rules_fit || !rules_valid",),
            color="success",
        )
    widgets.note("rules_fit + ' of ' + detected_count + ' objects fit a rule'", v_if=("rules.length > 0",))


def _head(actions: Actions) -> None:
    with html.Div(classes="row"):
        v.VSelect(
            model_value=("rule.class_id",),
            update_modelValue=(actions.rules.set_class, "[number, $event]"),
            items=("classes",),
            item_title="name",
            item_value="id",
            label="Class",
            **_FIELD,
        )
        html.Span("{{ rule.count }}", classes="note", title="Objects of this class by the rules")
        widgets.icon_button("mdi-close", "Remove rule", (actions.rules.remove, "[number]"), size="x-small")


def _condition(actions: Actions) -> None:
    with html.Div(v_for="(each, at) in rule.conditions", key="at", classes="condition"):
        v.VSelect(
            model_value=("each.quantity",),
            update_modelValue=(actions.rules.set_condition, "[number, at, 'quantity', $event]"),
            items=("quantities",),
            item_props=True,
            label="Quantity",
            **_FIELD,
        )
        with widgets.left_together(actions.rules.leave, "number"):
            for part, label in (("lower", "from"), ("upper", "to")):
                name = f"rules.${{number}}.${{at}}.{part}"
                v.VTextField(
                    model_value=(widgets.shown(name, f"each.{part}"),),
                    update_modelValue=widgets.tells(
                        name, of_field("Rule", actions.rules.set_condition), f"[number, at, '{part}', $event]"
                    ),
                    label=label,
                    raw_attrs=widgets.named(f"Rule {label}"),
                    **_FIELD,
                )
            widgets.icon_button(
                "mdi-minus", "Remove the range", (actions.rules.remove_condition, "[number, at]"), size="x-small"
            )
