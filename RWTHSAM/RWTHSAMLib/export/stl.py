"""Surfaces as binary STL: a header of 80 bytes, the number of triangles, and 50 bytes for each.

The format is that of 3D Systems' StereoLithography Interface Specification (1989): little-endian, a normal and three
corners in single precision, two bytes that mean nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..core.settings.export import Frame
from .surface import WORLD, Surface, turned

_HEADER_BYTES = 80
_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("unused", "<u2")])


def write_stl(surfaces: Sequence[Surface], path: Path, frame: Frame, unit: str = "mm") -> None:
    """Write surfaces into one file, whose header names the frame and the unit of the coordinates.

    Parameters
    ----------
    surfaces : sequence of Surface
        At least one.
    path : Path
        Ends in ``.stl``.
    frame : str
        ``"LPS"`` or ``"RAS"``. Slicer, too, finds it in the header.
    unit : str
        Of the coordinates.
    """
    # a header that began with "solid" would be taken for a text file
    header = f"RWTHSAM. SPACE={frame} UNIT={unit}".ljust(_HEADER_BYTES).encode("ascii")
    count = np.array(sum(len(each.triangles) for each in surfaces), "<u4")
    with path.open("wb") as file:
        file.write(header + count.tobytes())
        for each in surfaces:
            file.write(_triangles(each, frame).tobytes())


def _triangles(surface: Surface, frame: Frame) -> np.ndarray:
    corners = turned(surface.points_from(WORLD), frame)[surface.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    records = np.zeros(len(corners), _TRIANGLE)
    records["corners"] = corners
    records["normal"] = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    return records
