"""DICOM: one file, the series it belongs to, or a folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import VolumeError
from ..memory import check_fits
from ..volume_data import VolumeData
from ..voxel_values import grey_or_rgb, plain_numbers
from .dicom_grid import in_order, of_one_plane
from .dicom_slices import DicomSlice, check_one_scale, looks_like_dicom, slices_in, without_copies
from .kinds import DICOM, has_ending
from .sitk import last_line, quiet
from .slice_names import listed, refuse_dead_links


def read_dicom(files: Sequence[Path], path: Path) -> VolumeData:
    """Read the largest series among some files.

    Parameters
    ----------
    files : sequence of Path
    path : Path
        What the user chose, for messages and for the name.

    Raises
    ------
    VolumeError
        If one of the files is damaged, or the slices do not make a volume.
    DependencyMissing
        If pydicom or SimpleITK is not installed.
    """
    found = slices_in(files)
    if not found.slices:
        raise VolumeError(f"'{path}' holds no DICOM pictures.")
    series: dict[str, list[DicomSlice]] = defaultdict(list)
    for each in found.slices:
        series[each.series_uid].append(each)
    if len(series) > 1 and all(len(each) == 1 for each in series.values()):
        return _read_slices(
            found.slices, path, ("Each slice is a DICOM series of its own; all were read as one scan.",)
        )
    by_count: list[list[DicomSlice]] = sorted(series.values(), key=len, reverse=True)
    if len(by_count) == 1:
        return _read_slices(by_count[0], path, ())
    if len(by_count[0]) == len(by_count[1]):
        names = listed([each[0].path for each in by_count if len(each) == len(by_count[0])])
        raise VolumeError(
            f"'{path}' holds several DICOM series of {len(by_count[0])} slices each: choose one of {names} instead of "
            "the folder, and the series of that file is read."
        )
    note = f"The folder holds {len(series)} DICOM series; the largest, of {len(by_count[0])} files, was read."
    return _read_slices(by_count[0], path, (note,))


def read_series_of(path: Path) -> VolumeData:
    """Read the DICOM series that a file belongs to, its other files being in the same folder.

    Raises
    ------
    VolumeError
        If one of its files is damaged, or the slices do not make a volume.
    """
    refuse_dead_links(path.parent)
    own = slices_in([path]).slices
    if not own:
        raise VolumeError(f"'{path}' is a DICOM file without a picture.")
    others = [each for each in sorted(path.parent.iterdir()) if each != path and each.is_file() and _is_dicom(each)]
    slices = [*own, *(each for each in slices_in(others).slices if each.series_uid == own[0].series_uid)]
    count = len({each.path for each in slices})
    return _read_slices(slices, path, (f"The {count} files of its series were read.",) if count > 1 else ())


def _is_dicom(path: Path) -> bool:
    return path.stat().st_size > 0 and (has_ending(path, DICOM) or looks_like_dicom(path))


def _read_slices(slices: Sequence[DicomSlice], path: Path, notes: tuple[str, ...]) -> VolumeData:
    whole, about_copies = without_copies(slices)
    kept, about_others = of_one_plane(whole)
    try:
        along, ijk_to_ras, unit_known, about_places = in_order(kept, path)
    except VolumeError as error:
        # what was left out may be what is missing
        raise VolumeError(" ".join((str(error), *about_others))) from error
    array, about_values = _voxels(along)
    notes = (*notes, *about_copies, *about_others, *about_places, *about_values)
    return VolumeData(array, ijk_to_ras, path.stem, unit_known, notes)


def _voxels(along: Sequence[DicomSlice]) -> tuple[np.ndarray, tuple[str, ...]]:
    notes: dict[str, None] = {}
    scales = sorted({each.scale[0] for each in along})
    stack = np.empty(0)
    frames: dict[Path, np.ndarray] = {}
    for index, each in enumerate(along):
        if each.path not in frames:
            frames = {each.path: _frames_of(each, along, notes)}
        values = frames[each.path][each.frame]
        if index == 0:
            check_fits(values.nbytes * len(along), each.path)
            stack = np.empty((len(along), *values.shape), values.dtype)
        elif (wider := np.promote_types(stack.dtype, values.dtype)) != stack.dtype:
            # slices are scaled each for itself: none is cut to what another one needs
            stack = stack.astype(wider)
        stack[index] = values
    if len(scales) > 1:
        notes[f"The grey values of the slices are scaled differently (slopes {scales[0]:g} to {scales[-1]:g})."] = None
    if along[0].is_inverted:
        notes["The file shows low values bright (MONOCHROME1); its grey values were inverted."] = None
    return stack, tuple(notes)


def _frames_of(one: DicomSlice, along: Sequence[DicomSlice], notes: dict[str, None]) -> np.ndarray:
    """All pictures of a file: (frames, rows, columns) or (frames, rows, columns, 3)."""
    check_one_scale([each for each in along if each.path == one.path])
    try:
        with quiet() as sitk:
            image = sitk.ReadImage(str(one.path))
            array = sitk.GetArrayFromImage(image)
    except RuntimeError as error:
        raise VolumeError(
            f"'{one.path}' could not be read, it is damaged or packed in a way that is not known: {last_line(error)}"
        ) from error
    components = image.GetNumberOfComponentsPerPixel()
    try:
        array, said = grey_or_rgb(array, has_components=components > 1)
        array = plain_numbers(array)
    except VolumeError as error:
        raise VolumeError(f"'{one.path}' {error}") from error
    notes.update(dict.fromkeys(said))
    return array[None] if image.GetDimension() == 2 else array
