"""Surfaces of classes as plain arrays, and the worlds they are written in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..export_choices import Frame
from .labelmap import LabelledClass

# a half turn about the third axis: neither frame mirrors the other, so that triangles keep their outside
_SIGNS = {"RAS": (1, 1, 1), "LPS": (-1, -1, 1)}


@dataclass(frozen=True, eq=False)
class Surface:
    """The closed surface of a class.

    Attributes
    ----------
    entry : LabelledClass
    points_mm : numpy.ndarray
        (n, 3) float32, world in RAS.
    normals : numpy.ndarray
        (n, 3) float32 of length 1, outwards.
    triangles : numpy.ndarray
        (m, 3) uint32 indices of points, counter-clockwise as seen from outside.
    """

    entry: LabelledClass
    points_mm: np.ndarray
    normals: np.ndarray
    triangles: np.ndarray


def turned(vectors: np.ndarray, frame: Frame) -> np.ndarray:
    """(n, 3) points or normals of RAS in a frame."""
    result: np.ndarray = vectors * np.array(_SIGNS[frame], vectors.dtype)
    return result


def enclosed_mm3(points_mm: np.ndarray, triangles: np.ndarray) -> float:
    """Volume within a closed surface; negative where its triangles face inwards."""
    if not len(triangles):
        return 0.0
    # about the middle, because the world's origin may lie far away
    a, b, c = (points_mm[triangles[:, corner]].astype(float) - points_mm.mean(axis=0) for corner in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
