"""Doubtful slices are listed in the order in which a correction helps."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.corrections import in_order_of_help
from RWTHSAMLib.algorithms.propagation.track import TrackedSlice
from RWTHSAMLib.core.mask import Mask


def doubted(scores: dict[int, float]) -> list[TrackedSlice]:
    mask = Mask.from_array(np.ones((4, 5), bool))
    return [TrackedSlice(index, mask, score) for index, score in scores.items()]


def order(scores: dict[int, float]) -> list[int]:
    return [each.index for each in in_order_of_help(doubted(scores))]


def test_the_middle_of_the_longest_run_comes_first_then_that_of_what_is_left() -> None:
    assert order(dict.fromkeys([4, 10, 11, 12, 13, 14, 15, 16], 0.3))[:3] == [13, 11, 15]


def test_single_slices_are_listed_the_worst_first() -> None:
    assert order({3: 0.4, 7: 0.1, 11: 0.3}) == [7, 11, 3]


def test_without_doubt_there_is_nothing_to_look_at() -> None:
    assert order({}) == []


@pytest.mark.parametrize("seed", range(5))
def test_every_doubtful_slice_is_listed_once_whatever_their_order_was(seed: int) -> None:
    print(f"seed {seed}")
    random = np.random.default_rng(seed)
    indices = random.permutation(60)[:25].tolist()
    scores = {index: float(random.choice([0.1, 0.2])) for index in indices}
    assert sorted(order(scores)) == sorted(indices)
    assert order(scores) == order(dict(sorted(scores.items())))
