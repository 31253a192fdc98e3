"""What was done on an overview of a scan goes to the same places at full resolution, and back."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.mask import Mask, PackedMask
from RWTHSAMLib.core.oblique_plane import ObliquePlane
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts, StrokePrompt
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.voxel_grid import VoxelGrid
from RWTHSAMLib.errors import PromptError
from RWTHSAMLib.record.other_level import on_other_level
from RWTHSAMLib.record.record_file import SegmentationRecord
from RWTHSAMLib.record.steps import Keyframe, PromptedSlice, RecordedPropagation, RecordedVoxels

FINE_KJI = (8, 3000, 2000)
TURNED = np.array([[0, -0.5, 0, 7], [0.5, 0, 0, -3], [0, 0, -2, 9], [0, 0, 0, 1.0]])
# voxels of the overview are four of the scan along i and j, two along k, and lie in the middle of them
STEPS_IJK = (4, 4, 2)
TO_COARSE = np.diag([*STEPS_IJK, 1.0])
TO_COARSE[:3, 3] = [(each - 1) / 2 for each in STEPS_IJK]
FINE = VoxelGrid(TURNED, FINE_KJI)
COARSE = VoxelGrid(TURNED @ TO_COARSE, (4, 750, 500))


def on_fine(*steps) -> tuple:
    return on_other_level(SegmentationRecord(steps), COARSE, FINE).steps


def prompted(axis: str, index: int, *items) -> PromptedSlice:
    return PromptedSlice(SliceKey(axis, index), Prompts(items), "can")


def test_points_boxes_and_lines_go_to_the_same_places() -> None:
    items = PointPrompt(10, 20, False), BoxPrompt(3, 5, 3, 9), StrokePrompt(((0, 0), (499, 749)), half_width_px=2.0)
    (step,) = on_fine(prompted("k", 1, *items))
    point, box, line = step.prompts.items
    assert step.slice in (SliceKey("k", 2), SliceKey("k", 3))
    assert abs(point.x - 41.5) <= 0.5 and abs(point.y - 81.5) <= 0.5 and not point.positive
    assert box.box_xyxy == (12, 20, 15, 39)
    assert line.half_width_px == 8.0 and line.points_xy[1] == pytest.approx((1997.5, 2997.5), abs=0.5)


def test_rows_of_other_axes_have_a_factor_of_their_own() -> None:
    (step,) = on_fine(prompted("j", 5, BoxPrompt(1, 1, 2, 3)))
    assert step.slice.axis == "j" and abs(step.slice.index - 21.5) <= 0.5
    assert step.prompts.items[0].box_xyxy == (4, 2, 11, 7)  # columns along i, rows along k


def test_the_model_looks_at_the_part_that_the_rule_for_large_slices_chooses() -> None:
    (step,) = on_fine(prompted("k", 1, PointPrompt(250, 300)))
    left, top, right, bottom = step.prompts.tile_xyxy
    assert right - left + 1 == bottom - top + 1 == 1024 and left < 1001 < right and top < 1201 < bottom
    step.prompts.check_inside(FINE_KJI[1:])


def test_masks_are_of_all_voxels_that_their_pixels_are_made_of() -> None:
    pixels = np.zeros((750, 500), bool)
    pixels[10, 20] = pixels[11, 21] = True
    mask = PackedMask.of(Mask.from_array(pixels))
    propagation = RecordedPropagation("k", (Keyframe(1, mask=mask),), PropagationRunSettings(first=0, last=3), "can")
    found, voxels = on_fine(propagation, RecordedVoxels(((SliceKey("k", 1), mask),), "can", "automatic masks"))
    expected = np.repeat(np.repeat(pixels, 4, axis=0), 4, axis=1)
    assert np.array_equal(found.keyframes[0].mask.unpack().to_array(), expected)
    assert (found.settings.first, found.settings.last) == (0, 7)
    assert [key.index for key, _ in voxels.masks] == [2, 3]
    assert all(np.array_equal(each.unpack().to_array(), expected) for _, each in voxels.masks)


@pytest.mark.parametrize("seed", range(5))
def test_there_and_back_everything_is_the_same(seed) -> None:
    random = np.random.default_rng(seed)
    x, y = random.integers(0, 400, 2)
    items = PointPrompt(int(x), int(y)), BoxPrompt(int(x), int(y), int(x) + 50, int(y) + 70)
    step = prompted("k", int(random.integers(4)), *items)
    back = on_other_level(SegmentationRecord(on_fine(step)), FINE, COARSE).steps
    assert back[0].prompts.items == items and back[0].slice == step.slice


def test_what_is_no_level_of_the_scan_is_refused() -> None:
    other = VoxelGrid(np.diag([1.0, 1, 1, 1]), (4, 750, 500))
    with pytest.raises(PromptError, match="turned otherwise"):
        on_other_level(SegmentationRecord((prompted("k", 1, PointPrompt(1, 1)),)), other, FINE)


def test_an_oblique_plane_is_refused_with_its_class() -> None:
    plane = ObliquePlane((90.0, 90, 2), (1, -1, 0), (0, 1, -1), (1, 1, 1), (5, 5))
    with pytest.raises(PromptError, match="'can' is prompted on an oblique plane"):
        on_fine(PromptedSlice(plane, Prompts((PointPrompt(1, 1),)), "can"))
