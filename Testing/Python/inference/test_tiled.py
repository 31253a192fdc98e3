"""A mask found on a part of a slice is the mask of that part, and goes on beyond it where the object does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Candidate, Mask, Segmentation, dice
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.inference.tiled import leaves, part_of, placed, prompts_within

TILE = (600, 400, 1623, 1423)
SHAPE_YX = (2000, 2400)
SEED = 5


def disc(x: int, y: int, radius: int, shape_yx: tuple[int, int] = SHAPE_YX) -> np.ndarray:
    rows, columns = np.ogrid[: shape_yx[0], : shape_yx[1]]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


def found(*masks: np.ndarray) -> Segmentation:
    return Segmentation(tuple(Candidate(Mask.from_array(each), 0.9, np.zeros((256, 256), "f4")) for each in masks))


def cut(mask: np.ndarray) -> np.ndarray:
    x0, y0, x1, y1 = TILE
    return mask[y0 : y1 + 1, x0 : x1 + 1]


@pytest.fixture(scope="module")
def an_engine(converted_weights: Path) -> SamEngine:
    pytest.importorskip("openvino")
    return SamEngine.load("mobile_sam_vit_t", converted_weights, backend="openvino", precision="f32")


@pytest.fixture(scope="module")
def a_large_slice() -> SliceImage:
    """A small bright disc, and one that leaves the tile, in noise."""
    print(f"seed {SEED}")
    noise = np.random.default_rng(SEED).normal(0, 8, SHAPE_YX)
    bright = disc(1000, 900, 30) | disc(1600, 700, 150)
    return SliceImage(np.clip(np.where(bright, 190, 60) + noise, 0, 255).astype(np.uint8))


def test_a_mask_within_its_tile_is_only_moved() -> None:
    small = disc(1000, 900, 30)
    whole = placed(found(cut(small)), TILE, SHAPE_YX, None)
    assert np.array_equal(whole.best.mask.to_array(), small)
    assert not leaves(Mask.from_array(cut(small)), TILE, SHAPE_YX)


def test_a_mask_that_leaves_its_tile_goes_on_as_the_whole_shows_it() -> None:
    large, elsewhere = disc(1600, 700, 150), disc(2200, 1800, 50)
    coarse = found(disc(1000, 900, 30), disc(1605, 700, 145) | elsewhere)
    whole = placed(found(cut(large)), TILE, SHAPE_YX, coarse).best.mask.to_array()
    x0, y0, x1, y1 = TILE
    assert leaves(Mask.from_array(cut(large)), TILE, SHAPE_YX)
    assert np.array_equal(whole[y0 : y1 + 1, x0 : x1 + 1], cut(large))
    assert dice(whole, large) > 0.97 and not (whole & elsewhere).any()


def test_a_whole_that_shows_something_else_adds_nothing() -> None:
    large = disc(1600, 700, 150)
    whole = placed(found(cut(large)), TILE, SHAPE_YX, found(disc(1700, 1400, 600))).best.mask.to_array()
    x0, y0, x1, y1 = TILE
    whole[y0 : y1 + 1, x0 : x1 + 1] = False
    assert not whole.any()


def test_the_answer_on_a_tile_is_that_of_its_picture(an_engine, a_large_slice) -> None:
    prompts = Prompts((PointPrompt(1000, 900), PointPrompt(1060, 900, False)), tile_xyxy=TILE)
    part = an_engine.segment(part_of(a_large_slice, TILE), prompts_within(prompts, TILE)).best.mask
    whole = an_engine.segment(a_large_slice, prompts).best.mask
    assert np.array_equal(cut(whole.to_array()), part.to_array()) and whole.area == part.area
    assert dice(whole.to_array(), disc(1000, 900, 30)) > 0.9


def test_candidates_are_those_of_the_tile(an_engine, a_large_slice) -> None:
    one = Prompts((PointPrompt(1000, 900),), tile_xyxy=TILE)
    answers = [an_engine.segment(a_large_slice, one.choosing(each)) for each in range(3)]
    assert [each.chosen for each in answers] == [0, 1, 2] and len(answers[0].candidates) == 3
