"""The voxel grid that a segmentation was made on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer

from ...core.extent import Extent
from ...core.voxel_grid import VoxelGrid
from ...errors import StateError
from . import labelmaps, segments
from .volume_geometry import parent_to_world


@dataclass(frozen=True, eq=False)
class LabelGrid:
    """A part of a lattice of voxels in the world.

    Attributes
    ----------
    ijk_to_ras : numpy.ndarray
        (4, 4) float64 of the lattice, to the world in mm; the part need not begin at its voxel (0, 0, 0).
    extent : Extent
        The part, both ends inside.
    """

    ijk_to_ras: np.ndarray
    extent: Extent

    @property
    def counted(self) -> VoxelGrid:
        """As many voxels, counted from the lattice's own voxel (0, 0, 0) as labelmaps count them."""
        return VoxelGrid(self.ijk_to_ras, self.extent.shape_kji)

    @property
    def grid(self) -> VoxelGrid:
        """The part's own grid, which begins at its first voxel."""
        return self.counted.part(self.extent)


def grid_of(segmentation_node: slicer.vtkMRMLSegmentationNode) -> LabelGrid:
    """The grid of the scan that a segmentation was made on, or, where it does not say, of all its voxels.

    Raises
    ------
    StateError
        If the segmentation says neither.
    GeometryError
        If segments lie on different grids, or a parent transform is not linear.
    """
    reference = _reference_image(segmentation_node)
    if reference is not None:
        grid = _grid_of_image(segmentation_node, reference)
        # Slicer leaves the reference where it is when a transform of the segmentation is hardened
        if segments.lies_on(segmentation_node, labelmaps.ijk_to_local_of(reference), grid.counted):
            return grid
    grid = _grid_of_image(segmentation_node, _common_image(segmentation_node))
    segments.check_grid(segmentation_node, grid.counted)
    return grid


def _grid_of_image(segmentation_node: slicer.vtkMRMLSegmentationNode, image: slicer.vtkOrientedImageData) -> LabelGrid:
    local = labelmaps.ijk_to_local_of(image)
    return LabelGrid(parent_to_world(segmentation_node) @ local, Extent(*image.GetExtent()))


def _reference_image(segmentation_node: slicer.vtkMRMLSegmentationNode) -> slicer.vtkOrientedImageData | None:
    converter = slicer.vtkSegmentationConverter
    name = converter.GetReferenceImageGeometryParameterName()
    return _image_of(segmentation_node.GetSegmentation().GetConversionParameter(name))


def _common_image(segmentation_node: slicer.vtkMRMLSegmentationNode) -> slicer.vtkOrientedImageData:
    segmentation = segmentation_node.GetSegmentation()
    image = _image_of(segmentation.DetermineCommonLabelmapGeometry(segmentation.EXTENT_UNION_OF_SEGMENTS, None))
    if image is None:
        raise StateError(f"Segmentation '{segmentation_node.GetName()}' holds no voxel: there is nothing to export.")
    return image


def _image_of(geometry: str) -> slicer.vtkOrientedImageData | None:
    image = slicer.vtkOrientedImageData()
    if not geometry or not slicer.vtkSegmentationConverter.DeserializeImageGeometry(geometry, image, False):
        return None
    return None if image.IsEmpty() else image
