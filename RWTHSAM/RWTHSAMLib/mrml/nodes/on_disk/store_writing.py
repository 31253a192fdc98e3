"""Writing masks into classes that lie on the disk: the voxels in a label store, and what the views show of them.

The segmentation in the scene holds the classes of the coarser level that the views show. It follows the store after
every write.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import slicer

from ....core.extent import Extent
from ....errors import StateError
from ....volumes.formats.color_table import NamedLabel
from ....volumes.lazy_volume import block_bytes
from ....volumes.ome_zarr.label_store import LabelStore
from ....volumes.ome_zarr.merging import Merging, labels_in
from .. import segments
from ..writing import SegmentWriter


@dataclass(frozen=True, eq=False)
class StoreWriter(SegmentWriter):
    """Writes into a label store; `volume_node` says where its finest voxels lie and has none itself.

    A voxel of a store has one label: what the host's overwrite mode would let overlap stays with its class.

    Attributes
    ----------
    opened : callable
        Gives the store, made if it is not there yet.
    overview_node : vtkMRMLVolumeNode
        The level that the views show.
    overview_level : int
        Which level of the store that is.
    """

    opened: Callable[[], LabelStore]
    overview_node: slicer.vtkMRMLVolumeNode
    overview_level: int

    def check_fits(self) -> None:
        """Raise unless there is a store, made if need be, and the segmentation can show what it holds."""
        self._overview.check_fits()
        self._named(self.opened())

    def check_counts_so(self) -> None:
        """Raise as `check_fits` does: the store itself is never put onto another grid."""
        self.check_fits()

    def held(self, extent: Extent, segment_ids: Collection[str] | None = None) -> dict[str, np.ndarray]:
        """The segments, of all or of some, that have any voxel of an extent, and which: bool (k, j, i), copies."""
        store, node = self.opened(), self.segmentation_node
        labels = store.read(extent)
        present = labels_in(labels)
        wanted = segments.segment_ids(node) if segment_ids is None else segment_ids
        label_of = {each: store.label_of(_class_of(node, each)) for each in wanted}
        return {each: labels == label for each, label in label_of.items() if label in present}

    def boxes_of(self, segment_id: str) -> Iterable[Extent]:
        """Boxes that together hold all voxels of a segment."""
        return self.opened().boxes()

    def add(self, segment_id: str, voxels_kji: np.ndarray, extent: Extent, overwritable: Sequence[str]) -> None:
        """Let a segment gain voxels that nobody has, or segments in `overwritable`, which lose them."""
        store, node = self._named(self.opened()), self.segmentation_node
        labels = store.read(extent)
        free = [0, *(store.label_of(_class_of(node, each)) for each in overwritable)]
        own = store.label_of(_class_of(node, segment_id))
        self._write(store, extent, np.where(voxels_kji & np.isin(labels, free), own, labels))

    def remove(self, segment_id: str, voxels_kji: np.ndarray, extent: Extent) -> None:
        """Let a segment lose voxels."""
        store = self.opened()
        labels, own = store.read(extent), store.label_of(_class_of(self.segmentation_node, segment_id))
        self._write(store, extent, np.where(voxels_kji & (labels == own), 0, labels))

    def show_all(self) -> None:
        """Let the segmentation show whatever the store holds."""
        whole = self.opened().grids[self.overview_level].extent
        slices, rows, columns = whole.shape_kji
        at_once = max(1, block_bytes() // (rows * columns))
        for first in range(0, slices, at_once):
            self._show(whole._replace(k_min=first, k_max=min(slices, first + at_once) - 1))

    # inside

    def _inside_intensity_range(
        self, extent: Extent, editor_node: slicer.vtkMRMLSegmentEditorNode
    ) -> np.ndarray | np.bool_:
        if editor_node.GetSourceVolumeIntensityMask():
            raise StateError(
                "The editor's range of grey values counts in memory only, and this scan stays on the disk: switch the "
                "range off."
            )
        return np.True_

    @property
    def _overview(self) -> SegmentWriter:
        return SegmentWriter(self.segmentation_node, self.overview_node)

    def _write(self, store: LabelStore, extent: Extent, labels_kji: np.ndarray) -> None:
        try:
            store.write(extent, labels_kji)
        finally:  # of a disk that became full as well: what is there is seen
            self._show_coarser(store, extent)

    def _show_coarser(self, store: LabelStore, extent: Extent) -> None:
        shown: Extent | None = extent
        for finer, coarser in zip(store.grids, store.grids[1 : self.overview_level + 1], strict=False):
            shown = None if shown is None else Merging.between(finer, coarser).coarser(shown)
        if shown is not None:
            self._show(shown)

    def _show(self, extent: Extent) -> None:
        """Let the segmentation show what the store's coarser level has in an extent of it."""
        store, node, overview = self.opened(), self.segmentation_node, self._overview
        labels, before = store.read(extent, self.overview_level), overview.held(extent)
        label_of = {each: store.label_of(_class_of(node, each)) for each in segments.segment_ids(node)}
        for segment_id, held in before.items():
            gone = held & (labels != label_of[segment_id])
            if (box := Extent.around(gone, extent.first_ijk)) is not None:
                overview.remove(segment_id, gone[box.slices_kji(extent.first_ijk)], box)
        present = labels_in(labels)
        for segment_id in (each for each, label in label_of.items() if label in present):
            voxels = labels == label_of[segment_id]
            new = voxels & ~before[segment_id] if segment_id in before else voxels
            if (box := Extent.around(new, extent.first_ijk)) is not None:
                overview.add(segment_id, new[box.slices_kji(extent.first_ijk)], box, overwritable=())

    def _named(self, store: LabelStore) -> LabelStore:
        """The store, which names the classes as the segments are named now."""
        node = self.segmentation_node
        segmentation = node.GetSegmentation()
        named = []
        for segment_id in segments.segment_ids(node):
            segment = segmentation.GetSegment(segment_id)
            red, green, blue = segment.GetColor()
            named.append(NamedLabel(0, segment.GetName(), (red, green, blue), _class_of(node, segment_id)))
        store.labels_for(named)
        return store


def _class_of(node: slicer.vtkMRMLSegmentationNode, segment_id: str) -> str:
    return segments.class_id_of(node, segment_id) or segment_id
