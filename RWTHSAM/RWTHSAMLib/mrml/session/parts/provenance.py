"""How the classes of a session became what they are: kept with the segmentation at every submit, undo and hand edit.

The segmentation itself carries the record, so it is in a saved scene and in every ``.seg.nrrd`` that anyone saves, and
a session that goes on with a segmentation goes on with its record.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from itertools import groupby

from .... import __version__
from ....core.profile import ProfileClass, SegmentationProfile
from ....core.undo_history import Edit
from ....export.labelmap import LabelledClass
from ....record.record_file import SegmentationRecord
from ....record.steps import HandEdit, MadeWith, ScanFacts, Step, classes_of
from ...nodes import record_tag, segments, volumes
from ...nodes.labelled_segments import labelled_classes
from ..edits import NoteEdit, Submission, Together
from ..hand_edit_watch import HandEditWatch, Voxels, voxels_of
from ..part import SessionPart
from ..session_engine import SessionEngine
from ..workspace import Workspace

_MOST_STEPS_OF_A_HOST = 12
"""How many submissions a host's own undo may take back; older ones are not looked at again."""


@dataclass(frozen=True)
class _NotedEdit:
    """A note of an edit by hand, with the voxels around it, which tell when the edit was taken back."""

    submission: Submission
    before: Voxels | None
    after: Voxels | None


class Provenance(SessionPart):
    """The record of a session's segmentation.

    Parameters
    ----------
    workspace : Workspace
    engine : SessionEngine

    Attributes
    ----------
    submissions : list of Submission
        All that was done, oldest first; what is undone leaves it.
    """

    def __init__(self, workspace: Workspace, engine: SessionEngine) -> None:
        self._workspace, self._engine = workspace, engine
        self._watch: HandEditWatch | None = None
        self._voxels: Voxels | None = None  # as they were seen last, where edits by hand are watched
        self._noted: list[_NotedEdit] = []
        self._taken_back: list[_NotedEdit] = []
        self._kept: tuple[Step, ...] = ()
        self._packed: dict[int, tuple[Step, str]] = {}  # by identity: equal steps may differ in time
        self._scan: tuple[object, ScanFacts] | None = None
        self.submissions: list[Submission] = []

    # what is recorded

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that is left, oldest first; edits by hand in a row are one."""
        old, recent = self.submissions[:-_MOST_STEPS_OF_A_HOST], self.submissions[-_MOST_STEPS_OF_A_HOST:]
        left = [*old, *(each for each in recent if each.steps and each.is_there)]
        return tuple(_joined(step for each in left for step in each.steps))

    def made_with(self) -> MadeWith:
        """What computes masks at present."""
        engine, window = self._engine.status, self._workspace.window
        is_ready = engine.phase == "ready"
        return MadeWith(
            program=f"RWTHSAM {__version__}",
            model=self._engine.model_name,
            weights_sha256=engine.weights_sha256 or None,
            engine=engine.text if is_ready else None,
            window=window,
        )

    def prompt_file(self) -> SegmentationRecord:
        """Everything that was done so far to the classes that there are, replayable."""
        return self._prompt_file(self.steps)

    # keeping it

    def follow_segmentation(self) -> None:
        """Go on with the record that the segmentation carries; with none where it carries none."""
        segmentation_node = self._workspace.segmentation_node
        carried = record_tag.kept(segmentation_node) if segmentation_node is not None else None
        steps = carried.all_steps() if carried is not None else ()
        self.submissions = [Submission((each,)) for each in steps]
        self._kept, self._packed = steps, {}
        self._noted, self._taken_back = [], []
        self._voxels = None
        if self._watch is not None:
            self._watch.follow(segmentation_node)

    def keep(self) -> None:
        """Let the segmentation carry the record as it is now."""
        node, steps = self._workspace.segmentation_node, self.steps
        if node is not None and steps != self._kept:
            record = self._prompt_file(steps)
            packed = {id(each): self._packed.get(id(each)) or _with_text(each) for each in record.steps}
            record_tag.keep_packed(node, record, [text for _, text in packed.values()])
            self._kept, self._packed = steps, packed
            if (on_disk := self._workspace.on_disk) is not None:
                on_disk.keep_record(node)

    # edits by hand

    def watch_hand_edits(self) -> None:
        """Note changes that anyone but this session makes to the segmentation, for hosts that do not tell of them."""
        self._watch = HandEditWatch()
        self._watch.follow(self._workspace.segmentation_node)

    @contextmanager
    def own_change(self) -> Generator[None, None, None]:
        """While it lasts, changes of the segmentation are the session's own."""
        if self._watch is None:
            yield
            return
        with self._watch.paused():
            yield

    def note_edit(self, edit: Edit, class_ids: Sequence[str], tool: str) -> Edit:
        """Note an edit by hand that a host has just recorded; returns the edit with whose undo the note goes too."""
        noted = self._note(class_ids, tool)
        self.keep()
        return Together((edit, NoteEdit(noted, self.submissions, self.keep)), edit.text)

    def look(self) -> bool:
        """Note what was edited by hand since the last time, or taken back; True if anything was."""
        touched = self._watch.take() if self._watch is not None else ()
        node = self._workspace.segmentation_node
        if self._watch is None or node is None or not self._watch.may_have_changed():
            return False
        before, self._voxels = self._voxels, voxels_of(node)
        if before is not None and before == self._voxels:
            return False  # touched, not changed
        if self._follow_undo(self._voxels):
            self.keep()
            return True
        if not touched:
            self.keep()  # the host's own undo may have taken a submit back
            return False
        was_taken_back = len(self.steps) < len(self._kept)  # the host's own undo of a submit
        if not was_taken_back:
            there = set(segments.segment_ids(node))
            ids = [segments.class_id_of(node, each) for each in touched if each in there]
            noted = self._note([each for each in ids if each is not None], self._workspace.tool_of_host)
            self._noted.append(_NotedEdit(noted, before, self._voxels))
            self._taken_back.clear()
        self.keep()
        return True

    def _follow_undo(self, voxels: Voxels | None) -> bool:
        """Forget notes of edits whose voxels are as before them, or bring such notes back; True if there are any."""
        if voxels is None:
            return False
        undone = next((n for n, each in enumerate(self._noted) if each.before == voxels), None)
        if undone is not None:
            gone, self._noted = self._noted[undone:], self._noted[:undone]
            forgotten = {id(each.submission) for each in gone}
            self.submissions[:] = [each for each in self.submissions if id(each) not in forgotten]
            self._taken_back = gone + self._taken_back
            return True
        redone = next((n for n, each in enumerate(self._taken_back) if each.after == voxels), None)
        if redone is None:
            return False
        back, self._taken_back = self._taken_back[: redone + 1], self._taken_back[redone + 1 :]
        self._noted += back
        self.submissions += [each.submission for each in back]
        return True

    def close(self) -> None:
        """Leave no observer behind."""
        if self._watch is not None:
            self._watch.follow(None)

    # inside

    def _prompt_file(self, steps: tuple[Step, ...]) -> SegmentationRecord:
        node = self._workspace.segmentation_node
        profile = _naming(self._workspace.profile, steps, {} if node is None else labelled_classes(node))
        ids = {each.id for each in profile.classes}
        left = tuple(told for each in steps if (told := _among(each, ids)) is not None)
        return SegmentationRecord(left, self.made_with(), self._scan_facts(), profile)

    def _note(self, class_ids: Sequence[str], tool: str) -> Submission:
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        noted = Submission((HandEdit(tuple(dict.fromkeys(class_ids)), tool or None, 1, now),))
        self.submissions.append(noted)
        return noted

    def _scan_facts(self) -> ScanFacts:
        node, on_disk = self._workspace.require_volume(), self._workspace.on_disk
        if on_disk is not None:
            return on_disk.facts
        if (geometry := self._workspace.geometry) is None:
            return self._scan[1] if self._scan is not None else ScanFacts()
        stamp = (
            node.GetID(),
            node.GetName(),
            node.GetImageData().GetMTime(),
            node.GetAttribute(volumes.UNIT_ATTRIBUTE),
            *geometry.ijk_to_ras.ravel(),
        )
        if self._scan is None or self._scan[0] != stamp:
            self._scan = stamp, volumes.facts_of(node)
        return self._scan[1]


def _naming(
    profile: SegmentationProfile, steps: Iterable[Step], segments_of: Mapping[str, LabelledClass]
) -> SegmentationProfile:
    """A profile and the classes of steps that it lacks, as far as they have segments: another one may be chosen now."""
    there = {each.class_id: each for each in segments_of.values()}
    for class_id in dict.fromkeys(each for step in steps for each in classes_of(step)):
        if profile.class_by_id(class_id) is None and class_id in there:
            name, color = there[class_id].name, there[class_id].color
            name = name if profile.class_named(name) is None else f"{name} ({class_id})"
            profile = profile.adding(ProfileClass(class_id, name, color))
    return profile


def _among(step: Step, ids: Collection[str]) -> Step | None:
    """A step as far as it is about these classes; None where its own class is gone."""
    if all(each in ids for each in classes_of(step)):
        return step
    if isinstance(step, HandEdit):
        return replace(step, class_ids=tuple(each for each in step.class_ids if each in ids))
    spared, kept = (tuple(each for each in named if each in ids) for named in (step.spared, step.kept))
    return replace(step, spared=spared, kept=kept) if step.class_id in ids else None


def _with_text(step: Step) -> tuple[Step, str]:
    return step, record_tag.packed_step(step)


def _joined(steps: Generator[Step, None, None]) -> Generator[Step, None, None]:
    """Steps, with edits by hand of the same classes by the same tool in a row as one."""
    for _, row in groupby(steps, key=_key):
        several = list(row)
        edits = [each for each in several if isinstance(each, HandEdit)]
        if len(edits) > 1:
            yield replace(edits[-1], count=sum(each.count for each in edits))
        else:
            yield from several


def _key(step: Step) -> tuple[object, ...]:
    return (step.class_ids, step.tool) if isinstance(step, HandEdit) else (None, id(step))
