"""Doubtful slices are listed in the order in which a correction helps."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.corrections import in_order_of_help, most_helpful
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


def discs(radii: dict[int, float], scores: dict[int, float]) -> list[TrackedSlice]:
    rows, columns = np.indices((41, 41))
    return [
        TrackedSlice(k, Mask.from_array(np.hypot(rows - 20, columns - 20) <= radius), scores[k])
        for k, radius in radii.items()
    ]


def proposed(slices: list[TrackedSlice], *keyframes: int) -> int:
    found = most_helpful(slices, keyframes)
    assert found is not None
    return found.index


def test_between_two_prompted_slices_that_are_believed_alike_the_middle_is_proposed() -> None:
    assert proposed(discs(dict.fromkeys(range(21), 9), dict.fromkeys(range(21), 0.8)), 0, 20) == 10


def test_the_longer_stretch_is_where_a_correction_is_proposed() -> None:
    slices = discs(dict.fromkeys(range(31), 9), dict.fromkeys(range(31), 0.8))
    assert [proposed(slices, *keyframes) for keyframes in ((9,), (9, 19), (0, 20), (21,))] == [20, 25, 10, 10]


def test_a_tip_is_not_proposed_while_larger_slices_are_rather_wrong() -> None:
    radii = {k: min(12, 17 - k) for k in range(17)}
    scores = {k: 0.02 if k > 13 else 0.6 for k in range(17)}
    slices = discs(radii, scores)
    assert in_order_of_help([each for each in slices if each.score < 0.5])[0].index > 13
    assert 3 <= proposed(slices, 0) <= 8


def test_a_long_run_of_slices_that_are_wrong_is_where_a_correction_is_proposed() -> None:
    scores = {k: 0.1 if 24 <= k <= 30 else 0.95 for k in range(40)}
    assert 24 <= proposed(discs(dict.fromkeys(range(40), 9), scores), 3) <= 30


def test_without_any_doubt_a_slice_is_proposed_too_but_none_that_is_right() -> None:
    slices = discs(dict.fromkeys(range(9), 9), dict.fromkeys(range(9), 1.0))
    assert proposed(slices, 4) not in (0, 4, 8)
    assert most_helpful(slices, range(9)) is None and most_helpful([], ()) is None


def test_what_is_proposed_is_first_on_the_list_if_it_is_doubtful() -> None:
    listed = doubted(dict.fromkeys([4, 10, 11, 12, 13], 0.3))
    assert [each.index for each in in_order_of_help(listed, listed[0])][:2] == [4, 12]
    assert [each.index for each in in_order_of_help(listed, doubted({7: 0.9})[0])][0] == 12
    assert len(in_order_of_help(listed, listed[0])) == 5


def test_of_a_leak_the_middle_of_its_slices_is_proposed_however_large_the_far_ones_are() -> None:
    radii = {k: 6 if k < 20 else k - 14 for k in range(34)}
    slices = discs(radii, {k: 0.9 if k < 10 else 0.05 for k in radii})
    listed = [each for each in slices if each.score < 0.5]
    by_area, by_run = most_helpful(slices, [5]), most_helpful(slices, [5], listed)
    assert by_run is not None and by_area is not None and by_run.index == 22 < by_area.index


def test_a_few_doubtful_slices_do_not_draw_it_from_where_most_is_wrong() -> None:
    slices = discs(dict.fromkeys(range(30), 9), {k: 0.6 if k < 27 else 0.1 for k in range(30)})
    found = most_helpful(slices, [0], slices[27:])
    assert found is not None and 12 <= found.index <= 20
