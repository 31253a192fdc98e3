"""The score of a propagated slice is what was learned of slices like it; more evidence never makes it less."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation import estimate as module
from RWTHSAMLib.algorithms.propagation.estimate import TREE, Estimate, estimated, shipped_estimate, smoothed
from RWTHSAMLib.algorithms.propagation.evidence import NAMES
from RWTHSAMLib.algorithms.propagation.track import TrackedSlice
from RWTHSAMLib.algorithms.propagation.tracks import PropagatedObject, PropagationTracks
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.propagation_step import Seed, Step, StepJudgement
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.value_range import Range

SEED = 3
SHAPE = (40, 80)
PERFECT = np.ones((1, len(NAMES)))


def disc(radius: float = 10, x: float = 30) -> Mask:
    rows, columns = np.indices(SHAPE)
    return Mask.from_array(np.hypot(columns - x, rows - 20) <= radius)


def lowered(**shares: float) -> np.ndarray:
    """Perfect evidence but for some of it; underscores stand for blanks."""
    evidence = PERFECT.copy()
    for name, share in shares.items():
        evidence[0, NAMES.index(name if name in NAMES else name.replace("_", " "))] = share
    return evidence


def through(
    judgement: StepJudgement, way_back: bool = True, steps: int | None = None, mask_prompt: bool = False
) -> PropagatedObject:
    """An object of one mask on eleven slices, all of whose steps are judged alike; some steps of it only."""
    rules, seed = PropagationSettings(way_back=way_back), Seed(Range(), None, rated=1.0, mask_prompt=mask_prompt)
    tracks = PropagationTracks({5: disc()}, {5: seed}, 0, 10, rules)
    taken = 0
    while not tracks.is_finished and (steps is None or taken < steps):
        for task in tracks.tasks()[:1]:
            tracks.take(task, Step(disc(), judgement))
            taken += 1
    return tracks.result()


GOOD = StepJudgement(0.95, 1.0, 0.97, 0.98, 1.0, 1.0)


@pytest.mark.parametrize(
    ("path", "names"),
    [(module.FILES[False], NAMES[: NAMES.index("grey_match")]), (module.FILES[True], NAMES)],
    ids=["not followed", "followed"],
)
def test_what_is_shipped_was_learned_from_the_evidence_that_there_is(path: Path, names: tuple[str, ...]) -> None:
    """How a mask looks came last, and was gathered of masks that were followed only."""
    written = json.loads(path.read_text(encoding="utf-8"))
    asked = {each for tree in written["trees"] for each in tree["features"]}
    assert tuple(written["evidence"]) == names and max(asked) < len(names)


@pytest.mark.parametrize("follows", [False, True])
def test_a_mask_with_other_grey_values_is_doubtful_whatever_else_speaks_for_it(follows: bool) -> None:
    """A whole cell that goes on into the air: it has lost none of its area, and comes back to the prompted mask."""
    evidence = np.concatenate([lowered(grey_match=each, shrunk=0.98) for each in (0.06, 0.9)])
    (gone,), (there,) = (estimated([TrackedSlice(3, disc(), 0.99)], row[None], 0.5, follows) for row in evidence)
    assert gone.score < 0.5 and "grey values are not those" in gone.weakness and there.score > 0.9


def test_a_way_that_has_left_the_prompted_mask_is_not_home_where_it_lies_in_it_further_on() -> None:
    """From one lung through the middle to the other one, which lies within the outline of the first."""
    shares = [1.0] * 8 + [0.47] * 3 + [0.99] * 8
    evidence = np.concatenate([lowered(stayed=each) for each in shares])
    found = estimated([TrackedSlice(at, disc(), 0.99) for at in range(len(shares))], evidence, 0.5, follows=True)
    assert [each.score < 0.5 for each in found] == [False] * 8 + [True] * 11
    there = estimated(
        [TrackedSlice(at, disc(), 0.99) for at in range(len(shares))], np.maximum(evidence, 0.6), 0.5, follows=True
    )
    assert there[-1].score > 0.9


def test_a_tip_may_have_the_grey_values_of_what_lies_beyond_it() -> None:
    (tip,) = estimated([TrackedSlice(3, disc(3), 0.99)], lowered(grey_match=0.06, shrunk=0.6), 0.5)
    assert tip.score > 0.5


def test_masks_that_were_followed_are_not_believed_where_they_no_longer_look_like_the_prompted_one() -> None:
    """The rest of the evidence is good: they overlap with the mask before whatever they lie on."""
    left = PERFECT.copy()
    for which in ("", "weakest ", "near "):
        left[0, [NAMES.index(f"{which}grey_match"), NAMES.index(f"{which}sharpness_kept")]] = 0.1, 0.6
    left[0, NAMES.index("sharpness")] = 0.45
    (there,), (gone,) = (
        estimated([TrackedSlice(3, disc(), 0.99)], evidence, 0.5, follows=True) for evidence in (PERFECT, left)
    )
    assert there.score == 1 and gone.score < 0.5 and ("grey values" in gone.weakness or "outline" in gone.weakness)


def test_trees_add_up_what_their_leaves_say() -> None:
    """One asks whether the first evidence is above .5, the other has a leaf only."""
    trees = {"features": [[0, -1, -1], [-1, -1, -1]], "thresholds": [[0.5, -2.0, 1.0], [0.25, 0, 0]]}
    trees |= {"left": [[1, 0, 0], [0, 0, 0]], "right": [[2, 0, 0], [0, 0, 0]]}
    estimate = Estimate(0.5, *(np.array(trees[each]) for each in TREE))
    assert estimate.log_odds(np.array([[0.4], [0.5], [0.6]])).tolist() == [-1.25, -1.25, 1.75]
    assert estimate.log_odds(np.zeros((0, 1))).shape == (0,)


@pytest.mark.parametrize("name", NAMES)
def test_more_evidence_never_lowers_an_estimate(name: str) -> None:
    print(f"seed {SEED}")
    less = np.random.default_rng(SEED).random((200, len(NAMES)))
    more = less.copy()
    more[:, NAMES.index(name)] = less[:, NAMES.index(name)] / 2 + 0.5
    assert np.all(shipped_estimate().log_odds(more) >= shipped_estimate().log_odds(less) - 1e-9)


def test_perfect_evidence_is_believed_and_none_is_not() -> None:
    assert shipped_estimate().most > 2 and estimated([TrackedSlice(3, disc(), 1.0)], PERFECT, 0.5)[0].score == 1
    assert estimated([TrackedSlice(3, disc(), 0.0)], np.zeros_like(PERFECT), 0.5)[0].score < 0.05


def test_what_was_filled_in_is_believed_no_more_than_its_neighbours_agree() -> None:
    filled = TrackedSlice(3, disc(), 0.7, is_filled=True)
    assert estimated([filled], PERFECT, 0.5)[0].score == 0.7


@pytest.mark.parametrize("name", ["likeness", "stayed"])
def test_a_mask_that_has_left_its_object_with_good_steps_is_not_believed(name: str) -> None:
    assert estimated([TrackedSlice(3, disc(), 1.0)], lowered(**{name: 0.3}), 0.5)[0].score == 0


def test_a_tip_that_is_dimmed_by_what_lies_beyond_it_is_believed() -> None:
    """It shrinks within the prompted mask; one that keeps its area, or lies elsewhere, has left its object."""
    tip, leak, elsewhere = lowered(likeness=0.1, shrunk=0.6), lowered(likeness=0.1), lowered(likeness=0.1, stayed=0.9)
    elsewhere[0, NAMES.index("shrunk")] = 0.6
    scores = [
        estimated([TrackedSlice(3, disc(), 1.0)], each, 0.5, follows=True)[0].score for each in (tip, leak, elsewhere)
    ]
    assert scores[0] > 0.8 and scores[1] == scores[2] == 0


def test_a_poor_slice_makes_its_neighbours_less_sure_and_no_others() -> None:
    believed = smoothed(np.array([3.0, 3, 3, -6, 3, 3, 3]))
    assert believed[0] == believed[6] == 3 and believed[3] < believed[2] == believed[4] < believed[1] < 3
    assert smoothed(np.zeros(0)).shape == (0,)


def test_where_the_rules_see_nothing_the_evidence_that_weighs_most_gives_the_words() -> None:
    ragged = lowered(compact=0.2, weakest_compact=0.2)
    silent = TrackedSlice(3, disc(), 0.9, weakness="the area shrinks by 1%")
    assert "ragged" in estimated([silent], ragged, 0.5)[0].weakness
    said = replace(silent, score=0.1, weakness="it overlaps by 50% only")
    assert estimated([said], ragged, 0.5)[0].weakness == "it overlaps by 50% only"


def test_the_score_is_the_estimate_once_the_way_back_is_gone() -> None:
    found = through(GOOD)
    assert [each.index for each in found.slices] == list(range(11)) and not found.doubtful
    outside = [each for each in found.slices if each.index != 5]
    assert all(len(each.evidence) == len(NAMES) and min(each.evidence) >= 0 for each in outside)
    assert all(max(each.evidence) <= 1 for each in outside) and not found.slices[5].evidence
    assert all(each.score > 0.9 for each in outside)


def test_masks_that_were_found_with_the_mask_before_have_an_estimate_of_their_own() -> None:
    poor = replace(GOOD, predicted_iou=0.7, growth=0.9, overlap=0.8)
    alone, followed = (through(poor, mask_prompt=each).slices[3] for each in (False, True))
    assert alone.evidence == followed.evidence and alone.score != followed.score
    expected = estimated([followed], np.array([followed.evidence]), 0.5, follows=True)[0].score
    assert followed.score == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("how", [{"way_back": False}, {"steps": 10}], ids=["not asked for", "stopped before it"])
def test_without_the_way_back_the_score_is_that_of_the_rules(how: dict) -> None:
    found = through(GOOD, **how)
    assert len(found.slices) == 11 and not any(each.evidence for each in found.slices)
    assert {each.score for each in found.slices} == {1.0, GOOD.score}


def test_no_mask_depends_on_the_estimate() -> None:
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    judgements = [StepJudgement(*random.uniform(0.6, 1.0, 6)) for _ in range(5)]
    for each in judgements:
        one, other = through(each), through(each, way_back=False)
        assert [(s.index, s.mask.area) for s in one.slices] == [(s.index, s.mask.area) for s in other.slices]
