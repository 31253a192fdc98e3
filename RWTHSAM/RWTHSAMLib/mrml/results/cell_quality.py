"""The quality of a cell, from the classes of a segmentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import slicer

from ...algorithms.quality.cell import CellQuality, PartsOfSlice, cell_quality
from ...algorithms.quality.roles import Role, roles_of
from ...core.slices import ARRAY_AXIS, Axis, SliceKey
from ...core.voxel_size import Spacing
from ...volumes.formats.segment_keys import Place
from ...volumes.labelled_slabs import LabelledSlabs
from ...volumes.lazy_segmentation import LazySegmentation
from ...volumes.scan import Scan
from ...volumes.volume_data import check_upright
from ..nodes import labelmaps, segments
from ..nodes.labelled_segments import labelled_classes
from ..nodes.volumes import volume_data_of

_BYTES_OF_A_VOXEL = 16
Named = Mapping[Role, Sequence[str]]
"""Classes that somebody named for parts."""
_NONE: Named = MappingProxyType({})


def quality_of_segmentation(
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    volume_node: slicer.vtkMRMLVolumeNode,
    axis: Axis = "k",
    named: Named = _NONE,
) -> CellQuality:
    """Measure the cell that a segmentation shows.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
        On the volume's grid.
    volume_node : vtkMRMLVolumeNode
    axis : str
        Of the cell.
    named : mapping, optional
        See `roles_of`.

    Raises
    ------
    StateError
        If a class that is named is not there.
    GeometryError
        If the segmentation lies on another grid.
    VolumeError
        If the grid is sheared.
    """
    scan = volume_data_of(volume_node)
    segments.check_grid(segmentation_node, scan.grid)
    ids = {entry.name: segment_id for segment_id, entry in labelled_classes(segmentation_node).items()}

    def voxels(name: str) -> np.ndarray:
        return labelmaps.segment_voxels_kji(segmentation_node, ids[name], scan.grid.extent)

    return quality_of_masks(list(ids), voxels, scan, axis, named)


def quality_of_masks(
    names: Sequence[str], voxels_kji: Callable[[str], np.ndarray], scan: Scan, axis: Axis, named: Named = _NONE
) -> CellQuality:
    """The same of classes that are in memory, bool (k, j, i) by their names."""
    roles = roles_of(names, named)
    masks = {role: np.logical_or.reduce([voxels_kji(each) for each in of_role]) for role, of_role in roles.items()}
    count = scan.grid.shape_kji[ARRAY_AXIS[axis]]
    slices = ({role: SliceKey(axis, at).take(mask) for role, mask in masks.items()} for at in range(count))
    return _quality(slices, scan, axis, roles)


def quality_from_disk(
    segmentation: LazySegmentation,
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    scan: Scan,
    named: Named = _NONE,
    spacing_mm: Spacing | None = None,
) -> CellQuality:
    """The same along k of a segmentation that stays on its disk; its labels are read once.

    Parameters
    ----------
    segmentation : LazySegmentation
    segmentation_node : vtkMRMLSegmentationNode
        Its segments, without voxels.
    scan : Scan
    named : mapping, optional
    spacing_mm : tuple of float, optional
        Of a voxel along i, j and k, instead of what the files say.
    """
    slabs = LabelledSlabs(segmentation, scan, _BYTES_OF_A_VOXEL)
    known = segmentation.places
    places = {entry.name: known[each] for each, entry in labelled_classes(segmentation_node).items()}
    roles = roles_of(list(places), named)
    sized = scan if spacing_mm is None else scan.with_spacing(spacing_mm)
    of_role = {role: [places[each] for each in names] for role, names in roles.items()}
    return _quality(_slices(slabs, of_role), sized, "k", roles)


def _slices(slabs: LabelledSlabs, of_role: Mapping[Role, list[Place]]) -> Iterator[PartsOfSlice]:
    for _, labels in slabs.labels():
        for each in labels:
            yield {
                role: np.logical_or.reduce([each[..., layer] == label for layer, label in places])
                for role, places in of_role.items()
            }


def _quality(slices: Iterator[PartsOfSlice], scan: Scan, axis: Axis, roles: dict[Role, tuple[str, ...]]) -> CellQuality:
    check_upright(scan.ijk_to_ras, scan.name)
    count = scan.grid.shape_kji[ARRAY_AXIS[axis]]
    return cell_quality(
        slices,
        count,
        SliceKey(axis, 0).pixel_mm_xy(scan.spacing_mm),
        name=scan.name,
        axis=axis,
        step_mm=scan.spacing_mm[2 - ARRAY_AXIS[axis]],
        unit_known=scan.unit_known,
        roles=roles,
    )
