"""Grey values and distances in and around a mask, looked at in its bounding box only."""

from __future__ import annotations

import numpy as np

from ...core.mask import Mask

Part = tuple[slice, slice]
"""Rows and columns of a slice."""

# choices: the gap is as wide as a blurred edge, the ring holds enough pixels for a mean
_GAP_PX, _RING_PX = 1, 4


def around(mask: Mask, margin: int) -> tuple[Part, np.ndarray]:
    """Bounding box of a mask with a margin, as far as the slice goes, and the mask's pixels in it."""
    x0, y0, x1, y1 = mask.bounds_xyxy
    rows, columns = mask.shape_yx
    top, left = max(0, y0 - margin), max(0, x0 - margin)
    part = slice(top, min(rows, y1 + 1 + margin)), slice(left, min(columns, x1 + 1 + margin))
    return part, pixels_in(mask, part)


def pixels_in(mask: Mask, part: Part) -> np.ndarray:
    """Pixels of a mask in a part of its slice, bool."""
    found = np.zeros([each.stop - each.start for each in part], bool)
    if mask.is_empty:
        return found
    (x, y), (rows, columns) = mask.origin_xy, mask.pixels.shape
    top, left = max(y, part[0].start), max(x, part[1].start)
    bottom, right = min(y + rows, part[0].stop), min(x + columns, part[1].stop)
    if top < bottom and left < right:
        inside = mask.pixels[top - y : bottom - y, left - x : right - x]
        found[top - part[0].start : bottom - part[0].start, left - part[1].start : right - part[1].start] = inside
    return found


def pixels_of_box(box: Part, part: Part) -> np.ndarray:
    """Which pixels of a part of a slice lie in a smaller one, bool."""
    inside = np.zeros([each.stop - each.start for each in part], bool)
    rows, columns = (slice(one.start - of.start, one.stop - of.start) for one, of in zip(box, part, strict=True))
    inside[rows, columns] = True
    return inside


def placed(pixels: np.ndarray, part: Part, shape_yx: tuple[int, int]) -> Mask:
    """Mask of a slice from the pixels of a part of it."""
    small = Mask.from_array(pixels)
    x, y = small.origin_xy
    return Mask(shape_yx, (x + part[1].start, y + part[0].start) if not small.is_empty else (0, 0), small.pixels)


def inner_depth(pixels: np.ndarray) -> np.ndarray:
    """Distance of every pixel to the nearest one outside; the border of the array counts as outside."""
    from scipy import ndimage

    return np.asarray(ndimage.distance_transform_edt(np.pad(pixels, 1))[1:-1, 1:-1])


def parts_meeting(pixels: np.ndarray, others: np.ndarray, diagonally: bool = False) -> np.ndarray:
    """Connected parts that share a pixel with others; 4 neighbours connect, `diagonally` 8."""
    from scipy import ndimage

    labels, count = ndimage.label(pixels, np.ones((3, 3), bool) if diagonally else None)
    meets = np.zeros(count + 1, bool)
    meets[labels[others]] = True
    meets[0] = False
    return np.asarray(meets[labels])


def without_holes(pixels: np.ndarray) -> np.ndarray:
    """The bool array (rows, columns) with everything filled that is cut off from its border."""
    around_it = np.pad(~pixels, 1, constant_values=True)
    border = np.zeros(around_it.shape, bool)
    border[0, 0] = True
    return ~parts_meeting(around_it, border)[1:-1, 1:-1]


def signed_depth(pixels: np.ndarray) -> np.ndarray:
    """Signed distance to the edge of a shape, which runs between pixels: positive inside.

    The border of the array counts as outside.
    """
    import SimpleITK as sitk  # several times faster than scipy's

    distances = sitk.SignedMaurerDistanceMap(
        sitk.GetImageFromArray(np.pad(pixels, 1).astype(np.uint8)), squaredDistance=False
    )
    return 0.5 - np.asarray(sitk.GetArrayViewFromImage(distances))[1:-1, 1:-1]


def deepest_pixel(mask: Mask) -> tuple[int, int]:
    """The pixel (x, y) farthest from the mask's edge."""
    depth = inner_depth(mask.pixels)
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(x) + mask.origin_xy[0], int(y) + mask.origin_xy[1]


def mean_difference(values_yx: np.ndarray, mask: Mask) -> float:
    """Mean grey value of a slice (rows, columns) in a ring around a mask less that inside; 0 without a ring."""
    from scipy import ndimage

    ring = values_around(values_yx, mask)
    part, inside = around(mask, 1)
    inner = ndimage.binary_erosion(inside)
    within = values_yx[part][inner if inner.any() else inside]
    return float(ring.mean() - within.mean()) if ring.size else 0.0


def values_around(values_yx: np.ndarray, mask: Mask) -> np.ndarray:
    """Grey values in a ring around a mask, a pixel off its edge, where partial volumes lie."""
    from scipy import ndimage

    part, inside = around(mask, _RING_PX + 1)
    near = ndimage.binary_dilation(inside, iterations=_GAP_PX)
    return np.asarray(values_yx[part][ndimage.binary_dilation(inside, iterations=_RING_PX) & ~near])
