"""Widgets that lie over the views."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from RWTHSAMLib.mrml.views.tilting import MOST_DEG

from ..actions import Actions
from ..field_words import of_field
from . import widgets
from .widgets import button, icon_button, named

_COLOURS = {"Axial": "#F34A33", "Coronal": "#6DAD4A", "Sagittal": "#EFD64D"}


_STRIP = "white is prompted, green is believed, orange is doubtful, red is hardly believed"
_TILTS = (("Sideways", "$event, {upwards}"), ("Upwards", "{sideways}, $event"))
"""What is told of a view's two angles when one of them is moved."""


def _of(view: str) -> str:
    """What tells the page's script which view is which."""
    return f'data-view="{view}"'


def slice_overlay(view: str, actions: Actions) -> None:
    """Name, slice number and slice slider of a slice view."""
    with v.VThemeProvider(theme="dark"):  # over pictures on black, whatever the rest of the page is
        _slice_overlay(view, actions)


def _slice_overlay(view: str, actions: Actions) -> None:
    shown, number = f"slice_{view}", f"slice_{view}.number"
    with html.Div(classes="view-head", style=f"border-color: {_COLOURS[view]}", raw_attrs=[_of(view)]):
        html.Span(view, classes="font-weight-medium")
        html.Span("{{ " + f"{shown}.text" + " }}", classes="note", v_if=(f"{shown}.oblique || !{shown}.axis",))
        with html.Span(classes="note", v_else=True):
            html.Span("{{ " + f"{shown}.axis" + " }} = ")
            html.Input(
                classes="slice-number",
                value=(widgets.shown(number, f"{shown}.index"),),
                change=widgets.tells(
                    number,
                    of_field(f"{view} slice", actions.views.type_slice),
                    f"['{view}', $event.target.value]",
                    "$event.target.value",
                ),
                blur=widgets.left(number),
                raw_attrs=[
                    'type="text"',
                    'inputmode="numeric"',
                    f'@input="{widgets.typed(number, "$event.target.value")}"',
                    *named(f"Number of the {view.lower()} slice"),
                ],
            )
            html.Span(" of {{ " + f"{shown}.last" + " }}")
    with html.Div(classes="view-tools"):
        _tilt_menu(view, actions)
        icon_button(
            "mdi-fit-to-screen-outline", "Fit to the view", (actions.views.fit_view, f"['{view}']"), size="x-small"
        )
    with html.Div(classes="scale-bar", v_if=(f"scale_{view}.px && {shown}.axis",)):
        html.Div(classes="scale-line", style=(f"`width: ${{scale_{view}.px}}px`",))
        html.Span("{{ " + f"scale_{view}.text" + " }}")
    with html.Div(classes="view-slider", v_if=(f"{shown}.last > 0",)):
        html.Div(
            classes="slice-strip",
            v_if=(f"prop_strip && {shown}.axis === prop_axis && !{shown}.oblique",),
            style=("`background: ${prop_strip}`",),
            raw_attrs=['role="img"', *named(f"{view} slices of the object: {_STRIP}")],
        )
        v.VSlider(
            model_value=(widgets.shown(f"{shown}.slider", f"{shown}.index"),),
            min=0,
            max=(f"{shown}.last",),
            step=1,
            update_modelValue=widgets.tells(
                f"{shown}.slider", of_field(f"{view} slice", actions.views.set_slice), f"['{view}', $event]"
            ),
            hide_details=True,
            density="compact",
            track_size=2,
            thumb_size=10,
            color=_COLOURS[view],
            raw_attrs=named(f"{view} slice"),
        )


def _tilt_menu(view: str, actions: Actions) -> None:
    """Two angles out of the scan's slices, and the way back."""
    tilt = f"slice_{view}.tilt"
    with v.VMenu(close_on_content_click=False, location="bottom end", offset=4):
        with v.Template(v_slot_activator="{ props }"):
            v.VBtn(
                v_bind=("props",),
                icon="mdi-angle-acute",
                size="x-small",
                variant="text",
                density="comfortable",
                color=(f"slice_{view}.oblique ? 'warning' : undefined",),
                raw_attrs=named(f"Tilt {view} view"),
            )
        with v.VCard(classes="pa-3", width=260):
            html.Div("Any plane can be clicked on like a slice.", classes="note mb-2")
            angles = [widgets.shown(f"{tilt}.{position}", f"{tilt}[{position}]") for position in range(len(_TILTS))]
            for position, (text, arguments) in enumerate(_TILTS):
                both = arguments.format(sideways=angles[0], upwards=angles[1])
                html.Div(text + " {{ " + f"{tilt}[{position}]" + " }}\N{DEGREE SIGN}", classes="note")
                v.VSlider(
                    model_value=(angles[position],),
                    min=-MOST_DEG,
                    max=MOST_DEG,
                    step=1,
                    update_modelValue=widgets.tells(f"{tilt}.{position}", actions.views.tilt, f"['{view}', {both}]"),
                    hide_details=True,
                    density="compact",
                    track_size=2,
                    thumb_size=12,
                    raw_attrs=named(f"{view} tilted {text.lower()}"),
                )
            button(
                "Back onto the scan",
                (actions.views.tilt, f"['{view}', 0, 0]"),
                "mdi-restore",
                classes="text-none mt-2",
                disabled=(f"!slice_{view}.oblique",),
            )


def volume_overlay(view: str, actions: Actions) -> None:
    """Name of the 3D view, and a hint while there is nothing to see."""
    with v.VThemeProvider(theme="dark"):
        _volume_overlay(view, actions)


def _volume_overlay(view: str, actions: Actions) -> None:
    with html.Div(classes="view-head", style="border-color: #6fa8dc", raw_attrs=[_of(view)]):
        html.Span("3D", classes="font-weight-medium")
    with html.Div(classes="view-tools"):
        icon_button(
            "mdi-fit-to-screen-outline", "Fit to the view", (actions.views.fit_view, f"['{view}']"), size="x-small"
        )
    html.Div(
        "{{ surfaces ? 'Submitted classes appear here' : 'Switched off: see panel 7' }}",
        classes="view-hint",
        v_if=("!has_surfaces && !render_shown",),
    )
    with html.Div(classes="view-wait", v_if=("has_scan && render_shown && (!render_seen || render_percent >= 0)",)):
        v.VProgressCircular(indeterminate=True, size=20, width=2, color="primary")
        html.Span(
            "Computing the volume ... {{ render_percent > 0 ? render_percent + ' %' : '' }}",
            raw_attrs=['role="status"'],
        )
