"""What a command found becomes classes: in which order, who keeps what two of them want, what the record says of it."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import numpy as np

from ..core.extent import Extent
from ..core.mask import Mask
from ..core.overwriting import Overwriting
from ..core.profile import SegmentationProfile
from ..core.slices import SliceKey
from ..core.voxel_block import VoxelBlock, assembled
from ..errors import ProfileError, SettingsError
from ..record.steps import SubmittedStep
from ..volumes.label_slabs import label_type

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
    masks : sequence of (SliceKey, Mask)
        On different slices; none is empty.
    """

    step: SubmittedStep
    masks: Sequence[tuple[SliceKey, Mask]]


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


class ClassPainter:
    """Paints classes over or beside each other, a part of the scan at a time, and knows what several of them wanted.

    Parameters
    ----------
    found : sequence of FoundClass
        The one that is written first goes first.
    labels : mapping of str to int
        Of every class, by its id; from 1.
    overwriting : Overwriting
        Which classes lose voxels to those that are written later; all others keep theirs.

    Attributes
    ----------
    counts : Counter
        Voxels of each class, by its id, in the parts that were painted.
    """

    def __init__(self, found: Sequence[FoundClass], labels: Mapping[str, int], overwriting: Overwriting) -> None:
        self._found = [(each, [key.extent(mask.bounds_xyxy) for key, mask in each.masks]) for each in found]
        self._labels, self._overwriting = labels, overwriting
        self._shared: Counter[tuple[str, str]] = Counter()
        self.counts: Counter[str] = Counter()

    @property
    def shared(self) -> tuple[Shared, ...]:
        """What two classes have, in the order of writing."""
        ids = [each.step.class_id for each, _ in self._found]
        pairs = sorted(self._shared, key=lambda pair: (ids.index(pair[1]), ids.index(pair[0])))
        takes_from = self._overwriting.takes_from
        return tuple(Shared(*pair, self._shared[pair], takes_from(pair[0])) for pair in pairs)

    @property
    def steps(self) -> tuple[SubmittedStep, ...]:
        """What was done, for the record."""
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        steps: list[SubmittedStep] = []
        for each, _ in self._found:
            kept = tuple(step.class_id for step in steps if not self._overwriting.takes_from(step.class_id))
            steps.append(replace(each.step, time=now, voxels=sum(mask.area for _, mask in each.masks), kept=kept))
        return tuple(steps)

    def painted(self, part: Extent) -> np.ndarray:
        """Labels (k, j, i) of a part of the scan."""
        labels = np.zeros(part.shape_kji, label_type(len(self._labels)))
        written: dict[str, int] = {}
        for each, extents in self._found:
            class_id = each.step.class_id
            inside = _inside(each.masks, extents, part)
            for earlier, label in written.items():
                both = inside & (labels == label)
                if count := int(np.count_nonzero(both)):
                    self._shared[earlier, class_id] += count
                    if not self._overwriting.takes_from(earlier):
                        inside &= ~both
            written[class_id] = self._labels[class_id]
            labels[inside] = written[class_id]
        for class_id, label in written.items():
            self.counts[class_id] += int(np.count_nonzero(labels == label))
        return labels

    def slabs(self, shape_kji: tuple[int, int, int], most_bytes: int) -> Iterator[np.ndarray]:
        """Labels of all slices in their order, about so many bytes at a time, but one slice at least."""
        whole = Extent.of_shape(shape_kji)
        depth = max(1, most_bytes // (shape_kji[1] * shape_kji[2]))
        for first in range(0, shape_kji[0], depth):
            yield self.painted(whole._replace(k_min=first, k_max=min(first + depth - 1, whole.k_max)))


def _inside(masks: Sequence[tuple[SliceKey, Mask]], extents: Sequence[Extent], part: Extent) -> np.ndarray:
    there = (mask for mask, extent in zip(masks, extents, strict=True) if extent.intersection(part) is not None)
    return assembled((VoxelBlock.of_mask(mask, key) for key, mask in there), part)


def _id_of(name: str, profile: SegmentationProfile) -> str:
    entry = profile.class_named(name) or profile.class_by_id(name)
    if entry is None:
        known = ", ".join(each.name for each in profile.classes)
        raise ProfileError(f"There is no class '{name}'; there are {known}.")
    return entry.id
