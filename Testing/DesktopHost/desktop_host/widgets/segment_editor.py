"""The segment editor: chooses nodes, lists segments and effects, sends view events to the active effect."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QToolButton,
    QWidget,
)

from .base import implements
from .editor_layout import EditorLayout, add_visibilities
from .editor_shortcuts import EditorShortcuts
from .effect_factory import qSlicerSegmentEditorEffectFactory
from .mrml_widgets import qMRMLWidget
from .observing import Observers
from .segments import segment_ids
from .view_observation import ViewObservation

_NO_EFFECT = "NULL"
_SCENE_EVENTS = ("EndCloseEvent", "EndBatchProcessEvent")
_DEFAULT_ORDER = ["Threshold", "Paint", "Draw", "Erase", "Level tracing", "Grow from seeds", "Fill between slices"]


@implements(
    autoShowSourceVolumeNode=True, autoShowMasterVolumeNode=True, undoEnabled=True, effectButtonStyle=2,
    maskingSectionVisible=True, specifyGeometryButtonVisible=True, switchToSegmentationsButtonVisible=True,
    effectColumnCount=2, unorderedEffectsVisible=True, defaultTerminologyEntrySettingsKey="",
    defaultTerminologyEntry="", jumpToSelectedSegmentEnabled=False,
)  # fmt: skip
class qMRMLSegmentEditorWidget(EditorLayout, qMRMLWidget):
    """Edits one segmentation through a vtkMRMLSegmentEditorNode."""

    currentSegmentIDChanged = Signal(str)
    sourceVolumeNodeChanged = Signal(object)
    masterVolumeNodeChanged = Signal(object)
    segmentationNodeChanged = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        import slicer

        self._logic = slicer.vtkSlicerSegmentEditorLogic()
        self._node: Any = None
        self._interaction: Any = None
        self._segmentation: Any = None
        self._source: Any = None
        self._effects: list[Any] = []
        self._active: Any = None
        self._order = list(_DEFAULT_ORDER)
        self._updating = False
        self._read_only = False
        self._observers = Observers(self)
        self._shortcuts = EditorShortcuts(self)
        self.last_active_effect: Any = None
        self._views = ViewObservation(self._on_interaction, self._on_view_node)
        self._build(self)
        self._make_effects()
        self._observers.add(self._logic, self._logic.SegmentationHistoryChangedEvent, self._on_history)
        effects = self._effects
        self.destroyed.connect(lambda *_args: _clean_up(effects))

    def _show_history(self) -> None:
        self._undo_button.setEnabled(bool(self._logic.CanUndo()))
        self._redo_button.setEnabled(bool(self._logic.CanRedo()))

    def _on_history(self, _caller: Any, _event: str, _data: Any) -> None:
        self._show_history()

    # effects
    def _make_effects(self) -> None:
        known = {effect.name() for effect in self._effects}
        for prototype in qSlicerSegmentEditorEffectFactory.instance().registeredEffects():
            if prototype.name() in known:
                continue
            effect = prototype.clone()
            if effect is None:
                continue
            effect._pythonqt_keep = effect._pythonqt_wrapper() if hasattr(effect, "_pythonqt_wrapper") else None
            effect.setParent(self)
            effect.connect_editor(self._logic, self.setActiveEffectByName)
            effect.setupOptionsFrame()
            effect.optionsFrame().hide()
            self._option_frames.addWidget(effect.optionsFrame())
            self._effects.append(effect)
            if self._node is not None:
                self._give_node(effect)
        self._show_effects()

    def _give_node(self, effect: Any) -> None:
        effect.setParameterSetNode(self._node)
        effect.setMRMLDefaults()
        event = self._node.EffectParameterModified
        self._observers.add(self._node, event, effect_updater(effect))

    def _shown_effects(self) -> list[Any]:
        by_name = {effect.name(): effect for effect in self._effects}
        ordered = [by_name[name] for name in self._order if name in by_name]
        if self.unorderedEffectsVisible():  # type: ignore[attr-defined]
            ordered += [effect for effect in self._effects if effect not in ordered]
        return ordered

    def _show_effects(self) -> None:
        for button in self._buttons.buttons():
            self._buttons.removeButton(button)
            self._effect_grid.removeWidget(button)
            button.deleteLater()
        columns = max(1, self.effectColumnCount())  # type: ignore[attr-defined]
        for position, effect in enumerate([None, *self._shown_effects()]):
            button = self._effect_button(effect)
            self._effect_grid.addWidget(button, position // columns, position % columns)
        self._show_active()

    def _effect_button(self, effect: Any) -> QToolButton:
        button = QToolButton(self._effect_box)
        button.setObjectName(effect.name() if effect is not None else _NO_EFFECT)
        button.setText(effect.title() if effect is not None else "None")
        if effect is not None:
            button.setIcon(effect.icon())
            button.setToolTip(effect.title())
        button.setIconSize(QSize(20, 20))
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle(self.effectButtonStyle()))  # type: ignore[attr-defined]
        button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
        self._buttons.addButton(button)
        return button

    def _on_effect_button(self, button: QToolButton) -> None:
        name = button.objectName()
        self.setActiveEffectByName("" if name == _NO_EFFECT else name)

    def updateEffectList(self) -> None:
        self._make_effects()

    def availableEffectNames(self) -> list[str]:
        return [effect.name() for effect in self._effects]

    def effectByName(self, name: str) -> Any:
        return next((effect for effect in self._effects if effect.name() == name), None)

    def effectByIndex(self, index: int) -> Any:
        # counts buttons: the first one is None's
        shown = [None, *self._shown_effects()]
        return shown[index] if 0 <= index < len(shown) else None

    def effectCount(self) -> int:
        return len(self._effects)

    def effectNameOrder(self) -> list[str]:
        return list(self._order)

    def setEffectNameOrder(self, names: list[str]) -> None:
        self._order = list(names)
        self._show_effects()

    def activeEffect(self) -> Any:
        return self._active

    def setActiveEffectByName(self, name: str) -> None:
        self.setActiveEffect(self.effectByName(name))

    def setActiveEffect(self, effect: Any) -> None:
        if self._node is not None:
            self._node.SetActiveEffectName(effect.name() if effect is not None else "")

    def _update_active_effect(self) -> None:
        editable = self._node.GetSourceVolumeNode() is not None and not self._read_only
        self._effect_box.setEnabled(editable)
        self._options.setEnabled(editable)
        self._enable_effect_buttons(editable)
        wanted = self.effectByName(self._node.GetActiveEffectName() or "")
        if wanted is self._active:
            return
        self.last_active_effect = self._active
        if self._active is not None:
            self._active.deactivate()
        if wanted is not None and not self._logic.SetSourceRepresentationToBinaryLabelMap():
            wanted = None
        if wanted is not None:
            self.setupViewObservations()
            self._leave_place_mode()
            wanted.activate()
            self._options.setTitle(wanted.title())
            self._help.setHtml(wanted.helpText())
        else:
            self.removeViewObservations()
        self._options.setVisible(wanted is not None)
        self._masking.setVisible(wanted is not None and self.maskingSectionVisible())  # type: ignore[attr-defined]
        self.setEffectCursor(wanted)
        self._active = wanted
        self._show_active()

    def _leave_place_mode(self) -> None:
        node = self._interaction
        if node is not None and node.GetCurrentInteractionMode() != node.ViewTransform:
            node.SetCurrentInteractionMode(node.ViewTransform)

    def _enable_effect_buttons(self, editable: bool) -> None:
        available, selected = bool(segment_ids(self._segmentation)), bool(self.currentSegmentID())
        for button in self._buttons.buttons():
            effect = self.effectByName(button.objectName())
            if editable and effect is not None:
                fits = not effect.requireSegments() or (available and (selected or not effect.perSegment()))
                button.setEnabled(fits)

    def _show_active(self) -> None:
        name = self._active.name() if self._active is not None else _NO_EFFECT
        for button in self._buttons.buttons():
            button.setChecked(button.objectName() == name)

    def setEffectCursor(self, effect: Any) -> None:
        layout = _application().layoutManager()
        if layout is None:
            return
        for view in layout.viewWidgets():
            flat = hasattr(view, "mrmlSliceNode")
            if effect is not None and (effect.showEffectCursorInSliceView() if flat else False):
                view.viewWidget().setDefaultViewCursor(effect.createCursor(view))
            else:
                view.viewWidget().unsetViewCursor()

    # views
    def setupViewObservations(self) -> None:
        layout = _application().layoutManager()
        if layout is not None:
            self._views.start(layout, lambda node: bool(self._logic.IsSegmentationDisplayableInView(node)))

    def removeViewObservations(self) -> None:
        self._views.stop()

    def _on_interaction(self, interactor: Any, event_id: int, view: Any) -> bool:
        if self._scene is None or self._scene.IsClosing() or self._active is None:
            return False
        return bool(self._active.processInteractionEvents(interactor, event_id, view))

    def _on_view_node(self, node: Any, event_id: int, view: Any) -> None:
        if self._scene is not None and not self._scene.IsClosing() and self._active is not None:
            self._active.processViewNodeEvents(node, event_id, view)

    # scene and nodes
    def _scene_set(self, scene: Any) -> None:
        self._logic.SetMRMLApplicationLogic(_application().applicationLogic())
        self._logic.SetMRMLScene(scene)
        for box in (self._segmentations, self._sources):
            box.blockSignals(True)
            box.setMRMLScene(scene)
            box.blockSignals(False)
        self._table.setMRMLScene(scene)
        if scene is not None:
            for event in _SCENE_EVENTS:
                self._observers.add(scene, getattr(scene, event, event), self._on_scene)
            self.setInteractionNode(scene.GetNodeByID("vtkMRMLInteractionNodeSingleton"))
        self.updateWidgetFromMRML()

    def _on_scene(self, _scene: Any, event: int | str, _data: Any) -> None:
        if event == self._scene.EndCloseEvent and self._node is not None:
            for effect in self._effects:
                effect.setParameterSetNode(self._node)
                effect.setMRMLDefaults()
        self.updateWidgetFromMRML()

    def mrmlSegmentEditorNode(self) -> Any:
        return self._node

    def setMRMLSegmentEditorNode(self, node: Any) -> None:
        if node is self._node:
            return
        if self._node is not None:
            self._observers.clear(self._node)
        self._node = node
        self._logic.SetSegmentEditorNode(node)
        if node is not None:
            self._observers.add(node, "ModifiedEvent", self._on_node_modified)
            for effect in self._effects:
                self._give_node(effect)
        self._masking.set_node(node)
        self.updateWidgetFromMRML()

    def _on_node_modified(self, _caller: Any, _event: str, _data: Any) -> None:
        self.updateWidgetFromMRML()

    def updateWidgetFromMRML(self) -> None:
        if self._scene is None or self._scene.IsClosing() or self._scene.IsBatchProcessing() or self._updating:
            return
        for widget in (self._segmentations, self._effect_box, self._sources):
            widget.setEnabled(self._node is not None)
        if self._node is None:
            return
        self._updating = True
        try:
            self._show_nodes()
            self._show_selected_segment()
            self._masking.update_from_node()
        finally:
            self._updating = False
        self._update_active_effect()

    def _show_nodes(self) -> None:
        segmentation, source = self._node.GetSegmentationNode(), self._node.GetSourceVolumeNode()
        self._segmentations.setCurrentNode(segmentation)
        self._sources.setCurrentNode(source)
        if segmentation is not self._segmentation:
            self._segmentation = segmentation
            self._table.setSegmentationNode(segmentation)
            self._show3d.setSegmentationNode(segmentation)
            self.segmentationNodeChanged.emit(segmentation)
        if source is not self._source:
            self._source = source
            for effect in self._effects:
                effect.sourceVolumeNodeChanged()
                effect.masterVolumeNodeChanged()
            self.sourceVolumeNodeChanged.emit(source)
            self.masterVolumeNodeChanged.emit(source)
            if source is not None and self.autoShowSourceVolumeNode():  # type: ignore[attr-defined]
                self.showSourceVolumeInSliceViewers()
        self._add.setEnabled(bool(self._logic.CanAddSegments()) and not self._read_only)
        self._remove.setEnabled(bool(self.currentSegmentID()) and not self._read_only)

    def _show_selected_segment(self) -> None:
        wanted = self.currentSegmentID()
        ids = segment_ids(self._segmentation)
        if wanted not in ids and ids:
            self._node.SetSelectedSegmentID(ids[0])
            wanted = ids[0]
        blocked = self._table.blockSignals(True)
        self._table.setSelectedSegmentIDs([wanted] if wanted in ids else [])
        self._table.blockSignals(blocked)

    def _on_segmentation_chosen(self, node: Any) -> None:
        if not self._updating and self._node is not None:
            self.setSegmentationNode(node)

    def _on_source_chosen(self, node: Any) -> None:
        if not self._updating and self._node is not None:
            self.setSourceVolumeNode(node)

    def _on_segment_chosen(self) -> None:
        ids = self._table.selectedSegmentIDs()
        if ids and not self._updating and self._node is not None and ids[0] != self.currentSegmentID():
            self.setCurrentSegmentID(ids[0])

    def _on_add(self) -> None:
        self._logic.AddEmptySegment("", "")

    def segmentationNode(self) -> Any:
        return self._segmentations.currentNode()

    def segmentationNodeID(self) -> str:
        return self._segmentations.currentNodeID()

    def setSegmentationNode(self, node: Any) -> None:
        if self._logic.GetSegmentationNode() is not node:
            self._logic.SetSegmentationNode(node)
            self.setActiveEffect(None)

    def setSegmentationNodeID(self, node_id: str) -> None:
        self.setSegmentationNode(self._scene.GetNodeByID(node_id) if node_id else None)

    def sourceVolumeNode(self) -> Any:
        return self._sources.currentNode()

    masterVolumeNode = sourceVolumeNode

    def sourceVolumeNodeID(self) -> str:
        return self._sources.currentNodeID()

    masterVolumeNodeID = sourceVolumeNodeID

    def setSourceVolumeNode(self, node: Any) -> None:
        self._logic.SetSourceVolumeNode(node)

    setMasterVolumeNode = setSourceVolumeNode

    def setSourceVolumeNodeID(self, node_id: str) -> None:
        self.setSourceVolumeNode(self._scene.GetNodeByID(node_id) if node_id else None)

    setMasterVolumeNodeID = setSourceVolumeNodeID

    def currentSegmentID(self) -> str:
        return (self._node.GetSelectedSegmentID() or "") if self._node is not None else ""

    def setCurrentSegmentID(self, segment_id: str) -> None:
        if self._node is not None and segment_id != self.currentSegmentID():
            self._node.SetSelectedSegmentID(segment_id)
            self.currentSegmentIDChanged.emit(segment_id)

    def interactionNode(self) -> Any:
        return self._interaction

    def setInteractionNode(self, node: Any) -> None:
        self._observers.watch(self._interaction, node, ("ModifiedEvent", self._on_interaction_node))
        self._interaction = node

    def _on_interaction_node(self, node: Any, _event: str, _data: Any) -> None:
        if self._active is not None:
            self._active.interactionNodeModified(node)

    def showSourceVolumeInSliceViewers(self, _force_show: bool = False, _fit: bool = False) -> None:
        layout = _application().layoutManager()
        for name in layout.sliceViewNames() if layout is not None and self._source is not None else ():
            composite = layout.sliceWidget(name).mrmlSliceCompositeNode()
            composite.SetBackgroundVolumeID(self._source.GetID())

    showMasterVolumeInSliceViewers = showSourceVolumeInSliceViewers

    # undo
    def saveStateForUndo(self) -> None:
        self._logic.SaveStateForUndo()

    def undo(self) -> None:
        self._logic.Undo()

    def redo(self) -> None:
        self._logic.Redo()

    def maximumNumberOfUndoStates(self) -> int:
        count: int = self._logic.GetMaximumNumberOfUndoStates()
        return count

    def setMaximumNumberOfUndoStates(self, count: int) -> None:
        self._logic.SetMaximumNumberOfUndoStates(count)

    def selectNextSegment(self) -> None:
        self._logic.SelectNextSegment()

    def selectPreviousSegment(self) -> None:
        self._logic.SelectPreviousSegment()

    def isReadOnly(self) -> bool:
        return self._read_only

    readOnly = isReadOnly

    def setReadOnly(self, on: bool) -> None:
        self._read_only = on
        self._table.setReadOnly(on)
        self.updateWidgetFromMRML()

    def installKeyboardShortcuts(self, parent: QWidget | None = None) -> None:
        window = parent if parent is not None else _application().main_window
        if window is not None:
            self._shortcuts.install(window)

    def uninstallKeyboardShortcuts(self) -> None:
        self._shortcuts.remove()

    def toggle_intensity_mask(self) -> None:
        """What the key I does."""
        self._logic.ToggleSourceVolumeIntensityMask()

    def turnOffLightboxes(self) -> None: ...

    def hideLabelLayer(self) -> None: ...

    def rotateSliceViewsToSegmentation(self) -> None: ...

    def _stored_changed(self, _name: str) -> None:
        self._show_effects()


def _clean_up(effects: list[Any]) -> None:
    """What a destroyed editor does first."""
    for effect in effects:
        effect.cleanup()


def effect_updater(effect: Any) -> Any:
    """What a changed parameter does to an effect."""

    def update(_caller: Any, _event: str, _data: Any) -> None:
        effect.updateGUIFromMRML()

    return update


def _application() -> Any:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance()


add_visibilities(qMRMLSegmentEditorWidget)
