"""Surfaces as glTF 2.0, a text file or the binary GLB: with names and colours, in the format's own world.

glTF prescribes metres, y up and the front towards +z. The points stay mm in RAS, from an origin that is their node's
translation; the scene's one root carries the matrix to metres. Every reader applies both. VTK's exporter writes neither
names nor GLB and needs a graphics system.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .. import __version__
from .surface import Surface

Json = dict[str, object]

_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_FLOAT, _UNSIGNED_INT = 5126, 5125
_GLB_MAGIC, _GLB_VERSION, _JSON_CHUNK, _BIN_CHUNK = 0x46546C67, 2, 0x4E4F534A, 0x004E4942

RAS_MM_TO_GLTF = np.array([[-1e-3, 0, 0, 0], [0, 0, 1e-3, 0], [0, 1e-3, 0, 0], [0, 0, 0, 1]])
"""(4, 4): right is -x, superior +y, anterior +z; millimetres become metres."""


def write_gltf(surfaces: Sequence[Surface], path: Path) -> None:
    """Write all surfaces as the children of one node.

    Parameters
    ----------
    surfaces : sequence of Surface
        At least one; each becomes a mesh, a material and a node of its name.
    path : Path
        Ends in ``.glb``, or in ``.gltf`` for text with the arrays within.
    """
    arrays = _Arrays()
    meshes = [_mesh(each, index, arrays) for index, each in enumerate(surfaces)]
    document = _document(surfaces, meshes, arrays)
    binary = arrays.joined()
    if path.suffix.lower() == ".glb":
        document["buffers"] = [{"byteLength": len(binary)}]
        path.write_bytes(_packed(document, binary))
        return
    uri = "data:application/octet-stream;base64," + base64.b64encode(binary).decode("ascii")
    document["buffers"] = [{"byteLength": len(binary), "uri": uri}]
    path.write_text(json.dumps(document), encoding="utf-8")


class _Arrays:
    """Arrays one after the other in one buffer; all have items of 4 bytes, so that each begins where it may."""

    def __init__(self) -> None:
        self.accessors: list[Json] = []
        self.views: list[Json] = []
        self._parts: list[bytes] = []
        self._length = 0

    def add_vectors(self, array: np.ndarray) -> int:
        """(n, 3) float32; returns the accessor's number."""
        # readers want the bounds of positions, and bounds of what is stored, not of a wider type
        stored = np.ascontiguousarray(array, "<f4")
        bounds: Json = {"min": stored.min(axis=0).tolist(), "max": stored.max(axis=0).tolist()}
        return self._add(stored.tobytes(), _ARRAY_BUFFER, _FLOAT, "VEC3", len(stored), bounds)

    def add_indices(self, array: np.ndarray) -> int:
        """Indices of points, three for each triangle, of any shape and integer dtype; returns the accessor's number."""
        stored = np.ascontiguousarray(array, "<u4")
        return self._add(stored.tobytes(), _ELEMENT_ARRAY_BUFFER, _UNSIGNED_INT, "SCALAR", stored.size, {})

    def joined(self) -> bytes:
        """All arrays."""
        return b"".join(self._parts)

    def _add(self, part: bytes, target: int, component: int, kind: str, count: int, bounds: Json) -> int:
        self.views.append({"buffer": 0, "byteOffset": self._length, "byteLength": len(part), "target": target})
        about: Json = {"bufferView": len(self.views) - 1, "componentType": component, "type": kind, "count": count}
        self.accessors.append({**about, **bounds})
        self._parts.append(part)
        self._length += len(part)
        return len(self.accessors) - 1


def _mesh(surface: Surface, index: int, arrays: _Arrays) -> Json:
    attributes = {"POSITION": arrays.add_vectors(surface.points_mm), "NORMAL": arrays.add_vectors(surface.normals)}
    primitive = {"attributes": attributes, "indices": arrays.add_indices(surface.triangles), "material": index}
    return {"name": surface.entry.name, "primitives": [primitive]}


def _material(surface: Surface) -> Json:
    # glTF's colours are linear, those of screens and classes are not
    color = [_linear(part) for part in surface.entry.color]
    look = {"baseColorFactor": [*color, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.8}
    return {"name": surface.entry.name, "pbrMetallicRoughness": look, "doubleSided": True}


def _linear(part: float) -> float:
    """From sRGB, by the definition of IEC 61966-2-1."""
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _document(surfaces: Sequence[Surface], meshes: list[Json], arrays: _Arrays) -> Json:
    children: list[Json] = [
        {
            "name": each.entry.name,
            "mesh": index,
            # numbers of the text are in double precision, those of the points are not
            "translation": each.origin_mm.tolist(),
            "extras": {"class": each.entry.class_id, "label": each.entry.label},
        }
        for index, each in enumerate(surfaces)
    ]
    root: Json = {
        "name": "Segmentation (points in mm, RAS)",
        "matrix": RAS_MM_TO_GLTF.T.ravel().tolist(),
        "children": [index + 1 for index in range(len(children))],
    }
    return {
        "asset": {"version": "2.0", "generator": f"RWTHSAM {__version__}"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [root, *children],
        "meshes": meshes,
        "materials": [_material(each) for each in surfaces],
        "accessors": arrays.accessors,
        "bufferViews": arrays.views,
    }


def _packed(document: Json, binary: bytes) -> bytes:
    """A GLB file: a header, then a chunk of JSON and one of binary, each a multiple of 4 bytes long."""
    text = json.dumps(document, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    chunks = struct.pack("<II", len(text), _JSON_CHUNK) + text + struct.pack("<II", len(binary), _BIN_CHUNK) + binary
    return struct.pack("<III", _GLB_MAGIC, _GLB_VERSION, 12 + len(chunks)) + chunks
