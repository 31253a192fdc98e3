"""Mouse and keys."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from .widgets import named

MOUSE = (
    ("Left click", "positive point; on a prompt or a found object: select it"),
    ("Ctrl + left click", "negative point"),
    ("Left drag", "scribble over what is meant; with Ctrl over what is not"),
    ("Left drag, with the box tool", "bounding box"),
    ("Left drag, with the winding tool", "line along a winding; with Ctrl the winding is taken away"),
    ("Middle click", "positive point"),
    ("Ctrl + middle click", "negative point"),
    ("Shift + middle drag", "bounding box; a new one replaces the old"),
    ("Wheel", "next and previous slice"),
    ("Middle drag", "move the slice"),
    ("Right drag, Ctrl + wheel", "zoom"),
)
KEYBOARD = (
    ("Enter", "submit the masks, or the selected objects, to the chosen class"),
    ("Escape", "clear prompts or the selection; leave a tool for editing by hand"),
    ("C", "next of the masks offered for a first prompt"),
    ("W", "let the model wait while prompts are gathered, then compute their masks"),
    ("1 to 9", "choose a class"),
    ("N, Shift + N", "next, previous class"),
    ("P, B, L", "points, box or winding with the left button"),
    ("I, O", "the last line along a winding again, one winding further inwards or outwards"),
    ("Ctrl + K, Delete", "delete the selected prompt, else the newest"),
    ("Ctrl + Shift + K", "delete all prompts"),
    ("Ctrl + Z", "undo"),
    ("Ctrl + Y, Ctrl + Shift + Z", "redo"),
    ("? or H", "this help"),
)


def help_dialog() -> None:
    """Declare the dialog."""
    with v.VDialog(v_model=("help_open",), max_width=860), v.VCard(classes="help"):
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
