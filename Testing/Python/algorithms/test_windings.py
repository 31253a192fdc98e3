"""A line along a winding finds the winding, its distance to the next one, and the next one itself."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.windings.answer import with_windings
from RWTHSAMLib.algorithms.windings.line import normals, resampled, straightened
from RWTHSAMLib.algorithms.windings.next_winding import next_stroke, stroke_along
from RWTHSAMLib.algorithms.windings.pitch import winding_distance_px
from RWTHSAMLib.algorithms.windings.trace import snapped, traced
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Candidate, Mask, Segmentation, dice
from RWTHSAMLib.core.prompts import StrokePrompt
from RWTHSAMLib.errors import PromptError

SEED = 8
SIDE = 240
CENTER = 120.0
PITCH_PX = 9.5
WIDTH_PX = 4.5


@pytest.fixture(params=[200, 40], ids=["bright windings", "dark windings"])
def the_grey(request) -> tuple[int, int]:
    """Grey of windings and of gaps."""
    return request.param, 240 - request.param


def radius() -> np.ndarray:
    y, x = np.indices((SIDE, SIDE))
    return np.hypot(x - CENTER, y - CENTER)


def number_of_ring() -> np.ndarray:
    """Which ring a pixel belongs to; -1 in the gaps and beyond the rings."""
    rings = np.floor(radius() / PITCH_PX).astype(int)
    inside = np.mod(radius(), PITCH_PX) < WIDTH_PX
    return np.where(inside & (rings >= 3) & (rings <= 10), rings, -1)


@pytest.fixture
def the_rings(the_grey) -> np.ndarray:
    """Noisy concentric windings, eight of them."""
    print(f"seed {SEED}")
    winding, gap = the_grey
    noise = np.random.default_rng(SEED).normal(0, 12, (SIDE, SIDE))
    return np.clip(np.where(number_of_ring() >= 0, winding, gap) + noise, 0, 255).astype(np.uint8)


def path_on_ring(number: int, degrees: tuple[float, float] = (10, 130), jitter_px: float = 0.0) -> np.ndarray:
    """A hand-drawn line along the middle of a ring."""
    angles = np.radians(np.linspace(*degrees, 18))
    from_center = number * PITCH_PX + WIDTH_PX / 2
    from_center = from_center + np.random.default_rng(SEED).normal(0, jitter_px, angles.shape)
    return np.stack([CENTER + from_center * np.cos(angles), CENTER + from_center * np.sin(angles)], axis=1)


def sector(degrees: tuple[float, float]) -> np.ndarray:
    y, x = np.indices((SIDE, SIDE))
    angle = np.degrees(np.arctan2(y - CENTER, x - CENTER)) % 360
    return (angle >= degrees[0]) & (angle <= degrees[1])


def test_a_line_has_places_at_even_distances_and_keeps_its_ends() -> None:
    line = resampled([(0, 0), (3, 4), (3, 4), (9, 4)], 1.0)
    np.testing.assert_allclose(np.hypot(*np.diff(line, axis=0).T), 1.0, atol=0.11)  # a corner is cut
    np.testing.assert_allclose(line[[0, -1]], [(0, 0), (9, 4)])
    assert resampled([(5, 6), (5, 6)]).tolist() == [[5, 6]]


def test_beside_a_line_the_values_are_those_of_the_picture() -> None:
    picture = np.add.outer(10.0 * np.arange(40), np.arange(50))  # 10 y + x
    line = resampled([(10, 20), (30, 20)])
    assert np.allclose(np.abs(normals(line)), [0, 1])
    to_the_right = straightened(picture, line, 3)
    np.testing.assert_allclose(to_the_right[5], 10 * (20 + np.arange(-3, 4)) + 15, atol=1e-4)


@pytest.mark.parametrize("jitter_px", [0.0, 1.5], ids=["exact", "drawn by hand"])
def test_the_distance_of_winding_is_measured_across_the_line(the_rings, jitter_px) -> None:
    found = winding_distance_px(the_rings, path_on_ring(6, jitter_px=jitter_px))
    assert found == pytest.approx(PITCH_PX, abs=0.4)


@pytest.mark.parametrize(("coat", "next_coat"), [(5, 7), (6, 8), (8, 10)])
def test_layers_of_two_coats_repeat_as_a_whole(coat, next_coat) -> None:
    rows = np.arange(240) % 24
    windings = np.where((rows < coat) | ((rows >= next_coat) & (rows < next_coat + coat)), 200, 60).astype(np.uint8)
    picture = np.repeat(windings[:, None], 120, axis=1)
    assert winding_distance_px(picture, np.array([(10.0, 122), (100, 122)])) == pytest.approx(24, abs=0.3)


def test_where_nothing_repeats_there_is_no_distance() -> None:
    noise = np.random.default_rng(SEED).integers(0, 255, (SIDE, SIDE)).astype(np.uint8)
    lone = np.where(np.abs(radius() - 60) < 3, 200, 40).astype(np.uint8)
    path = np.stack([CENTER + 60 * np.cos(np.linspace(0, 2, 20)), CENTER + 60 * np.sin(np.linspace(0, 2, 20))], axis=1)
    assert winding_distance_px(noise, path) is None
    assert winding_distance_px(lone, path) is None
    assert winding_distance_px(np.full((SIDE, SIDE), 9, np.uint8), path) is None


def test_a_line_drawn_beside_the_middle_is_moved_onto_it(the_rings, the_grey) -> None:
    path = path_on_ring(6)
    outside = CENTER + (path - CENTER) * (1 + 1.8 / (6 * PITCH_PX))
    line, is_bright = snapped(the_rings, resampled(outside), PITCH_PX / 2)
    off = np.hypot(*(line - CENTER).T) - (6 * PITCH_PX + WIDTH_PX / 2)
    assert is_bright == (the_grey[0] > the_grey[1]) and abs(off.mean()) < 0.8


@pytest.mark.parametrize("jitter_px", [0.0, 1.2], ids=["exact", "drawn by hand"])
def test_a_winding_is_traced_and_its_neighbours_are_not(the_rings, jitter_px) -> None:
    stroke = stroke_along(path_on_ring(6, (10, 130), jitter_px), the_rings.shape, PITCH_PX / 2)
    found = traced(the_rings, stroke).to_array()
    inner = sector((15, 125))
    assert dice(found & inner, (number_of_ring() == 6) & inner) > 0.93
    assert not (found & (number_of_ring() == 5)).any() and not (found & (number_of_ring() == 7)).any()
    assert not (found & sector((160, 340))).any()


@pytest.mark.parametrize(("outwards", "number"), [(True, 7), (False, 5)])
@pytest.mark.parametrize("backwards", [False, True], ids=["clockwise", "anticlockwise"])
def test_the_next_winding_is_the_next_one_on_that_side(the_rings, outwards, number, backwards) -> None:
    path = path_on_ring(6, jitter_px=0.8)[:: -1 if backwards else 1]
    following = next_stroke(the_rings, stroke_along(path, the_rings.shape, PITCH_PX / 2), outwards)
    x, y = np.array(following.points_xy).T
    assert (number_of_ring()[y, x] == number).mean() > 0.95
    assert (
        dice(
            traced(the_rings, following).to_array() & sector((20, 120)),
            (number_of_ring() == number) & sector((20, 120)),
        )
        > 0.93
    )


def test_a_line_goes_from_winding_to_winding_and_ends_at_the_last_one(the_rings) -> None:
    stroke = stroke_along(path_on_ring(4), the_rings.shape, PITCH_PX / 2)
    for number in (5, 6, 7, 8):
        stroke = next_stroke(the_rings, stroke, outwards=True)
        x, y = np.array(stroke.points_xy).T
        assert (number_of_ring()[y, x] == number).mean() > 0.9


def test_straight_winding_are_traced_too() -> None:
    rows = np.where(np.mod(np.arange(120), 12) < 5, 180, 60)
    picture = np.repeat(rows[:, None], 90, axis=1).astype(np.uint8)
    stroke = stroke_along(np.array([(10.0, 63), (80, 62)]), picture.shape, 6)
    found = traced(picture, stroke).to_array()
    np.testing.assert_array_equal(np.flatnonzero(found[:, 45]), np.arange(60, 65))
    below = next_stroke(picture, stroke, outwards=True)
    assert all(72 <= y < 77 for _, y in below.points_xy)


def test_a_speck_beside_the_winding_is_not_part_of_it() -> None:
    picture = np.full((60, 90), 60, np.uint8)
    picture[28:33], picture[37:39, 40:43] = 180, 180
    found = traced(picture, stroke_along(np.array([(10.0, 30), (80, 30)]), picture.shape, 9)).to_array()
    assert found[30, 41] and not found[37:39, 40:43].any()


def test_what_is_no_line_is_refused(the_rings) -> None:
    with pytest.raises(PromptError, match="drag further"):
        stroke_along(np.array([(5.0, 5), (5, 5)]), the_rings.shape, 5)
    with pytest.raises(PromptError, match="drag further"):
        stroke_along(np.array([(-50.0, 5), (-9, 5)]), the_rings.shape, 5)
    edge = StrokePrompt(((0, 2), (200, 2)), 4)
    with pytest.raises(PromptError, match="beyond the slice"):
        next_stroke(the_rings, edge, outwards=True, distance_px=9)
    with pytest.raises(PromptError, match="by hand"):
        next_stroke(np.zeros((SIDE, SIDE), np.uint8), StrokePrompt(((5, 5), (90, 90)), 5), True)


def test_windings_are_added_to_what_the_model_found_and_taken_from_it(the_rings) -> None:
    image = SliceImage(the_rings)
    stroke = stroke_along(path_on_ring(6), the_rings.shape, PITCH_PX / 2)
    winding = traced(the_rings, stroke).to_array()
    square = np.zeros((SIDE, SIDE), bool)
    square[100:200, 100:200] = True
    model = Segmentation((Candidate(Mask.from_array(square), 0.9, np.zeros((256, 256), np.float32)),))
    (alone,) = with_windings(None, image, [stroke]).candidates
    np.testing.assert_array_equal(alone.mask.to_array(), winding)
    added = with_windings(model, image, [stroke]).best.mask.to_array()
    np.testing.assert_array_equal(added, square | winding)
    taken = with_windings(model, image, [StrokePrompt(stroke.points_xy, stroke.half_width_px, False)]).best.mask
    np.testing.assert_array_equal(taken.to_array(), square & ~winding)
    assert with_windings(model, image, []) is model
