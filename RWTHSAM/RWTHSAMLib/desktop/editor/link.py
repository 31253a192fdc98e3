"""The Segment Editor that is worked in: its selected segment is the class, and its undo knows of every submit."""

from __future__ import annotations

import slicer
import vtk
from slicer.util import VTKObservationMixin

from ...mrml.nodes import segments
from ...mrml.nodes.labelmaps import BINARY_LABELMAP
from ...mrml.session.session import Session
from .editor_undo import EditorUndoHistory


class EditorLink(VTKObservationMixin):
    """Connects the session to one segment editor widget at a time.

    Parameters
    ----------
    session : Session
    history : EditorUndoHistory
        Asks here for the Segment Editor's undo.
    """

    def __init__(self, session: Session, history: EditorUndoHistory) -> None:
        VTKObservationMixin.__init__(self)
        self._session = session
        self._history = history
        self._widget: slicer.qMRMLSegmentEditorWidget | None = None
        self._node: slicer.vtkMRMLSegmentEditorNode | None = None
        history.editor = self
        session.before_writing.append(self.save_state)

    @property
    def widget(self) -> slicer.qMRMLSegmentEditorWidget | None:
        """The segment editor that is worked in, or None."""
        return self._widget

    def use(self, widget: slicer.qMRMLSegmentEditorWidget | None) -> None:
        """Work in another segment editor, or in none."""
        self._release_node()
        self._widget = widget
        self._node = widget.mrmlSegmentEditorNode() if widget is not None else None
        if self._node is not None:
            self.addObserver(self._node, vtk.vtkCommand.ModifiedEvent, self._on_editor_node)
        self._on_editor_node(None, "")  # the segment that is selected there is the class
        self._session.use_editor(self._node if self._edits_session() else None)

    def release(self, widget: slicer.qMRMLSegmentEditorWidget) -> None:
        """Work in none, if it was this one."""
        if self._widget is widget:
            self.use(None)

    def save_state(self) -> None:
        """Let the Segment Editor remember the voxels as they are now."""
        if self._widget is not None and self._edits_session():
            self._widget.saveStateForUndo()

    def undo(self) -> bool:
        """One step of the Segment Editor's own undo; False if that changed nothing."""
        return self._changes_voxels("undo")

    def redo(self) -> bool:
        """One step of its redo; False if that changed nothing."""
        return self._changes_voxels("redo")

    def close(self) -> None:
        """Leave no observer behind."""
        self.removeObservers()
        self._history.editor = None
        self._widget = self._node = None

    def _changes_voxels(self, step: str) -> bool:
        widget = self._widget
        if widget is None or not self._edits_session():
            return False
        before = self._labelmaps()
        widget.undo() if step == "undo" else widget.redo()
        return self._labelmaps() != before

    def _edits_session(self) -> bool:
        segmentation_node = self._session.segmentation_node
        return self._node is not None and self._node.GetSegmentationNode() is segmentation_node is not None

    def _release_node(self) -> None:
        if self._node is not None:
            self.removeObserver(self._node, vtk.vtkCommand.ModifiedEvent, self._on_editor_node)
        self._node = None

    def _labelmaps(self) -> list[tuple[str, str, int]]:
        """Which labelmaps there are, and when each changed last: restoring a state replaces them."""
        node = self._session.segmentation_node
        if node is None:
            return []
        segmentation = node.GetSegmentation()
        found = []
        for segment_id in segmentation.GetSegmentIDs():
            labelmap = segmentation.GetSegment(segment_id).GetRepresentation(BINARY_LABELMAP)
            if labelmap is not None:
                found.append((segment_id, labelmap.GetAddressAsString(""), labelmap.GetMTime()))
        return found

    def _on_editor_node(self, _caller: object, _event: str) -> None:
        """A segment that is selected in the Segment Editor is the class to submit to."""
        session, editor_node, edited = self._session, self._node, self._session.segmentation_node
        if editor_node is None or edited is None or not self._edits_session():
            return
        if editor_node.GetScene() is None or editor_node.GetScene().IsClosing():
            return
        segment_id = editor_node.GetSelectedSegmentID()
        if not segment_id or edited.GetSegmentation().GetSegment(segment_id) is None:
            return
        class_id = segments.class_id_of(edited, segment_id)
        if class_id is not None and class_id != session.class_id and session.profile.class_by_id(class_id):
            session.select_class(class_id)
