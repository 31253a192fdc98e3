"""How large the voxels of a TIFF file are, as far as it says so: OME, ImageJ, or the plain resolution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from .units import mm_per

if TYPE_CHECKING:
    import tifffile

_MM_PER_RESOLUTION_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 1e-3}
# what programs write when nobody said anything: no scan has such voxels by chance
_PRINT_RESOLUTIONS_DPI = (1, 72, 75, 90, 96, 100, 150, 200, 300, 600)
# words for "no unit"
_NO_UNIT = ("", "pixel", "pixels", "voxel", "voxels", "none", "reference frame")


@dataclass(frozen=True)
class TiffSpacing:
    """Voxel size along i, j, k in mm, None where the file does not say it; and what was assumed."""

    spacing_mm: tuple[float, float, float] | None
    notes: tuple[str, ...] = ()


def spacing_of(file: tifffile.TiffFile, series: tifffile.TiffPageSeries, planes: int) -> TiffSpacing:
    """Voxel size of a series.

    Parameters
    ----------
    file : tifffile.TiffFile
    series : tifffile.TiffPageSeries
    planes : int
        Slices of the volume.
    """
    if file.ome_metadata:
        found = _ome(file.ome_metadata, _index_of(file, series), planes)
        if found is not None:
            return found
    tags = series.keyframe.tags
    x, y = (_per_unit(tags[name].value) if name in tags else None for name in ("XResolution", "YResolution"))
    if file.imagej_metadata:
        return _imagej(file.imagej_metadata, x, y, planes)
    unit = _MM_PER_RESOLUTION_UNIT.get(int(tags["ResolutionUnit"].value)) if "ResolutionUnit" in tags else None
    if unit is None or x is None or y is None or _is_print_resolution(x * 25.4 / unit):
        return TiffSpacing(None)
    return _with_depth(unit / x, unit / y, None, planes)


def _imagej(stated: dict[str, Any], x: float | None, y: float | None, planes: int) -> TiffSpacing:
    word = str(stated.get("unit", ""))
    scale = mm_per(word)
    if scale is None or x is None or y is None:
        return TiffSpacing(None, () if word.strip().lower() in _NO_UNIT else _about_unit(word, scale))
    y_scale = mm_per(str(stated["yunit"])) if stated.get("yunit") else scale
    z_scale = mm_per(str(stated["zunit"])) if stated.get("zunit") else scale
    if y_scale is None or z_scale is None:
        named = stated["yunit"] if y_scale is None else stated["zunit"]
        return TiffSpacing(None, _about_unit(str(named), None))
    # a stack that was turned round has a negative distance
    depth = _positive(stated.get("spacing")) or _positive(-_number(stated.get("spacing")))
    return _with_depth(scale / x, y_scale / y, None if depth is None else z_scale * depth, planes)


def _about_unit(word: str, scale: float | None) -> tuple[str, ...]:
    return (
        () if scale is not None else (f"The file gives its voxel size in '{word}', no unit of length that is known.",)
    )


def _with_depth(x_mm: float, y_mm: float, z_mm: float | None, planes: int) -> TiffSpacing:
    if z_mm is not None or planes == 1:
        return TiffSpacing((x_mm, y_mm, x_mm if z_mm is None else z_mm))
    note = f"The file gives no distance between slices; {x_mm:.6g} mm, the size of a pixel, was assumed."
    return TiffSpacing((x_mm, y_mm, x_mm), (note,))


def _index_of(file: tifffile.TiffFile, series: tifffile.TiffPageSeries) -> int:
    return next((index for index, each in enumerate(file.series) if each is series), 0)


def _ome(xml: str, index: int, planes: int) -> TiffSpacing | None:
    try:
        pixels = [each for each in ElementTree.fromstring(xml).iter() if each.tag.rpartition("}")[2] == "Pixels"]
    except ElementTree.ParseError:
        return TiffSpacing(None, ("The description of the image (OME-XML) is damaged: no voxel size was read.",))
    if not pixels:
        return None
    about = pixels[min(index, len(pixels) - 1)].attrib
    sizes: list[float | None] = []
    for axis in "XYZ":
        size = _positive(about.get(f"PhysicalSize{axis}"))
        # OME's own default is the micrometre
        word = about.get(f"PhysicalSize{axis}Unit", "\u00b5m")
        scale = mm_per(word)
        if size is not None and scale is None:
            return TiffSpacing(None, () if word.strip().lower() in _NO_UNIT else _about_unit(word, None))
        sizes.append(None if size is None or scale is None else size * scale)
    x_mm, y_mm, z_mm = sizes
    return None if x_mm is None or y_mm is None else _with_depth(x_mm, y_mm, z_mm, planes)


def _per_unit(fraction: tuple[int, int] | float) -> float | None:
    """Pixels per unit of a TIFF rational."""
    if isinstance(fraction, tuple):
        return _positive(fraction[0] / fraction[1]) if fraction[1] else None
    return _positive(fraction)


def _positive(value: object) -> float | None:
    number = _number(value)
    return number if 0 < number < math.inf else None


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def _is_print_resolution(dpi: float) -> bool:
    return any(abs(dpi - usual) < 0.5 for usual in _PRINT_RESOLUTIONS_DPI)
