"""The network at work, in OpenVINO alone or in PyTorch, with numpy arrays in and out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ...errors import InferenceError, ModelError
from ..openvino_runtime import compile_for_cpu, core, infer
from .frame import encoder_input, in_slice
from .prompt_arrays import PromptArrays
from .weights_file import WeightsFile

if TYPE_CHECKING:
    import openvino
    from torch import Tensor

    from .network import RwthSamNet

# a choice: scans have slices of three sizes, one along each axis
_SIZES_KEPT = 3
_OF_SLICE = 2
"""So many of the decoder's inputs, the first, come from the slice alone."""
_PLACE_AXES = {
    "grey": {2: 1, 3: 1},
    "pixels": {2: 2, 3: 2},
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
        float32, (1, channels, h / 2, w / 2).
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
    masks : numpy.ndarray
        bool, (m, rows, columns).
    low_logits : numpy.ndarray
        float32, (m, h / 2, w / 2): to be given back when the mask is refined.
    predicted_iou : numpy.ndarray
        float32, (m,).
    """

    masks: np.ndarray
    low_logits: np.ndarray
    predicted_iou: np.ndarray


class Runner(Protocol):
    """Either way of running the network.

    Attributes
    ----------
    name : str
        ``"openvino"`` or ``"torch"``.
    """

    name: str

    def encode(self, pixels: np.ndarray) -> EncodedSlice:
        """Encode a slice: uint8, (rows, columns) or (rows, columns, 3)."""

    def decode(
        self,
        encoded: EncodedSlice,
        prompts: PromptArrays,
        mask: np.ndarray | None = None,
        wanted: tuple[int, ...] | None = None,
    ) -> Answer:
        """Answer one prompt.

        Parameters
        ----------
        mask : numpy.ndarray, optional
            float32, (h / 2, w / 2): low logits of the mask before.
        wanted : tuple of int, optional
            `CANDIDATES` or `REFINED`; default: the candidates, or the refined mask where one was before.
        """

    def logits(
        self,
        encoded: EncodedSlice,
        prompts: PromptArrays,
        mask: np.ndarray | None = None,
        wanted: tuple[int, ...] | None = None,
    ) -> np.ndarray:
        """As `decode`, but float32 logits (m, rows, columns), above 0 inside, in place of masks."""

    def decode_many(self, encoded: EncodedSlice, prompts: PromptArrays) -> tuple[np.ndarray, np.ndarray]:
        """Candidates of t prompts, each by itself: low logits (t, 3, h / 2, w / 2) and predicted IoU (t, 3)."""

    def release(self) -> None:
        """Give memory back; nothing can be run afterwards."""


class OpenVinoRunner:
    """The network in OpenVINO, on the CPU.

    Parameters
    ----------
    content : WeightsFile
    precision : str
        Of the encoder: ``"f32"`` or ``"bf16"``; the decoder always runs in f32, so that edges of masks do not suffer.
    is_interrupted : callable, optional
        Asked several times a second; True ends what is being computed with `Cancelled`.

    Raises
    ------
    DependencyMissing
        If OpenVINO is not installed.
    ModelError
        If this version of OpenVINO cannot read the graphs, or the processor not run them.
    """

    name = "openvino"

    def __init__(
        self, content: WeightsFile, precision: str = "f32", is_interrupted: Callable[[], bool] = lambda: False
    ) -> None:
        self._content, self._precision, self._is_interrupted = content, precision, is_interrupted
        self._ready: OrderedDict[tuple[str, tuple[int, ...]], openvino.InferRequest] = OrderedDict()
        _graph(content, "decoder")  # what cannot be read is said at once

    def encode(self, pixels: np.ndarray) -> EncodedSlice:
        """Encode a slice: uint8, (rows, columns) or (rows, columns, 3)."""
        grey = encoder_input(pixels)
        found = self._infer("encoder", grey.shape[2:], [grey])
        return EncodedSlice(found[0].copy(), found[1].copy(), (pixels.shape[0], pixels.shape[1]))

    def decode(
        self,
        encoded: EncodedSlice,
        prompts: PromptArrays,
        mask: np.ndarray | None = None,
        wanted: tuple[int, ...] | None = None,
    ) -> Answer:
        """Answer a prompt; `mask` is float32 (h / 2, w / 2)."""
        return _answer(self._decode(encoded, _decoder_inputs(encoded, prompts, mask, wanted)), encoded)

    def logits(
        self,
        encoded: EncodedSlice,
        prompts: PromptArrays,
        mask: np.ndarray | None = None,
        wanted: tuple[int, ...] | None = None,
    ) -> np.ndarray:
        """Logits of `decode`: float32, (m, rows, columns)."""
        return _logits(self._decode(encoded, _decoder_inputs(encoded, prompts, mask, wanted)), encoded)

    def decode_many(self, encoded: EncodedSlice, prompts: PromptArrays) -> tuple[np.ndarray, np.ndarray]:
        """Low logits (t, 3, h / 2, w / 2) and predicted IoU (t, 3) of t prompts, valid until the next answer."""
        _, coarse, rated = self._decode(encoded, _decoder_inputs(encoded, prompts, None, CANDIDATES))
        return coarse[0], rated[0]

    def release(self) -> None:
        """Give memory back."""
        self._ready.clear()

    def _decode(self, encoded: EncodedSlice, inputs: list[np.ndarray]) -> list[np.ndarray]:
        return self._infer("decoder", tuple(2 * size for size in encoded.pixels.shape[2:]), inputs)

    def _infer(self, name: str, size_yx: tuple[int, ...], inputs: list[np.ndarray]) -> list[np.ndarray]:
        request = self._made_for(name, size_yx)
        try:
            return infer(request, inputs, self._is_interrupted)
        except RuntimeError as error:
            raise InferenceError(f"OpenVINO failed to run the network: {error}") from error

    def _made_for(self, name: str, size_yx: tuple[int, ...]) -> openvino.InferRequest:
        """A graph for one padded size: twice as fast as for any size, and the slices of a scan share it."""
        if (name, size_yx) not in self._ready:
            graph = _graph(self._content, name)
            _set_size(graph, size_yx)
            precision = self._precision if name == "encoder" else "f32"
            self._ready[name, size_yx] = compile_for_cpu(graph, precision).create_infer_request()
            if len(self._ready) > 2 * _SIZES_KEPT:
                self._ready.popitem(last=False)
        self._ready.move_to_end((name, size_yx))
        return self._ready[name, size_yx]


class TorchRunner:
    """The network in PyTorch, on the device that it is on.

    Parameters
    ----------
    network : RwthSamNet
    precision : str
        Of the encoder: ``"f32"``, ``"f16"`` or ``"bf16"``.
    """

    name = "torch"

    def __init__(self, network: RwthSamNet, precision: str = "f32") -> None:
        self._network = network.eval()
        self._precision = precision
        self._device = next(network.parameters()).device
        self._there: tuple[EncodedSlice, list[Tensor]] | None = None

    def encode(self, pixels: np.ndarray) -> EncodedSlice:
        """Encode a slice: uint8, (rows, columns) or (rows, columns, 3)."""
        found = self._run(self._network.encoder, self._moved([encoder_input(pixels)]), self._precision)
        return EncodedSlice(found[0], found[1], (pixels.shape[0], pixels.shape[1]))

    def decode(
        self,
        encoded: EncodedSlice,
        prompts: PromptArrays,
        mask: np.ndarray | None = None,
        wanted: tuple[int, ...] | None = None,
    ) -> Answer:
        """Answer a prompt; `mask` is float32 (h / 2, w / 2)."""
        return _answer(self._decode(encoded, prompts, mask, wanted), encoded)

    def logits(
        self,
        encoded: EncodedSlice,
        prompts: PromptArrays,
        mask: np.ndarray | None = None,
        wanted: tuple[int, ...] | None = None,
    ) -> np.ndarray:
        """Logits of `decode`: float32, (m, rows, columns)."""
        return _logits(self._decode(encoded, prompts, mask, wanted), encoded)

    def decode_many(self, encoded: EncodedSlice, prompts: PromptArrays) -> tuple[np.ndarray, np.ndarray]:
        """Low logits (t, 3, h / 2, w / 2) and predicted IoU (t, 3) of t prompts."""
        _, coarse, rated = self._decode(encoded, prompts, None, CANDIDATES)
        return coarse[0], rated[0]

    def release(self) -> None:
        """Give memory back."""
        from ..torch_memory import empty_cache

        del self._network
        self._there = None
        empty_cache(self._device.type)

    def _decode(
        self, encoded: EncodedSlice, prompts: PromptArrays, mask: np.ndarray | None, wanted: tuple[int, ...] | None
    ) -> list[np.ndarray]:
        inputs = _decoder_inputs(encoded, prompts, mask, wanted)
        # clicks come in series on one slice: what was encoded is moved to the device once
        if self._there is None or self._there[0] is not encoded:
            self._there = encoded, self._moved(inputs[:_OF_SLICE])
        return self._run(self._network.decoder, [*self._there[1], *self._moved(inputs[_OF_SLICE:])])

    def _moved(self, arrays: Sequence[np.ndarray]) -> list[Tensor]:
        import torch

        from ..torch_memory import memory_errors

        with memory_errors(f"The network needs more memory than {self._device.type} has free."):
            return [torch.from_numpy(each).to(self._device) for each in arrays]

    def _run(self, module: object, inputs: list[Tensor], precision: str = "f32") -> list[np.ndarray]:
        import torch

        from ..torch_memory import memory_errors

        kind = {"f32": None, "f16": torch.float16, "bf16": torch.bfloat16}[precision]
        autocast = nullcontext() if kind is None else torch.autocast(self._device.type, kind)
        too_much = f"The network needs more memory than {self._device.type} has free."
        with memory_errors(too_much), torch.inference_mode(), autocast:
            outputs: tuple[Tensor, ...] = module(*inputs)  # type: ignore[operator]
            return [each.float().cpu().numpy() for each in outputs]


def _decoder_inputs(
    encoded: EncodedSlice, prompts: PromptArrays, mask: np.ndarray | None, wanted: tuple[int, ...] | None
) -> list[np.ndarray]:
    count, places = prompts.points_xy.shape[1], encoded.pixels.shape[2:]
    given = np.zeros((1, count, *places), np.float32) if mask is None else mask[None, None]
    if wanted is None:
        wanted = CANDIDATES if mask is None else REFINED
    return [
        encoded.pixels,
        encoded.context,
        prompts.points_xy,
        prompts.labels,
        prompts.box_xyxy,
        np.ascontiguousarray(given, np.float32),
        np.full((1, count), mask is not None, np.float32),
        np.array(wanted, np.int64),
    ]


def _answer(found: list[np.ndarray], encoded: EncodedSlice) -> Answer:
    """Nothing of it is part of what was found, which the next run may overwrite."""
    fine, coarse, rated = found
    # told apart before they are put in their places: a quarter of the bytes to move
    return Answer(in_slice(fine > 0, encoded.shape_yx)[0], coarse[0, 0].copy(), rated[0, 0].copy())


def _logits(found: list[np.ndarray], encoded: EncodedSlice) -> np.ndarray:
    logits: np.ndarray = in_slice(found[0], encoded.shape_yx)[0]
    return logits


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
            shape[axis] = size_yx[axis - 2] // per_place
        shapes[each] = shape
    graph.reshape(shapes)
