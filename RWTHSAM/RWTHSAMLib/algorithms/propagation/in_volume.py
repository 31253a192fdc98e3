"""A propagation through the voxels of a scan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...core.image import SliceImage, grey_near_window
from ...core.settings.propagation import PropagationSettings
from ...core.slices import Axis, SliceKey, Voxels
from ...core.window import Window
from ...inference.engine import SamEngine
from .propagate import Propagation


def propagation_in(
    array_kji: Voxels,
    axis: Axis,
    engine: SamEngine,
    window: Window,
    rules: PropagationSettings | None = None,
    on_step: Callable[[int], None] = lambda index: None,
    on_step_back: Callable[[int], None] = lambda index: None,
) -> Propagation:
    """The way along an axis of a volume.

    Parameters
    ----------
    array_kji : Voxels
        (k, j, i) grey values, or (k, j, i, channels), of which the mean of the first three is the grey value.
    axis : str
    engine : SamEngine
    window : Window
        What the model sees as black and white.
    rules, on_step, on_step_back
        See `Propagation`.
    """

    def values_of(index: int) -> np.ndarray:
        return grey_near_window(
            SliceKey(axis, index).take(array_kji), window, rules.grey if rules is not None else None
        )

    def image_of(index: int) -> SliceImage:
        return SliceImage.of_scan(SliceKey(axis, index).take(array_kji), window)

    return Propagation(engine, image_of, values_of, rules, on_step, on_step_back)
