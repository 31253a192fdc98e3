"""Colour and opacity of rendered voxels.

A voxel shows the last class that covers it by half. Its opacity comes from the grey value, so that dense matter is
seen and air is not, and from the edges of the classes: their masks are smoothed by a binomial kernel to shares s, and
an edge is (4 s (1 - s))^2, which is 1 on the boundary and fades within two voxels. The inside of a class stays as
clear as its grey values are.

Everything is integer arithmetic on a neighbourhood of `MARGIN` voxels. So a part that is painted again has exactly the
values that painting the whole volume gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .sampling import FULL

MARGIN = 2
"""Voxels around a part that its colours depend on."""
_HALF = 128
_SHARES = np.arange(256, dtype=np.float64) / FULL
_EDGE_OF_SHARE = np.rint(FULL * (4 * _SHARES * (1 - _SHARES)) ** 2).astype(np.uint8)
_LIGHT_OF_GREY = (0.8 + 0.2 * _SHARES).astype(np.float32)
_FACE_LIGHT_OF_GREY = (0.35 + 0.65 * np.minimum(1, 2 * _SHARES)).astype(np.float32)
_FACE_OPACITY_OF_GREY = np.minimum(FULL, 6 * np.arange(256)).astype(np.uint8)


@dataclass(frozen=True)
class Opacities:
    """How opaque things are, each from 0 to 1: grey values of classes, their edges, and what is in no class."""

    grey: float
    edge: float
    rest: float


@dataclass(frozen=True, eq=False)
class Layer:
    """One class in a part of the volume.

    Attributes
    ----------
    coverage : numpy.ndarray
        uint8 (k, j, i), 0 to `FULL`, of the part and `MARGIN` voxels around it.
    rgb : numpy.ndarray
        uint8 (3,), or (k, j, i, 3) of the part alone.
    opacity : float
        0 to 1.
    """

    coverage: np.ndarray
    rgb: np.ndarray
    opacity: float


def paint(layers: Sequence[Layer], grey: np.ndarray, opacities: Opacities, face: np.ndarray | None) -> np.ndarray:
    """RGBA of a part of the volume.

    Parameters
    ----------
    layers : sequence of Layer
        The visible classes, later ones over earlier ones.
    grey : numpy.ndarray
        uint8 (k, j, i) opacities by grey value of the part, see `GreyRamp`.
    opacities : Opacities
    face : numpy.ndarray, optional
        bool (k, j, i): voxels at the faces of a cut, which are shown nearly opaque.

    Returns
    -------
    numpy.ndarray
        uint8 (k, j, i, 4).
    """
    shape = grey.shape
    rgb = np.full((*shape, 3), 200, np.uint8)
    body = _scaled(grey, opacities.rest)
    edge, own_edge = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    edge_rgb = rgb
    for layer in layers:
        inside, rim = _parts(layer.coverage)
        if inside is not None:
            rgb = _chosen(inside, layer.rgb, rgb)
            body = np.where(inside, _scaled(grey, layer.opacity * opacities.grey), body)
            own_edge = np.where(inside, 0 if rim is None else _scaled(rim, layer.opacity * opacities.edge), own_edge)
            if face is not None:
                body = np.where(inside & face, _scaled(_FACE_OPACITY_OF_GREY[grey], layer.opacity), body)
        if rim is not None:
            strength = _scaled(rim, layer.opacity * opacities.edge)
            stronger = strength > edge
            edge = np.where(stronger, strength, edge)
            edge_rgb = _chosen(stronger, layer.rgb, edge_rgb)
    # beside a boundary of two classes each side keeps its own colour
    foreign = edge.astype(np.uint16) > 2 * own_edge.astype(np.uint16)
    result = np.empty((*shape, 4), np.uint8)
    light = _LIGHT_OF_GREY[grey] if face is None else np.where(face, _FACE_LIGHT_OF_GREY[grey], _LIGHT_OF_GREY[grey])
    result[..., :3] = np.where((foreign & (edge > body))[..., None], edge_rgb, rgb) * light[..., None]
    result[..., 3] = np.maximum(body, edge)
    return result


def _parts(coverage: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Which voxels of a part are inside, and how much each is an edge (uint8); None where none is."""
    low, high = int(coverage.min()), int(coverage.max())
    centre = coverage[MARGIN:-MARGIN, MARGIN:-MARGIN, MARGIN:-MARGIN]
    if low == high:
        return (np.ones(centre.shape, bool) if low >= _HALF else None), None
    share = smoothed(coverage)
    inside = share >= _HALF
    return (inside if inside.any() else None), _EDGE_OF_SHARE[share]


def smoothed(coverage: np.ndarray) -> np.ndarray:
    """uint8 coverage smoothed by the binomial kernel 1 4 6 4 1 along each axis, `MARGIN` voxels less on every side."""
    values = coverage
    for axis in range(3):
        values = _binomial(values, axis)
    return values


def _binomial(values: np.ndarray, axis: int) -> np.ndarray:
    wide = np.moveaxis(values, axis, 0).astype(np.uint16)
    sums = wide[:-4] + wide[4:]
    sums += 4 * (wide[1:-3] + wide[3:-1])
    sums += 6 * wide[2:-2]
    return np.moveaxis(((sums + 8) >> 4).astype(np.uint8), 0, axis)


def _scaled(values: np.ndarray, factor: float) -> np.ndarray:
    scaled: np.ndarray = np.rint(factor * np.arange(256)).astype(np.uint8)[values]
    return scaled


def _chosen(where: np.ndarray, rgb: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    return np.where(where[..., None], rgb, otherwise)
