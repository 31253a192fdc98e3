"""One training slice: what the network sees, and the true masks of what is in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Target:
    """The true mask of one structure.

    Attributes
    ----------
    kind : str
        What it is: "winding", "cathode", "anode", "separator", "roll", "core", "can", "cell", "pore", "grain" ...
    mask : numpy.ndarray
        bool (rows, columns), not empty.
    centre_line_xy : numpy.ndarray or None
        float32 (points, 2): for long thin structures the line along their middle, x and y in pixels, a pixel's centre
        being a whole number; consecutive points are about two pixels apart.
    """

    kind: str
    mask: np.ndarray
    centre_line_xy: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Sample:
    """A slice and its targets.

    Attributes
    ----------
    seed : int
        What it was made from.
    scene : str
        What it shows, for example "cylindrical cell".
    image : numpy.ndarray
        uint8 (rows, columns), as the product's window gives it.
    targets : tuple of Target
        At least one; they overlap where structures are nested.
    """

    seed: int
    scene: str
    image: np.ndarray
    targets: tuple[Target, ...]
