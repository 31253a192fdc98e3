"""Recorded steps as JSON, and back. A step's ``kind`` says which keys it has; a missing kind means prompts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import TypeVar

from ..core.json_document import Json, Node, path_below
from ..core.mask import PackedMask
from ..core.oblique_plane import ObliquePlane, Plane
from ..core.placed_masks import PlacedMasks
from ..core.profile import window_of_json
from ..core.prompts import Prompts
from ..core.settings.propagation_run import PropagationRunSettings
from ..core.slices import Axis, SliceKey
from ..errors import GeometryError, PromptError, SettingsError
from .mask_codec import MASK_KEYS, mask_to_dict, packed_mask_of
from .plane_codec import PLANE_KEYS, axis_of, plane_of, plane_to_dict, slice_key_of
from .prompt_codec import PROMPT_KEYS, prompts_of, prompts_to_dict
from .steps import (
    HandEdit,
    Keyframe,
    MadeWith,
    PromptedSlice,
    RecordedPropagation,
    RecordedVoxels,
    Step,
    Submitted,
)

Shape = tuple[int, int, int] | None
_AnyStep = TypeVar("_AnyStep", bound=Submitted)

MADE_WITH_KEYS = tuple(each.name for each in fields(MadeWith))
_SUBMITTED_KEYS = ("kind", "class", "time", "voxels", "made_with", "withheld", "spared", "kept")


def step_to_dict(step: Step, record: MadeWith) -> Json:
    """What `step_of` reads.

    Parameters
    ----------
    step : Step
    record : MadeWith
        What the whole record was made with; a step that was made with the same does not repeat it.
    """
    if isinstance(step, HandEdit):
        classes: list[Json] = [*step.class_ids]
        edit: dict[str, Json] = {"kind": "by_hand", "classes": classes, "tool": step.tool, "count": step.count}
        return _without_none({**edit, "time": step.time})
    kind, own = _own_to_dict(step)
    document: dict[str, Json] = {"kind": kind, "class": step.class_id, "time": step.time, "voxels": step.voxels}
    if step.made_with is not None and step.made_with != record:
        document["made_with"] = made_with_to_dict(step.made_with)
    document.update(own)
    if step.withheld:
        document["withheld"] = _placed_to_dict(step.withheld)
    if step.spared:
        document["spared"] = [*step.spared]
    if step.kept:
        document["kept"] = [*step.kept]
    return _without_none(document)


def step_of(node: Node, shape_kji: Shape) -> Step:
    """Step of a parsed object.

    Raises
    ------
    PromptError
        If it is no step, or does not lie within a volume of that shape.
    """
    kind = node.optional("kind")
    name = "prompts" if kind is None else kind.text()
    read = _READERS.get(name)
    if read is None:
        raise PromptError(
            f"{path_below(node.path, 'kind')}: expected one of {', '.join(_READERS)}, got {name!r}. Update RWTHSAM."
        )
    try:
        return read(node, shape_kji)
    except (GeometryError, SettingsError) as error:
        raise PromptError(f"{node.path}: {error}") from error


def made_with_to_dict(made_with: MadeWith) -> dict[str, Json]:
    """What `made_with_of` reads."""
    window = made_with.window
    document: dict[str, Json] = {name: getattr(made_with, name) for name in MADE_WITH_KEYS if name != "window"}
    document["window"] = None if window is None else [window.lower, window.upper]
    return {name: value for name, value in document.items() if value is not None}


def made_with_of(node: Node) -> MadeWith:
    """What computed the masks, of a parsed object that may have other keys as well."""
    program, model, digest, engine, window = (node.optional(name) for name in MADE_WITH_KEYS)
    return MadeWith(
        program=None if program is None else program.text(),
        model=None if model is None else model.text("the name of a model"),
        weights_sha256=None if digest is None else sha256_of(digest),
        engine=None if engine is None else engine.text(),
        window=None if window is None else window_of_json(window),
    )


def sha256_of(node: Node) -> str:
    """64 hexadecimal digits."""
    expected = "64 hexadecimal digits"
    text = node.text(expected)
    if len(text) != 64 or any(digit not in "0123456789abcdefABCDEF" for digit in text):
        node.fail(expected)
    return text.lower()


def _own_to_dict(step: Step) -> tuple[str, dict[str, Json]]:
    if isinstance(step, PromptedSlice):
        return "prompts", plane_to_dict(step.slice) | prompts_to_dict(step.prompts, step.slice)
    if isinstance(step, RecordedPropagation):
        keyframes: list[Json] = [_keyframe_to_dict(each, step.axis) for each in step.keyframes]
        return "propagation", {"axis": step.axis, "choices": step.settings.to_dict(), "given": keyframes}
    assert isinstance(step, RecordedVoxels)
    voxels: dict[str, Json] = {"source": step.source, "details": step.details or None, "overwrites": step.overwrites}
    if step.lost:
        voxels["lost"] = _placed_to_dict(step.lost)
    return "voxels", {**voxels, "masks": _placed_to_dict(step.masks)}


def _keyframe_to_dict(keyframe: Keyframe, axis: Axis) -> Json:
    if keyframe.prompts is not None:
        return {"index": keyframe.index, **prompts_to_dict(keyframe.prompts, SliceKey(axis, keyframe.index))}
    assert keyframe.mask is not None
    return {"index": keyframe.index, "mask": mask_to_dict(keyframe.mask)}


def _placed_to_dict(masks: PlacedMasks) -> Json:
    return [{**plane_to_dict(key), **mask_to_dict(mask)} for key, mask in masks]


def _prompted_slice(node: Node, shape_kji: Shape) -> PromptedSlice:
    node.only(*_SUBMITTED_KEYS, *PLANE_KEYS, *PROMPT_KEYS)
    plane = plane_of(node)
    class_id = _class_id(node.item("class"))
    prompts = prompts_of(node, plane)
    _check_inside(node, plane, prompts, shape_kji)
    return _completed(PromptedSlice(plane, prompts, class_id), node, shape_kji)


def _propagation(node: Node, shape_kji: Shape) -> RecordedPropagation:
    node.only(*_SUBMITTED_KEYS, "axis", "choices", "given")
    axis = axis_of(node.item("axis"))
    keyframes = tuple(_keyframe(each, axis, shape_kji) for each in node.item("given").items(1, None, "keyframes"))
    choices, class_id = PropagationRunSettings.of(node.item("choices")), _class_id(node.item("class"))
    return _completed(RecordedPropagation(axis, keyframes, choices, class_id), node, shape_kji)


def _keyframe(node: Node, axis: Axis, shape_kji: Shape) -> Keyframe:
    index, mask = node.item("index").whole(), node.optional("mask")
    if mask is None:
        node.only("index", *PROMPT_KEYS)
        key = SliceKey(axis, index)
        prompts = prompts_of(node, key)
        _check_inside(node, key, prompts, shape_kji)
        return Keyframe(index, prompts=prompts)
    node.only("index", "mask")
    mask.only(*MASK_KEYS)
    packed = packed_mask_of(mask)
    _check_placed(mask, SliceKey(axis, index), packed, shape_kji)
    return Keyframe(index, mask=packed)


def _voxels(node: Node, shape_kji: Shape) -> RecordedVoxels:
    node.only(*_SUBMITTED_KEYS, "source", "details", "overwrites", "masks", "lost")
    overwrites, details, lost = (node.optional(name) for name in ("overwrites", "details", "lost"))
    step = RecordedVoxels(
        masks=_placed(node.item("masks"), shape_kji, 0 if lost is not None else 1),
        class_id=_class_id(node.item("class")),
        source=node.item("source").text(),
        overwrites=overwrites is None or overwrites.flag(),
        details={} if details is None else details.members(),
        lost=() if lost is None else _placed(lost, shape_kji),
    )
    return _completed(step, node, shape_kji)


def _by_hand(node: Node, _shape_kji: Shape) -> HandEdit:
    node.only("kind", "classes", "tool", "count", "time")
    tool, count = node.optional("tool"), node.optional("count")
    return HandEdit(
        class_ids=tuple(_class_id(each) for each in node.item("classes").items(0, None, "classes")),
        tool=None if tool is None else tool.text(),
        count=1 if count is None else count.whole(),
        time=_time(node),
    )


_READERS: dict[str, Callable[[Node, Shape], Step]] = {
    "prompts": _prompted_slice,
    "propagation": _propagation,
    "voxels": _voxels,
    "by_hand": _by_hand,
}


def _completed(step: _AnyStep, node: Node, shape_kji: Shape) -> _AnyStep:
    """A step with what all steps may say."""
    voxels, made_with, withheld, spared, kept = (
        node.optional(name) for name in ("voxels", "made_with", "withheld", "spared", "kept")
    )
    if made_with is not None:
        made_with.only(*MADE_WITH_KEYS)
    return replace(
        step,
        time=_time(node),
        voxels=None if voxels is None else voxels.whole(),
        made_with=None if made_with is None else made_with_of(made_with),
        withheld=() if withheld is None else _placed(withheld, shape_kji),
        spared=_class_ids(spared),
        kept=_class_ids(kept),
    )


def _placed(node: Node, shape_kji: Shape, at_least: int = 1) -> PlacedMasks:
    placed = []
    for each in node.items(at_least, None, "masks of slices"):
        each.only("axis", "index", *MASK_KEYS)
        key, mask = slice_key_of(each), packed_mask_of(each)
        _check_placed(each, key, mask, shape_kji)
        placed.append((key, mask))
    return tuple(placed)


def _class_id(node: Node) -> str:
    class_id = node.text("a class's name or id").strip()
    if not class_id:
        node.fail("a class's name or id")
    return class_id


def _class_ids(node: Node | None) -> tuple[str, ...]:
    return () if node is None else tuple(_class_id(each) for each in node.items(0, None, "classes"))


def _time(node: Node) -> str | None:
    time = node.optional("time")
    return None if time is None else time.text("a date and time")


def _check_inside(node: Node, plane: Plane, prompts: Prompts, shape_kji: Shape) -> None:
    try:
        if shape_kji is not None:
            plane.check_inside(shape_kji)
        if shape_kji is not None or isinstance(plane, ObliquePlane):
            prompts.check_inside(plane.shape_yx(shape_kji or ()))
    except (GeometryError, PromptError) as error:
        raise PromptError(f"{node.path}: {error}") from error


def _check_placed(node: Node, key: SliceKey, mask: PackedMask, shape_kji: Shape) -> None:
    if shape_kji is not None:
        key.check_inside(shape_kji)
        if mask.shape_yx != key.shape_yx(shape_kji):
            node.fail(f"a mask of {key.shape_yx(shape_kji)} pixels (rows, columns)")


def _without_none(document: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in document.items() if value is not None}
