"""The mouse cursor while prompts are placed."""

from __future__ import annotations

import qt
import slicer

_SIZE, _MIDDLE, _GAP = 25, 12, 4


def prompt_cursor() -> qt.QCursor:
    """A thin green crosshair, outlined in black to be seen on any grey, free in the middle."""
    pixmap = qt.QPixmap(_SIZE, _SIZE)
    pixmap.fill(qt.QColor(0, 0, 0, 0))
    painter = qt.QPainter(pixmap)
    for width, color in ((3, qt.QColor(0, 0, 0, 160)), (1, qt.QColor(26, 242, 51))):
        pen = qt.QPen(color)
        pen.setWidth(width)
        painter.setPen(pen)
        for near, far in ((0, _MIDDLE - _GAP), (_MIDDLE + _GAP, _SIZE - 1)):
            painter.drawLine(near, _MIDDLE, far, _MIDDLE)
            painter.drawLine(_MIDDLE, near, _MIDDLE, far)
    painter.end()
    return qt.QCursor(pixmap, _MIDDLE, _MIDDLE)


def show_prompt_cursor() -> None:
    """Show it in every slice view."""
    layout = slicer.app.layoutManager()
    for name in layout.sliceViewNames() if layout is not None else ():
        view = layout.sliceWidget(name).sliceView()
        view.setViewCursor(prompt_cursor())
        view.setDefaultViewCursor(prompt_cursor())
