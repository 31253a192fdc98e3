"""Objects for propagation to be tried on: made up by seed, damaged by seed, and in real scans.

Rules may be made with the objects of `DEVELOPMENT_SEEDS` and of `DEVELOPMENT_SCANS`; those of `HELD_OUT_SEEDS` and all
other scans tell whether they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from propagation import Case, lungs, parts_of_the_cell
from scipy import ndimage
from targets import read_array

from RWTHSAMLib.core.window import Window

DEVELOPMENT_SEEDS, HELD_OUT_SEEDS = (1, 2, 3), (101, 102, 103)
DEVELOPMENT_SCANS = ("right lung", "spleen", "core hole")
SHAPE_KJI = (32, 96, 96)
ABDOMEN_WINDOW = Window(-160, 240)
ORGANS = {"spleen": 1, "right kidney": 2, "left kidney": 3}
LEAST_PORE_VOXELS, PORE_GREY = 2000, 60
_BACKGROUND, _OBJECT, _NOISE = 90.0, 150.0, 8.0

Shape = tuple[int, int, int]
Made = tuple[np.ndarray, np.ndarray]
"""Grey values without noise, and the object's voxels, bool, both (k, j, i)."""


def blob(shape_kji: Shape, random: np.random.Generator) -> Made:
    """A round object with bumps, which begins and ends inside the scan."""
    bumps = ndimage.gaussian_filter(random.normal(size=shape_kji), 5)
    truth = _distance(shape_kji, _middle(shape_kji)) + 0.08 * bumps / bumps.std() < 0.7
    return np.where(truth, _OBJECT, _BACKGROUND), _largest(truth)


def tube(shape_kji: Shape, random: np.random.Generator) -> Made:
    """A tube that wanders from slice to slice and changes its width."""
    places, widths = _wandering(shape_kji, random), 0.13 + 0.04 * np.sin(np.arange(shape_kji[0]) / 5)
    truth = np.array([_disc(shape_kji[1:], place, width) for place, width in zip(places, widths, strict=True)])
    return np.where(truth, _OBJECT, _BACKGROUND), truth


def tree(shape_kji: Shape, random: np.random.Generator) -> Made:
    """A stem that parts into two branches, both of which belong to the object."""
    places, half = _wandering(shape_kji, random), shape_kji[0] // 2
    truth = np.zeros(shape_kji, bool)
    for k, place in enumerate(places):
        apart = 0.012 * max(0, k - half)
        for side in (-1, 1):
            truth[k] |= _disc(shape_kji[1:], place + (0, side * apart), 0.12 if k < half else 0.1)
    return np.where(truth, _OBJECT, _BACKGROUND), truth


def twins(shape_kji: Shape, random: np.random.Generator) -> Made:
    """Two objects of one grey value that touch; the first is meant."""
    middle, shift = _middle(shape_kji), np.array([0, 0, 0.25 * shape_kji[2]])
    one, other = (_distance(shape_kji, middle + side * shift) < 0.53 for side in (-0.9, 0.9))
    truth = one & ~other
    seam = ndimage.binary_dilation(truth) & ndimage.binary_dilation(other)
    grey = np.where(one | other, _OBJECT, _BACKGROUND)
    return np.where(seam, (_OBJECT + _BACKGROUND) / 2, grey), truth


def layers(shape_kji: Shape, random: np.random.Generator) -> Made:
    """One of several layers that lie in each other, grey between its neighbours."""
    distance = _distance(shape_kji, _middle(shape_kji), flat=True) + 0.03 * ndimage.gaussian_filter(
        random.normal(size=shape_kji), 6
    )
    ring = np.floor(distance * 5).astype(int)
    return np.choose(np.clip(ring, 0, 4), [60.0, 150.0, 110.0, 170.0, _BACKGROUND]), ring == 1


def foam(shape_kji: Shape, random: np.random.Generator) -> Made:
    """A piece of foam: dark pores in a bright object, in surroundings with texture; the pores count to it."""
    pores = ndimage.gaussian_filter(random.normal(size=shape_kji), 1.5)
    texture = ndimage.gaussian_filter(random.normal(size=shape_kji), 3)
    truth = _distance(shape_kji, _middle(shape_kji)) < 0.75
    inside = np.where(pores > pores.std(), _BACKGROUND - 30, _OBJECT)
    return np.where(truth, inside, _BACKGROUND + 12 * texture / texture.std()), truth


KINDS: Mapping[str, Callable[[Shape, np.random.Generator], Made]] = {
    each.__name__: each for each in (blob, tube, tree, twins, layers, foam)
}


def made_up(name: str, seed: int, shape_kji: Shape = SHAPE_KJI) -> Case:
    """An object of a kind, with noise, to be prompted where it is largest."""
    random = np.random.default_rng((seed, *name.encode()))
    grey, truth = KINDS[name](shape_kji, random)
    noisy = ndimage.gaussian_filter(grey, 0.7) + random.normal(0, _NOISE, shape_kji)
    return case_of(f"{name} {seed}", np.clip(noisy, 0, 255).astype(np.uint8), truth, Window(0, 255))


def noise(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """More noise everywhere."""
    return np.asarray(grey + random.normal(0, 25, grey.shape))


def rings(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Rings about the middle of the slices, as detectors leave them."""
    rows, columns = np.indices(grey.shape[1:])
    radius = np.hypot(rows - grey.shape[1] / 2, columns - grey.shape[2] / 2)
    return np.asarray(grey + 20 * np.sin(radius * random.uniform(0.5, 1.5)))


def black_slices(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two slices without anything."""
    worse: np.ndarray = grey.copy()
    worse[_places(grey, random)] = 0
    return worse


def jumps(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """From two slices on everything lies some pixels further."""
    worse: np.ndarray = grey.copy()
    for k in _places(grey, random):
        worse[k:] = np.roll(worse[k:], int(random.integers(2, 5)), axis=2)
    return worse


DAMAGE: Mapping[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    each.__name__.replace("_", " "): each for each in (noise, rings, black_slices, jumps)
}


def damaged(case: Case, name: str, seed: int) -> Case:
    """The case with a kind of damage; the object moves with its slices where these jump.

    It is prompted where it is largest of the slices that show anything.
    """
    worse = DAMAGE[name](case.grey_kji.astype(float), np.random.default_rng((seed, *name.encode())))
    truth = case.truth_kji
    if name == "jumps":
        truth = jumps(truth, np.random.default_rng((seed, *name.encode())))
    grey = np.clip(worse, 0, 255).astype(np.uint8)
    areas = truth.sum(axis=(1, 2)) * (np.ptp(grey, axis=(1, 2)) > 0)
    seen = case.seed_slice if areas[case.seed_slice] else int(areas.argmax())
    return replace(case, name=f"{case.name}, {name}", grey_kji=grey, truth_kji=truth, seed_slice=seen)


def real(volumes: Path) -> Iterator[Case]:
    """Organs, lungs, parts of a cell and pores in real scans."""
    grey, labels = (read_array(volumes / name) for name in ("abdomen_ct.nii.gz", "abdomen_spleen_kidneys.nii.gz"))
    for name, label in ORGANS.items():
        yield case_of(name, grey, labels == label, ABDOMEN_WINDOW)
    yield from lungs(volumes)
    yield from parts_of_the_cell(volumes)
    cement = read_array(volumes / "qim3d_cement_128x128x128.tif")
    pores, _ = ndimage.label(ndimage.binary_opening(ndimage.gaussian_filter(cement.astype(float), 1) < PORE_GREY))
    sizes = np.bincount(pores.ravel())[1:]
    for number in np.argsort(-sizes)[:3] + 1:
        if sizes[number - 1] >= LEAST_PORE_VOXELS:
            yield case_of(f"pore {number}", cement, pores == number, Window(0, 255))


def case_of(name: str, grey_kji: np.ndarray, truth_kji: np.ndarray, window: Window) -> Case:
    """An object to be prompted on the slice where it is largest, and looked for on all."""
    largest = int(truth_kji.sum(axis=(1, 2)).argmax())
    return Case(name, grey_kji, truth_kji, window, largest, (0, len(grey_kji) - 1))


def _middle(shape_kji: Shape) -> np.ndarray:
    return (np.array(shape_kji) - 1) / 2


def _distance(shape_kji: Shape, middle_kji: np.ndarray, flat: bool = False) -> np.ndarray:
    """From a middle, 1 at the borders; `flat` leaves the slices' axis out."""
    shares = [
        (axis - at) / (size / 2) for axis, at, size in zip(np.indices(shape_kji), middle_kji, shape_kji, strict=True)
    ]
    return np.asarray(np.sqrt(sum(each**2 for each in shares[flat:])))


def _disc(shape_yx: tuple[int, int], place_yx: np.ndarray, radius: float) -> np.ndarray:
    rows, columns = np.indices(shape_yx)
    size = min(shape_yx)
    return np.asarray(np.hypot(rows - place_yx[0] * size, columns - place_yx[1] * size) <= radius * size)


def _wandering(shape_kji: Shape, random: np.random.Generator) -> np.ndarray:
    """A place for each slice, as shares of its size."""
    steps = ndimage.gaussian_filter1d(random.normal(0, 0.02, (shape_kji[0], 2)), 2, axis=0)
    wandered = np.cumsum(steps, axis=0)
    return np.asarray(0.5 + wandered - np.mean(wandered, axis=0))


def _largest(truth: np.ndarray) -> np.ndarray:
    labels, _ = ndimage.label(truth)
    return np.asarray(labels == np.bincount(labels.ravel())[1:].argmax() + 1)


def _places(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two slices that are not in the middle, where objects are prompted."""
    count = len(grey)
    left, right = random.integers(2, count // 3), random.integers(2 * count // 3, count - 2)
    return np.array([left, right])
