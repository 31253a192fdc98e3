"""What the page's own files do with voxels: which of them a native tool changed, and the surface that is shown."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.voxel_block import VoxelBlock
from RWTHSAMLib.mrml.nodes import labelmaps
from RWTHSAMWeb.native_edits import changed_extent
from RWTHSAMWeb.surfaces import surface_of

SPACING_MM_IJK = (0.5, 0.8, 1.2)
WHOLE = Extent(-3, 7, -3, 7, -3, 7)


def random_block(random: np.random.Generator) -> VoxelBlock:
    extent = Extent.of(end for _ in range(3) for end in sorted(random.integers(-3, 8, 2).tolist()))
    return VoxelBlock(random.random(extent.shape_kji) < 0.1, extent)


def labelmap_of(block: VoxelBlock) -> slicer.vtkOrientedImageData:
    return labelmaps.oriented_image(*block, np.diag([*SPACING_MM_IJK, 1.0]))


def segmentation_of(block: VoxelBlock) -> slicer.vtkSegmentation:
    segmentation, segment = slicer.vtkSegmentation(), slicer.vtkSegment()
    segmentation.SetSourceRepresentationName(labelmaps.BINARY_LABELMAP)
    segment.AddRepresentation(labelmaps.BINARY_LABELMAP, labelmap_of(block))
    segment.SetLabelValue(1)
    segmentation.AddSegment(segment, "core")
    return segmentation


def in_whole(block: VoxelBlock) -> np.ndarray:
    voxels = np.zeros(WHOLE.shape_kji, bool)
    voxels[block.extent.slices_kji(WHOLE.first_ijk)] = block.voxels_kji
    return voxels


@pytest.mark.parametrize("seed", range(30))
def test_what_a_native_tool_changed_is_the_box_of_the_voxels_that_differ(seed: int) -> None:
    print(f"seed {seed}")
    before, after = (random_block(random) for random in [np.random.default_rng(seed)] * 2)
    expected = Extent.around(in_whole(before) != in_whole(after), WHOLE.first_ijk)
    assert changed_extent(segmentation_of(before), segmentation_of(after)) == expected


def test_what_no_tool_changed_has_no_box() -> None:
    block = random_block(np.random.default_rng(1))
    assert changed_extent(segmentation_of(block), segmentation_of(block)) is None


@pytest.mark.parametrize("seed", range(10))
def test_a_surface_lies_round_the_voxels_of_its_label(seed: int) -> None:
    print(f"seed {seed}")
    block = random_block(np.random.default_rng(seed))
    held, surface = Extent.around(block.voxels_kji, block.extent.first_ijk), surface_of(labelmap_of(block), 1)
    if held is None:
        assert surface is None
        return
    low_mm, high_mm = np.array(surface.GetBounds()).reshape(3, 2).T
    assert (low_mm >= (np.array(held.first_ijk) - 1) * SPACING_MM_IJK - 1e-6).all()
    assert (high_mm <= (np.array(held.last_ijk) + 1) * SPACING_MM_IJK + 1e-6).all()
    middle_mm = np.add(held.first_ijk, held.last_ijk) / 2 * SPACING_MM_IJK
    assert ((low_mm < middle_mm + 0.5) & (high_mm > middle_mm - 0.5)).all()
