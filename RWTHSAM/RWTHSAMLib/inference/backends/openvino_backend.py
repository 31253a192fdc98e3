"""The network in OpenVINO: the fast way on a CPU. PyTorch remains the reference, and masks are tested against it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...core.image import SliceImage
from ...core.mask import Mask
from ...core.prompts import PointPrompt, Prompts
from ...errors import InferenceError
from ...models.openvino_runtime import compile_for_cpu, encoder_precision, infer
from .. import job
from ..embedding import PIXELS_PER_LOGIT, Embedding
from ..postprocess import full_logits
from ..preprocess import decoder_points, encoder_input, input_size_of, lone_points
from .backend import Decoded
from .openvino_graphs import Graphs

if TYPE_CHECKING:
    import openvino

_POINTS_AT_ONCE = 8
"""Few enough for their intermediate results to stay in the processor's cache, and for a stop to be noticed soon."""


class OpenVinoBackend:
    """A SAM network in OpenVINO.

    Parameters
    ----------
    graphs : Graphs
        Of the network, see `openvino_graphs`.
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
        If OpenVINO cannot run the graphs here.
    """

    name = "openvino"
    device = "cpu"
    batch = 1

    def __init__(self, graphs: Graphs, precision: str = "auto", title: str = "the model") -> None:
        self.precision = encoder_precision(precision)
        self._frame = int(graphs.encoder.input(0).shape[-1])
        job.say(f"Preparing {title} for this processor")
        self._encoder = compile_for_cpu(graphs.encoder, self.precision).create_infer_request()
        self._decoder = compile_for_cpu(graphs.decoder, "f32").create_infer_request()
        self._points = None if graphs.point_part is None else _PointDecoder(graphs)
        self._no_mask = np.zeros((1, 1, self._frame // PIXELS_PER_LOGIT, self._frame // PIXELS_PER_LOGIT), np.float32)
        self._answers = self._room_for(0).logits

    def encode(self, image: SliceImage) -> Embedding:
        """Encode a slice.

        Raises
        ------
        Cancelled
            If the present job is interrupted.
        """
        arrays = tuple(self._run_encoder(encoder_input(image, self._frame)))
        return Embedding(arrays, image.shape_yx, input_size_of(image.shape_yx, self._frame))

    def encode_many(self, images: Sequence[SliceImage]) -> list[Embedding]:
        """Encode slices one after the other: one alone keeps all cores busy."""
        return [self.encode(each) for each in images]

    def decode(self, embedding: Embedding, prompts: Prompts, mask_input: np.ndarray | None, multimask: bool) -> Decoded:
        """Decode prompts on an encoded slice; `mask_input` is float32 (h, w).

        A first click, one positive point, takes the way of `decode_points`.
        """
        if self._points is not None and mask_input is None and multimask and _is_click(prompts):
            return self._decode_click(embedding, prompts.points[0])
        coords, labels = decoder_points(prompts, embedding)
        logits, predicted_iou = self._run_decoder(embedding, coords, labels, mask_input)
        chosen = slice(1, 4) if multimask else slice(0, 1)
        return Decoded(logits[0, chosen].copy(), predicted_iou[0, chosen].copy())

    def follow(self, embedding: Embedding, prompts: Prompts, before: Mask) -> None:
        """Nothing: SAM was not trained for that."""

    def prepare(self, embedding: Embedding) -> None:
        """Compute what all points of the slice share."""
        if self._points is not None:
            self._points.prepare(embedding)

    def decode_points(self, embedding: Embedding, points_xy: np.ndarray, least_iou: float = -np.inf) -> Decoded:
        """Decode single points (n, 2), in pixels of the slice, each by itself; valid until the next call.

        Of points none of whose masks is rated above `least_iou` the logits are not computed: they are anything.

        What the points of a slice share is computed once and kept until another embedding is decoded, see
        `factored_decoder`; SAM-HQ decodes each point from the start.

        Raises
        ------
        Cancelled
            If the present job is interrupted; noticed after a few points.
        """
        count = len(points_xy)
        if len(self._answers) < count:  # memory that was used before is faster than new one
            self._answers = self._room_for(count).logits
        logits, predicted_iou = self._answers[:count], np.empty((count, 3), np.float32)
        for start in range(0, count, _POINTS_AT_ONCE):
            job.check()
            some = slice(start, start + _POINTS_AT_ONCE)
            self._decode_some(embedding, points_xy[some], least_iou, Decoded(logits[some], predicted_iou[some]))
        return Decoded(logits, predicted_iou)

    def full_logits(self, embedding: Embedding, low: np.ndarray, point_xy: np.ndarray, candidate: int) -> np.ndarray:
        """One answer of `decode_points` as float32 (rows, columns), enlarged: low resolution is all that SAM has."""
        return full_logits(low[None], embedding)[0].numpy()

    def release(self) -> None:
        """Give the memory back; the backend cannot be used afterwards."""
        del self._encoder, self._decoder, self._points, self._answers

    def _room_for(self, count: int) -> Decoded:
        return Decoded(np.empty((count, 3, *self._no_mask.shape[2:]), np.float32), np.empty((count, 3), np.float32))

    def _decode_click(self, embedding: Embedding, point: PointPrompt) -> Decoded:
        answer = self._room_for(1)
        self._decode_some(embedding, np.array([[point.x, point.y]]), -np.inf, answer)
        return Decoded(answer.logits[0], answer.predicted_iou[0])

    def _decode_some(self, embedding: Embedding, points_xy: np.ndarray, least_iou: float, into: Decoded) -> None:
        coords, labels = lone_points(points_xy, embedding)
        if self._points is not None:
            self._points.decode(embedding, coords[:, 0], least_iou, into)
        else:
            logits, predicted_iou = self._run_decoder(embedding, coords, labels, None)
            into.logits[:], into.predicted_iou[:] = logits[:, 1:], predicted_iou[:, 1:]

    def _run_decoder(
        self, embedding: Embedding, coords: np.ndarray, labels: np.ndarray, mask_input: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        mask = self._no_mask if mask_input is None else np.ascontiguousarray(mask_input, np.float32)[None, None]
        inputs = [embedding.features, coords, labels, mask, np.array([mask_input is not None], np.float32)]
        inputs += embedding.others
        try:
            results = self._decoder.infer(dict(enumerate(inputs)), share_inputs=True)
        except RuntimeError as error:
            raise InferenceError(f"OpenVINO failed to decode the prompts: {error}") from error
        return results[0], results[1]

    def _run_encoder(self, pixels: np.ndarray) -> list[np.ndarray]:
        try:
            return [each.copy() for each in infer(self._encoder, [pixels], job.is_interrupted)]
        except RuntimeError as error:
            raise InferenceError(f"OpenVINO failed to encode the slice: {error}") from error


class _PointDecoder:
    """The decoder for single points, compiled when it is first needed.

    Parameters
    ----------
    graphs : Graphs
        With `slice_part`, `point_part` and `mask_part`.
    """

    def __init__(self, graphs: Graphs) -> None:
        self._graphs = graphs
        self._embedding: Embedding | None = None
        self._shared: list[np.ndarray] = []

    def prepare(self, embedding: Embedding) -> None:
        """Learn what all points of a slice share."""
        if embedding is self._embedding:
            return
        try:
            self._learn(embedding)
        except RuntimeError as error:
            raise InferenceError(f"OpenVINO failed to prepare the slice: {error}") from error

    def decode(self, embedding: Embedding, coords_xy: np.ndarray, least_iou: float, into: Decoded) -> None:
        """Decode points (n, 2) in the frame; logits of those with no rating above `least_iou` stay as they are."""
        try:
            if embedding is not self._embedding:
                self._learn(embedding)
            *shared, upscaled = self._shared
            rated, *looked_at = _infer(self._requests[1], np.ascontiguousarray(coords_xy, np.float32), *shared)
            into.predicted_iou[:] = rated
            wanted = (rated > least_iou).any(axis=1)
            if wanted.any():
                chosen = looked_at if wanted.all() else [each[wanted] for each in looked_at]
                into.logits[wanted] = _infer(self._requests[2], *chosen, upscaled)[0]
        except RuntimeError as error:
            raise InferenceError(f"OpenVINO failed to decode the points: {error}") from error

    @cached_property
    def _requests(self) -> tuple[openvino.InferRequest, ...]:
        parts = self._graphs.by_part()
        wanted = [parts[name] for name in ("slice_part", "point_part", "mask_part")]
        return tuple(compile_for_cpu(each, "f32").create_infer_request() for each in wanted)

    def _learn(self, embedding: Embedding) -> None:
        self._embedding = None  # nothing half known, should this fail
        self._shared = [each.copy() for each in _infer(self._requests[0], embedding.features)]
        self._embedding = embedding


def _is_click(prompts: Prompts) -> bool:
    return len(prompts) == len(prompts.points) == 1 and prompts.points[0].positive


def _infer(request: openvino.InferRequest, *inputs: np.ndarray) -> list[np.ndarray]:
    """Outputs of a graph, valid until its next run."""
    results = request.infer(dict(enumerate(inputs)), share_inputs=True, share_outputs=True)
    return [results[position] for position in range(len(results))]
