"""A scale bar is as long as fits, and a round number."""

from __future__ import annotations

import math
import random

import pytest

from RWTHSAMLib.core.scale_bar import length_text, scale_bar_mm


@pytest.mark.parametrize(
    ("longest_mm", "length_mm"),
    [(1, 1), (0.99, 0.5), (7, 5), (49.9, 20), (1000, 1000), (0.0013, 0.001), (0.2, 0.2), (3, 2)],
)
def test_it_is_the_longest_round_number_that_fits(longest_mm, length_mm):
    assert scale_bar_mm(longest_mm) == pytest.approx(length_mm)


def test_it_never_is_shorter_than_two_fifths_of_what_fits():
    chance = random.Random(3)
    for longest_mm in (10 ** chance.uniform(-6, 6) for _ in range(300)):
        length_mm = scale_bar_mm(longest_mm)
        assert 0.4 * longest_mm * (1 - 1e-6) <= length_mm <= longest_mm * (1 + 1e-6)
        digit = length_mm / 10 ** math.floor(math.log10(length_mm) + 1e-9)
        assert min(abs(digit - each) for each in (1, 2, 5)) < 1e-6


def test_it_is_told_in_the_unit_that_people_use():
    assert [length_text(each) for each in (5, 0.2, 0.0005)] == ["5 mm", "200 µm", "0.5 µm"]
