"""Slices and oblique planes as JSON: ``"axis"`` and ``"index"``, or ``"plane"``."""

from __future__ import annotations

from ..core.json_document import Json, Node
from ..core.oblique_plane import ObliquePlane, Plane, Vector
from ..core.slices import AXES, Axis, SliceKey
from ..errors import GeometryError

PLANE_KEYS = ("axis", "index", "plane")
"""Keys that `plane_of` reads."""

_VECTORS = ("origin_ijk", "x_step_ijk", "y_step_ijk", "across_ijk")


def plane_to_dict(plane: Plane) -> dict[str, Json]:
    """What `plane_of` reads."""
    if isinstance(plane, SliceKey):
        return {"axis": plane.axis, "index": plane.index}
    document: dict[str, Json] = {name: list(getattr(plane, name)) for name in _VECTORS}
    return {"plane": {**document, "size_xy": list(plane.size_xy)}}


def plane_of(node: Node) -> Plane:
    """Slice or plane of a parsed object that may have other keys as well.

    Raises
    ------
    InputError
        Of the document's kind, if it names neither or both.
    """
    plane = node.optional("plane")
    if plane is None:
        return slice_key_of(node)
    if node.optional("axis") is not None or node.optional("index") is not None:
        raise node.error(f'{node.path}: expected either "plane" or "axis" and "index", got both.')
    plane.only(*_VECTORS, "size_xy")
    vectors = [_vector(plane.item(name)) for name in _VECTORS]
    columns, rows = (each.whole() for each in plane.item("size_xy").items(2, 2, "columns and rows"))
    try:
        return ObliquePlane(vectors[0], vectors[1], vectors[2], vectors[3], (columns, rows))
    except GeometryError as error:
        raise node.error(f"{plane.path}: {error}") from error


def slice_key_of(node: Node) -> SliceKey:
    """Slice of voxels of a parsed object that may have other keys as well."""
    return SliceKey(axis_of(node.item("axis")), node.item("index").whole())


def axis_of(node: Node) -> Axis:
    """Axis of a parsed text."""
    return node.one_of(AXES)


def _vector(node: Node) -> Vector:
    i, j, k = (each.number() for each in node.items(3, 3, "numbers along i, j and k"))
    return i, j, k
