"""What a command found becomes classes: in which order, who keeps what two of them want, what the record says of it."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import numpy as np

from ..core.overwriting import Overwriting
from ..core.profile import SegmentationProfile
from ..core.voxel_block import VoxelBlock
from ..errors import ProfileError, SettingsError
from ..record.steps import SubmittedStep

if TYPE_CHECKING:
    import slicer

_MODES = ("none", "all")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which class comes first, and which of them lose voxels to a later one."""
    parser.add_argument(
        "--order",
        nargs="+",
        default=[],
        metavar="CLASS",
        help="classes that are written first; the others follow as they are prompted",
    )
    add_overwrite(parser)


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """Which classes lose voxels to others."""
    parser.add_argument(
        "--overwrite",
        nargs="+",
        default=["none"],
        metavar="none|all|CLASS",
        help="classes that lose voxels which a class that is written later has too; default: none",
    )


def ordered(class_ids: Iterable[str], first: Sequence[str], profile: SegmentationProfile) -> tuple[str, ...]:
    """Class ids, those that were named first before all others.

    Raises
    ------
    SettingsError
        If a class that is named is not among them.
    """
    every = dict.fromkeys(class_ids)
    named = [_id_of(each, profile) for each in first]
    for name, class_id in zip(first, named, strict=True):
        if class_id not in every:
            known = ", ".join(profile.require_class(each).name for each in every)
            raise SettingsError(f"--order: expected classes that are prompted ({known}), got '{name}'.")
    return tuple(dict.fromkeys((*named, *every)))


def overwriting_of(words: Sequence[str], profile: SegmentationProfile) -> Overwriting:
    """Which classes lose voxels to later ones, as ``--overwrite`` says.

    Raises
    ------
    SettingsError
        If it says ``all`` or ``none`` and something else.
    ProfileError
        If it names a class that is not there.
    """
    if len(words) == 1 and words[0] in _MODES:
        return Overwriting("all" if words[0] == "all" else "none")
    if not set(words).isdisjoint(_MODES):
        raise SettingsError(f"--overwrite: expected all, none, or names of classes, got {' '.join(words)}.")
    return Overwriting("chosen", tuple(_id_of(each, profile) for each in words))


@dataclass(frozen=True, eq=False)
class FoundClass:
    """Voxels of a class, and how they are found again.

    Attributes
    ----------
    step : SubmittedStep
    blocks : sequence of VoxelBlock
    """

    step: SubmittedStep
    blocks: Sequence[VoxelBlock]


@dataclass(frozen=True)
class Shared:
    """Voxels that two classes have, and which of them has them in the end."""

    earlier_id: str
    later_id: str
    voxels: int
    is_overwritten: bool

    def text(self, profile: SegmentationProfile) -> str:
        """In words."""
        earlier, later = (profile.require_class(each).name for each in (self.earlier_id, self.later_id))
        owner = later if self.is_overwritten else earlier
        return f"{self.voxels:,} voxels are in '{earlier}' and in '{later}': '{owner}' has them (--order, --overwrite)."


class ClassWriter:
    """Writes classes into a segmentation, one after the other, and knows what several of them wanted.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode
        With a segment for each class.
    volume_node : vtkMRMLVolumeNode
    overwriting : Overwriting
        Which classes lose voxels to those that are written later; all others keep theirs.

    Attributes
    ----------
    steps : list of SubmittedStep
        For the record.
    """

    def __init__(
        self,
        node: slicer.vtkMRMLSegmentationNode,
        volume_node: slicer.vtkMRMLVolumeNode,
        overwriting: Overwriting,
    ) -> None:
        from ..mrml.nodes.writing import SegmentWriter

        self._node, self._overwriting = node, overwriting
        self._writer = SegmentWriter(node, volume_node)
        self._shared: Counter[tuple[str, str]] = Counter()
        self._written: dict[str, str] = {}  # segments by class
        self.steps: list[SubmittedStep] = []

    @property
    def shared(self) -> tuple[Shared, ...]:
        """What two classes have, in the order of writing."""
        takes_from = self._overwriting.takes_from
        return tuple(Shared(*pair, voxels, takes_from(pair[0])) for pair, voxels in self._shared.items())

    def write(self, found: FoundClass) -> None:
        """Write a class."""
        from ..mrml.nodes import segments

        class_id = found.step.class_id
        segment_id = segments.segment_id_of_class(self._node, class_id)
        assert segment_id is not None  # there is one for each class
        kept = {each: own for each, own in self._written.items() if not self._overwriting.takes_from(each)}
        for block in found.blocks:
            self._count_shared(block, class_id)
            self._writer.submit(segment_id, *block, kept=[*kept.values()])
        self._written[class_id] = segment_id
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        voxels = sum(int(np.count_nonzero(each.voxels_kji)) for each in found.blocks)
        self.steps.append(replace(found.step, time=now, voxels=voxels, kept=tuple(kept)))

    def _count_shared(self, block: VoxelBlock, class_id: str) -> None:
        from ..mrml.nodes import labelmaps

        held = labelmaps.voxels_by_segment(self._node, block.extent, [*self._written.values()])
        for earlier, own in self._written.items():
            both = int(np.count_nonzero(held[own] & block.voxels_kji)) if own in held else 0
            if both:
                self._shared[earlier, class_id] += both


def _id_of(name: str, profile: SegmentationProfile) -> str:
    entry = profile.class_named(name) or profile.class_by_id(name)
    if entry is None:
        known = ", ".join(each.name for each in profile.classes)
        raise ProfileError(f"There is no class '{name}'; there are {known}.")
    return entry.id
