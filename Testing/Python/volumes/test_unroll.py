"""A slice becomes a band round a centre, and what is found on the band is found on the slice again."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.volumes.unroll import Unrolling

SHAPE_YX = (161, 173)
CENTER_XY = (84.3, 78.6)
SEED = 21


@pytest.fixture(params=[0.0, 6.5, -6.5], ids=["rings", "spiral", "spiral the other way"])
def unrolling(request) -> Unrolling:
    return Unrolling(CENTER_XY, 12.0, 68.0, request.param)


def spiral(pitch_px: float, width_px: float) -> np.ndarray:
    """A winding round the centre."""
    y, x = np.indices(SHAPE_YX)
    dx, dy = x - CENTER_XY[0], y - CENTER_XY[1]
    turn = np.mod(np.arctan2(dy, dx), 2 * np.pi) / (2 * np.pi)
    return np.mod(np.hypot(dx, dy) - pitch_px * turn, pitch_px) < width_px


def test_places_go_there_and_back(unrolling) -> None:
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    u, v = random.uniform(0, unrolling.shape_vu[1] - 1e-6, 200), random.uniform(0, unrolling.shape_vu[0], 200)
    back = unrolling.to_band(*unrolling.to_slice(u, v))
    np.testing.assert_allclose(back, (u, v), atol=1e-8)


def test_every_pixel_is_where_a_loop_finds_it(unrolling) -> None:
    print(f"seed {SEED}")
    band = np.random.default_rng(SEED).integers(0, 5, unrolling.shape_vu).astype(np.uint8)
    found = unrolling.rolled(band, (150, 150))
    rows, columns = unrolling.shape_vu
    for y in range(0, 150, 7):
        for x in range(0, 150, 7):
            turn = (np.arctan2(y - CENTER_XY[1], x - CENTER_XY[0]) / (2 * np.pi)) % 1
            column = round(turn * columns)
            turns = turn - 1 if column == columns else turn
            row = round(np.hypot(x - CENTER_XY[0], y - CENTER_XY[1]) - 12.0 - unrolling.pitch_px * turns)
            expected = band[row, column % columns] if 0 <= row < rows else 0
            assert found[y, x] == expected


def test_a_spiral_becomes_straight_lines() -> None:
    straight = Unrolling(CENTER_XY, 12.0, 60.0, 8.0).unrolled(spiral(8.0, 4.0).astype(float))
    assert straight.std(axis=1)[2:-2].mean() < 0.35 * straight.std(axis=0).mean()


def test_what_is_found_on_the_band_is_found_on_the_slice(unrolling) -> None:
    mask = spiral(8.0, 4.0)
    y, x = np.indices(SHAPE_YX)
    _, v = unrolling.to_band(x, y)
    covered = (v > 0) & (v < unrolling.shape_vu[0] - 1)
    back = unrolling.rolled(unrolling.unrolled(mask.astype(np.uint8), order=0).astype(bool), SHAPE_YX)
    assert dice(back & covered, mask & covered) > 0.95


def test_grey_values_keep_their_type_and_are_interpolated() -> None:
    y, x = np.indices(SHAPE_YX)
    ramp = (10 * x).astype(np.uint16)
    band = Unrolling(CENTER_XY, 5.0, 50.0).unrolled(ramp)
    x_there, _ = Unrolling(CENTER_XY, 5.0, 50.0).to_slice(*np.indices(band.shape)[::-1])
    assert band.dtype == np.uint16 and np.abs(band - 10 * x_there).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("wrong", [{"inner_px": 5.0, "outer_px": 5.0}, {"columns": 3}, {"inner_px": -1.0}])
def test_what_cannot_be_unrolled_is_said(wrong) -> None:
    with pytest.raises(SettingsError, match="expected"):
        Unrolling(**{"center_xy": CENTER_XY, "inner_px": 1.0, "outer_px": 9.0, **wrong})
