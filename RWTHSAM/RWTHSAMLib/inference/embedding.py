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
    features : numpy.ndarray
        float32, (1, 256, n, n): the image embedding, n = 64 for pictures of 1024 pixels.
    interm : numpy.ndarray, optional
        float32, (1, n, n, channels): the early encoder features that SAM-HQ's decoder also needs. They belong to
        this slice, so going back to it decodes as it did at first.
    original_size : tuple of int
        Rows and columns of the slice.
    input_size : tuple of int
        Rows and columns of the slice as the encoder saw it, its longest side that of the frame.
    """

    features: np.ndarray
    interm: np.ndarray | None
    original_size: tuple[int, int]
    input_size: tuple[int, int]

    @property
    def frame(self) -> int:
        """Side in pixels of the square picture that the encoder saw, padding included."""
        return PIXELS_PER_FEATURE * int(self.features.shape[-1])

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.features.nbytes + (self.interm.nbytes if self.interm is not None else 0)
