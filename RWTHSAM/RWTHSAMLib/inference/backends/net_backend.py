"""The project's own network behind the engine: in OpenVINO without PyTorch, or in PyTorch on a GPU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...core.image import SliceImage
from ...core.mask import Mask
from ...core.prompts import Prompts
from ...models.rwthsam_net.frame import MULTIPLE_PX
from ...models.rwthsam_net.prompt_arrays import lone_points, prompt_arrays
from ...models.rwthsam_net.runners import CANDIDATES, REFINED, EncodedSlice, Runner
from .. import job
from ..embedding import Embedding
from ..preprocess import input_size_of
from .backend import Decoded

LONGEST_PX = 1024
"""Longer slices are shown to the network smaller: it was trained with pictures up to this size."""
# of this network's low-resolution answers
_PIXELS_PER_LOGIT = 2
_SURE_LOGIT = 4.0
"""Of masks that the network did not draw, as in its training (`Training/step.py`)."""
_POINTS_AT_ONCE = 4
"""Few enough for a stop to be noticed soon, and for what lies between to stay small."""


class NetBackend:
    """RWTHSAM-Net.

    An embedding is kept in half the bytes of what was computed, and is always decoded from those: a mask does not
    depend on whether its embedding was computed or found.

    Parameters
    ----------
    runner : Runner
    device : str
        ``"cuda"``, ``"mps"`` or ``"cpu"``.
    precision : str
        Of the encoder, for people and for the cache's key.
    follows : bool
        Whether the network was trained to find objects again by the mask of the slice before.
    """

    batch = 1

    def __init__(self, runner: Runner, device: str, precision: str, follows: bool = False) -> None:
        self.name, self.device, self.precision = runner.name, device, precision
        self._runner, self._follows = runner, follows
        self._unpacked: tuple[Embedding, EncodedSlice] | None = None

    def encode(self, image: SliceImage) -> Embedding:
        """Encode a slice.

        Raises
        ------
        Cancelled
            If the present job is interrupted.
        """
        job.check()
        seen = _as_seen(image)
        encoded = self._runner.encode(seen)
        arrays = (encoded.pixels.astype(np.float16), encoded.context.astype(np.float16))
        return Embedding(arrays, image.shape_yx, (seen.shape[0], seen.shape[1]), _PIXELS_PER_LOGIT)

    def encode_many(self, images: Sequence[SliceImage]) -> list[Embedding]:
        """Encode slices one after the other."""
        return [self.encode(each) for each in images]

    def decode(self, embedding: Embedding, prompts: Prompts, mask_input: np.ndarray | None, multimask: bool) -> Decoded:
        """Decode prompts on an encoded slice; `mask_input` is float32 (h, w)."""
        wanted = CANDIDATES if multimask else REFINED
        arrays = prompt_arrays(prompts, _scale_xy(embedding))
        encoded = self._encoded(embedding)
        if embedding.input_size == embedding.original_size:
            answer = self._runner.decode(encoded, arrays, mask_input, wanted)
            return Decoded(answer.low_logits, answer.predicted_iou, answer.masks)
        answer = self._runner.decode(encoded, arrays, mask_input, wanted)
        logits = self._runner.logits(encoded, arrays, mask_input, wanted)
        masks = np.stack([_enlarged(each, embedding.original_size) > 0 for each in logits])
        return Decoded(answer.low_logits, answer.predicted_iou, masks)

    def follow(self, embedding: Embedding, prompts: Prompts, before: Mask) -> Decoded | None:
        """Decode prompts for an object that had this mask on a slice beside the encoded one; None if untrained."""
        if not self._follows:
            return None
        return self.decode(embedding, prompts, _low_logits(before, embedding.input_size), multimask=False)

    def prepare(self, embedding: Embedding) -> None:
        """Unpack the embedding."""
        self._encoded(embedding)

    def decode_points(self, embedding: Embedding, points_xy: np.ndarray, least_iou: float = -np.inf) -> Decoded:
        """Decode many single points (n, 2) at once, in pixels of the slice, each a prompt of its own.

        Raises
        ------
        Cancelled
            If the present job is interrupted; noticed after a few points.
        """
        encoded, scaled = self._encoded(embedding), points_xy * np.array(_scale_xy(embedding))
        logits, ratings = [], []
        for start in range(0, len(scaled), _POINTS_AT_ONCE):
            job.check()
            low, rated = self._runner.decode_many(encoded, lone_points(scaled[start : start + _POINTS_AT_ONCE]))
            logits.append(low.copy())
            ratings.append(rated.copy())
        return Decoded(np.concatenate(logits), np.concatenate(ratings))

    def full_logits(self, embedding: Embedding, low: np.ndarray, point_xy: np.ndarray, candidate: int) -> np.ndarray:
        """One answer of `decode_points`, float32 (rows, columns); asked again, as low resolution loses thin layers."""
        scaled = point_xy[None] * np.array(_scale_xy(embedding))
        wanted = (CANDIDATES[candidate],)
        logits = self._runner.logits(self._encoded(embedding), lone_points(scaled), None, wanted)[0]
        return _enlarged(logits, embedding.original_size)

    def release(self) -> None:
        """Give the memory back; the backend cannot be used afterwards."""
        self._unpacked = None
        self._runner.release()

    def _encoded(self, embedding: Embedding) -> EncodedSlice:
        # clicks come in series on one slice: its embedding is unpacked once
        if self._unpacked is None or self._unpacked[0] is not embedding:
            pixels, context = (each.astype(np.float32) for each in embedding.arrays)
            self._unpacked = embedding, EncodedSlice(pixels, context, embedding.input_size)
        return self._unpacked[1]


def _as_seen(image: SliceImage) -> np.ndarray:
    """uint8 pixels as the network sees them: as they are, unless they are too many."""
    if max(image.shape_yx) <= LONGEST_PX:
        return image.pixels
    from PIL import Image

    rows, columns = (max(1, side) for side in input_size_of(image.shape_yx, LONGEST_PX))
    return np.asarray(Image.fromarray(image.pixels).resize((columns, rows), Image.Resampling.BILINEAR))


def _scale_xy(embedding: Embedding) -> tuple[float, float]:
    (rows, columns), (original_rows, original_columns) = embedding.input_size, embedding.original_size
    return columns / original_columns, rows / original_rows


def _low_logits(mask: Mask, size_yx: tuple[int, int]) -> np.ndarray:
    """What the network would have answered, float32 (h / 2, w / 2), where it was as sure as in its training."""
    rows, columns = size_yx
    padded_yx = rows + -rows % MULTIPLE_PX, columns + -columns % MULTIPLE_PX
    logits = np.full(padded_yx, -_SURE_LOGIT, np.float32)
    logits[:rows, :columns] = _enlarged(
        np.where(mask.to_array(), _SURE_LOGIT, -_SURE_LOGIT).astype(np.float32), size_yx
    )
    low: np.ndarray = logits.reshape(padded_yx[0] // 2, 2, padded_yx[1] // 2, 2).mean((1, 3))
    return low


def _enlarged(logits: np.ndarray, shape_yx: tuple[int, int]) -> np.ndarray:
    """float32 (rows, columns), bilinear."""
    if logits.shape == shape_yx:
        return logits
    from PIL import Image

    rows, columns = shape_yx
    return np.asarray(Image.fromarray(logits).resize((columns, rows), Image.Resampling.BILINEAR))
