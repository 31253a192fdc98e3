"""Prompts of a slice as JSON: voxel indices of the volume, so that a file can be read and written by hand."""

from __future__ import annotations

from .errors import PromptError
from .json_document import Json, Node
from .prompts import BoxPrompt, PointPrompt, Prompt, Prompts
from .slices import Ijk, SliceKey, slice_of_voxel

PROMPT_KEYS = ("candidate", "prompts", "points", "box", "replaces", "tile")
"""Keys that `prompts_of` reads."""


def prompts_document(prompts: Prompts, key: SliceKey) -> dict[str, Json]:
    """What `prompts_of` reads."""
    items: list[Json] = [_prompt_document(item, key) for item in prompts.items]
    document: dict[str, Json] = {"candidate": prompts.candidate, "prompts": items}
    if prompts.replaces:
        document["replaces"] = True
    if prompts.tile_xyxy is not None:
        x0, y0, x1, y1 = prompts.tile_xyxy
        document["tile"] = [list(key.ijk(x0, y0)), list(key.ijk(x1, y1))]
    return document


def prompts_of(node: Node, key: SliceKey) -> Prompts:
    """Prompts of a parsed object, in full or in the short form.

    Raises
    ------
    PromptError
        If they are none, do not lie on the slice, or have nothing positive.
    """
    candidate, replaces = node.optional("candidate"), node.optional("replaces")
    number = 0 if candidate is None else candidate.whole("0, 1 or 2")
    if candidate is not None and number > 2:
        candidate.fail("0, 1 or 2")
    try:
        items = tuple(_ordered_prompts(node, key))
        tile = node.optional("tile")
        part = None if tile is None else _box_of(tile, key).box_xyxy
        prompts = Prompts(items, number, replaces is not None and replaces.flag(), part)
    except PromptError as error:
        if str(error).startswith(node.path):
            raise
        raise PromptError(f"{node.path}: {error}") from error
    if not prompts.can_segment:
        raise PromptError(f"{node.path}: expected a positive point (label 1) or a box, got only negative points.")
    return prompts


def _ordered_prompts(node: Node, key: SliceKey) -> list[Prompt]:
    listed, points, box = (node.optional(name) for name in ("prompts", "points", "box"))
    if listed is not None:
        if points is not None or box is not None:
            raise PromptError(
                f'{node.path}: expected either "prompts" or the short forms "points" and "box", got both.'
            )
        return [_prompt_of(each, key) for each in listed.items(1, None, "prompts")]
    short: list[Prompt] = [] if box is None else [_box_of(box, key)]
    if points is not None:
        short += [_short_point_of(each, key) for each in points.items(1, None, "points")]
    if not short:
        raise PromptError(f'{node.path}: expected "prompts", "points" or "box", got none of them.')
    return short


def _prompt_of(node: Node, key: SliceKey) -> Prompt:
    members = node.members()
    if ("box" in members) == ("point" in members):
        node.fail('{"point": [i, j, k], "label": 1 or 0} or {"box": [[i, j, k], [i, j, k]]}')
    if "box" in members:
        node.only("box")
        return _box_of(node.item("box"), key)
    node.only("point", "label")
    return PointPrompt(*_pixel_of(node.item("point"), key), _is_positive(node.item("label")))


def _short_point_of(node: Node, key: SliceKey) -> PointPrompt:
    *voxel, label = node.items(4, 4, "numbers i, j, k, label")
    place = Node([each.value for each in voxel], node.path, node.error)
    return PointPrompt(*_pixel_of(place, key), _is_positive(label))


def _box_of(node: Node, key: SliceKey) -> BoxPrompt:
    first, second = node.items(2, 2, "corners [i, j, k]")
    return BoxPrompt.around(_pixel_of(first, key), _pixel_of(second, key))


def _is_positive(node: Node) -> bool:
    label = node.whole("1 (positive) or 0 (negative)")
    if label > 1:
        node.fail("1 (positive) or 0 (negative)")
    return label == 1


def _pixel_of(node: Node, key: SliceKey) -> tuple[int, int]:
    i, j, k = (each.whole("a voxel index, 0 or larger") for each in node.items(3, 3, "voxel indices i, j, k"))
    voxel: Ijk = (i, j, k)
    if slice_of_voxel(key.axis, voxel) != key:
        node.fail(f"a voxel [i, j, k] on slice {key.axis}={key.index}")
    return key.xy(voxel)


def _prompt_document(item: Prompt, key: SliceKey) -> Json:
    if isinstance(item, BoxPrompt):
        return {"box": [list(key.ijk(item.x_min, item.y_min)), list(key.ijk(item.x_max, item.y_max))]}
    return {"point": list(key.ijk(item.x, item.y)), "label": int(item.positive)}
