"""What the tests of the host edit: small volumes of any geometry, and a segment editor on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import vtk

SHAPE_KJI = (10, 12, 14)


def rotated_ijk_to_ras(
    spacing_mm: Sequence[float] = (0.5, 0.8, 2.0), degrees: Sequence[float] = (20.0, -35.0, 50.0)
) -> np.ndarray:
    """Direction turned about all three axes, times an anisotropic spacing, shifted."""
    matrix = np.eye(4)
    for axis, angle in enumerate(degrees):
        turn, (a, b) = np.eye(3), [n for n in range(3) if n != axis]
        c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        turn[a, a], turn[a, b], turn[b, a], turn[b, b] = c, -s, s, c
        matrix[:3, :3] = matrix[:3, :3] @ turn
    matrix[:3, :3] = matrix[:3, :3] @ np.diag(spacing_mm)
    matrix[:3, 3] = (11.0, -7.0, 3.0)
    return matrix


def add_volume(ijk_to_ras: np.ndarray | None = None) -> Any:
    """A volume of 14 x 12 x 10 voxels whose grey value tells the place."""
    import slicer

    grey = np.arange(math.prod(SHAPE_KJI), dtype=np.int16).reshape(SHAPE_KJI)
    volume = slicer.util.addVolumeFromArray(grey, name="Scan")
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(np.asarray(np.eye(4) if ijk_to_ras is None else ijk_to_ras).ravel())
    volume.SetIJKToRASMatrix(matrix)
    return volume


@dataclass
class Editor:
    """A segment editor on a segmentation with the segments ``cell`` and ``can``.

    Attributes
    ----------
    widget : qMRMLSegmentEditorWidget
    node : vtkMRMLSegmentEditorNode
    volume, segmentation : vtkMRMLNode
    """

    host: Any
    widget: Any
    node: Any
    volume: Any
    segmentation: Any

    def effect(self, name: str) -> Any:
        """Choose an effect; the Python object of a scripted one, else its wrapper."""
        self.widget.setActiveEffectByName(name)
        self.host.process_events()
        self.host.check()
        active = self.widget.activeEffect()
        return active.self() if active.className().startswith("qSlicerSegmentEditorScripted") else active

    def mask(self, segment: str = "cell") -> np.ndarray:
        """Voxels of a segment on the volume's grid, shape (k, j, i)."""
        import slicer

        voxels = slicer.util.arrayFromSegmentBinaryLabelmap(self.segmentation, segment, self.volume)
        mask_kji: np.ndarray = voxels.astype(bool)
        return mask_kji

    def voxels(self, segment: str = "cell") -> list[tuple[int, int, int]]:
        """Voxels (i, j, k) of a segment."""
        return [(int(i), int(j), int(k)) for k, j, i in np.argwhere(self.mask(segment))]

    def fill(self, mask_kji: np.ndarray, segment: str = "cell") -> None:
        """Give a segment these voxels."""
        import slicer

        slicer.util.updateSegmentBinaryLabelmapFromArray(
            mask_kji.astype(np.uint8), self.segmentation, segment, self.volume
        )


def make_editor(host: Any, volume: Any) -> Editor:
    """A segment editor of its own, as a module embeds it, with the volume shown."""
    import slicer

    host.show_volume(volume)
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Segmentation")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    for name, colour in (("cell", (0.2, 0.8, 0.2)), ("can", (0.8, 0.3, 0.2))):
        segmentation.GetSegmentation().AddEmptySegment(name, name, colour)
    widget = slicer.qMRMLSegmentEditorWidget()
    widget.setMRMLScene(slicer.mrmlScene)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
    widget.setMRMLSegmentEditorNode(node)
    widget.setSegmentationNode(segmentation)
    widget.setSourceVolumeNode(volume)
    widget.setCurrentSegmentID("cell")
    host.process_events()
    return Editor(host, widget, node, volume, segmentation)


def close_editor(editor: Editor) -> None:
    """As a module does when it ends."""
    editor.widget.setActiveEffect(None)
    editor.widget.removeViewObservations()
    editor.widget.setMRMLSegmentEditorNode(None)
    editor.widget.setMRMLScene(None)
    editor.widget.deleteLater()
    editor.host.process_events()
