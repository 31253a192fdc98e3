"""What a submit did to the classes, in a sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import slicer

from ....core.system.counted import counted
from ...nodes.writing import SegmentChange


def summary(
    node: slicer.vtkMRMLSegmentationNode,
    changes: Sequence[SegmentChange],
    written: Collection[str],
    kept: Mapping[str, int],
) -> str:
    """How many voxels classes gained, and which classes lost how many, or kept how many of those that were meant.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode
    changes : sequence of SegmentChange
        Of one submit.
    written : collection of str
        Ids of the segments that were written to.
    kept : mapping of str to int
        How many voxels other segments have kept, by their id.
    """
    gained: dict[str, int] = {}
    lost: dict[str, int] = {}
    for each in changes:
        gained[each.segment_id] = gained.get(each.segment_id, 0) + each.gained.count
        lost[each.segment_id] = lost.get(each.segment_id, 0) + each.lost.count
    segmentation = node.GetSegmentation()
    names = {each: segmentation.GetSegment(each).GetName() for each in {*gained, *lost, *kept}}
    return summary_of({each: gained[each] for each in written if gained.get(each)}, lost, kept, names)


def summary_of(
    added: Mapping[str, int], lost: Mapping[str, int], kept: Mapping[str, int], names: Mapping[str, str]
) -> str:
    """The same of counts of voxels.

    Parameters
    ----------
    added, lost, kept : mapping of str to int
        By the ids of classes, or of segments.
    names : mapping of str to str
        By these.
    """
    taken = {each: count for each, count in lost.items() if count}
    if not any((added, taken, kept)):
        return "No voxel was added: this class, or others that keep theirs, have all of them already."
    said = [
        f"{counted(count, 'voxel')} {word} {_named(counts, names)}"
        for word, counts, count in _totals(added, taken, kept)
    ]
    return f"{', '.join(said)}." if added or taken else f"No voxel was added: {', '.join(said)}."


def _totals(
    added: Mapping[str, int], taken: Mapping[str, int], kept: Mapping[str, int]
) -> list[tuple[str, Mapping[str, int], int]]:
    every: list[tuple[str, Mapping[str, int], int]] = [("added to", added, sum(added.values()))] if added else []
    every += [("taken from", {each: count}, count) for each, count in taken.items()]
    return every + [("kept by", {each: count}, count) for each, count in kept.items()]


def _named(ids: Collection[str], names: Mapping[str, str]) -> str:
    return f"{len(ids)} classes" if len(ids) > 3 else ", ".join(f"'{names[each]}'" for each in ids)
