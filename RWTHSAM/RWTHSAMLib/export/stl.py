"""Surfaces as binary STL, by VTK."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkAppendPolyData
from vtkmodules.vtkIOGeometry import vtkSTLWriter

from ...core.settings.export import Frame
from ...core.system.quiet import quiet_libraries
from ...errors import InputError
from ...export.surface import WORLD, Surface, turned

_STL_HEADER_BYTES, _STL_TRIANGLE_BYTES = 80, 50


def write_stl(surfaces: Sequence[Surface], path: Path, frame: Frame, unit: str = "mm") -> None:
    """Write surfaces into one file, whose header names the frame and the unit of the coordinates.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    together = vtkAppendPolyData()
    for each in surfaces:
        together.AddInputData(mesh_of(each, frame))
    writer = vtkSTLWriter()
    writer.SetInputConnection(together.GetOutputPort())
    writer.SetFileTypeToBinary()
    # Slicer, too, finds the frame in the header; a header must not begin with "solid"
    writer.SetHeader(f"RWTHSAM. SPACE={frame} UNIT={unit}".ljust(_STL_HEADER_BYTES))
    writer.SetFileName(str(path))
    triangles = sum(len(each.triangles) for each in surfaces)
    with quiet_libraries():
        writer.Write()
    if not path.is_file() or path.stat().st_size != _STL_HEADER_BYTES + 4 + _STL_TRIANGLE_BYTES * triangles:
        raise InputError(f"'{path.name}' could not be written: check that the disk has free space.")


def mesh_of(surface: Surface, frame: Frame, origin_mm: np.ndarray = WORLD) -> vtkPolyData:
    """A surface in a frame, for VTK; its points, in single precision, count from an origin in RAS."""
    mesh, points, cells = vtkPolyData(), vtkPoints(), vtkCellArray()
    points.SetData(numpy_to_vtk(turned(surface.points_from(origin_mm), frame).astype(np.float32), deep=True))
    corners = numpy_to_vtkIdTypeArray(np.ascontiguousarray(surface.triangles.ravel(), np.int64), deep=True)
    cells.SetData(3, corners)
    mesh.SetPoints(points)
    mesh.SetPolys(cells)
    return mesh
