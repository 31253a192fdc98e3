"""The network at work, in OpenVINO alone or in PyTorch, with numpy arrays in and out."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ...errors import InferenceError, ModelError
from ..openvino_runtime import compile_for_cpu, core
from .frame import encoder_input, in_slice
from .prompt_arrays import PromptArrays
from .weights_file import GRAPHS, WeightsFile

if TYPE_CHECKING:
    import openvino
    from torch import Tensor

    from .network import RwthSamNet

_SIZES_KEPT = 3
_PLACE_AXES = {
    "grey": {2: 1, 3: 1},
    "pixels": {1: 2, 2: 2},
    "context": {2: 8, 3: 8},
    "mask": {2: 2, 3: 2},
}
"""Which axes of a graph's inputs are places, and how many pixels a place is wide."""

CANDIDATES, REFINED = (1, 2, 3), (0,)
"""What may be wanted: the candidates for a first prompt, or the mask for all prompts."""


@dataclass(frozen=True, eq=False)
class EncodedSlice:
    """What the encoder makes of a slice.

    Attributes
    ----------
    pixels : numpy.ndarray
        float32, (1, h / 2, w / 2, channels).
    context : numpy.ndarray
        float32, (1, channels, h / 8, w / 8).
    shape_yx : tuple of int
        Of the slice itself.
    """

    pixels: np.ndarray
    context: np.ndarray
    shape_yx: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Answer:
    """What the decoder says to one prompt.

    Attributes
    ----------
    logits : numpy.ndarray
        float32, (m, rows, columns): above 0 is inside.
    low_logits : numpy.ndarray
        float32, (m, h / 2, w / 2): to be given back when the mask is refined.
    predicted_iou : numpy.ndarray
        float32, (m,).
    """

    logits: np.ndarray
    low_logits: np.ndarray
    predicted_iou: np.ndarray


class Runner(Protocol):
    """Either way of running the network."""

    def encode(self, pixels: np.ndarray) -> EncodedSlice:
        """Encode a slice: uint8, (rows, columns) or (rows, columns, 3)."""

    def decode(self, encoded: EncodedSlice, prompts: PromptArrays, mask: np.ndarray | None = None) -> Answer:
        """Three candidates, or the refined one where the low logits (h / 2, w / 2) of a mask are given."""


class OpenVinoRunner:
    """The network in OpenVINO, on the CPU.

    Parameters
    ----------
    content : WeightsFile

    Raises
    ------
    DependencyMissing
        If OpenVINO is not installed.
    ModelError
        If this version of OpenVINO cannot read the graphs.
    """

    def __init__(self, content: WeightsFile) -> None:
        self._content = content
        self._ready: OrderedDict[tuple[int, ...], tuple[openvino.InferRequest, openvino.InferRequest]] = OrderedDict()
        _graph(content, "decoder")  # what cannot be read is said at once

    def encode(self, pixels: np.ndarray) -> EncodedSlice:
        """Encode a slice."""
        grey = encoder_input(pixels)
        found = _infer(self._made_for(grey.shape[2:])[0], grey)
        return EncodedSlice(found[0], found[1], (pixels.shape[0], pixels.shape[1]))

    def decode(self, encoded: EncodedSlice, prompts: PromptArrays, mask: np.ndarray | None = None) -> Answer:
        """Answer a prompt."""
        decoder = self._made_for(tuple(2 * size for size in encoded.pixels.shape[1:3]))[1]
        return _answer(_infer(decoder, *_decoder_inputs(encoded, prompts, mask)), encoded)

    def _made_for(self, size_yx: tuple[int, ...]) -> tuple[openvino.InferRequest, openvino.InferRequest]:
        """Encoder and decoder for one padded size: twice as fast as for any size, and the slices of a scan share it."""
        if size_yx not in self._ready:
            graphs = [_graph(self._content, name) for name in GRAPHS]
            for graph in graphs:
                _set_size(graph, size_yx)
            self._ready[size_yx] = (_compiled(graphs[0]), _compiled(graphs[1]))
            if len(self._ready) > _SIZES_KEPT:
                self._ready.popitem(last=False)
        self._ready.move_to_end(size_yx)
        return self._ready[size_yx]


class TorchRunner:
    """The network in PyTorch, on the device that it is on.

    Parameters
    ----------
    network : RwthSamNet
    """

    def __init__(self, network: RwthSamNet) -> None:
        self._network = network.eval()
        self._device = next(network.parameters()).device

    def encode(self, pixels: np.ndarray) -> EncodedSlice:
        """Encode a slice."""
        found = self._run(self._network.encoder, encoder_input(pixels))
        return EncodedSlice(found[0], found[1], (pixels.shape[0], pixels.shape[1]))

    def decode(self, encoded: EncodedSlice, prompts: PromptArrays, mask: np.ndarray | None = None) -> Answer:
        """Answer a prompt."""
        return _answer(self._run(self._network.decoder, *_decoder_inputs(encoded, prompts, mask)), encoded)

    def _run(self, module: object, *inputs: np.ndarray) -> list[np.ndarray]:
        import torch

        with torch.inference_mode():
            tensors = [torch.from_numpy(each).to(self._device) for each in inputs]
            outputs: tuple[Tensor, ...] = module(*tensors)  # type: ignore[operator]
            return [each.float().cpu().numpy() for each in outputs]


def _decoder_inputs(encoded: EncodedSlice, prompts: PromptArrays, mask: np.ndarray | None) -> list[np.ndarray]:
    given = np.zeros(encoded.pixels.shape[1:3], np.float32) if mask is None else mask
    return [
        encoded.pixels,
        encoded.context,
        prompts.points_xy,
        prompts.labels,
        prompts.box_xyxy,
        np.ascontiguousarray(given, np.float32)[None, None],
        np.array([[mask is not None]], np.float32),
        np.array(CANDIDATES if mask is None else REFINED, np.int64),
    ]


def _answer(found: list[np.ndarray], encoded: EncodedSlice) -> Answer:
    fine, coarse, rated = found
    return Answer(in_slice(fine, encoded.shape_yx)[0], coarse[0, 0], rated[0, 0])


def _graph(content: WeightsFile, name: str) -> openvino.Model:
    xml, constants = content.graphs[name]
    try:
        return core().read_model(xml, constants)
    except RuntimeError as error:
        raise ModelError(
            f"This version of OpenVINO cannot read the network: pip install -U openvino ({error})."
        ) from error


def _set_size(graph: openvino.Model, size_yx: tuple[int, ...]) -> None:
    """Fix the places of a graph's inputs, by the resolution that each has; prompts and points may still vary."""
    shapes = {}
    for each in graph.inputs:
        shape = each.partial_shape
        for axis, per_place in _PLACE_AXES.get(each.any_name, {}).items():
            shape[axis] = size_yx[axis - min(_PLACE_AXES[each.any_name])] // per_place
        shapes[each] = shape
    graph.reshape(shapes)


def _compiled(graph: openvino.Model) -> openvino.InferRequest:
    return compile_for_cpu(graph, "f32").create_infer_request()


def _infer(request: openvino.InferRequest, *inputs: np.ndarray) -> list[np.ndarray]:
    try:
        found = request.infer(dict(enumerate(inputs)), share_inputs=True)
    except RuntimeError as error:
        raise InferenceError(f"OpenVINO failed to run the network: {error}") from error
    return [found[position] for position in range(len(found))]
