"""Which labelled voxels a classifier is learned from: evenly drawn, the same whatever slabs they come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...core.extent import Extent
from ...core.window import Window
from ...volumes.formats.segment_keys import Place
from ...volumes.scan import Scan
from .feature_tiles import FeatureTile, Progress, tile_slabs
from .features import FeatureSettings

LabelSlabs = Callable[[], Iterator[tuple[int, np.ndarray]]]
"""Gives labels (k, j, i, layers) of all slices in their order, with the index of the first slice of each slab."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Labelled voxels.

    Attributes
    ----------
    of_class : numpy.ndarray
        (classes,) how many each has; the background is the last one where it counts.
    ambiguous : int
        Voxels that several classes have, of which nothing is learned.
    """

    of_class: np.ndarray
    ambiguous: int


@dataclass(frozen=True, eq=False)
class Samples:
    """Voxels that are learned from.

    Attributes
    ----------
    features : numpy.ndarray
        float32 (voxels, features).
    classes : numpy.ndarray
        (voxels,) from 0.
    positions_kji : numpy.ndarray
        (voxels, 3)
    weights : numpy.ndarray
        (voxels,) how many labelled voxels each stands for.
    """

    features: np.ndarray
    classes: np.ndarray
    positions_kji: np.ndarray
    weights: np.ndarray


def numbers_of(labels: np.ndarray, places: Sequence[Place], *, background: bool) -> tuple[np.ndarray, int]:
    """Of labels (k, j, i, layers) the number of each voxel's class, uint16 (k, j, i), and how many have several.

    Numbers count from 1 in the order of `places`; 0 is nothing to learn from, the last one may be the background.
    """
    found = np.zeros(labels.shape[:3], np.uint16)
    held = np.zeros(labels.shape[:3], np.uint8)
    for number, (layer, label) in enumerate(places, 1):
        mask = labels[..., layer] == label
        found[mask] = number
        held += mask
    if background:
        found[held == 0] = len(places) + 1
    found[held > 1] = 0
    return found, int(np.count_nonzero(held > 1))


def count_labelled(slabs: LabelSlabs, places: Sequence[Place], *, background: bool) -> Counts:
    """Count the labelled voxels of each class."""
    size = len(places) + background
    counts, ambiguous = np.zeros(size, np.int64), 0
    for _, labels in slabs():
        numbers, several = numbers_of(labels, places, background=background)
        counts += np.bincount(numbers.ravel(), minlength=size + 1)[1:]
        ambiguous += several
    return Counts(counts, ambiguous)


def positions_drawn(
    slabs: LabelSlabs, places: Sequence[Place], counts: Counts, most_voxels: int, seed: int, *, background: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Positions (voxels, 3) along k, j and i in the order of voxels, and their classes, from 0."""
    chance = np.random.default_rng(seed)
    wanted = [np.sort(chance.choice(int(n), min(int(n), most_voxels), replace=False)) for n in counts.of_class]
    passed = np.zeros(len(wanted), np.int64)
    positions, classes = [np.zeros((0, 3), np.int64)], [np.zeros(0, np.int64)]
    for first, labels in slabs():
        numbers, _ = numbers_of(labels, places, background=background)
        for each, ordinals in enumerate(wanted):
            there = np.flatnonzero(numbers.ravel() == each + 1)
            low, high = np.searchsorted(ordinals, (passed[each], passed[each] + len(there)))
            chosen = there[ordinals[low:high] - passed[each]]
            passed[each] += len(there)
            at = np.stack(np.unravel_index(chosen, numbers.shape), axis=1).astype(np.int64)
            at[:, 0] += first
            positions.append(at)
            classes.append(np.full(len(at), each))
    every, of_each = np.concatenate(positions), np.concatenate(classes)
    order = np.lexsort(every.T[::-1])
    return every[order], of_each[order]


def samples_of(
    scan: Scan,
    window: Window,
    settings: FeatureSettings,
    drawn: tuple[np.ndarray, np.ndarray],
    counts: Counts,
    progress: Progress = lambda _: None,
) -> Samples:
    """Features of the voxels that were drawn; those without a grey value are left out.

    Parameters
    ----------
    scan, window, settings, progress
        See `tile_slabs`.
    drawn : tuple of numpy.ndarray
        See `positions_drawn`.
    counts : Counts
    """
    positions, classes = drawn
    parts = [(np.zeros((0, len(settings.names)), np.float32), np.zeros(0, np.int64))]
    for slab in tile_slabs(scan, window, settings, progress):
        in_slab = _within(positions, slab.own, np.arange(len(positions)))
        if len(in_slab):
            parts += [_of_tile(tile, positions, in_slab) for tile in slab.tiles]
    features, index = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.argsort(index)
    index = index[order]
    learned = np.bincount(classes[index], minlength=len(counts.of_class))
    weights = (counts.of_class / np.maximum(1, learned))[classes[index]]
    return Samples(features[order], classes[index], positions[index], weights)


def _of_tile(tile: FeatureTile, positions: np.ndarray, candidates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    chosen = _within(positions, tile.own, candidates)
    local = positions[chosen] - np.array(tile.own.first_ijk[::-1])
    kept = tile.finite_kji[tuple(local.T)]
    chosen, local = chosen[kept], local[kept]
    voxels = np.zeros(tile.own.shape_kji, bool)
    voxels[tuple(local.T)] = True
    return tile.features_at(voxels), chosen


def _within(positions: np.ndarray, extent: Extent, candidates: np.ndarray) -> np.ndarray:
    """Those candidates whose positions lie in an extent, in the order of voxels."""
    at = positions[candidates]
    low, high = np.array(extent.first_ijk[::-1]), np.array(extent.last_ijk[::-1])
    inside: np.ndarray = candidates[((at >= low) & (at <= high)).all(axis=1)]
    return inside
