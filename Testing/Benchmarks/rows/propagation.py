"""An object that goes through slices, against encoding and decoding each slice alone, and against decoding alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from bench_models import SMALL, Bench
from timing import Row, seconds_of

from RWTHSAMLib.algorithms.propagation.in_volume import propagation_in
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.inference.engine import SamEngine

SEED = 9
SIDE_PX, RADIUS_PX = 512, 120


def rows(bench: Bench) -> Iterator[Row]:
    engine, window, count = bench.engine(), Window(0, 255), bench.repeats(12)
    rod = noisy_rod(count)
    middle, seed = SIDE_PX // 2, Mask.from_array(disc())
    prompts = Prompts((BoxPrompt(*seed.bounds_xyxy), PointPrompt(middle, middle)))
    alone, decoding = separate_steps(engine, rod[0], window, prompts)
    new, steps = propagation_s(engine, rod, window, seed)
    known, again = propagation_s(engine, rod, window, seed)
    alone_s = min(seconds_of(alone) for _ in range(3))
    decoding_s = min(seconds_of(decoding) for _ in range(10))
    note = f"backend's encode and decode of a slice | propagation, per slice ({steps} slices)"
    yield Row("propagation, per new slice", alone_s, new / max(1, steps), 0.9, note, bench.floor_s(SMALL, "encoder"))
    note = f"backend's decode alone | propagation over slices that are embedded, per slice ({again} slices)"
    yield Row("propagation, per embedded slice", decoding_s, known / max(1, again), 1 / 1.5, note)
    checked, _ = propagation_s(engine, rod, window, seed, way_back=True)
    note = f"propagation over slices that are embedded | the same, and the way back checked ({again} slices)"
    yield Row("propagation, with its way back", known, checked, 0.45, note)


def disc() -> np.ndarray:
    """A slice of the rod."""
    y, x = np.ogrid[:SIDE_PX, :SIDE_PX]
    inside: np.ndarray = (x - SIDE_PX // 2) ** 2 + (y - SIDE_PX // 2) ** 2 <= RADIUS_PX**2
    return inside


def noisy_rod(count: int) -> np.ndarray:
    """A bright rod along k in noise, no slice like another: uint8 (k, j, i)."""
    print(f"seed {SEED}")
    noise = np.random.default_rng(SEED).normal(0, 12, (count, SIDE_PX, SIDE_PX))
    return np.clip(np.where(disc(), 190, 60) + noise, 0, 255).astype(np.uint8)


def separate_steps(
    engine: SamEngine, grey_yx: np.ndarray, window: Window, prompts: Prompts
) -> tuple[Callable[[], object], Callable[[], object]]:
    """Encoding with decoding, and decoding, of one slice without anything around them."""
    image = SliceImage.from_values(grey_yx, window)
    embedding = engine.backend.encode(image)

    def decode() -> object:
        return engine.backend.decode(embedding, prompts, None, multimask=False)

    def both() -> object:
        return engine.backend.decode(engine.backend.encode(image), prompts, None, multimask=False)

    decode()
    return both, decode


def propagation_s(
    engine: SamEngine, rod: np.ndarray, window: Window, seed: Mask, way_back: bool = False
) -> tuple[float, int]:
    """Seconds from the first slice on to the last, and how many slices were looked at on the way there."""
    looked_at: list[int] = []
    way = propagation_in(rod, "k", engine, window, PropagationSettings(way_back=way_back), looked_at.append)
    taken_s = seconds_of(lambda: way.run({0: seed}, 0, len(rod) - 1))
    return taken_s, len(looked_at)
