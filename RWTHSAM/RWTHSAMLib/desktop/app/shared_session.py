"""The one session that module, effect and scripts share, and the timer that lets its engine answer.

Whoever works with it joins and later leaves. When the last one has left, nothing remains: no timer, no observer, no
temporary node, no inference process. What was prompted and chosen stays in the scene and comes back with the next
session.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import qt
import slicer
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ...core.oblique_plane import Plane
from ...core.slices import SliceKey
from ...errors import RwthSamError, StateError
from ...inference.cache.embedding_cache import CacheSettings
from ...models.catalogue import model
from ...mrml.nodes import segments
from ...mrml.nodes.volume_geometry import VolumeGeometry
from ...mrml.session.session import Session
from ...mrml.session.voxel_size_memory import VoxelSizeMemory
from ...worker.client import EngineClient, EngineSpec
from ...worker.process import WorkerSettings
from ...worker.process_client import WorkerClient
from ..editor.class_source import ClassSource
from ..editor.editor_undo import EditorUndoHistory
from ..editor.link import EditorLink
from . import model_choice
from .autosave import Autosave
from .requirements import missing_for

# a choice: about as often as a view is drawn
_POLL_INTERVAL_MS = 30

MakeClient = Callable[[], EngineClient]


class SharedSession(VTKObservationMixin):
    """A session with what the desktop adds to it.

    Its timer ticks while somebody works: the module is shown, the effect is chosen, or something is being computed.
    At all other times it rests, and a change of the session, its segments or its profile wakes it for what that asks
    for.

    Parameters
    ----------
    scene : vtkMRMLScene
    client : EngineClient

    Attributes
    ----------
    session : Session
    editor : EditorLink
        The Segment Editor that is worked in at present.
    classes : ClassSource
        The profile that is chosen, if any.
    spec : EngineSpec
        The model that `load_engine` loads.
    after_poll : list of callable
        Called without arguments at every tick, outside of any change of the scene. One that has work left says so by
        returning True, and is called again.
    autosave : Autosave
        Keeps on disk what nobody has saved, and offers what a Slicer that has ended had kept.
    problem : str
        Why the chosen volume and segmentation cannot be worked on; empty while they can.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, client: EngineClient) -> None:
        VTKObservationMixin.__init__(self)
        history = EditorUndoHistory()
        self.session = Session(scene, client, undo_history=history)
        self.session.provenance.watch_hand_edits()
        self.editor = EditorLink(self.session, history)
        self.classes = ClassSource(self.session, self.wake)
        self.spec: EngineSpec = model_choice.remembered()
        self.problem = ""
        self.after_poll: list[Callable[[], bool | None]] = []
        self.autosave = Autosave(self.session)
        self.session.voxel_size.remember_in(VoxelSizeMemory.usual())
        self._at_work: list[object] = []
        self._watched: slicer.vtkSegmentation | None = None
        self._view_in_use: slicer.vtkMRMLSliceNode | None = None
        self._waiting_view: slicer.vtkMRMLSliceNode | None = None
        self._seen_stamp = 0
        self._timer = qt.QTimer()
        self._timer.setInterval(_POLL_INTERVAL_MS)
        self._timer.connect("timeout()", self.poll)
        self.session.on_change.append(self._on_change)
        self.wake()

    def poll(self) -> None:
        """Take what the engine has answered; the timer calls this."""
        self.session.poll()
        self.classes.settle()
        self._prepare_resting_view()
        unfinished = [listener() for listener in list(self.after_poll)]
        if not self._at_work and not any(unfinished) and not self._is_computing:
            self._timer.stop()

    def stay_awake(self, owner: object) -> None:
        """Tick until `owner` may rest: somebody is working."""
        self._at_work = [*(each for each in self._at_work if each is not owner), owner]
        self.wake()

    def may_rest(self, owner: object) -> None:
        """Nobody works here any more, as far as `owner` knows. Safe to call twice."""
        self._at_work = [each for each in self._at_work if each is not owner]

    def wake(self) -> None:
        """Tick at least once more."""
        if not self._timer.active:
            self._timer.start()

    @property
    def is_resting(self) -> bool:
        """Whether the timer stands still."""
        return not self._timer.active

    @property
    def _is_computing(self) -> bool:
        """Whether answers are still to come, or a rendering follows the segments."""
        session, status = self.session, self.session.status
        if status.level == "busy" or status.engine.phase == "loading" or session.rendering.settings.shown:
            return True
        if status.engine.doubt:  # it may still answer
            return True
        return any(each is not None for each in (status.embedding, status.run, status.propagation))

    def _on_change(self) -> None:
        self.wake()
        self.autosave.changed()
        node = self.session.segmentation_node
        segmentation = node.GetSegmentation() if node is not None else None
        if segmentation is self._watched:
            return
        self.removeObservers(self._on_segmentation)
        self._watched = segmentation
        if segmentation is not None:
            for event in (segmentation.SegmentModified, segmentation.SourceRepresentationModified):
                self.addObserver(segmentation, event, self._on_segmentation)

    def _on_segmentation(self, _caller: object, _event: str) -> None:
        self.wake()
        self.autosave.changed()

    def load_engine(self) -> None:
        """Begin to load the model that was chosen."""
        self.session.attempt(lambda: self.session.load_engine(self.spec))

    def load_engine_if_possible(self) -> None:
        """Load the chosen model unless one is loaded, or something it needs is missing."""
        if self.session.status.engine.phase == "stopped" and not missing_for(model(self.spec.model), self.spec.weights):
            self.load_engine()

    def work_on(
        self,
        volume_node: slicer.vtkMRMLVolumeNode | None,
        segmentation_node: slicer.vtkMRMLSegmentationNode | None,
    ) -> None:
        """Prompt a scan and submit into a segmentation; where they do not fit together, `problem` says why.

        Prompts that are not submitted yet survive a change of the segmentation, not one of the scan.
        """
        session, self.problem = self.session, ""
        try:
            if volume_node is not session.volume_node:
                session.set_volume(volume_node)
                session.voxel_size.look_up()
            if None not in (volume_node, segmentation_node) and segmentation_node is not session.segmentation_node:
                if not segments.lies_on_volume(segmentation_node, volume_node):
                    session.voxel_size.give_known()  # it may do so then
                session.set_segmentation(segmentation_node, self.classes.profile_for(segmentation_node))
        except RwthSamError as error:
            self.problem = str(error)
            session.set_volume(None)

    def look_at(self, slice_node: slicer.vtkMRMLSliceNode) -> None:
        """Embed what a view shows as soon as it rests, so that the first click there is answered at once."""
        self.wake()
        self._view_in_use = self._waiting_view = slice_node
        self._seen_stamp = -1

    def view_in_use(self) -> slicer.vtkMRMLSliceNode | None:
        """The slice view that the mouse was in last, else the first of the scene."""
        if self._view_in_use is not None and self._view_in_use.GetScene() is not None:
            return self._view_in_use
        return self.session.scene.GetFirstNodeByClass("vtkMRMLSliceNode")

    def budget_text(self) -> str:
        """What embeddings of all slices along the axis of the view in use take; empty without a usable scan."""
        node = self.view_in_use()
        budget = (
            self.session.prefetch.budget(node, self.spec.model, CacheSettings.usual()) if node is not None else None
        )
        return budget.text if budget is not None else ""

    def slice_in_view(self) -> SliceKey:
        """The slice of the scan that the view in use shows.

        Raises
        ------
        StateError
            If it shows none.
        GeometryError
            If the scan cannot be used at present.
        """
        node, geometry = self.view_in_use(), VolumeGeometry.of(self.session.require_volume())
        shown = geometry.slice_shown(node) if node is not None else None
        if shown is None:
            raise StateError(_("The view in use shows no slice of the scan: move the mouse into one that does."))
        return shown

    def plane_in_view(self) -> Plane:
        """What the view in use shows of the scan, an oblique plane where it is tilted.

        Raises
        ------
        StateError
            If it shows nothing of it.
        """
        node = self.view_in_use()
        shown = self.session.plane_shown(node) if node is not None else None
        return shown if shown is not None else self.slice_in_view()

    def _prepare_resting_view(self) -> None:
        node = self._waiting_view
        if node is None or self.session.volume_node is None or self.session.status.engine.phase != "ready":
            return
        stamp, self._seen_stamp = self._seen_stamp, node.GetMTime()
        if stamp == self._seen_stamp:  # nothing moved since the last tick
            self._waiting_view = None
            if node.GetScene() is not None:
                _quietly(lambda: self.session.prefetch.prepare_view(node, self._other_views(node)))

    def _other_views(self, node: slicer.vtkMRMLSliceNode) -> list[slicer.vtkMRMLSliceNode]:
        views = self.session.scene.GetNodesByClass("vtkMRMLSliceNode")
        views.UnRegister(None)
        every = (views.GetItemAsObject(index) for index in range(views.GetNumberOfItems()))
        return [each for each in every if each is not node]

    def close(self) -> None:
        """Leave nothing behind."""
        self.removeObservers()
        self._watched = None
        self._at_work.clear()
        self._timer.stop()
        self._timer.disconnect("timeout()", self.poll)
        self._timer.deleteLater()
        self._waiting_view = self._view_in_use = None
        self.after_poll.clear()
        self.autosave.close()
        self.classes.close()
        self.editor.close()
        self.session.close()


def join(owner: object) -> SharedSession:
    """The shared session; it lasts at least until `owner` leaves."""
    global _shared
    if _shared is None:
        _shared = SharedSession(slicer.mrmlScene, _make_client())
    if not any(each is owner for each in _owners):
        _owners.append(owner)
    return _shared


def leave(owner: object) -> None:
    """Stop sharing; the last one closes the shared session. Safe to call twice."""
    global _shared
    _owners[:] = [each for each in _owners if each is not owner]
    if not _owners and _shared is not None:
        closing, _shared = _shared, None
        closing.close()


def present() -> SharedSession | None:
    """The shared session if anybody works there."""
    return _shared


def use_client(make_client: MakeClient | None) -> None:
    """Let the next shared session compute with another engine client; None chooses a child process again."""
    global _make_client
    _make_client = make_client or _child_process


def segmentation_of(
    volume_node: slicer.vtkMRMLVolumeNode | None, wanted: slicer.vtkMRMLSegmentationNode | None
) -> slicer.vtkMRMLSegmentationNode | None:
    """The segmentation to use for a volume: the wanted one unless it was made for another volume, else its own."""
    if volume_node is None:
        return wanted
    role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    if wanted is not None and wanted.GetNodeReference(role) in (None, volume_node):
        return wanted
    every = volume_node.GetScene().GetNodesByClass("vtkMRMLSegmentationNode")
    every.UnRegister(None)
    nodes = (every.GetItemAsObject(index) for index in range(every.GetNumberOfItems()))
    fitting = (each for each in nodes if not each.GetHideFromEditors() and each.GetNodeReference(role) is volume_node)
    return next(fitting, None)


_owners: list[object] = []
_shared: SharedSession | None = None


def _child_process() -> EngineClient:
    return WorkerClient(WorkerSettings(cache=CacheSettings.usual()))


_make_client: MakeClient = _child_process


def _quietly(action: Callable[[], None]) -> None:
    """A request that nobody expressed in words may fail without a word."""
    with suppress(RwthSamError):
        action()
