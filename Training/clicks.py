"""What a person would give next: points in what is wrong, strokes along it, a box around the target."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

_MOST_STROKE_POINTS = 10
_STROKE_STEP_PX = 4.0
_BOX_JITTER = 0.1


def deepest_pixel_xy(region: np.ndarray) -> tuple[int, int]:
    """The pixel of a bool (h, w) region that is farthest from its edge; outside the image counts as outside."""
    rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    top, left = rows[0], columns[0]
    part = np.pad(region[top : rows[-1] + 1, left : columns[-1] + 1], 1)
    depth = ndimage.distance_transform_edt(part)
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(x) + int(left) - 1, int(y) + int(top) - 1


def random_pixel_xy(region: np.ndarray, random: np.random.Generator) -> tuple[int, int]:
    """Any pixel of a region."""
    places = np.flatnonzero(region)
    y, x = divmod(int(places[random.integers(len(places))]), region.shape[1])
    return x, y


def larger_error(target: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, bool]:
    """The larger of what was missed (True) and what was found too much (False)."""
    missed, spilt = target & ~found, found & ~target
    positive = bool(np.count_nonzero(missed) >= np.count_nonzero(spilt))
    return (missed if positive else spilt), positive


def stroke_xy(region: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A short stroke inside a region: (n, 2) points along its longer axis around one of its pixels."""
    x, y = random_pixel_xy(region, random)
    reach = int(random.integers(6, 40))
    top, left = max(0, y - reach), max(0, x - reach)
    labels, _ = ndimage.label(region[top : y + reach + 1, left : x + reach + 1], np.ones((3, 3)))
    ys, xs = np.nonzero(labels == labels[y - top, x - left])
    points = np.stack((xs + left, ys + top), 1).astype(np.float32)
    centred = points - points.mean(0)
    axis = np.linalg.svd(centred.T @ centred)[0][:, 0]
    along = centred @ axis
    bins = np.round(along / _STROKE_STEP_PX).astype(int)
    across = np.abs(centred @ np.array([-axis[1], axis[0]]))
    order = np.lexsort((across, bins))
    first = np.unique(bins[order], return_index=True)[1]
    return _thinned(points[order][first])


def along_line_xy(line_xy: np.ndarray, region: np.ndarray, random: np.random.Generator) -> np.ndarray | None:
    """A stretch of a centre line, a tenth to a half of it, as far as it is in a region; None where too little is."""
    rows, columns = region.shape
    whole = np.round(line_xy).astype(int)
    inside = (whole >= 0).all(1) & (whole[:, 0] < columns) & (whole[:, 1] < rows)
    whole = whole[inside]
    whole = whole[region[whole[:, 1], whole[:, 0]]]
    if len(whole) < 3:
        return None
    length = max(3, int(len(whole) * random.uniform(0.1, 0.5)))
    start = int(random.integers(len(whole) - length + 1))
    return _thinned(whole[start : start + length].astype(np.float32))


def loose_box_xyxy(target: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The target's bounding box, each side moved by up to a tenth of the box."""
    rows, columns = np.flatnonzero(target.any(1)), np.flatnonzero(target.any(0))
    box = np.array([columns[0], rows[0], columns[-1], rows[-1]], np.float32)
    size = np.array([box[2] - box[0], box[3] - box[1]] * 2)
    moved = np.round(box + random.uniform(-_BOX_JITTER, _BOX_JITTER, 4) * size)
    limit = np.array([target.shape[1] - 1, target.shape[0] - 1] * 2)
    moved = np.clip(moved, 0, limit)
    return np.concatenate((np.minimum(moved[:2], moved[2:]), np.maximum(moved[:2], moved[2:]))).astype(np.float32)


def damaged(target: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A mask as another program or a careless hand might give it: grown, shrunk, moved or half lost."""
    way = random.integers(4)
    kept: np.ndarray = target.copy()
    if way == 0:
        ndimage.binary_dilation(target, iterations=int(random.integers(1, 6)), output=kept)
    elif way == 1:
        ndimage.binary_erosion(target, iterations=int(random.integers(1, 3)), output=kept)
    elif way == 2:
        kept = np.roll(target, tuple(random.integers(-6, 7, 2)), (0, 1))
    else:
        x, y = random_pixel_xy(target, random)
        reach = int(random.integers(10, target.shape[0] // 2))
        kept[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach] = False
    return kept


def _thinned(points_xy: np.ndarray) -> np.ndarray:
    if len(points_xy) <= _MOST_STROKE_POINTS:
        return points_xy
    kept: np.ndarray = points_xy[np.linspace(0, len(points_xy) - 1, _MOST_STROKE_POINTS).round().astype(int)]
    return kept
