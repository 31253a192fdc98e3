"""Planes that cut through a volume at any angle, and the pixels on them.

A plane has square pixels as wide as the shortest side of a voxel. They depend on the plane alone, not on how a view is
panned, zoomed or turned on it, so prompts on a plane that is looked at again are found again.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np

from ..errors import GeometryError
from .slices import Ijk, SliceKey
from .voxel_grid import VoxelGrid

Vector = tuple[float, float, float]

# a choice: more than a screen shows, and 16 MB a plane at most
_MOST_PIXELS_A_SIDE = 4096
# as fine as anyone can turn or move a view, and coarse enough that the same view gives the same numbers again
_NORMAL_DIGITS, _OFFSET_DIGITS, _STEP_DIGITS = 6, 3, 9
# a turned plane is a slice of voxels as long as it stays this near to it, in voxels, from edge to edge of the volume
_STRAYS_AT_MOST = 0.5


@dataclass(frozen=True)
class ObliquePlane:
    """A plane through a volume with its pixels, in voxel coordinates (i, j, k).

    Attributes
    ----------
    origin_ijk : tuple of float
        Centre of pixel (0, 0).
    x_step_ijk, y_step_ijk : tuple of float
        From one pixel to the next along a row, and along a column.
    across_ijk : tuple of float
        As far along the plane's normal; with it every voxel has a place over the plane, see `place_of`.
    size_xy : tuple of int
        Columns and rows; all of the plane that lies in the volume.

    Raises
    ------
    GeometryError
        If the steps do not span space, a number is not finite, or the size is not 1 to 4096.
    """

    origin_ijk: Vector
    x_step_ijk: Vector
    y_step_ijk: Vector
    across_ijk: Vector
    size_xy: tuple[int, int]

    def __post_init__(self) -> None:
        numbers = np.array([self.origin_ijk, self.x_step_ijk, self.y_step_ijk, self.across_ijk])
        if not np.isfinite(numbers).all() or abs(np.linalg.det(numbers[1:])) < 1e-9:
            raise GeometryError(f"The steps of an oblique plane are finite and span space; these do not: {self}.")
        if not all(1 <= each <= _MOST_PIXELS_A_SIDE for each in self.size_xy):
            raise GeometryError(
                f"An oblique plane has 1 to {_MOST_PIXELS_A_SIDE} columns and rows, not {self.size_xy}."
            )

    @property
    def text(self) -> str:
        """The plane in words: the voxel in its middle, and how it is turned."""
        i, j, k = self.ijk(self.size_xy[0] // 2, self.size_xy[1] // 2)
        return f"oblique through ({i}, {j}, {k})"

    @property
    def tag(self) -> str:
        """A word that no other plane has."""
        return "oblique" + hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]

    @cached_property
    def normal_ijk(self) -> np.ndarray:
        """(3,) unit normal in voxel coordinates: distances along it are in voxels."""
        normal = np.cross(self.x_step_ijk, self.y_step_ijk)
        length = float(np.linalg.norm(normal))
        unit: np.ndarray = normal / (length if normal @ np.asarray(self.across_ijk) > 0 else -length)
        return unit

    @property
    def pixel_to_ijk(self) -> np.ndarray:
        """(4, 4) from (x, y, height over the plane) in pixels to (i, j, k)."""
        matrix = np.eye(4)
        matrix[:3] = np.stack([self.x_step_ijk, self.y_step_ijk, self.across_ijk, self.origin_ijk], axis=1)
        return matrix

    @cached_property
    def _to_place(self) -> np.ndarray:
        return np.linalg.inv(self.pixel_to_ijk[:3, :3])

    def shape_yx(self, _shape_kji: tuple[int, ...] = ()) -> tuple[int, int]:
        """Rows and columns of the plane, in pixels."""
        return self.size_xy[1], self.size_xy[0]

    def check_inside(self, shape_kji: tuple[int, ...]) -> None:
        """Raise `GeometryError` unless the plane cuts a volume of (k, j, i) voxels."""
        last = np.array(shape_kji[2::-1]) - 1.0
        reach = np.abs(self.normal_ijk) @ (last + 1) / 2
        if abs(self.distance(last / 2)) > reach:
            raise GeometryError(f"The plane {self.text} misses the volume of {shape_kji[:3]} voxels (k, j, i).")

    def distance(self, ijk: np.ndarray) -> float:
        """Distance of a place (i, j, k) from the plane in voxels; positive on the side of its normal."""
        return float(self.normal_ijk @ (ijk - np.asarray(self.origin_ijk)))

    def place_of(self, ijk: np.ndarray) -> np.ndarray:
        """Pixel (x, y) under places (..., 3) and how high these are over it, in pixels: (..., 3), fractional."""
        place: np.ndarray = (ijk - np.asarray(self.origin_ijk)) @ self._to_place.T
        return place

    def pixel_at(self, ijk: Vector, _shape_kji: tuple[int, ...] = ()) -> tuple[int, int]:
        """The pixel (x, y) nearest to a place (i, j, k)."""
        x, y = np.floor(self.place_of(np.asarray(ijk))[:2] + 0.5)
        columns, rows = self.size_xy
        return int(np.clip(x, 0, columns - 1)), int(np.clip(y, 0, rows - 1))

    def ijk_at(self, x: float, y: float) -> Vector:
        """Place (i, j, k) of a place on the plane; pixel centres are whole numbers."""
        i, j, k = np.asarray(self.origin_ijk) + x * np.asarray(self.x_step_ijk) + y * np.asarray(self.y_step_ijk)
        return float(i), float(j), float(k)

    def ijk(self, x: int, y: int) -> Ijk:
        """The voxel (i, j, k) that holds the centre of a pixel; it may lie outside the volume."""
        i, j, k = (int(each) for each in np.floor(np.add(self.ijk_at(x, y), 0.5)))
        return i, j, k

    def pixel_mm_xy(self, spacing_mm_ijk: Vector) -> tuple[float, float]:
        """Width and height of a pixel, of voxels whose sides are at right angles."""
        spacing = np.asarray(spacing_mm_ijk)
        return float(np.linalg.norm(spacing * self.x_step_ijk)), float(np.linalg.norm(spacing * self.y_step_ijk))


Plane = SliceKey | ObliquePlane
"""What is prompted: a slice of voxels, or any plane."""


def plane_through(grid: VoxelGrid, normal_ras: np.ndarray, point_ras: np.ndarray) -> ObliquePlane | None:
    """The plane with a normal through a point, or None where it misses the volume.

    Its rows run along the volume's own rows as far as they can, so that a plane that is turned a little looks like the
    slice that it came from.

    Parameters
    ----------
    grid : VoxelGrid
        Of the volume.
    normal_ras, point_ras : numpy.ndarray
        (3,) in the world in mm; the normal's length and sign do not matter.
    """
    axes, to_ijk = grid.ijk_to_ras[:3, :3], grid.ras_to_ijk
    normal = _settled(normal_ras, to_ijk)
    center_world = np.asarray(grid.ras_of([(count - 1) / 2 for count in reversed(grid.shape_kji)]), float)
    pixel_mm = min(grid.spacing_mm_ijk)
    height = round(float(normal @ (np.asarray(point_ras) - center_world)) / pixel_mm, _OFFSET_DIGITS) * pixel_mm
    along_x, along_y = _directions(axes, normal, _nearest_axis(to_ijk, normal))
    foot = center_world + height * normal
    outline = _outline(axes.T @ normal, to_ijk[:3, :3] @ foot + to_ijk[:3, 3], grid.shape_kji)
    if outline is None:
        return None
    on_plane = (outline @ axes.T + grid.ijk_to_ras[:3, 3] - foot) @ np.stack([along_x, along_y], axis=1)
    longest = float(np.ptp(on_plane, axis=0).max())
    pixel_mm = max(pixel_mm, longest / (_MOST_PIXELS_A_SIDE - 2))
    # whole pixels from the foot of the volume's centre: the grid stays where it is when the outline changes
    first = np.floor(on_plane.min(axis=0) / pixel_mm + 0.5)
    last = np.floor(on_plane.max(axis=0) / pixel_mm + 0.5)
    origin = foot + (first[0] * along_x + first[1] * along_y) * pixel_mm
    columns, rows = (int(each) for each in last - first + 1)
    right, down, across = (_vector(to_ijk[:3, :3] @ each * pixel_mm) for each in (along_x, along_y, normal))
    return ObliquePlane(_vector(to_ijk[:3, :3] @ origin + to_ijk[:3, 3]), right, down, across, (columns, rows))


def is_one_slice(grid: VoxelGrid, normal_ras: np.ndarray) -> bool:
    """Whether a plane with this normal stays within one slice of voxels all through a volume."""
    normal = np.abs(grid.ijk_to_ras[:3, :3].T @ np.asarray(normal_ras))
    across = int(np.argmax(normal))
    climbs = normal * (np.array(grid.shape_kji[::-1]) - 1)
    return float(climbs.sum() - climbs[across]) <= _STRAYS_AT_MOST * float(normal[across])


def _nearest_axis(to_ijk: np.ndarray, normal: np.ndarray) -> int:
    """0, 1 or 2 for the plane of constant i, j or k that is turned least against a plane."""
    gradients = to_ijk[:3, :3]
    return int(np.argmax(np.abs(gradients @ normal) / np.linalg.norm(gradients, axis=1)))


def _settled(normal: np.ndarray, to_ijk: np.ndarray) -> np.ndarray:
    """Unit normal towards rising indices, free of the noise of a view's matrices."""
    unit = np.asarray(normal, float) / np.linalg.norm(normal)
    unit = unit * (1.0 if to_ijk[_nearest_axis(to_ijk, unit), :3] @ unit >= 0 else -1.0)
    settled: np.ndarray = np.round(unit, _NORMAL_DIGITS)
    return settled / float(np.linalg.norm(settled))


def _directions(axes: np.ndarray, normal: np.ndarray, across: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors of rows and columns: along the volume's as far as the plane lets them."""
    along_row, along_column = (axes[:, each] for each in range(3) if each != across)
    right = along_row - normal * (normal @ along_row)
    right = right / np.linalg.norm(right)
    down = np.cross(normal, right)
    return right, down if down @ along_column >= 0 else -down


def _outline(normal_ijk: np.ndarray, foot_ijk: np.ndarray, shape_kji: tuple[int, int, int]) -> np.ndarray | None:
    """Where a plane crosses the edges of a volume's box: (n, 3) places (i, j, k), or None where it misses the box."""
    outside = np.array(shape_kji[::-1]) - 0.5
    found = []
    for low, high in _edges():
        ends = np.where(low, outside, -0.5), np.where(high, outside, -0.5)
        below, above = ((end - foot_ijk) @ normal_ijk for end in ends)
        if below * above <= 0 and below != above:
            found.append(ends[0] + (ends[1] - ends[0]) * below / (below - above))
    return np.array(found) if len(found) >= 3 else None


def _edges() -> list[tuple[np.ndarray, np.ndarray]]:
    """The twelve edges of a unit cube, by the corners at their ends."""
    corners = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    return [(low, high) for low in corners for high in corners if (high - low).sum() == 1 and (high >= low).all()]


def _vector(values: np.ndarray) -> Vector:
    i, j, k = (round(float(each), _STEP_DIGITS) + 0.0 for each in values)
    return i, j, k
