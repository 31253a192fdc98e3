"""All tracks of a propagation together ask each step once, also after a correction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from RWTHSAMLib.algorithms.propagation.dips import without_belief_in_dips
from RWTHSAMLib.algorithms.propagation.meeting import agreement, blended
from RWTHSAMLib.algorithms.propagation.offset import is_off, moved_back
from RWTHSAMLib.algorithms.propagation.seed import seed_of
from RWTHSAMLib.algorithms.propagation.step_cache import StepCache
from RWTHSAMLib.algorithms.propagation.track import End, TrackedSlice
from RWTHSAMLib.algorithms.propagation.tracks import PropagatedObject, PropagationTracks, StepTask
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.propagation_step import Seed, Step, StepJudgement
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.errors import StateError

SHAPE = (40, 50)
GOOD = StepJudgement(predicted_iou=0.95, growth=1.0, overlap=0.95, contained=0.97, contrast=1.0, material=1.0)
RULES = PropagationSettings(way_back=False)
FIRST, LAST = 0, 9


def disc(radius: float, middle_x: float = 25) -> Mask:
    rows, columns = np.indices(SHAPE)
    return Mask.from_array(np.hypot(columns - middle_x, rows - 20) <= radius)


class Propagator:
    """Takes the steps of propagations through a cylinder and writes down where it was asked to go."""

    def __init__(self, ends_behind: int = LAST) -> None:
        self.cache = StepCache()
        self.asked: list[tuple[int, int]] = []
        self._ends_behind = ends_behind

    def tracks(self, keyframes: dict[int, Mask], first: int = FIRST, last: int = LAST) -> PropagationTracks:
        return PropagationTracks(
            keyframes, dict.fromkeys(keyframes, Seed(Range(), None, rated=1.0)), first, last, RULES, self.cache
        )

    def propagated(self, keyframes: dict[int, Mask], first: int = FIRST, last: int = LAST) -> PropagatedObject:
        tracks = self.tracks(keyframes, first, last)
        while not tracks.is_finished:
            for task in reversed(tracks.tasks()):
                self.take(tracks, task)
        return tracks.result()

    def take_one(self, tracks: PropagationTracks, position: int = 0) -> None:
        for task in tracks.tasks()[position : position + 1]:
            self.take(tracks, task)

    def take(self, tracks: PropagationTracks, task: StepTask) -> None:
        self.asked.append((task.pending.index, task.pending.previous.area))
        is_there = task.pending.index <= self._ends_behind
        judgement = GOOD if is_there else replace(GOOD, growth=0.0, overlap=0.0, contained=0.0)
        mask = task.pending.previous if is_there else Mask.from_array(np.zeros(SHAPE, bool))
        tracks.take(task, Step(mask, judgement))


@pytest.fixture
def propagator() -> Propagator:
    return Propagator()


def test_an_object_goes_to_both_sides_of_its_slice(propagator: Propagator) -> None:
    found = propagator.propagated({4: disc(8)})
    assert [each.index for each in found.slices] == list(range(10))
    assert sorted(index for index, _ in propagator.asked) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert [*found.ends] == [End(0, "the scan begins here"), End(9, "the scan ends here")] and not found.doubtful


def test_two_tracks_can_be_followed_at_the_same_time(propagator: Propagator) -> None:
    assert [each.pending.index for each in propagator.tracks({4: disc(8)}).tasks()] == [3, 5]
    tracks = propagator.tracks({2: disc(8), 6: disc(8)})
    assert [each.pending.index for each in tracks.tasks()] == [3, 5]


def test_beyond_a_prompted_slice_it_goes_on_when_it_is_known_what_comes_there(propagator: Propagator) -> None:
    tracks = propagator.tracks({2: disc(8), 6: disc(8)})
    while [each.pending.index for each in tracks.tasks()][-1:] != [7]:
        propagator.take_one(tracks)
    assert {3, 4, 5, 6} <= {index for index, _ in propagator.asked}


def test_a_slice_that_is_only_confirmed_changes_nothing_beyond_it() -> None:
    """Its mask tells other grey values than the first one's, with which the object would end elsewhere."""
    asked: dict[int, list[Range]] = {}

    def gone(keyframes: dict[int, Mask], cache: StepCache) -> PropagatedObject:
        seeds = {index: Seed(Range(index, None), None, rated=1.0) for index in keyframes}
        tracks = PropagationTracks(keyframes, seeds, FIRST, LAST, RULES, cache)
        while not tracks.is_finished:
            for task in tracks.tasks():
                asked.setdefault(task.pending.index, []).append(task.seed.grey)
                radius = 8 if task.seed.grey == Range(2, None) else 5
                tracks.take(task, Step(disc(radius), GOOD))
        return tracks.result()

    cache = StepCache()
    before = gone({2: disc(8)}, cache)
    asked.clear()
    confirmed = gone({2: disc(8), 5: disc(8), 7: disc(8)}, cache)
    assert [each.mask.area for each in confirmed.slices][5:] == [each.mask.area for each in before.slices][5:]
    assert max(asked) < 7 and Range(2, None) not in sum(asked.values(), [])
    corrected = gone({2: disc(8), 5: disc(7)}, cache)
    assert [each.mask.area for each in corrected.slices][6:] == [disc(5).area] * 4


def test_the_same_propagation_again_takes_no_step(propagator: Propagator) -> None:
    first = propagator.propagated({4: disc(8)})
    propagator.asked.clear()
    again = propagator.propagated({4: disc(8)})
    assert not propagator.asked
    assert [(each.index, each.mask.area) for each in again.slices] == [(e.index, e.mask.area) for e in first.slices]


def test_a_correction_asks_only_what_depends_on_it(propagator: Propagator) -> None:
    propagator.propagated({4: disc(8)})
    propagator.asked.clear()
    found = propagator.propagated({4: disc(8), 7: disc(6)})
    corrected = disc(6).area
    assert sorted(propagator.asked) == [(4, corrected), (5, corrected), (6, corrected), (8, corrected), (9, corrected)]
    areas = {each.index: each.mask.area for each in found.slices}
    assert areas[0] == disc(8).area and areas[9] == corrected and corrected < areas[6] < disc(8).area


def test_what_is_known_in_the_middle_of_a_propagation_is_given_too(propagator: Propagator) -> None:
    tracks = propagator.tracks({1: disc(8), 8: disc(8)})
    for _ in range(3):
        propagator.take_one(tracks)  # from 1 towards 8
    assert sorted(tracks.masks) == [1, 2, 3, 4, 8]
    assert [each.index for each in tracks.result().slices] == [1, 2, 3, 4, 8]
    assert 0 < tracks.share < 0.5


def test_an_object_that_ended_early_makes_the_propagation_whole() -> None:
    propagator = Propagator(ends_behind=5)
    tracks = propagator.tracks({4: disc(8)})
    while not tracks.is_finished:
        propagator.take_one(tracks)
    assert tracks.share == 1.0 and max(tracks.masks) == 5


def test_a_late_answer_to_a_task_is_ignored(propagator: Propagator) -> None:
    tracks = propagator.tracks({4: disc(8)})
    task = tracks.tasks()[0]
    tracks.take(task, Step(disc(8), GOOD))
    tracks.take(task, Step(disc(3), GOOD))
    assert tracks.masks[3].area == disc(8).area and 2 not in tracks.masks


@pytest.mark.parametrize("keyframes", [{}, {11: disc(8)}])
def test_masks_must_lie_on_the_slices(propagator: Propagator, keyframes: dict[int, Mask]) -> None:
    with pytest.raises(StateError, match="from 0 to 9"):
        propagator.tracks(keyframes)


def test_the_result_can_be_made_slice_by_slice(propagator: Propagator) -> None:
    tracks = propagator.tracks({1: disc(8), 8: disc(6)})
    while not tracks.is_finished:
        propagator.take_one(tracks)
    assert sum(1 for _ in tracks.make_result()) == 6


def test_a_correction_whose_way_leaves_the_object_does_not_spoil_what_was_right(propagator: Propagator) -> None:
    """From slice 8 masks shrink on the way to slice 1, in whose mask they do not arrive; from slice 1 they arrive."""
    tracks = propagator.tracks({1: disc(8), 8: disc(7.5)})
    while not tracks.is_finished:
        for task in tracks.tasks():
            radius = 4 if task.index_behind < task.pending.index and 1 <= task.pending.index < 8 else 8
            tracks.take(task, Step(disc(radius), GOOD))
    between = [each for each in tracks.result().slices if 1 < each.index < 8]
    assert all(each.mask.area > 0.9 * between_prompts(each, 7.5).area for each in between)
    assert all(each.score < 0.5 for each in between)


def test_of_two_ways_between_prompted_slices_the_one_counts_that_keeps_what_the_object_looks_like() -> None:
    """From slice 8 it comes to slice 1 as large as it is there; by the way it has lost half of the object."""
    keyframes = {1: disc(8), 8: disc(7)}
    seed = Seed(Range(), None, rated=1.0, mask_prompt=True)
    tracks = PropagationTracks(keyframes, dict.fromkeys(keyframes, seed), FIRST, LAST, RULES)
    lost = replace(
        GOOD, predicted_iou=0.7, material=0.2, contrast=0.2, grey_match=0.2, sharpness=0.4, sharpness_kept=0.5
    )
    while not tracks.is_finished:
        for task in tracks.tasks():
            is_lost = task.index_behind < task.pending.index and 1 < task.pending.index < 8
            radius = 5 if is_lost else 7.8 if task.pending.index == 1 else 8
            tracks.take(task, Step(disc(radius), lost if is_lost else GOOD))
    between = [each for each in tracks.result().slices if 1 < each.index < 8]
    assert len(between) == 6 and all(each.mask.area > 0.9 * between_prompts(each, 7).area for each in between)


def between_prompts(each: TrackedSlice, radius_on_8: float) -> Mask:
    """The shape that a disc of radius 8 on slice 1 and one on slice 8 have between them."""
    return blended(disc(8), disc(radius_on_8), (each.index - 1) / 7)


def test_what_a_way_is_off_by_where_it_is_corrected_is_taken_back_along_the_way(propagator: Propagator) -> None:
    """From slice 1 the mask drifts sideways and becomes wider; on slice 8 somebody says where the object is."""
    right = {k: disc(12, 20 + (k - 1) / 7) for k in range(1, 9)}
    tracks = propagator.tracks({1: right[1], 8: right[8]})
    while not tracks.is_finished:
        for task in tracks.tasks():
            k, rises = task.pending.index, task.index_behind > task.pending.index
            gone = (k - 1 if rises else 8 - k) / 7
            off = disc(12 + 3 * gone, 20 + (k - 1) / 7 + 3 * gone) if 1 <= k <= 8 else right[8]
            tracks.take(task, Step(off, GOOD))
    for each in tracks.result().slices:
        if 1 < each.index < 8:
            assert agreement(each.mask, right[each.index]) > 0.9


def test_a_way_that_comes_to_something_else_is_not_moved_by_what_is_known() -> None:
    assert is_off(0.4) and is_off(0.99) and not is_off(0.39) and not is_off(1)


def test_at_its_end_a_way_that_is_moved_back_meets_the_known_mask_and_at_its_beginning_it_stays() -> None:
    came, known, mask = disc(9, 23), disc(7, 20), disc(8, 22)
    assert agreement(moved_back(came, came, known, 1.0), known) == 1
    assert agreement(moved_back(mask, came, known, 0.0), mask) == 1


def test_a_mask_of_which_nothing_would_be_left_is_not_moved_back() -> None:
    assert agreement(moved_back(disc(2, 30), disc(9, 25), disc(6, 25), 1.0), disc(2, 30)) == 1


class Rod:
    """A bright rod in a dark scan, that ends before slice 6; masks grow by a pixel where the seed's values are."""

    def __init__(self) -> None:
        self.values = np.full((10, *SHAPE), 40.0) + np.random.default_rng(1).normal(0, 2, (10, *SHAPE))
        self.values[:6, disc(8).to_array()] += 100

    def propagated(self, keyframes: dict[int, Mask]) -> PropagatedObject:
        seeds = {k: replace(seed_of(self.values[k], mask), rated=1.0) for k, mask in keyframes.items()}
        tracks = PropagationTracks(keyframes, seeds, FIRST, LAST, RULES)
        while not tracks.is_finished:
            for task in tracks.tasks():
                tracks.take(task, self._step(task))
        return tracks.result()

    def _step(self, task: StepTask) -> Step:
        values, before = self.values[task.pending.index], task.pending.previous.to_array()
        lower, upper = task.seed.grey.limits
        found = ndimage.binary_dilation(before) & (values >= lower) & (values <= upper)
        growth, overlap = found.sum() / before.sum(), (found & before).sum() / (found | before).sum()
        return Step(Mask.from_array(found), replace(GOOD, growth=float(growth), overlap=float(overlap)))


def test_a_correction_that_tells_nothing_of_the_object_makes_no_slice_beyond_it_worse() -> None:
    """Its mask takes in as much of the surroundings: by its own grey values nothing would hold the object any more."""
    rod = Rod()
    wide = Mask.from_array(disc(19).to_array())
    assert seed_of(rod.values[4], wide).contrast is None
    assert [each.index for each in rod.propagated({2: disc(8)}).slices] == list(range(6))
    corrected = rod.propagated({2: disc(8), 4: wide})
    assert [each.index for each in corrected.slices] == list(range(6))
    assert corrected.slices[5].mask.area <= 1.1 * disc(8).area


def test_a_hole_that_is_filled_on_the_way_is_named(propagator: Propagator) -> None:
    rows, columns = np.indices(SHAPE)
    ring = Mask.from_array(disc(12).to_array() & (np.hypot(columns - 25, rows - 20) >= 5))
    tracks = propagator.tracks({2: ring})
    while not tracks.is_finished:
        for task in tracks.tasks():
            tracks.take(task, Step(ring if task.pending.index < 6 else disc(12), GOOD))
    found = tracks.result()
    assert sorted(each.index for each in found.doubtful) == [6, 7, 8, 9]
    assert all("a hole of the prompted mask is filled" in each.remark for each in found.doubtful)


def areas(*diameters: int, filled: tuple[int, ...] = ()) -> list[TrackedSlice]:
    """Slices with discs, believed without reserve."""
    return [TrackedSlice(n, disc(each), 0.98, is_filled=n in filled) for n, each in enumerate(diameters)]


def doubted(slices: list[TrackedSlice], right: tuple[int, ...] = ()) -> list[int]:
    return [each.index for each in without_belief_in_dips(slices, right) if each.score < 0.5]


def test_where_an_object_is_thinner_than_on_both_sides_it_is_doubtful() -> None:
    assert doubted(areas(9, 9, 9, 5, 6, 7, 9, 9)) == [3, 4, 5]
    remarks = [each.remark for each in without_belief_in_dips(areas(9, 9, 5, 8, 9, 9), ())]
    assert "thinner" in remarks[2] and not any(remarks[:2] + remarks[3:])


def test_a_slice_that_the_model_is_sure_of_is_doubted_too() -> None:
    sure = [replace(each, score=1.0) for each in areas(9, 9, 5, 9, 9)]
    assert doubted(sure) == [2]


def test_an_object_that_tapers_or_grows_has_no_dip() -> None:
    assert doubted(areas(9, 9, 8, 6, 5, 4, 3)) == []
    assert doubted(areas(3, 4, 5, 6, 8, 9, 9)) == []
    assert doubted(areas(9, 9, 6, 6, 6, 6)) == []


def test_behind_a_filled_in_slice_one_side_is_enough() -> None:
    assert doubted(areas(9, 9, 8, 5, 5, 5, filled=(2,))) == [3, 4, 5]
    assert doubted(areas(5, 5, 5, 8, 9, 9, filled=(3,))) == [0, 1, 2]


def test_given_slices_are_never_doubted() -> None:
    assert doubted(areas(9, 9, 5, 9, 9), right=(2,)) == []


@pytest.mark.parametrize("seed", range(12))
def test_every_doubtful_slice_says_why_whatever_the_steps_gave(seed: int) -> None:
    random = np.random.default_rng(seed)
    rules = PropagationSettings(doubtful_below=0.9, way_back=bool(seed % 2))
    keyframes = {2: disc(8), 11: disc(7)}
    tracks = PropagationTracks(keyframes, dict.fromkeys(keyframes, Seed(Range(), None, rated=1.0)), 0, 19, rules)
    while not tracks.is_finished:
        for task in tracks.tasks():
            iou, overlap, contained, contrast, material = random.random(5)
            judgement = StepJudgement(iou, random.uniform(0.3, 1.3), overlap, contained, contrast, material)
            tracks.take(task, Step(disc(random.uniform(3, 10)), judgement))
    doubtful = tracks.result().doubtful
    assert doubtful and all(each.remark for each in doubtful), f"seed {seed}"
