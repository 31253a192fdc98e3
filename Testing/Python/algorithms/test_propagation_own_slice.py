"""How the model is asked, and how far its ratings count, is learned on the prompted slice itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.in_volume import propagation_in
from RWTHSAMLib.algorithms.propagation.own_slice import OwnSlice
from RWTHSAMLib.algorithms.propagation.step_cache import StepCache
from RWTHSAMLib.algorithms.propagation.tracks import PropagationTracks
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.core.propagation_step import Seed, Step, StepJudgement
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.inference.engine import SamEngine

SHAPE = (40, 50)
GOOD = StepJudgement(0.95, 1.0, 1.0, 1.0, 1.0, 1.0)
SEED, RULES = Seed(Range(), None), PropagationSettings(padding_px=1, way_back=False)


@pytest.fixture
def disc() -> Mask:
    rows, columns = np.indices(SHAPE)
    return Mask.from_array(np.hypot(columns - 25, rows - 20) <= 8)


def asked(disc: Mask, one_mask: StepJudgement, candidates: StepJudgement) -> OwnSlice:
    """What is known of an object after the model was asked both ways on its slice."""
    own = OwnSlice(4, disc, SEED)
    for judgement, is_multimask in ((one_mask, False), (candidates, True)):
        assert own.pending is not None and (own.pending.index, own.seed.multimask) == (4, is_multimask)
        own.take(Step(disc, judgement))
    assert own.pending is None
    return own


def test_candidates_are_asked_for_also_where_the_one_mask_is_a_little_nearer_to_the_prompted_mask(disc: Mask) -> None:
    one, several = replace(GOOD, agreement=0.92, overlap=0.88), replace(GOOD, predicted_iou=0.7, agreement=0.9)
    own = asked(disc, one, several)
    assert (own.seed.multimask, own.seed.rated, own.found_again) == (True, 0.7, 1.0)
    assert not own.needs_candidates  # on the way back


def test_candidates_are_asked_for_on_the_way_back_too_where_only_they_find_the_prompted_mask(disc: Mask) -> None:
    own = asked(disc, replace(GOOD, agreement=0.5), replace(GOOD, agreement=0.9))
    assert own.seed.multimask and own.needs_candidates


def test_the_one_mask_for_all_prompts_is_where_no_candidate_is_the_object(disc: Mask) -> None:
    one, several = replace(GOOD, agreement=0.9, overlap=0.88), replace(GOOD, agreement=0.6, overlap=0.6)
    own = asked(disc, one, several)
    assert (own.seed.multimask, own.seed.rated, own.found_again) == (False, 0.95, 0.88)
    assert not own.needs_candidates


def test_a_model_that_follows_is_shown_the_mask_before_on_other_slices_and_asked_without_it_here(disc: Mask) -> None:
    own = OwnSlice(4, disc, replace(SEED, mask_prompt=True))
    shown, followed = [], replace(GOOD, predicted_iou=0.8, follows=True)
    for judgement in (followed, replace(GOOD, overlap=0.6), replace(GOOD, overlap=0.5)):
        shown.append((own.seed.mask_prompt, own.seed.multimask))
        own.take(Step(disc, judgement))
    assert own.pending is None and shown == [(True, False), (False, False), (False, True)]
    assert (own.seed.mask_prompt, own.seed.multimask, own.seed.rated, own.found_again) == (True, False, 0.8, 0.6)


def test_a_model_that_does_not_follow_is_not_asked_a_third_time(disc: Mask) -> None:
    own = OwnSlice(4, disc, replace(SEED, mask_prompt=True))
    for _ in range(2):
        own.take(Step(disc, GOOD))
    assert own.pending is None and not own.seed.mask_prompt


def test_a_seed_that_was_rated_before_asks_nothing(disc: Mask) -> None:
    assert OwnSlice(4, disc, replace(SEED, rated=0.8)).pending is None


def test_the_prompted_slices_come_first_and_are_remembered(disc: Mask) -> None:
    cache = StepCache()
    for first_asked in ([2, 5, 2, 5], []):
        tracks = PropagationTracks({2: disc, 5: disc}, {2: SEED, 5: SEED}, 0, 7, RULES, cache)
        order = []
        while not tracks.is_finished:
            for task in tracks.tasks():
                order.append(task.pending.index)
                tracks.take(task, Step(disc, GOOD))
        assert order[:4] == first_asked
        assert sorted(tracks.masks) == list(range(8))


@pytest.mark.parametrize(("one_mask", "back_by_candidates"), [(0.9, False), (0.5, True)])
def test_the_way_back_is_gone_by_the_one_mask_unless_only_candidates_find_the_object(
    one_mask: float, back_by_candidates: bool
) -> None:
    rows, columns = np.indices(SHAPE)
    cone = [Mask.from_array(np.hypot(columns - 25, rows - 20) <= 10 - 0.5 * index) for index in range(6)]
    tracks = PropagationTracks({2: cone[2]}, {2: SEED}, 0, 5, replace(RULES, way_back=True))
    out, back = set(), set()
    while not tracks.is_finished:
        for task in tracks.tasks():
            by_candidates = task.seed.multimask
            if task.is_on_the_way_back:
                back.add(by_candidates)
            elif task.pending.index != 2:
                out.add(by_candidates)
            found = replace(GOOD, agreement=0.9 if by_candidates else one_mask)
            tracks.take(task, Step(cone[task.pending.index], found))
    assert (out, back) == ({True}, {back_by_candidates})


def test_a_slice_with_nothing_beside_it_asks_nothing(disc: Mask) -> None:
    tracks = PropagationTracks({0: disc}, {0: SEED}, 0, 0, RULES)
    assert tracks.is_finished and not tracks.tasks()


@pytest.mark.parametrize("rated", [0.95, 0.9, 0.7, 0.5])
def test_a_model_that_rates_low_is_held_against_its_own_rating(rated: float) -> None:
    usual = replace(SEED, rated=rated).usual_iou
    same = replace(GOOD, predicted_iou=rated, usual_iou=usual)
    assert not same.broken_rule(RULES) and same.score > 0.9
    half = replace(same, predicted_iou=0.3 * rated)
    assert "more where it was prompted" in half.broken_rule(RULES) if rated < 0.9 else half.broken_rule(RULES)


@pytest.mark.parametrize(("keyframes", "doubtful"), [((3,), [0, 1, 2, 4, 5, 6, 7]), ((3, 6), [])], ids=["one", "two"])
def test_where_no_prompted_mask_is_found_again_every_slice_is_doubtful(disc: Mask, keyframes, doubtful) -> None:
    tracks = PropagationTracks(dict.fromkeys(keyframes, disc), dict.fromkeys(keyframes, SEED), 0, 7, RULES)
    while not tracks.is_finished:
        for task in tracks.tasks():
            is_unknown = task.pending.index == 3 and isinstance(task.track, OwnSlice)
            tracks.take(task, Step(disc, replace(GOOD, overlap=0.6) if is_unknown else GOOD))
    listed = tracks.result().doubtful
    assert sorted(each.index for each in listed) == doubtful
    assert all("even the prompted mask again by 60% only" in each.remark for each in listed)


def test_a_can_goes_through_its_slices_with_the_network_that_comes_along(own_weights) -> None:
    """Its box is that of all it holds: the one mask for box and point is not the can."""
    engine = SamEngine.load("rwthsam_net", own_weights, device="cpu", backend="openvino", precision="f32")
    grey_kji, window = can_with_roll(), Window(0, 255)
    can = engine.segment(SliceImage.of_scan(grey_kji[4], window), Prompts((PointPrompt(17, 64),))).best.mask
    truth = ring(48, 44)
    found = propagation_in(grey_kji, "k", engine, window, RULES).run({4: can}, 0, 8)
    assert [each.index for each in found.slices] == list(range(9))
    for each in found.slices:
        there = each.mask.to_array()
        assert 2 * np.count_nonzero(there & truth) / (np.count_nonzero(there) + np.count_nonzero(truth)) > 0.85


def ring(outer: float, inner: float) -> np.ndarray:
    rows, columns = np.indices((128, 128))
    radius = np.hypot(columns - 64, rows - 64)
    return (radius <= outer) & (radius > inner)


def can_with_roll() -> np.ndarray:
    """A can around windings, the same on nine slices but for the noise: uint8 (k, j, i)."""
    rows, columns = np.indices((128, 128))
    windings = 90 + 25 * np.sin(np.hypot(columns - 64, rows - 64) * 1.2)
    grey = np.where(ring(48, 44), 230, np.where(ring(42, 12), windings, 20))
    noise = np.random.default_rng(3).normal(0, 5, (9, 128, 128))
    return np.clip(grey + noise, 0, 255).astype(np.uint8)
