"""NRRD, NIfTI, MetaImage, PNG and DICOM through SimpleITK."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DependencyMissing, VolumeError
from .volume_data import LPS_TO_RAS, VolumeData, upright_grid

if TYPE_CHECKING:
    import SimpleITK

_HEADER_BYTES = 1 << 16
_STATES_SPACING = re.compile(rb"^(spacings|space directions|ElementSpacing|ElementSize)\s*[:=]", re.MULTILINE)
_SEGMENT_KEY = "Segment0_ID"
_NIFTI_SPACE_UNITS = 0x07


def read_itk(path: Path, name: str) -> VolumeData:
    """Read a file that carries its own geometry: NRRD, NIfTI, MetaImage, one DICOM file.

    Raises
    ------
    VolumeError
        If the file is damaged, a segmentation, or has more than three dimensions.
    DependencyMissing
        If SimpleITK is not installed.
    """
    reader = _sitk().ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        _refuse_segmentation(reader, path)
        image = _three_dimensional(reader, path)
        if path.suffix == ".gz":
            _check_gzip(path, image.GetNumberOfPixels() * image.GetNumberOfComponentsPerPixel())
    except (RuntimeError, EOFError, OSError, zlib.error) as error:
        raise _unreadable(path, error) from error
    return _volume_of(image, path, name, _unit_known(reader, path))


def read_picture(path: Path) -> VolumeData:
    """Read a PNG, JPEG or BMP picture as a volume of one slice; the unit is unknown, whatever its resolution says."""
    try:
        image = _sitk().ReadImage(str(path))
    except RuntimeError as error:
        raise _unreadable(path, error) from error
    array = _array_kji(image, path)
    return VolumeData(array, upright_grid((1, 1, 1)), path.stem, False)


def dicom_series(folder: Path) -> list[tuple[str, ...]]:
    """Files of every DICOM series in a folder, the series with most files first."""
    reader = _sitk().ImageSeriesReader
    series = [tuple(reader.GetGDCMSeriesFileNames(str(folder), uid)) for uid in reader.GetGDCMSeriesIDs(str(folder))]
    return sorted(series, key=len, reverse=True)


def read_dicom(files: Sequence[str], path: Path, notes: tuple[str, ...] = ()) -> VolumeData:
    """Read the files of one DICOM series, in the order of their positions.

    Raises
    ------
    VolumeError
        If they do not make a volume.
    """
    reader = _sitk().ImageSeriesReader()
    reader.SetFileNames(list(files))
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise _unreadable(path, error) from error
    data = _volume_of(image, path, path.stem, True)
    return VolumeData(data.array_kji, data.ijk_to_ras, data.name, True, notes)


def _three_dimensional(reader: SimpleITK.ImageFileReader, path: Path) -> SimpleITK.Image:
    size = list(reader.GetSize())
    if any(count > 1 for count in size[3:]):
        raise VolumeError(
            f"'{path}' has {len(size)} dimensions {tuple(size)}, expected three: "
            "export one point in time or one channel."
        )
    if len(size) > 3:
        reader.SetExtractSize([*size[:3], *[0] * (len(size) - 3)])
    image: SimpleITK.Image = reader.Execute()
    return image


def _volume_of(image: SimpleITK.Image, path: Path, name: str, unit_known: bool) -> VolumeData:
    dimension = image.GetDimension()
    ijk_to_lps = np.eye(4)
    direction = np.array(image.GetDirection()).reshape(dimension, dimension)
    ijk_to_lps[:dimension, :dimension] = direction * np.array(image.GetSpacing())
    ijk_to_lps[:dimension, 3] = image.GetOrigin()
    return VolumeData(_array_kji(image, path), LPS_TO_RAS @ ijk_to_lps, name, unit_known)


def _array_kji(image: SimpleITK.Image, path: Path) -> np.ndarray:
    array = _sitk().GetArrayFromImage(image)
    if image.GetDimension() == 2:
        array = array[None]
    components = image.GetNumberOfComponentsPerPixel()
    if components == 1:
        return np.asarray(array)
    if components not in (2, 3, 4):
        raise VolumeError(f"'{path}' has {components} values per voxel, expected grey or RGB: export one component.")
    return np.ascontiguousarray(array[..., 0] if components == 2 else array[..., :3])


def _refuse_segmentation(reader: SimpleITK.ImageFileReader, path: Path) -> None:
    if path.name.lower().endswith(".seg.nrrd") or _SEGMENT_KEY in reader.GetMetaDataKeys():
        raise VolumeError(f"'{path}' is a segmentation, not a scan: choose the scan that it was made on.")


def _check_gzip(path: Path, values: int) -> None:
    """Raise an error if a compressed file ends early: ITK fills what is missing with zeros and says nothing."""
    with path.open("rb") as file:
        file.seek(-4, os.SEEK_END)
        stated = int.from_bytes(file.read(4), "little")
    # the last four bytes tell the size; only where that cannot be right the whole file is looked through
    if values <= stated <= 16 * values + _HEADER_BYTES:
        return
    with gzip.open(path) as unpacked:
        while unpacked.read(1 << 22):
            pass


def _unit_known(reader: SimpleITK.ImageFileReader, path: Path) -> bool:
    if "xyzt_units" in reader.GetMetaDataKeys():
        return int(reader.GetMetaData("xyzt_units")) & _NIFTI_SPACE_UNITS != 0
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    text_header = start.startswith(b"NRRD") or b"NDims" in start[:1000] or b"ObjectType" in start[:1000]
    return _STATES_SPACING.search(start) is not None if text_header else True


def _unreadable(path: Path, error: Exception) -> VolumeError:
    # ITK's own sentence is the last line, after source files and addresses
    reason = str(error).strip().splitlines()[-1].strip()
    return VolumeError(f"'{path}' could not be read, it is damaged, cut short or of an unknown kind: {reason}")


def _sitk() -> ModuleType:
    try:
        import SimpleITK
    except ImportError as error:
        raise DependencyMissing("Reading this file needs SimpleITK: pip install SimpleITK") from error
    return SimpleITK
