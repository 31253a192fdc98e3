"""What label effects add: masks from polygons, images into images."""

from __future__ import annotations

from typing import Any


class LabelEffectMixin:
    """The invokable methods of qSlicerSegmentEditorAbstractLabelEffect."""

    _logic: Any

    def appendPolyMask(self, image: Any, poly_data: Any, view: Any, segmentation: Any = None) -> None:
        self._logic.AppendPolyMask(image, poly_data, view.mrmlSliceNode(), segmentation)

    def createMaskImageFromPolyData(self, poly_data: Any, mask: Any, view: Any) -> None:
        self._logic.CreateMaskImageFromPolyData(poly_data, mask, view.mrmlSliceNode())

    def appendImage(self, image: Any, appended: Any) -> None:
        self._logic.AppendImage(image, appended)

    def imageToWorldMatrix(self, *arguments: Any) -> None:
        self._logic.ImageToWorldMatrix(*arguments)
