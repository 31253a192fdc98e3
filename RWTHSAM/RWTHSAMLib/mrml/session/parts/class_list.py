"""The list of classes: another one, a class less, another order, each taken back by one undo."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ....core.profile import SegmentationProfile
from ...nodes import segments
from ...nodes.writing import SegmentChange, SegmentWriter
from ..edits import ProfileEdit
from ..part import SessionPart
from ..workspace import Workspace
from .provenance import Provenance


@dataclass(eq=False)
class DeleteClassEdit:
    """A class that goes with its voxels, and comes back with them."""

    text: str
    workspace: Workspace
    provenance: Provenance
    class_id: str
    before: SegmentationProfile
    writer: SegmentWriter | None
    changes: tuple[SegmentChange, ...] = field(default=())

    def redo(self) -> None:
        """Take voxels, class and segment away."""
        node = self.workspace.segmentation_node
        with self.provenance.own_change():
            if self.writer is not None and node is not None:
                self.changes = _emptied(self.writer, self.class_id)
            self.workspace.set_profile(self.before.without(self.class_id))
            if node is not None:
                segments.remove_empty(node, [self.class_id])

    def undo(self) -> None:
        """Bring them back."""
        with self.provenance.own_change():
            self.workspace.set_profile(self.before)
            node = self.workspace.segmentation_node
            if self.writer is not None and node is not None:
                segment_id = segments.ensured_segment_id(node, self.before, self.class_id)
                self.writer.take_back([replace(each, segment_id=segment_id) for each in self.changes])


class ClassList(SessionPart):
    """What is done to the list as a whole.

    Parameters
    ----------
    workspace : Workspace
    provenance : Provenance
        Its record leaves out what was submitted to a class that is gone.
    """

    def __init__(self, workspace: Workspace, provenance: Provenance) -> None:
        self._workspace, self._provenance = workspace, provenance

    def use(self, profile: SegmentationProfile, text: str) -> None:
        """Choose other classes, as one undo step; `text` names it."""
        edit = ProfileEdit(self._workspace, self._workspace.profile, profile, text)
        edit.redo()
        self._workspace.record(edit)

    def move(self, class_id: str, step: int) -> None:
        """Move a class up (-1) or down (1) in the list, as one undo step; nothing happens beyond its ends."""
        profile = self._workspace.profile
        ids = [each.id for each in profile.classes]
        position = ids.index(profile.require_class(class_id).id) + step
        if 0 <= position < len(ids):
            self.use(profile.moving(class_id, position), f"Move class '{profile.require_class(class_id).name}'")

    def delete(self, class_id: str) -> None:
        """Delete a class and its voxels, as one undo step.

        Raises
        ------
        ProfileError
            If it is the last class, or there is none of this id.
        StateError
            If it is locked.
        """
        workspace, node = self._workspace, self._workspace.segmentation_node
        profile = workspace.profile
        entry = profile.require_class(class_id)
        profile.without(class_id)  # the last one cannot go
        writer = None if node is None else workspace.writer(node)
        if writer is not None and node is not None:
            writer.check_fits()
            segment_id = segments.segment_id_of_class(node, class_id)
            if segment_id is not None:
                writer.check_unlocked(segment_id)
        for prepare in list(workspace.before_writing):
            prepare()
        text = f"Delete class '{entry.name}'"
        edit = DeleteClassEdit(text, workspace, self._provenance, class_id, profile, writer)
        edit.redo()
        workspace.record(edit)
        self._provenance.keep()
        count = sum(each.lost.count for each in edit.changes)
        workspace.say(f"Class '{entry.name}' was deleted{f' with its {count:,} voxels' if count else ''}.")


def _emptied(writer: SegmentWriter, class_id: str) -> tuple[SegmentChange, ...]:
    segment_id = segments.segment_id_of_class(writer.segmentation_node, class_id)
    if segment_id is None:
        return ()
    boxes = [*writer.boxes_of(segment_id)]  # some may go with their last voxel
    return tuple(
        change
        for extent in boxes
        if (voxels := writer.held_by(segment_id, extent)).any()
        for change in writer.erase(segment_id, voxels, extent)
    )
