"""Between an object and another one behind it lies a gap; a bad slice within one object is something else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

ndimage = pytest.importorskip("scipy.ndimage")

from RWTHSAMLib.algorithms.propagation.appearance.absence import is_absent  # noqa: E402
from RWTHSAMLib.algorithms.propagation.seed import seed_of  # noqa: E402
from RWTHSAMLib.algorithms.propagation.track import Track  # noqa: E402
from RWTHSAMLib.core.mask import Mask  # noqa: E402
from RWTHSAMLib.core.propagation_step import Look, Step, StepJudgement  # noqa: E402
from RWTHSAMLib.core.settings.propagation import PropagationSettings  # noqa: E402

SHAPE = (110, 120)
SEED = 20_261
GOOD = StepJudgement(0.95, 1.0, 1.0, 1.0, 1.0, 1.0)


def disc(middle_xy: tuple[int, int] = (60, 55)) -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    return np.hypot(columns - middle_xy[0], rows - middle_xy[1]) <= 14


def grey(object_yx: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A slice with an object of 120 in surroundings of 40, with noise."""
    return ndimage.gaussian_filter(np.where(object_yx, 120.0, 40.0), 0.7) + random.normal(0, 8, SHAPE)


@pytest.fixture
def random() -> np.random.Generator:
    print(f"seed {SEED}")
    return np.random.default_rng(SEED)


@pytest.fixture
def look(random: np.random.Generator) -> Look:
    return seed_of(grey(disc(), random), Mask.from_array(disc())).look


def test_an_object_is_gone_where_its_place_looks_like_what_is_around_it(look: Look, random) -> None:
    nothing = np.zeros(SHAPE, bool)
    assert is_absent(grey(nothing, random), Mask.from_array(disc()), look)
    assert not is_absent(grey(disc(), random), Mask.from_array(disc()), look)


BAD = {
    "black": lambda slice_yx, random: np.zeros(SHAPE),
    "dark": lambda slice_yx, random: 0.4 * slice_yx,
    "drowned in noise": lambda slice_yx, random: slice_yx + random.normal(0, 90, SHAPE),
    "blurred": lambda slice_yx, random: ndimage.gaussian_filter(slice_yx, 12),
    "shifted": lambda slice_yx, random: np.roll(slice_yx, 30, axis=1),
    "bright": lambda slice_yx, random: slice_yx + 150,
}


@pytest.mark.parametrize("how", BAD)
def test_on_a_bad_slice_it_is_not_gone(look: Look, random: np.random.Generator, how: str) -> None:
    assert not is_absent(BAD[how](grey(disc(), random), random), Mask.from_array(disc()), look)


def test_nothing_is_said_where_nothing_lies_around_the_object_or_that_shows_no_noise(random) -> None:
    whole = Mask.from_array(np.ones(SHAPE, bool))
    full = seed_of(grey(whole.to_array(), random), whole).look
    assert not full.surroundings and not is_absent(random.normal(40, 8, SHAPE), whole, full)
    flat = np.where(disc(), 120.0, 0.0)
    noiseless = seed_of(flat, Mask.from_array(disc())).look
    assert noiseless.surroundings and not is_absent(np.zeros(SHAPE), Mask.from_array(disc()), noiseless)


@pytest.mark.parametrize(("is_gone", "last"), [(True, 3), (False, 9)])
def test_an_object_ends_at_a_gap_and_goes_on_behind_a_bad_slice(is_gone: bool, last: int) -> None:
    mask, nothing = Mask.from_array(disc()), Mask.from_array(np.zeros(SHAPE, bool))
    track = Track(mask, 0, range(1, 10), PropagationSettings())
    while track.pending is not None:
        lost = Step(nothing, replace(GOOD, growth=0.0, overlap=0.0, is_absent=is_gone))
        track.take(lost if track.pending.index in (4, 5) else Step(mask, GOOD))
    assert track.end is not None and track.index == last
