"""A propagated object that is not submitted yet, as a project keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np

from ....algorithms.propagation.corrections import most_helpful
from ....algorithms.propagation.track import End, TrackedSlice
from ....algorithms.propagation.tracks import PropagatedObject
from ....core.json_document import Json, Node
from ....core.mask import Mask, PackedMask
from ....core.prompts import Prompts
from ....core.settings.propagation_run import PropagationRunSettings
from ....core.slices import ARRAY_AXIS, Axis, SliceKey
from ....record.mask_codec import mask_to_dict, packed_mask_of
from ....record.prompt_codec import prompts_of, prompts_to_dict
from ....record.steps import Keyframe, RecordedPropagation, RecordedVoxels

_AXES: tuple[Axis, ...] = get_args(Axis)
_KEYS = ("axis", "slices", "keyframes", "ends", "doubtful", "settings", "is_whole", "circumstances")


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
    circumstances : str
        By which model, and in which window of grey values; empty where that was not kept.
    """

    keyframes: Keyframes
    result: PropagatedObject
    settings: PropagationRunSettings
    prompts: Mapping[int, Prompts]
    is_whole: bool
    scan_version: int = 0
    circumstances: str = ""

    @property
    def is_only_begun(self) -> bool:
        """Whether nothing of it was found yet."""
        return not self.result.slices


def begun(keyframes: Keyframes, settings: PropagationRunSettings) -> KnownObject:
    """An object that is under way, as a project keeps it: what it comes from."""
    return KnownObject(keyframes, PropagatedObject((), (), ()), settings, {}, False)


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
        "circumstances": known.circumstances,
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
    slices = {each.index: each for each in map(reading.tracked, node.item("slices").items())}
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
        PropagatedObject(ordered, ends, tuple(doubtful), most_helpful(ordered, masks, doubtful)),
        PropagationRunSettings.of(node.item("settings")),
        prompts,
        node.item("is_whole").flag(),
        scan_version,
        "" if (circumstances := node.optional("circumstances")) is None else circumstances.text(),
    )


def recorded(known: KnownObject, class_id: str) -> RecordedPropagation | RecordedVoxels:
    """What a record says of an object: how to propagate it again, or its voxels where it was stopped in between."""
    voxels = sum(each.mask.area for each in known.result.slices)
    if known.is_whole:
        keyframes = tuple(_keyframe(index, known) for index in sorted(known.keyframes.masks))
        return RecordedPropagation(known.keyframes.axis, keyframes, known.settings, class_id, voxels=voxels)
    masks = {SliceKey(known.keyframes.axis, each.index): each.mask for each in known.result.slices}
    kept = tuple((key, PackedMask.of(mask)) for key, mask in masks.items() if not mask.is_empty)
    return RecordedVoxels(kept, class_id, "a propagation that was stopped", voxels=voxels)


def _keyframe(index: int, known: KnownObject) -> Keyframe:
    if index in known.prompts:
        return Keyframe(index, prompts=known.prompts[index])
    return Keyframe(index, mask=PackedMask.of(known.keyframes.masks[index]))


def same_masks(first: Mapping[int, Mask], second: Mapping[int, Mask]) -> bool:
    """Whether the same slices have the same masks."""
    return first.keys() == second.keys() and all(_equal(first[index], second[index]) for index in first)


def _equal(first: Mask, second: Mask) -> bool:
    is_there = first.origin_xy == second.origin_xy and first.shape_yx == second.shape_yx
    return first is second or (is_there and np.array_equal(first.pixels, second.pixels))


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
