"""A slice as the encoder's input, and the decoder's answers in the slice's size; numpy alone."""

from __future__ import annotations

import numpy as np

from ...core.image import grey_of

MULTIPLE_PX = 32
"""The encoder halves a slice's size five times."""
_SUBPIXELS = 4


def encoder_input(pixels: np.ndarray) -> np.ndarray:
    """Grey values for the encoder.

    Parameters
    ----------
    pixels : numpy.ndarray
        uint8, (rows, columns) or (rows, columns, 3).

    Returns
    -------
    numpy.ndarray
        float32, (1, 1, h, w), 0 to 1; below and to the right the edge is repeated up to a multiple of 32.
    """
    grey = grey_of(pixels, 2)
    missing = [(0, -size % MULTIPLE_PX) for size in grey.shape]
    return (np.pad(grey, missing, mode="edge").astype(np.float32) / 255)[None, None]


def in_slice(fine: np.ndarray, shape_yx: tuple[int, int]) -> np.ndarray:
    """The decoder's answers as pictures.

    Parameters
    ----------
    fine : numpy.ndarray
        (1, t, m, 4, h / 2, w / 2), any type: logits, or logits > 0 for masks.
    shape_yx : tuple of int
        Rows and columns of the slice.

    Returns
    -------
    numpy.ndarray
        (t, m, rows, columns), of the same type.
    """
    _, prompts, masks, _, rows, columns = fine.shape
    padded = np.empty((prompts, masks, 2 * rows, 2 * columns), fine.dtype)
    for number in range(_SUBPIXELS):
        padded[:, :, number // 2 :: 2, number % 2 :: 2] = fine[0, :, :, number]
    inside: np.ndarray = padded[:, :, : shape_yx[0], : shape_yx[1]]
    return inside
