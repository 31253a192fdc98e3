"""Mouse and keys."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from RWTHSAMLib.mrml.session.gestures import GESTURES
from RWTHSAMLib.mrml.session.shortcuts import SHORTCUTS

from .widgets import named

MOUSE = (
    *GESTURES,
    ("Wheel", "next and previous slice"),
    ("Shift + move", "all views go to the place under the pointer"),
    ("Middle drag", "move the slice"),
    ("Right drag", "zoom, as Ctrl + wheel does"),
)
KEYBOARD = (
    *((each.keys_text, each.help) for each in SHORTCUTS),
    ("Delete", "the same as Ctrl + K"),
    ("Escape, tool by hand", "leave the tool for editing by hand"),
    ("1 to 9", "choose a class"),
    ("Arrow keys", "next and previous slice of the view that the mouse was in last"),
    ("Page up, page down", "ten slices on and back"),
    ("P, B, L", "points, box or winding with the left button"),
    ("Tab, then Enter", "on through the page in the order of the work, and press what was reached"),
    ("? or H", "this help"),
)


def help_dialog() -> None:
    """Declare the dialog."""
    with v.VDialog(v_model=("help_open",), max_width=860, raw_attrs=named("Mouse and keys")), v.VCard(classes="help"):
        with v.VCardTitle(classes="d-flex align-center"):
            html.Span("Mouse and keys")
            v.VSpacer()
            v.VBtn(
                icon="mdi-close", variant="text", size="small", click="help_open = false", raw_attrs=named("Close help")
            )
        with v.VCardText(classes="help-columns"):
            _table("In a slice view", MOUSE)
            _table("Anywhere on the page", KEYBOARD)
        with v.VCardText(classes="note"):
            html.Div(
                "Point at the object; the model offers up to three masks for the first prompt, and every further "
                "prompt refines the one you chose. A mask is temporary (green) until it is submitted to a class."
            )


def _table(title: str, rows: tuple[tuple[str, str], ...]) -> None:
    with html.Div():
        html.Div(title, classes="subtitle mb-1")
        with html.Table():
            for keys, meaning in rows:
                with html.Tr():
                    html.Td(keys, classes="keys")
                    html.Td(meaning)
