"""A propagated object that is not submitted yet, as a project keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np

from ....algorithms.propagation.track import End, TrackedSlice
from ....algorithms.propagation.tracks import PropagatedObject
from ....core.json_document import Json, Node
from ....core.mask import Mask, PackedMask
from ....core.prompts import Prompts
from ....core.settings.propagation_run import PropagationRunSettings
from ....core.slices import ARRAY_AXIS, Axis, SliceKey
from ....record.mask_codec import mask_to_dict, packed_mask_of
from ....record.prompt_codec import prompts_of, prompts_to_dict

_AXES: tuple[Axis, ...] = get_args(Axis)
_KEYS = ("axis", "slices", "keyframes", "ends", "doubtful", "settings", "is_whole")


@dataclass(frozen=True, eq=False)
class Keyframes:
    """What an object was propagated from.

    Attributes
    ----------
    axis : str
    masks : mapping of int to Mask
        Of prompted slices, and of others that are right, by index.
    own : mapping of int to Mask
        Those of them that stay without prompts: taken from a class, or confirmed.
    """

    axis: Axis
    masks: Mapping[int, Mask]
    own: Mapping[int, Mask]


@dataclass(frozen=True, eq=False)
class KnownObject:
    """An object and what it came from, to be given back by an undo.

    Attributes
    ----------
    keyframes : Keyframes
    result : PropagatedObject
    settings : PropagationRunSettings
    prompts : mapping of int to Prompts
        Of the keyframes that have prompts.
    is_whole : bool
        False where the propagation was stopped before its end.
    scan_version : int
        Which of the scan's voxels it was found in.
    """

    keyframes: Keyframes
    result: PropagatedObject
    settings: PropagationRunSettings
    prompts: Mapping[int, Prompts]
    is_whole: bool
    scan_version: int = 0


def known_to_dict(known: KnownObject) -> dict[str, Json]:
    """What `known_of` reads."""
    keyframes, axis = known.keyframes, known.keyframes.axis
    slices: list[Json] = [
        {
            "index": each.index,
            "mask": _mask_to_dict(each.mask),
            "score": float(each.score),
            "remark": each.remark,
            "is_filled": each.is_filled,
            "weakness": each.weakness,
        }
        for each in known.result.slices
    ]
    from_slices: list[Json] = [
        {
            "index": index,
            "mask": _mask_to_dict(mask),
            "own": index in keyframes.own,
            "prompts": prompts_to_dict(known.prompts[index], SliceKey(axis, index)) if index in known.prompts else None,
        }
        for index, mask in keyframes.masks.items()
    ]
    ends: list[Json] = [{"index": each.index, "reason": each.reason} for each in known.result.ends]
    return {
        "axis": axis,
        "slices": slices,
        "keyframes": from_slices,
        "ends": ends,
        "doubtful": [each.index for each in known.result.doubtful],
        "settings": known.settings.to_dict(),
        "is_whole": known.is_whole,
    }


def known_of(node: Node, shape_kji: tuple[int, int, int], scan_version: int) -> KnownObject:
    """The object of a parsed document.

    Raises
    ------
    InputError
        Of the document's kind, if anything is missing or does not fit the scan.
    """
    node.only(*_KEYS)
    axis = node.item("axis").one_of(_AXES)
    reading = _Reading(axis, shape_kji)
    slices = {each.index: each for each in map(reading.tracked, node.item("slices").items(1))}
    keyframes = [(reading.index(each), each) for each in node.item("keyframes").items(1)]
    masks = {index: reading.mask(each.item("mask"), index) for index, each in keyframes}
    own = {index: masks[index] for index, each in keyframes if each.item("own").flag()}
    prompts = {
        index: prompts_of(part, SliceKey(axis, index))
        for index, each in keyframes
        if (part := each.optional("prompts")) is not None
    }
    ends = tuple(End(reading.index(each), each.item("reason").text()) for each in node.item("ends").items())
    doubtful = []
    for each in node.item("doubtful").items():
        if each.whole() not in slices:
            each.fail("a slice of the object")
        doubtful.append(slices[each.whole()])
    ordered = tuple(slices[index] for index in sorted(slices))
    return KnownObject(
        Keyframes(axis, masks, own),
        PropagatedObject(ordered, ends, tuple(doubtful)),
        PropagationRunSettings.of(node.item("settings")),
        prompts,
        node.item("is_whole").flag(),
        scan_version,
    )


class _Reading:
    def __init__(self, axis: Axis, shape_kji: tuple[int, int, int]) -> None:
        self._axis, self._shape_kji = axis, shape_kji

    def index(self, node: Node) -> int:
        index, count = node.item("index").whole(), self._shape_kji[ARRAY_AXIS[self._axis]]
        if index >= count:
            node.item("index").fail(f"a slice from 0 to {count - 1}")
        return index

    def mask(self, node: Node, index: int) -> Mask:
        shape_yx = SliceKey(self._axis, index).shape_yx(self._shape_kji)
        if not node.members():
            return Mask(shape_yx, (0, 0), np.zeros((0, 0), bool))
        packed = packed_mask_of(node)
        if packed.shape_yx != shape_yx:
            node.fail(f"a mask on a slice of {shape_yx[0]} rows and {shape_yx[1]} columns")
        return packed.unpack()

    def tracked(self, node: Node) -> TrackedSlice:
        index = self.index(node)
        return TrackedSlice(
            index,
            self.mask(node.item("mask"), index),
            node.item("score").number(),
            node.item("remark").text(),
            node.item("is_filled").flag(),
            node.item("weakness").text(),
        )


def _mask_to_dict(mask: Mask) -> Json:
    return {} if mask.is_empty else mask_to_dict(PackedMask.of(mask))
