"""The segmentation session: one object that a front drives and shows.

It takes pointer events and keys in scene terms, and answers with changed nodes and a `SessionStatus`. What it works on
is its `Workspace`; what it can do lies in its parts, each a file of its own in `parts`, which are listed once, below.
Nothing here waits: masks arrive through `poll`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import slicer

from ...core.image import SliceImage
from ...core.oblique_plane import Plane
from ...core.profile import SegmentationProfile
from ...core.slices import ARRAY_AXIS, SliceKey
from ...core.undo_history import Edit, SupportsUndo
from ...core.window import Window
from ...errors import InferenceError, NotReadyYet, RwthSamError, StateError
from ...record.record_file import SegmentationRecord
from ...worker.client import EngineClient, EngineSpec
from ..nodes import volumes
from ..nodes.on_disk.scan_on_disk import ScanOnDisk
from ..nodes.scan_watch import ScanChange
from ..nodes.scene_watch import SceneWatch
from ..nodes.volume_geometry import VolumeGeometry
from .describe import StatusSources, describe
from .gestures import PointerEvent, Tool
from .part import SessionPart
from .parts.automatic_masks import AutomaticMasks
from .parts.class_list import ClassList
from .parts.class_threshold import ClassThreshold
from .parts.object_propagation import ObjectPropagation
from .parts.pointing import Pointing
from .parts.prefetch import Prefetch
from .parts.prompting import Prompting
from .parts.provenance import Provenance
from .parts.rendering import SegmentRendering
from .parts.submitting import Submitting
from .parts.threshold_refinement import ThresholdSources
from .parts.voxel_size import VoxelSize
from .parts.winding_tracing import WindingTracing
from .projects import SessionProjects
from .scan_changes import adapt
from .scene_persistence import ScenePersistence
from .session_engine import SessionEngine
from .shortcuts import SHORTCUT_OF
from .status import SessionStatus
from .workspace import AnnotationMode, PartCall, Workspace

_Part = TypeVar("_Part", bound=SessionPart)


class Session:
    """Prompt-based segmentation of one volume at a time.

    Parameters
    ----------
    scene : vtkMRMLScene
        Everything that is shown becomes nodes here.
    client : EngineClient
        Computes the masks; `close` closes it.
    undo_history : SupportsUndo, optional
        Where edits are recorded; a host with an undo history of its own gives that.
    editor_node : vtkMRMLSegmentEditorNode, optional
        The host's segment editor, whose overwrite mode and masks are honoured and whose selected segment follows the
        class.

    Attributes
    ----------
    workspace : Workspace
        Scan, segmentation, classes, window and undo history: what all parts work on.
    engine : SessionEngine
        Computes the masks.
    provenance : Provenance
        The record of what was done to the classes.
    prompting : Prompting
        The prompts that are not submitted yet, and their temporary masks.
    prefetch : Prefetch
        Embeds slices before they are clicked on.
    propagation : ObjectPropagation
        Finds the object of a prompted slice on its neighbours.
    submitting : Submitting
        Writes masks and whatever else was found into classes.
    automatic : AutomaticMasks
        Finds objects without prompts.
    rendering : SegmentRendering
        Shows the classes as a volume in the 3D views.
    windings : WindingTracing
        Traces windings along lines.
    threshold : ClassThreshold
        Shows what would be left of a class.
    pointing : Pointing
        Reads the mouse.
    class_list : ClassList
        Deletes and moves classes, and changes them all at once.
    voxel_size : VoxelSize
        Shows and changes how large a voxel is.
    projects : SessionProjects
        The session as a project, and back.
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        client: EngineClient,
        *,
        undo_history: SupportsUndo | None = None,
        editor_node: slicer.vtkMRMLSegmentEditorNode | None = None,
    ) -> None:
        self.workspace = place = Workspace(scene, undo_history, editor_node)
        self.engine = engine = SessionEngine(client, place.changed)
        self._parts: list[SessionPart] = []
        self._seen_engine = client.status
        # all parts, in the order in which they are told of whatever happens
        self.provenance = self.add_part(Provenance(place, engine))
        self.prompting = self.add_part(Prompting(place, engine))
        self.prefetch = self.add_part(Prefetch(place, engine))
        self.propagation = self.add_part(ObjectPropagation(place, engine, self.prompting))
        self.submitting = self.add_part(Submitting(place, self.provenance, self.prompting, self.propagation))
        self.automatic = self.add_part(AutomaticMasks(place, engine, self.prompting, self.submitting))
        self.rendering = self.add_part(SegmentRendering(place))
        self.windings = self.add_part(WindingTracing(place, self.prompting))
        sources = ThresholdSources(place, self.prompting, self.propagation, self.submitting)
        self.threshold = self.add_part(ClassThreshold(place, sources, self.submitting))
        self.pointing = self.add_part(Pointing(place, self.prompting, self.automatic, self.windings))

        self.class_list = self.add_part(ClassList(place, self.provenance))
        self.voxel_size = self.add_part(VoxelSize(place))

        self._told = StatusSources(place, self.prompting, self.prefetch, self.automatic, self.propagation)
        place.parts_told.connect(self._tell_parts)
        place.scan_changed.connect(self._adapt)
        self._persistence = ScenePersistence(place, self._parts)
        place.keep_state.connect(self._persistence.keep)
        self.projects = SessionProjects(place, engine, self._parts, self._persistence)
        self._watch = SceneWatch(scene, place.drop_lost_nodes, self._persistence.restore)
        self._persistence.restore()

    def add_part(self, part: _Part) -> _Part:
        """Let the session have one more part, which comes after those that it has."""
        self._parts.append(part)
        return part

    # what is worked on

    @property
    def scene(self) -> slicer.vtkMRMLScene:
        """Everything that is shown is in it."""
        return self.workspace.scene

    @property
    def volume_node(self) -> slicer.vtkMRMLVolumeNode | None:
        """The scan."""
        return self.workspace.volume_node

    @property
    def segmentation_node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """Where classes are written to; made on the first submit if none was chosen."""
        return self.workspace.segmentation_node

    @property
    def profile(self) -> SegmentationProfile:
        """The classes to choose from."""
        return self.workspace.profile

    @property
    def class_id(self) -> str:
        """The class that `submit` adds to."""
        return self.workspace.class_id

    @property
    def window(self) -> Window | None:
        """The grey values that the model sees as black and white."""
        return self.workspace.window

    @property
    def mode(self) -> AnnotationMode:
        """Whether a left click prompts the model (``"click"``) or selects what was found (``"automatic"``)."""
        return self.workspace.mode

    @property
    def tool(self) -> Tool:
        """What the left button draws: ``"point"``, ``"box"`` or ``"winding"``."""
        return self.pointing.tool

    @property
    def model_name(self) -> str | None:
        """The model that was chosen, by its name in the catalogue."""
        return self.engine.model_name

    def set_volume(self, volume_node: slicer.vtkMRMLVolumeNode | None, on_disk: ScanOnDisk | None = None) -> None:
        """Work on another scan: unsubmitted prompts and the undo history end, submitted classes stay in the scene.

        Parameters
        ----------
        volume_node : vtkMRMLVolumeNode, optional
        on_disk : ScanOnDisk, optional
            Its finest level, where the node holds a coarser one because memory has no room; the session closes it.

        Raises
        ------
        VolumeError
            If the node has no image. The scan before stays.
        """
        self.workspace.set_volume(volume_node, on_disk)

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
        self.workspace.set_segmentation(segmentation_node, profile)

    def convert_segmentation(self) -> None:
        """Make voxels of a segmentation that consists of surfaces, so that it can be written into; nothing undoes that.

        Raises
        ------
        StateError
            If there is no segmentation, or Slicer cannot convert it.
        """
        self.workspace.convert_segmentation()

    def use_editor(self, editor_node: slicer.vtkMRMLSegmentEditorNode | None) -> None:
        """Follow another segment editor of the host, or none."""
        self.workspace.use_editor(editor_node)

    def set_profile(self, profile: SegmentationProfile) -> None:
        """Choose other classes. Existing segments keep their voxels; classes are matched by their id."""
        self.workspace.set_profile(profile)

    def select_class(self, class_id: str) -> None:
        """Choose the class that `submit` adds to; `StateError` if the profile has no such class."""
        self.workspace.select_class(class_id)

    def step_class(self, step: int) -> None:
        """Choose the next (1) or previous (-1) class of the profile."""
        ids = [each.id for each in self.profile.classes]
        self.select_class(ids[(ids.index(self.class_id) + step) % len(ids)])

    def set_window(self, window: Window) -> None:
        """Change what the model sees, and the views with it; temporary masks are computed anew."""
        self.workspace.set_window(window)

    def propose_window(self) -> Window:
        """A window from the histogram of the whole scan."""
        return volumes.proposed_window(self.require_volume())

    def set_mode(self, mode: AnnotationMode) -> None:
        """Choose what a left click does."""
        self.workspace.set_mode(mode)

    def set_tool(self, tool: Tool) -> None:
        """Choose what the left button draws."""
        self.pointing.set_tool(tool)

    def load_engine(self, spec: EngineSpec) -> None:
        """Begin to load a model; prompts stay and get their masks from the new one."""
        self.engine.load(spec)
        self.workspace.compute_again()
        self.workspace.changed()

    def unload_engine(self) -> None:
        """Release the model, where another one was chosen that cannot be loaded yet: no mask comes from the one before.

        Prompts stay and get their masks from the next one that is loaded.
        """
        self.engine.unload()
        self.workspace.compute_again()
        self.workspace.changed()

    # input

    def pointer(self, event: PointerEvent) -> bool:
        """Handle a mouse event of a slice view; True tells the host to leave it alone."""
        return self.pointing.handle(event)

    def cancel_gesture(self) -> None:
        """Abandon a click or drag that has begun, and what of it is drawn: the host needs the mouse for its own."""
        self.pointing.cancel()

    def key(self, key: str) -> bool:
        """Handle a key such as ``"Return"`` or ``"Ctrl+Shift+K"``; True if it meant something."""
        shortcut = SHORTCUT_OF.get(key)
        if shortcut is not None:
            self.attempt(lambda: shortcut.do(self))
        return shortcut is not None

    def attempt(self, action: Callable[[], object]) -> None:
        """Do something; if it fails for a reason a person can mend, the reason becomes the status."""
        self.workspace.attempt(action)

    def add_point(self, plane: Plane, x: int, y: int, positive: bool = True) -> None:
        """Add a positive or negative point at a pixel of a slice."""
        self.prompting.add_point(plane, x, y, positive)

    def set_box(self, plane: Plane, first_xy: tuple[int, int], second_xy: tuple[int, int]) -> None:
        """Give a slice a bounding box by two opposite corner pixels; it replaces an older one."""
        self.prompting.set_box(plane, first_xy, second_xy)

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

    def record_hand_edit(self, edit: Edit, class_ids: Sequence[str], tool: str) -> None:
        """Let a change of classes by a tool of the host be undone; the segmentation's record notes it."""
        self.workspace.record(self.provenance.note_edit(edit, class_ids, tool) if class_ids else edit)

    def undo(self) -> None:
        """Take back the last action."""
        self._step_in_history(self.workspace.undo_history.undo)

    def redo(self) -> None:
        """Do the last action again that was taken back."""
        self._step_in_history(self.workspace.undo_history.redo)

    def poll(self) -> None:
        """Take what the engine has answered; the host calls this every few milliseconds."""
        self.workspace.follow_scan()
        replies = self.engine.poll()
        changed = False
        for part in self._parts if self.scan_problem is None else ():
            changed = part.take(replies) or changed
        changed = self._follow_engine() or changed
        if isinstance(self.workspace.error, NotReadyYet) and not any(part.is_awaited for part in self._parts):
            self.workspace.error, changed = None, True
        if changed:
            self.workspace.changed()
        seen = [part.look() for part in self._parts]
        if any(seen):
            self.workspace.changed()

    # what is seen

    @property
    def status(self) -> SessionStatus:
        """The present state."""
        problems = (part.problem for part in self._parts)
        return describe(self._told, self.engine.status, next((each for each in problems if each is not None), None))

    @property
    def scan_problem(self) -> RwthSamError | None:
        """Why nothing can be done on the scan at present, or None."""
        return self.workspace.scan_problem

    @property
    def geometry(self) -> VolumeGeometry | None:
        """The scan's voxel grid; None without a scan, and while it has no usable one."""
        return self.workspace.geometry

    def follow_scan(self, closely: bool = False) -> ScanChange:
        """See whether the scan is what it was; what was computed from other voxels is forgotten."""
        return self.workspace.follow_scan(closely)

    def require_volume(self) -> slicer.vtkMRMLVolumeNode:
        """The scan; `StateError` if there is none."""
        return self.workspace.require_volume()

    def slice_nodes(self) -> list[slicer.vtkMRMLSliceNode]:
        """The slice views of the scene."""
        return self.workspace.slice_nodes()

    def slices_along(
        self, slice_node: slicer.vtkMRMLSliceNode, first: int = 0, last: int | None = None
    ) -> list[SliceKey]:
        """Slices of the scan along a view's axis, from one index to another, both included; all by default.

        Those near the visible one come first: that is where somebody looks.

        Raises
        ------
        StateError
            If the view shows no slice of the scan.
        """
        shown = self.slice_shown(slice_node)
        if shown is None:
            raise StateError("This view shows no slice of the scan: show one first.")
        count = self.workspace.require_geometry().shape_kji[ARRAY_AXIS[shown.axis]]
        behind = count if last is None else min(count, last + 1)
        nearest_first = sorted(range(max(0, first), behind), key=lambda index: abs(index - shown.index))
        return [SliceKey(shown.axis, index) for index in nearest_first]

    def slice_shown(self, slice_node: slicer.vtkMRMLSliceNode) -> SliceKey | None:
        """The slice that a view shows, or None beside the scan and where the view is tilted."""
        return self.workspace.slice_shown(slice_node)

    def plane_shown(self, slice_node: slicer.vtkMRMLSliceNode) -> Plane | None:
        """The slice that a view shows, an oblique plane where the view is tilted, or None beside the scan."""
        return self.workspace.plane_shown(slice_node)

    def image_of(self, plane: Plane) -> SliceImage:
        """A slice or plane as the model sees it."""
        return self.workspace.image_of(plane)

    def model_image(self, slice_node: slicer.vtkMRMLSliceNode) -> SliceImage | None:
        """What the model sees of what a view shows, or None where that misses the volume."""
        shown = self.plane_shown(slice_node)
        return self.image_of(shown) if shown is not None else None

    def prompt_file(self) -> SegmentationRecord:
        """Everything done so far, replayable."""
        return self.provenance.prompt_file()

    def changed(self) -> None:
        """Remember the present state in the scene, and tell the fronts."""
        self.workspace.changed()

    @property
    def on_change(self) -> list[Callable[[], None]]:
        """Called without arguments after every change that a front may show."""
        return self.workspace.on_change

    @property
    def before_writing(self) -> list[Callable[[], None]]:
        """Called right before voxels of a class change, for a host that keeps states to undo to."""
        return self.workspace.before_writing

    def close(self) -> None:
        """Leave no observer, no temporary node and no engine behind; classes stay in the scene."""
        self._watch.close()
        for part in self._parts:
            part.close()
        self.workspace.close()
        self.engine.close()

    # inside

    def _tell_parts(self, call: PartCall, last_first: bool) -> None:
        for part in reversed(self._parts) if last_first else self._parts:
            call(part)

    def _adapt(self, change: ScanChange) -> None:
        adapt(self.workspace, change)

    def _step_in_history(self, step: Callable[[], None]) -> None:
        self.workspace.follow_scan(closely=True)
        self.workspace.said = ""
        with self.provenance.own_change():
            step()
        self.provenance.keep()
        self.workspace.changed()

    def _follow_engine(self) -> bool:
        """Take up a change of the engine's status; False if there is none."""
        engine, before = self.engine.status, self._seen_engine
        if engine == before:
            return False
        self._seen_engine = engine
        if engine.phase == "ready" != before.phase:
            if isinstance(self.workspace.error, InferenceError):
                self.workspace.error = None
            if self.scan_problem is None:
                self._tell_parts(lambda part: part.engine_ready(), False)
        return True
