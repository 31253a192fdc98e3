"""The network in PyTorch: the reference on every device, and the way to a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from torch import Tensor, nn

from ...core.image import SliceImage
from ...core.mask import Mask
from ...core.prompts import Prompts
from ...errors import OutOfMemory
from ...models.input_size import input_size
from ...models.torch_memory import empty_cache, memory_errors
from .. import job
from ..embedding import PIXELS_PER_LOGIT, Embedding
from ..postprocess import full_logits
from ..preprocess import decoder_points, encoder_input, input_size_of, lone_points
from .backend import Decoded
from .cuda_graphs import GraphedModule
from .sam_modules import DecoderModule, EncoderModule

_AUTOCAST = {"f16": torch.float16, "bf16": torch.bfloat16}
_SMALL_ENCODER = 20_000_000
"""Parameters: TinyViT has 6 million, SAM's smallest, ViT-B, 90 million."""


class TorchBackend:
    """A SAM network in PyTorch.

    Parameters
    ----------
    network : torch.nn.Module
        From `models.loading.load_network`; moved to the device.
    device : str
        ``"cuda"``, ``"mps"`` or ``"cpu"``.
    precision : str
        Of the encoder: ``"auto"`` is f32 except on CUDA devices that compute in bf16. The decoder is small and always
        runs in f32, so that the edges of masks do not suffer.

    Raises
    ------
    OutOfMemory
        If the device has no room for the network.
    """

    name = "torch"

    def __init__(self, network: nn.Module, device: str, precision: str = "auto") -> None:
        self.device = device
        self.precision = chosen_precision(device, precision)
        with memory_errors(f"The model does not fit into the memory of {device}."):
            network = network.to(device).eval()
        self._encoder, decoder, self._frame = self._parts(network)
        self.batch = _slices_at_once(device, self._encoder)
        decoder = decoder.to(device)
        self._decoder = GraphedModule(decoder) if device == "cuda" else decoder
        self._uploaded: tuple[Embedding, list[Tensor]] | None = None

    def _parts(self, network: nn.Module) -> tuple[nn.Module, nn.Module, int]:
        """Encoder, decoder, and the side in pixels of the square picture that the network looks at."""
        return EncoderModule(network), DecoderModule(network), input_size(network)

    def encode(self, image: SliceImage) -> Embedding:
        """Encode a slice.

        Raises
        ------
        OutOfMemory
            If the device's memory does not suffice, also after what was cached has been freed.
        Cancelled
            If the present job is interrupted.
        """
        return self.encode_many([image])[0]

    @torch.inference_mode()
    def encode_many(self, images: Sequence[SliceImage]) -> list[Embedding]:
        """Encode slices, `batch` at a time; where the device's memory does not suffice, `batch` is halved for good.

        Raises
        ------
        OutOfMemory
            If the device's memory does not suffice for a single one, also after what was cached has been freed.
        Cancelled
            If the present job is interrupted.
        """
        found: list[Embedding] = []
        is_freed = False
        while len(found) < len(images):
            some = images[len(found) : len(found) + self.batch]
            try:
                found += self._encode(some)
                is_freed = False
                continue
            except OutOfMemory:
                if len(some) == 1 and is_freed:
                    raise
            # only here, not while the error is handled: it holds on to what the failed pass had computed
            self._free()
            is_freed = True
            if len(some) > 1:
                self.batch = len(some) // 2
        return found

    @torch.inference_mode()
    def decode(self, embedding: Embedding, prompts: Prompts, mask_input: np.ndarray | None, multimask: bool) -> Decoded:
        """Decode prompts on an encoded slice; `mask_input` is float32 (h, w)."""
        coords, labels = decoder_points(prompts, embedding)
        logits, predicted_iou = self._decode(embedding, coords, labels, mask_input)
        chosen = slice(1, 4) if multimask else slice(0, 1)
        return Decoded(logits[0, chosen].float().cpu().numpy(), predicted_iou[0, chosen].float().cpu().numpy())

    @torch.inference_mode()
    def follow(self, embedding: Embedding, prompts: Prompts, before: Mask) -> None:
        """Nothing: SAM was not trained for that."""

    def prepare(self, embedding: Embedding) -> None:
        """Move the embedding to the device."""
        with memory_errors(f"Decoding a mask needs more memory than {self.device} has free."):
            self._on_device(embedding)

    @torch.inference_mode()
    def decode_points(self, embedding: Embedding, points_xy: np.ndarray, least_iou: float = -np.inf) -> Decoded:
        """Decode many single points (n, 2) at once, in pixels of the slice, each a prompt of its own."""
        logits, predicted_iou = self._decode(embedding, *lone_points(points_xy, embedding), None)
        return Decoded(logits[:, 1:].float().cpu().numpy(), predicted_iou[:, 1:].float().cpu().numpy())

    def full_logits(self, embedding: Embedding, low: np.ndarray, point_xy: np.ndarray, candidate: int) -> np.ndarray:
        """One answer of `decode_points` as float32 (rows, columns), enlarged: low resolution is all that SAM has."""
        return full_logits(low[None], embedding)[0].numpy()

    def release(self) -> None:
        """Give the device's memory back; the backend cannot be used afterwards."""
        del self._encoder, self._decoder
        self._uploaded = None
        empty_cache(self.device)

    def _decode(
        self, embedding: Embedding, coords: np.ndarray, labels: np.ndarray, mask_input: np.ndarray | None
    ) -> tuple[Tensor, Tensor]:
        side = embedding.frame // PIXELS_PER_LOGIT
        mask = np.zeros((side, side), np.float32) if mask_input is None else mask_input
        with memory_errors(f"Decoding a mask needs more memory than {self.device} has free."):
            features, *others = self._on_device(embedding)
            logits, predicted_iou = self._decoder(
                features,
                torch.from_numpy(coords).to(self.device),
                torch.from_numpy(labels).to(self.device),
                torch.from_numpy(np.ascontiguousarray(mask, np.float32))[None, None].to(self.device),
                torch.tensor([float(mask_input is not None)], device=self.device),
                *others,
            )
        return logits, predicted_iou

    def _encode(self, images: Sequence[SliceImage]) -> list[Embedding]:
        pixels = torch.from_numpy(np.concatenate([self._input(each) for each in images]))
        with memory_errors(f"Encoding a slice needs more memory than {self.device} has free."), self._autocast():
            outputs: tuple[Tensor, ...] = self._encoder(pixels.to(self.device))
            return [self._embedding(image, [each[n : n + 1] for each in outputs]) for n, image in enumerate(images)]

    def _input(self, image: SliceImage) -> np.ndarray:
        job.check()  # several pictures take a while
        return encoder_input(image, self._frame)

    def _size_seen(self, shape_yx: tuple[int, int]) -> tuple[int, int]:
        return input_size_of(shape_yx, self._frame)

    def _embedding(self, image: SliceImage, outputs: Sequence[Tensor]) -> Embedding:
        # copied, so that one slice's embedding does not keep those of all that were encoded with it
        arrays = tuple(each.to("cpu", torch.float32, copy=True).numpy() for each in outputs)
        return Embedding(arrays, image.shape_yx, self._size_seen(image.shape_yx))

    def _autocast(self) -> AbstractContextManager[object]:
        if self.precision == "f32":
            return nullcontext()
        return torch.autocast(self.device, _AUTOCAST[self.precision])

    def _on_device(self, embedding: Embedding) -> list[Tensor]:
        # clicks come in series on one slice: its embedding is moved to the device once
        if self._uploaded is None or self._uploaded[0] is not embedding:
            self._uploaded = embedding, [torch.from_numpy(each).to(self.device) for each in embedding.arrays]
        return self._uploaded[1]

    def _free(self) -> None:
        self._uploaded = None
        if isinstance(self._decoder, GraphedModule):
            self._decoder.forget()
        empty_cache(self.device)


def _slices_at_once(device: str, encoder: nn.Module) -> int:
    # one slice does not fill a CUDA device; a large encoder fills it with fewer, and needs more memory for each.
    # Other devices are busy with one
    if device != "cuda":
        return 1
    return 8 if sum(each.numel() for each in encoder.parameters()) < _SMALL_ENCODER else 4


def chosen_precision(device: str, requested: str) -> str:
    """The encoder's precision as requested, on a device."""
    if requested != "auto":
        return requested
    return "bf16" if device == "cuda" and torch.cuda.is_bf16_supported() else "f32"
