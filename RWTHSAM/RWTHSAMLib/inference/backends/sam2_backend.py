"""SAM 2.1 in PyTorch: single pictures only, as ``SAM2ImagePredictor`` answers them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ...core.image import SliceImage
from ...core.prompts import Prompts
from .. import job
from ..embedding import Embedding
from ..preprocess import decoder_points, lone_points
from .backend import Decoded
from .sam2_modules import Sam2DecoderModule, Sam2EncoderModule, steadier
from .torch_backend import TorchBackend

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_GREATEST_LOGIT = 32.0
"""Larger ones are cut before a mask is given back to be refined, as upstream does."""


class Sam2Backend(TorchBackend):
    """A SAM 2.1 network.

    It sees every slice as a square, and its low-resolution masks are brought to the slice's size in one step.

    Parameters
    ----------
    network : torch.nn.Module
        ``SAM2Base`` of the package ``sam2``; moved to the device.
    device, precision : str
        As `TorchBackend`.
    """

    @torch.inference_mode()
    def decode(self, embedding: Embedding, prompts: Prompts, mask_input: np.ndarray | None, multimask: bool) -> Decoded:
        """Decode prompts on an encoded slice."""
        coords, labels = decoder_points(prompts, embedding)
        if prompts.box is None:  # the network pads by itself, after a box too
            coords, labels = coords[:, :-1], labels[:, :-1]
        found, rated = self._decode(embedding, coords, labels, mask_input)
        logits, predicted_iou = found[0].float(), rated[0].float()
        first = 1 if multimask else steadier(logits, predicted_iou)
        chosen = slice(first, 4 if multimask else first + 1)
        masks = _in_slice(logits[chosen], embedding) > 0
        low = logits[chosen].clamp(-_GREATEST_LOGIT, _GREATEST_LOGIT)
        return Decoded(low.cpu().numpy(), predicted_iou[chosen].cpu().numpy(), masks.cpu().numpy())

    @torch.inference_mode()
    def decode_points(self, embedding: Embedding, points_xy: np.ndarray, least_iou: float = -np.inf) -> Decoded:
        """Decode many single points at once, each a prompt of its own."""
        coords, labels = lone_points(points_xy, embedding)
        logits, predicted_iou = self._decode(embedding, coords[:, :1], labels[:, :1], None)
        return Decoded(logits[:, 1:].float().cpu().numpy(), predicted_iou[:, 1:].float().cpu().numpy())

    @torch.inference_mode()
    def full_logits(self, embedding: Embedding, low: np.ndarray, point_xy: np.ndarray, candidate: int) -> np.ndarray:
        """One answer of `decode_points` in the slice's size."""
        logits = torch.from_numpy(np.ascontiguousarray(low, np.float32))
        return np.asarray(_in_slice(logits[None], embedding)[0].numpy())

    def _parts(self, network: nn.Module) -> tuple[nn.Module, nn.Module, int]:
        return Sam2EncoderModule(network), Sam2DecoderModule(network), int(network.image_size)  # type: ignore[arg-type]

    def _input(self, image: SliceImage) -> np.ndarray:
        """float32 (1, 3, frame, frame): resized whatever its shape, normalised."""
        job.check()
        grey_or_rgb = image.pixels[..., None] if image.is_grey else image.pixels
        pixels = torch.from_numpy(np.moveaxis(grey_or_rgb, 2, 0)[None].astype(np.float32)) / 255
        square = interpolate(pixels, (self._frame, self._frame), mode="bilinear", align_corners=False, antialias=True)
        mean, std = (torch.tensor(each).reshape(1, 3, 1, 1) for each in (_MEAN, _STD))
        return np.asarray(((square - mean) / std).numpy())

    def _size_seen(self, shape_yx: tuple[int, int]) -> tuple[int, int]:
        return self._frame, self._frame


def _in_slice(logits: Tensor, embedding: Embedding) -> Tensor:
    """float32 (n, rows, columns) of (n, h, w)."""
    return interpolate(logits[:, None], embedding.original_size, mode="bilinear", align_corners=False)[:, 0]
