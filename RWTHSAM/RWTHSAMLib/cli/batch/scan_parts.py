"""Slices of a scan, read as they are asked for; the scan that a process has opened last stays open."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from ...core.slices import ARRAY_AXIS, Axis, SliceKey
from ...core.voxel_size import checked_spacing
from ...volumes.lazy_volume import LazyVolume
from ...volumes.open import open_as_read


def opened(given: argparse.Namespace, facts: str, shape_kji: tuple[int, ...] | None = None) -> LazyVolume:
    """The scan of a step, with the voxel size that was given; its voxels are those that the command would read.

    Parameters
    ----------
    given : argparse.Namespace
    facts : str
        What tells the scan from what it was before it was changed.
    shape_kji : tuple of int, optional
        Of several levels the one of this shape.
    """
    size = getattr(given, "voxel_size", None)
    spacing = None if size is None else tuple(size)
    return _opened(given.volume, facts, spacing, shape_kji)


@lru_cache(maxsize=1)
def _opened(
    path: Path, facts: str, spacing_mm: tuple[float, ...] | None, shape_kji: tuple[int, ...] | None
) -> LazyVolume:
    volume = open_as_read(path, shape_kji)
    return volume if spacing_mm is None else volume.with_spacing(checked_spacing(spacing_mm))


def slices_of(volume: LazyVolume, axis: Axis, first: int, last: int) -> Iterator[tuple[SliceKey, np.ndarray]]:
    """Slices with their values, (rows, columns) or (rows, columns, channels), read together."""
    values = volume.slab(axis, first, last + 1)
    for index in range(first, last + 1):
        yield SliceKey(axis, index), SliceKey(axis, index - first).take(values)


def slices_of_chunk(volume: LazyVolume, axis: Axis) -> int:
    """How many slices lie in the same chunks, and are best read together."""
    has_chunks = volume.source is not None and volume.source.has_chunks
    return int(volume.array_kji.chunks[ARRAY_AXIS[axis]][0]) if has_chunks else 1
