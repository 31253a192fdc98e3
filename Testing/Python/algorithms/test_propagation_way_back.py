"""An object is believed as far as the way back from it comes to what was prompted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.step_cache import StepCache
from RWTHSAMLib.algorithms.propagation.track import TrackedSlice
from RWTHSAMLib.algorithms.propagation.tracks import PropagatedObject, PropagationTracks
from RWTHSAMLib.algorithms.propagation.way_back import WayBack
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.propagation_step import Seed, Step, StepJudgement
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.value_range import Range

SHAPE = (40, 200)
SEED = Seed(Range(), None, rated=1.0)
GOOD = StepJudgement(0.95, 1.0, 0.95, 0.97, 1.0, 1.0)
Answer = Callable[[int, Mask], Mask]


def disc(x: float, radius: float = 8) -> Mask:
    rows, columns = np.indices(SHAPE)
    return Mask.from_array(np.hypot(columns - x, rows - 20) <= radius)


def middle_of(mask: Mask) -> float:
    x0, _, x1, _ = mask.bounds_xyxy
    return (x0 + x1) / 2


def stays(index: int, previous: Mask) -> Mask:
    """A model that finds the mask before again, on the way there and back."""
    return previous


def slides_away(index: int, previous: Mask) -> Mask:
    """A model that follows, on the slices from 5 on, whatever lies two pixels farther, in either direction."""
    return disc(middle_of(previous) + 2) if index > 5 else previous


def propagated(answer: Answer, cache: StepCache | None = None, asked: list[int] | None = None) -> PropagatedObject:
    tracks = PropagationTracks({2: disc(30)}, {2: SEED}, 0, 20, PropagationSettings(), cache)
    while not tracks.is_finished:
        for task in tracks.tasks():
            if asked is not None:
                asked.append(task.pending.index)
            tracks.take(task, Step(answer(task.pending.index, task.pending.previous), GOOD))
    assert tracks.share == 1.0
    return tracks.result()


def doubtful(found: PropagatedObject) -> list[int]:
    return sorted(each.index for each in found.doubtful)


def test_an_object_that_is_met_on_the_way_back_is_believed() -> None:
    found = propagated(stays)
    assert [each.index for each in found.slices] == list(range(21)) and not found.doubtful


def test_a_mask_that_slid_away_is_on_the_list_although_each_of_its_steps_was_good() -> None:
    found = propagated(slides_away)
    assert [each.index for each in found.slices] == list(range(21))
    assert doubtful(found) == list(range(7, 21))
    assert all("way back from here meets the prompted mask by" in each.remark for each in found.doubtful)


def test_where_the_way_back_is_not_asked_for_no_step_is_taken_on_it() -> None:
    tracks = PropagationTracks({2: disc(30)}, {2: SEED}, 0, 20, PropagationSettings(way_back=False))
    steps = 0
    while not tracks.is_finished:
        for task in tracks.tasks():
            tracks.take(task, Step(slides_away(task.pending.index, task.pending.previous), GOOD))
            steps += 1
    assert steps == 20 and not tracks.result().doubtful


def test_the_same_propagation_again_asks_nothing_on_the_way_back_either() -> None:
    cache, asked = StepCache(), []
    first = propagated(slides_away, cache=cache)
    again = propagated(slides_away, cache=cache, asked=asked)
    assert not asked and doubtful(again) == doubtful(first)


def test_between_two_prompted_slices_both_sides_are_compared_instead() -> None:
    masks = {0: disc(30), 20: disc(30, 7)}
    tracks = PropagationTracks(masks, dict.fromkeys(masks, SEED), 0, 20, PropagationSettings())
    asked = []
    while not tracks.is_finished:
        for task in tracks.tasks():
            asked.append(task.pending.index)
            tracks.take(task, Step(task.pending.previous, GOOD))
    assert sorted(asked) == sorted([*range(1, 21), *range(20)])


def test_from_a_damaged_slice_that_was_prompted_the_way_back_is_gone_to_the_one_beside_it() -> None:
    """Nothing is to be seen on slice 4: neither the prompted mask there nor a way back to it is found."""
    unseen = replace(GOOD, overlap=0.0)
    masks = {2: disc(30), 4: disc(30, 7)}
    tracks = PropagationTracks(masks, dict.fromkeys(masks, replace(SEED, rated=None)), 0, 20, PropagationSettings())
    while not tracks.is_finished:
        for task in tracks.tasks():
            is_damaged = task.pending.index == 4
            mask = disc(150) if is_damaged else task.pending.previous
            tracks.take(task, Step(mask, unseen if is_damaged else GOOD))
    assert not [each.index for each in tracks.result().doubtful if each.index > 4]


def test_stopped_on_the_way_back_the_object_is_whole() -> None:
    tracks = PropagationTracks({2: disc(30)}, {2: SEED}, 0, 20, PropagationSettings())
    while not tracks.is_followed:
        for task in tracks.tasks():
            tracks.take(task, Step(disc(30), GOOD))
    assert not tracks.is_finished and 0 < tracks.share < 1
    assert [each.index for each in tracks.result().slices] == list(range(21))


def slices(masks: list[Mask], filled: tuple[int, ...] = ()) -> list[TrackedSlice]:
    return [TrackedSlice(n, each, 0.98, is_filled=n in filled) for n, each in enumerate(masks, 1)]


def gone_back(found: list[TrackedSlice], answer: Answer) -> tuple[WayBack, list[int]]:
    """The way back through slices to slice 0, and where the model was asked on it."""
    way, asked = WayBack(0, disc(30), found, SEED), []
    while way.pending is not None:
        asked.append(way.pending.index)
        way.take(Step(answer(way.pending.index, way.pending.previous), GOOD))
    return way, asked


def test_slices_that_were_filled_in_are_passed_over() -> None:
    _, asked = gone_back(slices([disc(30)] * 8, filled=(3, 4)), stays)
    assert asked == [7, 6, 5, 2, 1, 0]


def test_from_a_tip_no_way_is_found_and_only_the_tip_is_doubted() -> None:
    found = slices([disc(30)] * 7 + [disc(30, 2)])
    way, _ = gone_back(found, lambda index, previous: disc(100) if previous.area < 50 else previous)
    assert [each.index for each in way.judged(found) if each.score < 0.5] == [8]


def test_a_slice_that_is_met_as_it_was_is_confirmed() -> None:
    found = slices([disc(30)] * 3 + [disc(30, 4)] + [disc(30)] * 3)
    way, _ = gone_back(found, lambda index, previous: disc(30, 4) if index == 4 else disc(30))
    assert way.confirmed >= {1, 2, 3, 4, 5, 6}
    way, _ = gone_back(found, lambda index, previous: disc(30))
    assert 4 not in way.confirmed and {3, 5} <= way.confirmed


def test_an_object_of_no_slice_has_no_way_back() -> None:
    way, asked = gone_back([], stays)
    assert not asked and way.judged([]) == [] and way.share == 1.0


@pytest.mark.parametrize("seed", range(8))
def test_the_few_ways_that_are_gone_doubt_what_all_ways_would(seed: int) -> None:
    """Each slice by a way of its own, against the search between the last one and the prompted one."""
    print(f"seed {seed}")
    random = np.random.default_rng(seed)
    moves = random.uniform(0, 3, 30) * (np.arange(30) >= random.integers(0, 30))
    there = [disc(30 + x, 10) for x in np.cumsum(moves)]

    def clings(index: int, previous: Mask) -> Mask:
        return previous

    found = slices(there)
    way, _ = gone_back(found, clings)
    believed = [each.index for each in way.judged(found) if each.score >= 0.5]
    alone = []
    for last in range(1, 31):
        single, _ = gone_back(found[:last], clings)
        if single.judged(found[:last])[-1].score >= 0.5:
            alone.append(last)
    assert believed == alone
