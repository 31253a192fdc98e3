"""A real MRML 3D view, rendered offscreen."""

from __future__ import annotations

from typing import Any

import vtk
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from .base import implements
from .mrml_widgets import qMRMLWidget
from .slice_views import _VtkView, managers_group

_MANAGERS = (
    *("vtkMRMLVolumeRenderingDisplayableManager", "vtkMRMLCameraDisplayableManager", "vtkMRMLViewDisplayableManager"),
    *("vtkMRMLModelDisplayableManager", "vtkMRMLThreeDReformatDisplayableManager"),
    *("vtkMRMLCrosshairDisplayableManager3D", "vtkMRMLOrientationMarkerDisplayableManager"),
    *("vtkMRMLRulerDisplayableManager", "vtkMRMLSegmentationsDisplayableManager3D"),
    *("vtkMRMLMarkupsDisplayableManager", "vtkMRMLTransformsDisplayableManager3D"),
)


@implements()
class qMRMLThreeDView(_VtkView):
    """The picture of the scene in 3D."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group: Any = None
        self._style: Any = None
        self._node: Any = None

    def start(self, application_logic: Any, node: Any) -> None:
        """Connect displayable managers and the interactor style."""
        import slicer

        factory = slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance()
        self._group = managers_group(factory, application_logic, _MANAGERS, self.canvas.renderer)
        self._observers.add(self._group, vtk.vtkCommand.UpdateEvent, self._on_update)
        self._style = slicer.vtkMRMLThreeDViewInteractorStyle()
        self._style.SetDisplayableManagers(self._group)
        self.interactor().SetInteractorStyle(vtk.vtkInteractorStyleUser())
        self._style.SetInteractor(self.interactor())
        self._node = node
        self._group.SetMRMLDisplayableNode(node)
        self.canvas.renderer.GradientBackgroundOn()
        self.setBackgroundColor(QColor.fromRgbF(*node.GetBackgroundColor()))
        self.canvas.renderer.SetBackground2(*node.GetBackgroundColor2())

    def _on_update(self, _caller: Any, _event: str, _data: Any) -> None:
        self.canvas.schedule()

    def mrmlViewNode(self) -> Any:
        return self._node

    def interactorStyle(self) -> Any:
        return self._style

    def interactorObserver(self) -> Any:
        return self._style

    def resetFocalPoint(self) -> None:
        self.canvas.renderer.ResetCamera()
        self.canvas.schedule()

    def resetCamera(self) -> None:
        self.canvas.renderer.ResetCamera()
        self.canvas.schedule()

    def getDisplayableManagers(self, collection: Any) -> None:
        for index in range(self._group.GetDisplayableManagerCount()):
            collection.AddItem(self._group.GetNthDisplayableManager(index))


@implements()
class qMRMLThreeDWidget(qMRMLWidget):
    """A 3D view with its bar."""

    nodeAboutToBeEdited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._logic: Any = None
        self._node: Any = None
        self._bar = QLabel(" 1", self)
        self._bar.setStyleSheet("background: #9090d0; font-weight: bold;")
        self._view = qMRMLThreeDView(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self._view, 1)

    def start(self, scene: Any, application_logic: Any) -> None:
        """Make the view node and show it."""
        import slicer

        self._logic = slicer.vtkMRMLViewLogic()
        self._logic.SetMRMLApplicationLogic(application_logic)
        self._logic.SetMRMLScene(scene)
        node = self._node = self._logic.AddViewNode("1")
        node.SetMappedInLayout(1)
        application_logic.GetViewLogics().AddItem(self._logic)
        self._view.start(application_logic, node)
        self.setMRMLScene(scene)
        self._view.setMRMLScene(scene)

    def threeDView(self) -> Any:
        return self._view

    def viewWidget(self) -> Any:
        return self._view

    def mrmlViewNode(self) -> Any:
        return self._node

    def mrmlAbstractViewNode(self) -> Any:
        return self._node

    def viewLogic(self) -> Any:
        return self._logic

    def logic(self) -> Any:
        return self._logic

    def getDisplayableManagers(self, collection: Any) -> None:
        self._view.getDisplayableManagers(collection)
