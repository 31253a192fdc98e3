"""What the headers of DICOM files say of their slices."""

from __future__ import annotations

import logging
import mmap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.system.optional_package import optional_package
from ...errors import DependencyMissing, VolumeError
from .kinds import DICOM, has_ending
from .slice_names import listed

if TYPE_CHECKING:
    from pydicom import Dataset

_PIXEL_DATA = 0x7FE00010
_UNDEFINED_LENGTH = 0xFFFFFFFF
_SEQUENCE_DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"
_DIRECTORY = "1.2.840.10008.1.3.10"


@dataclass(frozen=True, eq=False)
class DicomSlice:
    """One picture: a file, or a frame of one.

    Attributes
    ----------
    path : Path
    frame : int
        Which of the pictures of the file.
    series_uid, picture_uid : str
    shape_yx : tuple of int
    samples : int
        Values a pixel.
    position_mm : tuple of float, optional
        Of the first pixel in the patient's world (LPS).
    axes : tuple of float, optional
        Directions of a row, then of a column: six numbers.
    spacing_mm_yx : tuple of float, optional
        Distance of rows, then of columns.
    between_mm, thickness_mm : float, optional
        Distance of slices and their thickness, as the file states them.
    number : int, optional
        Among the pictures of the series.
    is_localizer : bool
    is_inverted : bool
        Whether low values are meant to be bright (MONOCHROME1).
    scale : tuple of float
        Slope and intercept of the grey values.
    about_spacing : str
        What was assumed about the size of a pixel.
    """

    path: Path
    frame: int
    series_uid: str
    picture_uid: str
    shape_yx: tuple[int, int]
    samples: int
    position_mm: tuple[float, ...] | None
    axes: tuple[float, ...] | None
    spacing_mm_yx: tuple[float, ...] | None
    between_mm: float | None
    thickness_mm: float | None
    number: int | None
    is_localizer: bool
    is_inverted: bool
    scale: tuple[float, float]
    about_spacing: str = ""

    @property
    def layout(self) -> tuple[object, ...]:
        """Equal for slices that can be stacked: size, kind, plane and pixel size."""
        axes = None if self.axes is None else tuple(np.round(self.axes, 3) + 0.0)
        spacing = None if self.spacing_mm_yx is None else tuple(float(f"{each:.4g}") for each in self.spacing_mm_yx)
        return self.shape_yx, self.samples, axes, spacing, self.position_mm is None


@dataclass
class FoundSlices:
    """The pictures in some files, and the files without any."""

    slices: list[DicomSlice] = field(default_factory=list)
    without_picture: list[Path] = field(default_factory=list)


def looks_like_dicom(path: Path) -> bool:
    """Whether a file begins as DICOM files do."""
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def slices_in(paths: Iterable[Path]) -> FoundSlices:
    """Read the headers of some files.

    Raises
    ------
    VolumeError
        If one of them is damaged or cut short.
    DependencyMissing
        If pydicom is not installed.
    """
    found = FoundSlices()
    for path in paths:
        slices = _slices_of(path)
        found.slices += slices
        if not slices:
            found.without_picture.append(path)
    return found


def check_one_scale(slices: Sequence[DicomSlice]) -> None:
    """Raise `VolumeError` where frames of one file have scales of their own, which nothing here applies."""
    if len({each.scale for each in slices}) > 1:
        raise VolumeError(
            f"'{slices[0].path}' scales the grey values of its frames differently, which cannot be read: "
            "export one file for each slice."
        )


def pydicom() -> ModuleType:
    """The package; raises `DependencyMissing` if it is not installed."""
    return optional_package("pydicom", "DICOM files")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without pydicom's own lines: what matters of them is said in our own words."""
    logger = logging.getLogger("pydicom")
    before = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = before


def _slices_of(path: Path) -> list[DicomSlice]:
    with _quiet():
        try:
            dataset = pydicom().dcmread(path, defer_size="1 KB", force=has_ending(path, DICOM))
            return _described(dataset, path)
        except (VolumeError, DependencyMissing, PermissionError):
            raise
        except Exception as error:  # damage shows in many ways: InvalidDicomError, EOFError, struct.error, ValueError
            raise _damaged(path, str(error) or type(error).__name__) from error


def _described(dataset: Dataset, path: Path) -> list[DicomSlice]:
    meta = getattr(dataset, "file_meta", None)
    if str(getattr(meta, "MediaStorageSOPClassUID", "")) == _DIRECTORY:
        return []
    if "Rows" not in dataset or "Columns" not in dataset:
        # structures, reports and the like are whole without a picture; of what is cut short not even the series is left
        if "SOPClassUID" in dataset and "SeriesInstanceUID" in dataset:
            return []
        raise _damaged(path, "it holds no picture and no series")
    lacking = [name for name in ("Rows", "Columns", "BitsAllocated") if not dataset.get(name)]
    if lacking:
        raise _damaged(path, f"it does not say {', '.join(lacking)}")
    frames = int(dataset.get("NumberOfFrames") or 1)
    _check_whole(dataset, path, frames)
    return [_slice_of(dataset, path, frame, frames) for frame in range(frames)]


def _check_whole(dataset: Dataset, path: Path, frames: int) -> None:
    if _PIXEL_DATA not in dataset:
        raise _damaged(path, "its picture is missing")
    pixels = dataset.get_item(_PIXEL_DATA)
    length = getattr(pixels, "length", None)
    if length is None:
        length = len(pixels.value or b"")
    packing = getattr(dataset.file_meta, "TransferSyntaxUID", None)
    if length == _UNDEFINED_LENGTH or (packing is not None and packing.is_encapsulated):
        if not _has_delimiter(path):
            raise _damaged(path, "its compressed picture has no end")
        return
    bits = dataset.BitsAllocated * dataset.Rows * dataset.Columns * int(dataset.get("SamplesPerPixel") or 1) * frames
    expected = (bits + 7) // 8
    start = None if packing is not None and packing.is_deflated else getattr(pixels, "value_tell", None)
    held = length if start is None else min(length, path.stat().st_size - start)
    if held < expected:
        raise _damaged(path, f"expected {expected:,} bytes of pixels, found {max(0, held):,}")


def _has_delimiter(path: Path) -> bool:
    """Whether the items of a compressed picture are followed by the mark of their end."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.rfind(_SEQUENCE_DELIMITER) >= 0


def _slice_of(dataset: Dataset, path: Path, frame: int, frames: int) -> DicomSlice:
    def found(keyword: str, group: str = "") -> Any:
        return _of_frame(dataset, keyword, group, frame)

    spacing, about_spacing = _pixel_spacing(dataset, found)
    uid = str(dataset.get("SOPInstanceUID", path.name))
    number = _number(dataset.get("InstanceNumber")) if frames == 1 else float(frame)
    return DicomSlice(
        path,
        frame,
        str(dataset.get("SeriesInstanceUID", "")),
        uid if frames == 1 else f"{uid} {frame}",
        (int(dataset.Rows), int(dataset.Columns)),
        int(dataset.get("SamplesPerPixel") or 1),
        _numbers(path, found("ImagePositionPatient", "PlanePositionSequence"), 3),
        _numbers(path, found("ImageOrientationPatient", "PlaneOrientationSequence"), 6),
        spacing if spacing is None else _numbers(path, spacing, 2),
        _number(found("SpacingBetweenSlices", "PixelMeasuresSequence")),
        _number(found("SliceThickness", "PixelMeasuresSequence")),
        None if number is None else int(number),
        "LOCALIZER" in [str(each).upper() for each in dataset.get("ImageType", [])],
        str(dataset.get("PhotometricInterpretation", "")) == "MONOCHROME1",
        _scale(path, found),
        about_spacing,
    )


def _of_frame(dataset: Dataset, keyword: str, group: str, frame: int) -> Any:
    """A value of one frame: its own, else what all frames share, else the file's."""
    if group:
        per_frame = dataset.get("PerFrameFunctionalGroupsSequence")
        shared = dataset.get("SharedFunctionalGroupsSequence")
        for groups in (per_frame[frame : frame + 1] if per_frame else [], shared or []):
            for each in groups:
                inner = each.get(group)
                if inner and keyword in inner[0]:
                    return inner[0].get(keyword)
    return dataset.get(keyword)


def _pixel_spacing(dataset: Dataset, found: Any) -> tuple[Any, str]:
    spacing = found("PixelSpacing", "PixelMeasuresSequence")
    if spacing:
        return spacing, ""
    for keyword in ("ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        if stated := dataset.get(keyword):
            return stated, f"The size of a pixel is that at the detector ({keyword}); the file gives no other."
    return None, ""


def _scale(path: Path, found: Any) -> tuple[float, float]:
    group = "PixelValueTransformationSequence"
    slope, intercept = (_number(found(keyword, group)) for keyword in ("RescaleSlope", "RescaleIntercept"))
    scale = 1.0 if slope is None else slope, 0.0 if intercept is None else intercept
    if not np.isfinite(scale).all():
        raise VolumeError(f"'{path}' scales its grey values by {scale[0]:g} and {scale[1]:g}, expected numbers.")
    return scale


def _numbers(path: Path, values: Any, count: int) -> tuple[float, ...] | None:
    if not values:
        return None
    numbers = tuple(float(each) for each in np.atleast_1d(values))
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise _damaged(path, f"expected {count} numbers of its place or pixel size, got {numbers}")
    return numbers


def _number(value: Any) -> float | None:
    return None if value is None or value == "" else float(value)


def _damaged(path: Path, why: str) -> VolumeError:
    return VolumeError(f"'{path}' could not be read as DICOM, it is damaged or cut short: {why}.")


def without_copies(slices: Sequence[DicomSlice]) -> tuple[list[DicomSlice], tuple[str, ...]]:
    """Each picture once: copies of a file have its unique number."""
    kept: dict[str, DicomSlice] = {}
    copies = []
    for each in slices:
        if each.picture_uid in kept and kept[each.picture_uid].path != each.path:
            copies.append(each.path)
        else:
            kept[each.picture_uid] = each
    notes = (f"Copies of slices were left out: {listed(copies)}.",) if copies else ()
    return list(kept.values()), notes
