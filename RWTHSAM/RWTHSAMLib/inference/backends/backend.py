"""What an engine asks of whatever runs the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ...core.image import SliceImage
from ...core.mask import Mask
from ...core.prompts import Prompts
from ..embedding import Embedding


@dataclass(frozen=True, eq=False)
class Decoded:
    """Answer of a mask decoder.

    Attributes
    ----------
    logits : numpy.ndarray
        float32, (n, h, w): low-resolution masks, n = 3 or 1; SAM's have 256 x 256 numbers, whatever the slice.
    predicted_iou : numpy.ndarray
        float32, (n,).
    masks : numpy.ndarray, optional
        bool, (n, rows, columns): the masks in the slice's size; None where they follow from the logits alone.
    """

    logits: np.ndarray
    predicted_iou: np.ndarray
    masks: np.ndarray | None = None


class Backend(Protocol):
    """A network on a device.

    Attributes
    ----------
    name : str
        ``"torch"`` or ``"openvino"``.
    device : str
        ``"cuda"``, ``"mps"`` or ``"cpu"``.
    precision : str
        ``"f32"``, ``"f16"`` or ``"bf16"``.
    batch : int
        How many slices are worth encoding together; 1 where that is not faster than one after the other.
    """

    name: str
    device: str
    precision: str
    batch: int

    def encode(self, image: SliceImage) -> Embedding:
        """Encode a slice; the slow step."""

    def encode_many(self, images: Sequence[SliceImage]) -> list[Embedding]:
        """Encode slices, of whatever sizes, together where that is faster."""

    def decode(self, embedding: Embedding, prompts: Prompts, mask_input: np.ndarray | None, multimask: bool) -> Decoded:
        """Decode prompts on an encoded slice.

        Parameters
        ----------
        mask_input : numpy.ndarray, optional
            float32, (h, w): the low-resolution logits to refine.
        multimask : bool
            Three candidates for an ambiguous prompt, or one mask.
        """

    def follow(self, embedding: Embedding, prompts: Prompts, before: Mask) -> Decoded | None:
        """Decode prompts for an object that had this mask on a slice beside the encoded one.

        None where the network was not trained for that.
        """

    def prepare(self, embedding: Embedding) -> None:
        """Compute ahead what the next `decode` of a first click on this slice needs; only time depends on it."""

    def decode_points(self, embedding: Embedding, points_xy: np.ndarray, least_iou: float = -np.inf) -> Decoded:
        """Decode many single points at once, each a prompt of its own.

        Parameters
        ----------
        points_xy : numpy.ndarray
            (n, 2), in pixels of the slice.
        least_iou : float
            Logits of points none of whose masks is rated above it need not be computed and may be anything.

        Returns
        -------
        Decoded
            Logits (n, 3, h, w) and predicted IoU (n, 3), without masks.
        """

    def full_logits(self, embedding: Embedding, low: np.ndarray, point_xy: np.ndarray, candidate: int) -> np.ndarray:
        """One answer of `decode_points` in the slice's size.

        Parameters
        ----------
        low : numpy.ndarray
            (h, w), any floating point type: the answer.
        point_xy : numpy.ndarray
            (2,), in pixels of the slice: what was asked.
        candidate : int
            Which of the three it is.

        Returns
        -------
        numpy.ndarray
            float32, (rows, columns).
        """

    def release(self) -> None:
        """Give the device's memory back; the backend cannot be used afterwards."""
