"""What an encoder makes of a slice: all that decoding prompts on it needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PIXELS_PER_FEATURE, PIXELS_PER_LOGIT = 16, 4
"""How coarse SAM's features and low-resolution masks are."""


@dataclass(frozen=True, eq=False)
class Embedding:
    """An encoded slice.

    Attributes
    ----------
    arrays : tuple of numpy.ndarray
        What the decoder takes, float32 or float16, in its order. SAM: the image embedding (1, 256, n, n), n = 64 for
        pictures of 1024 pixels; SAM-HQ also the early encoder features (1, n, n, channels). RWTHSAM-Net: embeddings
        of half-resolution pixels (1, h / 2, w / 2, channels) and of their surroundings (1, channels, h / 8, w / 8).
        SAM 2.1: after the image embedding finer ones, (1, 32, 4 n, 4 n) and (1, 64, 2 n, 2 n).
        They belong to this slice, so going back to it decodes as it did at first.
    original_size : tuple of int
        Rows and columns of the slice.
    input_size : tuple of int
        Rows and columns of the slice as the encoder saw it; for SAM its longest side is that of the frame,
        SAM 2.1 sees every slice as a square.
    pixels_per_logit : int
        How many pixels of what the encoder saw a low-resolution mask has one number for, along each side.
    """

    arrays: tuple[np.ndarray, ...]
    original_size: tuple[int, int]
    input_size: tuple[int, int]
    pixels_per_logit: int = PIXELS_PER_LOGIT

    @property
    def features(self) -> np.ndarray:
        """The image embedding of SAM's networks."""
        return self.arrays[0]

    @property
    def others(self) -> tuple[np.ndarray, ...]:
        """What the decoder takes beside it: early features of SAM-HQ, finer ones of SAM 2.1."""
        return self.arrays[1:]

    @property
    def logits_per_pixel_xy(self) -> np.ndarray:
        """float64, (2,): how many numbers of a low-resolution mask a pixel of the slice has, along x and y."""
        seen, original = np.array(self.input_size[::-1], float), np.array(self.original_size[::-1], float)
        return np.asarray(seen / original / self.pixels_per_logit)

    @property
    def frame(self) -> int:
        """Side in pixels of the square picture that SAM's encoder saw, padding included."""
        return PIXELS_PER_FEATURE * int(self.features.shape[-1])

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(each.nbytes for each in self.arrays)
