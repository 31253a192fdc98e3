"""A simulated person at one target: all prompts given so far, as the decoder's arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .clicks import along_line_xy, deepest_pixel_xy, larger_error, loose_box_xyxy, random_pixel_xy, stroke_xy
from .data.sample import Target

NO_BOX = np.array([0, 0, -1, -1], np.float32)
_MOST_ALIKE = 0.8
_BOX_SHARE, _STROKE_SHARE, _LINE_SHARE, _DEEPEST_SHARE = 0.15, 0.15, 0.4, 0.5


class Prompter:
    """Gives prompts for a target.

    Parameters
    ----------
    target : Target
    random : numpy.random.Generator
    """

    def __init__(self, target: Target, random: np.random.Generator) -> None:
        self.target = target
        self.box_xyxy = NO_BOX
        self._random = random
        self._points: list[tuple[float, float, float]] = []

    @property
    def points(self) -> np.ndarray:
        """float32, (k, 3): x, y and 1 for positive, 0 for negative."""
        return np.array(self._points, np.float32).reshape(-1, 3)

    def begin(self) -> None:
        """Give the first prompt: a box, a stroke or a point."""
        if self._random.random() < _BOX_SHARE:
            self.box_xyxy = loose_box_xyxy(self.target.mask, self._random)
        else:
            self._add(self.target.mask, True)

    def go_on(self, found: np.ndarray) -> None:
        """Give a prompt for what is wrong with a mask; nothing where nothing is."""
        region, positive = larger_error(self.target.mask, found)
        if region.any():
            self._add(region, positive)

    def _add(self, region: np.ndarray, positive: bool) -> None:
        line = self._line(region, positive)
        if line is None:
            line = np.array([self._pixel(region)])
        self._points += [(float(x), float(y), float(positive)) for x, y in line]

    def _line(self, region: np.ndarray, positive: bool) -> np.ndarray | None:
        centre_line = self.target.centre_line_xy
        if positive and centre_line is not None and self._random.random() < _LINE_SHARE:
            return along_line_xy(centre_line, region, self._random)
        return stroke_xy(region, self._random) if self._random.random() < _STROKE_SHARE else None

    def _pixel(self, region: np.ndarray) -> tuple[int, int]:
        if self._random.random() < _DEEPEST_SHARE:
            return deepest_pixel_xy(region)
        return random_pixel_xy(region, self._random)


def chosen_targets(targets: Sequence[Target], count: int, random: np.random.Generator) -> list[Target]:
    """Targets drawn evenly over kinds, however many there are of each.

    Those that are nearly the same, as a cell, its inside and its roll with what it lies in, count once: otherwise a
    click would mean the whole of them before it means the part that lies in them.
    """
    by_kind: dict[str, list[Target]] = {}
    for target in targets:
        by_kind.setdefault(target.kind, []).append(target)
    one_of_each = [by_kind[kind][random.integers(len(by_kind[kind]))] for kind in sorted(by_kind)]
    distinct: list[Target] = []
    for place in random.permutation(len(one_of_each)):
        if all(iou(one_of_each[place].mask, each.mask) <= _MOST_ALIKE for each in distinct):
            distinct.append(one_of_each[place])
    kinds = [each.kind for each in distinct]
    order = [kinds[n] for _ in range(-(-count // len(kinds)) - 1) for n in random.permutation(len(kinds))]
    others = [by_kind[kind][random.integers(len(by_kind[kind]))] for kind in order]
    return [*distinct, *others][:count]


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """IoU of two bool masks."""
    return int(np.count_nonzero(one & other)) / max(1, int(np.count_nonzero(one | other)))


def padded(points: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Points of several targets as arrays of one length: (t, k, 2) and labels (t, k), -1 for none."""
    most = max(1, *(len(each) for each in points))
    coords, labels = np.zeros((len(points), most, 2), np.float32), np.full((len(points), most), -1, np.float32)
    for row, each in enumerate(points):
        coords[row, : len(each)], labels[row, : len(each)] = each[:, :2], each[:, 2]
    return coords, labels
