"""Voxels as blocks: a part of a volume, and where it lies."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .slices import Extent

Block = tuple[np.ndarray, Extent]
"""bool (k, j, i) of exactly the voxels of an extent, and that extent."""


def common_extent(extents: Iterable[Extent]) -> Extent | None:
    """The smallest extent that holds some others, or None without any."""
    every = np.array([*extents])
    if not len(every):
        return None
    low, high = every.min(axis=0), every.max(axis=0)
    return int(low[0]), int(high[1]), int(low[2]), int(high[3]), int(low[4]), int(high[5])


def assembled(blocks: Iterable[Block], extent: Extent) -> np.ndarray:
    """What of some blocks lies in an extent: bool (k, j, i)."""
    low, high = np.array(extent[::2]), np.array(extent[1::2])
    whole = np.zeros(tuple(high - low + 1)[::-1], bool)
    for voxels, own in blocks:
        own_low, own_high = np.array(own[::2]), np.array(own[1::2])
        first, last = np.maximum(low, own_low), np.minimum(high, own_high)
        if (first <= last).all():
            (i0, j0, k0), (i1, j1, k1) = first, last + 1
            (ai, aj, ak), (bi, bj, bk) = low, own_low
            part = voxels[k0 - bk : k1 - bk, j0 - bj : j1 - bj, i0 - bi : i1 - bi]
            whole[k0 - ak : k1 - ak, j0 - aj : j1 - aj, i0 - ai : i1 - ai] |= part
    return whole
