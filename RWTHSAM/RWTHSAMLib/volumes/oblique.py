"""Grey values on a plane through a volume, and the voxels that a mask on it stands for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..core.extent import Extent
from ..core.mask import Mask
from ..core.oblique_plane import ObliquePlane, Plane
from ..core.slices import SliceKey, Voxels
from ..core.voxel_block import VoxelBlock
from .slices_on_disk import SlicesOnDisk

_HALF_A_VOXEL = 0.5
# a choice: some MB of places at a time, whatever the volume's size
_COLUMNS_AT_ONCE = 1 << 18
# blocks hold mostly voxels that are not on the plane: short enough to waste little, long enough to be few
_BRICK = 64


def grey_on(array_kji: Voxels, plane: Plane) -> np.ndarray:
    """Grey values of the pixels of a slice or plane.

    On a slice they are its voxels, and a view of them. On an oblique plane they are interpolated (trilinear), float32;
    what lies outside the volume is as dark as the darkest place of the plane.

    Parameters
    ----------
    array_kji : Voxels
        (k, j, i) or (k, j, i, channels): an array, or `SlicesOnDisk`, which is read slab by slab.
    plane : SliceKey or ObliquePlane

    Returns
    -------
    numpy.ndarray
        (rows, columns) or (rows, columns, channels).

    Raises
    ------
    GeometryError
        If the volume has no such slice, or the plane misses it.
    """
    if isinstance(plane, SliceKey):
        return plane.take(array_kji)
    plane.check_inside(array_kji.shape)
    values, dtype = _interpolated(array_kji, plane)
    if array_kji.ndim == 3:
        return _dark_outside(values[..., 0], plane, array_kji.shape)
    channels = [_dark_outside(values[..., each], plane, array_kji.shape) for each in range(values.shape[-1])]
    colours = np.stack(channels, axis=-1)
    return np.rint(colours).astype(np.uint8) if dtype == np.uint8 else colours


def nearest_on(array_kji: np.ndarray, first_ijk: tuple[int, int, int], plane: ObliquePlane) -> np.ndarray:
    """Values of the voxels that a plane's pixels stand for, zero beside the array: (rows, columns).

    A pixel lies in a column of voxels along the axis that the plane is steepest against; it stands for the one that the
    plane crosses there. That one is within half a voxel of the plane, so what `mask_blocks` has written is read again
    without a gap; the voxel that holds the pixel's centre may be farther away.

    Parameters
    ----------
    array_kji : numpy.ndarray
        (k, j, i), a part of a volume.
    first_ijk : tuple of int
        Where its first voxel lies in the volume.
    plane : ObliquePlane
    """
    normal = plane.normal_ijk
    across = int(np.argmax(np.abs(normal)))
    voxel = [np.floor(place + 0.5) for place in _places(plane)]
    beside = sum(normal[axis] * (voxel[axis] - plane.origin_ijk[axis]) for axis in range(3) if axis != across)
    voxel[across] = np.floor(plane.origin_ijk[across] - beside / normal[across] + 0.5)
    i, j, k = (each.astype(np.intp) - first for each, first in zip(voxel, first_ijk, strict=True))
    ranges = zip((k, j, i), array_kji.shape, strict=True)
    inside = np.logical_and.reduce([(each >= 0) & (each < count) for each, count in ranges])
    values = np.zeros(plane.shape_yx(), array_kji.dtype)
    values[inside] = array_kji[k[inside], j[inside], i[inside]]
    return values


def mask_blocks(mask: Mask, plane: Plane, shape_kji: tuple[int, int, int]) -> list[VoxelBlock]:
    """The voxels that a mask stands for, in blocks that do not overlap.

    On an oblique plane they are the voxels whose centres lie within half a voxel of the plane, over or under a pixel of
    the mask. Planes one voxel apart share none and leave none out.

    Parameters
    ----------
    mask : Mask
        On the pixels of the plane.
    plane : SliceKey or ObliquePlane
    shape_kji : tuple of int
        Voxels of the volume.
    """
    if mask.is_empty:
        return []
    if isinstance(plane, SliceKey):
        return [VoxelBlock.of_mask(mask, plane)]
    return _outermost_first(list(_blocks(voxels_near(mask, plane, shape_kji))))


def voxels_near(mask: Mask, plane: ObliquePlane, shape_kji: tuple[int, int, int]) -> np.ndarray:
    """Those voxels one by one: (n, 3) indices (i, j, k), each once.

    As many steps as the mask has pixels: along the axis that the plane is steepest against, a column of voxels meets it
    in two at most (a digital plane, Andres et al. 1997, as thick as a voxel is long).
    """
    found = [_on_mask(mask, plane, each) for each in _near_plane(mask, plane, shape_kji)]
    return np.concatenate(found) if found else np.zeros((0, 3), np.intp)


def _interpolated(voxels: Voxels, plane: ObliquePlane) -> tuple[np.ndarray, np.dtype]:
    """float32 (rows, columns, channels), and of which kind of numbers."""
    if not isinstance(voxels, SlicesOnDisk):
        array = np.asarray(voxels)
        rows, columns = plane.shape_yx()
        return _part_of_plane(array, plane, 0, (slice(0, rows), slice(0, columns))), array.dtype
    below = np.clip(np.floor(_places(plane)[2]), 0, voxels.shape[0] - 1).astype(np.intp)
    channels = voxels.shape[3] if voxels.ndim == 4 else 1
    values = np.zeros((*plane.shape_yx(), channels), np.float32)
    for held, slab in voxels.slabs(int(below.min()), int(below.max()) + 1):
        here = (below >= held.start) & (below < held.stop)
        if here.any():
            y, x = (slice(int(each.min()), int(each.max()) + 1) for each in np.nonzero(here))
            values[here] = _part_of_plane(slab, plane, held.start, (y, x))[here[y, x]]
    return values, voxels.dtype


def _part_of_plane(
    slab_kji: np.ndarray, plane: ObliquePlane, first_k: int, pixels_yx: tuple[slice, slice]
) -> np.ndarray:
    """float32 (rows, columns, channels) of a box of pixels, from slices that begin at an index."""
    from scipy import ndimage

    x_step, y_step, origin = (np.array(each[::-1]) for each in (plane.x_step_ijk, plane.y_step_ijk, plane.origin_ijk))
    steps = np.stack([np.zeros(3), y_step, x_step], axis=1)
    rows, columns = pixels_yx
    begin = origin + rows.start * y_step + columns.start * x_step - np.array([first_k, 0, 0])
    shape = (1, rows.stop - rows.start, columns.stop - columns.start)
    array = slab_kji if slab_kji.ndim == 4 else slab_kji[..., None]
    parts = (
        ndimage.affine_transform(array[..., channel], steps, begin, shape, np.float32, order=1, mode="nearest")[0]
        for channel in range(array.shape[3])
    )
    return np.stack([*parts], axis=-1)


def _dark_outside(grey: np.ndarray, plane: ObliquePlane, shape_kji: tuple[int, ...]) -> np.ndarray:
    outside = ~_inside(plane, shape_kji)
    if outside.any():
        grey[outside] = grey[~outside].min() if not outside.all() else grey.min()
    return grey


def _inside(plane: ObliquePlane, shape_kji: tuple[int, ...]) -> np.ndarray:
    """Which pixels lie in a voxel: (rows, columns)."""
    ranges = zip(_places(plane), shape_kji[2::-1], strict=True)
    inside: np.ndarray = np.logical_and.reduce([(place >= -0.5) & (place < count - 0.5) for place, count in ranges])
    return inside


def _places(plane: ObliquePlane) -> list[np.ndarray]:
    """Of all pixels i, j and k: three arrays (rows, columns)."""
    columns, rows = plane.size_xy
    x, y = np.arange(columns), np.arange(rows)[:, None]
    return [plane.origin_ijk[axis] + x * plane.x_step_ijk[axis] + y * plane.y_step_ijk[axis] for axis in range(3)]


def _near_plane(mask: Mask, plane: ObliquePlane, shape_kji: tuple[int, int, int]) -> Iterator[np.ndarray]:
    """Voxels within half a voxel of the plane, about under a mask: (n, 3) at a time."""
    normal, count = plane.normal_ijk, shape_kji[::-1]
    across = int(np.argmax(np.abs(normal)))
    first_axis, second_axis = (axis for axis in range(3) if axis != across)
    low, high = _reach(mask, plane, count)
    seconds = np.arange(low[second_axis], high[second_axis] + 1)
    at_once = max(1, _COLUMNS_AT_ONCE // max(1, len(seconds)))
    for start in range(low[first_axis], high[first_axis] + 1, at_once):
        firsts = np.arange(start, min(start + at_once, high[first_axis] + 1))[:, None]
        beside = normal[first_axis] * (firsts - plane.origin_ijk[first_axis]) + normal[second_axis] * (
            seconds - plane.origin_ijk[second_axis]
        )
        met_at = plane.origin_ijk[across] - beside / normal[across]
        lowest = np.ceil(met_at - _HALF_A_VOXEL / abs(normal[across])).astype(np.intp)
        for candidate in (lowest, lowest + 1):
            distance = beside + normal[across] * (candidate - plane.origin_ijk[across])
            on_plane = (distance >= -_HALF_A_VOXEL) & (distance < _HALF_A_VOXEL)
            on_plane &= (candidate >= 0) & (candidate < count[across])
            rows, columns = np.nonzero(on_plane)
            voxels = np.empty((len(rows), 3), np.intp)
            voxels[:, first_axis], voxels[:, second_axis] = firsts[rows, 0], seconds[columns]
            voxels[:, across] = candidate[rows, columns]
            yield voxels


def _reach(mask: Mask, plane: ObliquePlane, count_ijk: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """First and last index along i, j and k of voxels that may lie over or under a mask."""
    x0, y0, x1, y1 = mask.bounds_xyxy
    corners = np.array([plane.ijk_at(x, y) for x in (x0 - 0.5, x1 + 0.5) for y in (y0 - 0.5, y1 + 0.5)])
    # as far over the plane as half a voxel, along the direction in which pixels lie under voxels
    over = np.abs(plane.across_ijk) * _HALF_A_VOXEL / abs(float(plane.normal_ijk @ np.array(plane.across_ijk)))
    low = np.floor(corners.min(axis=0) - over).astype(int)
    high = np.ceil(corners.max(axis=0) + over).astype(int)
    return np.maximum(low, 0), np.minimum(high, np.array(count_ijk) - 1)


def _on_mask(mask: Mask, plane: ObliquePlane, voxels_ijk: np.ndarray) -> np.ndarray:
    """Those voxels that lie over or under a pixel of a mask."""
    pixels = np.floor(plane.place_of(voxels_ijk)[:, :2] + 0.5).astype(np.intp) - mask.origin_xy
    rows, columns = mask.pixels.shape
    x, y = pixels[:, 0], pixels[:, 1]
    within = np.flatnonzero((x >= 0) & (x < columns) & (y >= 0) & (y < rows))
    found: np.ndarray = voxels_ijk[within[mask.pixels[y[within], x[within]]]]
    return found


def _blocks(voxels_ijk: np.ndarray) -> Iterator[VoxelBlock]:
    """Voxels in blocks that are no longer than a brick along any axis."""
    if not len(voxels_ijk):
        return
    bricks = voxels_ijk // _BRICK
    order = np.lexsort(bricks.T)
    voxels, bricks = voxels_ijk[order], bricks[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(bricks, axis=0) != 0).any(axis=1)])
    for first, last in zip(starts, [*starts[1:], len(voxels)], strict=True):
        inside = voxels[first:last]
        yield _block(inside, Extent.between(inside.min(axis=0).tolist(), inside.max(axis=0).tolist()))


def _outermost_first(blocks: list[VoxelBlock]) -> list[VoxelBlock]:
    """The same blocks: a labelmap that was made larger for the first six need not be made larger again."""
    ends = (
        {
            choose(range(len(blocks)), key=lambda n: blocks[n].extent[end])
            for end, choose in enumerate((min, max, min, max, min, max))
        }
        if blocks
        else set()
    )
    return [*(blocks[n] for n in sorted(ends)), *(each for n, each in enumerate(blocks) if n not in ends)]


def _block(voxels_ijk: np.ndarray, extent: Extent) -> VoxelBlock:
    block = np.zeros(extent.shape_kji, bool)
    i, j, k = (voxels_ijk - extent.first_ijk).T
    block[k, j, i] = True
    return VoxelBlock(block, extent)
