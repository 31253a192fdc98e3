"""The outline of a part on a slice: its moments, its edge all round, and the circle through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.system.optional_package import optional_package

RAYS = 360
"""Directions in which edges are looked for, a degree apart: the first along the columns, then towards the rows."""
_STEP_PX = 0.5
_ROUNDS = 30
_FAR = 3 * 1.4826
"""Three standard deviations, as the median of absolute deviations tells them."""
_LEAST_PX = 0.5
_MUCH_NEARER = 0.7
"""A choice: ellipses keep the circle of least squares, flat sides of up to 50 degrees to each side do not pull it."""


@dataclass(frozen=True, eq=False)
class Outline:
    """A part on a slice, its holes filled, its largest connected piece alone.

    Attributes
    ----------
    filled : numpy.ndarray
        bool (rows, columns).
    pixel_mm_xy : tuple of float
        Distance of columns, and of rows.
    area_mm2 : float
    centre_mm_xy : numpy.ndarray
        (2,) from the centre of the first pixel, along columns and rows.
    axes_mm : tuple of float
        Long and short axis of the ellipse with the same second moments.
    """

    filled: np.ndarray
    pixel_mm_xy: tuple[float, float]
    area_mm2: float
    centre_mm_xy: np.ndarray
    axes_mm: tuple[float, float]

    @property
    def roundness(self) -> float:
        """Short axis divided by the long one: 1 for a circle."""
        return self.axes_mm[1] / self.axes_mm[0]

    @property
    def eccentricity(self) -> float:
        """0 for a circle, towards 1 for a line."""
        return float(np.sqrt(max(0.0, 1 - self.roundness**2)))

    def edge_mm(self) -> np.ndarray:
        """(rays, 2) where the outline ends in each direction from its centre, NaN where it does not."""
        ends = crossings(self.filled, self.centre_mm_xy, self.pixel_mm_xy)[:, 1]
        edge: np.ndarray = self.centre_mm_xy + ends[:, None] * directions()
        return edge

    @property
    def holds_its_centre(self) -> bool:
        """Whether its centre lies in it: that of an open ring does not."""
        x, y = np.rint(self.centre_mm_xy / np.array(self.pixel_mm_xy)).astype(int)
        return bool(self.filled[y, x])


def outline_of(mask: np.ndarray, pixel_mm_xy: tuple[float, float]) -> Outline | None:
    """The outline of a mask, bool (rows, columns); None where it is empty."""
    ndimage = optional_package("scipy.ndimage", "Measurements of cells", "scipy")
    if not mask.any():
        return None
    pieces, count = ndimage.label(ndimage.binary_fill_holes(mask), np.ones((3, 3)))
    sizes = np.bincount(pieces.ravel())[1:]
    filled = pieces == 1 + int(sizes.argmax()) if count > 1 else pieces > 0
    rows, columns = np.nonzero(filled)
    x_mm, y_mm = pixel_mm_xy
    at = np.stack([columns * x_mm, rows * y_mm])
    centre = at.mean(axis=1)
    # a pixel is no point: its own moments are a twelfth of its sides' squares
    moments = np.cov(at, bias=True).reshape(2, 2) + np.diag([x_mm**2, y_mm**2]) / 12
    short, long = 4 * np.sqrt(np.linalg.eigvalsh(moments))
    return Outline(filled, pixel_mm_xy, len(rows) * x_mm * y_mm, centre, (float(long), float(short)))


def directions() -> np.ndarray:
    """(rays, 2) along columns and rows."""
    angles = 2 * np.pi * np.arange(RAYS) / RAYS
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def crossings(
    mask: np.ndarray,
    centre_mm_xy: np.ndarray,
    pixel_mm_xy: tuple[float, float],
    beyond_mm: np.ndarray | None = None,
) -> np.ndarray:
    """Where rays from a centre first enter a mask and leave it for the last time.

    Between pixels it is interpolated, so that a smooth edge is known to a fraction of a pixel.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (rows, columns).
    centre_mm_xy : numpy.ndarray
        (2,)
    pixel_mm_xy : tuple of float
    beyond_mm : numpy.ndarray, optional
        (rays,) what is nearer than this on a ray does not count.

    Returns
    -------
    numpy.ndarray
        (rays, 2) in mm from the centre, NaN where a ray misses the mask; 0 where it begins inside.
    """
    ndimage = optional_package("scipy.ndimage", "Measurements of cells", "scipy")
    columns, rows = (np.flatnonzero(mask.any(axis=axis)) for axis in (0, 1))
    if not len(rows):
        return np.full((RAYS, 2), np.nan)
    # what lies beyond it is nothing
    box = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    first_mm = np.array([columns[0], rows[0]]) * pixel_mm_xy
    last_mm = np.array([columns[-1], rows[-1]]) * pixel_mm_xy
    step = _STEP_PX * min(pixel_mm_xy)
    reach = np.linalg.norm(np.maximum(abs(centre_mm_xy - first_mm), abs(last_mm - centre_mm_xy)))
    far = np.arange(0, reach + 2 * max(pixel_mm_xy) + step, step)
    x, y = (
        (centre_mm_xy[axis] - first_mm[axis] + directions()[:, axis, None] * far) / pixel_mm_xy[axis] for axis in (0, 1)
    )
    values = ndimage.map_coordinates(box, [y, x], order=1, mode="grid-constant")
    if beyond_mm is not None:
        values[far < np.nan_to_num(beyond_mm, nan=np.inf)[:, None]] = 0
    inside = values >= 0.5
    first = inside.argmax(axis=1)
    last = inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    rays = np.arange(RAYS)
    enters = far[first] - step * _between(values, rays, first, first - 1)
    leaves = far[last] + step * _between(values, rays, last, last + 1)
    found = np.stack([np.where(first == 0, 0, enters), leaves], axis=1)
    found[~inside.any(axis=1)] = np.nan
    return found


def _between(values: np.ndarray, rays: np.ndarray, inner: np.ndarray, outer: np.ndarray) -> np.ndarray:
    """How much of the step from a place inside to one outside is inside."""
    outer = np.clip(outer, 0, values.shape[1] - 1)
    one, other = values[rays, inner], values[rays, outer]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (one - 0.5) / (one - other)
    return np.asarray(np.where(one > other, np.clip(share, 0, 1), 0))


@dataclass(frozen=True, eq=False)
class Circle:
    """A circle through an edge.

    Attributes
    ----------
    centre_mm_xy : numpy.ndarray
        (2,)
    radius_mm : float
    """

    centre_mm_xy: np.ndarray
    radius_mm: float

    def inward_mm(self, edge_mm: np.ndarray) -> np.ndarray:
        """How far inside the circle each place of an edge lies; negative outside."""
        return np.asarray(self.radius_mm - np.linalg.norm(edge_mm - self.centre_mm_xy, axis=1))


def circle_through(edge_mm: np.ndarray) -> Circle:
    """The circle of the least squares of distances to an edge (n, 2), n of 3 or more."""
    x, y = edge_mm.T
    # the algebraic circle (Kasa 1976), then Gauss and Newton
    (a, b, c), *_ = np.linalg.lstsq(np.stack([x, y, np.ones_like(x)], axis=1), x * x + y * y, rcond=None)
    centre = np.array([a / 2, b / 2])
    radius = float(np.sqrt(max(0.0, c + centre @ centre)))
    for _ in range(_ROUNDS):
        away = edge_mm - centre
        length = np.linalg.norm(away, axis=1)
        outward = away / np.maximum(length, 1e-12)[:, None]
        steps, *_ = np.linalg.lstsq(np.column_stack([outward, np.ones_like(length)]), length - radius, rcond=None)
        centre, radius = centre + steps[:2], radius + float(steps[2])
        if np.abs(steps).max() < 1e-9 * max(radius, 1e-9):
            break
    return Circle(centre, radius)


def circle_without_dents(edge_mm: np.ndarray, pixel_mm: float) -> Circle:
    """The same through what is left of an edge when places far from the circle are left out, again and again."""
    kept = np.zeros(len(edge_mm), bool)
    circle = _circle_to_begin_with(edge_mm)
    for _ in range(_ROUNDS):
        away = np.abs(circle.inward_mm(edge_mm))
        now = away <= max(_FAR * float(np.median(away)), _LEAST_PX * pixel_mm)
        if now.sum() < 3 or np.array_equal(now, kept):
            break
        kept, circle = now, circle_through(edge_mm[now])
    return circle


def _circle_to_begin_with(edge_mm: np.ndarray) -> Circle:
    """That of least squares, unless half of all places lie much nearer to one through three places a third apart.

    A broad dent pulls the circle of all places so far that none of them is far from it.
    """
    fitted, third = circle_through(edge_mm), len(edge_mm) // 3
    if not third:
        return fitted
    centres, radii = _circles_of_three(*(edge_mm[part * third : (part + 1) * third] for part in range(3)))
    away = np.abs(np.linalg.norm(edge_mm - centres[:, None], axis=2) - radii[:, None])
    medians = np.nan_to_num(np.median(away, axis=1), nan=np.inf)
    best = int(medians.argmin())
    if medians[best] > _MUCH_NEARER * np.median(np.abs(fitted.inward_mm(edge_mm))):
        return fitted
    return Circle(centres[best], float(radii[best]))


def _circles_of_three(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centres (n, 2) and radii (n,) of circles through three places each, all (n, 2); NaN where they lie in a line."""
    one, other = b - a, c - a
    with np.errstate(divide="ignore", invalid="ignore"):
        twice = 2 * (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
        x = (other[:, 1] * (one**2).sum(1) - one[:, 1] * (other**2).sum(1)) / twice
        y = (one[:, 0] * (other**2).sum(1) - other[:, 0] * (one**2).sum(1)) / twice
    away = np.where(np.isfinite(x + y)[:, None], np.stack([x, y], axis=1), np.nan)
    return a + away, np.linalg.norm(away, axis=1)
