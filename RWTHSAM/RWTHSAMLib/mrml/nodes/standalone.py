"""A scene without any application around it, for the command line and for tests."""

from __future__ import annotations

import slicer


def new_scene() -> slicer.vtkMRMLScene:
    """Empty scene that knows every node class this library uses."""
    scene = slicer.vtkMRMLScene()
    # a module logic registers its node classes when it meets the scene; those of markups are always known
    slicer.vtkSlicerSegmentationsModuleLogic().SetMRMLScene(scene)
    return scene
