"""Training slices of seeds."""

from __future__ import annotations

import numpy as np

from RWTHSAMLib.errors import SettingsError

from .sample import Sample
from .scenes import choose_scene, make_scene

SMALLEST_SIZE = 64
_ATTEMPTS = 40
_LEAST_SHARE = 0.015


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
