"""VTK without lines of its own in front of the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vtkmodules.vtkCommonCore import vtkObject


@contextmanager
def without_vtk_lines() -> Iterator[None]:
    """Switch warnings and errors of VTK's classes off; whoever does so tells the user himself what went wrong."""
    before = vtkObject.GetGlobalWarningDisplay()
    vtkObject.SetGlobalWarningDisplay(0)
    try:
        yield
    finally:
        vtkObject.SetGlobalWarningDisplay(before)
