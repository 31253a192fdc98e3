"""A 3D view of a scene without any application around it, for pictures made by scripts, the command line and tests."""

from __future__ import annotations

import slicer
import vtk

from .offscreen_window import offscreen_window

_MANAGERS = (
    "vtkMRMLVolumeRenderingDisplayableManager",
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
    "vtkMRMLMarkupsDisplayableManager",
)


class OffscreenView:
    """MRML's own drawing of a scene, into memory.

    Parameters
    ----------
    scene : vtkMRMLScene
        Gets a view node, a camera and what the modules of segmentations and volume rendering add.
    size_xy : tuple of int
        Pixels.
    background : tuple of float
        Red, green and blue from 0 to 1.
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        size_xy: tuple[int, int] = (600, 450),
        background: tuple[float, float, float] = (0.06, 0.07, 0.09),
    ) -> None:
        self._scene = scene
        self._application = slicer.vtkMRMLApplicationLogic()
        self._application.SetMRMLScene(scene)
        # the managers of markups and volumes ask the application for these
        self._module_logics = [
            self._with_logic("VolumeRendering", slicer.vtkSlicerVolumeRenderingLogic()),
            self._with_logic("Markups", slicer.vtkSlicerMarkupsLogic()),
        ]
        self.window = offscreen_window(size_xy)
        self.window.SetMultiSamples(0)
        self.renderer = vtk.vtkRenderer()
        self.renderer.SetBackground(*background)
        self.window.AddRenderer(self.renderer)
        self._interactor = vtk.vtkGenericRenderWindowInteractor()
        self._interactor.SetRenderWindow(self.window)
        self._interactor.EnableRenderOff()
        self._interactor.Initialize()
        self._group = self._managers()
        self._logic = slicer.vtkMRMLViewLogic()
        self._logic.SetMRMLApplicationLogic(self._application)
        self._logic.SetMRMLScene(scene)
        self.view_node = self._logic.AddViewNode("Offscreen")
        self.view_node.SetBoxVisible(False)
        self.view_node.SetAxisLabelsVisible(False)
        self.view_node.SetSaveWithScene(False)
        self.view_node.SetBackgroundColor(*background)
        self.view_node.SetBackgroundColor2(*background)
        self._group.SetMRMLDisplayableNode(self.view_node)

    def look_from(self, direction: tuple[float, float, float], up: tuple[float, float, float], zoom: float = 1) -> None:
        """Look at all that is shown from a direction in world coordinates (RAS)."""
        camera = self.renderer.GetActiveCamera()
        camera.SetFocalPoint(0, 0, 0)
        camera.SetPosition(*direction)
        camera.SetViewUp(*up)
        self.renderer.ResetCamera()
        camera.Zoom(zoom)
        self.renderer.ResetCameraClippingRange()

    def close(self) -> None:
        """Let go of the scene and of the graphics memory."""
        self._group.SetMRMLDisplayableNode(None)
        self.window.Finalize()

    def _with_logic(self, name: str, logic: slicer.vtkMRMLAbstractLogic) -> slicer.vtkMRMLAbstractLogic:
        logic.SetMRMLApplicationLogic(self._application)
        logic.SetMRMLScene(self._scene)
        self._application.SetModuleLogic(name, logic)
        return logic

    def _managers(self) -> slicer.vtkMRMLDisplayableManagerGroup:
        factory = slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance()
        factory.SetMRMLApplicationLogic(self._application)
        for name in _MANAGERS:
            if not factory.IsDisplayableManagerRegistered(name):
                factory.RegisterDisplayableManager(name)
        group = slicer.vtkMRMLDisplayableManagerGroup()
        group.SetRenderer(self.renderer)
        group.Initialize(factory, self.renderer)
        return group
