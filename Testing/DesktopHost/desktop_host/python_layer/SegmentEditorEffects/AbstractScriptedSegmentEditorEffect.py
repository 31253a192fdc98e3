"""What a scripted effect inherits in Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import qt
import slicer

__all__ = ["AbstractScriptedSegmentEditorEffect"]


class AbstractScriptedSegmentEditorEffect:
    """Keeps the adaptor and converts coordinates in lists."""

    def __init__(self, scriptedEffect: Any) -> None:
        self.scriptedEffect = scriptedEffect

    def register(self) -> None:
        slicer.qSlicerSegmentEditorEffectFactory.instance().registerEffect(self.scriptedEffect)

    def cleanup(self) -> None:
        pass

    def rasToXy(self, ras: Sequence[float], viewWidget: Any) -> list[int]:
        point = self.scriptedEffect.rasToXy(qt.QVector3D(*ras), viewWidget)
        return [point.x(), point.y()]

    def xyzToRas(self, xyz: Sequence[float], viewWidget: Any) -> list[float]:
        return _floats(self.scriptedEffect.xyzToRas(qt.QVector3D(*xyz), viewWidget))

    def xyToRas(self, xy: Sequence[int], viewWidget: Any) -> list[float]:
        return _floats(self.scriptedEffect.xyToRas(qt.QPoint(xy[0], xy[1]), viewWidget))

    def xyzToIjk(self, xyz: Sequence[float], viewWidget: Any, image: Any, parentTransformNode: Any = None) -> list[int]:
        found = self.scriptedEffect.xyzToIjk(qt.QVector3D(*xyz), viewWidget, image, parentTransformNode)
        return [int(value) for value in _floats(found)]

    def xyToIjk(self, xy: Sequence[int], viewWidget: Any, image: Any, parentTransformNode: Any = None) -> list[int]:
        found = self.scriptedEffect.xyToIjk(qt.QPoint(xy[0], xy[1]), viewWidget, image, parentTransformNode)
        return [int(value) for value in _floats(found)]

    def setWidgetMinMaxStepFromImageSpacing(self, spinbox: Any, imageData: Any) -> None:
        if not imageData:
            return
        spacing = imageData.GetSpacing()
        step = 10 ** math.floor(math.log10(min(spacing) / 10.0))
        spinbox.minimum = step
        spinbox.maximum = 10 ** math.ceil(math.log10(max(spacing) * 100.0))
        spinbox.singleStep = step
        spinbox.decimals = max(int(-math.floor(math.log10(step))), 0)


def _floats(vector: Any) -> list[float]:
    return [vector.x(), vector.y(), vector.z()]
