"""What mouse and keys do, as the Segment Editor and the module show it."""

from __future__ import annotations

from html import escape

from slicer.i18n import tr as _

from ...mrml.session.gestures import GESTURES
from ...mrml.session.shortcuts import SHORTCUTS

_MOUSE = (*GESTURES, ("Middle drag, right drag, wheel", "pan, zoom, browse slices, as always"))


def _rows(rows: tuple[tuple[str, str], ...]) -> str:
    return "<br>\n".join(f"{escape(what)}: {escape(meaning)}" for what, meaning in rows)


HELP_HTML = "\n".join(
    (
        "<html>" + _("Click on an object in a slice view and submit its mask to the selected segment."),
        f"<p><b>{_('Mouse')}</b><br>\n{_rows(_MOUSE)}</p>",
        f"<p><b>{_('Keys')}</b> {_('(in the view)')}<br>",
        _rows(tuple((each.keys_text, each.help) for each in SHORTCUTS)) + "</p>",
        "<p>"
        + _(
            "In the mode <i>Automatic</i> of the module RWTHSAM a left click selects an object that was found; without "
            "prompts, Enter submits and Escape deselects."
        )
        + "</p></html>",
    )
)
