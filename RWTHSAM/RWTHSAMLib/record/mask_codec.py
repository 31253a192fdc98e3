"""Masks as JSON: pixels of the bounding box row by row, one bit each, compressed (zlib), as base64 text."""

from __future__ import annotations

import base64
import binascii

from ..core.json_document import Json, Node
from ..core.mask import PackedMask
from ..errors import InputError

MASK_KEYS = ("shape_yx", "bounds_xyxy", "area", "bits")
"""Keys that `packed_mask_of` reads."""


def mask_to_dict(mask: PackedMask) -> dict[str, Json]:
    """What `packed_mask_of` reads."""
    return {
        "shape_yx": list(mask.shape_yx),
        "bounds_xyxy": list(mask.bounds_xyxy),
        "area": mask.area,
        "bits": base64.b64encode(mask.data).decode(),
    }


def packed_mask_of(node: Node) -> PackedMask:
    """Mask, in pixels of its slice, of a parsed object.

    Raises
    ------
    InputError
        Of the document's kind, if the mask does not lie within its slice or its bits are damaged.
    """
    rows, columns = (each.whole() for each in node.item("shape_yx").items(2, 2, "rows and columns"))
    box = node.item("bounds_xyxy")
    x0, y0, x1, y1 = (each.whole() for each in box.items(4, 4, "pixels x_min, y_min, x_max, y_max"))
    if not (x0 <= x1 < columns and y0 <= y1 < rows):
        box.fail(f"a box within {columns} x {rows} pixels")
    bits, area = node.item("bits"), node.item("area").whole()
    try:
        mask = PackedMask((rows, columns), (x0, y0, x1, y1), area, base64.b64decode(bits.text(), validate=True))
        if mask.unpack().area != area:
            bits.fail(f"{area} pixels")
    except (binascii.Error, InputError) as error:
        raise node.error(f"{bits.path}: the mask is damaged: {error}") from error
    return mask
