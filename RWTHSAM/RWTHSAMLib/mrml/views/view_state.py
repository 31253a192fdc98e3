"""Where slice views look, as JSON and back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import slicer

from ...core.json_document import Json, Node
from ...errors import InputError
from ..nodes import matrices
from .alignment import keep_orientation

_DIGITS = 9
_PERPENDICULAR = 1e-4


def view_to_dict(slice_nodes: Iterable[slicer.vtkMRMLSliceNode]) -> dict[str, Json]:
    """What `look_again` reads: by the name of each view, its plane in the world, row by row."""
    return {_name_of(node): _numbers(node) for node in slice_nodes}


def look_again(slice_nodes: Iterable[slicer.vtkMRMLSliceNode], views: Node) -> None:
    """Let views show the planes that they showed; one that is not named, or has no usable plane, stays where it is."""
    named = views.entries()
    for node in slice_nodes:
        if (kept := named.get(_name_of(node))) is None:
            continue
        try:
            plane = np.array([each.number() for each in kept.items(16, 16, "numbers")]).reshape(4, 4)
        except InputError:
            continue
        turns = plane[:3, :3]
        if np.abs(turns.T @ turns - np.eye(3)).max() < _PERPENDICULAR and (plane[3] == (0, 0, 0, 1)).all():
            keep_orientation(node)
            node.GetSliceToRAS().DeepCopy(matrices.to_vtk(plane))
            node.UpdateMatrices()


def _numbers(node: slicer.vtkMRMLSliceNode) -> list[Json]:
    return [round(float(each), _DIGITS) for each in matrices.to_numpy(node.GetSliceToRAS()).ravel()]


def _name_of(node: slicer.vtkMRMLSliceNode) -> str:
    return node.GetLayoutName() or node.GetSingletonTag() or node.GetName() or ""
