"""The base of all effects: options, views, geometry, and edits through the real editing logic."""

from __future__ import annotations

from typing import Any

import vtk
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QCursor, QIcon, QPixmap, QVector3D
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QLayout, QSizePolicy, QWidget

from ..pythonqt.runtime import complain
from ..widgets.base import implements
from .parameters import EffectParameters

_MODES = ("Set", "Add", "Remove", "RemoveAll")
_WHOLE = [0, -1, 0, -1, 0, -1]


@implements(perSegment=True, requireSegments=True, showEffectCursorInSliceView=True, showEffectCursorInThreeDView=False)
class qSlicerSegmentEditorAbstractEffect(EffectParameters, QObject):
    """What every effect can do; one instance per segment editor widget."""

    _effect_selected = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name, self._title = "", ""
        self._is_active = False
        self._logic: Any = None
        self._node: Any = None
        self._saved_cursor = QCursor(Qt.CursorShape.ArrowCursor)
        self._confirmed: Any = None
        self._frame = QFrame()
        self._frame.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
        self._layout = QFormLayout(self._frame)
        self._layout.setContentsMargins(4, 4, 4, 4)
        self._layout.setSpacing(4)

    # identity
    def setName(self, _name: str) -> None:
        complain("qSlicerSegmentEditorAbstractEffect::setName: Cannot set effect name by method, only in constructor!")

    def title(self) -> str:
        return self._title or self._name

    def setTitle(self, title: str) -> None:
        self._title = title

    def icon(self) -> QIcon:
        return QIcon()

    def helpText(self) -> str:
        return ""

    def clone(self) -> Any:
        return None

    # life
    def connect_editor(self, logic: Any, select: Any) -> None:
        """The editing logic and what ``selectEffect`` calls."""
        self._logic = logic
        self._effect_selected.connect(select)

    def setupOptionsFrame(self) -> None: ...

    def activate(self) -> None:
        self._frame.setVisible(True)
        self._is_active = True
        self.updateGUIFromMRML()

    def deactivate(self) -> None:
        self._frame.setVisible(False)
        self._is_active = False

    def active(self) -> bool:
        return self._is_active

    def cleanup(self) -> None: ...

    def setMRMLDefaults(self) -> None: ...

    def updateGUIFromMRML(self) -> None: ...

    def updateMRMLFromGUI(self) -> None: ...

    def referenceGeometryChanged(self) -> None: ...

    def sourceVolumeNodeChanged(self) -> None: ...

    def masterVolumeNodeChanged(self) -> None: ...

    def layoutChanged(self) -> None: ...

    def interactionNodeModified(self, node: Any) -> None:
        if node is not None and node.GetCurrentInteractionMode() != node.ViewTransform:
            self.selectEffect("")

    def processInteractionEvents(self, _interactor: Any, _event: int, _view: QWidget) -> bool:
        return False

    def processViewNodeEvents(self, _node: Any, _event: int, _view: QWidget) -> None: ...

    def selectEffect(self, name: str) -> None:
        self._effect_selected.emit(name)

    # node
    def parameterSetNode(self) -> Any:
        return self._node

    def setParameterSetNode(self, node: Any) -> None:
        self._node = node

    def scene(self) -> Any:
        return self._node.GetScene() if self._node is not None else None

    # options
    def optionsFrame(self) -> QFrame:
        return self._frame

    def optionsLayout(self) -> QFormLayout:
        return self._layout

    def addOptionsWidget(self, added: QWidget | QLayout) -> None:
        self._adopt(added)
        self._layout.addRow(added)

    def addLabeledOptionsWidget(self, label: str, added: QWidget | QLayout) -> QWidget:
        shown = QLabel(label)
        self._adopt(added)
        if isinstance(added, QLayout) and not isinstance(added, QHBoxLayout):
            shown.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._layout.addRow(shown, added)
        return shown

    def _adopt(self, added: QWidget | QLayout) -> None:
        if isinstance(added, QWidget):
            added.setParent(self._frame)
            added.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)

    # edits: the real logic does masking, overwriting and undo
    def modifySelectedSegmentByLabelmap(self, labelmap: Any, mode: int, *rest: Any) -> None:
        node = self._node
        self.modifySegmentByLabelmap(
            node.GetSegmentationNode(), node.GetSelectedSegmentID() or "", labelmap, mode, *rest
        )

    def modifySegmentByLabelmap(self, segmentation: Any, segment: str, labelmap: Any, mode: int, *rest: Any) -> None:
        if self._logic is None:
            return
        extent = next((list(value) for value in rest if isinstance(value, (list, tuple))), _WHOLE)
        bypass = next((value for value in rest if isinstance(value, bool)), False)
        # VTK wants its own enum
        kind = getattr(self._logic, f"ModificationMode{_MODES[int(mode)]}")
        per_segment = self.perSegment()  # type: ignore[attr-defined]
        self._logic.ModifySegmentByLabelmap(segmentation, segment, labelmap, kind, extent, per_segment, bypass)

    def saveStateForUndo(self) -> None:
        self._logic.SaveStateForUndo()

    def applyImageMask(self, image: Any, mask: Any, fill: float, not_mask: bool = False) -> None:
        import slicer

        slicer.vtkOrientedImageDataResample.ApplyImageMask(image, mask, fill, not_mask)

    def defaultModifierLabelmap(self) -> Any:
        return self._logic.GetModifierLabelmap() if self._logic.ResetModifierLabelmapToDefault() else None

    def modifierLabelmap(self) -> Any:
        return self._logic.GetModifierLabelmap()

    def maskLabelmap(self) -> Any:
        return self._logic.GetMaskLabelmap() if self._logic.UpdateMaskLabelmap() else None

    def selectedSegmentLabelmap(self) -> Any:
        return self._logic.GetSelectedSegmentLabelmap() if self._logic.UpdateSelectedSegmentLabelmap() else None

    def referenceGeometryImage(self) -> Any:
        return self._logic.GetReferenceGeometryImage() if self._logic.UpdateReferenceGeometryImage() else None

    def sourceVolumeImageData(self) -> Any:
        return self._logic.GetAlignedSourceVolume() if self._logic.UpdateAlignedSourceVolume() else None

    masterVolumeImageData = sourceVolumeImageData

    def confirmCurrentSegmentVisible(self) -> int:
        node: Any = self._node.GetSegmentationNode() if self._node is not None else None
        segment_id = self._node.GetSelectedSegmentID() if node is not None else ""
        if not segment_id:
            return 1
        segment = node.GetSegmentation().GetSegment(segment_id)
        if self._confirmed is segment and segment is not None:
            return 1
        for index in range(node.GetNumberOfDisplayNodes()):
            display = node.GetNthDisplayNode(index)
            if display.GetVisibility() and display.GetSegmentVisibility(segment_id):
                return 1
        return self._ask_for_visibility(node, segment_id)

    def _ask_for_visibility(self, node: Any, segment_id: str) -> int:
        from ..dialogs import question

        answer = question("Operate on invisible segment?", "The currently selected segment is hidden.")
        if answer is None:
            return 0
        if answer:
            node.GetDisplayNode().SetVisibility(True)
            node.GetDisplayNode().SetSegmentVisibility(segment_id, True)
        else:
            self._confirmed = node.GetSegmentation().GetSegment(segment_id)
        return 2

    # views
    def renderWindow(self, view: Any) -> Any:
        return view.viewWidget().renderWindow()

    def renderer(self, view: Any) -> Any:
        return view.viewWidget().canvas.renderer

    def viewNode(self, view: Any) -> Any:
        return view.mrmlAbstractViewNode()

    def forceRender(self, view: Any) -> None:
        view.viewWidget().forceRender()

    def scheduleRender(self, view: Any) -> None:
        view.viewWidget().scheduleRender()

    def addActor2D(self, view: Any, actor: Any) -> None:
        self.renderer(view).AddViewProp(actor)
        self.scheduleRender(view)

    def removeActor2D(self, view: Any, actor: Any) -> None:
        self.renderer(view).RemoveViewProp(actor)
        self.scheduleRender(view)

    addActor3D, removeActor3D = addActor2D, removeActor2D

    def createCursor(self, _view: QWidget) -> QCursor:
        icon = self.icon()
        return QCursor(icon.pixmap(24, 24)) if not icon.isNull() else QCursor(QPixmap(8, 8))

    def cursorOff(self, view: Any) -> None:
        self._saved_cursor = QCursor(view.cursor())
        view.viewWidget().setDefaultViewCursor(QCursor(Qt.CursorShape.BlankCursor))

    def cursorOn(self, view: Any) -> None:
        view.viewWidget().setDefaultViewCursor(self._saved_cursor)

    def sliceSpacing(self, view: Any) -> float:
        spacing_mm: float = self._logic.GetSliceSpacing(view.mrmlSliceNode(), view.sliceLogic())
        return spacing_mm

    def segmentationDisplayableInView(self, node: Any) -> bool:
        return bool(self._logic.IsSegmentationDisplayableInView(node))

    # coordinates; QVector3D holds 32-bit floats, in Slicer too
    def xyToRas(self, xy: QPoint, view: Any) -> QVector3D:
        return self.xyzToRas(QVector3D(xy.x(), xy.y(), 0), view)

    def xyzToRas(self, xyz: QVector3D, view: Any) -> QVector3D:
        matrix = view.mrmlSliceNode().GetXYToRAS()
        return QVector3D(*matrix.MultiplyPoint((xyz.x(), xyz.y(), xyz.z(), 1.0))[:3])

    def rasToXy(self, ras: QVector3D, view: Any) -> QPoint:
        inverse = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(view.mrmlSliceNode().GetXYToRAS(), inverse)
        x, y = inverse.MultiplyPoint((ras.x(), ras.y(), ras.z(), 1.0))[:2]
        # a conversion to int cuts, it does not round
        return QPoint(int(x), int(y))

    def xyToIjk(self, xy: QPoint, view: Any, image: Any, transform: Any = None) -> QVector3D:
        return self.xyzToIjk(QVector3D(xy.x(), xy.y(), 0), view, image, transform)

    def xyzToIjk(self, xyz: QVector3D, view: Any, image: Any, transform: Any = None) -> QVector3D:
        ijk = [0, 0, 0]
        place = [float(xyz.x()), float(xyz.y()), float(xyz.z())]
        self._logic.XyzToIjk(place, ijk, view.mrmlSliceNode(), image, transform)
        return QVector3D(*ijk)
