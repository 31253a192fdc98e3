"""What was found without prompts, as JSON and back: every mask with its scores and the number of its object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np

from ...core.automatic_mask import FoundMask, Judgement
from ...core.json_document import Json, Node
from ...core.slices import ARRAY_AXIS, Axis, SliceKey
from ...record.mask_codec import MASK_KEYS, mask_to_dict, packed_mask_of

AXES: tuple[Axis, ...] = get_args(Axis)
_SCORES = ("predicted_iou", "stability_score", "contrast", "edge_gradient", "image_share")


@dataclass(frozen=True, eq=False)
class FoundSlices:
    """Masks of slices along one axis.

    Attributes
    ----------
    axis : str
    masks : mapping of int to tuple of FoundMask
        By the index of the slice, also of slices without any.
    numbers : mapping of (int, int) to int
        Of objects, by index of the slice and position of the mask.
    """

    axis: Axis
    masks: Mapping[int, tuple[FoundMask, ...]]
    numbers: Mapping[tuple[int, int], int]


def found_to_dict(found: FoundSlices) -> dict[str, Json]:
    """What `found_of` reads."""
    slices: list[Json] = []
    for index, masks in found.masks.items():
        listed: list[Json] = [
            _mask_to_dict(each, found.numbers.get((index, position))) for position, each in enumerate(masks)
        ]
        slices.append({"index": index, "masks": listed})
    return {"axis": found.axis, "slices": slices}


def found_of(node: Node, shape_kji: tuple[int, int, int]) -> FoundSlices:
    """Masks of a parsed document.

    Raises
    ------
    InputError
        Of the document's kind, if a mask or slice does not fit the scan.
    """
    axis = node.item("axis").one_of(AXES)
    masks: dict[int, tuple[FoundMask, ...]] = {}
    numbers: dict[tuple[int, int], int] = {}
    for each in node.item("slices").items():
        index = each.item("index").whole()
        if index >= shape_kji[ARRAY_AXIS[axis]] or index in masks:
            each.item("index").fail(f"a slice from 0 to {shape_kji[ARRAY_AXIS[axis]] - 1} that is named once")
        listed = each.item("masks").items()
        shape_yx = SliceKey(axis, index).shape_yx(shape_kji)
        masks[index] = tuple(_mask_of(part, shape_yx) for part in listed)
        for position, part in enumerate(listed):
            if (number := part.optional("number")) is not None:
                numbers[index, position] = number.whole()
    return FoundSlices(axis, masks, numbers)


def _mask_to_dict(found: FoundMask, number: int | None) -> Json:
    judged = found.judgement
    scores = (
        found.predicted_iou,
        found.stability_score,
        judged.contrast,
        judged.edge_gradient,
        judged.image_share,
    )
    told: dict[str, Json] = {
        name: float(each) if np.isfinite(each) else None for name, each in zip(_SCORES, scores, strict=True)
    }
    return {**mask_to_dict(found.mask), **told, "number": number}


def _mask_of(node: Node, shape_yx: tuple[int, int]) -> FoundMask:
    node.only(*MASK_KEYS, *_SCORES, "number")
    mask = packed_mask_of(node)
    if mask.shape_yx != shape_yx:
        node.fail(f"a mask on a slice of {shape_yx[0]} rows and {shape_yx[1]} columns")
    told = [None if (part := node.optional(name)) is None else part.number() for name in _SCORES]
    iou, stability, contrast, gradient, share = (float("inf") if each is None else each for each in told)
    return FoundMask(mask, iou, stability, Judgement(contrast, gradient, share))
