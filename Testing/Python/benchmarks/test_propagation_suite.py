"""The suite of propagation in its short form: its objects are what they claim to be, and its figures can be trusted."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volumes' extra)")
ndimage = pytest.importorskip("scipy.ndimage")

from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.mask import Candidate, Mask, Segmentation  # noqa: E402
from RWTHSAMLib.core.prompts import Prompts  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402
from RWTHSAMLib.models.weights import default_model  # noqa: E402

SHAPE_KJI = (12, 64, 64)


@pytest.fixture(scope="module")
def suite(repository: Path):
    """The program, and the objects that it tries."""
    folder = str(repository / "Testing" / "Benchmarks")
    sys.path.insert(0, folder)
    try:
        import propagation_corrections
        import propagation_objects
        import propagation_suite
    finally:
        sys.path.remove(folder)
    return propagation_suite, propagation_objects, propagation_corrections


@pytest.fixture(scope="module")
def engine(own_weights: Path) -> SamEngine:
    return SamEngine.load(default_model(own_weights), own_weights)


KINDS = ("blob", "tube", "tree", "twins", "layers", "foam")


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_is_the_same_for_the_same_seed_and_another_one_for_another(suite, kind: str) -> None:
    objects = suite[1]
    first, again, other = (objects.made_up(kind, seed) for seed in (1, 1, 2))
    assert tuple(objects.KINDS) == KINDS and first.grey_kji.shape == objects.SHAPE_KJI
    assert np.array_equal(first.grey_kji, again.grey_kji) and not np.array_equal(first.grey_kji, other.grey_kji)
    assert first.truth_kji[first.seed_slice].any() and first.truth_kji.mean() < 0.5
    inside, around = first.grey_kji[first.truth_kji], first.grey_kji[~first.truth_kji]
    assert abs(inside.mean() - around.mean()) > 5


@pytest.mark.parametrize("name", ["noise", "rings", "black slices", "jumps"])
def test_damage_changes_the_scan_and_the_truth_moves_with_it(suite, name: str) -> None:
    objects = suite[1]
    whole = objects.made_up("tube", 1)
    worse = objects.damaged(whole, name, 1)
    assert not np.array_equal(worse.grey_kji, whole.grey_kji)
    assert np.array_equal(worse.truth_kji, whole.truth_kji) == (name != "jumps")
    assert worse.truth_kji.sum() == whole.truth_kji.sum()


@pytest.mark.parametrize("how", ["1 click", "box + 3"])
def test_a_row_says_what_became_of_an_object(suite, engine: SamEngine, how: str) -> None:
    program, objects, _ = suite
    row = program.tried(engine, objects.made_up("tube", 1, SHAPE_KJI), how)
    assert row is not None and row.seed_dice > 0.8 and 0 < row.dice <= 1 and 0 <= row.rim <= 1
    assert row.truth == (0, SHAPE_KJI[0] - 1) and row.ends_found in (0, 1, 2)
    assert row.text.count("|") == len(program.HEADINGS) + 1


class KnowingEngine:
    """Answers every prompt with the object, as a network does that knows it."""

    def __init__(self, truth_yx: np.ndarray) -> None:
        self._mask = Mask.from_array(truth_yx)

    def segment(self, image: SliceImage, prompts: Prompts) -> Segmentation:
        return Segmentation((Candidate(self._mask, 1.0, np.zeros((256, 256), "f4")),))


def test_prompted_masks_may_be_those_of_another_network(suite, engine: SamEngine) -> None:
    program, objects, _ = suite
    case = objects.made_up("tube", 1, SHAPE_KJI)
    own = program.tried(engine, case, "box + 3")
    given = program.tried(engine, case, "box + 3", asked=KnowingEngine(case.truth_kji[case.seed_slice]))
    assert own.seed_dice < 1 == given.seed_dice and given.dice < 1


def test_a_mask_that_is_there_is_confirmed_where_prompts_would_spoil_it(suite, engine: SamEngine) -> None:
    corrections, case = suite[2], suite[1].made_up("foam", 1, SHAPE_KJI)
    asked: list[int] = []

    def prompted(where) -> Mask:
        """The object on its own slice, and on others a corner of the scan."""
        asked.append(where.seed_slice)
        corner = np.zeros(SHAPE_KJI[1:], bool)
        corner[:4, :4] = True
        return Mask.from_array(where.truth_kji[where.seed_slice] if len(asked) == 1 else corner)

    scores = corrections.corrected(engine, case, prompted, 1)
    assert len(asked) == len(scores) == 2 and scores[1] > scores[0] - 0.01


def test_a_group_is_summed_up_with_its_worst_and_with_what_its_list_is_worth(suite) -> None:
    program = suite[0]
    good = program.Row("a", "box", 0.9, 0.95, 1.0, (2, 9), (0, 9), frozenset(), frozenset({3}))
    leaked = program.Row("b", "box", 0.9, 0.55, 1.0, (0, 9), (0, 4), frozenset({6, 7, 8}), frozenset({7, 8}))
    said = program.summary("real", [good, leaked])
    assert "0.750 on average, 0.550 at worst" in said and "3 of 4 ends within 2 slices" in said
    assert "2 of 3 poor slices named" in said and "1 of 3 named ones good" in said
