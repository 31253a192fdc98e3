"""A jelly roll as a flat band: each slice round a centre, angle along the columns, radius along the rows.

With a pitch the radius of a row grows with the angle, so that a spiral winding becomes a straight line and goes on, one
winding further out, where the band begins again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import SettingsError

_FULL_TURN = 2 * np.pi
# a limit against a step that is mistyped: a GiB of one byte each
_MOST_PIXELS = 1 << 30


@dataclass(frozen=True)
class Unrolling:
    """How slices are unrolled; lengths in pixels of the slice.

    Attributes
    ----------
    center_xy : tuple of float
        What it is unrolled round: column and row.
    inner_px, outer_px : float
        Radii of the first row and of the last, at angle 0.
    pitch_px : float
        How much farther out a winding is after a turn; 0 for rings. Negative where the spiral turns the other way.
    columns : int, optional
        Pixels of a turn; by default as many as the outermost ring has pixels, so that no detail is lost.

    Raises
    ------
    SettingsError
        If a length is no number, the radii are no range, there are fewer than 4 columns, or the band is too large.
    """

    center_xy: tuple[float, float]
    inner_px: float
    outer_px: float
    pitch_px: float = 0.0
    columns: int | None = None

    def __post_init__(self) -> None:
        if not np.isfinite((*self.center_xy, self.inner_px, self.outer_px, self.pitch_px)).all():
            raise SettingsError("center_xy, inner_px, outer_px, pitch_px: expected numbers, not nan or inf.")
        if not 0 <= self.inner_px < self.outer_px:
            raise SettingsError(
                f"inner_px, outer_px: expected 0 <= inner < outer, got {self.inner_px:g} to {self.outer_px:g}."
            )
        if self.columns is not None and self.columns < 4:
            raise SettingsError(f"columns: expected 4 or more, got {self.columns}.")
        rows, columns = self.shape_vu
        if rows * columns > _MOST_PIXELS:
            raise SettingsError(f"A flat slice has {rows:,} x {columns:,} pixels: give smaller radii or columns.")

    @property
    def shape_vu(self) -> tuple[int, int]:
        """Rows and columns of the band."""
        rows = int(np.floor(self.outer_px - self.inner_px)) + 1
        return rows, self.columns or int(np.ceil(_FULL_TURN * (self.outer_px + max(0.0, self.pitch_px))))

    def to_slice(self, u: np.ndarray | float, v: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Place (x, y) on the slice of column u and row v of the band."""
        turn = np.asarray(u, float) / self.shape_vu[1]
        radius = self.inner_px + np.asarray(v, float) + self.pitch_px * turn
        x = self.center_xy[0] + radius * np.cos(_FULL_TURN * turn)
        y = self.center_xy[1] + radius * np.sin(_FULL_TURN * turn)
        return x, y

    def to_band(self, x: np.ndarray | float, y: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Column u (at least 0, less than the number of columns) and row v of a place on the slice."""
        dx, dy = np.asarray(x, float) - self.center_xy[0], np.asarray(y, float) - self.center_xy[1]
        turn = np.mod(np.arctan2(dy, dx), _FULL_TURN) / _FULL_TURN
        turn = np.where(turn >= 1, 0.0, turn)  # of an angle just below 0 the remainder may be a whole turn
        return turn * self.shape_vu[1], np.hypot(dx, dy) - self.inner_px - self.pitch_px * turn

    def unrolled(self, values_yx: np.ndarray, order: int = 1) -> np.ndarray:
        """A slice as a band.

        Parameters
        ----------
        values_yx : numpy.ndarray
            (rows, columns).
        order : int
            1 interpolates grey values linearly, 0 takes the nearest pixel, for labels.

        Returns
        -------
        numpy.ndarray
            `shape_vu`, of the same type; 0 beyond the slice.
        """
        from scipy import ndimage

        v, u = np.indices(self.shape_vu)
        x, y = self.to_slice(u, v)
        band = ndimage.map_coordinates(values_yx.astype(float) if order else values_yx, (y, x), order=order)
        return np.asarray(np.rint(band) if values_yx.dtype.kind in "iu" else band).astype(values_yx.dtype)

    def reaches(self, shape_yx: tuple[int, int]) -> bool:
        """Whether the outermost ring comes to a slice of so many rows and columns."""
        last_xy = np.array(shape_yx[::-1]) - 1.0
        beside = np.maximum(np.maximum(-np.array(self.center_xy), self.center_xy - last_xy), 0)
        return float(np.hypot(*beside)) <= self.outer_px + abs(self.pitch_px)

    def rolled(self, band_vu: np.ndarray, shape_yx: tuple[int, int]) -> np.ndarray:
        """Labels or a mask of a band, back on the slice: each pixel gets what is nearest; 0 beyond the band."""
        y, x = np.indices(shape_yx)
        u, v = self.to_band(x, y)
        rows, columns = self.shape_vu
        column, row = np.rint(u).astype(int) % columns, np.rint(v).astype(int)
        # half a pixel round the seam belongs to the first column, one winding further in
        row = np.where(np.rint(u) == columns, np.rint(v + self.pitch_px).astype(int), row)
        inside = (row >= 0) & (row < rows)
        found = np.zeros(shape_yx, band_vu.dtype)
        found[inside] = band_vu[row[inside], column[inside]]
        return found
