"""Small pictures beside texts: a class's colour, and how serious a message is."""

from __future__ import annotations

import qt

from ...mrml.session.status import Level

_COLOR_SIZE, _LEVEL_SIZE = 14, 16


def color_icon(color: tuple[float, float, float]) -> qt.QIcon:
    """A square of a colour with parts from 0 to 1."""
    pixmap = qt.QPixmap(_COLOR_SIZE, _COLOR_SIZE)
    pixmap.fill(qt.QColor.fromRgbF(*color))
    return qt.QIcon(pixmap)


def show_level(label: qt.QLabel, level: Level) -> None:
    """Let a label show the style's own warning or error sign, or nothing."""
    signs = {"warning": qt.QStyle.SP_MessageBoxWarning, "error": qt.QStyle.SP_MessageBoxCritical}
    label.setVisible(level in signs)
    if level in signs:
        label.setPixmap(qt.QApplication.style().standardIcon(signs[level]).pixmap(_LEVEL_SIZE, _LEVEL_SIZE))
