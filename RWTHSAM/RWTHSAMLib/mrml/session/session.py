"""The segmentation session: one object that a front drives and shows.

It holds the scan, the segmentation, the profile and the engine, takes pointer events and keys in scene terms, and
answers with changed nodes and a `SessionStatus`. What it can do lies in its parts, each a file of its own: prompts in
`prompting`, writing into classes in `submitting`, and so on. Nothing here waits: masks arrive through `poll`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import slicer

from ...core.image import SliceImage, Window
from ...core.oblique_plane import Plane
from ...core.profile import SegmentationProfile, default_profile
from ...core.prompts import BoxPrompt, PointPrompt
from ...core.slices import ARRAY_AXIS, SliceKey
from ...core.undo import Edit, Timeline, UndoTimeline
from ...errors import GeometryError, InferenceError, NotReadyYet, RwthSamError, StateError
from ...record.record_file import PromptFile
from ...record.steps import PromptedSlice
from ...volumes.oblique import grey_on
from ...worker.client import EngineClient, EngineSpec, Reply
from ..nodes import segments, volumes
from ..nodes.geometry import VolumeGeometry
from ..nodes.scan_watch import ScanChange, ScanWatch
from ..nodes.scene_watch import SceneWatch
from ..views.alignment import align_slice_nodes
from . import persistence as memory
from .describe import describe
from .input import KEYS, perform
from .parts.automatic_masks import AutomaticMasks
from .parts.class_threshold import ClassNarrowing
from .parts.object_propagation import ObjectPropagation
from .parts.prefetch import Anticipation
from .parts.prompting import Prompting
from .parts.rendering import SegmentRendering
from .parts.scan_changes import adapt
from .parts.submitting import Submitting
from .parts.winding_tracing import LayerTracing
from .pointer import GestureReader, PointerEvent, Tool
from .record import Provenance
from .status import SessionStatus

AnnotationMode = Literal["click", "automatic"]
ANNOTATION_MODES: tuple[AnnotationMode, ...] = ("click", "automatic")


class Session:
    """Prompt-based segmentation of one volume at a time.

    Parameters
    ----------
    scene : vtkMRMLScene
        Everything that is shown becomes nodes here.
    client : EngineClient
        Computes the masks; `close` closes it.
    timeline : UndoTimeline, optional
        Where edits are recorded; a host with an undo history of its own gives that.
    editor_node : vtkMRMLSegmentEditorNode, optional
        The host's segment editor, whose overwrite mode and masks are honoured and whose selected segment follows the
        class.

    Attributes
    ----------
    on_change : list of callable
        Called without arguments after every change that a front may show.
    prompting : Prompting
        The prompts that are not submitted yet, and their temporary masks.
    submitting : Submitting
        Writes masks and whatever else was found into classes.
    ahead : Anticipation
        Embeds slices before they are clicked on.
    automatic : AutomaticMasks
        Finds objects without prompts.
    propagation : ObjectPropagation
        Finds the object of a prompted slice on its neighbours.
    rendering : SegmentRendering
        Shows the classes as a volume in the 3D views.
    layers : LayerTracing
        Traces thin layers along lines.
    narrowing : ClassNarrowing
        Shows what would be left of a class.
    provenance : Provenance
        The record of what was done to the classes.
    before_writing : list of callable
        Called right before voxels of a class change, for a host that keeps states to undo to.
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        client: EngineClient,
        *,
        timeline: UndoTimeline | None = None,
        editor_node: slicer.vtkMRMLSegmentEditorNode | None = None,
    ) -> None:
        self.scene = scene
        self.on_change: list[Callable[[], None]] = []
        self.before_writing: list[Callable[[], None]] = []
        self._client = client
        self._timeline: UndoTimeline = timeline if timeline is not None else Timeline()
        self._editor_node = editor_node
        self._volume_node: slicer.vtkMRMLVolumeNode | None = None
        self._scan: ScanWatch | None = None
        self._segmentation_node: slicer.vtkMRMLSegmentationNode | None = None
        self._profile = default_profile()
        self._class_id = self._profile.classes[0].id
        self._window: Window | None = None
        self._gestures = GestureReader()
        self._error: RwthSamError | None = None
        self._seen_engine = client.status
        self._spec: EngineSpec | None = None
        self._is_restoring = False
        self._mode: AnnotationMode = "click"
        self.prompting: Prompting = Prompting(self, client)
        self.submitting = Submitting(self)
        self.ahead = Anticipation(self, client)
        self.automatic = AutomaticMasks(self, client)
        self.propagation = ObjectPropagation(self, client)
        self.rendering = SegmentRendering(self)
        self.layers: LayerTracing = LayerTracing(self)
        self.narrowing = ClassNarrowing(self)
        self.provenance = Provenance(self, client)
        self._watch = SceneWatch(scene, self._on_nodes_gone, self.restore)
        self.restore()

    # what is worked on

    @property
    def volume_node(self) -> slicer.vtkMRMLVolumeNode | None:
        """The scan."""
        return self._volume_node

    @property
    def segmentation_node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """Where classes are written to; made on the first submit if none was chosen."""
        return self._segmentation_node

    @property
    def profile(self) -> SegmentationProfile:
        """The classes to choose from."""
        return self._profile

    @property
    def class_id(self) -> str:
        """The class that `submit` adds to."""
        return self._class_id

    @property
    def window(self) -> Window | None:
        """The grey values that the model sees as black and white."""
        return self._window

    @property
    def tool(self) -> Tool:
        """What the left button draws: ``"point"``, ``"box"`` or ``"layer"``."""
        return self._gestures.tool

    def set_volume(self, volume_node: slicer.vtkMRMLVolumeNode | None) -> None:
        """Work on another scan: unsubmitted prompts and the undo history end, submitted classes stay in the scene.

        Raises
        ------
        VolumeError
            If the node has no image. The scan before stays.
        """
        window = self._profile.window or volumes.proposed_window(volume_node) if volume_node is not None else None
        self._leave_volume()
        self._volume_node = volume_node
        self._segmentation_node = None
        self.provenance.begin(None)
        self._timeline.clear()
        if volume_node is not None and window is not None:
            self._scan = ScanWatch(volume_node)
            self.prompting.begin(volume_node)
            self._window = window
            volumes.show_window(volume_node, window)
            self._align_views()
        self.changed()

    def set_segmentation(
        self,
        segmentation_node: slicer.vtkMRMLSegmentationNode | None,
        profile: SegmentationProfile | None = None,
    ) -> None:
        """Write classes into an existing segmentation; None makes a new one.

        Parameters
        ----------
        segmentation_node : vtkMRMLSegmentationNode, optional
        profile : SegmentationProfile, optional
            Chosen together with the segmentation, so that the one left behind keeps its classes.

        Raises
        ------
        StateError
            If there is no volume yet.
        GeometryError
            If the segmentation lies on another voxel grid than the volume.
        """
        chosen = profile or self._profile
        if segmentation_node is None:
            segmentation_node = segments.create_segmentation(self.scene, self.require_volume(), chosen)
        else:
            segments.check_grid(segmentation_node, VolumeGeometry.of(self.require_volume()))
            segments.apply_profile(segmentation_node, chosen)
        self._choose_profile(chosen)
        if self._segmentation_node not in (None, segmentation_node):
            self._timeline.clear()
        if self._segmentation_node is not segmentation_node:
            self.provenance.begin(segmentation_node)
        self._segmentation_node = segmentation_node
        self._select_segment()
        self.changed()

    def use_editor(self, editor_node: slicer.vtkMRMLSegmentEditorNode | None) -> None:
        """Follow another segment editor of the host, or none."""
        self._editor_node = editor_node
        self._select_segment()

    def set_profile(self, profile: SegmentationProfile) -> None:
        """Choose other classes. Existing segments keep their voxels; classes are matched by their id."""
        self._choose_profile(profile)
        if self._segmentation_node is not None:
            segments.apply_profile(self._segmentation_node, profile)
        if profile.window is not None and self._volume_node is not None and profile.window != self._window:
            self.set_window(profile.window)
        self._select_segment()
        self.changed()

    def select_class(self, class_id: str) -> None:
        """Choose the class that `submit` adds to.

        Raises
        ------
        StateError
            If the profile has no such class.
        """
        if self._profile.class_by_id(class_id) is None:
            names = ", ".join(each.id for each in self._profile.classes)
            raise StateError(f"Profile '{self._profile.name}' has no class '{class_id}'; it has {names}.")
        self._class_id = class_id
        self._select_segment()
        self.changed()

    def step_class(self, step: int) -> None:
        """Choose the next (1) or previous (-1) class of the profile."""
        ids = [each.id for each in self._profile.classes]
        self.select_class(ids[(ids.index(self._class_id) + step) % len(ids)])

    def set_window(self, window: Window) -> None:
        """Change what the model sees, and the views with it; temporary masks are computed anew."""
        self._window = window
        volumes.show_window(self.require_volume(), window)
        self._compute_again()
        self.changed()

    def propose_window(self) -> Window:
        """A window from the histogram of the whole scan."""
        return volumes.proposed_window(self.require_volume())

    @property
    def mode(self) -> AnnotationMode:
        """Whether a left click prompts the model (``"click"``) or selects what was found (``"automatic"``)."""
        return self._mode

    def set_mode(self, mode: AnnotationMode) -> None:
        """Choose what a left click does."""
        self._mode = mode
        self.changed()

    def set_tool(self, tool: Tool) -> None:
        """Choose what the left button draws."""
        self._gestures.tool = tool
        self.changed()

    def load_engine(self, spec: EngineSpec) -> None:
        """Begin to load a model; prompts stay and get their masks from the new one."""
        self._spec = spec
        self._client.load(spec)
        self._compute_again()
        self.changed()

    def wake_engine(self) -> None:
        """Start an engine again that has failed for a reason that may have passed."""
        if self._client.status.can_restart and self._spec is not None:
            self._client.load(self._spec)
            self.changed()

    def restore(self) -> None:
        """Take up the state that the scene remembers, if it remembers a scan; called whenever a scene was opened."""
        state = memory.recall(self.scene)
        if state is None or state.volume_node is None or state.volume_node is self._volume_node:
            return
        if state.volume_node.GetImageData() is None:
            return
        if self._has_unfinished_work:  # a scene was added to this one, not opened instead of it
            self.remark(
                StateError(
                    "The scene that was added holds work of its own. Your prompts are not submitted yet, so they stay "
                    "with their scan: choose the other scan when you are done."
                )
            )
            return
        self._is_restoring = True
        try:
            self._take_up(state)
        finally:
            self._is_restoring = False
        self.changed()

    # input

    def pointer(self, event: PointerEvent) -> bool:
        """Handle a mouse event of a slice view; True tells the host to leave it alone."""
        if self._volume_node is None:
            return False
        gesture, consumed = self._gestures.read(event)
        if gesture is not None:
            self.attempt(lambda: perform(self, gesture))
        return consumed

    def cancel_gesture(self) -> None:
        """Abandon a click or drag that has begun, and what of it is drawn: the host needs the mouse for its own."""
        if self._gestures.cancel() and self._volume_node is not None:
            self.prompting.redraw()

    def key(self, key: str) -> bool:
        """Handle a key such as ``"Return"`` or ``"Ctrl+Shift+K"``; True if it meant something."""
        action = KEYS.get(key)
        if action is not None:
            self.attempt(lambda: action(self))
        return action is not None

    def attempt(self, action: Callable[[], object]) -> None:
        """Do something; if it fails for a reason a person can mend, the reason becomes the status."""
        self._error = None
        try:
            action()
        except RwthSamError as error:
            self.remark(error)

    def remark(self, error: RwthSamError) -> None:
        """Let the status say something until the next action."""
        self._error = error
        self.changed()

    # actions

    def add_point(self, plane: Plane, x: int, y: int, positive: bool = True) -> None:
        """Add a positive or negative point at a pixel of a slice."""
        text = "Add positive point" if positive else "Add negative point"
        self.prompting.add(plane, PointPrompt(x, y, positive), text)

    def set_box(self, plane: Plane, first_xy: tuple[int, int], second_xy: tuple[int, int]) -> None:
        """Give a slice a bounding box by two opposite corner pixels; it replaces an older one."""
        self.prompting.add(plane, BoxPrompt.around(first_xy, second_xy), "Draw box")

    def submit(self) -> None:
        """Add the temporary masks of all slices, and the propagated object, to the chosen class, as one undo step.

        Raises
        ------
        StateError
            If there is no mask yet, the object is still being propagated, the class is locked, or the scan's voxels
            have just changed. Nothing is lost then.
        GeometryError
            If scan and segmentation do not lie on one grid any more. Nothing is changed then.
        """
        self.submitting.submit()

    def record(self, edit: Edit) -> None:
        """Let something that was just done be undone."""
        self._timeline.push(edit)
        self.changed()

    def record_hand_edit(self, edit: Edit, class_ids: Sequence[str], tool: str) -> None:
        """As `record`, for a change of classes by a tool of the host: the segmentation's record notes it."""
        self.record(self.provenance.note_edit(edit, class_ids, tool) if class_ids else edit)

    def undo(self) -> None:
        """Take back the last action."""
        self.follow_scan(closely=True)
        with self.provenance.own_change():
            self._timeline.undo()
        self.provenance.keep()
        self.changed()

    def redo(self) -> None:
        """Do the last action again that was taken back."""
        self.follow_scan(closely=True)
        with self.provenance.own_change():
            self._timeline.redo()
        self.provenance.keep()
        self.changed()

    def poll(self) -> None:
        """Take what the engine has answered; the host calls this every few milliseconds."""
        self.follow_scan()
        replies = self._client.poll()
        changed = False if self.scan_problem is not None else self._take(replies)
        changed = self.provenance.settle() or changed
        engine = self._client.status
        if engine != self._seen_engine:
            became_ready = engine.phase == "ready" and self._seen_engine.phase != "ready"
            self._seen_engine = engine
            changed = True
            if became_ready and isinstance(self._error, InferenceError):
                self._error = None
            if became_ready and self.scan_problem is None:
                self.prompting.ask_again(forget=False)
        if isinstance(self._error, NotReadyYet) and not self._awaits_anything:
            self._error, changed = None, True
        if changed:
            self.changed()
        if self.scan_problem is None:
            self.automatic.follow_views()
            if self.narrowing.follow_views():
                self.changed()

    def follow_scan(self, closely: bool = False) -> ScanChange:
        """See whether the scan is what it was; what was computed from other voxels is forgotten.

        Parameters
        ----------
        closely : bool
            Look at some voxels too, for changes that nobody has announced.
        """
        change = self._scan.look(closely) if self._scan is not None else ScanChange()
        if change.is_any:
            adapt(self, change)
        return change

    def check_scan(self) -> None:
        """Raise unless the scan can be used and is what it was when its masks were computed.

        Raises
        ------
        StateError
            If there is no scan, or its voxels have changed: masks are computed anew then.
        GeometryError
            If it has no image any more, or no linear grid.
        """
        self.require_volume()
        change = self.follow_scan(closely=True)
        if self.scan_problem is not None:
            raise self.scan_problem
        if change.voxels:
            raise StateError(f"{self._error} Nothing was submitted.")

    # what is seen

    @property
    def status(self) -> SessionStatus:
        """The present state."""
        return describe(self, self._client.status, self._error, self._timeline)

    def image_of(self, plane: Plane) -> SliceImage:
        """A slice or plane as the model sees it."""
        values = grey_on(volumes.volume_array_kji(self.require_volume()), plane)
        is_colour_photo = values.ndim == 3 and values.dtype.name == "uint8"
        return SliceImage.from_values(values, None if is_colour_photo else self._window)

    @property
    def scan(self) -> ScanWatch:
        """Watches the scan's voxels and grid.

        Raises
        ------
        StateError
            If there is no scan.
        """
        self.require_volume()
        assert self._scan is not None
        return self._scan

    @property
    def scan_problem(self) -> RwthSamError | None:
        """Why nothing can be done on the scan at present, or None."""
        return self._scan.problem if self._scan is not None else None

    @property
    def geometry(self) -> VolumeGeometry | None:
        """The scan's voxel grid; None without a scan, and while it has no usable one."""
        try:
            return VolumeGeometry.of(self._volume_node) if self._volume_node is not None else None
        except GeometryError:
            return None

    def require_volume(self) -> slicer.vtkMRMLVolumeNode:
        """The scan.

        Raises
        ------
        StateError
            If there is none.
        """
        if self._volume_node is None:
            raise StateError("There is no scan yet: load one first.")
        return self._volume_node

    def slice_nodes(self) -> list[slicer.vtkMRMLSliceNode]:
        """The slice views of the scene."""
        views = self.scene.GetNodesByClass("vtkMRMLSliceNode")
        views.UnRegister(None)
        return [views.GetItemAsObject(index) for index in range(views.GetNumberOfItems())]

    def slices_along(
        self, slice_node: slicer.vtkMRMLSliceNode, first: int = 0, last: int | None = None
    ) -> list[SliceKey]:
        """Slices of the scan along a view's axis, from one index to another, both included; all by default.

        Raises
        ------
        StateError
            If the view shows no slice of the scan.
        """
        shown = self.slice_shown(slice_node)
        if shown is None:
            raise StateError("This view shows no slice of the scan: show one first.")
        count = VolumeGeometry.of(self.require_volume()).shape_kji[ARRAY_AXIS[shown.axis]]
        behind = count if last is None else min(count, last + 1)
        return [SliceKey(shown.axis, index) for index in range(max(0, first), behind)]

    def slice_shown(self, slice_node: slicer.vtkMRMLSliceNode) -> SliceKey | None:
        """The slice that a view shows, or None beside the scan and where the view is tilted."""
        return self.geometry.slice_shown(slice_node) if self.geometry is not None else None

    def plane_shown(self, slice_node: slicer.vtkMRMLSliceNode) -> Plane | None:
        """The slice that a view shows, an oblique plane where the view is tilted, or None beside the scan."""
        return self.geometry.plane_shown(slice_node) if self.geometry is not None else None

    def model_image(self, slice_node: slicer.vtkMRMLSliceNode) -> SliceImage | None:
        """What the model sees of what a view shows, or None where that misses the volume."""
        shown = self.plane_shown(slice_node)
        return self.image_of(shown) if shown is not None else None

    def prompt_file(self) -> PromptFile:
        """Everything done so far, replayable."""
        return self.provenance.prompt_file()

    @property
    def model_name(self) -> str | None:
        """The model that was chosen, by its name in the catalogue."""
        return self._spec.model if self._spec else None

    @property
    def editor_node(self) -> slicer.vtkMRMLSegmentEditorNode | None:
        """The host's segment editor that is followed."""
        return self._editor_node

    @property
    def tool_of_host(self) -> str:
        """The host's own tool that is in use, or ""."""
        return (self._editor_node.GetActiveEffectName() or "") if self._editor_node is not None else ""

    def changed(self) -> None:
        """Remember the present state in the scene, and tell the fronts."""
        if not self._is_restoring:
            memory.remember(self.scene, self._state())
        for listener in list(self.on_change):
            listener()

    def close(self) -> None:
        """Leave no observer, no temporary node and no engine behind; classes stay in the scene."""
        self._watch.close()
        self.provenance.close()
        self._leave_volume()
        self._client.close()
        self.on_change.clear()
        self.before_writing.clear()

    # inside

    def _choose_profile(self, profile: SegmentationProfile) -> None:
        before, self._profile = self._profile, profile
        self.automatic.follow_profile(before)
        if profile.class_by_id(self._class_id) is None:
            self._class_id = profile.classes[0].id

    def _leave_volume(self) -> None:
        self._gestures.cancel()
        self.automatic.clear()
        self.propagation.leave_volume()
        self.rendering.leave_volume()
        self.narrowing.leave_volume()
        self.layers.leave_volume()
        self.prompting.leave_volume()
        self.ahead.leave_volume()
        self._volume_node, self._window, self._scan = None, None, None

    @property
    def _has_unfinished_work(self) -> bool:
        """Whether something would be lost with the scan."""
        slices = self.prompting.slices
        return self._volume_node is not None and bool(
            (slices is not None and slices.prompts) or self.propagation.is_there
        )

    @property
    def _awaits_anything(self) -> bool:
        return self.prompting.awaits_masks or self.propagation.progress is not None

    def _take(self, replies: list[Reply]) -> bool:
        """Use what the engine has answered; True if anything that is shown has changed."""
        changed = self.prompting.take(replies)
        changed = self.ahead.take(replies) or changed
        changed = self.automatic.take(replies) or changed
        changed = self.propagation.take(replies) or changed
        return self.rendering.poll() or changed

    def _compute_again(self) -> None:
        if self._volume_node is not None and self.scan_problem is None:
            self.ahead.forget()
            self.prompting.ask_again(forget=True)
            self.ahead.go_on()
            self.automatic.ask_again()
            self.propagation.ask_again()

    def _select_segment(self) -> None:
        if self._editor_node is not None and self._segmentation_node is not None:
            segment_id = segments.ensured_segment_id(self._segmentation_node, self._profile, self._class_id)
            self._editor_node.SetSelectedSegmentID(segment_id)

    def _align_views(self) -> None:
        align_slice_nodes(self.slice_nodes(), self._volume_node)

    def _take_up(self, state: memory.SessionState) -> None:
        self.set_profile(state.profile)
        self.set_volume(state.volume_node)
        self.automatic.set_choices(state.automatic)
        self.propagation.set_choices(state.propagation)
        self.rendering.set_choices(state.rendering)
        if state.window is not None:
            self.set_window(state.window)
        if state.segmentation_node is not None:
            self.attempt(lambda: self.set_segmentation(state.segmentation_node))
        self.select_class(state.class_id)
        for each in state.pending:
            self.attempt(partial(self.prompting.set_prompts, each.slice, each.prompts))
        self._timeline.clear()

    def _state(self) -> memory.SessionState:
        slices = self.prompting.slices
        pending = slices.prompts if slices is not None else {}
        return memory.SessionState(
            volume_node=self._volume_node,
            segmentation_node=self._segmentation_node,
            profile=self._profile,
            class_id=self._class_id,
            window=self._window,
            pending=tuple(PromptedSlice(key, each, self._class_id) for key, each in pending.items()),
            automatic=self.automatic.choices,
            propagation=self.propagation.choices,
            rendering=self.rendering.choices,
        )

    def _on_nodes_gone(self) -> None:
        if self._volume_node is not None and self._volume_node.GetScene() is None:
            self.set_volume(None)
        if self._segmentation_node is not None and self._segmentation_node.GetScene() is None:
            self._segmentation_node = None
            self._timeline.clear()
            self.changed()
