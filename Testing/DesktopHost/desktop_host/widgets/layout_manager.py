"""The layout of views: red, yellow, green slices and one 3D view."""

from __future__ import annotations

from typing import Any

import vtk
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from .base import implements
from .slice_views import qMRMLSliceWidget
from .threed_views import qMRMLThreeDWidget

_SLICES = {"Red": ("Axial", "#f34a33"), "Yellow": ("Sagittal", "#edd54c"), "Green": ("Coronal", "#6eb04b")}
# vtkMRMLLayoutNode's numbers -> which views are shown
_LAYOUTS = {
    2: ("Red", "Yellow", "Green", "1"), 3: ("Red", "Yellow", "Green", "1"), 4: ("1",), 6: ("Red",), 7: ("Yellow",),
    8: ("Green",), 21: ("Red", "Yellow", "Green"), 29: ("Red", "Yellow", "Green"),
}  # fmt: skip
_CELLS = {"Red": (0, 0), "1": (0, 1), "Green": (1, 0), "Yellow": (1, 1)}


@implements()
class qSlicerLayoutManager(QObject):
    """Makes and shows the views."""

    activeMRMLThreeDViewNodeChanged = Signal(object)
    layoutChanged = Signal(int)
    nodeAboutToBeEdited = Signal(object)
    selectModule = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.viewport = QWidget()
        self._grid = QGridLayout(self.viewport)
        self._grid.setContentsMargins(1, 1, 1, 1)
        self._grid.setSpacing(2)
        self._slices: dict[str, Any] = {}
        self._threed: Any = None
        self._scene: Any = None
        self._layout = 3
        self._enabled = True

    def start(self, scene: Any, application_logic: Any) -> None:
        """Make the standard views of a scene."""
        self._scene = scene
        application_logic.SetSliceLogics(vtk.vtkCollection())
        application_logic.SetViewLogics(vtk.vtkCollection())
        for name, (orientation, color) in _SLICES.items():
            widget = qMRMLSliceWidget(self.viewport)
            widget.setObjectName(f"qMRMLSliceWidget{name}")
            widget.start(scene, application_logic, name, orientation, color)
            self._slices[name] = widget
            self._grid.addWidget(widget, *_CELLS[name])
        self._threed = qMRMLThreeDWidget(self.viewport)
        self._threed.start(scene, application_logic)
        self._grid.addWidget(self._threed, *_CELLS["1"])

    def setLayout(self, layout: int) -> None:
        if layout not in _LAYOUTS:
            # an unknown layout shows everything
            layout = 3
        self._layout = layout
        shown = _LAYOUTS[layout]
        for name, widget in self._slices.items():
            widget.setVisible(name in shown)
            widget.mrmlSliceNode().SetMappedInLayout(int(name in shown))
        self._threed.setVisible("1" in shown)
        self._threed.mrmlViewNode().SetMappedInLayout(int("1" in shown))
        self.layoutChanged.emit(layout)

    def layout(self) -> int:
        return self._layout

    def isEnabled(self) -> bool:
        return self._enabled

    def setEnabled(self, enabled: bool) -> None:
        self._enabled = enabled

    def mrmlScene(self) -> Any:
        return self._scene

    def sliceWidget(self, name: str) -> Any:
        return self._slices.get(name)

    def sliceViewNames(self) -> list[str]:
        return list(self._slices)

    def threeDWidget(self, which: int | str) -> Any:
        return self._threed if which in (0, "1", "View1") else None

    def threeDViewCount(self) -> int:
        return 1

    def tableViewCount(self) -> int:
        return 0

    def plotViewCount(self) -> int:
        return 0

    def tableWidget(self, _index: int) -> Any:
        return None

    def plotWidget(self, _index: int) -> Any:
        return None

    def viewWidgets(self) -> list[Any]:
        return [*self._slices.values(), self._threed]

    def viewWidget(self, node: Any) -> Any:
        return next((w for w in self.viewWidgets() if w.mrmlAbstractViewNode() is node), None)

    def mrmlSliceLogics(self) -> Any:
        collection = vtk.vtkCollection()
        for widget in self._slices.values():
            collection.AddItem(widget.sliceLogic())
        return collection

    def activeMRMLThreeDViewNode(self) -> Any:
        return self._threed.mrmlViewNode()

    def activeThreeDRenderer(self) -> Any:
        return self._threed.threeDView().canvas.renderer

    def resetSliceViews(self) -> None:
        for widget in self._slices.values():
            widget.sliceLogic().FitSliceToBackground()

    def resetThreeDViews(self) -> None:
        self._threed.threeDView().resetCamera()

    def setRenderPaused(self, paused: bool) -> None:
        for widget in (*self._slices.values(), self._threed):
            widget.viewWidget().setRenderPaused(paused)

    def pauseRender(self) -> None:
        self.setRenderPaused(True)

    def resumeRender(self) -> None:
        self.setRenderPaused(False)
