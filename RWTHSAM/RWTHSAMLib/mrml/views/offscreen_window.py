"""Windows of VTK that nobody sees, made without a line about a missing screen."""

from __future__ import annotations

import vtk

from ...core.system.quiet import quiet_libraries


def offscreen_window(size_px: tuple[int, int]) -> vtk.vtkRenderWindow:
    """A window that draws into memory; (columns, rows)."""
    # on a computer without a screen its very making is logged
    with quiet_libraries():
        window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(True)
    window.SetSize(*size_px)
    return window
