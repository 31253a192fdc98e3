"""Voxels become part of classes, as one undo step that the segmentation's record tells of.

First of all the temporary masks and the propagated object; what was found without prompts and what was thresholded is
written by the same door.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain

import numpy as np

from ....core.extent import Extent
from ....core.mask import Mask
from ....core.oblique_plane import Plane
from ....core.overwriting import Overwriting
from ....core.undo_history import Edit
from ....core.voxel_block import VoxelBlock
from ....errors import NotReadyYet, StateError
from ....record.steps import PromptedSlice, SubmittedStep
from ....volumes.oblique import mask_blocks
from ...nodes import segments
from ...nodes.written_blocks import Source, WrittenBlocks
from ..edits import StateEdit, Submission, SubmitEdit, Together
from ..part import SessionPart
from ..session_state import parsed_or_default
from ..workspace import Workspace
from .object_propagation import ObjectPropagation
from .prompting import Prompting
from .propagated_kept import recorded
from .provenance import Provenance
from .refining import lost_voxels
from .submit_summary import summary


class Submitting(SessionPart):
    """What a session writes into classes.

    Parameters
    ----------
    workspace : Workspace
    provenance : Provenance
        Gets a record of whatever is written.
    prompting : Prompting
    propagation : ObjectPropagation
        What is submitted.

    Attributes
    ----------
    overwriting : Overwriting
        Which other classes lose the voxels that a class is given. Counts as long as the host's segment editor is set to
        overwrite all, as it is at first; set otherwise there, that counts.
    """

    def __init__(
        self, workspace: Workspace, provenance: Provenance, prompting: Prompting, propagation: ObjectPropagation
    ) -> None:
        self._workspace, self._provenance = workspace, provenance
        self._prompting, self._propagation = prompting, propagation
        self.overwriting = Overwriting()

    def set_overwriting(self, overwriting: Overwriting) -> None:
        """Choose which other classes lose the voxels that a class is given."""
        self.overwriting = overwriting
        self._workspace.changed()

    def kept(self) -> dict[str, str]:
        """What was chosen."""
        return {"overwriting": self.overwriting.to_json() if self.overwriting != Overwriting() else ""}

    def take_up(self, kept: Mapping[str, str]) -> None:
        """Choose it again."""
        self.set_overwriting(parsed_or_default(kept.get("overwriting", ""), Overwriting.parse, Overwriting()))

    def submit(self) -> None:
        """Add the temporary masks and the propagated object to the chosen class; see `Session.submit`."""
        workspace, prompting, propagation = self._workspace, self._prompting, self._propagation
        workspace.check_scan()
        prompting.check_pictures()
        shape_kji = workspace.require_geometry().shape_kji
        if prompting.awaits_masks:
            raise NotReadyYet("The mask is still being computed: submit it when it is shown.")
        if prompting.gathered:
            raise StateError("The model waits while prompts are gathered: let it compute the masks first (W).")
        masks, class_id = prompting.masks, workspace.class_id
        if not masks and not propagation.is_there:
            raise StateError("There is no mask to submit: click on the object or draw a box round it.")
        known = propagation.known() if propagation.is_there else None
        parts = {plane: mask_blocks(mask, plane, shape_kji) for plane, mask in masks.items()}
        blocks = ((class_id, *block) for block in chain(propagation.blocks(), *parts.values()))
        steps: list[SubmittedStep] = [] if known is None else [recorded(known, class_id)]
        for plane, part in parts.items():
            voxels = sum(int(np.count_nonzero(inside)) for inside, _ in part)
            steps.append(PromptedSlice(plane, prompting.prompts_on(plane), class_id, voxels=voxels))
        text = f"Submit to '{workspace.class_name}'"
        self.write(text, [class_id], blocks, self.leaving(), steps, replaced=self._replaced(masks))

    def unsubmitted(self) -> list[VoxelBlock]:
        """Voxels of the temporary masks and of the propagated object, in blocks."""
        shape_kji = self._workspace.require_geometry().shape_kji
        parts = (mask_blocks(mask, plane, shape_kji) for plane, mask in self._prompting.masks.items())
        return [*self._propagation.blocks(), *chain.from_iterable(parts)]

    def leaving(self) -> Edit:
        """The edit that drops the prompts and the propagated object, for what becomes of their voxels."""
        cleared, propagation = self._prompting.clearing(), self._propagation
        if not propagation.is_there:
            return cleared
        return Together((cleared, StateEdit("", propagation.give_back, propagation.known(), None)))

    def write(
        self,
        text: str,
        class_ids: Sequence[str],
        blocks: Iterable[tuple[str, np.ndarray, Extent]],
        beside: Edit,
        steps: Sequence[SubmittedStep] = (),
        source: Source | None = None,
        giving: Collection[str] = (),
        replaced: Sequence[tuple[str, np.ndarray, Extent]] = (),
    ) -> None:
        """Add voxels to classes as one undo step; the segmentation is made if there is none.

        Parameters
        ----------
        text : str
            For the undo history.
        class_ids : sequence of str
            All that occur in `blocks`.
        blocks : iterable of (str, numpy.ndarray, Extent)
            Class, bool (k, j, i) and where it lies in the volume.
        beside : Edit
            What else belongs to the step; it is done here.
        steps : sequence of SubmittedStep
            How the voxels are found again, for the record.
        source : Source, optional
            Where they come from, if there is no such way: the record keeps the voxels themselves.
        giving : collection of str
            Ids of classes that lose these voxels whatever is chosen, unless they are locked.
        replaced : sequence of (str, numpy.ndarray, Extent)
            Voxels that the classes lose before.

        Raises
        ------
        StateError
            If there is no volume, its voxels have just changed, a class is locked, or the segmentation consists of
            surfaces. Nothing is written then.
        GeometryError
            If scan and segmentation do not lie on one grid any more. Nothing is written then.
        """
        workspace = self._workspace
        workspace.check_scan()
        if workspace.segmentation_node is None:
            workspace.set_segmentation(None)
        node, provenance = workspace.segmentation_node, self._provenance
        writer = workspace.writer(node)
        writer.check_fits()
        segment_ids = {each: segments.ensured_segment_id(node, workspace.profile, each) for each in class_ids}
        for segment_id in segment_ids.values():
            writer.check_unlocked(segment_id)
        for prepare in list(workspace.before_writing):
            prepare()
        shape_kji = workspace.require_geometry().shape_kji
        kept = {each: self._kept_segments(segment_id, giving) for each, segment_id in segment_ids.items()}
        written = WrittenBlocks(writer, segment_ids, shape_kji, workspace.editor_node, kept, source)
        with provenance.own_change():
            written.erase(replaced)
            written.write(blocks)
            submission = Submission(written.steps(steps, provenance.made_with()), writer, tuple(written.changes))
            provenance.submissions.append(submission)
            beside.redo()
        provenance.keep()
        scan = workspace.scan
        workspace.record(SubmitEdit(text, submission, beside, provenance.submissions, scan, scan.version))
        workspace.say(summary(node, written.changes, list(segment_ids.values()), written.kept_voxels.counts))

    def _kept_segments(self, segment_id: str, giving: Collection[str]) -> tuple[str, ...]:
        """Other segments that keep what they have; none where the host's editor says what becomes of them."""
        workspace, editor = self._workspace, self._workspace.editor_node
        node = workspace.segmentation_node
        if node is None or (editor is not None and editor.GetOverwriteMode() != editor.OverwriteAllSegments):
            return ()
        others = [each for each in segments.segment_ids(node) if each != segment_id]
        class_ids = {each: segments.class_id_of(node, each) for each in others}
        takes_from = self.overwriting.takes_from
        return tuple(each for each in others if not (class_ids[each] in giving or takes_from(class_ids[each])))

    def _replaced(self, masks: dict[Plane, Mask]) -> list[tuple[str, np.ndarray, Extent]]:
        """What the chosen class loses to masks that take the place of one of its parts."""
        workspace, node = self._workspace, self._workspace.segmentation_node
        if node is None:
            return []
        shape_kji = workspace.require_geometry().shape_kji
        segment_id = segments.segment_id_of_class(node, workspace.class_id)
        lost = (
            lost_voxels(workspace.writer(node), segment_id, plane, self._prompting.prompts_on(plane), mask, shape_kji)
            for plane, mask in masks.items()
        )
        return [(workspace.class_id, *block) for block in chain.from_iterable(lost)]
