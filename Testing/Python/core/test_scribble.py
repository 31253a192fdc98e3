"""A scribble is points along a line for the model; a line along a winding is none of its business."""

from __future__ import annotations

import json

import numpy as np
import pytest

from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts, StrokePrompt
from RWTHSAMLib.core.scribble import MOST_POINTS, points_along, points_of
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import PromptError
from RWTHSAMLib.record.record_file import parse_prompt_file
from RWTHSAMLib.worker.client import SegmentRequest
from RWTHSAMLib.worker.messages import request_message, request_of

SCRIBBLE, NOT_HERE = StrokePrompt(((3, 4), (9, 4))), StrokePrompt(((1, 1), (1, 8)), positive=False)
WINDING = StrokePrompt(((0, 9), (9, 9)), 2.5)
EVERYTHING = Prompts((PointPrompt(5, 5), SCRIBBLE, WINDING, NOT_HERE, BoxPrompt(0, 0, 9, 9)))


def test_it_becomes_points_at_even_distances_with_both_its_ends() -> None:
    points = points_along(StrokePrompt(((0, 0), (30, 0), (30, 400))))
    assert len(points) == MOST_POINTS
    np.testing.assert_allclose([points[0], points[-1]], [[0, 0], [30, 400]])
    np.testing.assert_allclose(points_along(StrokePrompt(((2, 2), (4, 2)))), [[2, 2], [4, 2]])


def test_the_model_is_asked_with_points_and_scribbles_but_not_with_winding() -> None:
    coords, labels = points_of(EVERYTHING)
    assert coords.dtype == labels.dtype == np.float32
    assert coords[0].tolist() == [5, 5] and labels[0] == 1
    assert [3, 4] in coords.tolist() and [9, 4] in coords.tolist() and [9, 9] not in coords.tolist()
    assert labels[coords[:, 0] == 1].tolist() == [0, 0, 0]
    assert EVERYTHING.for_model.items == (EVERYTHING.items[0], SCRIBBLE, NOT_HERE, EVERYTHING.items[4])
    assert EVERYTHING.windings == (WINDING,) and EVERYTHING.scribbles == (SCRIBBLE, NOT_HERE)
    assert EVERYTHING.strokes == (SCRIBBLE, WINDING, NOT_HERE)


def test_no_prompt_for_the_model_is_no_point() -> None:
    coords, labels = points_of(Prompts((WINDING,)))
    assert coords.shape == (0, 2) and labels.shape == (0,)


def test_a_scribble_has_no_winding_to_trace() -> None:
    assert WINDING.reach_px == 2.5
    with pytest.raises(PromptError, match="scribble"):
        _ = SCRIBBLE.reach_px


def test_it_must_lie_in_the_part_that_the_model_looks_at() -> None:
    Prompts((WINDING,), tile_xyxy=(0, 0, 5, 5)).check_inside((20, 20))
    with pytest.raises(PromptError, match="outside the part"):
        Prompts((SCRIBBLE,), tile_xyxy=(0, 0, 5, 5)).check_inside((20, 20))


def test_prompt_files_and_messages_carry_it(an_image_of_twenty) -> None:
    step = {"axis": "k", "index": 7, "class": "a", "prompts": [{"scribble": [[3, 4, 7], [9, 4, 7]], "label": 1}]}
    document = {"format": "rwthsam-prompts", "version": 2, "steps": [step]}
    recorded = parse_prompt_file(json.dumps(document))
    (read,) = recorded.slices
    assert read.slice == SliceKey("k", 7) and read.prompts.items == (SCRIBBLE,)
    assert parse_prompt_file(recorded.to_json()).slices[0].prompts == read.prompts
    sent = SegmentRequest(1, an_image_of_twenty, EVERYTHING)
    assert request_of(request_message(sent)).prompts == EVERYTHING


@pytest.fixture
def an_image_of_twenty():
    from RWTHSAMLib.core.image import SliceImage

    return SliceImage(np.zeros((20, 20), np.uint8))
