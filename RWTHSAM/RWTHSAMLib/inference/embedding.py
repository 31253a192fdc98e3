"""What an encoder makes of a slice: all that decoding prompts on it needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Embedding:
    """An encoded slice.

    Attributes
    ----------
    features : numpy.ndarray
        float32, (1, 256, 64, 64): the image embedding.
    interm : numpy.ndarray, optional
        float32, (1, 64, 64, channels): the early encoder features that SAM-HQ's decoder also needs. They belong to
        this slice, so going back to it decodes as it did at first.
    original_size : tuple of int
        Rows and columns of the slice.
    input_size : tuple of int
        Rows and columns of the slice as the encoder saw it, its longest side 1024.
    """

    features: np.ndarray
    interm: np.ndarray | None
    original_size: tuple[int, int]
    input_size: tuple[int, int]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.features.nbytes + (self.interm.nbytes if self.interm is not None else 0)
