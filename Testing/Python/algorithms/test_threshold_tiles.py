"""Rim and smoothing in tiles: the voxels of whole arrays, wherever tiles end."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.threshold import from_disk
from RWTHSAMLib.algorithms.threshold.from_disk import Region, kept_from_disk
from RWTHSAMLib.algorithms.threshold.threshold import thresholded
from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.placed_masks import within
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.volumes import lazy_volume
from RWTHSAMLib.volumes.labelled_slabs import LabelledSlabs
from RWTHSAMLib.volumes.lazy_segmentation import LazySegmentation
from RWTHSAMLib.volumes.segmentation_file import SegmentationFile
from RWTHSAMLib.volumes.volume_data import VolumeData

SHAPE_KJI = (23, 31, 37)
SPACING_KJI_MM = (1.3, 0.9, 1.0)
MATRIX = np.diag([*SPACING_KJI_MM[::-1], 1.0])
CHOICES = {
    "a rim": (ThresholdSettings(rim_mm=2.2), 600_000),
    "smooth": (ThresholdSettings(grey=Range(30, None), smooth_mm=1.1), 2_000_000),
    "all": (ThresholdSettings(otsu="bright", rim_mm=1.2, smooth_mm=0.95, least_voxels=9), 2_500_000),
}
"""With the bytes of memory that there are: half of them for a tile and what is around it."""


@pytest.fixture(params=range(2))
def region(request) -> np.ndarray:
    """Lumps of random size, with holes."""
    from scipy import ndimage

    print("seed", request.param)
    noise = np.random.default_rng(request.param).normal(size=SHAPE_KJI)
    return ndimage.gaussian_filter(noise, 2.5) > 0.01


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(4).integers(0, 200, SHAPE_KJI).astype(np.int16)


@pytest.fixture
def seen_shapes(monkeypatch) -> list[tuple[int, ...]]:
    """Of all that rim and smoothing are told of."""
    shapes, shaped = [], from_disk.shaped

    def noted(region_kji, *others):
        shapes.append(region_kji.shape)
        return shaped(region_kji, *others)

    monkeypatch.setattr(from_disk, "shaped", noted)
    return shapes


def slabs_of(region: np.ndarray, values: np.ndarray) -> LabelledSlabs:
    labels = region.astype(np.uint8)[..., None] * 3
    about = SegmentationFile((np.zeros((1, 1, 2), np.uint8),), MATRIX, (), {}, False, ())
    lazy = LazySegmentation(about, Extent.of_shape(SHAPE_KJI), lambda first, stop: labels[first:stop], 1)
    return LabelledSlabs(lazy, VolumeData(values, MATRIX, "cell", True), from_disk.BYTES_OF_A_VOXEL)


@pytest.mark.parametrize(("choices", "usable"), CHOICES.values(), ids=CHOICES)
def test_tiles_keep_the_voxels_of_the_whole_array(region, values, seen_shapes, monkeypatch, choices, usable) -> None:
    monkeypatch.setattr(from_disk, "usable_bytes", lambda: usable)
    monkeypatch.setattr(lazy_volume, "usable_bytes", lambda: usable)
    kept = kept_from_disk(slabs_of(region, values), Region((0, 3)), choices, SPACING_KJI_MM)
    whole = thresholded(region, values, SPACING_KJI_MM, choices)
    assert whole.any() and np.array_equal(within(kept, Extent.of_shape(SHAPE_KJI)), whole)
    assert len(seen_shapes) > 3 and all(np.prod(each) * from_disk.BYTES_OF_A_VOXEL <= usable for each in seen_shapes)
    assert any(each[1] < SHAPE_KJI[1] or each[2] < SHAPE_KJI[2] for each in seen_shapes)
