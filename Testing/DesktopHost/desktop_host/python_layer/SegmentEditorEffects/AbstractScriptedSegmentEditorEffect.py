"""What a scripted effect inherits in Python."""

from __future__ import annotations

import math

import qt
import slicer

__all__ = [
    "AbstractScriptedSegmentEditorEffect",
    "AbstractScriptedSegmentEditorLabelEffect",
    "AbstractScriptedSegmentEditorPaintEffect",
]


class AbstractScriptedSegmentEditorEffect:
    """Keeps the adaptor and converts coordinates in lists."""

    def __init__(self, scriptedEffect):
        self.scriptedEffect = scriptedEffect

    def register(self):
        slicer.qSlicerSegmentEditorEffectFactory.instance().registerEffect(self.scriptedEffect)

    def cleanup(self):
        pass

    def rasToXy(self, ras, viewWidget):
        point = self.scriptedEffect.rasToXy(qt.QVector3D(*ras), viewWidget)
        return [point.x(), point.y()]

    def xyzToRas(self, xyz, viewWidget):
        return _floats(self.scriptedEffect.xyzToRas(qt.QVector3D(*xyz), viewWidget))

    def xyToRas(self, xy, viewWidget):
        return _floats(self.scriptedEffect.xyToRas(qt.QPoint(xy[0], xy[1]), viewWidget))

    def xyzToIjk(self, xyz, viewWidget, image, parentTransformNode=None):
        found = self.scriptedEffect.xyzToIjk(qt.QVector3D(*xyz), viewWidget, image, parentTransformNode)
        return [int(value) for value in _floats(found)]

    def xyToIjk(self, xy, viewWidget, image, parentTransformNode=None):
        found = self.scriptedEffect.xyToIjk(qt.QPoint(xy[0], xy[1]), viewWidget, image, parentTransformNode)
        return [int(value) for value in _floats(found)]

    def setWidgetMinMaxStepFromImageSpacing(self, spinbox, imageData):
        if not imageData:
            return
        spacing = imageData.GetSpacing()
        step = 10 ** math.floor(math.log10(min(spacing) / 10.0))
        spinbox.minimum = step
        spinbox.maximum = 10 ** math.ceil(math.log10(max(spacing) * 100.0))
        spinbox.singleStep = step
        spinbox.decimals = max(int(-math.floor(math.log10(step))), 0)


def _floats(vector):
    return [vector.x(), vector.y(), vector.z()]


class AbstractScriptedSegmentEditorLabelEffect(AbstractScriptedSegmentEditorEffect):
    """An effect that edits the selected segment."""


class AbstractScriptedSegmentEditorPaintEffect(AbstractScriptedSegmentEditorEffect):
    """An effect with a brush."""
