"""From a trained network to the file that is shipped; needs PyTorch and OpenVINO."""

from __future__ import annotations

import inspect
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...errors import ModelError
from ..openvino_runtime import import_openvino
from .network import RwthSamNet
from .weights_file import WeightsFile, write

if TYPE_CHECKING:
    import openvino
    from torch import Tensor, nn

_EXAMPLE_PX = 64


def export(network: RwthSamNet, path: Path, about: dict[str, Any]) -> None:
    """Write a network as the file that PyTorch and OpenVINO read; its weights are rounded to half precision.

    Parameters
    ----------
    network : RwthSamNet
        On the CPU.
    path : Path
    about : dict
        Of the training, for the manifest; JSON.

    Raises
    ------
    ModelError
        If a weight is no number or beyond half precision, or OpenVINO cannot convert the network.
    InputError
        If the file cannot be written.
    """
    rounded = RwthSamNet(network.settings).eval()
    weights = {name: _rounded(name, each) for name, each in network.state_dict().items()}
    rounded.load_state_dict({name: torch.from_numpy(each.astype(np.float32)) for name, each in weights.items()})
    graphs = {
        "encoder": _graph(rounded.encoder, _encoder_example(), [[1, 1, -1, -1]]),
        "decoder": _graph(rounded.decoder, *_decoder_example(network)),
    }
    write(path, WeightsFile(network.settings, about, weights, graphs))


def load(content: WeightsFile) -> RwthSamNet:
    """The network of a file, on the CPU, ready for inference."""
    network = RwthSamNet(content.settings).eval()
    network.load_state_dict({name: torch.from_numpy(each.astype(np.float32)) for name, each in content.weights.items()})
    return network


def _rounded(name: str, weight: Tensor) -> np.ndarray:
    rounded: np.ndarray = weight.detach().cpu().numpy().astype(np.float16)
    if not np.isfinite(rounded).all():
        raise ModelError(f"The weights '{name}' are no numbers, or too large: the training went wrong.")
    return rounded


def _encoder_example() -> tuple[Tensor, ...]:
    return (torch.zeros(1, 1, _EXAMPLE_PX, _EXAMPLE_PX),)


def _decoder_example(network: RwthSamNet) -> tuple[tuple[Tensor, ...], list[list[int]]]:
    """Example inputs, and their shapes with -1 for what may vary: prompts, points, sizes and wanted masks."""
    half, eighth, sizes = _EXAMPLE_PX // 2, _EXAMPLE_PX // 8, network.settings
    examples = (
        torch.randn(1, sizes.embedding_channels, half, half),
        torch.randn(1, sizes.context_channels, eighth, eighth),
        torch.rand(1, 2, 3, 2) * _EXAMPLE_PX,
        torch.ones(1, 2, 3),
        torch.zeros(1, 2, 4),
        torch.zeros(1, 2, half, half),
        torch.ones(1, 2),
        torch.tensor([1, 2]),
    )
    shapes = [
        [1, sizes.embedding_channels, -1, -1],
        [1, sizes.context_channels, -1, -1],
        [1, -1, -1, 2],
        [1, -1, -1],
        [1, -1, 4],
        [1, -1, -1, -1],
        [1, -1],
        [-1],
    ]
    return examples, shapes


def _graph(module: nn.Module, examples: tuple[Tensor, ...], shapes: list[list[int]]) -> tuple[bytes, bytes]:
    ov = import_openvino()
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of PyTorch's tracing, which OpenVINO asks for
            graph: openvino.Model = ov.convert_model(module, example_input=examples)
        given = zip(graph.inputs, shapes, strict=True)
        graph.reshape({each: ov.PartialShape(shape) for each, shape in given})
        for each, name in zip(graph.inputs, inspect.signature(module.forward).parameters, strict=True):
            each.set_names({name})
    except RuntimeError as error:
        raise ModelError(f"OpenVINO cannot convert the network: {error}") from error
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "graph.xml"
        ov.save_model(graph, file, compress_to_fp16=True)
        return file.read_bytes(), file.with_suffix(".bin").read_bytes()
