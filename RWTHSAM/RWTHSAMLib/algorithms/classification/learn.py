"""A forest learned from labelled voxels, and how well it knows labelled voxels that were kept out."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.settings.classification import LearnSettings
from ...core.slices import ARRAY_AXIS
from ...core.system.optional_package import optional_package
from ...errors import ClassifierError
from .forest import Forest
from .samples import Samples

_BLOCKS = 4
"""A choice: a quarter of the labelled slices is kept out each time."""
_FEW = 5_000
"""Of so few voxels a forest is learned before threads for it are there."""
_FEWEST = 10
"""Voxels of a class, the least that something can be learned from."""


def check_enough(names: Sequence[str], counts: Sequence[int]) -> None:
    """Raise `ClassifierError` unless there are two classes with voxels enough."""
    few = [f"'{name}' has {count}" for name, count in zip(names, counts, strict=True) if count < _FEWEST]
    if len(names) < 2 or few:
        raise ClassifierError(
            f"A classifier is learned from two classes or more, each of {_FEWEST} labelled voxels or more: "
            f"{'; '.join(few) or 'there is one class'}. Label more, or let voxels of no class be learned as background "
            "(--background)."
        )


def learned_forest(samples: Samples, choices: LearnSettings) -> tuple[Forest, Any]:
    """The forest, and the classifier of scikit-learn that it comes from.

    Raises
    ------
    DependencyMissing
        If scikit-learn is not installed.
    """
    trained = _fitted(samples, np.ones(len(samples.classes), bool), choices)
    return Forest.of_scikit(trained), trained


def dice_kept_out(samples: Samples, choices: LearnSettings) -> tuple[list[float | None], str]:
    """Dice of each class on labelled voxels that a forest was not learned from.

    Blocks of slices are kept out one after the other, along the first axis on which each class is in two of them; where
    there is none, each tree is asked of the voxels that it did not draw.

    Parameters
    ----------
    samples : Samples
    choices : LearnSettings

    Returns
    -------
    list of float, str
        By class; and in words what was kept out.
    """
    count = int(samples.classes.max()) + 1
    for axis in ("k", "j", "i"):
        blocks = _blocks(samples.positions_kji[:, ARRAY_AXIS[axis]])
        together = {*zip(samples.classes.tolist(), blocks.tolist(), strict=True)}
        if all(sum(each == number for each, _ in together) > 1 for number in range(count)):
            found = np.empty(len(blocks), np.int64)
            for block in np.unique(blocks):
                held = blocks == block
                found[held] = _fitted(samples, ~held, choices).predict(samples.features[held])
            said = f"blocks of slices along {axis} that were kept out, one of {len(np.unique(blocks))} at a time"
            return _dice(samples, found, count, np.ones(len(found), bool)), said
    known = _fitted(samples, np.ones(len(samples.classes), bool), choices, oob_score=True).oob_decision_function_
    asked = np.isfinite(known).all(axis=1) & (known.sum(axis=1) > 0)
    if len({*samples.classes[asked].tolist()}) < count:
        return [None] * count, "nothing, for there are too few trees or voxels to keep some out"
    said = "voxels that a tree did not draw, neighbours of those it did: too good; label more slices to know better"
    return _dice(samples, known.argmax(axis=1), count, asked), said


def _fitted(samples: Samples, chosen: np.ndarray, choices: LearnSettings, *, oob_score: bool = False) -> Any:
    ensemble = optional_package("sklearn.ensemble", "Classifiers that are learned", "'rwthsam[learn]'")
    forest = ensemble.RandomForestClassifier(
        n_estimators=choices.trees,
        max_depth=choices.depth,
        min_samples_leaf=2,
        random_state=choices.seed,
        n_jobs=os.cpu_count() if len(samples.classes) > _FEW else 1,
        oob_score=oob_score,
    )
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of voxels that every tree drew, which is looked at here
        return forest.fit(samples.features[chosen], samples.classes[chosen])


def _blocks(index: np.ndarray) -> np.ndarray:
    """The block of each voxel: slices with labels in their order, about as many voxels in each block."""
    slices, inverse, counts = np.unique(index, return_inverse=True, return_counts=True)
    before = np.cumsum(counts) - counts / 2
    of_slice = np.minimum(_BLOCKS - 1, before * _BLOCKS // counts.sum()).astype(np.int64)
    blocks: np.ndarray = of_slice[inverse] if len(slices) > 1 else np.zeros(len(index), np.int64)
    return blocks


def _dice(samples: Samples, found: np.ndarray, count: int, asked: np.ndarray) -> list[float | None]:
    weights, scores = samples.weights * asked, []
    for number in range(count):
        is_so, is_found = samples.classes == number, found == number
        both = weights[is_so & is_found].sum()
        scores.append(float(2 * both / (weights[is_so].sum() + weights[is_found].sum())))
    return list(scores)
