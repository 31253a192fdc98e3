"""The Segment Editor inside the module: the effect SAM first, Slicer's own tools beside it."""

from __future__ import annotations

import slicer

from ...mrml.nodes import segments
from ..app.connections import Connections
from ..app.shared_session import SharedSession

EFFECT_NAME = "SAM"
_SINGLETON_TAG = "RWTHSAM"
_ORDER = [
    EFFECT_NAME, "Paint", "Draw", "Erase", "Level tracing", "Threshold", "Grow from seeds", "Fill between slices",
    "Margin", "Hollow", "Smoothing", "Scissors", "Islands", "Logical operators", "Mask volume",
]  # fmt: skip
# as many as Slicer's own Segment Editor keeps
_UNDO_STATES = 10


class EditorSection:
    """Owns an embedded segment editor widget.

    Parameters
    ----------
    widget : qMRMLSegmentEditorWidget
    shared : SharedSession
    """

    def __init__(self, widget: slicer.qMRMLSegmentEditorWidget, shared: SharedSession) -> None:
        self._widget, self._shared = widget, shared
        self._effect_at_exit = ""
        self._is_entered = False
        widget.segmentationNodeSelectorVisible = False
        widget.sourceVolumeNodeSelectorVisible = False
        widget.switchToSegmentationsButtonVisible = False
        widget.specifyGeometryButtonVisible = False
        widget.setEffectNameOrder(_ORDER)
        widget.maximumNumberOfUndoStates = _UNDO_STATES
        self._signals = Connections()
        # a segment editor that is not Slicer's own does not notice effects that are registered later
        factory = slicer.qSlicerSegmentEditorEffectFactory.instance()
        self._signals.connect(factory, "effectRegistered(QString)", self._on_effect_registered)

    def enter(self) -> None:
        """Take mouse and keys; the tool that was chosen last is chosen again."""
        self._is_entered = True
        self._widget.setMRMLSegmentEditorNode(_editor_node())
        self._widget.installKeyboardShortcuts()
        self._widget.setupViewObservations()
        self._work_in_it()
        if self._effect_at_exit:
            self._widget.setActiveEffectByName(self._effect_at_exit)

    def exit(self) -> None:
        """Give mouse and keys back."""
        self._is_entered = False
        active = self._widget.activeEffect()
        self._effect_at_exit = active.name if active is not None else ""
        self._widget.setActiveEffect(None)
        self._widget.uninstallKeyboardShortcuts()
        self._widget.removeViewObservations()

    def edit(
        self, volume_node: slicer.vtkMRMLVolumeNode | None, segmentation_node: slicer.vtkMRMLSegmentationNode | None
    ) -> None:
        """Edit these; where both are new, the tool is SAM."""
        is_new = segmentation_node is not self._widget.segmentationNode()
        is_new = is_new or volume_node is not self._widget.sourceVolumeNode()
        if not is_new:
            return
        self._shared.editor.use(None)  # the editor selects a segment of its own at first
        self._widget.setSegmentationNode(segmentation_node)
        self._widget.setSourceVolumeNode(volume_node)
        self._work_in_it()
        if None not in (volume_node, segmentation_node) and self._widget.activeEffect() is None:
            self._widget.setActiveEffectByName(EFFECT_NAME)

    def keep(
        self, volume_node: slicer.vtkMRMLVolumeNode | None, segmentation_node: slicer.vtkMRMLSegmentationNode | None
    ) -> None:
        """Go on with these although a scene that was added has brought other ones, before the editor follows those."""
        node = _editor_node()
        was_modifying = node.StartModify()  # half of it would be followed as a choice of another scan
        node.SetAndObserveSegmentationNode(segmentation_node)
        node.SetAndObserveSourceVolumeNode(volume_node)
        node.EndModify(was_modifying)

    def use_sam(self) -> None:
        """Choose the effect that passes clicks on, where there is anything to click on."""
        active = self._widget.activeEffect()
        nodes = (self._widget.sourceVolumeNode(), self._widget.segmentationNode())
        if None not in nodes and (active is None or active.name != EFFECT_NAME):
            self._widget.setActiveEffectByName(EFFECT_NAME)

    def _on_effect_registered(self, name: str) -> None:
        self._widget.updateEffectList()
        if name == EFFECT_NAME and self._is_entered and self._widget.activeEffect() is None:
            self.use_sam()

    def _work_in_it(self) -> None:
        """The session's class becomes the segment selected here, not the other way round."""
        session, node = self._shared.session, self._widget.segmentationNode()
        if node is not None and node is session.segmentation_node:
            segment_id = segments.segment_id_of_class(node, session.class_id)
            if segment_id is not None:
                self._widget.setCurrentSegmentID(segment_id)
        self._shared.editor.use(self._widget)

    def close(self) -> None:
        """Leave nothing behind."""
        self._signals.close()
        self.exit()
        effect = self._widget.effectByName(EFFECT_NAME)
        if effect is not None:
            effect.self().cleanup()
        self._shared.editor.release(self._widget)
        self._widget.setMRMLSegmentEditorNode(None)


def _editor_node() -> slicer.vtkMRMLSegmentEditorNode:
    scene = slicer.mrmlScene
    node = scene.GetSingletonNode(_SINGLETON_TAG, "vtkMRMLSegmentEditorNode")
    if node is None:
        node = scene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
        node.UnRegister(None)
        node.SetSingletonTag(_SINGLETON_TAG)
        node = scene.AddNode(node)
    return node
