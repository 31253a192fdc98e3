"""Plots as inline SVG: their numbers and names are text that can be selected, and take the page's colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..core.color import Color, nearest_hex
from .quantities import tick_text, ticks

# units of a drawing, and choices of its layout
_WIDE, _NARROW, _HEIGHT = 960.0, 470.0, 300.0
_LEGEND_COLUMNS = 5
_LEFT, _RIGHT, _TOP, _BOTTOM = 76.0, 16.0, 14.0, 50.0


@dataclass(frozen=True, eq=False)
class Series:
    """A line or a set of bars.

    Attributes
    ----------
    name : str
    color : Color
    x, y : numpy.ndarray
        Points of a line; or (n + 1,) edges and (n,) heights of bars.
    """

    name: str
    color: Color
    x: np.ndarray
    y: np.ndarray


def line_plot(series: Sequence[Series], x_label: str, y_label: str) -> str:
    """Lines over a common axis, each in its colour, with a legend."""
    frame = _Frame.around(series, _WIDE)
    return _svg(frame, [_line(each, frame) for each in series], x_label, y_label, series)


def histogram(series: Series, x_label: str, y_label: str, log_x: bool = False) -> str:
    """Bars; with `log_x` the edges are logarithms to the base of ten."""
    frame = _Frame.around([series], _NARROW)
    return _svg(frame, _bars(series, frame, log_x), x_label, y_label, (), log_x)


@dataclass(frozen=True)
class _Frame:
    """Where numbers lie in the drawing."""

    width: float
    x: tuple[float, float]
    y: tuple[float, float]

    @classmethod
    def around(cls, series: Sequence[Series], width: float) -> _Frame:
        low = min(float(each.x.min()) for each in series)
        high = max(float(each.x.max()) for each in series)
        top = max(float(each.y.max()) for each in series) or 1.0
        return cls(width, (low, high if high > low else low + 1), (0.0, 1.05 * top))

    @property
    def right(self) -> float:
        return self.width - _RIGHT

    def left(self, x: float) -> float:
        return _LEFT + (x - self.x[0]) / (self.x[1] - self.x[0]) * (self.right - _LEFT)

    def down(self, y: float) -> float:
        return _HEIGHT - _BOTTOM - (y - self.y[0]) / (self.y[1] - self.y[0]) * (_HEIGHT - _TOP - _BOTTOM)


def _line(series: Series, frame: _Frame) -> str:
    points = " ".join(f"{frame.left(x):.1f},{frame.down(y):.1f}" for x, y in zip(series.x, series.y, strict=True))
    color = nearest_hex(series.color)
    # the halo keeps light and dark colours apart from light and dark pages
    return (
        f"<g><title>{escape(series.name)}</title>"
        f'<polyline class="halo" points="{points}"/><polyline class="line" stroke="{color}" points="{points}"/></g>'
    )


def _bars(series: Series, frame: _Frame, log_x: bool) -> list[str]:
    color, bottom = nearest_hex(series.color), frame.down(0)
    bars = []
    for low, high, count in zip(series.x[:-1], series.x[1:], series.y, strict=True):
        left, right, top = frame.left(low), frame.left(high), frame.down(count)
        span = " to ".join(tick_text(float(10**edge if log_x else edge)) for edge in (low, high))
        bars.append(
            f"<g><title>{count:.0f}: {span}</title>"
            f'<rect class="bar" fill="{color}" x="{left:.1f}" y="{top:.1f}" width="{max(0.5, right - left - 1):.1f}" '
            f'height="{max(0.0, bottom - top):.1f}"/></g>'
        )
    return bars


def _svg(
    frame: _Frame, drawn: Sequence[str], x_label: str, y_label: str, legend: Sequence[Series], log_x: bool = False
) -> str:
    legend_height = 22.0 * -(-len(legend) // _LEGEND_COLUMNS)
    return "".join(
        [
            f'<svg class="plot" viewBox="0 0 {frame.width:.0f} {_HEIGHT + legend_height:.0f}" role="img" '
            f'aria-label="{escape(y_label)}, {escape(x_label)}">',
            *_axes(frame, log_x),
            *drawn,
            f'<text class="label" x="{(_LEFT + frame.right) / 2:.0f}" y="{_HEIGHT - 10:.0f}" '
            f'text-anchor="middle">{escape(x_label)}</text>',
            f'<text class="label" transform="translate(16 {(_TOP + _HEIGHT - _BOTTOM) / 2:.0f}) rotate(-90)" '
            f'text-anchor="middle">{escape(y_label)}</text>',
            *_legend(legend, frame),
            "</svg>",
        ]
    )


def _axes(frame: _Frame, log_x: bool) -> list[str]:
    bottom, right = frame.down(0), frame.right
    parts = []
    for y in ticks(*frame.y):
        at = frame.down(y)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{tick_text(y)}</text>')
    for x in _powers_of_ten(frame) if log_x else ticks(*frame.x, 10):
        at = frame.left(x)
        parts.append(f'<line class="axis" x1="{at:.1f}" x2="{at:.1f}" y1="{bottom:.1f}" y2="{bottom + 5:.1f}"/>')
        text = tick_text(10**x if log_x else x)
        parts.append(f'<text x="{at:.1f}" y="{bottom + 19:.1f}" text-anchor="middle">{text}</text>')
    parts.append(f'<line class="axis" x1="{_LEFT}" x2="{right}" y1="{bottom:.1f}" y2="{bottom:.1f}"/>')
    return parts


def _powers_of_ten(frame: _Frame) -> list[float]:
    """Logarithms of round numbers: powers of ten, and 2 and 5 times those where there are few."""
    low, high = frame.x
    factors = (1.0,) if high - low > 2.5 else (1.0, 2.0, 5.0)
    logarithms = [
        power + float(np.log10(factor))
        for power in range(int(np.floor(low)), int(np.ceil(high)) + 1)
        for factor in factors
    ]
    return [each for each in logarithms if low - 1e-9 <= each <= high + 1e-9]


def _legend(series: Sequence[Series], frame: _Frame) -> list[str]:
    width = (frame.right - _LEFT) / _LEGEND_COLUMNS
    parts = []
    for index, each in enumerate(series):
        x, y = _LEFT + width * (index % _LEGEND_COLUMNS), _HEIGHT + 12 + 22 * (index // _LEGEND_COLUMNS)
        parts.append(
            f'<rect class="swatch" fill="{nearest_hex(each.color)}" x="{x:.0f}" y="{y - 10:.0f}" '
            'width="12" height="12"/>'
            f'<text x="{x + 18:.0f}" y="{y:.0f}">{escape(_short(each.name))}</text>'
        )
    return parts


def _short(name: str) -> str:
    return name if len(name) <= 22 else f"{name[:21]}\u2026"
