"""Widgets that lie over the views."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from .widgets import icon_button, named

_COLOURS = {"Axial": "#F34A33", "Coronal": "#6DAD4A", "Sagittal": "#EFD64D"}


def slice_overlay(view: str, actions: Actions) -> None:
    """Name, slice number and slice slider of a slice view."""
    shown = f"slice_{view}"
    with html.Div(classes="view-head", style=f"border-color: {_COLOURS[view]}"):
        html.Span(view, classes="font-weight-medium")
        html.Span(
            "{{ " + f"{shown}.axis ? {shown}.axis + ' = ' + {shown}.index + ' of ' + {shown}.last : ''" + " }}",
            classes="note",
        )
    with html.Div(classes="view-tools"):
        icon_button(
            "mdi-fit-to-screen-outline", "Fit to the view", (actions.views.reset_view, f"['{view}']"), size="x-small"
        )
    with html.Div(classes="view-slider", v_if=(f"{shown}.last > 0",)):
        v.VSlider(
            model_value=(f"{shown}.index",),
            min=0,
            max=(f"{shown}.last",),
            step=1,
            update_modelValue=(actions.views.set_slice, f"['{view}', $event]"),
            hide_details=True,
            density="compact",
            track_size=2,
            thumb_size=10,
            color=_COLOURS[view],
            raw_attrs=named(f"{view} slice"),
        )


def volume_overlay(view: str, actions: Actions) -> None:
    """Name of the 3D view, and a hint while there is nothing to see."""
    with html.Div(classes="view-head", style="border-color: #6fa8dc"):
        html.Span("3D", classes="font-weight-medium")
    with html.Div(classes="view-tools"):
        icon_button(
            "mdi-fit-to-screen-outline", "Fit to the view", (actions.views.reset_view, f"['{view}']"), size="x-small"
        )
    html.Div(
        "{{ surfaces ? 'Submitted classes appear here' : 'Switched off: see panel 7' }}",
        classes="view-hint",
        v_if=("!has_surfaces && !render_shown",),
    )
