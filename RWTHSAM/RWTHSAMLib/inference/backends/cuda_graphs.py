"""A network part whose many small steps a GPU does in one go.

Decoding a click is some hundred short kernels: a GPU waits longer for each to be launched than it works on it. A CUDA
graph records them once for each shape of the inputs and launches them together.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

_WARM_UP_RUNS = 3
"""As PyTorch's documentation of CUDA graphs has it, so that no kernel is chosen while a graph is recorded."""
_MOST_GRAPHS = 8
"""Each holds its inputs, outputs and what lies between; clicks of one person have few different shapes."""
_MOST_PROMPTS = 4
"""Larger batches keep a GPU busy without a graph."""
_TOLERANCE = 1e-3
"""Of the largest logit, a choice: other kernels round otherwise, a wrong graph is wrong by far more."""

Shapes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class _Graph:
    """A recording, and the memory that it reads from and writes to."""

    graph: torch.cuda.CUDAGraph
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    def run(self, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        for own, given in zip(self.inputs, inputs, strict=True):
            own.copy_(given)
        self.graph.replay()
        return tuple(each.clone() for each in self.outputs)


class GraphedModule:
    """A module on a CUDA device, recorded for each shape of its inputs when that comes for the second time.

    A recording is used only if it gives what the module gives; where recording fails, or its results differ, the
    module itself runs from then on. Only time depends on it.

    Parameters
    ----------
    module : torch.nn.Module
        Takes tensors, the second with the prompts along its first axis, and returns a tuple of tensors.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._graphs: OrderedDict[Shapes, _Graph] = OrderedDict()
        self._seen: set[Shapes] = set()
        self._is_usable = True

    @property
    def recorded(self) -> int:
        """How many recordings there are."""
        return len(self._graphs)

    def __call__(self, *inputs: Tensor | None) -> tuple[Tensor, ...]:
        """What the module gives."""
        given = tuple(each for each in inputs if each is not None)
        shapes = tuple(tuple(each.shape) for each in given)
        known = self._graphs.get(shapes)
        if known is not None:
            self._graphs.move_to_end(shapes)
            return known.run(given)
        outputs: tuple[Tensor, ...] = self._module(*given)
        if self._is_usable and shapes in self._seen and shapes[1][0] <= _MOST_PROMPTS:
            self._record(shapes, given, outputs)
        self._seen.add(shapes)
        return outputs

    def forget(self) -> None:
        """Give the recordings' memory back."""
        self._graphs.clear()
        self._seen.clear()

    def _record(self, shapes: Shapes, given: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> None:
        try:
            recorded = _recording(self._module, given)
            found = recorded.run(given)
        except RuntimeError:  # also where memory does not suffice: a click must not fail for what only saves time
            self._is_usable = False
            self.forget()
            return
        self._is_usable = all(map(_agree, found, expected))
        if not self._is_usable:
            self.forget()
            return
        self._graphs[shapes] = recorded
        if len(self._graphs) > _MOST_GRAPHS:
            self._graphs.popitem(last=False)


def _recording(module: nn.Module, given: tuple[Tensor, ...]) -> _Graph:
    """Record a module; as PyTorch asks for, after some runs on a stream of their own."""
    inputs = tuple(each.clone() for each in given)
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(_WARM_UP_RUNS):
            module(*inputs)
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        outputs = module(*inputs)
    return _Graph(graph, inputs, outputs)


def _agree(found: Tensor, expected: Tensor) -> bool:
    scale = float(expected.abs().max()) or 1.0
    return float((found - expected).abs().max()) <= _TOLERANCE * scale
