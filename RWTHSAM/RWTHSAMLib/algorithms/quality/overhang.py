"""How far the anode reaches beyond the cathode at both ends of a cell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .roles import Role

_SECTORS = 36
"""Round the middle of both electrodes, ten degrees each."""
_SHARE = 0.25
"""Of what an electrode usually has in a sector: so much is the electrode on a slice, less are specks of it."""


class Overhang:
    """Where both electrodes begin and end along the axis, in each sector; slice after slice is looked at.

    Parameters
    ----------
    slice_count : int
    """

    def __init__(self, slice_count: int) -> None:
        self._pixels: dict[Role, np.ndarray] = {
            "anode": np.zeros((slice_count, _SECTORS), np.int64),
            "cathode": np.zeros((slice_count, _SECTORS), np.int64),
        }

    def look_at(self, index: int, parts: Mapping[Role, np.ndarray], pixel_mm_xy: tuple[float, float]) -> None:
        """Look at a slice, bool (rows, columns) of both."""
        both = parts["anode"] | parts["cathode"]
        if not both.any():
            return
        middle = np.array([each.mean() for each in np.nonzero(both)])
        for role, pixels in self._pixels.items():
            rows, columns = np.nonzero(parts[role])
            y, x = (rows - middle[0]) * pixel_mm_xy[1], (columns - middle[1]) * pixel_mm_xy[0]
            sectors = np.floor(np.arctan2(y, x) / (2 * np.pi) * _SECTORS).astype(int) % _SECTORS
            pixels[index] = np.bincount(sectors, minlength=_SECTORS)

    def found(self, step_mm: float) -> tuple[dict[str, float], list[str]]:
        """Least, mean and most at the low and the high end in mm, negative where the cathode reaches farther.

        What is not known, because an electrode goes on beyond the scan, is told in sentences.
        """
        anode, cathode = _where_it_is(self._pixels["anode"]), _where_it_is(self._pixels["cathode"])
        both = anode.any(axis=0) & cathode.any(axis=0)
        if not both.any():
            return {}, ["Anode and cathode are nowhere beside each other: their overhang is not known."]
        values: dict[str, float] = {}
        said: list[str] = []
        for end, flipped in (("low", False), ("high", True)):
            one, other = ((each[::-1] if flipped else each)[:, both] for each in (anode, cathode))
            if one[0].any() or other[0].any():
                said.append(f"An electrode reaches the {end} end of the scan: the overhang there is not known.")
                continue
            lengths = (other.argmax(axis=0) - one.argmax(axis=0)) * step_mm
            values |= {f"overhang_{end}_min": float(lengths.min()), f"overhang_{end}_mean": float(lengths.mean())}
            values |= {f"overhang_{end}_max": float(lengths.max())}
        return values, said


def _where_it_is(pixels: np.ndarray) -> np.ndarray:
    """Where an electrode of so many pixels (slices, sectors) is more than specks: bool, the same shape."""
    usual = np.array([np.median(each[each > 0]) if each.any() else np.inf for each in pixels.T])
    there: np.ndarray = pixels >= np.maximum(1, _SHARE * usual)
    return there
