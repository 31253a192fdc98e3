"""From a decoder's low-resolution logits to a mask of the slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.mask import Mask
from .embedding import Embedding

if TYPE_CHECKING:
    from torch import Tensor


def mask_of(logits: np.ndarray, embedding: Embedding) -> Mask:
    """Mask of one low-resolution answer, float32 (n, n); see `full_logits`."""
    return Mask.from_array((full_logits(logits[None], embedding)[0] > 0).numpy())


def full_logits(logits: np.ndarray, embedding: Embedding) -> Tensor:
    """Low-resolution answers in the slice's size.

    Parameters
    ----------
    logits : numpy.ndarray
        (n, h, w), any floating point type.

    Returns
    -------
    torch.Tensor
        float32, (n, rows, columns).

    Notes
    -----
    Bilinear to the frame (1024 x 1024), padding cut off, bilinear to the slice's size: exactly
    ``Sam.postprocess_masks`` of segment-anything.
    """
    import torch
    from torch.nn.functional import interpolate

    with torch.inference_mode():
        low = torch.from_numpy(np.ascontiguousarray(logits, np.float32))[:, None]
        square = interpolate(low, (embedding.frame, embedding.frame), mode="bilinear", align_corners=False)
        rows, columns = embedding.input_size
        size = embedding.original_size
        return interpolate(square[..., :rows, :columns], size, mode="bilinear", align_corners=False)[:, 0]
