"""What a submit did to the classes, in a sentence."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import slicer

from ...nodes.writing import SegmentChange


def summary(node: slicer.vtkMRMLSegmentationNode, changes: Sequence[SegmentChange], written: Collection[str]) -> str:
    """How many voxels classes gained, and which classes lost how many.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode
    changes : sequence of SegmentChange
        Of one submit.
    written : collection of str
        Ids of the segments that were written to.
    """
    gained: dict[str, int] = {}
    lost: dict[str, int] = {}
    for each in changes:
        gained[each.segment_id] = gained.get(each.segment_id, 0) + each.gained.count
        lost[each.segment_id] = lost.get(each.segment_id, 0) + each.lost.count
    added = {each: gained[each] for each in written if gained.get(each)}
    taken = {each: count for each, count in lost.items() if count}
    if not added and not taken:
        return "No voxel was added: this class, or others that keep theirs, have all of them already."
    said = [f"{count:,} voxels {word} {_names(node, counts)}" for word, counts, count in _totals(added, taken)]
    return f"{', '.join(said)}."


def _totals(added: dict[str, int], taken: dict[str, int]) -> list[tuple[str, dict[str, int], int]]:
    every = [("added to", added, sum(added.values()))] if added else []
    return every + [("taken from", {each: count}, count) for each, count in taken.items()]


def _names(node: slicer.vtkMRMLSegmentationNode, segment_ids: Collection[str]) -> str:
    if len(segment_ids) > 3:
        return f"{len(segment_ids)} classes"
    segmentation = node.GetSegmentation()
    return ", ".join(f"'{segmentation.GetSegment(each).GetName()}'" for each in segment_ids)
