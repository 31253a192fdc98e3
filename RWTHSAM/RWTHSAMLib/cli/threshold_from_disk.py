"""``rwthsam threshold`` of a scan or segmentation that memory has no room for: slab by slab, with the same result."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import numpy as np

from .. import __version__
from ..algorithms.threshold.from_disk import (
    BYTES_OF_A_VOXEL,
    Region,
    classes_without_voxels,
    held,
    kept_from_disk,
)
from ..core.extent import Extent
from ..core.overwriting import Overwriting
from ..core.placed_masks import PlacedMasks, count, placed, within
from ..core.profile import SegmentationProfile
from ..core.settings.threshold import ThresholdSettings
from ..core.voxel_size import checked_spacing
from ..errors import StateError
from ..record.record_file import MAX_BYTES, SegmentationRecord
from ..record.steps import MadeWith, RecordedVoxels
from ..volumes.formats.segment_keys import Place
from ..volumes.label_slabs import label_type
from ..volumes.labelled_slabs import LabelledSlabs
from ..volumes.lazy_segmentation import LazySegmentation
from ..volumes.scan import Scan
from . import class_writing
from .options import note
from .reading import segments_of
from .recorded import facts_of_scan
from .threshold_classes import named_classes

if TYPE_CHECKING:
    import slicer

    from ..mrml.session.parts.threshold_refinement import ThresholdRefinement


def threshold_from_disk(
    given: argparse.Namespace, choices: ThresholdSettings, found: LazySegmentation, scan: Scan
) -> None:
    """Threshold and write.

    Parameters
    ----------
    given : argparse.Namespace
        What the command takes.
    choices : ThresholdSettings
    found : LazySegmentation
    scan : Scan
        That it was made on, with the voxel size of its file.

    Raises
    ------
    ProfileError
        If a class that is named is not there.
    StateError
        If one has no voxels or is locked, or nothing is left.
    """
    from ..mrml.nodes import record_tag, segments
    from ..mrml.nodes.segmentation_slabs import write_slabs
    from ..mrml.nodes.standalone import new_scene
    from ..mrml.nodes.volumes import add_place_of_volume

    scene = new_scene()
    node = segments_of(scene, found, given.segmentation)
    profile, wanted = named_classes(node, given, choices)
    segments.take_classes(node, profile)
    slabs = LabelledSlabs(found, scan, BYTES_OF_A_VOXEL)
    sized = scan if given.voxel_size is None else scan.with_spacing(checked_spacing(given.voxel_size))
    change = _Change(_places(node, found), profile, wanted, class_writing.overwriting_of(given.overwrite, profile))
    i_mm, j_mm, k_mm = sized.spacing_mm
    change.find(slabs, (k_mm, j_mm, i_mm))
    place = add_place_of_volume(scene, sized.grid, scan.name, sized.unit_known)
    node.SetReferenceImageGeometryParameterFromVolumeNode(place)
    segments.keep_unit(node, place)
    before = record_tag.kept(node) or SegmentationRecord(())
    facts = replace(facts_of_scan(sized), name=scan.name)
    made_with = MadeWith(program=f"RWTHSAM {__version__}")
    steps = (*before.all_steps(), replace(change.step(), made_with=made_with))
    record = SegmentationRecord(steps, made_with, facts, profile)
    if len(record.to_json()) > MAX_BYTES:
        note("There is more in it than a record may hold: the file does not say how it was made.")
        record = replace(record, steps=())
    record_tag.keep(node, record)
    write_slabs(node, change.slabs(slabs), sized.grid, given.output, [*change.places.values()])
    note(f"{count(change.kept):,} voxels were left of '{given.source}': {change.summary()}")


def _places(node: slicer.vtkMRMLSegmentationNode, found: LazySegmentation) -> dict[str, Place]:
    """Layer and label of every class, by its id, in the order of segments; a new one gets a label of its own."""
    from ..mrml.nodes import segments

    known = found.places
    free = 0, 1 + max((label for layer, label in known.values() if layer == 0), default=0)
    ids = segments.segment_ids(node)
    return {segments.class_id_of(node, each) or each: known.get(each, free) for each in ids}


@dataclass(frozen=True, eq=False)
class _Applied:
    """What became of some slices: labels (k, j, i, layers), and voxels (k, j, i) that the record tells of."""

    labels: np.ndarray
    lost: np.ndarray
    withheld: np.ndarray
    added: int
    taken: Counter[str]
    left: Counter[str]


class _Change:
    """What a threshold does to the classes of a file, as a submit does it in memory.

    Parameters
    ----------
    places : dict
        Layer and label of every class, by its id.
    profile : SegmentationProfile
    wanted : ThresholdRefinement
    overwriting : Overwriting

    Attributes
    ----------
    kept : PlacedMasks
        What is left of the source.
    """

    def __init__(
        self,
        places: dict[str, Place],
        profile: SegmentationProfile,
        wanted: ThresholdRefinement,
        overwriting: Overwriting,
    ) -> None:
        self.places, self._profile, self._wanted = places, profile, wanted
        others = [each for each in places if each != wanted.target]
        giving = () if wanted.source == wanted.target else (wanted.source,)
        self._keeping = tuple(each for each in others if not (each in giving or overwriting.takes_from(each)))
        self._locked = tuple(each.id for each in profile.classes if each.locked)
        self._losing = tuple(each for each in others if each not in {*self._keeping, *self._locked})
        self._lost: PlacedMasks = ()
        self._withheld: PlacedMasks = ()
        self._added, self._taken, self._left = 0, Counter[str](), Counter[str]()
        self.kept: PlacedMasks = ()

    def find(self, slabs: LabelledSlabs, spacing_mm_kji: tuple[float, float, float]) -> None:
        """Find what is kept, and what that does to each class."""
        wanted, places = self._wanted, self.places
        region = Region(
            places[wanted.source],
            tuple(places[each] for each in wanted.outside),
            tuple(places[each] for each in wanted.inside),
        )
        self._check(slabs, (wanted.source, *wanted.outside, *wanted.inside))
        self.kept = kept_from_disk(slabs, region, wanted.settings, spacing_mm_kji)
        if not self.kept:
            raise StateError("Nothing is left of it: widen the grey values or the rim.")
        for part, applied in self._applied(slabs):
            self._lost += placed(applied.lost, part, slabs.shape_kji)
            self._withheld += placed(applied.withheld, part, slabs.shape_kji)
            self._added += applied.added
            self._taken += applied.taken
            self._left += applied.left

    def _check(self, slabs: LabelledSlabs, class_ids: tuple[str, ...]) -> None:
        missing = classes_without_voxels(slabs, [self.places[each] for each in class_ids])
        for each in class_ids:
            if self.places[each] in missing:
                raise StateError(f"Class '{self._profile.require_class(each).name}' has no voxels yet.")
        if self._wanted.target in self._locked:
            name = self._profile.require_class(self._wanted.target).name
            raise StateError(f"Class '{name}' is locked: unlock it in the profile or choose another class.")

    def step(self) -> RecordedVoxels:
        """What a record says of it."""
        wanted, names = self._wanted, {each.id: each.name for each in self._profile.classes}
        is_same = wanted.source == wanted.target
        masks = () if is_same else self.kept
        return RecordedVoxels(
            masks,
            wanted.target,
            f"'{names[wanted.source]}' thresholded",
            details=asdict(wanted),
            lost=self._lost if is_same else (),
            voxels=count(masks),
            time=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            withheld=self._withheld,
            kept=self._keeping,
        )

    def slabs(self, slabs: LabelledSlabs) -> Iterator[np.ndarray]:
        """The new labels of all slices, (k, j, i) or (k, j, i, layers)."""
        most = max(label for _, label in self.places.values())
        layers = 1 + max(layer for layer, _ in self.places.values())
        for _, applied in self._applied(slabs):
            labels = applied.labels[..., :layers]
            labels[labels > most] = 0  # of no segment
            yield labels.astype(label_type(most), copy=False)

    def summary(self) -> str:
        """In a sentence, what classes gained and lost."""
        from ..mrml.session.parts.submit_summary import summary_of

        names = {each.id: each.name for each in self._profile.classes}
        added = {self._wanted.target: self._added} if self._added else {}
        left = {each: self._left[each] for each in self.places if self._left[each]}
        return summary_of(added, self._taken, left, names)

    def _applied(self, slabs: LabelledSlabs) -> Iterator[tuple[Extent, _Applied]]:
        whole = Extent.of_shape(slabs.shape_kji)
        for first, labels in slabs.labels():
            part = whole._replace(k_min=first, k_max=first + len(labels) - 1)
            yield part, self._applied_to(labels.copy(), within(self.kept, part))

    def _applied_to(self, labels: np.ndarray, kept: np.ndarray) -> _Applied:
        wanted, places = self._wanted, self.places
        locked = np.zeros(kept.shape, bool)
        for each in self._locked:
            locked |= held(labels, places[each])
        nothing, taken = np.zeros(kept.shape, bool), Counter[str]()
        layer, label = places[wanted.target]
        if wanted.source == wanted.target:
            lost = held(labels, places[wanted.source]) & ~kept
            taken[wanted.source] = int(np.count_nonzero(lost & ~locked))
            labels[..., layer][lost & ~locked] = 0
            return _Applied(labels, lost, nothing, 0, taken, Counter())
        keeping = [each for each in self.places if each in {*self._keeping, *self._locked}]
        left = Counter({each: int(np.count_nonzero(kept & held(labels, places[each]))) for each in keeping})
        gained = kept & ~locked
        for each in self._keeping:
            gained &= ~held(labels, places[each])
        for each in self._losing:
            theirs = gained & held(labels, places[each])
            taken[each] = int(np.count_nonzero(theirs))
            labels[..., places[each][0]][theirs] = 0
        added = int(np.count_nonzero(gained & ~held(labels, places[wanted.target])))
        labels = labels.astype(np.promote_types(labels.dtype, label_type(label)), copy=False)
        labels[..., layer][gained] = label
        return _Applied(labels, nothing, kept & locked, added, taken, left)
