"""Colours for classes that nobody chose a colour for: told apart by people with colour vision deficiencies too."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Collection

Color = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1."""

# Okabe and Ito, "Color Universal Design" (2008), without black, which does not show on a scan
_OKABE_ITO = ("#E69F00", "#56B4E9", "#D55E00", "#0072B2", "#F0E442", "#CC79A7", "#009E73")
_GOLDEN_ANGLE = 0.6180339887498949
"""Of a turn: hues that follow each other lie far apart, however many there are."""
_LIGHTNESS = (0.35, 0.62, 0.8)
"""A choice: three that are told apart on black and on white."""


def palette_color(index: int) -> Color:
    """Colour number `index` of an endless list; the first seven are those of Okabe and Ito.

    Later ones step round the colour wheel by the golden angle and change their lightness each time, so that
    neighbours in the list differ in both.
    """
    if index < len(_OKABE_ITO):
        return color_of_hex(_OKABE_ITO[index])
    red, green, blue = colorsys.hls_to_rgb(index * _GOLDEN_ANGLE % 1.0, _LIGHTNESS[index % len(_LIGHTNESS)], 0.75)
    return round(red, 3), round(green, 3), round(blue, 3)


def next_color(taken: Collection[Color]) -> Color:
    """First colour of the palette that is not taken."""
    index = 0
    while palette_color(index) in taken:
        index += 1
    return palette_color(index)


def color_of_hex(text: str) -> Color:
    """Colour of a text such as ``"#E69F00"``.

    Raises
    ------
    ValueError
        If the text is something else.
    """
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        raise ValueError(f"A colour is written #RRGGBB, not {text!r}.")
    red, green, blue = (int(text[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def nearest_hex(color: Color) -> str:
    """``"#e69f00"``, as HTML and SVG write it; what 8 bits a channel cannot express is rounded."""
    return "#" + "".join(f"{round(part * 255):02x}" for part in color)


def hex_of_color(color: Color) -> str | None:
    """``"#E69F00"``, or None for a colour that 8 bits a channel cannot express exactly."""
    text = nearest_hex(color).upper()
    return text if color_of_hex(text) == tuple(color) else None
