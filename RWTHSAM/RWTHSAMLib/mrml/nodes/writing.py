"""Writing masks into segments, by extents, under the Segment Editor's rules, and taking it back exactly.

What one write changed is kept as the voxels that each segment gained and lost within the extent. Undo therefore
costs as much as the extent is large, and leaves alone what was painted elsewhere in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, groupby

import numpy as np
import slicer

from ...core.extent import Extent
from ...core.packed_voxels import PackedVoxels
from ...errors import RwthSamError, StateError
from . import labelmaps, segments
from .volume_geometry import VolumeGeometry
from .volumes import volume_array_kji

_LOGIC = slicer.vtkSlicerSegmentationsModuleLogic
_NODE = slicer.vtkMRMLSegmentationNode
_EDITOR = slicer.vtkMRMLSegmentEditorNode
_KEEP, _ERASE = 255, 0
# a choice: the unpacked voxels of a large object stay small
_SLICES_AT_ONCE = 8
_writes = count(1)


@dataclass(frozen=True, eq=False)
class SegmentChange:
    """Voxels that one segment gained and lost within an extent.

    Attributes
    ----------
    segment_id : str
    extent : Extent
    gained, lost : PackedVoxels
        Of exactly the extent.
    written : int
        The same for all changes of one write; of several writes, the later has the higher number.
    """

    segment_id: str
    extent: Extent
    gained: PackedVoxels
    lost: PackedVoxels
    written: int = 0

    @classmethod
    def between(cls, segment_id: str, extent: Extent, old_kji: np.ndarray, new_kji: np.ndarray) -> SegmentChange | None:
        """From what a segment held (bool) to what it holds; None where that is the same."""
        gained, lost = new_kji & ~old_kji, old_kji & ~new_kji
        if not (gained.any() or lost.any()):
            return None
        return cls(segment_id, extent, PackedVoxels.of(gained), PackedVoxels.of(lost))


def _by_write(changes: Sequence[SegmentChange]) -> list[list[SegmentChange]]:
    """Changes of several writes, in the order in which they were written."""
    return [list(write) for _, write in groupby(changes, key=lambda each: each.written)]


@dataclass(frozen=True, eq=False)
class SegmentWriter:
    """Writes into one segmentation on one volume's grid.

    Attributes
    ----------
    segmentation_node : vtkMRMLSegmentationNode
    volume_node : vtkMRMLVolumeNode
        Extents count its voxels; its grey values decide where the editor's intensity range is on.
    geometry : VolumeGeometry
        Of the volume when the writer was made: what is taken back later is counted on that grid.
    ijk_to_local : numpy.ndarray
        (4, 4) from its voxel index to the segmentation's own coordinates at that time.
    """

    segmentation_node: slicer.vtkMRMLSegmentationNode
    volume_node: slicer.vtkMRMLVolumeNode
    geometry: VolumeGeometry = field(init=False, repr=False)
    ijk_to_local: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        geometry = VolumeGeometry.of(self.volume_node)
        object.__setattr__(self, "geometry", geometry)
        object.__setattr__(self, "ijk_to_local", segments.ijk_to_local(self.segmentation_node, geometry))

    def check_fits(self) -> None:
        """Raise `GeometryError` or `StateError` unless the segmentation can hold voxels of the scan as they are.

        Where it holds none yet, it is put onto the scan's grid.
        """
        segments.check_editable(self.segmentation_node)
        segments.check_grid(self.segmentation_node, self.geometry)
        segments.follow_volume_where_empty(self.segmentation_node, self.volume_node)

    def check_counts_so(self) -> None:
        """Raise `StateError` unless the segmentation's voxels are still counted as when the writer was made.

        The scan itself may have moved meanwhile, or have other grey values.
        """
        segments.check_editable(self.segmentation_node)
        if segments.lies_on(self.segmentation_node, self.ijk_to_local, self.geometry):
            return
        try:
            now = VolumeGeometry.of(self.volume_node)
            segments.check_grid(self.segmentation_node, now)  # both were carried to another place
        except RwthSamError:
            now = None
        if now is None or now.shape_kji != self.geometry.shape_kji:
            raise StateError(
                f"Segmentation '{self.segmentation_node.GetName()}' was put onto another voxel grid since this step, "
                "which cannot be taken back or done again there: nothing was changed. Undo that change first."
            )

    def held(self, extent: Extent, segment_ids: Collection[str] | None = None) -> dict[str, np.ndarray]:
        """The segments, of all or of some, that have any voxel of an extent, and which: bool (k, j, i), copies."""
        return labelmaps.voxels_by_segment(self.segmentation_node, extent, segment_ids)

    def held_by(self, segment_id: str, extent: Extent) -> np.ndarray:
        """Which voxels of an extent a segment has: bool (k, j, i), a copy."""
        return self.held(extent, [segment_id]).get(segment_id, np.zeros(extent.shape_kji, bool))

    def boxes_of(self, segment_id: str) -> Iterable[Extent]:
        """Boxes that together hold all voxels of a segment."""
        extent = labelmaps.extent_of_segment(self.segmentation_node, segment_id)
        return () if extent is None else (extent,)

    def add(self, segment_id: str, voxels_kji: np.ndarray, extent: Extent, overwritable: Sequence[str]) -> None:
        """Let a segment gain voxels; segments in `overwritable` lose theirs there, others may overlap."""
        node = self.segmentation_node
        if not labelmaps.write_in_place(node, segment_id, voxels_kji, extent, overwritable):
            self.add_by_slicer(segment_id, voxels_kji, extent, overwritable)
        for other, held in labelmaps.voxels_by_segment(node, extent, overwritable).items():
            if (held & voxels_kji).any():
                self.remove(other, held & voxels_kji, extent)

    def add_by_slicer(
        self, segment_id: str, voxels_kji: np.ndarray, extent: Extent, overwritable: Sequence[str]
    ) -> None:
        """As `add`, bool (k, j, i), by Slicer's function: it makes labelmaps larger, and lets segments overlap."""
        image = self._image(np.where(voxels_kji, 1, 0), extent)
        self._by_slicer(image, segment_id, _LOGIC.MODE_MERGE_MASK, extent, overwritable)

    def remove(self, segment_id: str, voxels_kji: np.ndarray, extent: Extent) -> None:
        """Let a segment lose voxels."""
        if not labelmaps.erase_in_place(self.segmentation_node, segment_id, voxels_kji, extent):
            self.remove_by_slicer(segment_id, voxels_kji, extent)

    def remove_by_slicer(self, segment_id: str, voxels_kji: np.ndarray, extent: Extent) -> None:
        """As `remove`, bool (k, j, i), by Slicer's own function, which also makes surfaces anew."""
        image = self._image(np.where(voxels_kji, _ERASE, _KEEP), extent)
        self._by_slicer(image, segment_id, _LOGIC.MODE_MERGE_MIN, extent, ())

    def submit(
        self,
        segment_id: str,
        voxels_kji: np.ndarray,
        extent: Extent,
        editor_node: slicer.vtkMRMLSegmentEditorNode | None = None,
        kept: Collection[str] = (),
        spared: Collection[str] = (),
    ) -> tuple[SegmentChange, ...]:
        """Add voxels to a segment as the Segment Editor would, and say what changed.

        Other segments that are `kept` have their voxels for themselves, as locked ones have; those that are `spared`
        share theirs. The editor node's overwrite mode, editable area and editable intensity range are honoured.
        All other segments lose what this one gets.

        Raises
        ------
        StateError
            If the segment's own class is locked.
        """
        self.check_unlocked(segment_id)
        before = self.held(extent)
        allowed = voxels_kji & self._editable(before, extent, editor_node)
        for other in before.keys() & set(kept) - {segment_id}:
            allowed &= ~before[other]
        overwritable = self._overwritable(segment_id, editor_node)
        self.add(segment_id, allowed, extent, [each for each in overwritable if each not in {*spared, *kept}])
        return tuple(self._changes(before, extent))

    def erase(
        self,
        segment_id: str,
        voxels_kji: np.ndarray,
        extent: Extent,
        editor_node: slicer.vtkMRMLSegmentEditorNode | None = None,
    ) -> tuple[SegmentChange, ...]:
        """Take voxels from a segment as the Segment Editor would, and say what changed.

        Raises
        ------
        StateError
            If the segment's class is locked.
        """
        self.check_unlocked(segment_id)
        before = self.held(extent)
        self.remove(segment_id, voxels_kji & self._editable(before, extent, editor_node), extent)
        return tuple(self._changes(before, extent))

    def withheld(
        self, voxels_kji: np.ndarray, extent: Extent, editor_node: slicer.vtkMRMLSegmentEditorNode | None
    ) -> np.ndarray | None:
        """Of voxels to be submitted those that locks or the editor's masks leave out, or None where that is none."""
        if not self._may_withhold(editor_node):
            return None
        held = self.held(extent)
        left_out = voxels_kji & ~self._editable(held, extent, editor_node)
        return left_out if left_out.any() else None

    def held_for_themselves(self, segment_id: str, extent: Extent, kept: Collection[str]) -> dict[str, np.ndarray]:
        """What others than a segment have within an extent and do not give: locked ones, and those that are `kept`."""
        node = self.segmentation_node
        others = [each for each in segments.segment_ids(node) if each in kept or segments.is_locked(node, each)]
        others = [each for each in others if each != segment_id]
        return self.held(extent, others) if others else {}

    def spared(self, segment_id: str, editor_node: slicer.vtkMRMLSegmentEditorNode | None) -> tuple[str, ...]:
        """Unlocked segments that keep voxels which a segment gains, because the editor does not overwrite them."""
        overwritable = {segment_id, *self._overwritable(segment_id, editor_node)}
        every = segments.segment_ids(self.segmentation_node)
        return tuple(
            each for each in every if each not in overwritable and not segments.is_locked(self.segmentation_node, each)
        )

    def check_unlocked(self, segment_id: str) -> None:
        """Raise `StateError` if a segment's class is locked."""
        if segments.is_locked(self.segmentation_node, segment_id):
            name = self.segmentation_node.GetSegmentation().GetSegment(segment_id).GetName()
            raise StateError(f"Class '{name}' is locked: unlock it in the profile or choose another class.")

    def holds_any(self, change: SegmentChange) -> bool:
        """Whether the segment of a change has any of the voxels that it gained then."""
        if self.segmentation_node.GetSegmentation().GetSegment(change.segment_id) is None:
            return False
        # slab by slab: the first one mostly tells
        k_min, (slices, _, _) = change.extent.k_min, change.extent.shape_kji
        for first in range(0, slices, _SLICES_AT_ONCE):
            gained = change.gained.to_array(first, first + _SLICES_AT_ONCE)
            if not gained.any():
                continue
            slab = change.extent._replace(k_min=k_min + first, k_max=k_min + first + len(gained) - 1)
            if (self.held_by(change.segment_id, slab) & gained).any():
                return True
        return False

    def take_back(self, changes: Sequence[SegmentChange]) -> None:
        """Undo what `submit` and `erase` did, the last write first.

        Raises
        ------
        StateError
            If the segmentation was put onto another grid meanwhile. Nothing is changed then.
        """
        self.check_counts_so()
        for write in reversed(_by_write(changes)):
            self._change([(each, each.lost, each.gained) for each in write])

    def do_again(self, changes: Sequence[SegmentChange]) -> None:
        """Redo what `take_back` undid; raises as that does."""
        self.check_counts_so()
        for write in _by_write(changes):
            self._change([(each, each.gained, each.lost) for each in write])

    def _change(self, steps: Sequence[tuple[SegmentChange, PackedVoxels, PackedVoxels]]) -> None:
        """Give segments the first voxels and take the second, as one write: all losses first, else two share a voxel.

        Slicer answers a shared voxel by moving a segment to a labelmap of its own, which undo would not take back.
        """
        # a segment removed meanwhile by the user: there is nothing to restore into
        segmentation = self.segmentation_node.GetSegmentation()
        present = [step for step in steps if segmentation.GetSegment(step[0].segment_id) is not None]
        for change, _, lost in present:
            if lost.any:
                self.remove(change.segment_id, lost.to_array(), change.extent)
        for change, gained, _ in present:
            if gained.any:
                self.add(change.segment_id, gained.to_array(), change.extent, overwritable=())

    def _changes(self, before: dict[str, np.ndarray], extent: Extent) -> list[SegmentChange]:
        after = self.held(extent)
        nothing = np.zeros(extent.shape_kji, bool)
        every = (
            SegmentChange.between(each, extent, before.get(each, nothing), after.get(each, nothing))
            for each in {**before, **after}
        )
        number = next(_writes)
        return [replace(change, written=number) for change in every if change is not None]

    def _may_withhold(self, editor_node: slicer.vtkMRMLSegmentEditorNode | None) -> bool:
        node = self.segmentation_node
        if any(segments.is_locked(node, each) for each in segments.segment_ids(node)):
            return True
        return editor_node is not None and bool(
            editor_node.GetMaskMode() != _NODE.EditAllowedEverywhere or editor_node.GetSourceVolumeIntensityMask()
        )

    def _overwritable(self, segment_id: str, editor_node: slicer.vtkMRMLSegmentEditorNode | None) -> list[str]:
        mode = editor_node.GetOverwriteMode() if editor_node else _EDITOR.OverwriteAllSegments
        if mode == _EDITOR.OverwriteNone:
            return []
        others = [each for each in segments.segment_ids(self.segmentation_node) if each != segment_id]
        unlocked = [each for each in others if not segments.is_locked(self.segmentation_node, each)]
        return [each for each in unlocked if mode != _EDITOR.OverwriteVisibleSegments or self._is_visible(each)]

    def _editable(
        self, held: dict[str, np.ndarray], extent: Extent, editor_node: slicer.vtkMRMLSegmentEditorNode | None
    ) -> np.ndarray:
        """Voxels that may change: outside locked segments, inside the editor's editable area and intensity range."""
        editable = np.ones(extent.shape_kji, bool)
        for segment_id, voxels in held.items():
            if segments.is_locked(self.segmentation_node, segment_id):
                editable &= ~voxels
        if editor_node is not None:
            if editor_node.GetMaskSegmentID() in segments.segment_ids(self.segmentation_node):
                held = {editor_node.GetMaskSegmentID(): np.zeros_like(editable), **held}  # it may have no voxel here
            editable &= _inside_editable_area(held, editor_node, self._is_visible)
            editable &= self._inside_intensity_range(extent, editor_node)
        return editable

    def _inside_intensity_range(
        self, extent: Extent, editor_node: slicer.vtkMRMLSegmentEditorNode
    ) -> np.ndarray | np.bool_:
        if not editor_node.GetSourceVolumeIntensityMask():
            return np.True_
        lower, upper = editor_node.GetSourceVolumeIntensityMaskRange()
        grey = volume_array_kji(self.volume_node)[extent.slices_kji()]
        inside: np.ndarray = (grey >= lower) & (grey <= upper)
        return inside

    def _is_visible(self, segment_id: str) -> bool:
        display = self.segmentation_node.GetDisplayNode()
        return display is None or bool(display.GetSegmentVisibility(segment_id))

    def _image(self, values_kji: np.ndarray, extent: Extent) -> slicer.vtkOrientedImageData:
        # exactly on the labelmaps that are there: Slicer would resample them to any other grid
        there = (each for each, _ in labelmaps.layers_of(self.segmentation_node, None) if not each.IsEmpty())
        own = next(map(labelmaps.ijk_to_local_of, there), self.ijk_to_local)
        return labelmaps.oriented_image(values_kji, extent, own)

    def _by_slicer(
        self, image: slicer.vtkOrientedImageData, segment_id: str, mode: int, extent: Extent, gives: Sequence[str]
    ) -> None:
        node = self.segmentation_node
        if not _LOGIC.SetBinaryLabelmapToSegment(image, node, segment_id, mode, extent, False, list(gives)):
            raise StateError(
                f"Segmentation '{node.GetName()}' did not take the voxels: make 'Binary labelmap' its source "
                "representation in the module Segmentations, or begin a new segmentation."
            )


def _inside_editable_area(
    held: dict[str, np.ndarray], editor_node: slicer.vtkMRMLSegmentEditorNode, is_visible: Callable[[str], bool]
) -> np.ndarray | np.bool_:
    """Slicer's 'editable area' choices, evaluated within the extent."""
    mode = editor_node.GetMaskMode()
    if mode == _NODE.EditAllowedInsideSingleSegment:
        return held.get(editor_node.GetMaskSegmentID(), np.True_)
    visible_only = mode in (_NODE.EditAllowedInsideVisibleSegments, _NODE.EditAllowedOutsideVisibleSegments)
    voxels = [held[each] for each in held if not visible_only or is_visible(each)]
    covered: np.ndarray | np.bool_ = np.any(voxels, axis=0) if voxels else np.False_
    if mode in (_NODE.EditAllowedInsideAllSegments, _NODE.EditAllowedInsideVisibleSegments):
        return covered
    if mode in (_NODE.EditAllowedOutsideAllSegments, _NODE.EditAllowedOutsideVisibleSegments):
        return ~covered
    return np.True_
