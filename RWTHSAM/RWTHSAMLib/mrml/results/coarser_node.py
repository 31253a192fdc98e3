"""A segmentation on disk as a coarser one in memory, for what needs all of its voxels, such as surfaces."""

from __future__ import annotations

from pathlib import Path

import slicer

from ...volumes.lazy_segmentation import LazySegmentation, coarser
from ...volumes.scan import TIMES_HELD, is_too_large
from ..nodes.storage import load_segmentation


def coarser_node(
    scene: slicer.vtkMRMLScene, segmentation: LazySegmentation
) -> tuple[slicer.vtkMRMLSegmentationNode, str]:
    """The finest one that fits, and a sentence that says how coarse it is; empty where it is as fine.

    Parameters
    ----------
    scene : vtkMRMLScene
        Of the node, which does not keep it.
    segmentation : LazySegmentation
    """
    step = 1
    while is_too_large(segmentation.byte_count // step**3, 2 * TIMES_HELD):
        step += 1
    node = load_segmentation(scene, Path("coarser.seg.nrrd"), held=coarser(segmentation, step))
    told = (
        f"Memory has no room for surfaces of all voxels: these are of a coarser labelmap, whose voxels are "
        f"{step} x {step} x {step} of the segmentation's, each of the label that most of these have."
    )
    return node, told if step > 1 else ""
