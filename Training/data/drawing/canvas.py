"""What bodies are drawn on: attenuation and truth at every sample of a view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .grid import Grid, Points, Span

NO_LAYER = -1


class Canvas:
    """Arrays over a grid; whoever draws last covers what was there.

    Attributes
    ----------
    grid : Grid
        The samples.
    attenuation : numpy.ndarray
        float32, relative to steel.
    part : numpy.ndarray
        uint8, a `Part`.
    layer : numpy.ndarray
        int16, number of the turn or of the layer in a stack, `NO_LAYER` elsewhere.
    along : numpy.ndarray
        float32, position along a layer in pixels, where `layer` is set.
    body : numpy.ndarray
        uint8, number of the body: 0 outside of all, 1 the one that the view shows.
    """

    def __init__(self, grid: Grid, attenuation: float = 0.0) -> None:
        self.grid = grid
        self.attenuation = np.full(grid.shape, attenuation, np.float32)
        self.part = np.zeros(grid.shape, np.uint8)
        self.layer = np.full(grid.shape, NO_LAYER, np.int16)
        self.along = np.zeros(grid.shape, np.float32)
        self.body = np.zeros(grid.shape, np.uint8)

    def rectangle(self, rows: Span, columns: Span) -> Canvas:
        """A part of the whole canvas, given as samples; what is drawn there is drawn here."""
        part = object.__new__(Canvas)
        part.grid = replace(self.grid, rows=rows, columns=columns)
        for name in ("attenuation", "part", "layer", "along", "body"):
            setattr(part, name, getattr(self, name)[slice(*rows), slice(*columns)])
        return part

    def cropped(self, where: np.ndarray, points: Points) -> tuple[Canvas, Points] | None:
        """The smallest rectangle that holds the samples `where`, and their places; None if there are none."""
        where = np.broadcast_to(where, self.grid.shape)
        rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
        if rows.size == 0:
            return None
        spans = [slice(int(indices[0]), int(indices[-1]) + 1) for indices in (rows, columns)]
        part = object.__new__(Canvas)
        starts = self.grid.rows[0], self.grid.columns[0]
        row_span, column_span = (
            (span.start + start, span.stop + start) for span, start in zip(spans, starts, strict=True)
        )
        part.grid = replace(self.grid, rows=row_span, columns=column_span)
        for name in ("attenuation", "part", "layer", "along", "body"):
            setattr(part, name, getattr(self, name)[spans[0], spans[1]])
        x, y, z = (
            values[spans[0] if values.shape[0] > 1 else slice(None), spans[1] if values.shape[1] > 1 else slice(None)]
            for values in points
        )
        return part, (x, y, z)

    def draw(self, where: np.ndarray, part: int, attenuation: float, body: int = 1) -> None:
        """Give the samples `where` (bool) to a part; it belongs to no layer."""
        where = np.broadcast_to(where, self.grid.shape)
        self.attenuation[where] = attenuation
        self.part[where] = part
        self.layer[where] = NO_LAYER
        self.body[where] = body
