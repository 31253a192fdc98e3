"""Blocks of voxels on their way into classes, and what a record has to say of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

import numpy as np
import slicer

from ...core.extent import Extent
from ...core.json_document import Json
from ...core.placed_masks import PlacedMasks, count, placed
from ...record.steps import MadeWith, RecordedVoxels, SubmittedStep
from . import segments
from .kept_voxels import KeptVoxels
from .writing import SegmentChange, SegmentWriter


@dataclass(frozen=True)
class Source:
    """Where voxels come from that no prompts give again: they are recorded themselves.

    Attributes
    ----------
    text : str
        For people: ``"automatic masks"``.
    details : dict
        Settings, JSON.
    """

    text: str
    details: dict[str, Json] = field(default_factory=dict)


class WrittenBlocks:
    """Writes blocks into classes as one submission.

    Parameters
    ----------
    writer : SegmentWriter
    segment_ids : mapping
        By the id of the class.
    shape_kji : tuple of int
        Of the volume.
    editor_node : vtkMRMLSegmentEditorNode, optional
    kept : mapping
        By the id of the class that is written, the other segments that keep their voxels: see `SegmentWriter.submit`.
    source : Source, optional
        Records the voxels themselves.

    Attributes
    ----------
    changes : list of SegmentChange
        Of all blocks so far.
    kept_voxels : KeptVoxels
        Of all blocks so far, those that other segments have kept.
    """

    def __init__(
        self,
        writer: SegmentWriter,
        segment_ids: Mapping[str, str],
        shape_kji: tuple[int, int, int],
        editor_node: slicer.vtkMRMLSegmentEditorNode | None = None,
        kept: Mapping[str, Collection[str]] | None = None,
        source: Source | None = None,
    ) -> None:
        self._writer, self._segment_ids, self._shape_kji = writer, segment_ids, shape_kji
        self._editor_node, self._kept, self._source = editor_node, kept or {}, source
        self._withheld: dict[str, PlacedMasks] = {}
        self._masks: dict[str, PlacedMasks] = {}
        self._lost: dict[str, PlacedMasks] = {}
        self.changes: list[SegmentChange] = []
        self.kept_voxels = KeptVoxels()

    def erase(self, blocks: Iterable[tuple[str, np.ndarray, Extent]]) -> None:
        """Take voxels from classes: class, bool (k, j, i), and where they lie."""
        for class_id, voxels, extent in blocks:
            if self._source is not None:
                self._lost[class_id] = self._and(self._lost.get(class_id, ()), voxels, extent)
            self.changes += self._writer.erase(self._segment_ids[class_id], voxels, extent, self._editor_node)

    def write(self, blocks: Iterable[tuple[str, np.ndarray, Extent]]) -> None:
        """Write blocks: class, bool (k, j, i), and where they lie."""
        for class_id, voxels, extent in blocks:
            withheld = self._writer.withheld(voxels, extent, self._editor_node)
            if withheld is not None:
                self._withheld[class_id] = self._and(self._withheld.get(class_id, ()), withheld, extent)
            if self._source is not None:
                self._masks[class_id] = self._and(self._masks.get(class_id, ()), voxels, extent)
            segment_id, kept = self._segment_ids[class_id], self._kept.get(class_id, ())
            self.kept_voxels.add(voxels, extent, self._writer.held_for_themselves(segment_id, extent, kept))
            self.changes += self._writer.submit(segment_id, voxels, extent, self._editor_node, kept)

    def steps(self, known: Iterable[SubmittedStep], made_with: MadeWith) -> tuple[SubmittedStep, ...]:
        """What a record says of it: the steps that are known, and the voxels themselves if they have a source."""
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        every = [*known, *map(self._recorded, dict.fromkeys((*self._lost, *self._masks)))]
        return tuple(
            replace(
                each,
                time=now,
                made_with=made_with,
                withheld=self._withheld.get(each.class_id, ()),
                spared=self._spared(each.class_id),
                kept=self._class_ids(self._kept.get(each.class_id, ())),
            )
            for each in every
        )

    def _and(self, before: PlacedMasks, voxels: np.ndarray, extent: Extent) -> PlacedMasks:
        return before + placed(voxels, extent, self._shape_kji)

    def _recorded(self, class_id: str) -> RecordedVoxels:
        assert self._source is not None
        masks, lost = self._masks.get(class_id, ()), self._lost.get(class_id, ())
        source = self._source
        return RecordedVoxels(masks, class_id, source.text, details=source.details, lost=lost, voxels=count(masks))

    def _spared(self, class_id: str) -> tuple[str, ...]:
        kept = self._kept.get(class_id, ())
        spared = self._writer.spared(self._segment_ids[class_id], self._editor_node)
        return self._class_ids([each for each in spared if each not in kept])

    def _class_ids(self, segment_ids: Iterable[str]) -> tuple[str, ...]:
        ids = [segments.class_id_of(self._writer.segmentation_node, each) for each in segment_ids]
        return tuple(each for each in ids if each is not None)
