"""One training slice: what the network sees, and the true masks of what is in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from RWTHSAMLib.errors import SettingsError

SMALLEST_SIZE = 64
_ATTEMPTS = 40
_LEAST_SHARE = 0.015


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


def make_sample(seed: int, size: int = 256, variant: int = 0) -> Sample:
    """Make the training slice of a seed: the same bytes for the same seed, size and variant.

    Parameters
    ----------
    seed : int
        0 or larger; seeds from 100000 on are held out from training (see `stream`).
    size : int
        Pixels along either side, at least 64.
    variant : int
        0 or larger; every variant of a seed is another scene, so that seeds never run out.

    Raises
    ------
    SettingsError
        If the seed or the size is out of range.
    """
    # here, so that the classes above can be imported by the scenes
    from .scenes import choose_scene, make_scene

    if min(seed, variant) < 0 or size < SMALLEST_SIZE:
        raise SettingsError(
            f"A seed and a variant are 0 or larger and a size is at least {SMALLEST_SIZE} pixels, "
            f"not {seed}, {variant} and {size}."
        )
    # chosen once, or scenes that are easily seen would come up more often
    kind = choose_scene(np.random.default_rng([seed, variant]))
    for attempt in range(_ATTEMPTS):
        # again, where hardly anything large and visible is in the view
        name, image, targets = make_scene(kind, np.random.default_rng([seed, variant, attempt]), size)
        if targets and np.any([target.mask for target in targets], axis=0).mean() > _LEAST_SHARE:
            return Sample(seed, name, image, targets)
    raise RuntimeError(f"No scene of seed {seed} holds a structure at {size} pixels; this is a fault of the generator.")
