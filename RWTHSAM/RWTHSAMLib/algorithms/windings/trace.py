"""The pixels of a winding that a line was drawn along.

SAM does not find single windings, which are thin layers, however it is asked (``Docs/windings.md``). Grey values do:
in a band round the line, no wider than to the gaps on both sides, the winding is the bright or the dark part.
"""

from __future__ import annotations

import numpy as np

from ...core.mask import Mask
from ...core.prompts import StrokePrompt
from ..propagation.neighbourhood import parts_meeting
from ..threshold.threshold import otsu_threshold
from .line import normals, resampled, straightened

# how far a line may have been drawn beside the middle of its winding, in half widths of the band
_SNAP = 0.6
# standard deviation in steps, a choice: noise averages out over some ten pixels along a winding
_ALONG_STEPS = 5.0
# so that no pixel on the line is skipped
_STEPS_A_PIXEL = 2


def traced(image_yx: np.ndarray, stroke: StrokePrompt) -> Mask:
    """The winding along a stroke.

    Parameters
    ----------
    image_yx : numpy.ndarray
        Grey values (rows, columns).
    stroke : StrokePrompt

    Returns
    -------
    Mask
        What of the band round the stroke is on the winding's side of Otsu's threshold and is connected to its middle.
    """
    line, is_bright = snapped(image_yx, resampled(stroke.points_xy), stroke.reach_px)
    first_xy, band, middle = _band(line, stroke.reach_px, image_yx.shape[:2])
    rows, columns = band.shape
    grey = image_yx[first_xy[1] : first_xy[1] + rows, first_xy[0] : first_xy[0] + columns]
    threshold = otsu_threshold(grey[band])
    winding = band & ((grey > threshold) if is_bright else (grey <= threshold))
    whole = np.zeros(image_yx.shape[:2], bool)
    found = parts_meeting(winding, middle, diagonally=True)
    whole[first_xy[1] : first_xy[1] + rows, first_xy[0] : first_xy[0] + columns] = found
    return Mask.from_array(whole)


def snapped(image_yx: np.ndarray, line_xy: np.ndarray, half_width_px: float) -> tuple[np.ndarray, bool]:
    """A line (n, 2) in pixels, moved onto the middle of its winding, and whether that is brighter than its sides."""
    from scipy import ndimage

    reach = max(2, int(np.ceil(half_width_px)))
    grey = ndimage.gaussian_filter(straightened(image_yx, line_xy, reach), (_ALONG_STEPS, 1.0), mode="nearest")
    most = max(1, round(_SNAP * half_width_px))
    near = grey[:, reach - most : reach + most + 1]
    is_bright = bool(grey[:, reach - 1 : reach + 2].mean() > grey.mean())
    best = (near.argmax(axis=1) if is_bright else near.argmin(axis=1)) - most
    offsets = ndimage.gaussian_filter1d(
        ndimage.median_filter(best.astype(float), 9, mode="nearest"), _ALONG_STEPS, mode="nearest"
    )
    last_xy = np.array(image_yx.shape[1::-1]) - 1
    # beyond the picture, grey values go on as at its edge: a winding there is not farther out
    return np.clip(line_xy + offsets[:, None] * normals(line_xy), 0, last_xy), is_bright


def _band(
    line_xy: np.ndarray, half_width_px: float, shape_yx: tuple[int, ...]
) -> tuple[tuple[int, int], np.ndarray, np.ndarray]:
    """First pixel (x, y) of a part of the picture, and in it the pixels near a line and those on it."""
    from scipy import ndimage

    margin = int(np.ceil(half_width_px)) + 2
    rows, columns = shape_yx
    low = np.maximum(np.floor(line_xy.min(axis=0)).astype(int) - margin, 0)
    high = np.minimum(np.ceil(line_xy.max(axis=0)).astype(int) + margin, [columns - 1, rows - 1])
    off = np.ones((high[1] - low[1] + 1, high[0] - low[0] + 1), bool)
    x, y = np.rint(resampled(line_xy, 1 / _STEPS_A_PIXEL)).astype(int).T
    on_picture = (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])
    off[y[on_picture] - low[1], x[on_picture] - low[0]] = False
    band: np.ndarray = ndimage.distance_transform_edt(off) <= half_width_px if not off.all() else ~off
    return (int(low[0]), int(low[1])), band, ~off
