"""Geometry of a cylindrical cell: everything but the winding, the tab and the vents is a body of revolution."""

from __future__ import annotations

import numpy as np

from . import materials as m
from .materials import FINE, centres, fine_positions

HEIGHT_MM, VIEW_MM = 16.0, 21.0
_ROLL_TOP_MM, _ROLL_RADIUS_MM, _HOLE_RADIUS_MM = 5.9, 8.4, 1.9
_THINNEST_WINDING_MM, _THINNEST_WINDING_PX = 0.36, 5.0
_VENTED, _ROLL = 100, 101  # stand for a material that the angle decides

# centre lines in the half-plane, (radius, depth below the top) in mm
_CAN = [(7.0, 0.95), (8.3, 1.0), (8.75, 1.5), (8.75, 3.5), (8.2, 4.0), (7.2, 4.1), (7.2, 4.75), (8.3, 4.9), (8.75, 5.4)]
_CAN_END = (8.75, 30.0)
_HAT, _SLOPE, _FLANGE = [(0.0, 0.65), (4.4, 0.65)], [(4.4, 0.65), (5.2, 2.35)], [(5.2, 2.45), (7.8, 2.45)]
_SAFETY_DISC = [(0.0, 3.6), (2.5, 3.55), (3.0, 3.15), (7.7, 3.05)]
_GASKET = [(7.3, 1.65), (8.2, 1.7), (8.25, 3.4), (7.4, 3.55), (5.6, 3.55)]

# one winding from the inside out: material, thickness as a share
_LAYERS = (
    (m.SEPARATOR, 0.08),
    (m.ANODE_COAT, 0.17),
    (m.COPPER, 0.06),
    (m.ANODE_COAT, 0.17),
    (m.SEPARATOR, 0.08),
    (m.CATHODE_COAT, 0.19),
    (m.ALUMINIUM, 0.06),
    (m.CATHODE_COAT, 0.19),
)
_ANODE = (m.ANODE_COAT, m.COPPER)


class CylindricalCell:
    """Upper part of a cell, slice 0 above the cap."""

    def __init__(self, shape_kji: tuple[int, int, int], rng: np.random.Generator) -> None:
        slices, rows, columns = shape_kji
        pixel_mm = VIEW_MM / min(rows, columns)
        self.spacing_mm = (pixel_mm, pixel_mm, HEIGHT_MM / slices)
        self._depths_mm = fine_positions(slices, self.spacing_mm[2])
        centre = rng.uniform(-0.25, 0.25, 2)
        y = fine_positions(rows, pixel_mm)[:, None] - np.float32(rows * pixel_mm / 2 + centre[0])
        x = fine_positions(columns, pixel_mm)[None, :] - np.float32(columns * pixel_mm / 2 + centre[1])
        self._y_mm, self._x_mm = y, x
        radius, angle = np.hypot(y, x), np.arctan2(y, x)
        self._step_mm = pixel_mm / FINE
        self._radius_index = (radius / self._step_mm).astype(np.uint16)
        self._half_plane = _HalfPlane(int(self._radius_index.max()) + 1, self._step_mm)
        self._is_vent = np.cos(3 * (angle - rng.uniform(0, 2 * np.pi))) > 0.35
        self._wind(radius, angle, pixel_mm, rng)
        self._particles = self._make_particles(rng)
        self._last: tuple[bytes, np.ndarray] | None = None

    def sections(self, k: int) -> list[np.ndarray]:
        """Materials on planes within slice k, uint8 (rows, columns) each."""
        return [self._section(float(depth)) for depth in self._depths_mm[k * FINE : (k + 1) * FINE]]

    def centre_of(self, sections: list[np.ndarray]) -> np.ndarray:
        """Materials at the voxel centres."""
        return centres(sections)

    def _section(self, depth_mm: float) -> np.ndarray:
        row = self._half_plane.row(depth_mm)
        here = [each for each in self._particles if abs(each[2] - depth_mm) < each[3]]
        is_plain = depth_mm > self._layers_complete_mm and not here
        if is_plain and self._last is not None and self._last[0] == row.tobytes():
            return self._last[1]
        section: np.ndarray = row[self._radius_index]
        if (row == _VENTED).any():
            section[(section == _VENTED) & self._is_vent] = m.AIR
            section[section == _VENTED] = m.STEEL_CAP
        if depth_mm > _ROLL_TOP_MM:
            section = np.where(section == _ROLL, np.where(self._starts_mm <= depth_mm, self._wound, m.AIR), section)
        if depth_mm > _SAFETY_DISC[0][1]:
            # the tab runs through the roll up to the disc, but not through can or gasket
            section[self._is_tab & (section != m.STEEL_CAN) & (section != m.STEEL_CAP)] = m.TAB
        for x, y, z, size in here:
            section[(self._x_mm - x) ** 2 + (self._y_mm - y) ** 2 + (depth_mm - z) ** 2 < size**2] = m.PARTICLE
        if is_plain:
            self._last = (row.tobytes(), section)
        return section

    def _wind(self, radius: np.ndarray, angle: np.ndarray, pixel_mm: float, rng: np.random.Generator) -> None:
        """Lay an Archimedean spiral: the radius grows by one winding per turn."""
        pitch = max(_THINNEST_WINDING_MM, _THINNEST_WINDING_PX * pixel_mm)
        turn = (angle - rng.uniform(0, 2 * np.pi)) / (2 * np.pi) % 1.0
        wound_mm = radius * (1 + _out_of_round(angle, radius, rng)) - _HOLE_RADIUS_MM
        position = wound_mm / pitch - turn
        winding = np.floor(position)
        share = position - winding
        bounds = np.cumsum([thickness for _, thickness in _LAYERS])[:-1]
        wound = np.array([material for material, _ in _LAYERS], np.uint8)[np.searchsorted(bounds, share)]
        is_hole = winding < 0
        wound[is_hole] = m.CORE
        self._wound = wound
        self._starts_mm = _layer_starts(winding.astype(int), wound, rng)
        self._layers_complete_mm = float(self._starts_mm.max())
        middle = int((_ROLL_RADIUS_MM - _HOLE_RADIUS_MM) / pitch * rng.uniform(0.35, 0.5))
        off_tab = np.abs((angle - rng.uniform(0, 2 * np.pi) + np.pi) % (2 * np.pi) - np.pi)
        self._is_tab = (winding == middle) & (off_tab * radius < 1.8) & (share > 0.56)

    def _make_particles(self, rng: np.random.Generator) -> list[tuple[float, float, float, float]]:
        """Dense inclusions in the roll: x, y, depth and radius in mm."""
        particles = []
        for _ in range(4):
            angle, radius = rng.uniform(0, 2 * np.pi), rng.uniform(3.0, 8.0)
            depth, size = rng.uniform(_ROLL_TOP_MM + 2, HEIGHT_MM - 1), rng.uniform(0.18, 0.32)
            particles.append((radius * np.cos(angle), radius * np.sin(angle), depth, size))
        return particles


class _HalfPlane:
    """Materials by radius and depth."""

    def __init__(self, radii: int, step_mm: float) -> None:
        self._radius_mm = (np.arange(radii) + 0.5) * step_mm
        self._lines = [
            (m.GASKET, _rounded(_GASKET), 0.4),
            (m.STEEL_CAP, np.array(_SAFETY_DISC), 0.25),
            (_VENTED, np.array(_SLOPE), 0.65),
            (m.STEEL_CAP, np.array(_FLANGE), 0.75),
            (m.STEEL_CAP, np.array(_HAT), 0.75),
            (m.STEEL_CAN, np.vstack([_rounded(_CAN), [_CAN_END]]), 0.5),
        ]

    def row(self, depth_mm: float) -> np.ndarray:
        """uint8, material by radius at a depth."""
        row = np.full(self._radius_mm.size, m.AIR, np.uint8)
        if depth_mm > _ROLL_TOP_MM:
            row[self._radius_mm < _ROLL_RADIUS_MM] = _ROLL
        points = np.stack([self._radius_mm, np.full_like(self._radius_mm, depth_mm)], axis=1)
        for material, line, thickness in self._lines:
            row[_distance(points, line) < thickness / 2] = material
        return row


def _out_of_round(angle: np.ndarray, radius: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Relative deviation from a circle; pressed round near the can, freer near the core."""
    freedom = np.clip(1 - radius / _ROLL_RADIUS_MM, 0, 1)
    waves = sum(
        rng.uniform(0.02, 0.06) / order * np.cos(order * angle + rng.uniform(0, 2 * np.pi)) for order in (2, 3, 5)
    )
    return np.asarray(freedom**2 * waves)


def _layer_starts(winding: np.ndarray, wound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Depth in mm at which the layer of each place begins: separators stand out, cathodes are the shortest."""
    jitter = rng.uniform(-0.15, 0.15, winding.max() + 2).astype(np.float32)
    base = np.full(256, _ROLL_TOP_MM + 1.3, np.float32)
    base[m.SEPARATOR] = _ROLL_TOP_MM + 0.2
    base[m.CORE] = _ROLL_TOP_MM
    base[list(_ANODE)] = _ROLL_TOP_MM + 0.7
    base[m.COPPER] = _ROLL_TOP_MM + 0.35
    starts: np.ndarray = base[wound]
    is_winding = winding >= 0
    starts[is_winding] += jitter[winding[is_winding]]
    return starts


def _rounded(corners: list[tuple[float, float]]) -> np.ndarray:
    """Line with its corners cut twice (Chaikin 1974), ends kept."""
    line = np.array(corners)
    for _ in range(3):
        first, second = line[:-1], line[1:]
        cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], axis=1).reshape(-1, 2)
        line = np.vstack([line[:1], cut, line[-1:]])
    return line


def _distance(points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Distance of points (n, 2) to a polyline (m, 2)."""
    start, along = line[:-1], np.diff(line, axis=0)
    offset = points[:, None] - start
    length2 = (along**2).sum(1)
    share = np.clip((offset * along).sum(2) / np.maximum(length2, 1e-12), 0, 1)
    return np.asarray(np.sqrt(((offset - share[..., None] * along) ** 2).sum(2)).min(1))
