"""Tables of found objects say the same in every front: short numbers, ratings of at most 1, and how they are sorted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.algorithms.automatic.detected_objects import DetectedObjects  # noqa: E402
from RWTHSAMLib.core.automatic_mask import FoundMask, Judgement  # noqa: E402
from RWTHSAMLib.core.mask import Mask, PackedMask  # noqa: E402
from RWTHSAMLib.core.slices import SliceKey  # noqa: E402
from RWTHSAMLib.mrml.session.detected_columns import COLUMNS  # noqa: E402
from RWTHSAMLib.mrml.session.parts.reviewed_object import ReviewedObject  # noqa: E402

GREY = 12345.6


@pytest.fixture
def an_object() -> ReviewedObject:
    """A block of 30 x 20 pixels of .25 mm on one slice, which its model rates above 1."""
    pixels = np.zeros((40, 50), bool)
    pixels[10:30, 5:35] = True
    found = FoundMask(PackedMask.of(Mask.from_array(pixels)), 1.012, 0.97, Judgement(3.0, 2.0, 0.1))
    objects = DetectedObjects("k", (0.25, 0.25, 1.0))
    objects.put(SliceKey("k", 3), [found], np.full(pixels.shape, GREY))
    return ReviewedObject(objects.objects[0], "open", (1.0, 0.0, 0.0), False, None, frozenset(range(2, 9)))


def test_every_cell_is_short(an_object) -> None:
    shown = {key: each.text(an_object) for key, each in COLUMNS.items()}
    assert shown == {
        "number": "1",
        "volume": "37.5",
        "area": "37.5",
        "slices": "1",
        "grey": "12346",
        "roundness": shown["roundness"],
        "iou": "1.000",
        "stability": "0.970",
        "box": "5–34, 10–29, 3–3",
        "neighbours": "2, 3, 4, 5 ...",
        "state": "open",
    }
    assert 0.8 < float(shown["roundness"]) < 1


def test_boxes_are_sorted_by_their_first_voxel_and_states_by_what_is_left_to_do(an_object) -> None:
    states = [replace(an_object, state=each) for each in ("open", "accepted", "rejected", "submitted")]
    assert [COLUMNS["state"].sorted_by(each) for each in states] == [0, 1, 2, 3]
    assert COLUMNS["box"].sorted_by(an_object) == (5 << 32) + (10 << 16) + 3
    assert COLUMNS["iou"].sorted_by(an_object) == pytest.approx(1.012)
