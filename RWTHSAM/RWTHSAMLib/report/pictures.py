"""Slices of the scan with the outlines of the classes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..core.image import SliceImage
from ..core.slices import SliceKey
from ..core.system.optional_package import optional_package
from ..export.labelmap import LabelledClass
from .content import Picture, ScaleBar
from .quantities import LengthUnit, nice_step

_DIRECTIONS = {"k": "i to the right, j downwards", "j": "i to the right, k upwards", "i": "j to the right, k upwards"}
# choices for the eye: the scan stays legible under the colour, the rim is two or three pixels wide, small scans are not
# blown up to blocks
_FILLED = 0.22
_OUTLINE_SHARE = 0.003
_MARGIN_SHARE = 0.04
_MOST_SCALED_UP = 8.0


@dataclass(frozen=True, eq=False)
class SliceWithClasses:
    """A slice and what was found on it.

    Attributes
    ----------
    key : SliceKey
    image : SliceImage
    masks : sequence of (LabelledClass, numpy.ndarray)
        Bool (rows, columns) each, later ones drawn above earlier ones.
    pixel_mm_xy : (float, float)
        Width and height of a pixel.
    """

    key: SliceKey
    image: SliceImage
    masks: Sequence[tuple[LabelledClass, np.ndarray]]
    pixel_mm_xy: tuple[float, float]


def slice_picture(shown: SliceWithClasses, unit: LengthUnit, longest_px: int, brief: bool = False) -> Picture:
    """Draw a slice in its true proportions.

    Slices along k have j downwards, as a picture viewer shows them; those along j and i have k upwards.

    Parameters
    ----------
    shown : SliceWithClasses
    unit : LengthUnit
        Of the scale bar.
    longest_px : int
        Length of the longer side.
    brief : bool
        Whether the caption leaves out the directions.

    Raises
    ------
    DependencyMissing
        If Pillow is not installed.
    """
    size = _size(shown, longest_px)
    pixels = _resized(shown.image.rgb(), size, smooth=True).astype(np.float32)
    for entry, mask in shown.masks:
        _draw(pixels, _resized(mask, size, smooth=False), entry)
    if shown.key.axis != "k":
        pixels = pixels[::-1]
    width_mm = shown.image.shape_yx[1] * shown.pixel_mm_xy[0]
    names = ", ".join(entry.name for entry, mask in shown.masks if mask.any()) or "no class"
    place = f"Slice {shown.key.axis} = {shown.key.index}"
    caption = place if brief else f"{place} ({_DIRECTIONS[shown.key.axis]})"
    return picture(np.rint(pixels).astype(np.uint8), caption, f"{place}: {names}", _bar(width_mm, unit))


def picture(pixels: np.ndarray, caption: str, alt: str, scale_bar: ScaleBar | None = None) -> Picture:
    """(rows, columns, 3 or 4) uint8 as a picture of the report."""
    buffer = io.BytesIO()
    optional_package("PIL.Image", "Pictures", "pillow").fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG")
    return Picture(buffer.getvalue(), (pixels.shape[1], pixels.shape[0]), caption, alt, scale_bar)


def without_margins(pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Pictures of one view, (rows, columns, 4) uint8, all cut to what is opaque in any of them and a little more."""
    opaque = np.any([each[..., 3] > 0 for each in pictures], axis=0)
    cut = tuple(_span(opaque.any(axis=1 - axis)) for axis in (0, 1))
    return [each[cut] for each in pictures]


def _span(held: np.ndarray) -> slice:
    places = np.flatnonzero(held)
    if not len(places):
        return slice(None)
    margin = round(_MARGIN_SHARE * len(held))
    return slice(max(0, int(places[0]) - margin), int(places[-1]) + 1 + margin)


def best_slices(areas: Mapping[int, np.ndarray]) -> int:
    """The slice on which the classes together show most of what they ever show.

    Parameters
    ----------
    areas : mapping of int to numpy.ndarray
        For each class its number of voxels on every slice.
    """
    shares = [each / each.max() for each in areas.values() if each.max() > 0]
    return int(np.sum(shares, axis=0).argmax()) if shares else len(next(iter(areas.values()))) // 2


def spread_slices(areas: Mapping[int, np.ndarray], count: int) -> list[int]:
    """Slices evenly spread over the range in which any class has voxels (one number a slice), none at its very ends."""
    held = np.flatnonzero(np.sum(list(areas.values()), axis=0))
    if not len(held):
        return []
    first, last = int(held[0]), int(held[-1])
    places = np.linspace(first, last, count + 2)[1:-1] if last - first > count else np.arange(first, last + 1)
    return sorted({round(float(each)) for each in places})


def _size(shown: SliceWithClasses, longest_px: int) -> tuple[int, int]:
    """(columns, rows) of the drawing."""
    rows, columns = shown.image.shape_yx
    width_mm, height_mm = columns * shown.pixel_mm_xy[0], rows * shown.pixel_mm_xy[1]
    longest_px = min(longest_px, max(64, round(_MOST_SCALED_UP * max(rows, columns))))
    scale = longest_px / max(width_mm, height_mm)
    return max(8, round(width_mm * scale)), max(8, round(height_mm * scale))


def _resized(pixels: np.ndarray, size: tuple[int, int], smooth: bool) -> np.ndarray:
    image = optional_package("PIL.Image", "Pictures", "pillow")
    how = image.Resampling.LANCZOS if smooth else image.Resampling.NEAREST
    return np.asarray(image.fromarray(pixels).resize(size, how))


def _draw(pixels: np.ndarray, mask: np.ndarray, entry: LabelledClass) -> None:
    color = 255 * np.asarray(entry.color, np.float32)
    rim = _rim(mask, max(1, round(_OUTLINE_SHARE * max(mask.shape))))
    pixels[mask] = (1 - _FILLED) * pixels[mask] + _FILLED * color
    pixels[rim] = color


def _rim(mask: np.ndarray, width_px: int) -> np.ndarray:
    """Pixels of a mask that lie next to others, sideways or up and down; the picture's edge is no rim."""
    inner = mask.copy()
    for _ in range(width_px):
        padded = np.pad(inner, 1, mode="edge")
        inner = inner & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    rim: np.ndarray = mask & ~inner
    return rim


def _bar(width_mm: float, unit: LengthUnit) -> ScaleBar:
    length = nice_step(width_mm / unit.mm, 5)
    plural = "s" if unit.name in ("voxel", "unit") and length != 1 else ""
    return ScaleBar(length * unit.mm / width_mm, f"{length:g} {unit.name}{plural}")
