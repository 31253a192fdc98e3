"""A scan tile by tile with what its features look at, from memory or from the disk: each slice is read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ...core.extent import Extent
from ...core.image import grey_of
from ...core.window import Window
from ...errors import VolumeError
from ...volumes.lazy.tiles import ShapeKji, tile_shape_kji, tiles_of, windows_of
from ...volumes.lazy_volume import LazyVolume
from ...volumes.memory import size_text, usable_bytes
from ...volumes.scan import Scan
from .features import FeatureSettings, features_of

Progress = Callable[[float], None]
"""Told which share of the work is done, 0 to 1."""
_MOST_BYTES = 1 << 28
"""A choice: larger tiles are hardly faster, for what is seen of them no longer fits the processor's cache."""


@dataclass(frozen=True, eq=False)
class FeatureTile:
    """A part of a scan, its features computed when they are asked for.

    Attributes
    ----------
    own : Extent
    seen : Extent
        With what its features look at.
    values_kji : numpy.ndarray
        float32 grey values of what is seen, 0 to 1 within the window; those that are no numbers are 0.
    finite_kji : numpy.ndarray
        bool, of its own voxels.
    settings : FeatureSettings
    """

    own: Extent
    seen: Extent
    values_kji: np.ndarray
    finite_kji: np.ndarray
    settings: FeatureSettings

    def features(self) -> np.ndarray:
        """(voxels, features) of all of its own voxels."""
        return features_of(self.values_kji, self.own.slices_kji(self.seen.first_ijk), self.settings)

    def features_at(self, voxels_kji: np.ndarray) -> np.ndarray:
        """The same of some of its own voxels, bool (k, j, i); only what lies around these is looked at."""
        box = Extent.around(voxels_kji, self.own.first_ijk)
        if box is None:
            return np.zeros((0, len(self.settings.names)), np.float32)
        seen = box.with_margin(self.settings.margin, self.seen)
        values = self.values_kji[seen.slices_kji(self.seen.first_ijk)]
        found = features_of(values, box.slices_kji(seen.first_ijk), self.settings)
        chosen: np.ndarray = found[voxels_kji[box.slices_kji(self.own.first_ijk)].ravel()]
        return chosen


@dataclass(frozen=True, eq=False)
class TileSlab:
    """Whole slices of a scan, in tiles."""

    own: Extent
    tiles: Iterator[FeatureTile]


def tile_slabs(
    scan: Scan, window: Window, settings: FeatureSettings, progress: Progress = lambda _: None
) -> Iterator[TileSlab]:
    """All slices of a scan in their order.

    Parameters
    ----------
    scan : Scan
    window : Window
        Grey values that become 0 and 1; those beyond are not cut.
    settings : FeatureSettings
    progress : callable, optional

    Raises
    ------
    VolumeError
        If memory has no room for a slice and those that its features look at.
    """
    whole, margin = Extent.of_shape(scan.grid.shape_kji), (settings.margin,) * 3
    tile_kji = _tile_shape(scan, settings)
    for each in windows_of(_slices(scan), whole, settings.margin, tile_kji[0]):
        tiles = tuple(tiles_of(each.own, whole, tile_kji, margin))
        yield TileSlab(each.own, (_tile(own, seen, each.arrays[0], each.seen, window, settings) for own, seen in tiles))
        progress((each.own.k_max + 1) / scan.grid.shape_kji[0])


def _tile(
    own: Extent, seen: Extent, grey_kji: np.ndarray, there: Extent, window: Window, settings: FeatureSettings
) -> FeatureTile:
    values = grey_kji[seen.slices_kji(there.first_ijk)]
    finite = np.isfinite(values)
    # large numbers that differ little would be one in float32
    scaled = ((values.astype(np.float64) - window.lower) / window.width).astype(np.float32)
    scaled[~finite] = 0
    return FeatureTile(own, seen, scaled, finite[own.slices_kji(seen.first_ijk)], settings)


def _slices(scan: Scan) -> Iterator[tuple[np.ndarray]]:
    if isinstance(scan, LazyVolume):
        blocks = (block for _, block in scan.blocks())
    else:
        blocks = (scan.array_kji[k : k + 1] for k in range(len(scan.array_kji)))
    for block in blocks:
        for each in grey_of(block, 3):
            yield (each,)


def _tile_shape(scan: Scan, settings: FeatureSettings) -> ShapeKji:
    shape, margin = scan.grid.shape_kji, settings.margin
    usable = usable_bytes()
    budget = _MOST_BYTES if usable is None else min(_MOST_BYTES, usable // 4)
    slice_bytes = shape[1] * shape[2] * _bytes_held(scan)
    needed = min(shape[0], 1 + 2 * margin) * slice_bytes
    waiting = max(1, budget // slice_bytes - 2 * margin)
    found = tile_shape_kji(shape, (margin,) * 3, budget // settings.bytes_of_a_voxel, waiting)
    if found is None or (usable is not None and needed > usable // 2):
        raise VolumeError(
            f"Features of these scales look at {1 + 2 * margin} slices of '{scan.name}' at a time, "
            f"{size_text(2 * needed)} of memory, but there are {size_text(usable or 0)}: leave out the largest scale, "
            "or work on a coarser level (rwthsam convert SCAN OUT.ome.zarr, then OUT.ome.zarr/1)."
        )
    return found


def _bytes_held(scan: Scan) -> int:
    """Of a voxel that waits: its value, twice while a window is put together, and its label."""
    array = scan.array_kji
    return 2 * (array.dtype.itemsize if array.ndim == 3 else 8) + 1
