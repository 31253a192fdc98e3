"""What was found on some consecutive slices, as it is kept on disk: masks with all that was measured of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...core.automatic_mask import FoundMask, Judgement
from ...core.json_document import Node
from ...core.slices import Axis, SliceKey
from ...errors import InputError
from ...record.mask_codec import mask_to_dict, packed_mask_of
from .mask_quantities import MeasuredMask

Pairs = list[tuple[int, int]]
"""Positions of masks of a slice and of the next that are the same object."""


@dataclass(frozen=True, eq=False)
class FoundBlock:
    """Slices that were looked through.

    Attributes
    ----------
    masks : dict of int to tuple of MeasuredMask
        By the index of the slice, also of slices without any.
    touching : dict of int to frozenset of (int, int)
        Positions of masks beside or in each other, by slice.
    joined : dict of int to list of (int, int)
        `Pairs` by the index of the first of two slices; not from the last one on.
    """

    masks: dict[int, tuple[MeasuredMask, ...]]
    touching: dict[int, frozenset[tuple[int, int]]]
    joined: dict[int, Pairs]


def block_to_json(block: FoundBlock) -> dict[str, Any]:
    """What `block_of_json` reads; numbers come back exactly, those that are none included."""
    return {
        "slices": [
            {
                "index": index,
                "masks": [[mask_to_dict(each.found.mask), *_numbers(each)] for each in masks],
                "touching": sorted(map(list, block.touching[index])),
            }
            for index, masks in block.masks.items()
        ],
        "joined": [[first, [list(pair) for pair in every]] for first, every in block.joined.items()],
    }


def block_of_json(value: dict[str, Any], axis: Axis) -> FoundBlock:
    """The block of `block_to_json`, on slices along an axis."""
    masks, touching = {}, {}
    for each in value["slices"]:
        key = SliceKey(axis, each["index"])
        masks[key.index] = tuple(_mask_of(key, part) for part in each["masks"])
        touching[key.index] = frozenset((one, other) for one, other in each["touching"])
    joined = {first: [(one, other) for one, other in every] for first, every in value["joined"]}
    return FoundBlock(masks, touching, joined)


def _numbers(each: MeasuredMask) -> list[float]:
    found, judged = each.found, each.found.judgement
    scores = (found.predicted_iou, found.stability_score, judged.contrast, judged.edge_gradient, judged.image_share)
    return [float(number) for number in (*scores, each.mean_grey, each.roundness, *each.middle_xy)]


def _mask_of(key: SliceKey, part: list[Any]) -> MeasuredMask:
    mask, iou, stability, contrast, gradient, share, grey, roundness, x, y = part
    found = FoundMask(packed_mask_of(Node(mask, "", InputError)), iou, stability, Judgement(contrast, gradient, share))
    return MeasuredMask(key, found, grey, roundness, (x, y))
