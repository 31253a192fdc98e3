"""The length of a scale bar: a round number that suits what is seen."""

from __future__ import annotations

import math

_ROUND = (5, 2, 1)


def scale_bar_mm(longest_mm: float) -> float:
    """The largest of 1, 2, 5, 10, 20 ... (and .5, .2 ...) that is no longer than a length in mm.

    Parameters
    ----------
    longest_mm : float
        Above 0.
    """
    decade = math.floor(math.log10(longest_mm))
    # one decade more than the logarithm says, because it may have been rounded down
    lengths = [each * 10.0**power for power in (decade + 1, decade, decade - 1) for each in _ROUND]
    return next(each for each in lengths if each <= longest_mm * (1 + 1e-9))


def length_text(length_mm: float) -> str:
    """A round length in the unit that people would use: ``"5 mm"``, ``"200 µm"``."""
    return f"{length_mm:g} mm" if length_mm >= 1 else f"{1000 * length_mm:g} µm"
