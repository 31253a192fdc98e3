"""Which grey values are black and which white: of pictures for people, and of what the model sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..errors import ImageError

# choices: many enough for a percentile to be steady, and hot or dead voxels left out
_PROPOSAL_SAMPLES = 1_000_000
_PROPOSAL_PERCENTILES = (0.5, 99.5)
_PADDING_BEYOND, _PADDING_HELD = 3, 0.25
"""One value that lies alone so many times the width of all others beyond them is padding (-32768, say), no material.
It is taken to lie that share of the width beyond: still apart from the others, which get four grey levels of five."""


@dataclass(frozen=True)
class Window:
    """Grey values that map to black (`lower`) and white (`upper`); values outside are clipped, never wrapped.

    Raises
    ------
    ImageError
        If a bound is not finite or `lower` is not below `upper`.
    """

    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.lower) and np.isfinite(self.upper) and self.lower < self.upper):
            raise ImageError(f"A window needs finite bounds with lower < upper, not {self.lower} .. {self.upper}.")

    @property
    def width(self) -> float:
        """Grey values between black and white."""
        return self.upper - self.lower

    @property
    def level(self) -> float:
        """Grey value shown as middle grey."""
        return (self.lower + self.upper) / 2

    @classmethod
    def from_width_level(cls, width: float, level: float) -> Window:
        """Window from Slicer's pair of numbers."""
        return cls(level - width / 2, level + width / 2)


def propose_window_of_blocks(blocks: Iterable[np.ndarray], size: int) -> Window:
    """As `propose_window` of all values together, which come some at a time.

    Parameters
    ----------
    blocks : iterable of numpy.ndarray
        The values in their order.
    size : int
        How many they are.
    """
    step, passed = max(1, size // _PROPOSAL_SAMPLES), 0
    samples = []
    for block in blocks:
        flat = np.asarray(block).reshape(-1)
        samples.append(flat[-passed % step :: step].copy())
        passed += flat.size
    return propose_window(np.concatenate(samples))


def propose_window(values: np.ndarray) -> Window:
    """Window that shows all but the most extreme grey values.

    Parameters
    ----------
    values : numpy.ndarray
        Any shape and dtype; at most about a million values, evenly spread, are looked at.

    Returns
    -------
    Window
        From the 0.5th to the 99.5th percentile of the finite values; a constant image gets one grey value of width. Of
        a value that pads the scan, far from all others, it is taken that it lies nearer.
    """
    flat = np.asarray(values).reshape(-1)
    sample = flat[:: max(1, flat.size // _PROPOSAL_SAMPLES)]
    if sample.dtype.kind == "u":
        sample = sample.copy()  # nothing between two of them leaves their range, so they need no wider numbers
    else:
        sample = sample[np.isfinite(sample)].astype(np.float64)
    if sample.size == 0:
        return Window(0.0, 1.0)
    lower, upper = (float(value) for value in np.percentile(sample, _PROPOSAL_PERCENTILES, overwrite_input=True))
    if lower == upper:
        lower, upper = float(sample.min()), float(sample.max())
    if lower == upper:
        return Window(lower - 0.5, upper + 0.5)
    return _nearer_padding(sample, Window(lower, upper))


def _nearer_padding(sample: np.ndarray, window: Window) -> Window:
    """The window where an end of it is a value far from all others: that end nearer to them."""
    for end, beyond in ((window.lower, sample > window.lower), (window.upper, sample < window.upper)):
        if end not in (float(sample.min()), float(sample.max())):
            continue
        lower, upper = (float(each) for each in np.percentile(sample[beyond], _PROPOSAL_PERCENTILES))
        width, gap = upper - lower, max(lower - window.lower, window.upper - upper)
        if 0 < _PADDING_BEYOND * width < gap:
            held = _PADDING_HELD * width
            return Window(lower - held, upper) if end == window.lower else Window(lower, upper + held)
    return window
