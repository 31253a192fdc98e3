"""No picture of a view is drawn twice.

trame-rca asks for every picture two times: at once in a coarse quality, and finely when nothing has followed for a
moment. Only what is sent differs, so the second one is the first as it was drawn; without a GPU a volume rendering
takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from trame_rca.view_adapter import RcaViewAdapter
from trame_slicer.rca_view.rca_view_factory import RcaWindow


def draw_once(adapter: RcaViewAdapter) -> None:
    """Let a view keep what it has drawn until it is to be drawn anew."""
    window, scheduler = adapter._rca, adapter._scheduler
    window.__class__ = DrawnOnce
    scheduler.schedule_render = _after(window.forget, scheduler.schedule_render)


class DrawnOnce(RcaWindow):
    """A view's window that remembers its last picture."""

    _is_stale = True
    _drawn: tuple[np.ndarray, int, int]
    _drawn_for = 0.0

    def forget(self) -> None:
        """Draw the next picture anew."""
        self._is_stale = True

    @property
    def img_cols_rows(self) -> tuple[np.ndarray, int, int]:
        """Picture, uint8 (rows, columns, 3), its columns and rows."""
        rate = self._vtk_render_window.GetDesiredUpdateRate()  # a lower one is drawn more finely
        if self._is_stale or rate != self._drawn_for:
            self._is_stale, self._drawn_for = False, rate  # first: what is drawn may itself ask for another picture
            self._drawn = super().img_cols_rows
        return self._drawn


def _after(first: Callable[[], None], then: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        first()
        then()

    return both
