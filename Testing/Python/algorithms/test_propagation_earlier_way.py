"""What was known beyond a slice stays where the way from its corrected mask ends at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.meeting import agreement
from RWTHSAMLib.algorithms.propagation.step_cache import StepCache
from RWTHSAMLib.algorithms.propagation.tracks import PropagatedObject, PropagationTracks
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.propagation_step import Seed, Step, StepJudgement
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.value_range import Range

SHAPE = (40, 50)
GOOD = StepJudgement(predicted_iou=0.95, growth=1.0, overlap=0.95, contained=0.97, contrast=1.0, material=1.0)
RULES = PropagationSettings(way_back=False)
LAST = 19


def disc(radius: float, middle_x: float = 25) -> Mask:
    rows, columns = np.indices(SHAPE)
    return Mask.from_array(np.hypot(columns - middle_x, rows - 20) <= radius)


class Insisting:
    """Finds a disc of radius 10 on every slice, from whatever mask, as a network that draws an object too wide."""

    def __init__(self, belief: StepJudgement = GOOD) -> None:
        self.cache, self.asked = StepCache(), 0
        self._belief = belief

    def propagated(self, keyframes: dict[int, Mask], first: int = 0, last: int = LAST) -> PropagatedObject:
        seeds = {k: Seed(Range(k, None), None, rated=1.0) for k in keyframes}
        tracks = PropagationTracks(keyframes, seeds, first, last, RULES, self.cache)
        while not tracks.is_finished:
            for task in tracks.tasks():
                self.asked += 1
                growth = disc(10).area / task.pending.previous.area
                tracks.take(task, Step(disc(10), replace(self._belief, growth=growth)))
        return tracks.result()


@pytest.fixture
def network() -> Insisting:
    return Insisting()


def indices(found: PropagatedObject) -> list[int]:
    return [each.index for each in found.slices]


@pytest.mark.parametrize(("seed", "corrected", "beyond"), [(4, 10, range(11, 20)), (15, 9, range(9))])
def test_slices_that_were_known_beyond_a_correction_stay_and_are_moved_as_it_is(
    network: Insisting, seed: int, corrected: int, beyond: range
) -> None:
    before = network.propagated({seed: disc(10)})
    after = network.propagated({seed: disc(10), corrected: disc(8)})
    assert indices(after) == indices(before) == list(range(20))
    masks = {each.index: each.mask for each in after.slices}
    next_one, far = sorted(beyond, key=lambda k: abs(k - corrected))[:: len(beyond) - 1]
    assert agreement(masks[next_one], disc(8)) > agreement(masks[next_one], disc(10))
    assert agreement(masks[far], disc(10)) == 1


def test_they_are_doubted_as_far_as_what_came_to_the_correction_was_wrong(network: Insisting) -> None:
    found = network.propagated({4: disc(10), 10: disc(8)})
    kept = [each for each in found.slices if each.index > 10]
    assert {each.index for each in kept} <= {each.index for each in found.doubtful}
    assert "from the prompted slice before it no way leads here" in kept[-1].remark
    assert [each.index for each in found.ends] == [0, LAST]


def test_what_came_to_another_object_is_not_kept(network: Insisting) -> None:
    found = network.propagated({4: disc(10), 10: disc(8, 40)})
    assert max(indices(found)) == 10 and found.ends[1].index == 10


def test_what_cannot_be_believed_is_not_kept() -> None:
    doubted = replace(GOOD, predicted_iou=0.62, contrast=0.08, material=0.1, likeness=0.0)
    found = Insisting(doubted).propagated({4: disc(10), 10: disc(8)})
    assert max(indices(found)) == 10 and found.ends[1].index == 10


def test_a_second_correction_behind_one_whose_way_ended_keeps_them_too(network: Insisting) -> None:
    assert indices(network.propagated({4: disc(10), 8: disc(8), 12: disc(8)})) == list(range(20))


def test_what_was_asked_before_the_correction_is_not_asked_again(network: Insisting) -> None:
    network.propagated({4: disc(10)})
    network.asked = 0
    network.propagated({4: disc(10), 10: disc(8)})
    assert network.asked == 2 * (1 + RULES.most_skipped)  # from 10 to both sides, where it ends


def test_an_object_that_ends_farther_from_the_correction_is_not_followed_twice() -> None:
    asked_alone, asked_with = Insisting(), Insisting()
    asked_alone.propagated({4: disc(10), 10: disc(9.5)}, last=17)
    asked_with.propagated({4: disc(10), 10: disc(9.5)}, last=18)
    assert asked_with.asked == asked_alone.asked + 1
