"""Geometry of a pouch cell: electrodes stacked along j, tabs at the top, the pouch round them."""

from __future__ import annotations

import numpy as np

from . import materials as m
from .materials import FINE, centres, fine_positions

HEIGHT_MM, WIDTH_MM = 30.0, 42.0
_STACK_TOP_MM, _POUCH_TOP_MM = 9.0, 4.0
_HALF_STACK_MM, _HALF_WIDTH_MM, _SEAM_MM = 4.2, 16.5, 2.8
_FOIL_MM, _CORNER_MM, _GATHERING_MM = 0.35, 2.5, 2.2
_REACH_MM = 7.5  # from the middle plane, with bow and gas
_THINNEST_PAIR_MM, _THINNEST_PAIR_PX = 0.7, 6.0
_TAB_HALF_WIDTH_MM, _TAB_X_MM, _TAB_HALF_THICKNESS_MM = 3.0, 8.0, 0.22

# one pair of electrodes: material, thickness as a share
_LAYERS = (
    (m.SEPARATOR, 0.08),
    (m.CATHODE_COAT, 0.2),
    (m.ALUMINIUM, 0.06),
    (m.CATHODE_COAT, 0.2),
    (m.SEPARATOR, 0.08),
    (m.ANODE_COAT, 0.16),
    (m.COPPER, 0.06),
    (m.ANODE_COAT, 0.16),
)


class PouchCell:
    """Upper part of a cell, slice 0 above the pouch, where only the tabs are."""

    def __init__(self, shape_kji: tuple[int, int, int], rng: np.random.Generator) -> None:
        slices, rows, columns = shape_kji
        pixel_mm = WIDTH_MM / columns
        # a low image must still hold the whole stack
        pixel_mm = max(pixel_mm, 2.6 * _HALF_STACK_MM / rows)
        self.spacing_mm = (pixel_mm, pixel_mm, HEIGHT_MM / slices)
        self._depths_mm = fine_positions(slices, self.spacing_mm[2])
        y_mm = fine_positions(rows, pixel_mm) - np.float32(rows * pixel_mm / 2)
        self._band = slice(*np.searchsorted(y_mm, [-_REACH_MM, _REACH_MM]))
        self._y_mm, self._rows = y_mm[self._band, None], y_mm.size
        self._x_mm = fine_positions(columns, pixel_mm)[None, :] - np.float32(columns * pixel_mm / 2)
        self._half_foil_mm = max(_FOIL_MM, 1.2 * pixel_mm) / 2
        pair_mm = max(_THINNEST_PAIR_MM, _THINNEST_PAIR_PX * pixel_mm)
        self._pairs = max(2, int(2 * _HALF_STACK_MM / pair_mm))
        self._waves = rng.uniform([0.1, 0, 0], [0.25, 2 * np.pi, 2 * np.pi], (3, 3))
        self._shifts_mm = rng.uniform(-0.35, 0.35, self._pairs + 1).astype(np.float32)
        self._gas_x_mm, self._gas_height_mm = rng.uniform(-8, 8), rng.uniform(0.5, 0.9)
        self._tab_side = rng.choice([-1.0, 1.0])

    def sections(self, k: int) -> list[np.ndarray]:
        """Materials on planes within slice k, uint8 (rows, columns) each; one for all where the stack is whole."""
        depths_mm = [float(depth) for depth in self._depths_mm[k * FINE : (k + 1) * FINE]]
        if depths_mm[0] > _STACK_TOP_MM + 1.5:
            return [self._section(depths_mm[FINE // 2])] * FINE
        return [self._section(depth_mm) for depth_mm in depths_mm]

    def centre_of(self, sections: list[np.ndarray]) -> np.ndarray:
        """Materials at the voxel centres."""
        return centres(sections)

    def _section(self, depth_mm: float) -> np.ndarray:
        whole = np.full((self._rows, self._x_mm.size), m.AIR, np.uint8)
        whole[self._band] = self._band_section(depth_mm)
        return whole

    def _band_section(self, depth_mm: float) -> np.ndarray:
        """The rows that the cell can reach."""
        x, y = self._x_mm, self._y_mm - self._bow_mm(depth_mm)
        section = np.full(np.broadcast_shapes(x.shape, y.shape), m.AIR, np.uint8)
        if depth_mm > _POUCH_TOP_MM:
            self._draw_pouch(section, x, y, depth_mm)
        if depth_mm > _STACK_TOP_MM:
            self._draw_stack(section, x, y, depth_mm)
        else:
            self._draw_tabs(section, x, y, depth_mm)
        return section

    def _bow_mm(self, depth_mm: float) -> np.ndarray:
        """How far the stack is bent out of its plane, by x."""
        bow = sum(
            height * np.cos(order * self._x_mm / 12 + phase) * np.cos(order * depth_mm / 25 + other)
            for order, (height, phase, other) in enumerate(self._waves, start=1)
        )
        return np.asarray(bow, np.float32)

    def _opening_mm(self, depth_mm: float) -> float:
        """Half thickness of the pouch's inside; the seam at the top opens towards the stack."""
        share = np.clip((depth_mm - _POUCH_TOP_MM - 1.5) / (_STACK_TOP_MM - _POUCH_TOP_MM - 1.5), 0, 1)
        return float((_HALF_STACK_MM + 0.35) * (3 * share**2 - 2 * share**3))

    def _draw_pouch(self, section: np.ndarray, x: np.ndarray, y: np.ndarray, depth_mm: float) -> None:
        half_width = _HALF_WIDTH_MM + 0.5
        foil = self._half_foil_mm
        opening = self._opening_mm(depth_mm)
        gas = self._gas_height_mm * np.exp(-(((x - self._gas_x_mm) / 4) ** 2)) * min(1.0, opening / _HALF_STACK_MM)
        inside = _rounded_box(x, y, half_width, opening, gas)
        outside = _rounded_box(x, y, half_width + 2 * foil, opening + 2 * foil, gas)
        seam = (np.abs(y) < 2 * foil) & (np.abs(x) < half_width + _SEAM_MM)
        section[outside | seam] = m.POUCH_FOIL
        if opening > 2 * foil:
            section[inside] = m.ELECTROLYTE
            section[inside & (y < -_HALF_STACK_MM)] = m.GAS

    def _draw_stack(self, section: np.ndarray, x: np.ndarray, y: np.ndarray, depth_mm: float) -> None:
        place = (y + _HALF_STACK_MM) / (2 * _HALF_STACK_MM) * self._pairs
        pair = np.clip(np.floor(place), 0, self._pairs).astype(int)
        bounds = np.cumsum([thickness for _, thickness in _LAYERS])[:-1]
        layer = np.array([material for material, _ in _LAYERS], np.uint8)[np.searchsorted(bounds, place - pair)]
        sticking_out = np.array([0.0] * 256, np.float32)
        sticking_out[m.SEPARATOR], sticking_out[[m.ANODE_COAT, m.COPPER]] = 0.7, 0.35
        margin = sticking_out[layer] - 0.7
        fits = np.abs(x - self._shifts_mm[pair]) < _HALF_WIDTH_MM - 0.4 + margin
        fits &= (place >= 0) & (place < self._pairs) & (depth_mm > _STACK_TOP_MM + 0.4 - margin)
        section[fits] = layer[fits]

    def _draw_tabs(self, section: np.ndarray, x: np.ndarray, y: np.ndarray, depth_mm: float) -> None:
        for side, material in ((self._tab_side, m.TAB), (-self._tab_side, m.COPPER_TAB)):
            is_there = (np.abs(x - side * _TAB_X_MM) < _TAB_HALF_WIDTH_MM) & (np.abs(y) < _TAB_HALF_THICKNESS_MM)
            section[is_there | self._fan(x, y, depth_mm, side)] = material

    def _fan(self, x: np.ndarray, y: np.ndarray, depth_mm: float, side: float) -> np.ndarray:
        """Where the foils of all pairs are, gathered from the stack to a tab."""
        share = (depth_mm - (_STACK_TOP_MM - _GATHERING_MM)) / _GATHERING_MM
        if share <= 0:
            return np.zeros(np.broadcast_shapes(x.shape, y.shape), bool)
        place = (y / (share**1.5 * _HALF_STACK_MM * 0.95) + 1) / 2 * self._pairs
        is_foil = np.abs(place % 1 - 0.5) < min(0.5, 0.09 / share)
        is_foil &= (place >= 0) & (place < self._pairs)
        return np.asarray(is_foil & (np.abs(x - side * _TAB_X_MM) < _TAB_HALF_WIDTH_MM))


def _rounded_box(x: np.ndarray, y: np.ndarray, half_x: float, half_y: float, bulge: np.ndarray) -> np.ndarray:
    """Which places lie in a rectangle with rounded ends whose upper face bulges."""
    corner = min(_CORNER_MM, max(half_y, 1e-6))
    top = np.where(y < 0, half_y + bulge, half_y)
    beyond_x = np.clip(np.abs(x) - (half_x - corner), 0, None) / corner
    beyond_y = np.clip(np.abs(y) - (top - corner), 0, None) / corner
    return np.asarray(beyond_x**2 + beyond_y**2 < 1)
