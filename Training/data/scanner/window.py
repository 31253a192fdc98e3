"""From grey values to 8 bit, with the windows that people choose."""

from __future__ import annotations

import numpy as np

from ..chance import chance


def to_uint8(grey: np.ndarray, window: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    """Grey values as a window (black, white) shows them; sometimes bent by a gamma or inverted."""
    shown = windowed(grey, window)
    if chance(random, 0.12):
        shown = shown ** random.uniform(0.6, 1.6)
    if chance(random, 0.1):
        shown = 1 - shown
    return np.asarray(np.rint(shown * 255), np.uint8)


def windowed(grey: np.ndarray, window: tuple[float, float]) -> np.ndarray:
    """Grey values with black at 0 and white at 1, clipped."""
    lower, upper = window
    return np.asarray(np.clip((grey - np.float32(lower)) / np.float32(upper - lower), 0, 1))


def choose_window(grey: np.ndarray, random: np.random.Generator) -> tuple[float, float]:
    """Grey values for black and white: mostly as the product proposes, sometimes the whole range or a poor choice."""
    kind = random.random()
    if kind < 0.45:
        lower, upper = np.percentile(grey, [0.5, 99.5])
    elif kind < 0.65:
        lower, upper = grey.min(), grey.max()
    else:
        low, high = random.uniform(0, 12), random.uniform(85, 100)
        lower, upper = np.percentile(grey, [low, high])
    width = max(float(upper - lower), 1e-3)
    if chance(random, 0.3):
        lower, upper = lower - random.uniform(-0.1, 0.5) * width, upper + random.uniform(-0.1, 0.6) * width
    return float(lower), float(max(upper, lower + 0.05 * width))
