"""Pictures of surfaces, drawn without a window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import vtk
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy

from ...core.system.quiet import quiet_libraries
from ...errors import RwthSamError
from ...export.surface import Surface
from ..views.offscreen_window import offscreen_window

_VIEW_FROM_RAS = (-0.75, 0.95, 0.55)


class NoRenderer(RwthSamError):
    """Nothing can be drawn in three dimensions on this computer; the message says why."""


def render_surfaces(surfaces: Sequence[Surface], size_px: tuple[int, int], cut_open: bool = False) -> np.ndarray:
    """Draw surfaces, seen obliquely from above, before a transparent background.

    Parameters
    ----------
    surfaces : sequence of Surface
        At least one.
    size_px : (int, int)
        Width and height.
    cut_open : bool
        Whether the half towards the viewer is left out, so that the inside shows.

    Returns
    -------
    numpy.ndarray
        (rows, columns, 4) uint8: red, green, blue, opacity.

    Raises
    ------
    NoRenderer
        If there is no OpenGL, neither with a graphics card nor by software.
    """
    window = _offscreen_window(size_px)
    renderer = vtk.vtkRenderer()
    renderer.SetBackgroundAlpha(0)
    lights = vtk.vtkLightKit()
    lights.SetKeyLightIntensity(0.74)
    lights.SetKeyToHeadRatio(1.4)  # faces towards the viewer, such as the cut, are as bright as those towards the top
    lights.AddLightsToRenderer(renderer)
    window.AddRenderer(renderer)
    meshes = [_mesh_of(each, surfaces[0].origin_mm) for each in surfaces]
    bounds = vtk.vtkBoundingBox()
    for mesh in meshes:
        bounds.AddBounds(mesh.GetBounds())
    middle = np.array([(bounds.GetMinPoint()[axis] + bounds.GetMaxPoint()[axis]) / 2 for axis in range(3)])
    for surface, mesh in zip(surfaces, meshes, strict=True):
        renderer.AddActor(_actor(_cut(mesh, middle) if cut_open else mesh, surface.entry.color))
    _place_camera(renderer, bounds, middle)
    window.Render()
    return _pixels(window)


def _offscreen_window(size_px: tuple[int, int]) -> vtk.vtkRenderWindow:
    window = offscreen_window(size_px)
    window.SetAlphaBitPlanes(True)
    window.SetMultiSamples(4)
    # drawing without a context ends the process, so this must be known before
    with quiet_libraries():
        window.Initialize()
    if not window.GetInitialized():
        raise NoRenderer(
            "There is no three-dimensional view: this computer offers no OpenGL 3.2, neither by a graphics card nor by "
            "software. On Linux, installing Mesa (libegl1, libgl1-mesa-dri) is enough."
        )
    return window


def _actor(mesh: vtk.vtkPolyData, color: tuple[float, float, float]) -> vtk.vtkActor:
    mapper = vtk.vtkPolyDataMapper()
    mapper.SetInputData(mesh)
    mapper.ScalarVisibilityOff()
    actor = vtk.vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    look.SetColor(color)
    look.SetInterpolationToPhong()
    look.SetAmbient(0.18)
    look.SetDiffuse(0.85)
    look.SetSpecular(0.12)
    look.SetSpecularPower(20)
    return actor


def _cut(mesh: vtk.vtkPolyData, middle: np.ndarray) -> vtk.vtkPolyData:
    """The half of a closed surface away from the viewer, closed again along the cut."""
    plane = vtk.vtkPlane()
    plane.SetOrigin(*middle)
    # upright, so that the cut is a section along the axis of the scan
    plane.SetNormal(-_VIEW_FROM_RAS[0], -_VIEW_FROM_RAS[1], 0.0)
    planes = vtk.vtkPlaneCollection()
    planes.AddItem(plane)
    clip = vtk.vtkClipClosedSurface()
    clip.SetInputData(mesh)
    clip.SetClippingPlanes(planes)
    clip.SetScalarModeToNone()
    clip.Update()
    return clip.GetOutput()


def _place_camera(renderer: vtk.vtkRenderer, bounds: vtk.vtkBoundingBox, middle: np.ndarray) -> None:
    towards = np.array(_VIEW_FROM_RAS) / np.linalg.norm(_VIEW_FROM_RAS)
    camera = renderer.GetActiveCamera()
    camera.SetFocalPoint(*middle)
    camera.SetPosition(*(middle + towards * bounds.GetDiagonalLength()))
    camera.SetViewUp(0, 0, 1)
    camera.SetViewAngle(20)
    # the whole body, so that the cut picture shows it in the same size
    low, high = bounds.GetMinPoint(), bounds.GetMaxPoint()
    renderer.ResetCamera(low[0], high[0], low[1], high[1], low[2], high[2])
    renderer.ResetCameraClippingRange()


def _pixels(window: vtk.vtkRenderWindow) -> np.ndarray:
    grab = vtk.vtkWindowToImageFilter()
    grab.SetInput(window)
    grab.SetInputBufferTypeToRGBA()
    grab.ReadFrontBufferOff()
    grab.Update()
    image = grab.GetOutput()
    columns, rows, _ = image.GetDimensions()
    # VTK counts rows from below
    pixels: np.ndarray = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, 4)
    upright: np.ndarray = pixels[::-1].copy()
    return upright


def _mesh_of(surface: Surface, origin_mm: np.ndarray) -> vtk.vtkPolyData:
    """A surface for VTK; its points, in single precision, count from an origin in RAS."""
    mesh, points, cells = vtk.vtkPolyData(), vtk.vtkPoints(), vtk.vtkCellArray()
    points.SetData(numpy_to_vtk(surface.points_from(origin_mm).astype(np.float32), deep=True))
    corners = numpy_to_vtkIdTypeArray(np.ascontiguousarray(surface.triangles.ravel(), np.int64), deep=True)
    cells.SetData(3, corners)
    mesh.SetPoints(points)
    mesh.SetPolys(cells)
    return mesh
