"""Surfaces as Wavefront OBJ with a material file; VTK's exporter knows no names and needs a graphics system."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..core.settings.export import Frame
from .surface import WORLD, Surface, turned

MTL_START = "newmtl class_"


def write_obj(surfaces: Sequence[Surface], path: Path, frame: Frame, unit: str = "mm") -> Path:
    """Write an OBJ file with a named object for each surface.

    Parameters
    ----------
    surfaces : sequence of Surface
        At least one.
    path : Path
        Ends in ``.obj``.
    frame : str
        ``"LPS"`` or ``"RAS"``; a comment says it.
    unit : str
        Of the coordinates, for the comment.

    Returns
    -------
    Path
        The material file beside it, with the colours.
    """
    materials = path.with_suffix(".mtl")
    materials.write_text("\n".join(_material(each) for each in surfaces), encoding="utf-8")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"# SPACE={frame} UNIT={unit}\nmtllib {materials.name}\n")
        first = 1  # OBJ counts points from 1, through all objects
        for each in surfaces:
            file.write(_object(each, first, frame))
            first += len(each.points_mm)
    return materials


def _object(surface: Surface, first: int, frame: Frame) -> str:
    text = io.StringIO()
    text.write(f"o {_word(surface.entry.name)}\nusemtl {_material_name(surface)}\n")
    np.savetxt(text, turned(surface.points_from(WORLD), frame), "v %.12g %.12g %.12g")
    np.savetxt(text, turned(surface.normals, frame), "vn %.4f %.4f %.4f")
    np.savetxt(text, (surface.triangles.astype(np.int64) + first).repeat(2, axis=1), "f %d//%d %d//%d %d//%d")
    return text.getvalue()


def _material(surface: Surface) -> str:
    red, green, blue = surface.entry.color
    return f"newmtl {_material_name(surface)}\nKd {red:.4f} {green:.4f} {blue:.4f}\nKa 0 0 0\nKs 0 0 0\nd 1\nillum 1\n"


def _material_name(surface: Surface) -> str:
    return f"{MTL_START.split()[1]}{surface.entry.label}"


def _word(name: str) -> str:
    return re.sub(r"\s+", "_", name.strip()) or "_"
