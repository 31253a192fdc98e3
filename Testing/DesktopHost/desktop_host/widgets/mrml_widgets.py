"""Widgets that know the scene."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QWidget

from .base import implements
from .ctk_numbers import ctkDoubleSpinBox, ctkSliderWidget
from .ctk_ranges import ctkRangeWidget


class _WithScene(QWidget):
    """A widget with a scene."""

    mrmlSceneChanged = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Any = None

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        if scene is self._scene:
            return
        self._scene = scene
        self._scene_set(scene)
        self.mrmlSceneChanged.emit(scene)

    def _scene_set(self, scene: Any) -> None: ...


@implements()
class qMRMLWidget(_WithScene):
    """A widget of MRML."""

    def pixmapFromIcon(self, icon: QIcon) -> QPixmap:
        return icon.pixmap(QSize(16, 16))


@implements()
class qSlicerWidget(_WithScene):
    """A widget of the application."""


class _UnitAware:
    """A number with a quantity whose unit the scene knows."""

    _scene: Any = None

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        self._scene = scene


@implements(quantity="", unitAwareProperties=0, orientation=Qt.Orientation.Horizontal)
class qMRMLSliderWidget(_UnitAware, ctkSliderWidget):
    """A slider with a unit."""


@implements(quantity="", unitAwareProperties=0)
class qMRMLSpinBox(_UnitAware, ctkDoubleSpinBox):
    """A spin box with a unit."""


@implements(quantity="", minimumHandlePalette=QPalette, maximumHandlePalette=QPalette)
class qMRMLRangeWidget(_UnitAware, ctkRangeWidget):
    """A range with a unit."""
