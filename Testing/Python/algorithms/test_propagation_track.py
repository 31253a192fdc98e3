"""A track through the slices ends where the object ends, passes bad slices, and says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.track import PendingStep, Track
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.propagation_step import Step, StepJudgement
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.errors import SettingsError

SHAPE = (40, 50)
GOOD = StepJudgement(predicted_iou=0.95, growth=1.0, overlap=0.95, contained=0.97, contrast=1.0, material=1.0)
GROWN = replace(GOOD, growth=1.5)
WEAK = replace(GOOD, contrast=0.06)
RULES = PropagationSettings()


def disc(radius: float, middle_xy: tuple[int, int] = (25, 20)) -> Mask:
    rows, columns = np.indices(SHAPE)
    return Mask.from_array(np.hypot(columns - middle_xy[0], rows - middle_xy[1]) <= radius)


def tracked(answers: dict[int, Step], rules: PropagationSettings = RULES, last: int = 9) -> Track:
    """A track from slice 0, where each slice answers as given, whatever the mask before; else it is good."""
    return tracked_by(lambda pending: answers.get(pending.index, Step(disc(8), GOOD)), rules, last)


def tracked_by(answer: Callable[[PendingStep], Step], rules: PropagationSettings = RULES, last: int = 9) -> Track:
    track = Track(disc(8), 0, range(1, last + 1), rules, at_last="here is the end")
    while track.pending is not None:
        track.take(answer(track.pending))
    return track


def indices(track: Track) -> list[int]:
    return [each.index for each in track.slices]


def test_an_object_goes_on_to_the_last_slice() -> None:
    track = tracked({})
    assert indices(track) == list(range(1, 10)) and all(each.score > 0.9 for each in track.slices)
    assert track.end is not None and (track.end.index, track.end.reason) == (9, "here is the end")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (GROWN, "grows by 50%"),
        (replace(GOOD, growth=0.0, overlap=0.0, contained=0.0), "nothing of the object"),
        (replace(GOOD, overlap=0.4, contained=0.7), "overlaps with the slice before by 40%"),
        (replace(GOOD, overlap=0.1, contained=1.0, growth=0.1), "overlaps"),
        (replace(GOOD, predicted_iou=0.5), "rates it 0.50"),
        (replace(GOOD, contrast=0.0), "no longer differs"),
    ],
)
def test_an_object_ends_where_a_rule_is_broken_and_the_reason_is_said(broken: StepJudgement, said: str) -> None:
    track = tracked({index: Step(disc(8), broken) for index in range(5, 10)})
    assert indices(track) == [1, 2, 3, 4]
    assert track.end is not None and track.end.index == 4 and said in track.end.reason


def test_a_tip_that_shrinks_inside_its_old_outline_still_belongs_to_the_object() -> None:
    tip = replace(GOOD, growth=0.3, overlap=0.3, contained=1.0)
    assert indices(tracked({5: Step(disc(4), tip)})) == list(range(1, 10))


def test_a_bad_slice_is_filled_in_between_its_neighbours_and_believed_as_far_as_they_agree() -> None:
    track = tracked({4: Step(disc(12), GROWN), 5: Step(disc(10), GOOD)})
    filled = track.slices[3]
    assert indices(track) == list(range(1, 10)) and filled.index == 4
    assert filled.is_filled and "grows by 50%" in filled.remark
    assert filled.score == pytest.approx(1.5 * disc(8).area / disc(10).area - 0.5)
    assert disc(8).area < filled.mask.area < disc(10).area


def test_more_bad_slices_in_a_row_than_allowed_end_the_object() -> None:
    three = {index: Step(disc(12), GROWN) for index in (4, 5, 6)}
    assert indices(tracked(three)) == [1, 2, 3]
    assert indices(tracked(three, PropagationSettings(most_skipped=3))) == list(range(1, 10))
    assert indices(tracked({4: three[4]}, PropagationSettings(most_skipped=0))) == [1, 2, 3]


def test_nothing_is_filled_in_behind_or_before_doubtful_slices() -> None:
    doubtful = {index: Step(disc(8), WEAK) for index in (2, 3)}
    assert indices(tracked({**doubtful, 4: Step(disc(12), GROWN)})) == [1, 2, 3]
    behind = {4: Step(disc(12), GROWN), **{index: Step(disc(8), WEAK) for index in (5, 6)}}
    assert indices(tracked(behind)) == [1, 2, 3]


def test_a_slice_that_disagrees_with_both_neighbours_is_the_odd_one() -> None:
    def answer(pending: PendingStep) -> Step:
        if pending.index == 5:
            return Step(disc(5), replace(GOOD, growth=0.5, overlap=0.5, contained=1.0))
        return Step(disc(8), GROWN if pending.previous.area < 150 else GOOD)

    track = tracked_by(answer)
    assert indices(track) == list(range(1, 10))
    odd = track.slices[4]
    assert odd.index == 5 and odd.is_filled and "neighbours" in odd.remark and odd.mask.area > 150


@pytest.mark.parametrize("lost", [(5,), (5, 6)])
def test_slices_that_lost_much_of_the_object_are_filled_in_where_it_is_found_again_behind_them(
    lost: tuple[int, ...],
) -> None:
    def answer(pending: PendingStep) -> Step:
        if pending.index in lost:
            return Step(disc(4), replace(GOOD, growth=0.25, overlap=0.25, contained=1.0))
        return Step(disc(8), replace(GOOD, growth=1.2, overlap=0.8) if pending.previous.area < 150 else GOOD)

    track = tracked_by(answer)
    assert indices(track) == list(range(1, 10)) and all(each.mask.area > 150 for each in track.slices)
    assert tuple(each.index for each in track.slices if each.is_filled) == lost


def test_a_tip_is_looked_for_behind_it_and_not_filled_in() -> None:
    def answer(pending: PendingStep) -> Step:
        if pending.index < 5:
            return Step(disc(8), GOOD)
        share = disc(4).area / pending.previous.area
        return Step(disc(4), replace(GOOD, growth=share, overlap=share, contained=1.0))

    track = tracked_by(answer)
    assert indices(track) == list(range(1, 10)) and all(each.mask.area < 60 for each in track.slices[4:])


def test_what_lies_behind_a_sudden_loss_is_doubtful_until_the_object_is_whole_again() -> None:
    radii = {5: 4.0, 6: 4.2, 7: 5.0, 8: 7.9}

    def answer(pending: PendingStep) -> Step:
        mask = disc(radii.get(pending.index, 8))
        share = mask.area / pending.previous.area
        return Step(mask, replace(GOOD, growth=min(1.2, share), overlap=min(1.0, share), contained=1.0))

    track = tracked_by(answer, PropagationSettings(most_skipped=0))
    assert [each.index for each in track.slices if each.score < RULES.doubtful_below] == [5, 6, 7]


def test_a_doubtful_slice_and_a_bad_one_are_filled_in_between_slices_beyond_doubt() -> None:
    track = tracked({3: Step(disc(6), WEAK), 4: Step(disc(12), GROWN)})
    assert indices(track) == list(range(1, 10))
    assert [each.index for each in track.slices if each.is_filled] == [3, 4]


def test_the_mask_that_a_way_began_with_convicts_no_slice() -> None:
    def answer(pending: PendingStep) -> Step:
        return Step(disc(8), GROWN if pending.index == 2 and pending.previous.area < 150 else GOOD)

    lost = Track(disc(8), 0, range(1, 5), RULES)
    lost.take(Step(disc(5), GOOD))
    asked = []
    while lost.pending is not None:
        asked.append(lost.pending)
        lost.take(answer(lost.pending))
    assert all(each.previous.area != disc(8).area or each.index > 2 for each in asked)


@pytest.mark.parametrize("wrong", [{"most_growth": 0.5}, {"least_overlap": 1.5}, {"most_skipped": -1}])
def test_rules_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        PropagationSettings(**wrong)  # type: ignore[arg-type]


def test_little_contrast_is_doubtful_unless_the_mask_stays_as_it_was() -> None:
    little = replace(GOOD, contrast=0.15)
    assert replace(little, overlap=0.9).score > 0.7
    assert replace(little, overlap=0.65).score < 0.5
    assert replace(little, overlap=0.9, contrast=0.06).score < 0.5


@pytest.mark.parametrize(
    ("judgement", "said"),
    [
        (replace(GOOD, predicted_iou=0.6), "the model rates it 0.60 only"),
        (replace(GOOD, growth=0.1), "the area shrinks by 90%"),
        (replace(GOOD, growth=1.6), "the area grows by 60%"),
        (replace(GOOD, overlap=0.3, contained=0.4), "overlaps with the slice before by 30% only"),
        (WEAK, "hardly differs from what is around it"),
        (replace(GOOD, material=0.05), "5% of it only has the object's grey values"),
    ],
)
def test_a_slice_says_what_its_score_is_low_for(judgement: StepJudgement, said: str) -> None:
    track = tracked(
        {5: Step(disc(8), judgement)}, PropagationSettings(most_growth=1.7, least_overlap=0.2, most_skipped=0)
    )
    assert track.slices[4].score == judgement.score < 0.5 and said in track.slices[4].weakness
