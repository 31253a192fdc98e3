"""Which slice a correction helps most on, and in which order doubtful slices are worth a look."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from .track import TrackedSlice

_WRONG_AT_LEAST = 0.2
"""What may be wrong of a slice that nothing speaks against. Of 52 made-up objects and prompts (development seeds,
RWTHSAM-Net) one correction where it is proposed brings the mean 3D Dice to .948 (painted: .951), the middle of the
longest run of doubtful slices, where there is one, to .92. With doubt squared, or where a correction reaches less far,
it was .941 to .947."""


def most_helpful(slices: Sequence[TrackedSlice], keyframes: Collection[int]) -> TrackedSlice | None:
    """The slice whose correction helps most: where much is rather wrong, and much of it within reach.

    A correction mends its own slice and, the less the farther, those on the way to the next prompted slice; where there
    is none, as many slices as the object has. Of each as much is to be gained as its area and the doubt in it say,
    little beside a prompted slice. So a tip is not proposed while larger slices are doubted.

    Parameters
    ----------
    slices : sequence of TrackedSlice
        The whole object, by index.
    keyframes : collection of int
        Slices that are right.

    Returns
    -------
    TrackedSlice or None
        None where all slices are right.
    """
    indices = np.array([each.index for each in slices])
    is_right = np.isin(indices, list(keyframes))
    open_places = np.flatnonzero(~is_right)
    if not open_places.size:
        return None
    doubt = np.array([1 + _WRONG_AT_LEAST - each.score for each in slices])
    right = indices[is_right]
    away = np.abs(indices[:, None] - right).min(axis=1) if right.size else np.full(len(indices), np.inf)
    weights = doubt * [each.mask.area for each in slices] * (1 - 1 / (1 + away))
    gains = [_gain(indices, weights, right, int(indices[at])) for at in open_places]
    return slices[int(open_places[int(np.argmax(gains))])]


def _gain(indices: np.ndarray, weights: np.ndarray, right: np.ndarray, index: int) -> float:
    """Weights within reach of a correction, each as far as it is reached."""
    below, above = right[right < index], right[right > index]
    length = indices[-1] - indices[0] + 1
    reaches = index - below.max() if below.size else length, above.min() - index if above.size else length
    away = indices - index
    return float(weights @ np.clip(1 - np.abs(away) / np.where(away < 0, *reaches), 0, 1))


def in_order_of_help(doubtful: Iterable[TrackedSlice], proposed: TrackedSlice | None = None) -> list[TrackedSlice]:
    """What is proposed, if it is doubtful; then the middle of the longest run of neighbours, and so on.

    A corrected slice is propagated from both ways, so it mends its neighbours too. Of equal runs the one whose middle
    is believed least comes first. On real scans with RWTHSAM-Net (box and 3 clicks) two corrections in this order
    brought a spleen from .22 to .58, lungs from .89 to .95 and from .70 to .78; the slices believed least, which lie at
    the far end of a leak, .22, .89 and .71.

    Parameters
    ----------
    doubtful : iterable of TrackedSlice
        In any order.
    proposed : TrackedSlice, optional
        See `most_helpful`.
    """
    listed = _by_runs(doubtful)
    first = [each for each in listed if proposed is not None and each.index == proposed.index]
    return [*first, *(each for each in listed if each not in first)]


def _by_runs(doubtful: Iterable[TrackedSlice]) -> list[TrackedSlice]:
    queue = [_entry(run) for run in _runs(sorted(doubtful, key=lambda each: each.index))]
    heapq.heapify(queue)
    ordered = []
    while queue:
        run = heapq.heappop(queue)[-1]
        middle = len(run) // 2
        ordered.append(run[middle])
        for half in (run[:middle], run[middle + 1 :]):
            if half:
                heapq.heappush(queue, _entry(half))
    return ordered


def _runs(by_index: Iterable[TrackedSlice]) -> Iterator[list[TrackedSlice]]:
    run: list[TrackedSlice] = []
    for each in by_index:
        if run and each.index != run[-1].index + 1:
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _entry(run: Sequence[TrackedSlice]) -> tuple[int, float, int, Sequence[TrackedSlice]]:
    """Its place in the queue; the index makes it one of its own, so that runs themselves are never compared."""
    middle = run[len(run) // 2]
    return -len(run), middle.score, middle.index, run
