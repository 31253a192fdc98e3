"""The spiral of a wound cell: where its layers lie, however it is bent."""

from __future__ import annotations

import numpy as np
import pytest

from Training.data.batteries.chemistry import Layer, make_layers
from Training.data.batteries.parts import Part
from Training.data.batteries.roll_making import make_roll
from Training.data.batteries.winding import Ends, Roll
from Training.data.drawing.canvas import NO_LAYER, Canvas
from Training.data.drawing.grid import Grid
from Training.data.drawing.plane import across, lengthwise, rotated
from Training.data.drawing.targets import centre_line

SIZE, CORE_PX, PITCH_PX = 256, 20.0, 12.0
LAYERS = (
    Layer(Part.SEPARATOR, 1, 0.1),
    Layer(Part.CATHODE, 4, 0.5),
    Layer(Part.SEPARATOR, 1, 0.1),
    Layer(Part.ANODE, 6, 0.2),
)
CATHODE_MIDDLE = 3 / 12
EVERYWHERE = Ends(-np.inf, np.inf, -1000.0, 1000.0)


@pytest.fixture
def a_perfect_roll():
    return Roll(CORE_PX, 116.0, 0.0, PITCH_PX, LAYERS, (EVERYWHERE,) * 4, fill=0.0)


def drawn(roll, plane, size=SIZE, factor=1):
    canvas = Canvas(Grid(size, factor))
    roll.draw(canvas, plane.points(canvas.grid), core=0.0)
    return canvas


def test_the_radius_grows_by_one_pitch_per_turn(a_perfect_roll):
    canvas = drawn(a_perfect_roll, across(0.0))
    line = centre_line((canvas.layer == 3) & (canvas.part == Part.CATHODE), canvas.along) - (SIZE - 1) / 2
    radius = np.hypot(*line.T)
    turned = np.unwrap(np.arctan2(line[:, 1], line[:, 0]))
    expected = CORE_PX + (3 + CATHODE_MIDDLE + (turned - turned[0]) / (2 * np.pi)) * PITCH_PX
    assert np.abs(radius - expected)[3:-3].max() < 1
    assert 0.97 * 2 * np.pi < turned[-1] - turned[0] < 2 * np.pi


def test_a_centre_line_goes_once_round_in_small_steps(a_perfect_roll):
    canvas = drawn(a_perfect_roll, across(0.0))
    line = centre_line((canvas.layer == 4) & (canvas.part == Part.CATHODE), canvas.along)
    steps = np.hypot(*np.diff(line, axis=0).T)
    assert steps.max() < 4
    assert steps.sum() == pytest.approx(2 * np.pi * (CORE_PX + (4.5 + CATHODE_MIDDLE) * PITCH_PX), rel=0.05)


def test_lengthwise_the_same_layers_stand_on_both_sides(a_perfect_roll):
    canvas = drawn(a_perfect_roll, lengthwise(0.0, 0.0))
    row = canvas.layer[128]
    left, right = row[:128][::-1], row[128:]
    assert set(left[left != NO_LAYER]) == set(right[right != NO_LAYER]) == set(range(8))
    assert (canvas.layer == row).all()


def test_layers_end_where_they_are_said_to():
    ends = (Ends(0.75, 6.25, 10.0, 50.0), EVERYWHERE, Ends(0.5, 7, 5.0, 55.0), Ends(-np.inf, np.inf, 0.0, 60.0))
    roll = Roll(CORE_PX, 116.0, 0.0, PITCH_PX, LAYERS, ends, fill=0.0)
    canvas = drawn(roll, lengthwise(30.0, 0.0))
    z = np.arange(SIZE) - (SIZE - 1) / 2 + 30
    for part, (first, last) in {Part.CATHODE: (10, 50), Part.ANODE: (5, 55), Part.SEPARATOR: (0, 60)}.items():
        heights = z[(canvas.part == part).any(axis=1)]
        assert first <= heights.min() < first + 1 and last - 1 < heights.max() <= last
    turns = np.where(canvas.part == Part.CATHODE, canvas.layer, NO_LAYER)
    # half a turn is done on the left, none on the right
    assert set(turns[:, :128].ravel()) == {NO_LAYER, *range(1, 6)}
    assert set(turns[:, 128:].ravel()) == {NO_LAYER, *range(1, 7)}


@pytest.mark.parametrize("seed", range(20))
def test_no_fault_lets_layers_cross(seed):
    """Along every ray from the middle outwards, turns only count up."""
    random = np.random.default_rng(seed)
    roll = make_roll(random, make_layers(random), 15.0, 110.0, 8.0, faces_px=(-100.0, 100.0))
    for angle in roll.first_angle + np.linspace(0.1, 2 * np.pi - 0.1, 60):
        ray = Canvas(Grid(SIZE, 4, rows=(2 * SIZE, 2 * SIZE + 1), columns=(2 * SIZE, None)))
        roll.draw(ray, rotated(across(0.0), angle).points(ray.grid), core=0.0)
        turns = ray.layer[ray.layer != NO_LAYER].astype(int)
        assert (np.diff(turns) >= 0).all(), (seed, angle)


def test_a_foil_thinner_than_a_sample_does_not_flicker():
    layers = (Layer(Part.CATHODE, 5.8, 0.0), Layer(Part.CATHODE_FOIL, 0.2, 1.0))
    roll = Roll(CORE_PX, 116.0, 0.0, 6.0, layers, (EVERYWHERE,) * 4, fill=0.0)
    canvas = drawn(roll, lengthwise(0.0, 0.0))
    one_turn = canvas.attenuation[128, 160:220].reshape(-1, 6).sum(axis=1)
    assert np.abs(one_turn - 0.2).max() < 0.03
