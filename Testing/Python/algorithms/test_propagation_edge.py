"""The edge of an object is moved to the grey value at which the first mask has it, and no farther than it may be."""

from __future__ import annotations

import numpy as np
import pytest

ndimage = pytest.importorskip("scipy.ndimage")

from RWTHSAMLib.algorithms.propagation.appearance.edge import edge_of, moved_to_edge  # noqa: E402
from RWTHSAMLib.algorithms.propagation.neighbourhood import signed_depth  # noqa: E402
from RWTHSAMLib.algorithms.propagation.seed import seed_of  # noqa: E402
from RWTHSAMLib.algorithms.propagation.step import take_step  # noqa: E402
from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.mask import Candidate, Mask, Segmentation, dice  # noqa: E402
from RWTHSAMLib.core.prompts import Prompts  # noqa: E402
from RWTHSAMLib.core.propagation_step import Edge  # noqa: E402
from RWTHSAMLib.core.settings.propagation import PropagationSettings  # noqa: E402
from RWTHSAMLib.core.value_range import Range  # noqa: E402

SHAPE = (90, 100)
MIDDLE_XY = (50, 45)


def disc(radius: float, middle_xy: tuple[float, float] = MIDDLE_XY) -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    return np.hypot(columns - middle_xy[0], rows - middle_xy[1]) <= radius


@pytest.fixture
def layered() -> np.ndarray:
    """A dark core, a little brighter layer round it from 20 to 25 pixels, bright windings beyond, and noise."""
    grey = np.where(disc(20), 100.0, np.where(disc(25), 160.0, 300.0))
    return ndimage.gaussian_filter(grey, 1) + np.random.default_rng(5).normal(0, 8, SHAPE)


def edge_at(layered: np.ndarray, radius: float) -> Edge:
    edge = edge_of(layered, Mask.from_array(disc(radius)), 2.0)
    assert edge is not None
    return edge


def moved(layered: np.ndarray, kept: np.ndarray, before: np.ndarray, edge: Edge, reach_px: int = 8) -> np.ndarray:
    return moved_to_edge(kept, before, layered, edge, reach_px)


@pytest.mark.parametrize(("radius", "least", "most"), [(20, 110, 155), (25, 165, 250)])
def test_the_level_is_that_of_the_edge_that_was_chosen(
    layered: np.ndarray, radius: float, least: float, most: float
) -> None:
    edge = edge_at(layered, radius)
    assert edge.is_dark and least < edge.level < most
    inverted = edge_at(400 - layered, radius)
    assert not inverted.is_dark and inverted.level == pytest.approx(400 - edge.level, abs=3)


@pytest.mark.parametrize("chosen", [20, 25])
@pytest.mark.parametrize("answered", [19, 22, 24])
def test_whichever_edge_the_model_prefers_the_one_that_was_chosen_is_kept(
    layered: np.ndarray, chosen: float, answered: float
) -> None:
    found = moved(layered, disc(answered), disc(chosen), edge_at(layered, chosen))
    assert dice(found, disc(chosen)) > 0.98


def test_a_mask_that_was_two_pixels_wide_or_narrow_is_followed_by_a_pixel_at_most() -> None:
    grey = np.where(disc(20), 100.0, 300.0) + np.random.default_rng(5).normal(0, 8, SHAPE)
    for radius in (18, 20, 22):
        found = moved(grey, disc(19), disc(20), edge_at(grey, radius))
        assert np.abs(signed_depth(disc(20)))[found != disc(20)].max(initial=0) <= 1


def test_no_level_is_found_where_grey_values_do_not_part_inside_and_outside() -> None:
    noise = np.random.default_rng(5).uniform(0, 100, SHAPE)
    assert edge_of(noise, Mask.from_array(disc(20)), 2.0) is None
    assert edge_of(np.full(SHAPE, 7), Mask.from_array(disc(20)), 2.0) is None


def test_pixels_join_only_beside_what_the_slice_before_had(layered: np.ndarray) -> None:
    layered[disc(6, (75, 45))] = 100  # another dark thing that touches
    found = moved(layered, disc(20), disc(20), edge_at(layered, 20))
    assert not (found & ~disc(22)).any()


def test_what_lies_beyond_the_edge_on_its_far_side_does_not_join_an_object_with_other_grey_values() -> None:
    grey = np.where(disc(20), 200.0, 100.0) + np.random.default_rng(5).normal(0, 8, SHAPE)
    rib = disc(26) & ~disc(20) & (np.indices(SHAPE)[1] > 66)
    edge = edge_at(grey, 20)
    assert not edge.is_dark
    grey[rib] = 900  # on the next slice
    joined = moved_to_edge(disc(20), disc(22), grey, edge, 8) & rib
    held = moved_to_edge(disc(20), disc(22), grey, edge, 8, Range(150, 250)) & rib
    assert joined.sum() > 30 and held.sum() < 0.2 * joined.sum()


def test_nothing_changes_farther_from_the_edge_than_the_reach(layered: np.ndarray) -> None:
    kept, edge = disc(18), edge_at(layered, 25)
    layered[disc(4)] = 300  # bright deep inside: the model said that it belongs to it
    found = moved(layered, kept, disc(25), edge, reach_px=3)
    square = np.ones((7, 7), bool)
    changed = found != kept
    assert changed.any() and not (changed & ndimage.binary_erosion(kept, square)).any()
    assert not (changed & ~ndimage.binary_dilation(kept, square)).any()


def test_a_hole_near_the_edge_is_filled_and_a_ring_stays_a_ring(layered: np.ndarray) -> None:
    edge = edge_at(layered, 20)
    layered[44:47, 64:67] = 300
    assert moved(layered, disc(20), disc(20), edge)[44:47, 64:67].all()
    ring = disc(20) & ~disc(10)
    assert not moved(layered, ring, ring, edge, reach_px=2)[disc(7)].any()


def test_the_edge_is_not_followed_where_grey_values_are_given_or_it_is_switched_off(layered: np.ndarray) -> None:
    mask = Mask.from_array(disc(20))
    assert seed_of(layered, mask).edge is not None
    assert seed_of(layered, mask, PropagationSettings(edge_reach=0)).edge is None
    assert seed_of(layered, mask, PropagationSettings(grey=Range(50, 150))).edge is None


@pytest.mark.parametrize("seed", range(5))
def test_the_signed_distance_is_that_of_a_slow_count(seed: int) -> None:
    print(f"seed {seed}")
    random = np.random.default_rng(seed)
    pixels = ndimage.binary_opening(random.random((14, 17)) > 0.4)
    padded = np.pad(pixels, 1)
    own, other = np.argwhere(padded), np.argwhere(~padded)
    for y, x in np.ndindex(pixels.shape):
        opposite = other if pixels[y, x] else own
        if not len(opposite):
            continue
        nearest = np.hypot(*(opposite - (y + 1, x + 1)).T).min()
        assert signed_depth(pixels)[y, x] == pytest.approx(nearest - 0.5 if pixels[y, x] else 0.5 - nearest, abs=0.51)


def test_no_thread_grows_into_what_lies_beside(layered: np.ndarray) -> None:
    layered[disc(26) & ~disc(19)] = 300
    layered[45, 68:76] = 0  # a crack from the core outwards
    found = moved(layered, disc(19), disc(25), Edge(level=200.0, is_dark=True, reach=2.0))
    assert not found[45, 73:76].any() and dice(found, disc(19)) > 0.95


def test_a_bright_slit_is_cut_out_only_as_deep_as_the_reach(layered: np.ndarray) -> None:
    edge = edge_at(layered, 20)
    layered[41:50, 50:90] = 300
    found = moved(layered, disc(18), disc(18), edge, reach_px=3)
    assert not found[45, 66] and found[45, 50:62].all()


class AnsweringEngine:
    """Answers every prompt with one mask; does not follow."""

    def __init__(self, mask_yx: np.ndarray) -> None:
        logits = np.zeros((256, 256), np.float32)
        self._answer = Segmentation((Candidate(Mask.from_array(mask_yx), 0.9, logits),))

    def segment_at_once(self, image: SliceImage, prompts: Prompts, multimask: bool = False) -> Segmentation:
        return self._answer

    def follow(self, image: SliceImage, prompts: Prompts, before: Mask) -> None:
        """As SAM."""


def test_a_step_keeps_the_edge_of_the_first_mask_and_counts_what_the_model_said(layered: np.ndarray) -> None:
    chosen, image = Mask.from_array(disc(25)), SliceImage(np.clip(layered / 2, 0, 255).astype(np.uint8))
    seed = seed_of(layered, chosen, PropagationSettings(edge_reach=20))
    step = take_step(AnsweringEngine(disc(20)), image, layered, chosen, seed, 3)  # type: ignore[arg-type]
    assert dice(step.mask.to_array(), disc(25)) > 0.98
    assert 0.9 < step.judgement.material <= 1
    assert step.judgement.growth == pytest.approx(1, abs=0.03)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rows", [1, 2])
def test_a_mask_too_thin_for_a_strip_has_no_edge_to_follow(layered: np.ndarray, rows: int) -> None:
    thin = np.zeros(SHAPE, bool)
    thin[40 : 40 + rows, 40:60] = True
    assert edge_of(layered, Mask.from_array(thin), 2.0) is None
