"""Paint and Erase of the host itself: a disk brush in slice views, enough to edit beside an extension's effect."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QFormLayout, QFrame, QWidget
from vtk.util.numpy_support import vtk_to_numpy

from ..widgets.base import implements
from ..widgets.ctk_numbers import ctkSliderWidget
from .scripted_effect import _MISSING, ScriptedEffectMixin, qSlicerSegmentEditorAbstractLabelEffect

_ADD, _REMOVE = 1, 2


def _letter_icon(letter: str, color: str) -> QIcon:
    picture = QPixmap(24, 24)
    picture.fill(QColor(color))
    painter = QPainter(picture)
    painter.drawText(picture.rect(), 0x84, letter)
    painter.end()
    return QIcon(picture)


class _Brush(qSlicerSegmentEditorAbstractLabelEffect):
    """A disk that adds to or removes from the selected segment while the left button is down."""

    _mode = _ADD
    _letter, _color = "P", "#80c080"

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stroke: list[tuple[int, int]] = []
        self._diameter = ctkSliderWidget()
        self._diameter.setMinimum(0.1)
        self._diameter.setMaximum(100.0)
        self._paint_frame = QFrame()
        row = QFormLayout(self._paint_frame)
        row.setContentsMargins(0, 0, 0, 0)
        row.addRow("Diameter (mm):", self._diameter)

    def clone(self) -> Any:
        return type(self)()

    def icon(self) -> QIcon:
        return _letter_icon(self._letter, self._color)

    def setupOptionsFrame(self) -> None:
        self.addOptionsWidget(self._paint_frame)
        self._diameter.valueChanged.connect(lambda v: self.setCommonParameter("BrushAbsoluteDiameter", float(v)))

    def setMRMLDefaults(self) -> None:
        self.setCommonParameterDefault("BrushAbsoluteDiameter", 3.0)

    def updateGUIFromMRML(self) -> None:
        # another effect's defaults may come first when a scene was closed
        if not self.active() or not self.commonParameterDefined("BrushAbsoluteDiameter"):
            return
        blocked = self._diameter.blockSignals(True)
        self._diameter.setValue(self.doubleParameter("BrushAbsoluteDiameter"))
        self._diameter.blockSignals(blocked)

    def processInteractionEvents(self, interactor: Any, event: int, view: QWidget) -> bool:
        if not hasattr(view, "mrmlSliceNode"):
            return False
        place = interactor.GetEventPosition()
        modified = interactor.GetShiftKey() or interactor.GetControlKey() or interactor.GetAltKey()
        if event == vtk.vtkCommand.LeftButtonPressEvent and not modified:
            if not self.confirmCurrentSegmentVisible():
                return False
            self.saveStateForUndo()
            self._stroke = [place]
            return True
        if event == vtk.vtkCommand.MouseMoveEvent and self._stroke:
            self._stroke.append(place)
            return True
        if event == vtk.vtkCommand.LeftButtonReleaseEvent and self._stroke:
            self.paintApply(view)
            self.clearBrushes()
            return True
        return False

    def paintApply(self, view: Any) -> None:
        labelmap = self.defaultModifierLabelmap()
        self.paintBrushesIntoLabelmap(labelmap, view)
        self.modifySelectedSegmentByLabelmap(labelmap, self._mode)

    def paintBrushesIntoLabelmap(self, labelmap: Any, view: Any) -> list[int]:
        extent = list(labelmap.GetExtent())
        shape = (extent[5] - extent[4] + 1, extent[3] - extent[2] + 1, extent[1] - extent[0] + 1)
        voxels = vtk_to_numpy(labelmap.GetPointData().GetScalars()).reshape(shape)
        to_ijk = vtk.vtkMatrix4x4()
        labelmap.GetWorldToImageMatrix(to_ijk)
        for xy in self._stroke:
            ras = self.xyToRas(QPoint(*xy), view)
            self._stamp(voxels, extent, to_ijk, (ras.x(), ras.y(), ras.z()), view)
        labelmap.Modified()
        painted = np.argwhere(voxels)[:, ::-1] + extent[0::2]
        if not len(painted):
            return [0, -1] * 3
        return [int(edge) for axis in range(3) for edge in (painted[:, axis].min(), painted[:, axis].max())]

    def clearBrushes(self) -> None:
        self._stroke = []

    def paintOptionsFrame(self) -> QFrame:
        return self._paint_frame

    def setColorSmudgeCheckboxVisible(self, _visible: bool) -> None: ...

    def _stamp(
        self, voxels: np.ndarray, extent: list[int], to_ijk: Any, center: tuple[float, float, float], view: Any
    ) -> None:
        radius = self.doubleParameter("BrushAbsoluteDiameter") / 2
        matrix = view.mrmlSliceNode().GetSliceToRAS()
        axes = [np.array([matrix.GetElement(row, column) for row in range(3)]) for column in (0, 1)]
        step = max(min(self.referenceGeometryImage().GetSpacing()) / 2, 1e-6)
        offsets = np.arange(-radius, radius + step / 2, step) if radius > step else np.zeros(1)
        for u in offsets:
            for v in offsets:
                if u * u + v * v <= radius * radius:
                    point = np.array(center) + u * axes[0] + v * axes[1]
                    ijk = np.rint(to_ijk.MultiplyPoint((*point, 1.0))[:3]).astype(int) - extent[0::2]
                    if all(0 <= ijk[a] < voxels.shape[2 - a] for a in range(3)):
                        voxels[ijk[2], ijk[1], ijk[0]] = 1


@implements(minimumPaintPointDistance=0.0, delayedPaint=False)
class qSlicerSegmentEditorPaintEffect(_Brush):
    """Paint."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name, self._title = "Paint", "Paint"


@implements()
class qSlicerSegmentEditorEraseEffect(qSlicerSegmentEditorPaintEffect):
    """Erase."""

    _mode = _REMOVE
    _letter, _color = "E", "#c08080"

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name, self._title = "Erase", "Erase"


@implements()
class qSlicerSegmentEditorScriptedPaintEffect(ScriptedEffectMixin, qSlicerSegmentEditorPaintEffect):
    """Adaptor of an effect with a brush."""

    _plain = qSlicerSegmentEditorPaintEffect

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name, self._title = "UnnamedScriptedPaintEffect", ""

    def paintApply(self, view: Any) -> None:
        if self._python("paintApply", view) is _MISSING:
            self._plain.paintApply(self, view)
