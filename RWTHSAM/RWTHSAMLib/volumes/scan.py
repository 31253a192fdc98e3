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
from .lazy.stored_slices import StoredSlices
from .lazy_volume import LazyVolume, block_bytes
from .memory import size_text, usable_bytes
from .open import open_in_parts
from .plain_copy import plain_copy
from .read import read_volume
from .slices_on_disk import SlicesOnDisk
from .volume_data import VolumeData

Scan = VolumeData | LazyVolume

TIMES_HELD = 4
"""Work in memory takes about so many times the scan: it, MRML's copy, labels, and what is computed of them."""


@contextmanager
def opened_scan(path: Path, shape_kji: Sequence[int] | None = None, times_held: int = TIMES_HELD) -> Iterator[Scan]:
    """A scan, in memory if that has room for the work on it; else none of its voxels are read yet.

    Parameters
    ----------
    path, shape_kji
        As of `read_volume`.
    times_held : int
        How many times the scan memory must have room for.

    Raises
    ------
    VolumeError, DependencyMissing
        As `read_volume` does.
    """
    with opened_lazily(path, shape_kji) as volume:
        if volume is not None and is_too_large(volume.byte_count, times_held):
            yield volume
            return
    yield read_volume(path, shape_kji)


@contextmanager
def opened_lazily(path: Path, shape_kji: Sequence[int] | None = None) -> Iterator[LazyVolume | None]:
    """A scan, none of its voxels read; None where it cannot be read in parts, or dask is not installed."""
    if importlib.util.find_spec("dask") is None:
        yield None
        return
    volume = open_in_parts(Path(path), shape_kji)
    if volume is None:
        yield None
        return
    with volume:
        yield volume


def is_scan_too_large(path: Path, shape_kji: Sequence[int] | None = None) -> bool:
    """Whether `opened_scan` would leave a scan on its disk."""
    with opened_lazily(path, shape_kji) as volume:
        return volume is not None and is_too_large(volume.byte_count)


def slab_of(scan: Scan, first: int, stop: int) -> np.ndarray:
    """Slices along k from `first` up to and without `stop`: (k, j, i) or (k, j, i, 3)."""
    return scan.slab("k", first, stop) if isinstance(scan, LazyVolume) else scan.array_kji[first:stop]


@contextmanager
def unpacked(scan: Scan, folder: Path) -> Iterator[Scan]:
    """The same scan for work that goes back and forth in it: of a packed file there is a plain copy meanwhile.

    A packed file is read from its beginning again for each step back.

    Parameters
    ----------
    scan : Scan
    folder : Path
        Where the copy goes; made if it is not there.

    Raises
    ------
    InputError
        If there is no room for the copy.
    """
    if isinstance(scan, LazyVolume) and isinstance(scan.source, StoredSlices) and scan.source.is_packed:
        with plain_copy(scan, folder) as copy:
            yield copy
    else:
        yield scan


def is_too_large(byte_count: int, times_held: int = TIMES_HELD) -> bool:
    """Whether work in memory on so many bytes of voxels takes more memory than there is."""
    usable = usable_bytes()
    return usable is not None and byte_count * times_held > usable


def in_memory(scan: Scan, path: Path, what: str) -> VolumeData:
    """The scan, for work that needs all of it.

    Parameters
    ----------
    scan : Scan
    path : Path
        Of the scan, for the message.
    what : str
        The work, for the message.

    Raises
    ------
    VolumeError
        If memory has no room for that work.
    """
    if isinstance(scan, LazyVolume):
        raise too_large(what, path, scan.byte_count)
    return scan


def too_large(what: str, path: Path, byte_count: int) -> VolumeError:
    """What is said of work that takes so many bytes of voxels in memory, where they do not fit."""
    return VolumeError(
        f"{what} needs all of '{path}' in memory, about {size_text(byte_count * TIMES_HELD)}, but there are "
        f"{size_text(usable_bytes() or 0)}: work on a coarser level (rwthsam convert SCAN OUT.ome.zarr, then "
        "OUT.ome.zarr/1), or on a larger computer."
    )


def voxels_of(scan: Scan) -> Voxels:
    """The voxels (k, j, i) or (k, j, i, 3), to take slices of."""
    return SlicesOnDisk(scan, block_bytes()) if isinstance(scan, LazyVolume) else scan.array_kji


def proposed_window(scan: Scan) -> Window:
    """See `propose_window`; a scan on disk is read once, some slices at a time."""
    if not isinstance(scan, LazyVolume):
        return propose_window(scan.array_kji)
    return propose_window_of_blocks((block for _, block in scan.blocks()), math.prod(scan.array_kji.shape))
