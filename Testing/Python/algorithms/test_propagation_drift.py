"""A mask that leaves its object a little on every slice is named, however well each slice agrees with the last one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

ndimage = pytest.importorskip("scipy.ndimage")

from RWTHSAMLib.algorithms.propagation.drift import inner_grey_of, likeness  # noqa: E402
from RWTHSAMLib.algorithms.propagation.seed import seed_of  # noqa: E402
from RWTHSAMLib.algorithms.propagation.tracks import PropagatedObject, PropagationTracks  # noqa: E402
from RWTHSAMLib.core.mask import Mask, dice  # noqa: E402
from RWTHSAMLib.core.propagation_step import Step, StepJudgement  # noqa: E402
from RWTHSAMLib.core.settings.propagation import PropagationSettings  # noqa: E402
from RWTHSAMLib.core.value_range import Range  # noqa: E402

SEED = 5
SHAPE = (64, 96)
SLICES, KEYFRAME, RADIUS = 30, 2, 12
STEADY = {"predicted_iou": 0.95, "growth": 1.0, "overlap": 0.92, "contained": 0.96, "contrast": 1.0, "material": 1.0}
ORGANS = {"spleen": 1, "right kidney": 2, "left kidney": 3}


def disc(column: float) -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    return np.hypot(columns - column, rows - 32) <= RADIUS


@pytest.fixture
def a_cylinder() -> np.ndarray:
    """Grey values (k, j, i) of a bright cylinder in darker surroundings, with noise."""
    print(f"seed {SEED}")
    noise = np.random.default_rng(SEED).normal(0, 12, (SLICES, *SHAPE))
    return np.where(disc(24), 130.0, 100.0) + noise


def followed(grey_kji: np.ndarray, column_of: dict[int, float]) -> PropagatedObject:
    """What becomes of masks on given columns, each of which agrees with the one before."""
    start, rules = Mask.from_array(disc(column_of[KEYFRAME])), PropagationSettings()
    seed = seed_of(grey_kji[KEYFRAME], start, rules)
    tracks = PropagationTracks({KEYFRAME: start}, {KEYFRAME: seed}, KEYFRAME, SLICES - 1, rules)
    while not tracks.is_finished:
        for task in tracks.tasks():
            k = task.pending.index
            mask = Mask.from_array(disc(column_of[k]))
            tracks.take(
                task, Step(mask, StepJudgement(**STEADY, likeness=likeness(grey_kji[k], mask, seed.inner_grey)))
            )
    return tracks.result()


def test_a_mask_that_slides_off_its_object_is_named_where_it_has_left_it(a_cylinder: np.ndarray) -> None:
    columns = {k: 24 + 1.2 * max(0, k - KEYFRAME) for k in range(SLICES)}
    found = followed(a_cylinder, columns)
    truth, named = disc(24), {each.index for each in found.doubtful}
    agreed = {each.index: dice(each.mask.to_array(), truth) for each in found.slices}
    assert {k for k, share in agreed.items() if share < 0.7} <= named
    assert not {k for k, share in agreed.items() if share > 0.9} & named
    assert all("looks as on the prompted slice" in each.remark for each in found.doubtful)


def test_a_mask_that_stays_is_not_named(a_cylinder: np.ndarray) -> None:
    assert not followed(a_cylinder, dict.fromkeys(range(SLICES), 24.0)).doubtful


def test_where_grey_values_do_not_tell_an_object_apart_nothing_is_compared(a_cylinder: np.ndarray) -> None:
    seed = seed_of(np.full(SHAPE, 7.0), Mask.from_array(disc(24)))
    assert seed.inner_grey == Range()
    assert likeness(a_cylinder[0], Mask.from_array(disc(24)), Range()) == 1.0


def test_grey_values_that_are_no_numbers_are_left_out() -> None:
    values = np.where(disc(24), 130.0, 100.0)
    values[30:32, 20:22] = np.nan
    mask = Mask.from_array(disc(24))
    assert likeness(values, mask, inner_grey_of(values, mask)) == 1.0


@pytest.fixture(scope="module")
def abdomen(volumes: Path) -> tuple[np.ndarray, np.ndarray]:
    """A real abdomen and its organs, (k, j, i)."""
    itk = pytest.importorskip("SimpleITK")
    names = ("abdomen_ct.nii.gz", "abdomen_spleen_kidneys.nii.gz")
    grey, labels = (itk.GetArrayFromImage(itk.ReadImage(str(volumes / name))) for name in names)
    return grey, labels


def shares(grey: np.ndarray, truth: np.ndarray, masks: Iterator[tuple[int, np.ndarray]]) -> np.ndarray:
    """Likeness of masks on slices to the slice where an organ is largest."""
    k0 = int(truth.sum(axis=(1, 2)).argmax())
    inner = inner_grey_of(grey[k0], Mask.from_array(truth[k0]))
    return np.array([likeness(grey[k], Mask.from_array(mask), inner) for k, mask in masks])


@pytest.mark.parametrize("organ", ORGANS)
def test_an_organ_looks_as_on_its_largest_slice_and_what_lies_beside_it_does_not(abdomen, organ: str) -> None:
    grey, truth = abdomen[0], abdomen[1] == ORGANS[organ]
    there = [k for k in range(len(truth)) if truth[k].any()]
    alike = shares(grey, truth, ((k, truth[k]) for k in there))
    largest = truth[int(truth.sum(axis=(1, 2)).argmax())]
    beside = ((k, np.roll(largest, shift, (0, 1))) for k in there for shift in ((0, 18), (18, 0), (0, -18), (-18, 0)))
    strange = shares(grey, truth, ((k, mask) for k, mask in beside if dice(mask, truth[k]) < 0.3))
    print(organ, np.mean(alike < 0.75), np.mean(strange < 0.75))
    assert np.mean(alike < 0.75) <= 0.2 and np.mean(strange < 0.75) >= 0.9
