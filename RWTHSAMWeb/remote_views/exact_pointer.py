"""The mouse in a view is where it is seen, also right after the view has changed its size.

trame-rca's page counts the height of the mouse from the lower edge, and takes the view's height for what it was when it
last told it: a tenth of a second after each change, and 10 pixels until then. Counted from the upper edge the same
place is right whatever that height was; how high the view is now, the page's own script tells before the event.
"""

from __future__ import annotations

from typing import Any

from trame_rca.view_adapter import RcaViewAdapter


def point_exactly(adapter: RcaViewAdapter) -> None:
    """Let a view take what the mouse does where the page has seen it."""
    adapter.__class__ = ExactPointer


class ExactPointer(RcaViewAdapter):
    """What connects a view with its picture on the page."""

    def take_size(self, width_px: float, height_px: float, pixel_ratio: float) -> None:
        """Take over a size, in pixels of the browser's window, that may be known."""
        if self._current_size != (max(10, int(width_px)), max(10, int(height_px)), pixel_ratio):
            self.update_size("page", {"w": width_px, "h": height_px, "p": pixel_ratio})

    def on_interaction(self, origin: str, event: dict[str, Any]) -> None:
        """Take what the mouse does, its place in pixels of the browser's window from the lower left corner."""
        if self._current_size is not None and {"x", "y", "w", "h"} <= event.keys():
            width, height, _ = self._current_size
            event = {**event, "y": event["y"] + height - int(event["h"]), "w": width, "h": height}
        super().on_interaction(origin, event)
