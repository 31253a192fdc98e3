"""Coarser levels of a volume: which there are, and how voxels become one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Shape = tuple[int, int, int]


def level_shapes(shape_kji: Shape, coarsest: int) -> tuple[Shape, ...]:
    """Shapes of all levels: each axis is halved until the longest has at most so many voxels.

    A voxel that is left over at an end belongs to no voxel of the next level; an axis of one voxel stays.
    """
    shapes = [shape_kji]
    while max(shapes[-1]) > coarsest:
        k, j, i = (max(1, count // 2) for count in shapes[-1])
        shapes.append((k, j, i))
    return tuple(shapes)


def steps_between(finer: Shape, coarser: Shape) -> tuple[int, int, int]:
    """How many voxels along each axis become one."""
    k, j, i = (2 if few < many else 1 for many, few in zip(finer, coarser, strict=True))
    return k, j, i


def mean_of(block: np.ndarray, axis: Sequence[int] | None = None) -> np.ndarray:
    """Mean over axes, by default all, in the same number type; whole numbers are rounded."""
    over = None if axis is None else tuple(axis)
    if block.dtype.kind == "f":
        return np.asarray(block.mean(axis=over, dtype=block.dtype))
    exact = np.float32 if block.dtype.itemsize <= 2 else np.float64
    return np.asarray(np.rint(block.mean(axis=over, dtype=exact)).astype(block.dtype))


def most_frequent_of(block: np.ndarray, axis: Sequence[int] | None = None) -> np.ndarray:
    """The value that occurs most often over axes, by default all; of several the first one."""
    axes = tuple(range(block.ndim)) if axis is None else tuple(each % block.ndim for each in axis)
    others = [each for each in range(block.ndim) if each not in axes]
    values = block.transpose([*others, *axes]).reshape([block.shape[each] for each in others] + [-1])
    counts = sum((values == values[..., each : each + 1]).astype(np.uint8) for each in range(values.shape[-1]))
    best = np.argmax(counts, axis=-1)[..., None]
    return np.asarray(np.take_along_axis(values, best, axis=-1)[..., 0])
