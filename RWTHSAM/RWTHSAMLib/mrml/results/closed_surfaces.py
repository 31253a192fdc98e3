"""Closed surfaces of segments by Slicer's own conversion, without touching the segmentation."""

from __future__ import annotations

import numpy as np
import slicer
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkTriangleFilter

from ...export.labelmap import LabelledClass
from ...export.surface import Surface, enclosed_mm3
from ..nodes import labelmaps, matrices
from ..nodes.volume_geometry import parent_to_world
from .decimated import decimated

_CLOSED_SURFACE = "Closed surface"
_SMOOTHING = "Smoothing factor"


def surface_of_segment(
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    segment_id: str,
    entry: LabelledClass,
    smoothing: float,
    decimation: float = 0.0,
) -> Surface | None:
    """Surface of a segment's voxels in the world, or None where it has none.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
        Not changed: a surface kept in it would be made anew with every later edit.
    segment_id : str
    entry : LabelledClass
        What the segment stands for.
    smoothing : float
        Slicer's smoothing factor, 0 to 1: a windowed sinc filter after discrete flying edges.
    decimation : float
        Share of the triangles to leave out, 0 to below 1, see `decimated`.
    """
    segment = segmentation_node.GetSegmentation().GetSegment(segment_id)
    labelmap = segment.GetRepresentation(labelmaps.BINARY_LABELMAP)
    if labelmap is None or labelmap.IsEmpty():
        return None
    centred, origin = _centred(labelmap)
    mesh = _mesh_of(centred, segment.GetLabelValue(), smoothing)
    if mesh is None or mesh.GetNumberOfPolys() == 0:
        return None
    local_to_world, axes = parent_to_world(segmentation_node), labelmaps.ijk_to_local_of(labelmap)[:3, :3]
    mesh = decimated(mesh, decimation, float(np.linalg.norm(axes, axis=0).min()))
    points = vtk_to_numpy(mesh.GetPoints().GetData()).astype(np.float64) @ local_to_world[:3, :3].T
    triangles = vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    # Slicer leaves surfaces of left-handed grids inside out
    if enclosed_mm3(points, triangles) < 0:
        triangles = triangles[:, ::-1]
    points, triangles = points.astype(np.float32), np.ascontiguousarray(triangles, np.uint32)
    origin_mm = local_to_world[:3, :3] @ origin + local_to_world[:3, 3]
    voxel_mm = float(np.linalg.norm(local_to_world[:3, :3] @ axes, axis=0).min())
    return Surface(entry, points, _normals(points, triangles), triangles, origin_mm, voxel_mm)


def _centred(labelmap: slicer.vtkOrientedImageData) -> tuple[slicer.vtkOrientedImageData, np.ndarray]:
    """A labelmap moved so that its middle is the origin, voxels shared, and where the middle was.

    VTK's points are in single precision, which is fine near the origin alone.
    """
    image_to_local, extent = labelmaps.ijk_to_local_of(labelmap), labelmap.GetExtent()
    middle = [(extent[side] + extent[side + 1]) / 2 for side in (0, 2, 4)]
    origin = (image_to_local @ [*middle, 1.0])[:3]
    moved = slicer.vtkOrientedImageData()
    moved.ShallowCopy(labelmap)
    image_to_local[:3, 3] -= origin
    moved.SetImageToWorldMatrix(matrices.to_vtk(image_to_local))
    return moved, origin


def _mesh_of(labelmap: slicer.vtkOrientedImageData, label: int, smoothing: float) -> vtkPolyData | None:
    alone = slicer.vtkSegment()
    alone.AddRepresentation(labelmaps.BINARY_LABELMAP, labelmap)  # shared, not copied
    alone.SetLabelValue(label)
    conversion = slicer.vtkSegmentation()
    conversion.SetSourceRepresentationName(labelmaps.BINARY_LABELMAP)
    conversion.AddSegment(alone, "alone")
    conversion.SetConversionParameter(_SMOOTHING, f"{smoothing:g}")
    conversion.CreateRepresentation(_CLOSED_SURFACE, True)
    return _triangulated(alone.GetRepresentation(_CLOSED_SURFACE))


def _triangulated(mesh: vtkPolyData | None) -> vtkPolyData | None:
    if mesh is None:
        return None
    triangulate = vtkTriangleFilter()
    triangulate.SetInputData(mesh)
    triangulate.PassVertsOff()
    triangulate.PassLinesOff()
    triangulate.Update()
    return triangulate.GetOutput()


def _normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(n, 3) float32: at each point the mean of its triangles' normals, weighted by their areas."""
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    of_triangles = np.cross(b - a, c - a)
    sums = [np.bincount(triangles.ravel(), np.repeat(of_triangles[:, axis], 3), len(points)) for axis in range(3)]
    normals = np.column_stack(sums)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    # glTF asks for unit length also where triangles cancel each other out
    return np.where(lengths > 0, normals / np.where(lengths > 0, lengths, 1), (0.0, 0.0, 1.0)).astype(np.float32)
