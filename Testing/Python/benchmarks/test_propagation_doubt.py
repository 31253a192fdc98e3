"""What is learned of doubt is written as numbers that say the same, and from objects that are what they claim to be."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn (install the 'test' extra)")
pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volumes' extra)")

from RWTHSAMLib.algorithms.propagation.estimate import estimate_of, estimated  # noqa: E402
from RWTHSAMLib.algorithms.propagation.track import TrackedSlice  # noqa: E402
from RWTHSAMLib.core.mask import Mask  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402
from RWTHSAMLib.models.weights import default_model  # noqa: E402

SEED = 4


@pytest.fixture(scope="module")
def modules(repository: Path) -> tuple[ModuleType, ModuleType, ModuleType]:
    """The program, its objects, and its picture."""
    folder = str(repository / "Testing" / "Benchmarks")
    sys.path.insert(0, folder)
    try:
        import propagation_doubt
        import propagation_doubt_objects
        import propagation_doubt_picture
    finally:
        sys.path.remove(folder)
    return propagation_doubt, propagation_doubt_objects, propagation_doubt_picture


@pytest.fixture(scope="module")
def rows(modules):
    """Made-up slices of two tracks that are right the more, the more speaks for them."""
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    program = modules[0]
    evidence = random.random((600, len(program.NAMES)))
    dice = np.clip(evidence[:, :3].mean(axis=1) + random.normal(0.3, 0.1, 600), 0, 1)
    run = np.array([("own", program.DEVELOPMENT, f"blob {at // 100}", "box", "before") for at in range(600)])
    return program.Rows(evidence, dice, np.ones(600), run)


def test_the_numbers_that_are_written_say_what_was_learned(modules, rows, tmp_path: Path) -> None:
    program, path = modules[0], tmp_path / "estimate.json"
    model = program.learned(rows)
    program.write_estimate(model, path, missed_costs=1.0)
    log_odds = estimate_of(path).log_odds(rows.evidence)
    assert np.allclose(1 / (1 + np.exp(-log_odds)), model.predict_proba(rows.evidence)[:, 1], atol=1e-9)
    program.write_estimate(model, path, missed_costs=4.0)
    assert np.allclose(estimate_of(path).log_odds(rows.evidence), log_odds - np.log(4), atol=1e-9)


def test_a_slice_is_named_where_missing_it_would_cost_more(modules, rows) -> None:
    program = modules[0]
    perfect = program.Rows(np.ones_like(rows.evidence[:3]), rows.dice[:3], np.ones(3), rows.run[:3])
    scores = program.score_of(np.array([0.5, 0.8, 0.98]), perfect, 0.98, 4.0)
    assert np.allclose(scores, np.array([0.2, 0.5, 0.98 / 1.06]) * 1.06 / 0.98, atol=1e-5)


def test_rows_are_judged_by_what_the_package_has_as_the_package_judges_slices(modules, rows) -> None:
    program = modules[0]
    one_track = rows.where(np.arange(600) < 100)
    score = program.score_of(program.right_by_shipped(one_track)[0], one_track, program.right_by_shipped(one_track)[1])
    slices = [TrackedSlice(at, Mask.from_array(np.ones((2, 2), bool)), 1.0) for at in range(100)]
    judged = estimated(slices, one_track.evidence, 0.5)
    assert np.allclose(score, [each.score for each in judged]) and 0 < score.max() < 1


def test_tracks_are_kept_apart_when_neighbours_are_considered(modules, rows) -> None:
    program, model = modules[0], modules[0].learned(rows)
    alone = program.right_of(model, rows.where(np.arange(600) < 100))
    assert np.allclose(program.right_of(model, rows)[:100], alone)


def test_rows_are_read_as_they_were_written(modules, rows, tmp_path: Path) -> None:
    program = modules[0]
    rows.save(tmp_path / "rows.npz")
    again = program.rows_in(tmp_path / "rows.npz")
    assert np.array_equal(again.evidence, rows.evidence) and np.array_equal(again.run, rows.run)
    assert not len(program.rows_in(tmp_path / "none.npz").dice)


@pytest.mark.parametrize("kind", ["rod", "organ", "vessels"])
def test_an_object_to_learn_from_is_the_same_for_the_same_seed_and_differs_from_what_is_around_it(
    modules, kind: str
) -> None:
    objects = modules[1]
    first, again, other = (objects.stretched(kind, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.grey_kji, again.grey_kji)
    assert first.grey_kji.shape != other.grey_kji.shape or not np.array_equal(first.grey_kji, other.grey_kji)
    assert first.truth_kji[first.seed_slice].any() and first.grey_kji.shape == first.truth_kji.shape
    assert abs(float(first.grey_kji[first.truth_kji].mean()) - float(first.grey_kji[~first.truth_kji].mean())) > 3


def test_seeds_to_learn_from_are_none_of_those_that_are_held_out(modules) -> None:
    program, objects, _ = modules
    assert not set(objects.SEEDS) & set(program.HELD_OUT_SEEDS)


def test_a_track_gives_a_row_for_each_slice_outwards(modules, own_weights: Path) -> None:
    program, objects, _ = modules
    engine = SamEngine.load(default_model(own_weights), own_weights)
    case = replace(objects.made_up("tube", 1, (8, 64, 64)), seed_slice=4)
    found = program.rows_of(engine, case, "wide", "own", program.DEVELOPMENT)
    assert found is not None and found.run[0].tolist() == ["own", "development", "tube 1", "wide", "before"]
    assert set(found.run[:, 4]) == {"before", "behind"} and 0.8 < found.prompted_dice[0] < 1
    assert found.evidence.shape == (len(found.dice), len(program.NAMES)) and len(found.dice) <= 7


def test_points_of_the_picture_are_shares_of_slices_that_were_right(modules, tmp_path: Path) -> None:
    picture = modules[2]
    probable, right = np.repeat([0.1, 0.9], [100, 50]), np.arange(150) >= 80
    assert picture.points_of(probable, right) == [pytest.approx((0.1, 0.2)), pytest.approx((0.9, 1.0))]
    picture.draw_reliability({"made up": (probable, right)}, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 1000
