"""Panel 4: from prompted slices to an object in the volume."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from RWTHSAMLib.algorithms.propagation.belief import COLOURS, WORDS
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings
from RWTHSAMLib.core.settings.typed import TextField, text_fields

from ..actions import Actions
from . import widgets

_IN_VIEW = (
    "[slice_Axial, slice_Coronal, slice_Sagittal]"
    ".some(view => view.axis === prop_axis && !view.oblique && view.index === each.index)"
)
"""JavaScript: whether a view shows the slice of a row."""
_SUMMARY = "prop_running ? prop_percent + ' %' : prop_text || prop_range"


def section(actions: Actions) -> None:
    """Declare it, folded away until it is asked for."""
    with (
        v.VExpansionPanels(v_model=("click_open",), multiple=True, variant="accordion", flat=True, classes="inner"),
        widgets.panel("propagation", None, "Through the volume", _SUMMARY),
    ):
        _direction(actions)
        _run(actions)
        _result(actions)
        with (
            v.VExpansionPanels(v_model=("prop_open",), multiple=True, variant="accordion", flat=True),
            widgets.panel("rules", None, "When the object ends"),
        ):
            _rules(actions)


def _direction(actions: Actions) -> None:
    widgets.setting_choice(PropagationRunSettings, "direction", "prop_direction", actions.propagation.set_direction)
    with html.Div(classes="row"):
        for each in text_fields(PropagationRunSettings).values():
            _field(actions, each, placeholder="open")
    widgets.note("embedding_budget", v_if=("embedding_budget && !prop_there",))


def _run(actions: Actions) -> None:
    ready = "engine_phase === 'ready' && prop_valid"
    with html.Div(classes="row"):
        v.VBtn(
            "Propagate",
            click=actions.propagation.start,
            v_if=("!prop_running",),
            disabled=(f"!({ready} && mask_pixels > 0)",),
            color=(f"{ready} && mask_pixels > 0 && !prop_there ? 'primary' : undefined",),
            prepend_icon="mdi-layers-triple-outline",
            variant="flat",
            size="small",
            classes="text-none flex-grow-1",
        )
        widgets.stop_button("object", actions.propagation.stop, v_if=("prop_running",))
        widgets.button("Discard", actions.propagation.drop, "mdi-close", v_if=("prop_there",))
    with html.Div(classes="row", v_if=("!prop_there",)):
        widgets.button(
            "From what the class has on this slice",
            actions.propagation.start_from_class,
            "mdi-shape-outline",
            disabled=(f"!({ready} && has_scan)",),
        )
    with html.Div(v_if=("prop_running",)):
        v.VProgressLinear(model_value=("prop_percent",), color="primary", height=4, rounded=True)
    widgets.note("prop_text", v_if=("prop_running",))


def _result(actions: Actions) -> None:
    with html.Div(v_if=("prop_there && !prop_running",)):
        with html.Div(v_for="end in prop_ends", key="end", classes="note"):
            html.Span("Ends at {{ end }}")
        with html.Div(classes="subtitle-row"):
            html.Span("{{ prop_doubtful.length || 'No' }} doubtful slices", classes="subtitle")
            v.VSpacer()
            v.VBtn(
                "Table",
                href="download/object",
                size="x-small",
                variant="text",
                prepend_icon="mdi-download",
                classes="text-none",
                raw_attrs=["download", *widgets.named("Download slices")],
            )
        html.Div(
            "The number says how likely the mask is right, from 0 to 1. Click on a slice to look at it; correct it "
            "with another click in the view, or tick it. The status line says where that helps most.",
            classes="note",
            v_if=("prop_doubtful.length",),
        )
        with html.Div(classes="doubtful-list"):
            _doubtful_row(actions)
        _legend()


def _legend() -> None:
    """What the strip below the slice sliders means."""
    with html.Div(classes="note strip-legend", raw_attrs=widgets.named("Colours of the strip below the slice slider")):
        html.Span("Strip below the slices:")
        for belief, text in WORDS.items():
            with html.Span(classes="strip-word"):
                html.Span(classes="dot", style=f"background: {COLOURS[belief]}")
                html.Span(text)


def _doubtful_row(actions: Actions) -> None:
    with html.Div(
        v_for="each in prop_doubtful",
        key="each.index",
        classes=(f"`prompt-row doubtful-row ${{{_IN_VIEW} ? 'chosen' : ''}}`",),
        click=(actions.propagation.look_at, "[each.index]"),
    ):
        with widgets.row_choice(_IN_VIEW, "prompt-choice"):
            html.Span("{{ each.index }}", classes="doubtful-index")
            with html.Span(classes="note"):
                html.Span("{{ each.score }}", classes="doubtful-score")
                html.Span(" {{ each.remark }}")
        with v.VBtn(
            icon=True,
            size="x-small",
            variant="text",
            raw_attrs=widgets.named("This slice is right"),
            __events=[("click_stop", "click.stop")],
            click_stop=(actions.propagation.confirm, "[each.index]"),
        ):
            v.VIcon("mdi-check")
            widgets.tooltip("This slice is right: propagate from it too")


def _rules(actions: Actions) -> None:
    widgets.setting_check(PropagationSettings, "way_back", "prop_way_back", actions.propagation.set_way_back)
    widgets.setting_check(PropagationSettings, "mask_prompt", "prop_mask_prompt", actions.propagation.set_mask_prompt)
    with html.Div(classes="settings-grid"):
        for each in text_fields(PropagationSettings).values():
            _field(actions, each)


def _field(actions: Actions, field: TextField, **options: str) -> None:
    widgets.checked_field(field, "prop_values", actions.propagation.set_value, actions.propagation.leave, **options)
