"""What the parts of a session work on together: scan, segmentation, classes, window and undo history.

Each part is given the workspace, changes it by the methods here, and hears through `SessionPart` what others changed.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from concurrent.futures import Future
from typing import Literal

import numpy as np
import slicer

from ...core.image import SliceImage
from ...core.oblique_plane import Plane
from ...core.profile import SegmentationProfile, default_profile
from ...core.slices import SliceKey
from ...core.undo_history import Edit, SupportsUndo, UndoHistory
from ...core.window import Window
from ...errors import GeometryError, RwthSamError, StateError
from ...volumes.oblique import grey_on
from ..nodes import segments, volumes
from ..nodes.on_disk.scan_on_disk import ScanOnDisk
from ..nodes.profile_from_segmentation import with_classes_of
from ..nodes.scan_watch import ScanChange, ScanWatch
from ..nodes.unsaved_items import UnsavedItems
from ..nodes.volume_geometry import VolumeGeometry
from ..nodes.writing import SegmentWriter
from ..views.alignment import align_slice_nodes
from .part import SessionPart
from .signal import Signal

AnnotationMode = Literal["click", "automatic"]
ANNOTATION_MODES: tuple[AnnotationMode, ...] = ("click", "automatic")
PartCall = Callable[[SessionPart], object]


class Workspace:
    """State that several parts of a session share.

    Parameters
    ----------
    scene : vtkMRMLScene
        Everything that is shown becomes nodes here.
    undo_history : SupportsUndo, optional
        Where edits are recorded.
    editor_node : vtkMRMLSegmentEditorNode, optional
        The host's segment editor.

    Attributes
    ----------
    on_change : list of callable
        Called without arguments after every change that a front may show.
    before_writing : list of callable
        Called right before voxels of a class change, for a host that keeps states to undo to.
    parts_told : Signal
        Called with what every part is to do, and with whether the last part comes first.
    scan_changed : Signal
        Called when the scan is no longer what it was.
    keep_state : Signal
        Called before `on_change`.
    error : RwthSamError, optional
        What did not work last, until the next action.
    said : str
        What the last action did, until the next one; empty where there is nothing to say of it.
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        undo_history: SupportsUndo | None = None,
        editor_node: slicer.vtkMRMLSegmentEditorNode | None = None,
    ) -> None:
        self.scene = scene
        self.undo_history: SupportsUndo = undo_history if undo_history is not None else UndoHistory()
        self.on_change: list[Callable[[], None]] = []
        self.before_writing: list[Callable[[], None]] = []
        self.parts_told: Signal[[PartCall, bool]] = Signal()
        self.scan_changed: Signal[[ScanChange]] = Signal()
        self.keep_state: Signal[[]] = Signal()
        self.error: RwthSamError | None = None
        self.said = ""
        self._unsaved_items = UnsavedItems(scene)
        self._editor_node = editor_node
        self._volume_node: slicer.vtkMRMLVolumeNode | None = None
        self._scan: ScanWatch | None = None
        self._on_disk: ScanOnDisk | None = None
        self._segmentation_node: slicer.vtkMRMLSegmentationNode | None = None
        self._profile = default_profile()
        self._class_id = self._profile.classes[0].id
        self._window: Window | None = None
        self._mode: AnnotationMode = "click"

    # what is chosen

    @property
    def volume_node(self) -> slicer.vtkMRMLVolumeNode | None:
        """The scan."""
        return self._volume_node

    @property
    def segmentation_node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """Where classes are written to; made on the first submit if none was chosen."""
        return self._segmentation_node

    @property
    def editor_node(self) -> slicer.vtkMRMLSegmentEditorNode | None:
        """The host's segment editor that is followed."""
        return self._editor_node

    @property
    def tool_of_host(self) -> str:
        """The host's own tool that is in use, or ""."""
        return (self._editor_node.GetActiveEffectName() or "") if self._editor_node is not None else ""

    @property
    def profile(self) -> SegmentationProfile:
        """The classes to choose from."""
        return self._profile

    @property
    def class_id(self) -> str:
        """The class that a submit adds to."""
        return self._class_id

    @property
    def class_name(self) -> str:
        """Its name."""
        return self._profile.require_class(self._class_id).name

    @property
    def window(self) -> Window | None:
        """The grey values that the model sees as black and white."""
        return self._window

    @property
    def mode(self) -> AnnotationMode:
        """Whether a left click prompts the model (``"click"``) or selects what was found (``"automatic"``)."""
        return self._mode

    # choosing

    def set_volume(self, volume_node: slicer.vtkMRMLVolumeNode | None, on_disk: ScanOnDisk | None = None) -> None:
        """Work on another scan; see `Session.set_volume`."""
        window = self._profile.window or volumes.proposed_window(volume_node) if volume_node is not None else None
        self.leave_volume()
        self._volume_node, self._on_disk = volume_node, on_disk
        self._segmentation_node = None
        self.tell(lambda part: part.follow_segmentation())
        self.undo_history.clear()
        if volume_node is not None and window is not None:
            self._scan, self._window = ScanWatch(volume_node), window
            self.tell(lambda part: part.begin_volume())
            volumes.show_window(volume_node, window)
            align_slice_nodes(self.slice_nodes(), volume_node)
        self.changed()

    def leave_volume(self) -> None:
        """Drop everything that belongs to the scan."""
        self.error, self.said = None, ""
        self.tell(lambda part: part.leave_volume(), last_first=True)
        self._volume_node, self._window, self._scan = None, None, None
        if self._on_disk is not None:
            self._on_disk.close()
            self._on_disk = None

    def set_segmentation(
        self,
        segmentation_node: slicer.vtkMRMLSegmentationNode | None,
        profile: SegmentationProfile | None = None,
    ) -> None:
        """Write classes into an existing segmentation, None makes a new one; see `Session.set_segmentation`."""
        chosen = profile or self._profile
        if segmentation_node is None:
            segmentation_node = segments.create_segmentation(self.scene, self.require_volume(), chosen)
        else:
            segments.check_grid(segmentation_node, VolumeGeometry.of(self.require_volume()))
            segments.take_classes(segmentation_node, chosen)
        if self._on_disk is not None:
            self._on_disk.show_in(segmentation_node)
            chosen = with_classes_of(segmentation_node, chosen)
        self._choose_profile(chosen)
        before, self._segmentation_node = self._segmentation_node, segmentation_node
        if before not in (None, segmentation_node):
            self.undo_history.clear()
        if before is not segmentation_node:
            self.tell(lambda part: part.follow_segmentation())
        self._select_segment()
        self.changed()

    def convert_segmentation(self) -> None:
        """Make voxels of a segmentation of surfaces; see `Session.convert_segmentation`."""
        if self._segmentation_node is None:
            raise StateError("There is no segmentation to convert: choose one first.")
        segments.convert_to_labelmap(self._segmentation_node, self.require_volume())
        self.undo_history.clear()
        self.error = None
        self.changed()

    def use_editor(self, editor_node: slicer.vtkMRMLSegmentEditorNode | None) -> None:
        """Follow another segment editor of the host, or none."""
        self._editor_node = editor_node
        self._select_segment()

    def set_profile(self, profile: SegmentationProfile) -> None:
        """Choose other classes. Existing segments keep their voxels; classes are matched by their id."""
        self._choose_profile(profile)
        if self._segmentation_node is not None:
            segments.take_classes(self._segmentation_node, profile)
        if profile.window is not None and self._volume_node is not None and profile.window != self._window:
            self.set_window(profile.window)
        self._select_segment()
        self.changed()

    def select_class(self, class_id: str) -> None:
        """Choose the class that a submit adds to.

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

    def set_window(self, window: Window) -> None:
        """Change what the model sees, and the views with it; temporary masks are computed anew."""
        self._window = window
        volumes.show_window(self.require_volume(), window)
        self.compute_again()
        self.changed()

    def set_mode(self, mode: AnnotationMode) -> None:
        """Choose what a left click does."""
        self._mode = mode
        self.changed()

    def drop_lost_nodes(self) -> None:
        """Leave what is in the scene no more."""
        if self._volume_node is not None and self._volume_node.GetScene() is None:
            self.set_volume(None)
        if self._segmentation_node is not None and self._segmentation_node.GetScene() is None:
            self._segmentation_node = None
            self.undo_history.clear()
            self.changed()

    def compute_again(self) -> None:
        """Let every part ask anew for what the engine computed: model or window is another."""
        if self._volume_node is not None and self.scan_problem is None:
            self.tell(lambda part: part.ask_again())

    # the scan

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

    def follow_scan(self, closely: bool = False) -> ScanChange:
        """See whether the scan is what it was; what was computed from other voxels is forgotten.

        Parameters
        ----------
        closely : bool
            Look at some voxels too, for changes that nobody has announced.
        """
        self._unsaved_items.settle()
        change = self._scan.look(closely) if self._scan is not None else ScanChange()
        if change.is_any:
            self.scan_changed(change)
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
            raise StateError(f"{self.error} Nothing was submitted.")

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

    @property
    def on_disk(self) -> ScanOnDisk | None:
        """The finest level of a scan larger than memory, of which `volume_node` is a coarser one; None in memory."""
        return self._on_disk

    def check_in_memory(self, what: str, instead: str) -> None:
        """Raise `StateError` where the scan stays on the disk.

        Parameters
        ----------
        what : str
            That needs all of the scan in memory, at the beginning of the sentence.
        instead : str
            What to do, at its end; ``{scan}`` in it stands for the path of the finest level, ``{labels}`` for that of
            the classes, as a shell takes them.
        """
        if (on_disk := self._on_disk) is not None:
            scan, labels = (shlex.quote(str(each)) for each in (on_disk.finest_path, on_disk.store_path))
            advice = instead.format(scan=scan, labels=labels)
            raise StateError(
                f"{what} needs all of the scan in memory, but its {on_disk.size_text} stay on the disk: {advice}."
            )

    def require_grid_node(self) -> slicer.vtkMRMLVolumeNode:
        """The node that says where the voxels lie that are prompted; without any of its own for a scan on the disk.

        Raises
        ------
        StateError
            If there is no scan.
        """
        volume_node = self.require_volume()
        return volume_node if self._on_disk is None else self._on_disk.place_node

    def require_geometry(self) -> VolumeGeometry:
        """The grid of the voxels that are prompted and written.

        Raises
        ------
        StateError
            If there is no scan.
        GeometryError
            If it has no usable grid.
        """
        return VolumeGeometry.of(self.require_grid_node())

    @property
    def geometry(self) -> VolumeGeometry | None:
        """The same; None without a scan, and while it has no usable one."""
        try:
            return self.require_geometry() if self._volume_node is not None else None
        except GeometryError:
            return None

    def shown_voxel(self, ijk: tuple[int, int, int]) -> tuple[int, int, int] | None:
        """The voxel (i, j, k) of `volume_node` at one of the grid that is prompted; None where it has none."""
        return ijk if self._on_disk is None else self._on_disk.coarse(ijk)

    def is_at_hand(self, plane: Plane) -> bool:
        """Whether the grey values of a slice or plane are there without reading them from the disk."""
        return self._on_disk is None or (isinstance(plane, SliceKey) and self._on_disk.is_read(plane))

    def begin_reading(self, plane: Plane) -> Future[np.ndarray] | None:
        """Read the grey values of a slice in a thread; None where nobody need wait for it."""
        return None if self._on_disk is None else self._on_disk.begin_reading(plane)

    def values_on(self, plane: Plane) -> np.ndarray:
        """Grey values (rows, columns) or (rows, columns, channels) of a slice or plane."""
        if self._on_disk is not None:
            return self._on_disk.values_on(plane)
        return grey_on(volumes.volume_array_kji(self.require_volume()), plane)

    def image_of(self, plane: Plane) -> SliceImage:
        """A slice or plane as the model sees it."""
        return SliceImage.of_scan(self.values_on(plane), self._window)

    def writer(self, segmentation_node: slicer.vtkMRMLSegmentationNode) -> SegmentWriter:
        """Writes into the classes of a segmentation on the scan, wherever their voxels lie."""
        if self._on_disk is not None:
            return self._on_disk.writer(segmentation_node)
        return SegmentWriter(segmentation_node, self.require_volume())

    # the views

    def slice_nodes(self) -> list[slicer.vtkMRMLSliceNode]:
        """The slice views of the scene."""
        views = self.scene.GetNodesByClass("vtkMRMLSliceNode")
        views.UnRegister(None)
        return [views.GetItemAsObject(index) for index in range(views.GetNumberOfItems())]

    def slice_shown(self, slice_node: slicer.vtkMRMLSliceNode) -> SliceKey | None:
        """The slice that a view shows, or None beside the scan and where the view is tilted."""
        return self.geometry.slice_shown(slice_node) if self.geometry is not None else None

    def plane_shown(self, slice_node: slicer.vtkMRMLSliceNode) -> Plane | None:
        """The slice that a view shows, an oblique plane where the view is tilted, or None beside the scan."""
        return self.geometry.plane_shown(slice_node) if self.geometry is not None else None

    # what happens

    def tell(self, call: PartCall, last_first: bool = False) -> None:
        """Let every part of the session do something, such as ``lambda part: part.pause()``."""
        self.parts_told(call, last_first)

    def attempt(self, action: Callable[[], object]) -> None:
        """Do something; if it fails for a reason a person can mend, the reason becomes the status."""
        self.error, self.said = None, ""
        try:
            action()
        except RwthSamError as error:
            self.remark(error)

    def remark(self, error: RwthSamError) -> None:
        """Let the status say something until the next action."""
        self.error = error
        self.changed()

    def say(self, text: str) -> None:
        """Let the status tell what was just done, until the next action."""
        self.said = text
        self.changed()

    def record(self, edit: Edit) -> None:
        """Let something that was just done be undone."""
        self.said = ""
        self.undo_history.push(edit)
        self.changed()

    def changed(self) -> None:
        """Keep the present state in the scene, and tell the fronts."""
        self.keep_state()
        for listener in list(self.on_change):
            listener()

    def close(self) -> None:
        """Leave the scan, the history and whoever listens."""
        self.leave_volume()
        self._unsaved_items.close()
        self.undo_history.clear()
        self.on_change.clear()
        self.before_writing.clear()

    # inside

    def _choose_profile(self, profile: SegmentationProfile) -> None:
        before, self._profile = self._profile, profile
        self.tell(lambda part: part.follow_profile(before))
        if profile.class_by_id(self._class_id) is None:
            self._class_id = profile.classes[0].id

    def _select_segment(self) -> None:
        if self._editor_node is not None and self._segmentation_node is not None:
            segment_id = segments.ensured_segment_id(self._segmentation_node, self._profile, self._class_id)
            self._editor_node.SetSelectedSegmentID(segment_id)
