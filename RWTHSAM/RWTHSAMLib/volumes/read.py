"""Scans from disk, whatever they were saved as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..core.system.file_name import check_name
from ..errors import VolumeError
from .formats.dicom import read_series_of
from .formats.folder import only_scan_in, read_folder
from .formats.kinds import (
    ALL,
    DICOM,
    METAIMAGE,
    NIFTI,
    NRRD,
    PICTURES,
    SEGMENTATION,
    TIFF,
    has_ending,
    is_ome_zarr,
    kind_of,
)
from .formats.kinds import name_without_ending as _name_of
from .formats.metaimage import read_metaimage
from .formats.nifti import read_nifti
from .formats.nrrd import read_nrrd
from .formats.nrrd_header import read_header
from .formats.picture import read_picture
from .formats.tiff import read_tiff
from .ome_zarr.read import read_ome_zarr
from .volume_data import VolumeData
from .voxel_values import unusual_values

__all__ = ["VolumeData", "read_volume"]

_SEGMENT_KEY = "Segment0_ID"


def read_volume(path: str | Path, shape_kji: Sequence[int] | None = None) -> VolumeData:
    """Read a scan.

    Parameters
    ----------
    path : str or Path
        NRRD, NIfTI, MetaImage (.mha, .mhd), TIFF of one or many pages, a PNG, JPEG or BMP picture, a DICOM file, a
        folder of TIFF or PNG slices (ordered by the numbers in their names), of DICOM files, or of one scan; OME-Zarr,
        the finest level that leaves the computer memory to work.
    shape_kji : sequence of int, optional
        Of what was worked on before: of several levels the one of this shape is read, if there is one.

    Returns
    -------
    VolumeData
        A 2D image is a volume of one slice. What was assumed, left out or found odd is in its notes.

    Raises
    ------
    InputError
        If its name is no text.
    VolumeError
        If there is no such file, it is empty, cut short or damaged, a segmentation, ambiguous, or not
        three-dimensional.
    DependencyMissing
        If a package that the kind of file needs is not installed.
    """
    path = Path(path)
    check_name(path)
    with told_of(path):
        data = _read(path, shape_kji)
    return replace(data, notes=(*data.notes, *unusual_values(data.array_kji)))


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Say of which file it is that the system refuses something."""
    try:
        if not path.exists():
            raise VolumeError(f"There is no file or folder '{path}'.")
        yield
    except MemoryError as error:
        raise VolumeError(f"'{path}' does not fit into memory: crop or shrink it, or use a larger machine.") from error
    except OSError as error:
        raise VolumeError(f"'{path}' could not be read: {error.strerror or error}.") from error


def check_file(path: Path) -> None:
    """Raise `VolumeError` unless it is a file that holds something."""
    if not path.is_file():
        raise VolumeError(f"'{path}' is neither a file nor a folder.")
    if path.stat().st_size == 0:
        raise VolumeError(f"'{path}' is empty.")


def _read(path: Path, shape_kji: Sequence[int] | None) -> VolumeData:
    if is_ome_zarr(path):
        return read_ome_zarr(path, shape_kji)
    if not path.is_dir():
        return _read_file(path)
    only = only_scan_in(path)
    return read_folder(path) if only is None else _read(only, shape_kji)


def _read_file(path: Path) -> VolumeData:
    check_file(path)
    kind = kind_of(path)
    if kind == NRRD:
        refuse_segmentation(path)
        return read_nrrd(path, _name_of(path))
    if kind == NIFTI:
        return read_nifti(path, _name_of(path))
    if kind == METAIMAGE:
        return read_metaimage(path, _name_of(path))
    if kind == TIFF:
        return read_tiff(path)
    if kind == PICTURES:
        return read_picture(path)
    if kind == DICOM:
        return read_series_of(path)
    known = ", ".join(ALL)
    raise VolumeError(f"'{path}' is of an unknown kind. Expected one of {known}, or a folder of slices.")


def refuse_segmentation(path: Path) -> None:
    """Raise `VolumeError` for a NRRD file that is one."""
    if has_ending(path, SEGMENTATION) or _SEGMENT_KEY in read_header(path).keys:
        raise VolumeError(f"'{path}' is a segmentation, not a scan: choose the scan that it was made on.")
