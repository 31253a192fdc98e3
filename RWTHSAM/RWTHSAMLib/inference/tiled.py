"""A mask of a part of a slice, placed into the slice; beyond the part it goes on as the whole shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core.image import SliceImage
from ..core.mask import Bounds, Candidate, Mask, Segmentation, iou
from ..core.prompts import Prompts

_LEAST_AGREEMENT = 0.5
"""IoU from which two masks are held for one object, a choice: more than half of both is shared."""


def part_of(image: SliceImage, tile: Bounds) -> SliceImage:
    """The picture of a tile."""
    x0, y0, x1, y1 = tile
    return SliceImage(np.ascontiguousarray(image.pixels[y0 : y1 + 1, x0 : x1 + 1]))


def prompts_within(prompts: Prompts, tile: Bounds) -> Prompts:
    """The same prompts, in pixels of their tile."""
    x, y = tile[:2]
    return replace(prompts, items=tuple(item.moved(-x, -y) for item in prompts.items), tile_xyxy=None)


def leaves(mask: Mask, tile: Bounds, shape_yx: tuple[int, int]) -> bool:
    """Whether a mask of a tile (in pixels of the slice) reaches an edge of it beyond which the slice goes on."""
    if mask.is_empty:
        return False
    x0, y0, x1, y1 = mask.bounds_xyxy
    rows, columns = shape_yx
    return bool(
        (x0 == 0 and tile[0] > 0)
        or (y0 == 0 and tile[1] > 0)
        or (x1 == tile[2] - tile[0] and tile[2] < columns - 1)
        or (y1 == tile[3] - tile[1] and tile[3] < rows - 1)
    )


def placed(fine: Segmentation, tile: Bounds, shape_yx: tuple[int, int], coarse: Segmentation | None) -> Segmentation:
    """What was found on a tile as an answer for the whole slice.

    Parameters
    ----------
    fine : Segmentation
        In pixels of the tile.
    tile : Bounds
        In pixels of the slice.
    shape_yx : tuple of int
        Of the slice.
    coarse : Segmentation, optional
        The answer of the whole slice to the same prompts, if any mask leaves the tile.
    """
    others = [each.mask for each in coarse.candidates] if coarse is not None else []
    return replace(fine, candidates=tuple(_placed(each, tile, shape_yx, others) for each in fine.candidates))


def _placed(candidate: Candidate, tile: Bounds, shape_yx: tuple[int, int], coarse: Sequence[Mask]) -> Candidate:
    (x, y), pixels = candidate.mask.origin_xy, candidate.mask.pixels
    own = Mask(shape_yx, (x + tile[0], y + tile[1]) if pixels.size else (0, 0), pixels)
    if coarse and leaves(candidate.mask, tile, shape_yx):
        own = _continued(own, tile, coarse)
    return replace(candidate, mask=own)


def _continued(own: Mask, tile: Bounds, coarse: Sequence[Mask]) -> Mask:
    """A mask with what the coarse one that agrees best has beyond the tile, where it hangs together."""
    from scipy import ndimage

    x0, y0, x1, y1 = tile
    here = own.to_array()
    inside = Mask.from_array(here[y0 : y1 + 1, x0 : x1 + 1])
    agreement, best = max(
        (
            (iou(Mask.from_array(each.to_array()[y0 : y1 + 1, x0 : x1 + 1]), inside), -number)
            for number, each in enumerate(coarse)
        ),
        default=(0.0, 0),
    )
    if agreement < _LEAST_AGREEMENT:
        return own
    beyond = coarse[-best].to_array()
    beyond[y0 : y1 + 1, x0 : x1 + 1] = False
    labels, _ = ndimage.label(here | beyond, np.ones((3, 3)))
    held = np.unique(labels[here])
    return Mask.from_array(np.isin(labels, held[held > 0]))
