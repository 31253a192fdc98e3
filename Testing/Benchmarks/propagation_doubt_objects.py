"""Objects to learn doubt from: more of them, and less alike, than those that the suite tries.

Only seeds of development, and no real scan: those tell whether what was learned holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from propagation import Case
from propagation_objects import DAMAGE, KINDS, Made, Shape, case_of, damaged, made_up
from scipy import ndimage

from RWTHSAMLib.core.window import Window, propose_window
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell

SEEDS = range(1, 9)
PROMPTS_BESIDES = ("1 click", "box", "wide", "3 clicks", "cut")
_SLICES, _SIDES, _SLICE_STEPS = (16, 24, 32, 48, 64), (80, 96, 128, 192), (1, 1, 2, 3)
_PHANTOM_SHAPE: Shape = (48, 128, 128)
_LEAST_PIXELS = 12
PROMPTS_NEAR_AN_END = ("box + 3", "1 click")


def rod(shape_kji: Shape, random: np.random.Generator) -> Made:
    """A part that keeps its section, within layers: what lies next to it may be nearly of its grey."""
    radius = _radii(shape_kji, random, wander=random.uniform(0, 0.15))
    size = random.uniform(0.12, 0.3) * min(shape_kji[1:])
    width = random.uniform(2.5, 9)
    ring = np.clip(np.ceil((radius - size) / width), 0, 8).astype(int)
    greys = _greys(random, 9)
    truth = ring == 0
    first, last = _ends(shape_kji[0], random)
    if random.random() < 0.5:
        truth[:first] = truth[last:] = False
    return np.where(truth, greys[0], greys[np.maximum(ring, 1)]), truth


def organ(shape_kji: Shape, random: np.random.Generator) -> Made:
    """A round thing among others, of which some touch it and some are nearly of its grey; it begins and ends."""
    bumps = _smooth(shape_kji, random, random.uniform(4, 9))
    middle = 0.5 + random.uniform(-0.08, 0.08, 3)
    half = np.array([random.uniform(0.25, 0.42), *random.uniform(0.15, 0.28, 2)])
    truth = _largest(_ellipsoid(shape_kji, middle, half) + random.uniform(0.05, 0.25) * bumps < 1)
    greys = _greys(random, 9)
    grey = np.full(shape_kji, greys[1])
    for other in greys[2:]:
        place, size = random.uniform(0.1, 0.9, 3), random.uniform(0.12, 0.4, 3)
        grey[_ellipsoid(shape_kji, place, size) + 0.15 * bumps < 1] = other
    return np.where(truth, greys[0], grey), truth


def vessels(shape_kji: Shape, random: np.random.Generator) -> Made:
    """A large thing with bright threads in it that belong to it, close to a wall, as a lung has them."""
    bumps, threads = (_smooth(shape_kji, random, each) for each in (8, 1.5))
    half = np.array([random.uniform(0.3, 0.48), *random.uniform(0.2, 0.38, 2)])
    truth = _largest(_ellipsoid(shape_kji, 0.5 + random.uniform(-0.1, 0.1, 3), half) + 0.2 * bumps < 1)
    greys = _greys(random, 3)
    other = _ellipsoid(shape_kji, random.uniform(0.2, 0.8, 3), half) + 0.2 * bumps < 1
    inside = np.where(threads > random.uniform(1.3, 2.2), greys[1], greys[0])
    return np.where(truth, inside, np.where(other, greys[2], greys[1])), truth


MORE_KINDS: Mapping[str, Callable[[Shape, np.random.Generator], Made]] = {
    each.__name__: each for each in (rod, organ, vessels)
}


def stretched(name: str, seed: int) -> Case:
    """An object of any kind in a scan whose size, blur, noise and distance of slices are left to chance."""
    random = np.random.default_rng((seed, *b"stretched", *name.encode()))
    side, step = int(random.choice(_SIDES)), int(random.choice(_SLICE_STEPS))
    grey, truth = {**KINDS, **MORE_KINDS}[name]((int(random.choice(_SLICES)) * step, side, side), random)
    grey, truth = grey[::step], truth[::step]
    shape = grey.shape
    texture = random.uniform(0, 8) * _smooth(shape, random, random.uniform(1, 3))
    blurred = ndimage.gaussian_filter(grey + texture, random.uniform(0.4, 1.2))
    noisy = blurred + random.normal(0, random.uniform(2, 14), shape)
    made = case_of(f"{name} {seed}, step {step}", np.clip(noisy, 0, 255).astype(np.uint8), truth, Window(0, 255))
    return replace(made, slice_step=float(step))


def crowded(case: Case, seed: int) -> Case:
    """The case with things beside the object that are nearly of its grey, and with less contrast."""
    random = np.random.default_rng((seed, *b"crowded", *case.name.encode()))
    truth, grey = case.truth_kji, case.grey_kji.astype(float)
    others = (_smooth(truth.shape, random, random.uniform(3, 8)) > random.uniform(0.3, 1.2)) & ~truth
    near = grey[truth].mean() + random.choice([-1, 1]) * random.uniform(12, 40)
    worse = np.where(others, near + random.normal(0, 8, truth.shape), grey)
    worse = 120 + (worse - 120) * random.uniform(0.4, 1.0) + random.normal(0, 3, truth.shape)
    return replace(case, name=f"{case.name}, crowded", grey_kji=np.clip(worse, 0, 255).astype(np.uint8))


def on_another_slice(case: Case, seed: int) -> Case:
    """The case, to be prompted on any slice that shows a third of the largest area and more."""
    random = np.random.default_rng((seed, *b"slice", *case.name.encode()))
    areas = case.truth_kji.sum(axis=(1, 2))
    return replace(case, seed_slice=int(random.choice(np.flatnonzero(areas >= areas.max() / 3))))


def near_an_end(case: Case, seed: int) -> Case:
    """The case, to be prompted on one of the first or last slices that show enough of the object to be prompted."""
    random = np.random.default_rng((seed, *b"end", *case.name.encode()))
    there = np.flatnonzero(case.truth_kji.sum(axis=(1, 2)) >= _LEAST_PIXELS)
    count = max(2, len(there) // 5)
    chosen = int(random.choice(np.concatenate([there[:count], there[-count:]])))
    return replace(case, name=f"{case.name}, near an end", seed_slice=chosen)


def parts_of_phantom(seed: int) -> Iterator[Case]:
    """Core and whole cell of a small cylindrical phantom."""
    phantom = cylindrical_cell(_PHANTOM_SHAPE, seed=seed)
    whole = ndimage.binary_fill_holes(phantom.labels_kji > 0)
    for name, truth in (("core", phantom.mask_kji("Core")), ("whole cell", whole)):
        middle = int(np.median(np.flatnonzero(truth.any(axis=(1, 2)))))
        window = propose_window(phantom.grey_kji)
        yield Case(f"phantom {name} {seed}", phantom.grey_kji, truth, window, middle, (0, len(truth) - 1))


def cases_of(seed: int, count: int) -> Iterator[tuple[Case, tuple[str, ...]]]:
    """All objects of a seed, half of them prompted where they are largest; and how, in so many ways.

    Each is also prompted near an end, where prompts are poor more often.
    """
    for at, case in enumerate(_cases(seed)):
        random = np.random.default_rng((seed, at, *b"how"))
        others = random.choice(PROMPTS_BESIDES, count - 1, replace=False)
        prompted = on_another_slice(case, seed) if (seed + at) % 2 else case
        yield prompted, ("box + 3", *map(str, others))
        yield near_an_end(prompted, seed), PROMPTS_NEAR_AN_END


def _cases(seed: int) -> Iterator[Case]:
    for kind in KINDS:
        yield made_up(kind, seed)
        yield crowded(made_up(kind, seed), seed)
    for kind in (*KINDS, *MORE_KINDS):
        yield stretched(kind, seed)
    for kind in MORE_KINDS:  # twice as many of what is nearest to real things
        yield stretched(kind, seed + 1000)
        yield damaged(stretched(kind, seed + 2000), "noise", seed)
    for kind in ("blob", "tube"):
        yield from (damaged(made_up(kind, seed), each, seed) for each in DAMAGE)
    yield from parts_of_phantom(seed)


def _greys(random: np.random.Generator, count: int) -> np.ndarray:
    """The object's grey value, then those of what is around it; the next is at least ten away."""
    greys = random.uniform(40, 210, count)
    greys[1] = np.clip(greys[0] + random.choice([-1, 1]) * random.uniform(12, 80), 5, 250)
    return np.asarray(greys)


def _ends(count: int, random: np.random.Generator) -> tuple[int, int]:
    return int(random.integers(0, count // 3)), int(random.integers(2 * count // 3, count + 1))


def _smooth(shape_kji: tuple[int, ...], random: np.random.Generator, sigma_px: float) -> np.ndarray:
    """Clouds of so many pixels, of mean 0 and deviation 1."""
    clouds = ndimage.gaussian_filter(random.normal(size=shape_kji), sigma_px)
    return np.asarray((clouds - clouds.mean()) / clouds.std())


def _ellipsoid(shape_kji: Shape, middle: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Distance from a middle, 1 on the surface; middle and half axes as shares of the scan's sides."""
    axes = np.ogrid[tuple(slice(0, each) for each in shape_kji)]
    parts = [((a / n - m) / h) ** 2 for a, n, m, h in zip(axes, shape_kji, middle, half, strict=True)]
    return np.asarray(np.sqrt(parts[0] + parts[1] + parts[2]))


def _radii(shape_kji: Shape, random: np.random.Generator, wander: float) -> np.ndarray:
    """Distance from an axis that wanders, as a star-shaped section has it: its edge is where it is constant."""
    count, rows, columns = shape_kji
    drift = wander * min(rows, columns) * np.cumsum(random.normal(0, 1, (count, 2)), axis=0) / count
    y = np.arange(rows)[None, :, None] - rows / 2 - drift[:, 0, None, None]
    x = np.arange(columns)[None, None, :] - columns / 2 - drift[:, 1, None, None]
    angle, waves = np.arctan2(y, x), random.uniform(0, 0.12, 3)
    phases = random.uniform(0, 6.3, 3)
    bent = 1 + sum(wave * np.cos(n * angle + phases[n - 2]) for n, wave in enumerate(waves, 2))
    swell = 1 + random.uniform(0, 0.1) * np.sin(np.arange(count) / random.uniform(4, 12))[:, None, None]
    return np.asarray(np.hypot(y, x) / bent / swell)


def _largest(truth: np.ndarray) -> np.ndarray:
    labels, _ = ndimage.label(truth)
    return np.asarray(labels == np.bincount(labels.ravel())[1:].argmax() + 1)
