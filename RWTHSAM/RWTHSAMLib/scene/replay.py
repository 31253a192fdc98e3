"""Doing a recorded segmentation again: the same prompts, in the same order, give the same voxels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import slicer

from ..errors import PromptError
from ..image import SliceImage, Window, propose_window
from ..inference.engine import SamEngine
from ..prompt_file import PromptedSlice, PromptFile
from . import labelmaps, segments, volumes
from .geometry import VolumeGeometry
from .writing import SegmentWriter


@dataclass(frozen=True)
class ReplayedSlice:
    """What one recorded slice gave.

    Attributes
    ----------
    prompted : PromptedSlice
    mask_pixels : int
        Area of the mask before locks and other rules were applied.
    predicted_iou : float
    """

    prompted: PromptedSlice
    mask_pixels: int
    predicted_iou: float


def replay(
    volume_node: slicer.vtkMRMLVolumeNode,
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    prompt_file: PromptFile,
    engine: SamEngine,
    window: Window | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[ReplayedSlice, ...]:
    """Segment a volume by recorded prompts.

    Parameters
    ----------
    volume_node : vtkMRMLVolumeNode
        The scan.
    segmentation_node : vtkMRMLSegmentationNode
        Has a segment for each class that the file names.
    prompt_file : PromptFile
        What was recorded.
    engine : SamEngine
        A loaded one.
    window : Window, optional
        Default: the file's window, else a proposal from the histogram.
    progress : callable, optional
        Called with the number of slices done and their total.

    Raises
    ------
    PromptError
        If a slice or class does not exist, or a prompt lies outside its slice; checked before anything is written.
    """
    check_fits(volume_node, segmentation_node, prompt_file)
    array_kji = volumes.volume_array_kji(volume_node)
    window = window or prompt_file.window or propose_window(array_kji)
    writer = SegmentWriter(segmentation_node, volume_node)
    report = []
    for done, prompted in enumerate(prompt_file.slices):
        image = SliceImage.from_values(prompted.slice.take(array_kji), window)
        best = engine.segment(image, prompted.prompts).best
        segment_id = segments.segment_id_of_class(segmentation_node, prompted.class_id)
        if not best.mask.is_empty and segment_id is not None:
            writer.submit(segment_id, *labelmaps.mask_voxels_kji(best.mask, prompted.slice))
        report.append(ReplayedSlice(prompted, best.mask.area, best.predicted_iou))
        if progress is not None:
            progress(done + 1, len(prompt_file.slices))
    return tuple(report)


def check_fits(
    volume_node: slicer.vtkMRMLVolumeNode,
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    prompt_file: PromptFile,
) -> None:
    """Raise `PromptError` or `GeometryError` unless every recorded slice can be replayed on this volume."""
    shape_kji = VolumeGeometry.of(volume_node).shape_kji
    for prompted in prompt_file.slices:
        prompted.slice.check_inside(shape_kji)
        prompted.prompts.check_inside(prompted.slice.shape_yx(shape_kji))
        if segments.segment_id_of_class(segmentation_node, prompted.class_id) is None:
            raise PromptError(
                f"The prompts name class '{prompted.class_id}', which the profile does not have: "
                "choose the profile they were made with."
            )
