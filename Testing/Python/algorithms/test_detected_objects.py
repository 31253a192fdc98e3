"""Masks of slices become objects with numbers, measures, neighbours and voxels."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from RWTHSAMLib.algorithms.automatic.detected_objects import DetectedObject, DetectedObjects, touching
from RWTHSAMLib.algorithms.automatic.mask_quantities import roundness
from RWTHSAMLib.algorithms.automatic.voxel_blocks import voxel_blocks
from RWTHSAMLib.core.automatic_mask import FoundMask, Judgement
from RWTHSAMLib.core.mask import Mask, PackedMask
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import InputError

SHAPE_YX = (60, 80)
VALUES = np.add.outer(np.arange(60), np.zeros(80))


def disc(x: float, y: float, radius: float) -> Mask:
    rows, columns = np.mgrid[: SHAPE_YX[0], : SHAPE_YX[1]]
    return Mask.from_array((columns - x) ** 2 + (rows - y) ** 2 <= radius**2)


def found(*masks: Mask, doubtful: bool = False) -> list[FoundMask]:
    judgement = Judgement(0.1 if doubtful else 3.0, 2.0, 0.1)
    return [FoundMask(PackedMask.of(mask), 0.9, 0.97, judgement) for mask in masks]


@pytest.fixture
def objects() -> DetectedObjects:
    """A rod through five slices with a pore in it, and a grain in the first three."""
    detected_objects = DetectedObjects("k", (0.5, 0.5, 2.0))
    for index in range(5):
        grain = [disc(60, 20, 8)] if index < 3 else []
        detected_objects.put(SliceKey("k", index), found(disc(25, 30, 15), disc(25, 30, 4), *grain), VALUES)
    return detected_objects


def of_size(objects: DetectedObjects, rank: int) -> DetectedObject:
    return objects.objects[rank]


def test_objects_go_through_slices_and_are_measured(objects) -> None:
    rod, grain, pore = objects.objects
    assert [len(each.masks) for each in (rod, grain, pore)] == [5, 3, 5]
    assert rod.extent == (10, 40, 15, 45, 0, 4)
    assert rod.measured["volume_mm3"] == pytest.approx(5 * disc(25, 30, 15).area * 0.5)
    assert rod.measured["mean_grey"] == pytest.approx(30)
    assert rod.measured["roundness"] == pytest.approx(1, abs=0.01)
    assert rod.measured["from_middle"] == pytest.approx(14.5 / 30, abs=0.02)


def test_the_grey_of_a_colour_is_that_of_red_green_and_blue_whatever_its_alpha() -> None:
    colors = np.repeat(VALUES[..., None], 4, axis=2)
    colors[..., 3] = 255
    detected_objects = DetectedObjects("k", (1, 1, 1))
    detected_objects.put(SliceKey("k", 0), found(disc(25, 30, 15)), colors)
    assert detected_objects.objects[0].measured["mean_grey"] == pytest.approx(30)


def test_neighbours_lie_beside_or_in_each_other(objects) -> None:
    rod, grain, pore = (each.number for each in objects.objects)
    assert objects.neighbours() == {rod: {pore}, pore: {rod}, grain: set()}
    assert touching([disc(20, 20, 8), disc(38, 20, 8), disc(60, 40, 5)]) == {(0, 1)}


def test_the_smallest_object_at_a_pixel_is_meant(objects) -> None:
    rod, _grain, pore = (each.number for each in objects.objects)
    assert objects.at(SliceKey("k", 1), 25, 30, {rod, pore}) == pore
    assert objects.at(SliceKey("k", 1), 25, 30, {rod}) == rod
    assert objects.at(SliceKey("k", 1), 0, 0, {rod, pore}) is None
    assert objects.at(SliceKey("j", 1), 25, 1, {rod, pore}) is None


def test_slices_in_any_order_give_the_same_objects() -> None:
    slices = {index: found(disc(25 + index, 30, 10), disc(60, 20, 5)) for index in range(6)}
    results = []
    for order in ((0, 1, 2, 3, 4, 5), (5, 3, 1, 0, 2, 4), (2, 4, 0, 5, 1, 3)):
        result = DetectedObjects("k", (1.0, 1.0, 1.0))
        for index in order:
            result.put(SliceKey("k", index), slices[index], VALUES)
        results.append([(each.voxel_count, each.extent) for each in result.objects])
    assert results[0] == results[1] == results[2] and len(results[0]) == 2


def test_two_parts_of_an_object_that_lost_its_middle_have_two_numbers(objects) -> None:
    before = {each.number for each in objects.objects}
    objects.put(SliceKey("k", 2), [], VALUES)
    numbers = [each.number for each in objects.objects]
    assert len(numbers) == len(set(numbers)) == 5 and before <= set(numbers)


def test_an_object_that_has_not_grown_is_not_measured_again(objects) -> None:
    rod, grain, _pore = objects.objects
    objects.put(SliceKey("k", 5), found(disc(25, 30, 15)), VALUES)
    after = {each.number: each for each in objects.objects}
    assert after[grain.number] is grain and len(after[rod.number].masks) == 6


def test_a_mask_takes_less_than_4_kilobytes_so_that_250_000_fit_in_a_gigabyte() -> None:
    masks = found(*(disc(x, y, 6) for x in range(6, 80, 6) for y in range(6, 60, 6)))
    tracemalloc.start()
    try:
        result = DetectedObjects("k", (1.0, 1.0, 1.0))
        for index in range(20):
            result.put(SliceKey("k", index), [replace(each, mask=replace(each.mask)) for each in masks], VALUES)
        assert len(result.objects) == len(masks) and result.neighbours()
        assert tracemalloc.get_traced_memory()[0] / (20 * len(masks)) < 4000
    finally:
        tracemalloc.stop()


def test_short_objects_are_left_out_when_asked(objects) -> None:
    objects.min_slices = 4
    assert [len(each.masks) for each in objects.objects] == [5, 5]


def test_an_object_is_doubtful_when_most_of_its_masks_are() -> None:
    result = DetectedObjects("k", (1.0, 1.0, 1.0))
    for index, doubtful in enumerate((True, True, False)):
        result.put(SliceKey("k", index), found(disc(25, 30, 10), doubtful=doubtful), VALUES)
    assert result.objects[0].is_doubtful


@pytest.mark.parametrize("most_voxels", [1, 5000, 10**9])
@pytest.mark.parametrize("axis", ["k", "j", "i"])
def test_voxels_in_blocks_are_those_of_all_masks(axis, most_voxels) -> None:
    shape_kji = {"k": (5, 60, 80), "j": (60, 5, 80), "i": (60, 80, 5)}[axis]
    result = DetectedObjects(axis, (1.0, 1.0, 1.0))
    expected = np.zeros(shape_kji, int)
    for index in range(5):
        masks = [disc(25, 30, 15), disc(25, 30, 4), disc(60, 20 + index, 8)]
        result.put(SliceKey(axis, index), found(*masks), VALUES)
        for label, mask in zip((1, 2, 1), masks, strict=True):
            SliceKey(axis, index).take(expected)[mask.to_array()] = label
    pore = [each for each in result.objects if each.measured["area_mm2"] < 60]
    others = [each for each in result.objects if each not in pore]
    labels = np.zeros(shape_kji, int)
    for group, voxels, (i0, i1, j0, j1, k0, k1) in voxel_blocks([others, pore], most_voxels):
        block = labels[k0 : k1 + 1, j0 : j1 + 1, i0 : i1 + 1]
        assert not block[voxels].any()
        block[voxels] = group + 1
    np.testing.assert_array_equal(labels, expected)


def test_roundness_does_not_depend_on_the_pixels_shape() -> None:
    wide = Mask.from_array(np.repeat(disc(30, 30, 12).to_array(), 3, axis=1))
    y, x = np.nonzero(wide.pixels)
    assert roundness(x, y, (1.0, 3.0)) == pytest.approx(1, abs=0.01)
    assert roundness(x, y, (1.0, 1.0)) < 0.7


def test_packed_masks_come_back_as_they_were_and_are_small() -> None:
    seed = 7
    print(f"seed {seed}")
    dice = np.random.default_rng(seed)
    for mask in [Mask.from_array(dice.random((9, 13)) > 0.5), disc(30, 30, 25)]:
        packed = PackedMask.of(mask)
        again = packed.unpack()
        np.testing.assert_array_equal(again.to_array(), mask.to_array())
        assert packed.area == mask.area and again.origin_xy == mask.origin_xy
    assert len(packed.data) * 8 < mask.pixels.nbytes


def test_damaged_packed_masks_are_refused() -> None:
    packed = PackedMask.of(disc(30, 30, 25))
    for data in (b"nonsense", packed.data[:-9]):
        with pytest.raises(InputError, match="damaged"):
            PackedMask(packed.shape_yx, packed.bounds_xyxy, packed.area, data).unpack()
