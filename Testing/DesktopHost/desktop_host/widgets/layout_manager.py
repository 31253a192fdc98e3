"""The layout of views: red, yellow, green slices and one 3D view."""

from __future__ import annotations

from typing import Any

import vtk
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from ..errors import HostLimit
from .base import implements
from .observing import Observers
from .slice_views import qMRMLSliceWidget
from .threed_views import qMRMLThreeDWidget

_SLICES = {"Red": ("Axial", "#f34a33"), "Yellow": ("Sagittal", "#edd54c"), "Green": ("Coronal", "#6eb04b")}
# vtkMRMLLayoutNode's numbers -> which views are shown
_FOUR = ("Red", "Yellow", "Green", "1")
_LAYOUTS = {
    2: _FOUR, 3: _FOUR, 4: ("1",), 6: ("Red",), 7: ("Yellow",), 8: ("Green",), 21: _FOUR[:3], 29: _FOUR[:3],
    34: (*_FOUR, "Table"), 35: ("1", "Table"), 36: (*_FOUR, "Plot"), 37: (*_FOUR, "Plot"),
    38: ("Red", "1", "Table", "Plot"), 39: ("Plot",), 40: (*_FOUR, "Plot"),
}  # fmt: skip
_CELLS = {"Red": (0, 0), "1": (0, 1), "Green": (1, 0), "Yellow": (1, 1)}
# the host draws neither, but a layout decides whether there are such views, and their nodes say what they show
_RESULT_VIEWS = {"Table": "vtkMRMLTableViewNode", "Plot": "vtkMRMLPlotViewNode"}


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
        self._node: Any = None
        self._observers = Observers(self)

    def start(self, scene: Any, application_logic: Any) -> None:
        """Make the standard views of a scene."""
        self._scene = scene
        self._start_layout_node()
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

    def _start_layout_node(self) -> None:
        import slicer

        node = slicer.vtkMRMLLayoutNode()
        node.SetSingletonTag("vtkMRMLLayoutNode")
        self._node = self._scene.AddNode(node)
        self._keep_layout()
        self._observers.add(self._node, vtk.vtkCommand.ModifiedEvent, self._on_layout_node)

    def _keep_layout(self) -> None:
        """A closed scene forgets the layouts, the window keeps the one that is shown."""
        for number in _LAYOUTS:
            if not self._node.IsLayoutDescription(number):
                self._node.AddLayoutDescription(number, '<layout type="horizontal"></layout>')
        self._node.SetViewArrangement(self._layout)

    def _on_layout_node(self, node: Any, _event: Any, _data: Any) -> None:
        wanted = node.GetViewArrangement()
        if wanted not in _LAYOUTS:
            self._keep_layout()
        elif wanted != self._layout:
            self._show(wanted)

    def setLayout(self, layout: int) -> None:
        # an unknown layout shows everything
        layout = layout if layout in _LAYOUTS else 3
        self._show(layout)
        self._node.SetViewArrangement(layout)

    def _show(self, layout: int) -> None:
        self._layout = layout
        shown = _LAYOUTS[layout]
        for name, widget in self._slices.items():
            widget.setVisible(name in shown)
            widget.mrmlSliceNode().SetMappedInLayout(int(name in shown))
        self._threed.setVisible("1" in shown)
        self._threed.mrmlViewNode().SetMappedInLayout(int("1" in shown))
        for name, kind in _RESULT_VIEWS.items():
            node = self._scene.GetFirstNodeByClass(kind)
            if node is None and name in shown:
                node = self._scene.AddNewNodeByClass(kind, name)
            if node is not None:
                node.SetMappedInLayout(int(name in shown))
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
        return int("Table" in _LAYOUTS[self._layout])

    def plotViewCount(self) -> int:
        return int("Plot" in _LAYOUTS[self._layout])

    def tableWidget(self, _index: int) -> Any:
        raise HostLimit("the desktop host draws no table views")

    def plotWidget(self, _index: int) -> Any:
        raise HostLimit("the desktop host draws no plot views")

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
