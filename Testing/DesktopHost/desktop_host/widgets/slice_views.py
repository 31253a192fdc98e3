"""Real MRML slice views: slice logic, displayable managers, interactor style, offscreen picture."""

from __future__ import annotations

from typing import Any

import vtk
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from .base import implements
from .mrml_widgets import qMRMLWidget
from .observing import Observers
from .render_view import RenderCanvas

# what qMRMLSliceView registers, as far as slicer-core has it
_MANAGERS = (
    *("vtkMRMLVolumeGlyphSliceDisplayableManager", "vtkMRMLModelSliceDisplayableManager"),
    *("vtkMRMLCrosshairDisplayableManager", "vtkMRMLOrientationMarkerDisplayableManager"),
    *("vtkMRMLRulerDisplayableManager", "vtkMRMLScalarBarDisplayableManager"),
    *("vtkMRMLSegmentationsDisplayableManager2D", "vtkMRMLMarkupsDisplayableManager"),
    *("vtkMRMLTransformsDisplayableManager2D", "vtkMRMLLinearTransformsDisplayableManager"),
    "vtkMRMLColorLegendDisplayableManager",
)


def register_managers(factory: Any, names: tuple[str, ...]) -> None:
    """Tell a displayable manager factory what its views show."""
    import slicer

    for name in names:
        if hasattr(slicer, name) and not factory.IsDisplayableManagerRegistered(name):
            factory.RegisterDisplayableManager(name)


def managers_group(factory: Any, application_logic: Any, names: tuple[str, ...], renderer: Any) -> Any:
    """The displayable managers of one view, which draw into its renderer."""
    import slicer

    factory.SetMRMLApplicationLogic(application_logic)
    register_managers(factory, names)
    group = slicer.vtkMRMLDisplayableManagerGroup()
    group.SetRenderer(renderer)
    group.Initialize(factory, renderer)
    return group


class _VtkView(qMRMLWidget):
    """What ctkVTKAbstractView offers."""

    resized = Signal(QSize)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = RenderCanvas(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self._observers = Observers(self)
        self._annotation = vtk.vtkCornerAnnotation()

    def renderWindow(self) -> Any:
        return self.canvas.window_vtk

    def interactor(self) -> Any:
        return self.canvas.interactor_vtk

    def VTKWidget(self) -> QWidget:
        return self.canvas

    def cornerAnnotation(self) -> Any:
        return self._annotation

    def setCornerAnnotationText(self, text: str) -> None:
        self._annotation.SetText(0, text)

    def cornerAnnotationText(self) -> str:
        return self._annotation.GetText(0) or ""

    def scheduleRender(self) -> None:
        self.canvas.schedule()

    def forceRender(self) -> None:
        self.canvas.render_now()

    def setRenderPaused(self, paused: bool) -> None:
        self.canvas.paused = max(0, self.canvas.paused + (1 if paused else -1))
        if not self.canvas.paused:
            self.canvas.schedule()

    def pauseRender(self) -> None:
        self.setRenderPaused(True)

    def resumeRender(self) -> None:
        self.setRenderPaused(False)

    def renderEnabled(self) -> bool:
        return self.canvas.enabled

    def setRenderEnabled(self, enabled: bool) -> None:
        self.canvas.enabled = enabled
        self.canvas.schedule()

    def backgroundColor(self) -> QColor:
        return QColor.fromRgbF(*self.canvas.renderer.GetBackground())

    def setBackgroundColor(self, color: QColor) -> None:
        self.canvas.renderer.SetBackground(color.redF(), color.greenF(), color.blueF())
        self.canvas.schedule()

    def setViewCursor(self, cursor: QCursor) -> None:
        self.canvas.set_cursor(cursor)

    def unsetViewCursor(self) -> None:
        self.canvas.set_cursor(None)

    def setDefaultViewCursor(self, cursor: QCursor) -> None:
        self.canvas.set_cursor(cursor)


@implements()
class qMRMLSliceView(_VtkView):
    """The picture of a slice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group: Any = None
        self._style: Any = None
        self._slice_logic: Any = None
        self._slice_node: Any = None
        self._image = vtk.vtkImageMapper()
        self._image.SetColorWindow(255)
        self._image.SetColorLevel(127.5)
        self._actor = vtk.vtkActor2D()
        self._actor.SetMapper(self._image)
        self._actor.GetProperty().SetDisplayLocationToBackground()
        self._actor.VisibilityOff()
        self._add_renderers()

    def _add_renderers(self) -> None:
        canvas = self.canvas
        canvas.renderer.GetActiveCamera().ParallelProjectionOn()
        canvas.renderer.AddViewProp(self._actor)
        self._overlay = vtk.vtkRenderer()
        self._overlay.GetActiveCamera().ParallelProjectionOn()
        self._overlay.SetLayer(1)
        canvas.window_vtk.SetNumberOfLayers(2)
        canvas.window_vtk.AddRenderer(self._overlay)
        canvas.window_vtk.SetAlphaBitPlanes(1)
        self._overlay.AddViewProp(self._annotation)

    def start(self, application_logic: Any, slice_logic: Any) -> None:
        """Connect displayable managers and the interactor style."""
        import slicer

        factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance()
        self._group = managers_group(factory, application_logic, _MANAGERS, self.canvas.renderer)
        self._observers.add(self._group, vtk.vtkCommand.UpdateEvent, self._on_update)
        self._slice_logic = slice_logic
        self._style = slicer.vtkMRMLSliceViewInteractorStyle()
        self._style.SetSliceLogic(slice_logic)
        self._style.SetDisplayableManagers(self._group)
        self.interactor().SetInteractorStyle(vtk.vtkInteractorStyleUser())
        self._style.SetInteractor(self.interactor())
        self._observers.add(slice_logic, vtk.vtkCommand.ModifiedEvent, self._on_update)
        self._observers.add(self.interactor(), vtk.vtkCommand.ConfigureEvent, self._on_resize)

    def _on_update(self, _caller: Any, _event: str, _data: Any) -> None:
        connection = self._slice_logic.GetImageDataConnection()
        if connection is not self._image.GetInputConnection(0, 0):
            self._image.SetInputConnection(connection)
        self._actor.SetVisibility(connection is not None)
        self.canvas.schedule()

    def _on_resize(self, _caller: Any, _event: str, _data: Any) -> None:
        self._slice_logic.ResizeSliceNode(*self.renderWindow().GetSize())
        self.resized.emit(self.size())

    def setMRMLSliceNode(self, node: Any) -> None:
        self._slice_node = node
        self._group.SetMRMLDisplayableNode(node)

    def mrmlSliceNode(self) -> Any:
        return self._slice_node

    def interactorObserver(self) -> Any:
        return self._style

    def interactorStyle(self) -> Any:
        return self._style

    def sliceViewInteractorStyle(self) -> Any:
        return self._style

    def getDisplayableManagers(self, collection: Any) -> None:
        for index in range(self._group.GetDisplayableManagerCount()):
            collection.AddItem(self._group.GetNthDisplayableManager(index))

    def displayableManagerByClassName(self, name: str) -> Any:
        return self._group.GetDisplayableManagerByClassName(name)

    def addDisplayableManager(self, name: str) -> None:
        import slicer

        factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance()
        if not factory.IsDisplayableManagerRegistered(name):
            factory.RegisterDisplayableManager(name)

    def convertDeviceToXYZ(self, device: list[int]) -> list[float]:
        xyz = [0.0, 0.0, 0.0]
        self._style.GetSliceLogic().GetSliceNode()
        xyz[0], xyz[1] = float(device[0]), float(device[1])
        return xyz

    def convertXYZToRAS(self, xyz: list[float]) -> list[float]:
        return list(self._slice_node.GetXYToRAS().MultiplyPoint((*xyz, 1.0))[:3])

    def convertRASToXYZ(self, ras: list[float]) -> list[float]:
        inverse = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(self._slice_node.GetXYToRAS(), inverse)
        return list(inverse.MultiplyPoint((*ras, 1.0))[:3])


@implements()
class qMRMLSliceControllerWidget(qMRMLWidget):
    """The coloured bar above a slice with its offset slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from .mrml_widgets import qMRMLSliderWidget

        self._logic: Any = None
        self._name = QLabel("", self)
        self._name.setFixedWidth(20)
        self._name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._slider = qMRMLSliderWidget(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 0, 2, 0)
        layout.setSpacing(4)
        layout.addWidget(self._name)
        layout.addWidget(self._slider, 1)
        self.setAutoFillBackground(True)
        self._observers = Observers(self)
        self._slider.valueChanged.connect(self.setSliceOffsetValue)

    def start(self, logic: Any, label: str, color: str) -> None:
        """Show a slice logic."""
        self._logic = logic
        self._name.setText(label)
        self.setStyleSheet(f"qMRMLSliceControllerWidget {{ background: {color}; }}")
        self._name.setStyleSheet(f"background: {color}; font-weight: bold;")
        self._observers.add(logic, vtk.vtkCommand.ModifiedEvent, self._on_modified)
        self._observers.add(logic.GetSliceNode(), vtk.vtkCommand.ModifiedEvent, self._on_modified)

    def _on_modified(self, _caller: Any, _event: str, _data: Any) -> None:
        bounds, resolution = [0.0, 0.0], vtk.reference(1.0)
        if not self._logic.GetSliceOffsetRangeResolution(bounds, resolution):
            return
        slider = self._slider
        blocked = slider.blockSignals(True)
        slider._set_range(*bounds)
        slider.setSingleStep(max(float(resolution.get()), 1e-6))
        slider.setValue(self._logic.GetSliceOffset())
        slider.blockSignals(blocked)

    def setSliceOffsetValue(self, offset: float) -> None:
        self._logic.SetSliceOffset(offset)

    def sliceOffsetSlider(self) -> Any:
        return self._slider

    def mrmlSliceNode(self) -> Any:
        return self._logic.GetSliceNode()

    def mrmlSliceCompositeNode(self) -> Any:
        return self._logic.GetSliceCompositeNode()

    def sliceLogic(self) -> Any:
        return self._logic

    def fitSliceToBackground(self) -> None:
        self._logic.FitSliceToBackground()

    def setSliceVisible(self, visible: bool) -> None:
        self._logic.GetSliceNode().SetSliceVisible(visible)

    def setSliceLink(self, linked: bool) -> None:
        self._logic.GetSliceCompositeNode().SetLinkedControl(linked)


@implements(sliceOffsetSliderOrientation=Qt.Orientation.Horizontal)
class qMRMLSliceWidget(qMRMLWidget):
    """A slice view with its controller."""

    nodeAboutToBeEdited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._logic: Any = None
        self._controller = qMRMLSliceControllerWidget(self)
        self._view = qMRMLSliceView(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._controller)
        layout.addWidget(self._view, 1)

    def start(self, scene: Any, application_logic: Any, name: str, orientation: str, color: str) -> None:
        """Make the slice node of this view and show it."""
        import slicer

        self._logic = slicer.vtkMRMLSliceLogic()
        self._logic.SetMRMLApplicationLogic(application_logic)
        self._logic.SetMRMLScene(scene)
        node = self._logic.AddSliceNode(name)
        node.SetLayoutLabel(name[0])
        shade = QColor(color)
        node.SetLayoutColor(shade.redF(), shade.greenF(), shade.blueF())
        # what it goes back to when the scene is closed
        node.SetDefaultOrientation(orientation)
        node.SetOrientation(orientation)
        node.SetMappedInLayout(1)
        application_logic.GetSliceLogics().AddItem(self._logic)
        self._view.start(application_logic, self._logic)
        self._view.setMRMLSliceNode(node)
        self._controller.start(self._logic, name[0], color)
        self.setMRMLScene(scene)
        self._view.setMRMLScene(scene)
        self._controller.setMRMLScene(scene)

    def sliceView(self) -> Any:
        return self._view

    def viewWidget(self) -> Any:
        return self._view

    def sliceController(self) -> Any:
        return self._controller

    def controllerWidget(self) -> Any:
        return self._controller

    def sliceLogic(self) -> Any:
        return self._logic

    def logic(self) -> Any:
        return self._logic

    def mrmlSliceNode(self) -> Any:
        return self._logic.GetSliceNode()

    def mrmlAbstractViewNode(self) -> Any:
        return self._logic.GetSliceNode()

    def mrmlSliceCompositeNode(self) -> Any:
        return self._logic.GetSliceCompositeNode()

    def interactorStyle(self) -> Any:
        return self._view.sliceViewInteractorStyle()

    def overlayCornerAnnotation(self) -> Any:
        return self._view.cornerAnnotation()

    def imageDataConnection(self) -> Any:
        return self._logic.GetImageDataConnection()

    def sliceOrientation(self) -> str:
        orientation: str = self._logic.GetSliceNode().GetOrientation()
        return orientation

    def setSliceOrientation(self, orientation: str) -> None:
        self._logic.GetSliceNode().SetOrientation(orientation)

    def sliceViewName(self) -> str:
        name: str = self._logic.GetSliceNode().GetLayoutName()
        return name

    def sliceViewLabel(self) -> str:
        label: str = self._logic.GetSliceNode().GetLayoutLabel()
        return label

    def fitSliceToBackground(self) -> None:
        self._logic.FitSliceToBackground()

    def setRenderPaused(self, paused: bool) -> None:
        self._view.setRenderPaused(paused)

    def pauseRender(self) -> None:
        self._view.pauseRender()

    def resumeRender(self) -> None:
        self._view.resumeRender()
