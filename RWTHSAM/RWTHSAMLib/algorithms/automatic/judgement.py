"""How believable a mask is when the truth is not known.

A good mask differs from what lies around it, and its outline follows an edge of the picture.
"""

from __future__ import annotations

import numpy as np

from ...core.automatic_mask import Judgement
from ...core.mask import Mask

RING_PIXELS = 3
"""Width of what counts as an object's surroundings, a choice: wider than a blurred edge, narrower than most gaps."""


class SliceJudge:
    """Judges the masks of one slice; what depends on the slice alone is computed once.

    Parameters
    ----------
    values_yx : numpy.ndarray
        Grey values (rows, columns).
    """

    def __init__(self, values_yx: np.ndarray) -> None:
        from scipy import ndimage

        self._values = values_yx.astype(float)
        smooth = ndimage.gaussian_filter(self._values, 1)
        has_gradient = min(self._values.shape) > 1
        self._gradient = np.hypot(*np.gradient(smooth)) if has_gradient else np.zeros(self._values.shape)
        self._typical_gradient = float(self._gradient.mean())

    def judge(self, mask: Mask) -> Judgement:
        """Compare a mask with the grey values of the slice.

        Raises
        ------
        InputError
            If the mask is empty.
        """
        from scipy import ndimage

        part = self._surroundings(mask)
        inside, values, gradient = mask.to_array()[part], self._values[part], self._gradient[part]
        ring = ndimage.binary_dilation(inside, iterations=RING_PIXELS) & ~inside
        outline = inside ^ ndimage.binary_erosion(inside)
        along = float(gradient[outline].mean())
        return Judgement(
            _contrast(values[inside], values[ring]),
            along / self._typical_gradient if self._typical_gradient else 0.0,
            mask.area / self._values.size,
        )

    def _surroundings(self, mask: Mask) -> tuple[slice, slice]:
        """The box of a mask with room for the ring, as far as the slice goes."""
        x0, y0, x1, y1 = mask.bounds_xyxy
        margin = RING_PIXELS + 1
        return slice(max(0, y0 - margin), y1 + 1 + margin), slice(max(0, x0 - margin), x1 + 1 + margin)


def _contrast(inside: np.ndarray, outside: np.ndarray) -> float:
    spread = float(np.sqrt((inside.var() + outside.var()) / 2)) if outside.size else 0.0
    difference = abs(float(inside.mean() - outside.mean())) if outside.size else 0.0
    if not difference:
        return 0.0
    return difference / spread if spread else float("inf")
