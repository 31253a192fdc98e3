"""Bodies of revolution: parts drawn as thick lines over distance from the axis and height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .parts import Part


@dataclass(frozen=True)
class Line:
    """A bent sheet: a line of radius and height, in pixels, with a thickness."""

    part: Part
    points: np.ndarray
    thickness_px: float
    attenuation: float
    is_vented: bool = False
    has_flat_ends: bool = False


def rasterised(lines: tuple[Line, ...], radius: np.ndarray, z: np.ndarray, step_px: float) -> np.ndarray:
    """Which line is where.

    Parameters
    ----------
    lines : tuple of Line
        Later ones cover earlier ones.
    radius, z : numpy.ndarray
        float32, of shapes that broadcast: distance from the axis, and height.
    step_px : float
        How finely to look: a sample's width.

    Returns
    -------
    numpy.ndarray
        int8 of the broadcast shape: index of the line, -1 where there is none.
    """
    lowest, highest = float(z.min()), float(z.max())
    nearest, farthest = float(radius.min()), float(radius.max())
    table = _Table(
        nearest, lowest, step_px, int((farthest - nearest) / step_px) + 2, int((highest - lowest) / step_px) + 2
    )
    for number, line in enumerate(lines):
        for start, end in zip(line.points[:-1], line.points[1:], strict=True):
            table.draw(number, start, end, line)
    return table.at(radius, z)


class _Table:
    def __init__(self, nearest: float, lowest: float, step_px: float, columns: int, rows: int) -> None:
        self._nearest, self._lowest, self._step = nearest, lowest, step_px
        self._radius = (nearest + np.arange(columns) * step_px).astype(np.float32)
        self._z = (lowest + np.arange(rows) * step_px).astype(np.float32)
        self._which = np.full((rows, columns), -1, np.int8)

    def draw(self, number: int, start: np.ndarray, end: np.ndarray, line: Line) -> None:
        """A segment of a line."""
        half_px = line.thickness_px / 2
        columns = self._span(self._radius, start[0], end[0], half_px)
        rows = self._span(self._z, start[1], end[1], half_px)
        radius, z = self._radius[None, columns], self._z[rows, None]
        if radius.size == 0 or z.size == 0:
            return
        along = end - start
        length2 = max(float(along @ along), 1e-6)
        share = ((radius - start[0]) * along[0] + (z - start[1]) * along[1]) / length2
        is_between = ((share >= 0) & (share <= 1)) | (not line.has_flat_ends)
        share = np.clip(share, 0, 1)
        distance2 = (radius - start[0] - share * along[0]) ** 2 + (z - start[1] - share * along[1]) ** 2
        self._which[rows, columns][(distance2 < half_px**2) & is_between] = number

    def at(self, radius: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Look up."""
        column = ((radius - self._nearest) / self._step + 0.5).astype(np.int32)
        row = ((z - self._lowest) / self._step + 0.5).astype(np.int32)
        return np.asarray(self._which[row, column])

    @staticmethod
    def _span(values: np.ndarray, start: float, end: float, half_px: float) -> slice:
        return slice(*np.searchsorted(values, [min(start, end) - half_px, max(start, end) + half_px]))
