"""Work that nobody has saved yet, kept on disk while a person works in Slicer, which has no autosave of its own.

Each scan has a place of its own among the unsaved work of the person, held as long as this Slicer runs: after a crash
the next one offers what is there. Files are written by a thread, which the timer lets go on for a moment at a time,
for Slicer's event loop keeps Python to itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import qt
import slicer

from ...core.system.user_folder import data_folder
from ...errors import RwthSamError, StateError
from ...mrml.session.session import Session
from ...record.autosave_pace import AutosavePace
from ...record.unsaved_work import LeftWork, UnsavedWork
from .connections import Connections
from .left_work import take_up

_LOG = logging.getLogger(__name__)
# choices: nobody feels that much of a tick, and a thread that packs voxels needs less to begin with the next ones
_TICK_MS, _GIVEN_S = 30, 0.003


class Autosave:
    """Keeps the session's work, and gives back what a Slicer that has ended had kept.

    Parameters
    ----------
    session : Session
    base : Path, optional
        Folder of the unsaved work of all programs; by default the person's own.

    Attributes
    ----------
    is_writing : bool
    """

    def __init__(self, session: Session, base: Path | None = None) -> None:
        self._session, self._base = session, base or data_folder() / "unsaved"
        self._pace = AutosavePace()
        self._job: _Job | None = None
        self._written: object = None
        self._given_back = ""
        self._has_complained = False
        self._begun_on = ""  # id of the scan whose work is looked at
        self._seen: tuple[int, object] = (session.scene.GetStoredTime(), None)  # when saved, and the work since
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._signals = Connections()
        self._signals.connect(self._timer, "timeout()", self.tick)

    # keeping

    def changed(self) -> None:
        """Something may have changed."""
        projects = self._session.projects
        self._pace.look((projects.choices_stamp, projects.has_unsaved_work, self._session.scene.GetStoredTime()))
        self._wait()

    @property
    def is_writing(self) -> bool:
        """Whether a thread is at it."""
        return self._job is not None

    def tick(self) -> None:
        """Go on; the timer calls this."""
        if self._job is not None:
            self._job.go_on()
            if self._job.is_done:
                self._end(self._job)
        elif self._pace.wait_s == 0:
            self._pace.begin()
            self._begin()
        self._wait()

    def _wait(self) -> None:
        wait_s = self._pace.wait_s
        if self._job is not None:
            self._timer.start(_TICK_MS)
        elif wait_s is not None:
            self._timer.start(round(1000 * wait_s))

    def _begin(self) -> None:
        _drop_those_without_scan(self._session.scene)
        node, projects = self._session.volume_node, self._session.projects
        if node is None:
            self._begun_on = ""
            return
        self._count_saved(node.GetID())
        self._begun_on = node.GetID()
        if not projects.has_unsaved_work:
            _drop(node.GetID())
            return
        place, stamp = _kept.get(node.GetID()), projects.choices_stamp
        if place is None or not place.has_own or stamp != self._written:
            self._write(place or _kept.setdefault(node.GetID(), UnsavedWork(self._base)), stamp)

    def _count_saved(self, volume_id: str) -> None:
        """What came with a scan that was just chosen is nobody's work, and what a saved scene has is saved.

        A scene tells when it was saved, but tells it to nobody: what has changed since the last look may be newer.
        """
        session, node = self._session, self._session.segmentation_node
        before, self._seen = self._seen, (session.scene.GetStoredTime(), session.projects.work_stamp)
        is_new = volume_id != self._begun_on and volume_id not in _kept
        is_untouched = is_new and not session.status.undo_text
        is_stored = self._seen[0] != before[0] and self._seen[1] == before[1]
        is_saved = is_stored and (node is None or not node.GetModifiedSinceRead())
        if is_untouched or is_saved:
            session.projects.count_as_saved(session.projects.work_stamp)

    def _write(self, place: UnsavedWork, stamp: object) -> None:
        try:
            own = place.own
            content = self._session.projects.content(own.folder, {}, written=own.stamp_of_segmentation)
        except (RwthSamError, OSError) as error:
            self._complain(error)
            self._pace.try_again()
            return
        self._job = _Job(partial(place.keep, own, content), stamp)
        if content.needs_scene:
            self._job.run()
        else:
            self._job.start()

    def _end(self, job: _Job) -> None:
        self._job = None
        if job.error is not None or not job.is_kept:
            if job.error is not None:
                self._complain(job.error)
            self._pace.try_again()
            return
        self._written, self._has_complained = job.stamp, False
        if self._given_back:
            UnsavedWork(self._base).discard(self._given_back)
            self._given_back = ""

    def _complain(self, error: Exception) -> None:
        if not self._has_complained:  # once is enough: it is tried again and again
            self._has_complained = True
            _LOG.warning("Unsaved work cannot be kept for a crash: %s", error)
            self._session.workspace.remark(StateError(f"Unsaved work cannot be kept for a crash: {error}"))

    # giving back

    def offers(self) -> tuple[LeftWork, ...]:
        """What Slicers and pages that have ended had kept: of the chosen scan, or of all while none is chosen."""
        left = [each for each in UnsavedWork(self._base).left() if each.id != self._given_back]
        if self._session.geometry is None:
            return tuple(left)
        facts = self._session.projects.scan_facts
        same = (facts.shape_kji, facts.fingerprint)
        return tuple(each for each in left if _shape_and_fingerprint(each) == same)

    def restore(self, left: LeftWork) -> None:
        """Go on with left work, on its scan in the scene, or on its file.

        Raises
        ------
        StateError
            If there is work that would be lost.
        InputError
            If the scan is not where it was, or something cannot be read; then everything is as before.
        """
        if self._session.volume_node is not None and self._session.status.undo_text:
            raise StateError("Save the scene first, or undo what was done on this scan: restoring takes its place.")
        take_up(self._session, left)
        self._session.projects.count_as_saved(None)  # it is unsaved still, and becomes this Slicer's own
        self._given_back, self._written = left.id, None
        node = self._session.volume_node
        if node is not None:
            _kept.setdefault(node.GetID(), UnsavedWork(self._base))
        self.changed()

    def discard(self, left: LeftWork) -> None:
        """Remove left work for good."""
        UnsavedWork(self._base).discard(left.id)

    def sweep(self) -> None:
        """Remove what is older than the newest few."""
        UnsavedWork(self._base).sweep()

    def close(self) -> None:
        """Nobody works any more; what is on disk and in no saved scene stays this Slicer's as long as it runs."""
        if self._job is not None:
            self._job.finish()
            self._end(self._job)
        self._begin()
        self._timer.stop()
        self._signals.close()
        self._timer.deleteLater()
        if self._job is not None:
            self._job.finish()
            self._job = None


class _Job:
    """Something that is done by a thread, and how far it is."""

    def __init__(self, work: Callable[[], bool], stamp: object) -> None:
        self.stamp, self.is_kept = stamp, False
        self.error: Exception | None = None
        self._work = work
        self._thread = threading.Thread(target=self.run, name="RWTHSAM autosave", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def run(self) -> None:
        """Do it, in the thread that calls this."""
        try:
            self.is_kept = self._work()
        except Exception as error:  # whatever it is, nothing was kept, and what was kept before must stay
            self.error = error

    def go_on(self) -> None:
        """Let the thread have Python for a moment."""
        if self._thread.is_alive():
            self._thread.join(_GIVEN_S)

    def finish(self) -> None:
        """Wait for its end."""
        if self._thread.is_alive():
            self._thread.join()

    @property
    def is_done(self) -> bool:
        """Whether it has ended, well or not."""
        return not self._thread.is_alive()


_kept: dict[str, UnsavedWork] = {}
"""By the id of a scan's node, where this Slicer keeps its work; held beyond sessions, for the scene outlives them."""


def _shape_and_fingerprint(left: LeftWork) -> tuple[object, object]:
    return left.project.scan.facts.shape_kji, left.project.scan.facts.fingerprint


def _drop(volume_id: str) -> None:
    place = _kept.pop(volume_id, None)
    if place is not None:
        place.drop_own()


def _drop_those_without_scan(scene: slicer.vtkMRMLScene) -> None:
    for each in [volume_id for volume_id in _kept if scene.GetNodeByID(volume_id) is None]:
        _drop(each)
