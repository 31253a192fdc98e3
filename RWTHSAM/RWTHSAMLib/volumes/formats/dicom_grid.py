"""Where the slices of a DICOM series lie: their order, their distance, and what is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...core.voxel_grid import LPS_TO_RAS
from ...errors import VolumeError
from ..volume_data import check_upright
from .dicom_slices import DicomSlice
from .slice_names import listed

# shares of the distance between slices; choices: positions in files are rounded to about 1e-3 of it, a wrong slice is
# off by a whole one
_SAME_PLACE = 0.01
_EVEN = 0.01
_NEARLY_EVEN = 0.2
_GAP = 1.5
_MOST_TILT = 1e-3


def of_one_plane(slices: Sequence[DicomSlice]) -> tuple[list[DicomSlice], tuple[str, ...]]:
    """Those slices that can be stacked: overview pictures and slices of another plane or size are left out, and named.

    Raises
    ------
    VolumeError
        If there are as many of one kind as of another.
    """
    kept = [each for each in slices if not each.is_localizer] or list(slices)
    groups: dict[object, list[DicomSlice]] = defaultdict(list)
    for each in kept:
        groups[each.layout].append(each)
    by_count = sorted(groups.values(), key=len, reverse=True)
    if len(by_count) > 1 and len(by_count[0]) == len(by_count[1]):
        raise VolumeError(
            f"The series holds slices of different planes or sizes: {listed([each[0].path for each in by_count])}. "
            "Keep only those of one scan in the folder."
        )
    chosen = {id(each) for each in by_count[0]}
    others = list(dict.fromkeys(each.path for each in slices if id(each) not in chosen))
    note = f"Left out as overview pictures or slices of another plane, size or pixel size: {listed(others)}."
    return by_count[0], (note,) if others else ()


def in_order(slices: Sequence[DicomSlice], path: Path) -> tuple[list[DicomSlice], np.ndarray, bool, tuple[str, ...]]:
    """The slices along their normal, ijk_to_ras, whether the voxel size is known, and what is to be said.

    Raises
    ------
    VolumeError
        If slices are missing, lie at the same place, at uneven distances, or were taken with a tilted gantry.
    """
    if slices[0].position_mm is None or slices[0].axes is None:
        return _by_number(slices, path)
    row, column = _directions(slices[0], path)
    normal = np.cross(row, column)
    if _is_one_stack_at_one_place(slices):
        return _by_stated_distance(slices, (row, column, normal), path)
    along = sorted(slices, key=lambda each: float(np.dot(each.position_mm or (), normal)))
    places = np.array([each.position_mm for each in along])
    notes: tuple[str, ...] = ()
    if len(along) > 1:
        _check_distances(along, places @ normal)
        step = (places[-1] - places[0]) / (len(along) - 1)
        _check_tilt(step, normal, path)
        notes = (*_about_evenness(along, places, step), *_about_stated_distance(along, step))
    else:
        thickness, notes = _thickness(slices[0])
        step = normal * thickness
    spacing, known, said = _pixel_size(slices[0])
    return along, _grid(row * spacing[1], column * spacing[0], step, places[0], path), known, (*said, *notes)


def _is_one_stack_at_one_place(slices: Sequence[DicomSlice]) -> bool:
    """Whether they are frames of one file that gives all of them its own place, and says how far they are apart."""
    return (
        len(slices) > 1
        and len({each.path for each in slices}) == 1
        and len({each.position_mm for each in slices}) == 1
        and bool(slices[0].between_mm)
        and np.isfinite(slices[0].between_mm or 0)
    )


def _by_stated_distance(
    slices: Sequence[DicomSlice], directions: tuple[np.ndarray, np.ndarray, np.ndarray], path: Path
) -> tuple[list[DicomSlice], np.ndarray, bool, tuple[str, ...]]:
    row, column, normal = directions
    spacing, known, notes = _pixel_size(slices[0])
    between_mm = abs(slices[0].between_mm or 0)
    note = f"The file gives one place for its {len(slices)} pictures: they were stacked {between_mm:.6g} mm apart."
    along = sorted(slices, key=lambda each: each.frame)
    place = np.array(slices[0].position_mm)
    grid = _grid(row * spacing[1], column * spacing[0], between_mm * normal, place, path)
    return along, grid, known, (*notes, note)


def _by_number(slices: Sequence[DicomSlice], path: Path) -> tuple[list[DicomSlice], np.ndarray, bool, tuple[str, ...]]:
    along = sorted(slices, key=lambda each: (each.number is None, each.number or 0, each.path.name))
    numbers = [each.number for each in along]
    if len(along) > 1 and (None in numbers or len(set(numbers)) < len(numbers)):
        raise VolumeError(
            f"The slices in '{path}' say neither where they lie nor which number they have: "
            "export them as TIFF or NRRD."
        )
    spacing, known, notes = _pixel_size(slices[0])
    thickness, about_thickness = _thickness(slices[0])
    if len(along) > 1:
        notes += ("The slices do not say where they lie: they were ordered by their numbers.", *about_thickness)
        if numbers[-1] - numbers[0] != len(along) - 1:  # type: ignore[operator]
            notes += (f"Some numbers between {numbers[0]} and {numbers[-1]} are missing.",)
    grid = _grid(
        np.array([spacing[1], 0, 0]), np.array([0, spacing[0], 0]), np.array([0, 0, thickness]), np.zeros(3), path
    )
    return along, grid, known, notes


def _directions(first: DicomSlice, path: Path) -> tuple[np.ndarray, np.ndarray]:
    row, column = np.array(first.axes[:3]), np.array(first.axes[3:])  # type: ignore[index]
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if not np.allclose(lengths, 1, atol=0.01) or abs(float(row @ column)) > 0.01:
        raise VolumeError(f"'{path}' has an impossible orientation: {first.axes} are no two perpendicular directions.")
    # two directions with few digits are made exactly perpendicular
    row = row / lengths[0]
    column = column - row * (row @ column)
    return row, column / np.linalg.norm(column)


def _check_distances(along: Sequence[DicomSlice], heights: np.ndarray) -> None:
    steps = np.diff(heights)
    usual = float(np.sort(steps)[(len(steps) - 1) // 2])
    same = np.flatnonzero(steps <= max(_SAME_PLACE * usual, 1e-9))
    if len(same):
        raise VolumeError(
            f"Slices lie at the same place, such as {_pair(along, same[0])}: are they several points in time or "
            "reconstructions? Keep only those of one scan in the folder."
        )
    wide = np.flatnonzero(steps > _GAP * usual)
    if len(wide):
        missing = int(np.sum(np.round(steps[wide] / usual) - 1))
        are = "slice is" if missing <= 1 else "slices are"
        raise VolumeError(
            f"{max(1, missing)} {are} missing: from {_pair(along, wide[0])} it is "
            f"{steps[wide[0]]:.6g} mm, elsewhere {usual:.6g} mm. Copy the missing files into the folder."
        )


def _check_tilt(step: np.ndarray, normal: np.ndarray, path: Path) -> None:
    length = float(np.linalg.norm(step))
    aside = float(np.linalg.norm(step - normal * (step @ normal))) / length
    if aside > _MOST_TILT:
        tilt_deg = np.degrees(np.arcsin(min(1.0, aside)))
        raise VolumeError(
            f"The slices in '{path}' were taken with a tilted gantry ({tilt_deg:.4g}\u00b0): "
            "their voxels are sheared. Resample the scan onto perpendicular axes, for example in 3D Slicer."
        )


def _about_evenness(along: Sequence[DicomSlice], places: np.ndarray, step: np.ndarray) -> tuple[str, ...]:
    even = places[0] + np.arange(len(along))[:, None] * step
    length = float(np.linalg.norm(step))
    off = np.linalg.norm(places - even, axis=1)
    worst = int(np.argmax(off))
    if off[worst] <= _EVEN * length:
        return ()
    if off[worst] > _NEARLY_EVEN * length:
        raise VolumeError(
            f"The slices lie at uneven distances: '{along[worst].path.name}' is {off[worst]:.4g} mm beside its place "
            f"in even steps of {length:.6g} mm. Resample the scan, or keep only slices at even distances."
        )
    return (f"The slices lie up to {off[worst]:.4g} mm beside even steps of {length:.6g} mm, which were assumed.",)


def _about_stated_distance(along: Sequence[DicomSlice], step: np.ndarray) -> tuple[str, ...]:
    stated, found = along[0].between_mm, float(np.linalg.norm(step))
    if not stated or abs(abs(stated) - found) <= _EVEN * found:
        return ()
    return (
        f"The files state {abs(stated):.6g} mm between slices, but their places are {found:.6g} mm apart: "
        "the places were used. Are slices missing?",
    )


def _thickness(one: DicomSlice) -> tuple[float, tuple[str, ...]]:
    for stated in (one.between_mm, one.thickness_mm):
        if stated and np.isfinite(stated):
            return abs(stated), ()
    size = one.spacing_mm_yx[1] if one.spacing_mm_yx else 1.0
    return size, (f"The file gives no distance between slices; {size:.6g} mm, the size of a pixel, was assumed.",)


def _pixel_size(one: DicomSlice) -> tuple[tuple[float, ...], bool, tuple[str, ...]]:
    if one.spacing_mm_yx is None:
        return (1.0, 1.0), False, ()
    if min(one.spacing_mm_yx) <= 0:
        raise VolumeError(f"'{one.path}' states pixel sizes of {one.spacing_mm_yx} mm, expected numbers above 0.")
    return one.spacing_mm_yx, True, (one.about_spacing,) if one.about_spacing else ()


def _grid(i_step: np.ndarray, j_step: np.ndarray, k_step: np.ndarray, origin: np.ndarray, path: Path) -> np.ndarray:
    ijk_to_lps = np.eye(4)
    ijk_to_lps[:3] = np.stack([i_step, j_step, k_step, origin], axis=1)
    check_upright(ijk_to_lps, path)
    return LPS_TO_RAS @ ijk_to_lps


def _pair(along: Sequence[DicomSlice], index: int) -> str:
    before, after = along[index], along[index + 1]
    if before.path == after.path:
        return f"frame {before.frame} to frame {after.frame}"
    return f"'{before.path.name}' to '{after.path.name}'"
