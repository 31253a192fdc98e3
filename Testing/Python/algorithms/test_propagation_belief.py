"""How far slices are believed, in words, and the least believed of each part of an object."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.belief import COLOURS, WORDS, belief_of, least_believed_of_parts
from RWTHSAMLib.algorithms.propagation.track import TrackedSlice
from RWTHSAMLib.core.mask import Mask

MASK = Mask.from_array(np.ones((4, 5), bool))


@pytest.mark.parametrize(("score", "word"), [(1.0, "believed"), (0.5, "believed"), (0.49, "doubtful"), (0.24, "poor")])
def test_a_score_is_a_word_and_a_prompted_slice_has_one_of_its_own(score: float, word: str) -> None:
    tracked = TrackedSlice(3, MASK, score)
    assert belief_of(tracked, (4,), 0.5) == word and belief_of(tracked, (3,), 0.5) == "prompted"


def test_every_word_has_a_text_and_a_colour_of_its_own() -> None:
    assert list(COLOURS) == list(WORDS) and len(set(COLOURS.values())) == len(set(WORDS.values())) == 4


@pytest.mark.parametrize("count", [0, 1, 7, 200, 201, 1000])
def test_parts_cover_all_slices_and_show_the_least_believed(count: int) -> None:
    slices = [TrackedSlice(k, MASK, 1 - k / 2000 if k != count // 2 else 0.0) for k in range(count)]
    parts = least_believed_of_parts(slices, 200)
    assert len(parts) == min(count, 200) and [each.index for each in parts] == sorted(each.index for each in parts)
    assert not count or min(each.score for each in parts) == 0.0
    assert count > 200 or parts == slices
