"""A random forest as plain numbers: nothing but numpy is needed to ask it, and its file can hold nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

_ROWS = 1 << 15
"""Rows that are looked at together: their features stay in the processor's cache."""
_LEVELS_AT_ONCE = 3
_KINDS = {"starts": "i", "feature": "i", "threshold": "f", "children": "i", "shares": "f"}


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees, all their nodes one after the other.

    Attributes
    ----------
    starts : numpy.ndarray
        (trees,) int32, the root of each.
    feature : numpy.ndarray
        (nodes,) int16, the column that a node asks for; -1 at leaves.
    threshold : numpy.ndarray
        (nodes,) float64: values up to it go on to the first child.
    children : numpy.ndarray
        (nodes, 2) int32; both are the node itself at leaves.
    shares : numpy.ndarray
        (nodes, classes) float64, how much of what came to a leaf was of which class.

    Raises
    ------
    ValueError
        If they do not fit each other, or some way through a tree would never end.
    """

    starts: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    children: np.ndarray
    shares: np.ndarray

    def __post_init__(self) -> None:
        nodes = len(self.feature)
        at = np.arange(nodes)[:, None]
        fits = (
            all(getattr(self, name).dtype.kind == kind for name, kind in _KINDS.items())
            and nodes > 0
            and self.threshold.shape == self.feature.shape == (nodes,)
            and self.children.shape == (nodes, 2)
            and self.shares.ndim == 2
            and len(self.shares) == nodes
            and self.shares.shape[1] > 1
            and self.starts.ndim == 1
            and len(self.starts) > 0
            and 0 <= self.starts.min() <= self.starts.max() < nodes
            and self.children.max() < nodes
            and bool((self.children >= at).all())
            and bool(((self.children > at).all(axis=1) == (self.feature >= 0)).all())
            and bool(((self.children == at).all(axis=1) == (self.feature < 0)).all())
            and bool(np.isfinite(self.threshold).all() and np.isfinite(self.shares).all())
        )
        if not fits:
            raise ValueError("no forest")

    @property
    def class_count(self) -> int:
        """How many classes there are."""
        return int(self.shares.shape[1])

    @property
    def feature_count(self) -> int:
        """How many features are asked for at least."""
        return int(self.feature.max()) + 1

    def arrays(self) -> dict[str, np.ndarray]:
        """What it is made of, by name."""
        return {name: getattr(self, name) for name in _KINDS}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Forest:
        """The forest that is made of these; raises `ValueError` or `KeyError` where there is none."""
        return cls(**{name: arrays[name] for name in _KINDS})

    @classmethod
    def of_scikit(cls, trained: Any) -> Forest:
        """What a trained ``RandomForestClassifier`` of scikit-learn says."""
        trees = [each.tree_ for each in trained.estimators_]
        starts = np.cumsum([0, *(each.node_count for each in trees[:-1])])
        parts = zip(starts, trees, strict=True)
        children = np.concatenate([_children(each) + start for start, each in parts])
        shares = np.concatenate([each.value[:, 0, :] for each in trees])
        return cls(
            starts.astype(np.int32),
            np.concatenate([np.where(each.children_left < 0, -1, each.feature) for each in trees]).astype(np.int16),
            np.concatenate([each.threshold for each in trees]).astype(np.float64),
            children.astype(np.int32),
            shares / shares.sum(axis=1, keepdims=True),
        )

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """How probable each class is.

        Parameters
        ----------
        features : numpy.ndarray
            float32 (rows, features).

        Returns
        -------
        numpy.ndarray
            float64 (rows, classes): means over the trees.
        """
        found = np.empty((len(features), self.class_count))
        for first in range(0, len(features), _ROWS):
            part = slice(first, first + _ROWS)
            found[part] = self._probabilities(np.ascontiguousarray(features[part], np.float32))
        return found

    def _probabilities(self, features: np.ndarray) -> np.ndarray:
        values, children = features.ravel(), self.children.ravel()
        column = np.maximum(self.feature, 0).astype(np.int64)
        rows = np.arange(len(features)) * features.shape[1]
        total = np.zeros((len(features), self.class_count))
        for start in self.starts:
            ends = np.full(len(features), start, np.int64)
            going, at = np.arange(len(features)), ends
            while len(going):
                base = rows[going]
                for _ in range(_LEVELS_AT_ONCE):
                    beyond = values.take(base + column.take(at)) > self.threshold.take(at)
                    at = children.take(2 * at + beyond).astype(np.int64)
                ends[going] = at
                open_ones = self.feature.take(at) >= 0
                going, at = going[open_ones], at[open_ones]
            total += self.shares.take(ends, axis=0)
        return total / len(self.starts)


def _children(tree: Any) -> np.ndarray:
    own = np.arange(tree.node_count)
    sides = (tree.children_left, tree.children_right)
    return np.stack([np.where(each < 0, own, each) for each in sides], axis=1)
