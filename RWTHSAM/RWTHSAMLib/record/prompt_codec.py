"""Prompts as JSON, so that a file can be read and written by hand.

Places are voxel indices of the volume on a slice, and pixels of the plane on an oblique one.
"""

from __future__ import annotations

from ..core.json_document import Json, Node
from ..core.oblique_plane import ObliquePlane, Plane
from ..core.prompts import BoxPrompt, PointPrompt, Prompt, Prompts, StrokePrompt
from ..core.slices import Ijk, slice_of_voxel
from ..errors import PromptError

PROMPT_KEYS = ("candidate", "prompts", "points", "box", "replaces", "tile")
"""Keys that `prompts_of` reads."""


def prompts_to_dict(prompts: Prompts, plane: Plane) -> dict[str, Json]:
    """What `prompts_of` reads."""
    items: list[Json] = [_prompt_to_dict(item, plane) for item in prompts.items]
    document: dict[str, Json] = {"candidate": prompts.candidate, "prompts": items}
    if prompts.replaces:
        document["replaces"] = True
    if prompts.tile_xyxy is not None:
        x0, y0, x1, y1 = prompts.tile_xyxy
        document["tile"] = [_place(plane, x0, y0), _place(plane, x1, y1)]
    return document


def prompts_of(node: Node, plane: Plane) -> Prompts:
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
        items = tuple(_ordered_prompts(node, plane))
        tile = node.optional("tile")
        part = None if tile is None else _box_of(tile, plane).box_xyxy
        prompts = Prompts(items, number, replaces is not None and replaces.flag(), part)
    except PromptError as error:
        if node.path in str(error):
            raise
        raise PromptError(f"{node.path}: {error}") from error
    if not prompts.can_segment:
        raise PromptError(f"{node.path}: expected something positive (label 1) or a box, got only negative prompts.")
    return prompts


def _ordered_prompts(node: Node, plane: Plane) -> list[Prompt]:
    listed, points, box = (node.optional(name) for name in ("prompts", "points", "box"))
    if listed is not None:
        if points is not None or box is not None:
            raise PromptError(
                f'{node.path}: expected either "prompts" or the short forms "points" and "box", got both.'
            )
        return [_prompt_of(each, plane) for each in listed.items(1, None, "prompts")]
    short: list[Prompt] = [] if box is None else [_box_of(box, plane)]
    if points is not None:
        short += [_short_point_of(each, plane) for each in points.items(1, None, "points")]
    if not short:
        raise PromptError(f'{node.path}: expected "prompts", "points" or "box", got none of them.')
    return short


def _prompt_of(node: Node, plane: Plane) -> Prompt:
    members = node.members()
    if sum(kind in members for kind in ("box", "point", "stroke", "scribble")) != 1:
        node.fail('one of "point" with a label 1 or 0, "box", "stroke" and "scribble"')
    if "stroke" in members:
        return _stroke_of(node, plane)
    if "scribble" in members:
        return _scribble_of(node, plane)
    if "box" in members:
        node.only("box")
        return _box_of(node.item("box"), plane)
    node.only("point", "label")
    return PointPrompt(*_pixel_of(node.item("point"), plane), _is_positive(node.item("label")))


def _stroke_of(node: Node, plane: Plane) -> StrokePrompt:
    node.only("stroke", "label", "half_width_px")
    points = node.item("stroke").items(2, None, "places along a line")
    places = tuple(_pixel_of(each, plane) for each in points)
    return StrokePrompt(places, node.item("half_width_px").number("pixels"), _is_positive(node.item("label")))


def _scribble_of(node: Node, plane: Plane) -> StrokePrompt:
    node.only("scribble", "label")
    points = node.item("scribble").items(2, None, "places along a line")
    return StrokePrompt(tuple(_pixel_of(each, plane) for each in points), None, _is_positive(node.item("label")))


def _short_point_of(node: Node, plane: Plane) -> PointPrompt:
    count, names = (3, "x, y") if isinstance(plane, ObliquePlane) else (4, "i, j, k")
    *numbers, label = node.items(count, count, f"numbers {names}, label")
    place = Node([each.value for each in numbers], node.path, node.error)
    return PointPrompt(*_pixel_of(place, plane), _is_positive(label))


def _box_of(node: Node, plane: Plane) -> BoxPrompt:
    first, second = node.items(2, 2, "opposite corners")
    return BoxPrompt.around(_pixel_of(first, plane), _pixel_of(second, plane))


def _is_positive(node: Node) -> bool:
    label = node.whole("1 (positive) or 0 (negative)")
    if label > 1:
        node.fail("1 (positive) or 0 (negative)")
    return label == 1


def _pixel_of(node: Node, plane: Plane) -> tuple[int, int]:
    if isinstance(plane, ObliquePlane):
        x, y = (each.whole("a pixel, 0 or larger") for each in node.items(2, 2, "pixel coordinates x, y"))
        return x, y
    i, j, k = (each.whole("a voxel index, 0 or larger") for each in node.items(3, 3, "voxel indices i, j, k"))
    voxel: Ijk = (i, j, k)
    if slice_of_voxel(plane.axis, voxel) != plane:
        node.fail(f"a voxel [i, j, k] on slice {plane.axis}={plane.index}")
    return plane.xy(voxel)


def _prompt_to_dict(item: Prompt, plane: Plane) -> Json:
    if isinstance(item, BoxPrompt):
        return {"box": [_place(plane, item.x_min, item.y_min), _place(plane, item.x_max, item.y_max)]}
    if isinstance(item, StrokePrompt):
        places: list[Json] = [_place(plane, x, y) for x, y in item.points_xy]
        if item.half_width_px is None:
            return {"scribble": places, "label": int(item.positive)}
        return {"stroke": places, "label": int(item.positive), "half_width_px": item.half_width_px}
    return {"point": _place(plane, item.x, item.y), "label": int(item.positive)}


def _place(plane: Plane, x: int, y: int) -> list[Json]:
    return [x, y] if isinstance(plane, ObliquePlane) else [*plane.ijk(x, y)]
