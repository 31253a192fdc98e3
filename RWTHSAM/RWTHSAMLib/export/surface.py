"""Surfaces of classes as plain arrays, and the worlds they are written in."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..core.settings.export import Frame
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
        (n, 3) float32, in RAS from `origin_mm`: single precision does not tell voxels of 60 nm apart that lie 120 mm
        from the world's origin as finely as they are.
    normals : numpy.ndarray
        (n, 3) float32 of length 1, outwards.
    triangles : numpy.ndarray
        (m, 3) uint32 indices of points, counter-clockwise as seen from outside.
    origin_mm : numpy.ndarray
        (3,) float64, world in RAS.
    voxel_mm : float
        The shortest side of a voxel.
    """

    entry: LabelledClass
    points_mm: np.ndarray
    normals: np.ndarray
    triangles: np.ndarray
    origin_mm: np.ndarray = field(default_factory=lambda: np.zeros(3))
    voxel_mm: float = 0.0

    def points_from(self, origin_mm: np.ndarray) -> np.ndarray:
        """(n, 3) float64, in RAS from another origin; from zeros, in the world."""
        points: np.ndarray = self.points_mm.astype(np.float64) + (self.origin_mm - origin_mm)
        return points


WORLD = np.zeros(3)
"""The world's own origin, for `Surface.points_from`."""


def rounding_mm(surface: Surface) -> float:
    """By how much single precision rounds the surface's places in the world, at most."""
    farthest_mm = float(np.abs(surface.points_from(WORLD)).max())
    return float(np.spacing(np.float32(farthest_mm))) / 2


def turned(vectors: np.ndarray, frame: Frame) -> np.ndarray:
    """(n, 3) points or normals of RAS in a frame."""
    result: np.ndarray = vectors * np.array(_SIGNS[frame], vectors.dtype)
    return result


def enclosed_mm3(points_mm: np.ndarray, triangles: np.ndarray) -> float:
    """Volume within a surface of points (n, 3) and triangles (m, 3) of indices; negative where these face inwards."""
    if not len(triangles):
        return 0.0
    # about the middle, because the world's origin may lie far away
    a, b, c = (points_mm[triangles[:, corner]].astype(float) - points_mm.mean(axis=0) for corner in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
