"""What the model sees: clipped, never wrapped, whatever the voxels are."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.image import SliceImage, grey_near_window
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window, propose_window, propose_window_of_blocks
from RWTHSAMLib.errors import ImageError

WINDOW = Window(0, 1000)
INTEGERS = (np.int8, np.int16, np.int32, np.uint8, np.uint16, np.uint32)
KINDS = (*INTEGERS, np.int64, np.float16, np.float32, np.float64)


def pixels(values, kind=np.float64, window: Window | None = WINDOW) -> list[int]:
    return SliceImage.from_values(np.array([values], kind), window).pixels[0].tolist()


def test_values_outside_the_window_are_clipped_and_do_not_wrap():
    assert pixels([-100, 0, 1000, 2000], np.int16) == [0, 0, 255, 255]


@pytest.mark.parametrize("kind", KINDS)
def test_the_extremes_of_every_type_are_clipped(kind):
    information = np.iinfo(kind) if np.issubdtype(kind, np.integer) else np.finfo(kind)
    low, high = pixels([information.min, information.max], kind, Window(1, 100))
    assert (low, high) == (0, 255)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_gives_the_same_picture(kind):
    values = np.arange(0, 100).reshape(10, 10)
    expected = np.rint(np.clip((values - 20) / 50, 0, 1) * 255)
    picture = SliceImage.from_values(values.astype(kind), Window(20, 70)).pixels
    assert np.abs(picture - expected).max() <= 1


def test_wide_integers_near_the_window_edge_do_not_lose_their_digits():
    start = 2**31
    assert pixels([start, start + 255], np.uint32, Window(start, start + 255)) == [0, 255]


def test_a_window_may_lie_below_zero():
    assert pixels([-1350, -600, 150], np.int32, Window(-1350, 150)) == [0, 128, 255]


def test_values_that_are_no_numbers_become_black_and_infinities_black_or_white():
    assert pixels([np.nan, -np.inf, np.inf, 500], np.float32) == [0, 0, 255, 128]


def test_the_grey_ramp_rises_without_a_step_back():
    rng = np.random.default_rng(21)
    for _ in range(20):
        lower, width = rng.uniform(-1e4, 1e4), rng.uniform(1e-3, 1e5)
        ramp = np.sort(rng.uniform(lower - width, lower + 2 * width, (1, 500)))
        picture = SliceImage.from_values(ramp, Window(lower, lower + width)).pixels[0].astype(int)
        assert (np.diff(picture) >= 0).all(), f"lower={lower} width={width}, seed 21"


def test_bytes_without_a_window_stay_as_they_are():
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(SliceImage.from_values(values).pixels, values)


def test_alpha_is_dropped_and_one_channel_is_grey():
    assert SliceImage.from_values(np.zeros((2, 3, 4), np.uint8)).pixels.shape == (2, 3, 3)
    assert SliceImage.from_values(np.zeros((2, 3, 1), np.uint8)).is_grey


@pytest.mark.parametrize("channels", [3, 4])
def test_a_colour_photograph_of_a_scan_stays_as_it_is_whatever_the_window(channels):
    photograph = np.random.default_rng(3).integers(0, 256, (5, 7, channels)).astype(np.uint8)
    assert np.array_equal(SliceImage.of_scan(photograph, Window(50, 60)).pixels, photograph[..., :3])


def test_grey_and_wider_colours_of_a_scan_are_clipped():
    grey, wide = np.array([[0, 55, 255]], np.uint8), np.array([[[0, 55, 255]]], np.uint16)
    assert SliceImage.of_scan(grey, Window(50, 60)).pixels.tolist() == [[0, 128, 255]]
    assert SliceImage.of_scan(wide, Window(50, 60)).pixels.tolist() == [[[0, 128, 255]]]


def test_a_truth_array_is_black_and_white_under_a_proposed_window():
    assert SliceImage.from_values(np.array([[False, True]]), Window(0, 1)).pixels.tolist() == [[0, 255]]


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(5),
        np.zeros((2, 2, 2)),
        np.zeros((2, 2, 5)),
        np.zeros((2, 2), complex),
        np.array([["a"]]),
        np.zeros((0, 4)),
    ],
    ids=["line", "two channels", "five channels", "complex", "text", "empty"],
)
def test_what_is_no_slice_is_refused(values):
    with pytest.raises(ImageError):
        SliceImage.from_values(values, WINDOW)


def test_an_image_owns_its_pixels_and_cannot_be_changed():
    values = np.zeros((2, 2), np.uint8)
    image = SliceImage.from_values(values)
    values[0, 0] = 9
    assert image.pixels.sum() == 0
    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0, 0] = 1


def test_an_image_made_from_an_array_leaves_that_array_writeable():
    values = np.zeros((2, 2), np.uint8)
    SliceImage(values)
    values[0, 0] = 1


def test_equal_pictures_have_equal_digests_and_others_do_not():
    values = np.arange(12, dtype=np.uint8)
    first = SliceImage(values.reshape(3, 4))
    assert first.digest == SliceImage(values.reshape(3, 4).copy()).digest
    assert first.digest != SliceImage(values.reshape(4, 3)).digest
    assert first.digest != SliceImage(values.reshape(3, 4)[::-1]).digest


def test_grey_is_repeated_for_the_encoder():
    image = SliceImage(np.arange(6, dtype=np.uint8).reshape(2, 3))
    assert all(np.array_equal(image.rgb()[..., channel], image.pixels) for channel in range(3))


@pytest.mark.parametrize("bounds", [(1, 1), (2, 1), (np.nan, 1), (0, np.inf)])
def test_an_impossible_window_is_refused(bounds):
    with pytest.raises(ImageError):
        Window(*bounds)


def test_window_and_level_are_slicers_numbers():
    window = Window.from_width_level(1500, -600)
    assert (window.lower, window.upper, window.width, window.level) == (-1350, 150, 1500, -600)


@pytest.mark.parametrize("shape", [(7, 30, 11), (40, 260, 201)], ids=["few values", "millions"])
def test_a_window_of_blocks_is_that_of_all_values(shape: tuple[int, int, int]) -> None:
    values = np.random.default_rng(5).normal(100, 40, shape).astype(np.float32)
    blocks = (values[first : first + 3] for first in range(0, len(values), 3))
    assert propose_window_of_blocks(blocks, values.size) == propose_window(values)


def test_a_proposal_leaves_out_outliers():
    values = np.concatenate([np.linspace(100, 200, 10_000), [1e9, -1e9]])
    window = propose_window(values)
    assert 99 < window.lower < 102 and 198 < window.upper < 201


@pytest.mark.parametrize(
    "values",
    [np.zeros(9), np.full(9, -7), np.full(4, np.nan), np.array([np.inf, 3.0]), np.array([]), np.array([np.nan, 1, 2])],
    ids=["zeros", "constant", "nan", "infinite", "empty", "some nan"],
)
def test_a_proposal_is_always_a_window(values):
    window = propose_window(values)
    assert window.lower < window.upper


def test_a_proposal_for_few_bright_voxels_still_shows_them():
    values = np.zeros(100_000)
    values[:10] = 1000
    assert propose_window(values).upper == 1000


def test_a_proposal_looks_at_the_whole_of_a_large_volume():
    values = np.zeros((40, 300, 300), np.uint16)
    values[20:] = 5000
    assert propose_window(values).upper == 5000


@pytest.fixture
def scan_values() -> np.ndarray:
    """Grey values of a CT: -1000 to 1000, seed 5."""
    return np.random.default_rng(5).uniform(-1000, 1000, 20_000)


@pytest.mark.parametrize("padding", [-32768, -1e30, 32767])
def test_a_value_that_pads_a_scan_does_not_take_the_grey_levels_of_all_others(scan_values, padding) -> None:
    padded = np.concatenate([scan_values, np.full(6000, float(padding))])
    window, usual = propose_window(padded), propose_window(scan_values)
    assert usual.width < window.width < 1.3 * usual.width
    inside = SliceImage.from_values(scan_values[None], window).pixels
    alone = SliceImage.from_values(np.array([[float(padding)]]), window).pixels[0, 0]
    assert alone in (0, 255) and np.mean(inside == alone) < 0.01


def test_unsigned_voxels_round_which_zeros_were_filled_in_are_seen_too() -> None:
    values = np.random.default_rng(6).integers(30_000, 32_000, 20_000).astype(np.uint16)
    window = propose_window(np.concatenate([values, np.zeros(9000, np.uint16)]))
    assert 29_000 < window.lower < 30_000 and 31_900 < window.upper <= 32_000


def test_a_background_of_one_value_that_is_not_far_away_stays_in_the_window(scan_values) -> None:
    assert propose_window(np.concatenate([scan_values, np.full(6000, -3024.0)])).lower == -3024


def test_grey_values_far_beyond_the_window_are_held_to_it() -> None:
    values = np.array([[-32768, 90, 100, 200, 210, 32767]], np.int16)
    assert grey_near_window(values, Window(100, 200)).tolist() == [[75, 90, 100, 200, 210, 225]]
    unknown = np.array([[np.nan, -np.inf, 150, np.inf]], np.float32)
    assert grey_near_window(unknown, Window(100, 200)).tolist() == [[100, 75, 150, 225]]


def test_grey_values_that_somebody_asks_for_count_wherever_they_lie() -> None:
    values = np.array([[0, 700, 800, 900]], np.uint16)
    assert grey_near_window(values, Window(100, 200), Range(700, 800)).tolist() == [[75, 700, 800, 825]]
    assert grey_near_window(values, Window(100, 200), Range(None, 800)).tolist() == [[75, 700, 800, 825]]


def test_colour_photographs_and_scans_without_a_window_are_left_alone() -> None:
    colours = np.random.default_rng(7).integers(0, 256, (3, 4, 3)).astype(np.uint8)
    assert np.array_equal(grey_near_window(colours, Window(50, 60)), colours.mean(axis=-1))
    assert grey_near_window(np.array([[-32768, 5]], np.int16), None).tolist() == [[-32768, 5]]
