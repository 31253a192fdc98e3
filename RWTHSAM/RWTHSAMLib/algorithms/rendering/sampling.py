"""From the voxels of a scan to fewer that are rendered: means of whole blocks, so that nothing thin is lost."""

from __future__ import annotations

import math

import numpy as np

from ...core.extent import Extent
from .tiles import Shape

FULL = 255
"""Coverage of a rendered voxel all of whose scan voxels belong to a segment."""


def factors_kji(
    shape_kji: Shape, spacing_mm_kji: tuple[float, float, float], most_voxels: int, longest_axis: int | None = None
) -> Shape:
    """How many scan voxels along k, j and i become one, so that at most `most_voxels` are rendered.

    No axis has more than `longest_axis` of them. The axis with the closest voxels is thinned out first; so rendered
    voxels tend towards cubes.
    """
    factors = [1 if longest_axis is None else -(-count // longest_axis) for count in shape_kji]
    while math.prod(rendered_shape_kji(shape_kji, (factors[0], factors[1], factors[2]))) > most_voxels:
        sizes = [
            factor * spacing if factor < count else math.inf
            for factor, spacing, count in zip(factors, spacing_mm_kji, shape_kji, strict=True)
        ]
        # equal spacings together, else a cube would become flat
        factors = [n + 1 if size <= 1.01 * min(sizes) else n for n, size in zip(factors, sizes, strict=True)]
    return factors[0], factors[1], factors[2]


def rendered_shape_kji(shape_kji: Shape, factors: Shape) -> Shape:
    """Number of rendered voxels; the last of each row may stand for fewer scan voxels."""
    k, j, i = (-(-count // factor) for count, factor in zip(shape_kji, factors, strict=True))
    return k, j, i


def scan_extent(box: Extent, factors: Shape, shape_kji: Shape) -> Extent:
    """The scan voxels that a box of rendered voxels stands for."""
    first = [each * factor for each, factor in zip(box.first_ijk, reversed(factors), strict=True)]
    last = [
        min((each + 1) * factor, count) - 1
        for each, factor, count in zip(box.last_ijk, reversed(factors), reversed(shape_kji), strict=True)
    ]
    return Extent.between(first, last)


def block_sums(values_kji: np.ndarray, factors: Shape) -> np.ndarray:
    """Sums over blocks of scan voxels; blocks at the far ends may be cut off.

    Parameters
    ----------
    values_kji : numpy.ndarray
        (k, j, i), beginning at a block's corner.
    factors : tuple of int
        Voxels of a block along k, j and i.
    """
    sums = values_kji
    for axis, factor in enumerate(factors):
        if factor > 1:
            sums = np.add.reduceat(sums, np.arange(0, sums.shape[axis], factor), axis=axis)
    return sums


def coverage(mask_kji: np.ndarray, factors: Shape) -> np.ndarray:
    """Which share of each block belongs to a segment: uint8, 0 to `FULL`."""
    if factors == (1, 1, 1):
        whole: np.ndarray = mask_kji.astype(np.uint8) * np.uint8(FULL)
        return whole
    sizes = block_sizes(mask_kji.shape, factors)
    inside = block_sums(mask_kji.astype(np.uint32), factors)
    share: np.ndarray = ((FULL * inside + sizes // 2) // sizes).astype(np.uint8)
    return share


def block_means(values_kji: np.ndarray, factors: Shape) -> np.ndarray:
    """Mean of each block, float32."""
    values = values_kji.astype(np.float32)
    return np.asarray(block_sums(values, factors) / block_sizes(values.shape, factors), np.float32)


def block_sizes(shape_kji: tuple[int, ...], factors: Shape) -> np.ndarray:
    """Number of scan voxels of each block, uint32, as `block_sums` cuts them."""
    counts = [
        np.minimum(factor, count - np.arange(0, count, factor))
        for count, factor in zip(shape_kji, factors, strict=True)
    ]
    return np.asarray(counts[0][:, None, None] * counts[1][None, :, None] * counts[2], np.uint32)
