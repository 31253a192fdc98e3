"""Small pictures for the page, as text: a scan's histogram, what the model sees, a scale bar, a strip of slices."""

from __future__ import annotations

import base64
import io
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

import numpy as np
from PIL import Image

from RWTHSAMLib.algorithms.propagation.belief import COLOURS, belief_of
from RWTHSAMLib.algorithms.propagation.track import TrackedSlice
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.scale_bar import length_text, scale_bar_mm

Json = dict[str, object]
_Piece = tuple[int, int, str]

# choices for a small drawing: more bins and samples change no pixel that is seen
_HISTOGRAM_BINS = 120
_HISTOGRAM_SAMPLES = 500_000
_THUMBNAIL_PIXELS = 288
_SCALE_SHARE = 0.2

NO_SCALE: Json = {"px": 0, "text": ""}


def scale_bar(mm_per_pixel: float, width_px: float) -> Json:
    """A bar of a round length, at most a fifth of a view's width."""
    longest_mm = _SCALE_SHARE * width_px * mm_per_pixel
    if not longest_mm > 0:
        return NO_SCALE
    length_mm = scale_bar_mm(longest_mm)
    return {"px": round(length_mm / mm_per_pixel, 2), "text": length_text(length_mm)}


def thumbnail(image: SliceImage | None) -> str:
    """Picture of what the model sees, as a data address; empty without a slice."""
    if image is None:
        return ""
    picture = Image.fromarray(image.pixels)
    picture.thumbnail((_THUMBNAIL_PIXELS, _THUMBNAIL_PIXELS))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def histogram_path(array: np.ndarray, low: float, high: float) -> str:
    """Outline of the histogram of an array of any shape, in a box of 100 x 30 units, heights by their logarithm."""
    sample = array.reshape(-1)[:: max(1, array.size // _HISTOGRAM_SAMPLES)]
    counts, _ = np.histogram(sample[np.isfinite(sample)], bins=_HISTOGRAM_BINS, range=(low, high))
    heights = np.log1p(counts) / max(1.0, np.log1p(counts.max())) * 29
    points = " ".join(f"L{x:.1f},{30 - y:.1f}" for x, y in zip(np.linspace(0, 100, heights.size), heights, strict=True))
    return f"M0,30 {points} L100,30 Z"


def grey_range(array: np.ndarray) -> tuple[float, float]:
    """Smallest and largest finite grey value of an array of any shape and dtype; never equal."""
    finite = array if np.issubdtype(array.dtype, np.integer) else array[np.isfinite(array)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return low, high if high > low else low + 1.0


def gradient_of(slices: Iterable[TrackedSlice], prompted: Collection[int], doubtful_below: float, last: int) -> str:
    """How far each slice of a propagated object is believed, as a CSS gradient from slice 0 to slice `last`.

    Parameters
    ----------
    slices : iterable of TrackedSlice
        Of the object; elsewhere the strip is clear.
    prompted : collection of int
        Slices that it was propagated from.
    doubtful_below : float
        See `belief_of`.
    last : int
        Number of the last slice of the scan, at least 1.
    """
    colours = {each.index: COLOURS[belief_of(each, prompted, doubtful_below)] for each in slices}
    stops = [stop for first, end, colour in _pieces(colours) for stop in _stops(first, end, colour, last)]
    return f"linear-gradient(to right, {', '.join(stops)})" if stops else ""


def _pieces(colours: dict[int, str]) -> Iterator[_Piece]:
    """Neighbours of one colour together: first slice, last slice, colour."""
    ordered = enumerate(sorted(colours))
    for (_, colour), run in groupby(ordered, lambda each: (each[1] - each[0], colours[each[1]])):
        indices = [index for _, index in run]
        yield indices[0], indices[-1], colour


def _stops(first: int, end: int, colour: str, last: int) -> list[str]:
    """Hard edges half way to the neighbours, where the slider stands on a slice's middle."""
    left, right = (f"{100 * min(1.0, max(0.0, place / last)):.2f}%" for place in (first - 0.5, end + 0.5))
    return [f"transparent {left}", f"{colour} {left}", f"{colour} {right}", f"transparent {right}"]
