"""A segmentation that memory has no room for, as files for other programs: labelmaps whole, surfaces coarser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import slicer

from ...core.extent import Extent
from ...core.settings.export import Exported, ExportFormat, ExportSettings
from ...export.labelmap import LabelledClass, Overlap, label_type, merge
from ...export.surface import Surface
from ...volumes.formats.segment_keys import SegmentEntry
from ...volumes.lazy.source import SliceSource
from ...volumes.lazy_segmentation import LazySegmentation, slices_at_a_time
from ...volumes.lazy_volume import LazyVolume, lazy_volume
from ..nodes.label_grid import LabelGrid
from ..nodes.standalone import new_scene
from .closed_surfaces import surface_of_segment
from .coarser_node import coarser_node
from .export import Export

_BYTES_OF_A_VOXEL = 16


def export_from_disk(
    segmentation: LazySegmentation,
    node: slicer.vtkMRMLSegmentationNode,
    folder: Path,
    stem: str,
    formats: Sequence[ExportFormat],
    choices: ExportSettings,
) -> Exported:
    """As `export_segmentation`; labelmaps are written slice by slice.

    Surfaces are those of a coarser labelmap that fits, which is noted.

    Parameters
    ----------
    segmentation : LazySegmentation
    node : vtkMRMLSegmentationNode
        Its segments, without voxels.
    """
    return _ExportFromDisk(segmentation, node, stem, choices).into(Path(folder), formats)


class _ExportFromDisk(Export):
    """An export whose labels come from a file."""

    def __init__(
        self,
        segmentation: LazySegmentation,
        node: slicer.vtkMRMLSegmentationNode,
        stem: str,
        choices: ExportSettings,
    ) -> None:
        super().__init__(node, stem, choices)
        self._segmentation = segmentation
        self._entries = {each.id: each for each in segmentation.about.entries}
        self._scene = new_scene()  # nodes do not keep theirs
        self._coarse: slicer.vtkMRMLSegmentationNode | None = None

    def _labels(self, grid: LabelGrid, part: dict[str, LabelledClass], name: str) -> LazyVolume:
        classes = [(self._entries[each], entry) for each, entry in part.items()]
        source = _MergedLabels(self._segmentation, grid.extent, classes, label_type([*self._classes.values()]))
        self._look_through(source, [*part.values()])
        if not grid.extent.contains(self._segmentation.extent):
            self._note("Voxels outside the scan's grid are not in the labelmap.")
        return lazy_volume(source, grid.grid.ijk_to_ras, name, self._unit_known, ())

    def _look_through(self, source: _MergedLabels, classes: list[LabelledClass]) -> None:
        """Note which classes have no voxel, and which lose some; files are written of what is read again."""
        slices, rows, columns = source.shape
        step = slices_at_a_time((slices, rows, columns), _BYTES_OF_A_VOXEL)
        for first in range(0, slices, step):
            source.read(first, min(first + step, slices))
        for (loser, winner), voxels in source.overlaps.items():
            self._note(Overlap(loser, winner, voxels).sentence)
        for each in classes:
            if not source.counts[each.label]:
                self._empty.setdefault(each.name)

    def _surface(self, segment_id: str) -> Surface | None:
        if self._coarse is None:
            self._coarse, told = coarser_node(self._scene, self._segmentation)
            self._note(told)
        entry, choices = self._classes[segment_id], self._settings
        surface = surface_of_segment(self._coarse, segment_id, entry, choices.smoothing, choices.decimation)
        if surface is None:
            self._note(f"'{entry.name}' has no voxel in the coarser labelmap, and no surface.")
        return surface


class _MergedLabels(SliceSource):
    """Labels of classes that may lie in several layers; a later class has the voxels that an earlier one has too.

    Attributes
    ----------
    counts : Counter
        Voxels of each label that were read.
    overlaps : Counter
        Voxels that were read, by the class that loses them and the one that has them.
    """

    def __init__(
        self,
        segmentation: LazySegmentation,
        extent: Extent,
        classes: Sequence[tuple[SegmentEntry, LabelledClass]],
        dtype: np.dtype,
    ) -> None:
        super().__init__(Path(), extent.shape_kji, dtype)
        self._segmentation, self._classes = segmentation, classes
        self._offset = extent.first_ijk
        self.counts: Counter[int] = Counter()
        self.overlaps: Counter[tuple[LabelledClass, LabelledClass]] = Counter()

    def read(self, first: int, stop: int) -> np.ndarray:
        """Slices from `first` up to and without `stop`."""
        layers = self._segmentation.slab_of_scan(first, stop, (self.shape[0], self.shape[1], self.shape[2]))
        labels = np.zeros(layers.shape[:3], self.dtype)
        everywhere = (slice(None), slice(None), slice(None))
        masks = ((entry, layers[..., said.place[0]] == said.label, everywhere) for said, entry in self._classes)
        for overlap in merge(labels, masks, [entry for _, entry in self._classes]):
            self.overlaps[overlap.loser, overlap.winner] += overlap.voxels
        for plane in labels:  # numpy makes numbers of 8 bytes of what it counts
            self.counts.update(dict(enumerate(np.bincount(plane.ravel()).tolist())))
        return labels

    def close(self) -> None:
        """The segmentation is closed by whoever opened it."""
