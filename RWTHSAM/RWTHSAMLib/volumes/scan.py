"""Scans as commands work on them: in memory where it has room for the work, else read from the disk bit by bit."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..core.slices import Voxels
from ..core.window import Window, propose_window, propose_window_of_blocks
from ..errors import VolumeError
from .lazy.slices_on_disk import SlicesOnDisk
from .lazy_volume import LazyVolume, block_bytes
from .memory import size_text, usable_bytes
from .open import open_as_read
from .read import read_volume
from .volume_data import VolumeData

Scan = VolumeData | LazyVolume

TIMES_HELD = 4
"""Work in memory takes about so many times the scan: it, MRML's copy, labels, and what is computed of them."""


@contextmanager
def opened_scan(path: Path, shape_kji: Sequence[int] | None = None) -> Iterator[Scan]:
    """A scan, in memory if that has room for the work on it; else none of its voxels are read yet.

    Parameters
    ----------
    path, shape_kji
        As of `read_volume`.

    Raises
    ------
    VolumeError, DependencyMissing
        As `read_volume` does.
    """
    if importlib.util.find_spec("dask") is None:
        yield read_volume(path, shape_kji)
        return
    with open_as_read(path, shape_kji) as volume:
        if volume.source is not None and is_too_large(volume.byte_count):
            yield volume
            return
    yield read_volume(path, shape_kji)


def is_too_large(byte_count: int) -> bool:
    """Whether work in memory on so many bytes of voxels takes more memory than there is."""
    usable = usable_bytes()
    return usable is not None and byte_count * TIMES_HELD > usable


def check_work_fits(scan: Scan, path: Path, what: str) -> None:
    """Raise `VolumeError` where work that needs the whole scan takes more memory than there is.

    Parameters
    ----------
    scan : Scan
    path : Path
        Of the scan, for the message.
    what : str
        The work, for the message.
    """
    if isinstance(scan, LazyVolume):
        needed = size_text(scan.byte_count * TIMES_HELD)
        raise VolumeError(
            f"{what} needs all of '{path}' in memory, about {needed}, but there are {size_text(usable_bytes() or 0)}: "
            "work on a coarser level (rwthsam convert SCAN OUT.ome.zarr, then OUT.ome.zarr/1), or on a larger computer."
        )


def voxels_of(scan: Scan) -> Voxels:
    """The voxels (k, j, i) or (k, j, i, 3), to take slices of."""
    return SlicesOnDisk(scan, block_bytes()) if isinstance(scan, LazyVolume) else scan.array_kji


def proposed_window(scan: Scan) -> Window:
    """See `propose_window`; a scan on disk is read once, some slices at a time."""
    if not isinstance(scan, LazyVolume):
        return propose_window(scan.array_kji)
    return propose_window_of_blocks((block for _, block in scan.blocks()), math.prod(scan.array_kji.shape))


def dtype_of(scan: Scan) -> np.dtype:
    """Of one value of a voxel."""
    return np.dtype(scan.array_kji.dtype)
