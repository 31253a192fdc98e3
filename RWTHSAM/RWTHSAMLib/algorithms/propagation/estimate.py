"""How far a propagated slice can be believed: what was learned from made-up objects whose truth is known.

`estimate.json` beside this file is written by ``Testing/Benchmarks/propagation_doubt.py``: trees that were grown one
after the other (gradient boosting), as plain numbers. What is added up over them is the logarithm of the odds that the
mask is right, Dice 0.8 and more. More evidence never lowers it. `estimate_followed.json` is the same for masks that
were found with the mask before shown to the model: those overlap with it whether they are right or not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from .drift import score_of_drift
from .evidence import NAMES, OF_STEP, WEAKEST
from .track import TrackedSlice, score_of_likeness

FILES = {follows: Path(__file__).with_name(f"estimate{'_followed' * follows}.json") for follows in (False, True)}
"""What was learned of masks that were found without and with the mask before shown to the model."""
_LEAF = -1
_WEIGHTS = (1, 2, 3, 2, 1)
_AS_GOOD_AS_ONE = 0.995
"""An estimate is no better than that, and 1 shall say that next to nothing speaks against a slice."""
_WITHIN, _SHRINKING = 0.95, 0.75
"""A mask is a tip that lies within the prompted one, or comes back to it, and has lost a quarter of the area before it.
Of slices of development seeds 3325 of 3561 poor ones were named without this, 3322 with it, and 1471 and 1382 good
ones; anything from .65 to .9 does nearly the same."""
_LEFT = 0.5
"""Share that stays of the prompted mask (evidence `stayed`) below which a way has left its object: that a mask lies in
the prompted one further on, as one lung does in the outline of the other, is chance then. No good slice of real scans
and held-out seeds is named for it; with .6 two or three are, without this limit six to thirteen."""
_ALIKE_ENOUGH = 0.3
"""Match of grey values from which on it does not limit the score; half of it is just doubtful. A whole cell, whose grey
values none of the rules asks for, goes on into the air above it with a match of .06, with MobileSAM over all slices to
the scan's end. Of slices of made-up objects (development seeds) 293 poor and 4 good ones match less than half of it, of
real scans 42 and 2."""
TREE = ("features", "thresholds", "left", "right")
"""What is written of a tree, each a list over its nodes; see `Estimate`."""


def _around(name: str) -> tuple[str, ...]:
    """Evidence of a slice, of those on the way to it, and of those beside it."""
    return name, f"weakest {name}", f"near {name}"


_STRANGE_GREY = "its grey values are not those of the prompted mask"
_WORDS: Mapping[str, tuple[str, ...]] = {
    "": OF_STEP,  # the step has its own words
    "its outline is more ragged than that of the prompted mask": ("compact", "weakest compact"),
    "it is larger than the prompted mask": ("larger",),
    "the object is thinner here than beside it": ("thickness",),
    "the model hardly finds the prompted mask again": ("found_again",),
    "the way back from here does not quite meet the prompted mask": ("fit_back", "met_back", "stayed"),
    _STRANGE_GREY: _around("grey_match"),
    "its outline runs where the grey values have no edge": ("sharpness", *_around("sharpness_kept")),
    "slices beside it cannot be believed": ("near step", "near rules"),
    "a slice between it and the prompted one cannot be believed": tuple(
        f"weakest {each}" for each in WEAKEST if each != "compact"
    ),
}


@dataclass(frozen=True, eq=False)
class Estimate:
    """Trees whose sum is the logarithm of the odds that a mask is right.

    Attributes
    ----------
    base : float
        What the sum begins with.
    features : numpy.ndarray
        int64, (trees, nodes): column of the evidence that a node asks for, -1 at a leaf. The first node is the root.
    thresholds : numpy.ndarray
        float64, (trees, nodes): evidence up to this goes left, more goes right; of a leaf, what it adds.
    left, right : numpy.ndarray
        int64, (trees, nodes): the nodes that follow.
    """

    base: float
    features: np.ndarray
    thresholds: np.ndarray
    left: np.ndarray
    right: np.ndarray

    @property
    def most(self) -> float:
        """The logarithm of the odds where all evidence is perfect."""
        return float(self.log_odds(np.ones((1, len(NAMES))))[0])

    def log_odds(self, evidence: np.ndarray) -> np.ndarray:
        """Of slices, (slices,), from their evidence, (slices, features)."""
        trees = np.arange(len(self.features))[:, None]
        at = np.zeros((len(self.features), len(evidence)), int)
        slices = np.arange(len(evidence))
        while np.any((asked := self.features[trees, at]) != _LEAF):
            goes_left = evidence[slices, np.maximum(asked, 0)] <= self.thresholds[trees, at]
            following = np.where(goes_left, self.left[trees, at], self.right[trees, at])
            at = np.where(asked == _LEAF, at, following)
        return np.asarray(self.base + self.thresholds[trees, at].sum(axis=0))


@cache
def shipped_estimate(follows: bool = False) -> Estimate:
    """The one that comes with the package, for models that are shown the mask before or for others."""
    return estimate_of(FILES[follows])


def estimate_of(path: Path) -> Estimate:
    """Read a file that the fitting program wrote."""
    written = json.loads(path.read_text(encoding="utf-8"))
    columns = [np.array([tree[key] for tree in written["trees"]]) for key in TREE]
    return Estimate(float(written["base"]), *columns)


def beliefs_of(evidence: np.ndarray, follows: bool) -> np.ndarray:
    """Probability of slices to be right, (slices,), up to what a poor slice that is not named costs.

    Parameters
    ----------
    evidence : numpy.ndarray
        Of neighbours, in the order in which they were found, (slices, `NAMES`).
    follows : bool
        Whether the model was shown the mask before.
    """
    return np.asarray(1 / (1 + np.exp(-smoothed(shipped_estimate(follows).log_odds(evidence)))))


def estimated(
    slices: Sequence[TrackedSlice], evidence: np.ndarray, doubtful_below: float, follows: bool = False
) -> list[TrackedSlice]:
    """The same slices with the estimate as their score.

    Parameters
    ----------
    slices : sequence of TrackedSlice
        Believed as the rules have it. What they say against a slice stays; where they say little and the estimate
        is low, the evidence that lowers it most gives the words. One that was filled in is believed no more than by
        them.
    evidence : numpy.ndarray
        Of each of them, (slices, `NAMES`).
    doubtful_below : float
        Score, see `PropagationSettings`.
    follows : bool
        Whether the model was shown the mask before.
    """
    estimate = shipped_estimate(follows)
    scores = scores_of(smoothed(estimate.log_odds(evidence)), estimate.most, evidence)
    reasons = _reasons(estimate, evidence, doubtful_below)
    return [
        replace(
            each,
            score=min(float(score), each.score) if each.is_filled else float(score),
            weakness=reason if reason and each.score >= doubtful_below else each.weakness,
            evidence=tuple(map(float, row)),
        )
        for each, score, reason, row in zip(slices, scores, reasons, evidence, strict=True)
    ]


def scores_of(log_odds: np.ndarray, most: float, evidence: np.ndarray) -> np.ndarray:
    """Scores, (slices,), 1 where nothing speaks against a slice.

    Parameters
    ----------
    log_odds : numpy.ndarray
        (slices,).
    most : float
        The logarithm of the odds where all evidence is perfect.
    evidence : numpy.ndarray
        (slices, `NAMES`).
    """
    shares = (1 + np.exp(-most)) / (1 + np.exp(-log_odds))
    scores = np.minimum(shares, _most_for(evidence))
    return np.asarray(np.where(scores >= _AS_GOOD_AS_ONE, 1.0, scores))


def _most_for(evidence: np.ndarray) -> np.ndarray:
    """Score, at most, (slices,), of masks that have left their object with steps that are good in everything else.

    Made-up objects hardly ever show that, so that it cannot be learned from them.
    """
    likeness, stayed = (evidence[:, NAMES.index(each)] for each in ("likeness", "stayed"))
    least_before = np.minimum.accumulate(stayed)
    stayed = np.where(least_before < _LEFT, least_before, stayed)
    home = [score_of_likeness(float(each)) if each < 1 else 1.0 for each in stayed]
    looks = np.minimum(score_of_drift(likeness), _most_for_grey(evidence))
    return np.asarray(np.minimum(np.where(_is_tip(evidence), 1.0, looks), home))


def _is_tip(evidence: np.ndarray) -> np.ndarray:
    """Which slices, (slices,), need not look as the prompted one does: what lies beyond a tip shows through."""
    stayed, shrunk = (evidence[:, NAMES.index(each)] for each in ("stayed", "shrunk"))
    return np.asarray((stayed >= _WITHIN) & (shrunk < _SHRINKING))


def _most_for_grey(evidence: np.ndarray) -> np.ndarray:
    """Score, at most, (slices,), of masks whose grey values are not distributed as those of the prompted one."""
    return np.asarray(np.clip(evidence[:, NAMES.index("grey_match")] / _ALIKE_ENOUGH, 0.0, 1.0))


def smoothed(log_odds: np.ndarray) -> np.ndarray:
    """Each with those of its neighbours on the track, (slices,), since poor slices are rarely alone."""
    if not len(log_odds):
        return log_odds
    padded = np.pad(log_odds, len(_WEIGHTS) // 2, mode="edge")
    return np.convolve(padded, np.array(_WEIGHTS) / sum(_WEIGHTS), mode="valid")


def _reasons(estimate: Estimate, evidence: np.ndarray, doubtful_below: float) -> list[str]:
    """What lowers each estimate most: the words whose evidence, were it perfect, would raise it most."""
    raised = []
    for names in _WORDS.values():
        perfect = evidence.copy()
        perfect[:, [NAMES.index(each) for each in names]] = 1.0
        raised.append(estimate.log_odds(perfect))
    if not len(evidence):
        return []
    words, at = list(_WORDS), np.argmax(raised, axis=0)
    is_strange = (_most_for_grey(evidence) < doubtful_below) & ~_is_tip(evidence)
    return [_STRANGE_GREY if strange else words[each] for each, strange in zip(at, is_strange, strict=True)]
