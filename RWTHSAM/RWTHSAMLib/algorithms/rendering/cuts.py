"""Which voxels a cut takes away, and where its faces are."""

from __future__ import annotations

import numpy as np

from ...core.extent import Extent
from .tiles import Shape

_AXES = {"k": 0, "j": 1, "i": 2}
# a choice: a cut face is as thick as rays need to see it
_FACE_VOXELS = 2


def cut_away(
    cut: str, axis: str, box: Extent, shape_kji: Shape, low: str = ""
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The voxels of a box that are removed, and those at the faces of the cut: bool (k, j, i), or None for none.

    Parameters
    ----------
    cut : str
        ``"none"``; ``"half"``: what lies beyond the middle of `axis`; ``"quarter"``: what lies beyond the middles of
        both other axes.
    axis : str
        ``"k"``, ``"j"`` or ``"i"``.
    box : Extent
    shape_kji : tuple of int
        Of the whole volume.
    low : str
        Axes along which what lies before the middle is removed instead, such as ``"ij"``.
    """
    if cut == "none":
        return None, None
    across = [_AXES[axis]] if cut == "half" else [each for each in range(3) if each != _AXES[axis]]
    removed, near = (_beyond(across, box, shape_kji, distance, low) for distance in (0, _FACE_VOXELS))
    face = near & ~removed
    return (removed if removed.any() else None), (face if face.any() else None)


def _beyond(across: list[int], box: Extent, shape_kji: Shape, distance: int, low: str) -> np.ndarray:
    beyond = np.ones(box.shape_kji, bool)
    where, before = box.slices_kji(), [_AXES[each] for each in low]
    for axis in across:
        index = np.arange(where[axis].start, where[axis].stop)
        middle = shape_kji[axis] // 2
        side = index < middle + distance if axis in before else index >= middle - distance
        beyond &= side.reshape([-1 if n == axis else 1 for n in range(3)])
    return beyond
