"""Scans from disk, whatever they were saved as."""

from __future__ import annotations

from pathlib import Path

from ..errors import VolumeError
from .itk import dicom_series, read_dicom, read_itk, read_picture
from .tiff import read_slices, read_tiff
from .volume_data import VolumeData

__all__ = ["VolumeData", "read_volume"]

_TIFF = (".tif", ".tiff")
_PICTURES = (".png", ".jpg", ".jpeg", ".bmp")
_ITK = (".nii.gz", ".nrrd", ".nhdr", ".nii", ".mha", ".mhd")
_DICOM = (".dcm", ".dicom", ".ima")


def read_volume(path: str | Path) -> VolumeData:
    """Read a scan.

    Parameters
    ----------
    path : str or Path
        NRRD, NIfTI, MetaImage (.mha, .mhd), TIFF of one or many pages, a PNG, JPEG or BMP picture, a DICOM file, a
        folder of TIFF or PNG slices (ordered by the numbers in their names), or a folder of DICOM files.

    Returns
    -------
    VolumeData
        A 2D image is a volume of one slice. Of several DICOM series the one with most files is read, and said so.

    Raises
    ------
    VolumeError
        If there is no such file, it is empty, cut short or damaged, a segmentation, or not three-dimensional.
    DependencyMissing
        If SimpleITK or tifffile is needed and not installed.
    """
    path = Path(path)
    if not path.exists():
        raise VolumeError(f"There is no file or folder '{path}'.")
    try:
        return _read_folder(path) if path.is_dir() else _read_file(path)
    except MemoryError as error:
        raise VolumeError(f"'{path}' does not fit into memory: crop or shrink it, or use a larger machine.") from error
    except OSError as error:
        raise VolumeError(f"'{path}' could not be read: {error.strerror or error}.") from error


def _read_file(path: Path) -> VolumeData:
    name = path.name.lower()
    if path.stat().st_size == 0:
        raise VolumeError(f"'{path}' is empty.")
    if name.endswith(_TIFF):
        return read_tiff(path)
    if name.endswith(_PICTURES):
        return read_picture(path)
    if name.endswith(_DICOM):
        return _read_series_of(path)
    ending = next((each for each in _ITK if name.endswith(each)), "")
    try:
        return read_itk(path, path.name[: len(path.name) - len(ending)] or path.name)
    except VolumeError as error:
        if ending:
            raise
        known = ", ".join([*_ITK, *_TIFF, *_PICTURES, *_DICOM])
        raise VolumeError(f"{error} Expected one of {known}, or a folder of slices.") from error


def _read_series_of(path: Path) -> VolumeData:
    """The DICOM series that a file belongs to."""
    for files in dicom_series(path.parent):
        if len(files) > 1 and any(Path(each).name == path.name for each in files):
            return read_dicom(files, path, (f"The {len(files)} files of its series were read.",))
    return read_itk(path, path.stem)


def _read_folder(folder: Path) -> VolumeData:
    files = [each for each in folder.iterdir() if each.is_file() and not each.name.startswith(".")]
    for endings, read_one in ((_TIFF, read_tiff), (_PICTURES, read_picture)):
        slices = [each for each in files if each.name.lower().endswith(endings)]
        if slices:
            return read_slices(slices, read_one, folder.name)
    series = dicom_series(folder) if files else []
    if not series:
        raise VolumeError(f"Folder '{folder}' holds no TIFF, PNG or DICOM slices: choose the folder with the slices.")
    notes: tuple[str, ...] = ()
    if len(series) > 1:
        notes = (f"The folder holds {len(series)} DICOM series; the largest, of {len(series[0])} files, was read.",)
    return read_dicom(series[0], folder, notes)
