"""A segmentation from a file, on the scan that is open: put to its place, its segments made classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...core.voxel_grid import VoxelGrid
from ...errors import GeometryError, InputError
from ...volumes.formats.segment_keys import NO_OFFSET, OFFSET_KEY, keys_of
from ...volumes.segmentation_file import SegmentationFile
from ..nodes import record_tag
from ..nodes.profile_from_segmentation import with_classes_of
from ..nodes.storage import load_segmentation
from ..nodes.volume_geometry import VolumeGeometry
from .workspace import Workspace

_TOLERANCE = 1e-3


def open_segmentation(workspace: Workspace, path: Path, held: SegmentationFile | None = None) -> tuple[str, ...]:
    """Go on with a segmentation from a file; the one of before stays in the scene.

    Classes are those of the file's own record, else those there are; segments that are none of them become classes.

    Parameters
    ----------
    workspace : Workspace
        With a scan.
    path : Path
        A ``.seg.nrrd``, or a labelmap with or without a colour table beside it.
    held : SegmentationFile, optional
        What the file holds, where it was read already.

    Returns
    -------
    tuple of str
        Sentences: what was assumed.

    Raises
    ------
    StateError
        If there is no scan.
    InputError
        If the file cannot be read, lies elsewhere than the scan, or holds more segments than a profile can. Nothing
        is changed then.
    """
    geometry, notes = VolumeGeometry.of(workspace.require_volume()), list[str]()
    node = load_segmentation(
        workspace.scene, path, notes.append, lambda read: on_grid(read, geometry, path.name, notes.append), held
    )
    try:
        recorded = record_tag.kept(node)
        base = recorded.profile if recorded is not None and recorded.profile is not None else workspace.profile
        workspace.set_segmentation(node, with_classes_of(node, base))
    except InputError:
        workspace.scene.RemoveNode(node)
        raise
    volume_node = workspace.require_volume()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    node.SetName(f"{volume_node.GetName()} segmentation")
    return tuple(notes)


def on_grid(held: SegmentationFile, grid: VoxelGrid, name: str, say: Callable[[str], None]) -> SegmentationFile:
    """What a file holds, voxel by voxel on a scan's grid where only the size of a voxel or the origin is another.

    Raises
    ------
    GeometryError
        If it is turned otherwise than the scan, or has another number of voxels and does not lie on its grid.
    """
    to_grid = np.linalg.solve(grid.ijk_to_ras, held.ijk_to_ras)
    shape_kji = held.layers[0].shape
    if shape_kji != grid.shape_kji:
        if (part := _as_part(held, to_grid, grid)) is not None:
            return part
        raise GeometryError(
            f"'{name}' has {_text(shape_kji)} voxels (k, j, i) and the scan {_text(grid.shape_kji)}: choose the "
            "segmentation that was made on this scan, or the scan that it was made on."
        )
    if np.abs(to_grid - np.eye(4)).max() * max(shape_kji) < _TOLERANCE:
        return held
    if held.has_place and np.abs(_directions(held.ijk_to_ras) - _directions(grid.ijk_to_ras)).max() > _TOLERANCE:
        raise GeometryError(
            f"'{name}' has as many voxels as the scan, but is turned otherwise: export it once more from the scan "
            "that is open, or as a file that says where its voxels lie."
        )
    say(f"'{name}' states another voxel size or place than the scan; it was laid on the scan voxel by voxel.")
    return replace(held, ijk_to_ras=grid.ijk_to_ras, is_plain=False)


def _as_part(held: SegmentationFile, to_grid: np.ndarray, grid: VoxelGrid) -> SegmentationFile | None:
    """What a file holds as a part of the scan that it was cut out of, voxel by voxel; None where it is none."""
    counts, whole = (np.array(each[::-1]) for each in (held.layers[0].shape, grid.shape_kji))
    first = np.rint(to_grid[:3, 3]).astype(int)
    aligned = np.eye(4)
    aligned[:3, 3] = first
    if (
        np.abs(to_grid - aligned).max() * whole.max() >= _TOLERANCE
        or (first < 0).any()
        or (first + counts > whole).any()
    ):
        return None
    stated = held.keys.get(OFFSET_KEY, NO_OFFSET).split()
    return held if held.entries and stated == [str(each) for each in first] else _within(held, first, grid)


def _within(held: SegmentationFile, first_ijk: np.ndarray, grid: VoxelGrid) -> SegmentationFile:
    """A cut-out in the midst of nothing, as large as the scan."""
    block = tuple(slice(at, at + count) for at, count in zip(first_ijk[::-1], held.layers[0].shape, strict=True))
    layers = []
    for each in held.layers:
        layers.append(np.zeros(grid.shape_kji, each.dtype))
        layers[-1][block] = each
    said = {key: value for key, value in held.keys.items() if not key.endswith("_Extent")}
    keys, _ = keys_of({**said, OFFSET_KEY: NO_OFFSET}, held.entries, layers)
    return replace(held, layers=tuple(layers), ijk_to_ras=grid.ijk_to_ras, keys=keys, is_plain=False)


def _directions(ijk_to_ras: np.ndarray) -> np.ndarray:
    axes: np.ndarray = ijk_to_ras[:3, :3]
    return np.asarray(axes / np.linalg.norm(axes, axis=0))


def _text(shape_kji: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape_kji))
