"""A scan and the classes painted on it, slab by slab where memory has no room for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...algorithms.classification.samples import LabelSlabs
from ...core.extent import Extent
from ...core.profile import SegmentationProfile
from ...core.voxel_size import Spacing
from ...volumes.formats.segment_keys import Place
from ...volumes.labelled_slabs import LabelledSlabs
from ...volumes.lazy_segmentation import LazySegmentation, opened_segmentation
from ...volumes.scan import Scan
from ..reading import (
    note_beyond,
    on_file_grid,
    open_scan,
    read_segmentation,
    segments_of,
    shape_of_scan,
    shape_of_scan_on_disk,
)

if TYPE_CHECKING:
    import slicer

_BYTES_OF_A_VOXEL = 16


@dataclass(frozen=True, eq=False)
class Labelled:
    """What was painted.

    Attributes
    ----------
    scan : Scan
        With the voxel size of its file.
    profile : SegmentationProfile
    places : dict
        Layer and label of every class, by its id.
    slabs : callable
        See `LabelSlabs`.
    """

    scan: Scan
    profile: SegmentationProfile
    places: dict[str, Place]
    slabs: LabelSlabs


@contextmanager
def open_labelled(volume: Path, segmentation: Path, size_mm_ijk: Spacing | None = None) -> Iterator[Labelled]:
    """Open both; the segmentation may have been made with another voxel size, which is given.

    Raises
    ------
    VolumeError
        If one of them cannot be read.
    GeometryError
        If the segmentation lies on another grid.
    ProfileError
        If it has no segments.
    """
    from ...mrml.nodes.standalone import new_scene

    scene = new_scene()
    with opened_segmentation(segmentation) as found:
        if found is None:
            node = read_segmentation(scene, segmentation)
            shape = shape_of_scan(node)
        else:
            node = segments_of(scene, found, segmentation)
            shape = shape_of_scan_on_disk(volume, segmentation, found)
        with open_scan(volume, shape_kji=shape) as scan:
            if found is None:
                yield _labelled_in_memory(node, scan, size_mm_ijk)
            else:
                yield _labelled_on_disk(node, on_file_grid(found, scan, size_mm_ijk), scan)


def _labelled_on_disk(node: slicer.vtkMRMLSegmentationNode, found: LazySegmentation, scan: Scan) -> Labelled:
    from ...mrml.nodes import segments
    from ...mrml.nodes.profile_from_segmentation import profile_from_segmentation

    known = found.places
    profile = profile_from_segmentation(node)
    ids = segments.segment_ids(node)
    places = {entry.id: known[each] for entry, each in zip(profile.classes, ids, strict=True)}
    slabs = LabelledSlabs(found, scan, _BYTES_OF_A_VOXEL)
    note_beyond(found.voxels_beyond(slabs.shape_kji), scan.name)
    return Labelled(scan, profile, places, slabs.labels)


def _labelled_in_memory(node: slicer.vtkMRMLSegmentationNode, scan: Scan, size_mm_ijk: Spacing | None) -> Labelled:
    from ...mrml.nodes import labelmaps, segments
    from ...mrml.nodes.profile_from_segmentation import profile_from_segmentation

    if size_mm_ijk is None or not segments.lies_on_grid(node, scan.with_spacing(size_mm_ijk).grid):
        segments.check_grid(node, scan.grid)
    note_beyond(labelmaps.voxels_beyond(node, scan.grid.extent), scan.name)
    profile, extent = profile_from_segmentation(node), Extent.of_shape(scan.grid.shape_kji)
    masks = [labelmaps.segment_voxels_kji(node, each, extent) for each in segments.segment_ids(node)]
    labels = np.stack(masks, axis=-1)
    places = {entry.id: (layer, 1) for layer, entry in enumerate(profile.classes)}
    return Labelled(scan, profile, places, lambda: iter([(0, labels)]))
