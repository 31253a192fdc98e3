"""What a folder holds, and which of it is the scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import VolumeError
from ..memory import check_fits
from ..volume_data import VolumeData
from .dicom import read_dicom
from .dicom_slices import looks_like_dicom
from .kinds import DICOM, PICTURES, SCANS, SEGMENTATION, TIFF, has_ending, is_ome_zarr
from .picture import read_picture
from .slice_names import listed, ordered_slices, refuse_dead_links
from .tiff import read_tiff

ReadSlice = Callable[[Path], VolumeData]


@dataclass(frozen=True)
class _Held:
    """Files of a folder by what they are."""

    dicom: list[Path]
    tiff: list[Path]
    pictures: list[Path]
    scans: list[Path]


@dataclass(frozen=True)
class Slices:
    """Files that are a slice each, in no order yet; what reads one of them; and what is to be said of others."""

    paths: list[Path]
    read_one: ReadSlice
    beside: tuple[str, ...]


def read_folder(folder: Path) -> VolumeData:
    """Read the scan whose slices a folder holds: DICOM files, else TIFF files or pictures, whichever are more.

    Raises
    ------
    VolumeError
        If there is no scan, or more than one could be meant.
    """
    held = _look_into(folder)
    if held.dicom:
        beside = [*held.tiff, *held.pictures, *held.scans]
        return _noted(read_dicom(held.dicom, folder), _beside(beside, "the DICOM files"))
    slices = _slices_of(held, folder)
    return _noted(_read_slices(slices.paths, slices.read_one, folder.name), slices.beside)


def slices_in(folder: Path) -> Slices | None:
    """The slices that `read_folder` reads, not read yet; None where they are DICOM files."""
    held = _look_into(folder)
    return None if held.dicom else _slices_of(held, folder)


def _slices_of(held: _Held, folder: Path) -> Slices:
    if not held.tiff and not held.pictures:
        more = f" It holds {listed(held.scans)}: choose the file." if held.scans else ""
        raise VolumeError(
            f"Folder '{folder}' holds no TIFF, PNG or DICOM slices: choose the folder with the slices.{more}"
        )
    slices, others = (held.tiff, held.pictures) if len(held.tiff) >= len(held.pictures) else (held.pictures, held.tiff)
    if held.scans and len(slices) == 1:
        raise VolumeError(
            f"Folder '{folder}' holds {listed(held.scans)} beside {listed(slices)}: choose the file that is the scan."
        )
    read_one = read_tiff if slices is held.tiff else read_picture
    return Slices(slices, read_one, _beside([*others, *held.scans], "the slices"))


def only_scan_in(folder: Path) -> Path | None:
    """The only scan in a folder, where that is a file or store of its own without slices beside; a pair is one scan."""
    held = _look_into(folder)
    if held.dicom or held.tiff or held.pictures:
        return None
    names = {each.name.lower() for each in held.scans}
    heads = [each for each in held.scans if not _is_second_of_pair(each, names)]
    return heads[0] if len(heads) == 1 else None


def _is_second_of_pair(path: Path, names: set[str]) -> bool:
    name = path.name.lower().removesuffix(".gz")
    header = name.removesuffix(".img") + ".hdr"
    return name.endswith(".img") and (header in names or f"{header}.gz" in names)


def _look_into(folder: Path) -> _Held:
    refuse_dead_links(folder)
    seen = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
    stores = [each for each in seen if is_ome_zarr(each)]
    files = [each for each in seen if each.is_file() and each not in stores]
    tiff = [each for each in files if has_ending(each, TIFF)]
    pictures = [each for each in files if has_ending(each, PICTURES)]
    scans = [each for each in files if has_ending(each, SCANS) and not has_ending(each, SEGMENTATION)]
    known = {*tiff, *pictures, *scans}
    dicom = [each for each in files if each not in known and (has_ending(each, DICOM) or looks_like_dicom(each))]
    return _Held(dicom, tiff, pictures, [*scans, *stores])


def _read_slices(paths: Sequence[Path], read_one: ReadSlice, name: str) -> VolumeData:
    ordered, notes = ordered_slices(paths)
    first = read_one(ordered[0])
    if len(ordered) == 1:
        return first
    shape = (len(ordered), *first.array_kji.shape[1:])
    check_fits(int(np.prod(shape, dtype=object)) * first.array_kji.dtype.itemsize, ordered[0].parent)
    stack = np.empty(shape, first.array_kji.dtype)
    said = dict.fromkeys(notes)
    for index, path in enumerate(ordered):
        one = first if index == 0 else read_one(path)
        check_alike(SliceLayout.of(one), SliceLayout.of(first), path, ordered[0])
        said |= dict.fromkeys(one.notes)
        stack[index] = one.array_kji[0]
    return VolumeData(stack, first.ijk_to_ras, name, first.unit_known, tuple(said))


@dataclass(frozen=True)
class SliceLayout:
    """What the slices of a scan have in common.

    Attributes
    ----------
    shape : tuple of int
        (1, j, i) or (1, j, i, 3).
    dtype : numpy.dtype
    spacing_mm : tuple of float
        Along i, j and k.
    unit_known : bool
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    spacing_mm: tuple[float, float, float]
    unit_known: bool

    @classmethod
    def of(cls, data: VolumeData) -> SliceLayout:
        """That of a slice which was read."""
        return cls(data.array_kji.shape, data.array_kji.dtype, data.spacing_mm, data.unit_known)

    def __str__(self) -> str:
        colour = " RGB" if len(self.shape) == 4 else ""
        return f"{self.shape[2]} x {self.shape[1]} {self.dtype}{colour}"


def check_alike(one: SliceLayout, first: SliceLayout, path: Path, first_path: Path) -> None:
    """Raise `VolumeError` unless a file is one slice of the layout and pixel size of the first one."""
    if one.shape != (1, *first.shape[1:]) or one.dtype != first.dtype:
        raise VolumeError(
            f"'{path}' does not fit into a stack: expected one slice of {first} as in "
            f"'{first_path.name}', got {one.shape[0]} of {one}. "
            "Keep only the slices of one scan in the folder."
        )
    if one.unit_known != first.unit_known or not np.allclose(one.spacing_mm, first.spacing_mm, rtol=1e-3, atol=0):
        raise VolumeError(
            f"'{path}' does not fit into a stack: its pixels are of another size than those of '{first_path.name}'. "
            "Keep only the slices of one scan in the folder."
        )


def _beside(paths: Sequence[Path], chosen: str) -> tuple[str, ...]:
    return (f"Beside {chosen} the folder holds {listed(paths)}, which were not read.",) if paths else ()


def _noted(data: VolumeData, notes: tuple[str, ...]) -> VolumeData:
    return replace(data, notes=(*data.notes, *notes))
