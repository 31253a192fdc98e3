"""From slices and prompts to what SAM's networks take in.

Follows ``SamPredictor`` and ``ResizeLongestSide`` of segment-anything (Kirillov et al. 2023), so that masks equal
upstream's.
"""

from __future__ import annotations

import numpy as np

from ..core.image import SliceImage
from ..core.prompts import Prompts
from ..core.scribble import points_of
from .embedding import Embedding

_PIXEL_MEAN = np.array([123.675, 116.28, 103.53], np.float32)
_PIXEL_STD = np.array([58.395, 57.12, 57.375], np.float32)
_BOX_CORNER_LABELS = (2, 3)
_PADDING_LABEL = -1


def input_size_of(original_size: tuple[int, int], frame: int) -> tuple[int, int]:
    """(rows, columns) of an image whose longest side is scaled to `frame` pixels."""
    scale = frame / max(original_size)
    rows, columns = (int(side * scale + 0.5) for side in original_size)
    return rows, columns


def encoder_input(image: SliceImage, frame: int) -> np.ndarray:
    """float32 (1, 3, frame, frame): resized, normalised, padded at the bottom and right with zeros."""
    from PIL import Image

    rows, columns = input_size_of(image.shape_yx, frame)
    # Pillow's bilinear filter widens when shrinking, which is what upstream's resize of PIL images does;
    # one channel is resized instead of three equal ones
    resized = np.asarray(Image.fromarray(image.pixels).resize((columns, rows), Image.Resampling.BILINEAR))
    channels = [resized] * 3 if image.is_grey else np.moveaxis(resized, 2, 0)
    padded = np.zeros((1, 3, frame, frame), np.float32)
    # in place, channel by channel: several times faster than the same for all three and a transposed copy
    for into, channel, mean, std in zip(padded[0, :, :rows, :columns], channels, _PIXEL_MEAN, _PIXEL_STD, strict=True):
        np.subtract(channel, mean, out=into)
        into /= std
    return padded


def decoder_points(prompts: Prompts, embedding: Embedding) -> tuple[np.ndarray, np.ndarray]:
    """Points, those along scribbles, and box corners as SAM's prompt encoder takes them.

    Returns
    -------
    point_coords_xy : numpy.ndarray
        float32, (1, n, 2), in pixels of what the encoder saw.
    point_labels : numpy.ndarray
        float32, (1, n): 1 positive, 0 negative, 2 and 3 the box's corners, -1 padding where there is no box.
    """
    coords, labels = points_of(prompts)
    box = prompts.box
    corners = np.zeros((1, 2), np.float32) if box is None else np.array(box.box_xyxy, np.float32).reshape(2, 2)
    corner_labels = np.array([_PADDING_LABEL] if box is None else _BOX_CORNER_LABELS, np.float32)
    scaled = np.concatenate([coords, corners]) * _scale_xy(embedding)
    return scaled[None].astype(np.float32), np.concatenate([labels, corner_labels])[None]


def lone_points(points_xy: np.ndarray, embedding: Embedding) -> tuple[np.ndarray, np.ndarray]:
    """One positive point per prompt, as SAM's prompt encoder takes them.

    Parameters
    ----------
    points_xy : numpy.ndarray
        (n, 2), in pixels of the slice.
    embedding : Embedding
        Of the slice.

    Returns
    -------
    point_coords_xy, point_labels : numpy.ndarray
        float32, (n, 2, 2) and (n, 2): each point and the padding that stands where a box could be.
    """
    coords = np.zeros((len(points_xy), 2, 2), np.float32)
    coords[:, 0] = points_xy * _scale_xy(embedding)
    labels = np.tile(np.array([1, _PADDING_LABEL], np.float32), (len(points_xy), 1))
    return coords, labels


def _scale_xy(embedding: Embedding) -> np.ndarray:
    (rows, columns), (original_rows, original_columns) = embedding.input_size, embedding.original_size
    return np.array([columns / original_columns, rows / original_rows], np.float64)
