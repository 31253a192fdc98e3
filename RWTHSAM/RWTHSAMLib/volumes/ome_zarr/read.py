"""Scans from OME-Zarr: a lazy volume of each level, or the finest level that fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...core.voxel_grid import VoxelGrid
from ...errors import VolumeError
from ..formats.kinds import name_without_ending
from ..lazy_volume import LazyVolume, block_bytes
from ..memory import size_text, usable_bytes
from ..volume_data import VolumeData
from . import packages
from .chunks import ChunkSource
from .metadata import ImageMetadata, Level, image_metadata, ome_attributes
from .places import place_of, spatial_axes
from .store import level_folder, opened_group, told_of

# of memory that a scan may take: the views hold it once more, and work on it needs some, too
_SHARE_OF_SCAN = 4
LEVEL_OPENED = "Of the scan level"
"""So a note begins that says which level was opened."""
_SERIES = "bioformats2raw.layout"


def read_ome_zarr(path: Path, shape_kji: Sequence[int] | None = None) -> VolumeData:
    """Read the finest level that leaves the computer memory to work, and say which that is if it is not the finest.

    Parameters
    ----------
    path : Path
        See `open_ome_zarr`.
    shape_kji : sequence of int, optional
        Of the level that work was done on already: that level is read, if there is one.

    Raises
    ------
    VolumeError
        If the store is damaged or not complete, holds no image, labels, or several points in time.
    DependencyMissing
        If zarr is not installed.
    """
    with open_level(path, shape_kji) as chosen:
        return chosen.read()


def open_level(path: Path, shape_kji: Sequence[int] | None = None) -> LazyVolume:
    """The level that `read_ome_zarr` reads, with its notes, none of its voxels read.

    Parameters
    ----------
    path, shape_kji
        As there.
    """
    levels = open_ome_zarr(path)
    usable = usable_bytes()
    fits = [each for each in levels if usable is None or each.byte_count <= usable // _SHARE_OF_SCAN]
    known = [each for each in levels if each.grid.shape_kji == tuple(shape_kji or ())]
    chosen = (known or fits or levels[-1:])[0]
    if chosen is levels[0]:
        return chosen
    why = "the one that was worked on" if known else f"for all of it takes {size_text(levels[0].byte_count)}"
    return replace(chosen, notes=(*chosen.notes, _about_level(levels[0], chosen, levels.index(chosen), why)))


def open_ome_zarr(path: Path) -> tuple[LazyVolume, ...]:
    """The levels of a scan, the finest first, none of their voxels read.

    Parameters
    ----------
    path : Path
        Of the folder of an image or an archive of it; or of one level in it, which then is all there is.

    Raises
    ------
    VolumeError
        If the store is damaged or not complete, holds no image, labels, or several points in time.
    DependencyMissing
        If zarr is not installed.
    """
    levels, about = open_levels(path)
    if about.label_properties is not None:
        raise VolumeError(f"'{path}' is a segmentation, not a scan: choose the scan that it was made on.")
    return levels


def grid_of_level(path: Path, shape_kji: Sequence[int]) -> VoxelGrid | None:
    """The grid of the level of a scan that has so many voxels, of the scan that a level belongs to; None without one.

    Parameters
    ----------
    path : Path
        Of an image, or of one level in it.
    shape_kji : sequence of int
    """
    folder = path.absolute().parent if path.is_dir() and level_folder(path) else path
    grids = [each.grid for each in open_ome_zarr(folder)]
    return next((each for each in grids if each.shape_kji == tuple(shape_kji)), None)


def open_levels(path: Path) -> tuple[tuple[LazyVolume, ...], ImageMetadata]:
    """The levels of an image, scan or labels, and its metadata; see `open_ome_zarr`."""
    only = None
    folder = path
    if path.is_dir() and level_folder(path):
        folder, only = path.absolute().parent, path.name
    group = _image_group(opened_group(folder), path)
    attributes = dict(group.attrs)
    about = image_metadata(attributes, folder)
    chosen = [each for each in about.levels if only in (None, each.path)]
    if not chosen:
        raise VolumeError(f"'{path}' is an array of Zarr, but no level of the image '{folder}'.")
    name = name_without_ending(folder)
    return tuple(_lazy_level(group, about, each, attributes, path, name) for each in chosen), about


def _image_group(group: Any, path: Path) -> Any:
    """The image itself, where a group holds it as the only one of a series."""
    if _SERIES not in ome_attributes(dict(group.attrs)):
        return group
    with told_of(path):
        images = [name for name, _ in group.groups() if name != "OME"]
        if len(images) == 1:
            return group[images[0]]
    raise VolumeError(
        f"'{path}' holds {len(images)} images: choose the folder of one of them ({', '.join(images[:4])})."
    )


def _lazy_level(
    group: Any, about: ImageMetadata, level: Level, attributes: Mapping[str, Any], path: Path, name: str
) -> LazyVolume:
    array = _array(group, level, path)
    if array.ndim != len(about.axes):
        raise VolumeError(
            f"'{path}': level '{level.path}' has {array.ndim} dimensions, but the store names {len(about.axes)} axes."
        )
    chosen, said = _one_of_each(about, array.shape, path)
    source = ChunkSource(array, spatial_axes(about.axes), chosen, path, level.path)
    ijk_to_ras, unit_known, notes = place_of(about, level, attributes, path)
    lazy = packages.dask_array().from_array(
        source,
        chunks=source.chunks_of(block_bytes()),
        asarray=False,
        fancy=False,
        meta=np.empty((0, 0, 0), source.dtype),
    )
    notes = (*about.notes, *said, *notes, *_about_missing(array, about, level))
    return LazyVolume(lazy, ijk_to_ras, path, name, unit_known, notes, source)


def _array(group: Any, level: Level, path: Path) -> Any:
    try:
        array = group[level.path]
    except KeyError as error:
        raise VolumeError(
            f"'{path}' is not complete: its level '{level.path}' is missing. It may be still being written."
        ) from error
    except Exception as error:  # metadata of an array fail to be read in many ways
        with told_of(path, f"level '{level.path}'"):
            raise error
    if not hasattr(array, "shape"):
        raise VolumeError(f"'{path}': level '{level.path}' is a folder of arrays, expected an array.")
    return array


def _one_of_each(about: ImageMetadata, shape: Sequence[int], path: Path) -> tuple[dict[int, int], tuple[str, ...]]:
    """The index to be read of each axis that is not of space; and what was left out."""
    notes: list[str] = []
    beside = [axis for axis in range(len(shape)) if about.axes[axis].kind != "space"]
    for axis in beside:
        if shape[axis] > 1 and about.axes[axis].kind == "channel":
            notes.append(f"The file holds {shape[axis]} channels; the first was read.")
        elif shape[axis] > 1:
            raise VolumeError(
                f"'{path}' has {len(shape)} dimensions {tuple(shape)}, {shape[axis]} along '{about.axes[axis].name}', "
                "expected slices, rows and columns. Save one channel and one point in time."
            )
    return dict.fromkeys(beside, 0), tuple(notes)


def _about_missing(array: Any, about: ImageMetadata, level: Level) -> tuple[str, ...]:
    """A note on chunks that are not there: they may hold nothing, or not be written yet."""
    if about.label_properties is not None or level is not about.levels[0]:
        return ()
    missing = int(array.nchunks) - int(array.nchunks_initialized)
    if missing <= 0:
        return ()
    return (
        f"{missing:,} of {array.nchunks:,} chunks are not in the store and count as {array.fill_value}: they hold "
        "nothing else, or the store is still being written.",
    )


def _about_level(finest: LazyVolume, chosen: LazyVolume, number: int, why: str) -> str:
    steps = [round(many / few) for many, few in zip(finest.grid.shape_kji, chosen.grid.shape_kji, strict=True)]
    merged = " x ".join(map(str, reversed(steps)))
    return f"{LEVEL_OPENED} {number} was opened, {why}: {merged} voxels of the scan are one here (i, j, k)."
