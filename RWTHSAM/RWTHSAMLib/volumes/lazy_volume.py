"""A scan on disk: where its voxels lie is known, the voxels themselves are read when they are asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..core.slices import ARRAY_AXIS, Axis
from ..core.system.optional_package import optional_package
from ..core.voxel_grid import VoxelGrid
from .memory import check_fits, usable_bytes
from .volume_data import VolumeData, check_layout, grid_of, note_about_spacing, with_spacing_mm

if TYPE_CHECKING:
    import dask.array

    from .lazy.source import SliceSource

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are done."""

# of the memory that may be used for slices that are read together; and at most so much, because more is no faster
_SHARE_OF_BLOCK = 24
_LARGEST_BLOCK_BYTES = 1 << 26


class Source(Protocol):
    """What gives parts of a volume when it is asked for them.

    Attributes
    ----------
    has_chunks : bool
        Whether any part can be read by itself; else whole slices along k are.
    """

    has_chunks: bool

    def __getitem__(self, key: tuple[slice | int, ...]) -> np.ndarray:
        """Voxels, indexed as the volume is."""

    def close(self) -> None:
        """Close what is open; reading opens it again."""


@dataclass(frozen=True, eq=False)
class LazyVolume:
    """Voxels of a scan, not read yet, and their grid.

    Attributes
    ----------
    array_kji : dask.array.Array
        (k, j, i) grey values or (k, j, i, 3) RGB, of the kinds that `VolumeData` holds.
    ijk_to_ras : numpy.ndarray
        (4, 4) float64, voxel index (i, j, k) to Slicer's world (RAS) in mm.
    path : Path
        Of the file or folder.
    name : str
        For people.
    unit_known : bool
        Whether the file says how large a voxel is.
    notes : tuple of str
        What a person should know about how the scan is read. Voxels that are no numbers are only counted by `read`.
    source : Source, optional
        What `array_kji` reads from; None where it is in memory already.

    Raises
    ------
    VolumeError
        If array or matrix have another layout.
    """

    array_kji: dask.array.Array
    ijk_to_ras: np.ndarray
    path: Path
    name: str
    unit_known: bool
    notes: tuple[str, ...] = ()
    source: Source | None = None

    def __post_init__(self) -> None:
        check_layout(self.array_kji.shape, self.array_kji.dtype)
        _ = self.grid

    def __enter__(self) -> LazyVolume:
        return self

    def __exit__(self, *_: object) -> None:
        if self.source is not None:
            self.source.close()

    @cached_property
    def grid(self) -> VoxelGrid:
        """Where the voxels lie."""
        return grid_of(self.ijk_to_ras, self.array_kji.shape, self.name)

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance of neighbouring voxels along i, j and k."""
        return self.grid.spacing_mm_ijk

    @property
    def byte_count(self) -> int:
        """What all voxels take in memory."""
        return int(math.prod(self.array_kji.shape) * self.array_kji.dtype.itemsize)

    def with_spacing(self, spacing_mm_ijk: tuple[float, float, float]) -> LazyVolume:
        """The same voxels of another known size in mm, along i, j and k; the first one stays in place."""
        notes = (*self.notes, note_about_spacing(spacing_mm_ijk))
        ijk_to_ras = with_spacing_mm(self.grid, spacing_mm_ijk)
        return replace(self, ijk_to_ras=ijk_to_ras, unit_known=True, notes=notes)

    def blocks(self, thickness: int | None = None) -> Iterator[tuple[int, np.ndarray]]:
        """The voxels from the first slice to the last, some at a time; each block with the index of its first slice.

        Parameters
        ----------
        thickness : int, optional
            Slices of a block; by default as many as may be read at a time, in whole chunks.

        Raises
        ------
        VolumeError
            If some are missing or damaged.
        """
        thickness = thickness or self._usual_thickness()
        for first in range(0, self.array_kji.shape[0], thickness):
            part = slice(first, min(first + thickness, self.array_kji.shape[0]))
            # dask would read in an order of its own, and a packed file again for each step back
            yield first, np.asarray(self.array_kji[part] if self.source is None else self.source[(part,)])

    def slab(self, axis: Axis, first: int, stop: int) -> np.ndarray:
        """Slices along an axis from `first` up to and without `stop`: (k, j, i) or (k, j, i, 3).

        Of files that lie slice by slice along k, slices along another axis are picked out of all of these.

        Raises
        ------
        VolumeError
            If some are missing or damaged.
        """
        part: list[slice] = [slice(None)] * 3
        part[ARRAY_AXIS[axis]] = slice(first, stop)
        if self.source is None:
            return np.asarray(self.array_kji[tuple(part)])
        if axis == "k" or self.source.has_chunks:
            return self.source[tuple(part)]
        return np.concatenate([block[tuple(part)] for _, block in self.blocks()])

    def told_blocks(self, progress: Progress | None) -> Iterator[np.ndarray]:
        """The same blocks; after each it is told how many bytes of how many are done."""
        done = 0
        for _, block in self.blocks():
            yield block
            done += block.nbytes
            if progress is not None:
                progress(done, self.byte_count)

    def _usual_thickness(self) -> int:
        # whole chunks, or those at the borders would be read twice
        depth = int(self.array_kji.chunks[0][0])
        wanted = block_bytes() * self.array_kji.shape[0] // self.byte_count
        return int(max(depth, wanted // depth * depth))

    def read(self) -> VolumeData:
        """All voxels, in memory.

        Raises
        ------
        VolumeError
            If they do not fit, or some are missing or damaged.
        """
        check_fits(self.byte_count, self.path)
        array = np.empty(self.array_kji.shape, self.array_kji.dtype)
        for first, block in self.blocks():
            array[first : first + len(block)] = block
        return VolumeData(array, self.ijk_to_ras, self.name, self.unit_known, self.notes)


def lazy_volume(
    source: SliceSource, ijk_to_ras: np.ndarray, name: str, unit_known: bool, notes: tuple[str, ...]
) -> LazyVolume:
    """A volume whose voxels come from files slice by slice.

    Raises
    ------
    DependencyMissing
        If dask is not installed.
    """
    array = optional_package("dask.array", "Scans that are read slice by slice", "'rwthsam[ome-zarr]'")
    slice_bytes = math.prod(source.shape[1:]) * source.dtype.itemsize
    thickness = min(source.shape[0], max(1, block_bytes() // slice_bytes))
    lazy = array.from_array(
        source,
        chunks=(thickness, *source.shape[1:]),
        asarray=False,
        fancy=False,
        meta=np.empty((0,) * source.ndim, source.dtype),
    )
    return LazyVolume(lazy, ijk_to_ras, source.path, name, unit_known, notes, source)


def lazy_volume_of(data: VolumeData, path: Path) -> LazyVolume:
    """A volume that was read already, of a kind of file that cannot be read in parts."""
    array = optional_package("dask.array", "Scans that are read slice by slice", "'rwthsam[ome-zarr]'")
    lazy = array.from_array(data.array_kji, chunks=data.array_kji.shape, name=False)
    return LazyVolume(lazy, data.ijk_to_ras, path, data.name, data.unit_known, data.notes)


def block_bytes() -> int:
    """How much may be read at a time, so that several blocks in work stay far below the memory there is."""
    usable = usable_bytes()
    return _LARGEST_BLOCK_BYTES if usable is None else max(1, min(_LARGEST_BLOCK_BYTES, usable // _SHARE_OF_BLOCK))
