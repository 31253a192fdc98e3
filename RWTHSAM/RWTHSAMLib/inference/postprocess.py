"""From a decoder's low-resolution logits to a mask of the slice."""

from __future__ import annotations

import numpy as np

from ..mask import Mask
from .embedding import Embedding
from .preprocess import IMAGE_SIZE


def mask_of(logits: np.ndarray, embedding: Embedding) -> Mask:
    """Mask of one low-resolution answer.

    Parameters
    ----------
    logits : numpy.ndarray
        float32, (256, 256).

    Notes
    -----
    Bilinear to 1024 x 1024, padding cut off, bilinear to the slice's size, positive values kept: exactly
    ``Sam.postprocess_masks`` of segment-anything.
    """
    import torch
    from torch.nn.functional import interpolate

    with torch.inference_mode():
        low = torch.from_numpy(np.ascontiguousarray(logits, np.float32))[None, None]
        square = interpolate(low, (IMAGE_SIZE, IMAGE_SIZE), mode="bilinear", align_corners=False)
        rows, columns = embedding.input_size
        full = interpolate(square[..., :rows, :columns], embedding.original_size, mode="bilinear", align_corners=False)
        return Mask.from_array((full[0, 0] > 0).numpy())
