"""Where the voxels of a NRRD file lie: space directions or spacings, and their units."""

from __future__ import annotations

import math
import re

import numpy as np

from ...core.voxel_grid import LPS_TO_RAS
from ...errors import VolumeError
from ..volume_data import check_upright
from .nrrd_header import NrrdHeader
from .stored import UNCLEAR_UNIT
from .units import mm_per

_TO_LPS = {"right": -1.0, "left": 1.0, "anterior": -1.0, "posterior": 1.0, "superior": 1.0, "inferior": -1.0}
_LETTERS = {"R": "right", "L": "left", "A": "anterior", "P": "posterior", "S": "superior", "I": "inferior"}


def grid_of(header: NrrdHeader, spatial: list[int]) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    """(4, 4) ijk_to_ras, whether the voxel size is known, and what is to be said; see `stored_voxels`."""
    directions = directions_of(header)
    if directions:
        return _grid_in_space(header, [directions[axis] for axis in spatial])
    return _grid_of_spacings(header, spatial)


def _grid_in_space(header: NrrdHeader, vectors: list[np.ndarray | None]) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    to_lps = _signs_to_lps(header)
    units = _words(header.fields.get("spaceunits", ""))
    scales, known, notes = _scales(units, len(to_lps))
    matrix = np.eye(4)
    for axis, vector in enumerate(vectors):
        if vector is None or len(vector) > 3:
            raise header.damaged(f"space directions {header.fields['spacedirections']!r}")
        matrix[: len(vector), axis] = vector
    if len(vectors) == 2:
        # a slice alone may lie in any plane of space
        matrix[:3, 2] = _across(matrix[:3, 0], matrix[:3, 1])
    origin = _vector(header, header.fields.get("spaceorigin", ""))
    if origin is not None:
        matrix[: len(origin), 3] = origin
    check_upright(matrix, header.path)
    factors = np.ones(4)
    factors[: len(to_lps)] = np.array(to_lps) * scales
    return LPS_TO_RAS @ np.diag(factors) @ matrix, known, notes


def _across(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """A direction at right angles to two others, of length 1 where they are independent."""
    normal = np.cross(first, second)
    length = np.linalg.norm(normal)
    return normal / length if length > 0 else normal


def _grid_of_spacings(header: NrrdHeader, spatial: list[int]) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    spacings = header.numbers("spacings")
    if not spacings:
        return LPS_TO_RAS.copy(), False, ()
    if len(spacings) != len(header.sizes):
        raise header.damaged(f"{len(spacings)} spacings for {len(header.sizes)} sizes")
    found = [spacings[axis] for axis in spatial]
    if any(math.isnan(each) for each in found):
        return LPS_TO_RAS.copy(), False, (UNCLEAR_UNIT.format(found=f"spacings {header.fields['spacings']}"),)
    if any(not 0 < each < math.inf for each in found):
        raise VolumeError(
            f"'{header.path}' states voxel sizes (spacings) of {header.fields['spacings']}, expected numbers above 0."
        )
    units = _words(header.fields.get("units", ""))
    of_axes = [units[axis] for axis in spatial] if len(units) == len(header.sizes) else units
    scales, known, notes = _scales(of_axes, len(found))
    diagonal = np.ones(4)
    diagonal[: len(found)] = np.array(found) * scales
    return LPS_TO_RAS @ np.diag(diagonal), known, notes


def _scales(units: list[str], count: int) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    """Millimetres of each unit; NRRD files that name none mean millimetres, as Slicer writes them.

    Units that are there and empty are not known: `unknown_unit` writes them so.
    """
    if not any(units):
        return np.ones(count), not units, ()
    found = [mm_per(unit) for unit in units]
    if len(found) != count or None in found:
        named = ", ".join(f"'{unit}'" for unit in dict.fromkeys(units))
        return np.ones(count), False, (f"The file gives its voxel size in {named}, no unit of length that is known.",)
    return np.array(found, float), True, ()


def directions_of(header: NrrdHeader) -> list[np.ndarray | None]:
    """Of each axis its step (3,) in the file's world, None for one that is not of space; empty without any."""
    text = header.fields.get("spacedirections")
    if not text:
        return []
    found = [_vector(header, each) for each in re.findall(r"none|\([^)]*\)", text)]
    # axes beside space may be written as vectors without numbers
    found = [None if each is None or np.isnan(each).all() else each for each in found]
    if len(found) != len(header.sizes):
        raise header.damaged(f"space directions {text!r} for {len(header.sizes)} sizes")
    return found


def _vector(header: NrrdHeader, text: str) -> np.ndarray | None:
    match = re.search(r"\(([^)]*)\)", text)
    if match is None:
        return None
    try:
        return np.array([float(number) for number in match[1].split(",")])
    except ValueError as error:
        raise header.damaged(f"the vector {text!r}, expected numbers with commas between them") from error


def _signs_to_lps(header: NrrdHeader) -> list[float]:
    """Signs of the world's axes against left, posterior, superior; a world without a name is taken for that one."""
    space = header.fields.get("space", "").strip()
    words = [_LETTERS.get(each, "") for each in space.upper()] if len(space) == 3 else space.lower().split("-")
    signs = [_TO_LPS[word] for word in words if word in _TO_LPS]
    if len(signs) == 3:
        return signs
    dimension = (header.whole_numbers("spacedimension") or [3])[0]
    return [1.0] * min(3, dimension)


def _words(text: str) -> list[str]:
    """Words in quotes, as they are meant to be; some programs leave the quotes out."""
    return re.findall(r'"([^"]*)"', text) or text.split()
