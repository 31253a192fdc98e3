"""Volumes to OME-Zarr, chunk by chunk, however large they are."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.system.atomic_folder import replacing_folder
from ...errors import InputError, VolumeError
from ..formats.kinds import holds_store
from ..lazy_volume import LazyVolume, Progress, block_bytes
from ..memory import usable_bytes
from . import packages
from .levels import Shape, level_shapes, mean_of, most_frequent_of, steps_between
from .metadata import NEWEST, VERSIONS
from .places import first_voxel_mm_kji, own_attributes
from .store import nothing_left_at_work

_MOST_THREADS = 4
_LARGEST_CHUNK_VOXELS = 1 << 20
_DEEPEST_CHUNK = 64
_WIDEST_CHUNK, _NARROWEST_CHUNK = 256, 32
_NAMES = ("z", "y", "x")


@dataclass(frozen=True)
class StoreSettings:
    """How a store is written.

    Attributes
    ----------
    version : str
        Of OME-Zarr: ``"0.5"``, which lies in Zarr 3, or ``"0.4"``, in Zarr 2.
    coarsest : int
        The longest axis of the coarsest level has at most so many voxels.
    labels : sequence of mapping, optional
        Of a label image, what is to be said of each label, ``label-value`` and ``rgba`` among it. Its coarser levels
        have the label that most of their voxels have; those of other images the mean.
    """

    version: str = NEWEST
    coarsest: int = 256
    labels: Sequence[Mapping[str, Any]] | None = None

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise VolumeError(f"OME-Zarr is written in the versions {' and '.join(VERSIONS)}, not {self.version}.")


def write_ome_zarr(
    volume: LazyVolume,
    path: Path,
    settings: StoreSettings | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a volume and its coarser levels; the store is there whole, or not at all.

    Parameters
    ----------
    volume : LazyVolume
        Grey values or labels; read once, from the first slice to the last.
    path : Path
        Of the folder to be.
    settings : StoreSettings, optional
    replace : bool
        Whether a store that is there may be replaced.
    progress : callable, optional

    Raises
    ------
    VolumeError
        If the volume is in colour, or its voxels cannot be read.
    InputError
        If the store cannot be written, or there is something of that name already.
    DependencyMissing
        If zarr is not installed.
    """
    chosen = settings or StoreSettings()
    packages.check_all(chosen.version)
    if volume.array_kji.ndim != 3:
        raise VolumeError(
            f"'{volume.path}' is in colour; OME-Zarr is written of grey values and labels: convert it first."
        )
    check_replaceable(path)
    with replacing_folder(path, replace) as unfinished:
        write_into(volume, unfinished, chosen, progress)


def check_replaceable(path: Path) -> None:
    """Raise `InputError` where a folder of something else than Zarr has the name: it is replaced in no case."""
    if path.is_dir() and not holds_store(path) and any(path.iterdir()):
        raise InputError(f"'{path}' is a folder of something else than OME-Zarr: it is not replaced.")


def write_into(volume: LazyVolume, folder: Path, settings: StoreSettings, progress: Progress | None = None) -> None:
    """Write a store into a folder that is nobody's yet; see `write_ome_zarr`."""
    with nothing_left_at_work():
        _write(volume, folder, settings, progress)


def _write(volume: LazyVolume, folder: Path, settings: StoreSettings, progress: Progress | None) -> None:
    shapes = level_shapes(volume.grid.shape_kji, settings.coarsest)
    group = packages.zarr().create_group(str(folder), zarr_format=_format(settings))
    arrays = [_create(group, str(level), shape, volume, settings) for level, shape in enumerate(shapes)]
    size = volume.array_kji.dtype.itemsize
    told = _Told(progress, sum(math.prod(shape) for shape in shapes) * size)
    for first, block in volume.blocks(arrays[0].chunks[0]):
        arrays[0][first : first + len(block)] = block
        told.wrote(block.nbytes)
    for finer, coarser in zip(arrays, arrays[1:], strict=False):
        _fill_level(finer, coarser, settings, told)
    # last: without it nobody takes the folder for an image
    group.attrs.update(_attributes(volume, shapes, settings) | own_attributes(volume.grid))


class _Told:
    """Adds up what was written."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._done, self._total = progress, 0, total

    def wrote(self, byte_count: int) -> None:
        self._done += byte_count
        if self._progress is not None:
            self._progress(self._done, self._total)


def _format(settings: StoreSettings) -> int:
    return 2 if settings.version == "0.4" else 3


def _create(group: Any, name: str, shape: Shape, volume: LazyVolume, settings: StoreSettings) -> Any:
    dtype = volume.array_kji.dtype
    about: dict[str, Any] = {"chunk_key_encoding": {"name": "v2", "separator": "/"}}
    if _format(settings) == 3:
        about = {"dimension_names": _NAMES}
    return group.create_array(
        name,
        shape=shape,
        chunks=chunk_shape(volume.grid.shape_kji, shape, dtype),
        dtype=dtype,
        fill_value=0,
        # of a scan every chunk is there, so that one that is missing is told from one without voxels
        config={"write_empty_chunks": settings.labels is None},
        **about,
    )


def chunk_shape(whole_kji: Shape, shape_kji: Shape, dtype: np.dtype) -> Shape:
    """Chunks of a level: as thick as slices of the whole volume may be read at a time, as cubic as that allows."""
    at_a_time = block_bytes()
    slice_bytes = whole_kji[1] * whole_kji[2] * dtype.itemsize
    depth = _power_of_two(min(_DEEPEST_CHUNK, at_a_time // slice_bytes))
    edge = _power_of_two(math.isqrt(min(_LARGEST_CHUNK_VOXELS, at_a_time // dtype.itemsize) // depth))
    edge = min(_WIDEST_CHUNK, max(_NARROWEST_CHUNK, edge))
    k, j, i = (min(size, most) for size, most in zip(shape_kji, (depth, edge, edge), strict=True))
    return k, j, i


def _power_of_two(most: int) -> int:
    """The largest that is not above a number, and at least 1."""
    return 1 << (max(1, most).bit_length() - 1)


def _fill_level(finer: Any, coarser: Any, settings: StoreSettings, told: _Told) -> None:
    """Make a level of the one before it, in the store: a row of chunks at a time."""
    array = packages.dask_array()
    steps = steps_between(finer.shape, coarser.shape)
    axes = dict(enumerate(steps))
    reduction = mean_of if settings.labels is None else most_frequent_of
    # what makes one chunk of the new level is one piece, so that no chunk is read twice
    pieces = tuple(chunk * step for chunk, step in zip(coarser.chunks, steps, strict=True))
    whole = tuple(count * step for count, step in zip(coarser.shape, steps, strict=True))
    source = array.from_array(finer, chunks=pieces, name=False, inline_array=True)
    threads = _threads_for(math.prod(pieces) * finer.dtype.itemsize)
    for first in range(0, coarser.shape[0], coarser.chunks[0]):
        stop = min(first + coarser.chunks[0], coarser.shape[0])
        part = source[first * steps[0] : stop * steps[0], : whole[1], : whole[2]]
        made = array.coarsen(reduction, part, axes)
        row = made.compute(num_workers=threads)
        coarser[first:stop] = row
        told.wrote(row.nbytes)


def _threads_for(piece_bytes: int) -> int:
    """How many pieces may be in work at a time: each is there as it was read, as it is added up, and as it was made."""
    fit = usable // (4 * piece_bytes) // 4 if (usable := usable_bytes()) is not None else _MOST_THREADS
    return max(1, min(_MOST_THREADS, os.cpu_count() or 1, fit))


def _attributes(volume: LazyVolume, shapes: Sequence[Shape], settings: StoreSettings) -> dict[str, Any]:
    """The metadata, as the models of the version know and write them."""
    models = packages.models(settings.version)
    unit = "millimeter" if volume.unit_known else None
    sizes, first = volume.grid.spacing_mm_kji, first_voxel_mm_kji(volume.grid)
    datasets = []
    merged: tuple[int, ...] = (1, 1, 1)
    for level, shape in enumerate(shapes):
        if level:
            merged = tuple(a * b for a, b in zip(merged, steps_between(shapes[level - 1], shape), strict=True))
        scale = [size * count for size, count in zip(sizes, merged, strict=True)]
        # a voxel lies in the middle of those that it was made of
        moved = [start + size * (count - 1) / 2 for start, size, count in zip(first, sizes, merged, strict=True)]
        places = [models.ScaleTransformation(scale=scale), models.TranslationTransformation(translation=moved)]
        datasets.append(models.Dataset(path=str(level), coordinateTransformations=places))
    multiscale = models.Multiscale(
        name=volume.name,
        axes=[models.SpaceAxis(name=name, type="space", unit=unit) for name in _NAMES],
        datasets=datasets,
        type="mean" if settings.labels is None else "mode",
    )
    image = models.Image(multiscales=[multiscale])
    about: dict[str, Any] = image.model_dump(mode="json", by_alias=True, exclude_none=True)
    if settings.labels is not None:
        about["image-label"] = image_label(models, settings)
    return {"ome": about} if settings.version == "0.5" else about


def image_label(models: Any, settings: StoreSettings) -> dict[str, Any]:
    """What a label image says of its labels, checked by the models of its version."""
    labels = settings.labels or ()
    about: dict[str, Any] = {"version": settings.version}
    if labels:
        about["colors"] = [{key: each[key] for key in ("label-value", "rgba")} for each in labels]
        about["properties"] = [{key: value for key, value in each.items() if key != "rgba"} for each in labels]
    # checked, not written by the models: these make floating point numbers of labels, which other programs refuse, and
    # know of a property only which label it is of
    models.ImageLabel.model_validate(about)
    return about
