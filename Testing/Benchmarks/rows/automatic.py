"""Automatic masks of a whole slice, from its pixels to the last mask: against upstream's generator in PyTorch.

The masks are compared too: as many of upstream's have to be among ours, and of ours among upstream's, as `LEAST_SHARE`
says, and the adaptive mode has to cover as many of the exhaustive one's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from bench_models import SMALL, Bench
from timing import Row

from RWTHSAMLib.algorithms.automatic.generator import automatic_masks
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.settings.automatic import AutomaticSettings, Mode
from RWTHSAMLib.inference.cache.embedding_cache import EmbeddingCache
from RWTHSAMLib.inference.engine import SamEngine

POINTS_PER_SIDE = 32
SAME_MASK_IOU = 0.9
LEAST_SHARE = 0.95
CEMENT_SLICE = 64
TARGETS: dict[str, dict[Mode, float]] = {
    "windings": {"exhaustive": 10.0, "adaptive": 20.0},
    "cement": {"exhaustive": 10.0, "adaptive": 10.0},  # pores everywhere: there is little to leave out
}


def rows(bench: Bench) -> Iterator[Row]:
    volumes = _volumes()
    for name, targets in TARGETS.items():
        if volumes is None or bench.trained is None:
            for mode, target in targets.items():
                yield Row(f"automatic_{mode}, {name}", None, None, target, "not measured: needs real weights and scans")
        else:
            yield from _rows_of(bench, name, _slice(volumes, name))


def _rows_of(bench: Bench, name: str, image: SliceImage) -> Iterator[Row]:
    """Each mode against the one run of upstream, which takes minutes; a small grid beforehand warms both up."""
    upstream, ours = _upstream(bench), _ours(bench)
    upstream(4)(image)
    ours(4, "exhaustive")(image)
    baseline_s, theirs = _timed(upstream(POINTS_PER_SIDE), image)
    found: dict[Mode, list[np.ndarray]] = {}
    for mode, target in TARGETS[name].items():
        run = ours(POINTS_PER_SIDE, mode)
        (ours_s, found[mode]), (again_s, _) = _timed(run, image), _timed(run, image)
        shares = _shares(mode, theirs, found)
        kind = f"SamAutomaticMaskGenerator, {POINTS_PER_SIDE} x {POINTS_PER_SIDE} points | "
        note = kind + ", ".join(f"{share:.3f} of {what}" for what, share in shares.items())
        holds = min(shares.values()) >= LEAST_SHARE
        yield Row(f"automatic_{mode}, {name}", baseline_s, min(ours_s, again_s), target, note, holds=holds)


def _shares(mode: Mode, theirs: list[np.ndarray], found: dict[Mode, list[np.ndarray]]) -> dict[str, float]:
    """What has to be found again."""
    if mode == "adaptive":
        every = found["exhaustive"]
        return {f"the exhaustive mode's {len(every)} masks are found": share_found(every, found[mode])}
    ours = found[mode]
    return {
        f"upstream's {len(theirs)} masks are found": share_found(theirs, ours),
        f"our {len(ours)} masks are upstream's": share_found(ours, theirs),
    }


def share_found(wanted: list[np.ndarray], found: list[np.ndarray]) -> float:
    """Share of the wanted masks, bool (rows, columns), that are among the found ones."""
    again = [any(_iou(each, other) >= SAME_MASK_IOU for other in found) for each in wanted]
    return sum(again) / len(again) if again else 1.0


def _iou(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.count_nonzero(one & other) / max(1, int(np.count_nonzero(one | other))))


def _upstream(bench: Bench) -> Callable[[int], Callable[[SliceImage], list[np.ndarray]]]:
    from mobile_sam import SamAutomaticMaskGenerator

    network = bench.predictor(SMALL).model

    def with_points(side: int) -> Callable[[SliceImage], list[np.ndarray]]:
        generator = SamAutomaticMaskGenerator(network, points_per_side=side)
        return lambda image: [each["segmentation"] for each in generator.generate(image.rgb())]

    return with_points


def _ours(bench: Bench) -> Callable[[int, Mode], Callable[[SliceImage], list[np.ndarray]]]:
    cache = EmbeddingCache()
    engine = SamEngine.load(SMALL, bench.weights_of(SMALL), cache=cache)

    def with_points(side: int, mode: Mode) -> Callable[[SliceImage], list[np.ndarray]]:
        settings = AutomaticSettings(points_per_side=side)

        def run(image: SliceImage) -> list[np.ndarray]:
            cache.forget_memory()  # the encoder is part of the work
            return [each.mask.to_array() for each in automatic_masks(engine, image, settings, mode)]

        return run

    return with_points


def _timed(run: Callable[[SliceImage], list[np.ndarray]], image: SliceImage) -> tuple[float, list[np.ndarray]]:
    started = time.perf_counter()
    masks = run(image)
    return time.perf_counter() - started, masks


def _volumes() -> Path | None:
    """Folder of the real scans, if it is there."""
    assets = Path(os.environ.get("RWTHSAM_ASSETS") or Path(__file__).resolve().parents[4] / "shared" / "assets")
    return assets / "volumes" if (assets / "volumes").is_dir() else None


def _slice(volumes: Path, name: str) -> SliceImage:
    import tifffile

    if name == "cement":
        return SliceImage(tifffile.imread(volumes / "qim3d_cement_128x128x128.tif")[CEMENT_SLICE])
    return SliceImage.from_values(tifffile.imread(volumes / "battery_slice_1.tif"))
