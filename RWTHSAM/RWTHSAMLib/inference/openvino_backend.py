"""The network in OpenVINO: the fast way on a CPU. PyTorch remains the reference, and masks are tested against it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import Cancelled, InferenceError
from ..image import SliceImage
from ..prompts import Prompts
from . import job
from .backend import Decoded
from .embedding import Embedding
from .openvino_graphs import graphs_of
from .openvino_runtime import compile_for_cpu, encoder_precision
from .preprocess import decoder_points, encoder_input, input_size_of, lone_points

if TYPE_CHECKING:
    import openvino
    from torch import nn

_LOOK_EVERY_MS = 50
_NO_MASK = np.zeros((1, 1, 256, 256), np.float32)


class OpenVinoBackend:
    """A SAM network in OpenVINO.

    Parameters
    ----------
    network : torch.nn.Module
        From `models.loading.load_network`; not needed any more afterwards.
    weights : Path
        The file it was loaded from; the converted graphs are kept beside it, or in the cache folder.
    precision : str
        Of the encoder: ``"auto"`` is bf16 where the processor has it, else f32. The decoder is small and always runs
        in f32, so that the edges of masks do not suffer.
    title : str
        Of the model, for people.

    Raises
    ------
    SettingsError
        If the processor lacks the precision.
    ModelError
        If OpenVINO cannot convert the network.
    DependencyMissing
        If OpenVINO is not installed.
    """

    name = "openvino"
    device = "cpu"

    def __init__(self, network: nn.Module, weights: Path, precision: str = "auto", title: str = "the model") -> None:
        self.precision = encoder_precision(precision)
        graphs = graphs_of(network, weights, title)
        job.say(f"Preparing {title} for this processor")
        self._encoder = compile_for_cpu(graphs.encoder, self.precision).create_infer_request()
        self._decoder = compile_for_cpu(graphs.decoder, "f32").create_infer_request()

    def encode(self, image: SliceImage) -> Embedding:
        """Encode a slice.

        Raises
        ------
        Cancelled
            If the present job is interrupted.
        """
        features, *interm = self._run_encoder(encoder_input(image))
        return Embedding(features, interm[0] if interm else None, image.shape_yx, input_size_of(image.shape_yx))

    def decode(self, embedding: Embedding, prompts: Prompts, mask_input: np.ndarray | None, multimask: bool) -> Decoded:
        """Decode prompts on an encoded slice."""
        coords, labels = decoder_points(prompts, embedding.original_size)
        logits, predicted_iou = self._run_decoder(embedding, coords, labels, mask_input)
        chosen = slice(1, 4) if multimask else slice(0, 1)
        return Decoded(logits[0, chosen].copy(), predicted_iou[0, chosen].copy())

    def decode_points(self, embedding: Embedding, points_xy: np.ndarray) -> Decoded:
        """Decode many single points at once, each a prompt of its own; the arrays are valid until the next call."""
        logits, predicted_iou = self._run_decoder(embedding, *lone_points(points_xy, embedding.original_size), None)
        return Decoded(logits[:, 1:], predicted_iou[:, 1:])

    def release(self) -> None:
        """Give the memory back; the backend cannot be used afterwards."""
        del self._encoder, self._decoder

    def _run_decoder(
        self, embedding: Embedding, coords: np.ndarray, labels: np.ndarray, mask_input: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        mask = _NO_MASK if mask_input is None else np.ascontiguousarray(mask_input, np.float32)[None, None]
        inputs = [embedding.features, coords, labels, mask, np.array([mask_input is not None], np.float32)]
        if embedding.interm is not None:
            inputs.append(embedding.interm)
        try:
            results = self._decoder.infer(dict(enumerate(inputs)), share_inputs=True)
        except RuntimeError as error:
            raise InferenceError(f"OpenVINO failed to decode the prompts: {error}") from error
        return results[0], results[1]

    def _run_encoder(self, pixels: np.ndarray) -> list[np.ndarray]:
        request = self._encoder
        try:
            request.start_async({0: pixels}, share_inputs=True)
            while not request.wait_for(_LOOK_EVERY_MS):
                if job.is_interrupted():
                    _cancel(request)
            return [tensor.data.copy() for tensor in request.output_tensors]
        except RuntimeError as error:
            raise InferenceError(f"OpenVINO failed to encode the slice: {error}") from error


def _cancel(request: openvino.InferRequest) -> None:
    request.cancel()
    with contextlib.suppress(RuntimeError):  # that it was cancelled is what it says
        request.wait()  # the buffers must not be touched before it has really stopped
    raise Cancelled("The request was withdrawn.")
