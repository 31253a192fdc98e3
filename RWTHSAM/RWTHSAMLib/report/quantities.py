"""Numbers with units for people to read."""

from __future__ import annotations

import math
from dataclasses import dataclass

_MM_UNITS = (("mm", 1.0), ("\u00b5m", 1e-3), ("nm", 1e-6))
_POWERS = {1: "", 2: "\u00b2", 3: "\u00b3"}


@dataclass(frozen=True)
class LengthUnit:
    """A unit of length that suits a scan.

    Attributes
    ----------
    name : str
        ``"mm"``, ``"µm"``, ``"nm"``; where the scan does not say its unit, ``"voxel"`` if voxels count as cubes of size
        1, else ``"unit"``.
    mm : float
        Its size in mm; 1 where that is unknown.
    """

    name: str
    mm: float

    def text(self, size_mm: float, power: int = 1) -> str:
        """A length, area or volume of mm to a power, without the unit."""
        if self.name == "voxel" and size_mm == int(size_mm):
            return f"{size_mm:,.0f}"
        return significant(size_mm / self.mm**power)

    def symbol(self, power: int = 1) -> str:
        """The unit of lengths (1), areas (2) or volumes (3)."""
        if self.name == "voxel":
            return "pixels" if power == 2 else "voxels"
        return self.name + _POWERS[power]

    def with_unit(self, size_mm: float, power: int = 1) -> str:
        """A length, area or volume of mm to a power, and its unit."""
        return f"{self.text(size_mm, power)} {self.symbol(power)}"


def unit_for(spacing_mm: tuple[float, ...], shape_kji: tuple[int, ...], unit_known: bool) -> LengthUnit:
    """The unit in which neither a voxel nor the whole scan is an unwieldy number."""
    if not unit_known:
        return LengthUnit("voxel" if set(spacing_mm) == {1.0} else "unit", 1.0)
    longest_mm = max(size * count for size, count in zip(spacing_mm, shape_kji[2::-1], strict=True))
    middle_mm = math.sqrt(min(spacing_mm) * longest_mm)
    name, mm = next((each for each in _MM_UNITS if middle_mm >= 0.1 * each[1]), _MM_UNITS[-1])
    return LengthUnit(name, mm)


def significant(value: float, digits: int = 4) -> str:
    """A number with so many significant digits, thousands apart; exponents only far from 1."""
    if not math.isfinite(value):
        return "\u2013"
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if not -4 <= magnitude < 9:
        return f"{value:.{digits - 1}e}"
    return f"{value:,.{max(0, digits - 1 - magnitude)}f}"


def percent(share: float) -> str:
    """A share in percent; never 0 for what is there, nor 100 where something lacks."""
    if 0 < share < 0.0001:
        return "< 0.01 %"
    if 0.9999 < share < 1:
        return "> 99.99 %"
    return f"{100 * share:.2f} %"


def nice_step(span: float, count: int) -> float:
    """1, 2 or 5 times a power of ten, so that about `count` steps make the span."""
    rough = span / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next(each * power for each in (1, 2, 5, 10) if each * power >= rough * (1 - 1e-9))


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers from `low` to `high`."""
    step = nice_step(high - low, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def tick_text(value: float) -> str:
    """A round number as short as it goes."""
    return f"{value:.6g}" if 1e-4 <= abs(value) < 1e6 or value == 0 else f"{value:.2g}"
