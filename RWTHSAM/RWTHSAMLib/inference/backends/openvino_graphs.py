"""A network as OpenVINO graphs: converted once from its PyTorch weights, kept in the cache folder.

The files' names carry what network they are of, the hash of the weights, the version of OpenVINO and that of this
conversion, so a graph never stands for other weights, nor for those of another model. A manifest with SHA-256 sums is
written last: what is not whole is converted again.
"""

from __future__ import annotations

import contextlib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.system.atomic_file import filling
from ...errors import InputError, ModelError
from ...models.input_size import TRAINED_SIZE, input_size
from ...models.openvino_runtime import core, import_openvino
from ...models.weights import cache_folder, file_sha256
from .. import job
from ..embedding import PIXELS_PER_FEATURE, PIXELS_PER_LOGIT

if TYPE_CHECKING:
    import openvino
    from torch import Tensor, nn

    from ...models.catalogue import ModelEntry

GRAPH_VERSION = 4
"""To be raised whenever the same weights would give another graph."""
_ALWAYS, _FACTORED = ("encoder", "decoder"), ("slice_part", "point_part", "mask_part")


@dataclass(frozen=True, eq=False)
class Graphs:
    """Encoder and decoder, and for most networks a second decoder that is faster for many single points.

    Attributes
    ----------
    encoder : openvino.Model
        (1, 3, 1024, 1024) to features (1, 256, 64, 64), or less for a smaller input; for SAM-HQ also intermediate
        features.
    decoder : openvino.Model
        As `sam_modules.DecoderModule`, any number of points and of prompts.
    slice_part, point_part, mask_part : openvino.Model, optional
        As `factored_decoder.SlicePart`, `PointPart` and `MaskPart`, any number of points; None for SAM-HQ.
    """

    encoder: openvino.Model
    decoder: openvino.Model
    slice_part: openvino.Model | None = None
    point_part: openvino.Model | None = None
    mask_part: openvino.Model | None = None

    def by_part(self) -> dict[str, openvino.Model]:
        """Those that there are."""
        named = {part: getattr(self, part) for part in (*_ALWAYS, *_FACTORED)}
        return {part: graph for part, graph in named.items() if graph is not None}


def kept_graphs(weights: Path, entry: ModelEntry) -> Graphs | None:
    """The graphs of a model where they were kept before: neither its network nor what builds it is needed then.

    Parameters
    ----------
    weights : Path
    entry : ModelEntry

    Raises
    ------
    DependencyMissing
        If OpenVINO is not installed.
    """
    return _read(_folder(), _name(weights, entry, entry.input_size))


def graphs_of(network: nn.Module, weights: Path, entry: ModelEntry) -> Graphs:
    """The graphs of a network, read where they were kept, else converted and kept.

    Parameters
    ----------
    network : torch.nn.Module
        On the CPU, with the weights of the file.
    weights : Path
    entry : ModelEntry
        Of the network.

    Raises
    ------
    ModelError
        If OpenVINO cannot convert the network.
    """
    folder, name = _folder(), _name(weights, entry, input_size(network))
    kept = _read(folder, name)
    if kept is not None:
        return kept
    job.say(f"Converting {entry.title} for OpenVINO, which is done once")
    graphs = convert(network)
    job.say(f"Keeping the converted {entry.title}")
    _write(graphs, folder, name)
    return graphs


def _folder() -> Path:
    return cache_folder() / "openvino"


def _name(weights: Path, entry: ModelEntry, size: int) -> str:
    """What the files of a network's graphs begin with."""
    network = f"{weights.stem}-{entry.family}-{entry.architecture}-{file_sha256(weights)[:16]}"
    name = f"{network}-openvino-{_openvino_version()}-graph-{GRAPH_VERSION}"
    return name if size == TRAINED_SIZE else f"{name}-{size}"


def convert(network: nn.Module) -> Graphs:
    """Convert a network.

    Raises
    ------
    ModelError
        If OpenVINO cannot convert it.
    """
    import torch

    from .factored_decoder import can_be_factored
    from .sam_modules import DecoderModule, EncoderModule

    encoder, decoder = EncoderModule(network).eval(), DecoderModule(network).eval()
    pixels = torch.zeros(1, 3, input_size(network), input_size(network))
    with torch.no_grad():
        encoder_graph = _convert(encoder, (pixels,), [list(pixels.shape)])
        interm_shape = [int(size) for size in encoder_graph.output(1).shape] if decoder.is_hq else None
        examples, shapes = _decoder_examples(input_size(network), interm_shape)
        decoder_graph = _convert(decoder, examples, shapes)
        return Graphs(encoder_graph, decoder_graph, *(_factored(network) if can_be_factored(network) else ()))


def _factored(network: nn.Module) -> tuple[openvino.Model, openvino.Model, openvino.Model]:
    import torch

    from .factored_decoder import MaskPart, PointPart, SlicePart

    slice_part, point_part, mask_part = (each(network).eval() for each in (SlicePart, PointPart, MaskPart))
    features = torch.zeros(1, 256, 64, 64)
    *shared, upscaled = slice_part(features)
    looked_at = point_part(torch.zeros(2, 2), *shared)[1:]
    shared_shapes = [list(each.shape) for each in shared]
    return (
        _convert(slice_part, (features,), [list(features.shape)]),
        _convert(point_part, (torch.zeros(2, 2), *shared), [[-1, 2], *shared_shapes]),
        _convert(
            mask_part,
            (*looked_at, upscaled),
            [*([-1, *each.shape[1:]] for each in looked_at), list(upscaled.shape)],
        ),
    )


def _decoder_examples(frame: int, interm_shape: list[int] | None) -> tuple[tuple[Tensor, ...], list[list[int]]]:
    """Example inputs of the decoder, and their shapes with -1 for what may vary: prompts and points."""
    import torch

    side, mask_side = frame // PIXELS_PER_FEATURE, frame // PIXELS_PER_LOGIT
    features, mask, one = torch.zeros(1, 256, side, side), torch.zeros(2, 1, mask_side, mask_side), torch.zeros(1)
    examples = [features, torch.zeros(2, 3, 2), torch.zeros(2, 3), mask, one]
    shapes = [list(features.shape), [-1, -1, 2], [-1, -1], [-1, 1, mask_side, mask_side], [1]]
    if interm_shape is not None:
        examples.append(torch.zeros(interm_shape))
        shapes.append(interm_shape)
    return tuple(examples), shapes


def _convert(module: nn.Module, examples: tuple[Tensor, ...], shapes: list[list[int]]) -> openvino.Model:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tracing warns of every size that becomes a constant, as it should
            # traced here and not by OpenVINO, which would run the network three times
            traced = torch.jit.trace(module, examples, check_trace=False, strict=False)
            job.check()
            return import_openvino().convert_model(traced, input=shapes)
    except RuntimeError as error:
        raise ModelError(f"OpenVINO cannot convert this model: {str(error).strip().splitlines()[0]}") from error


def _read(folder: Path, name: str) -> Graphs | None:
    try:
        sums = json.loads((folder / f"{name}.json").read_text())
        parts = [*_ALWAYS, *(part for part in _FACTORED if f"{name}.{part}.xml" in sums)]
        files = [folder / f"{name}.{part}.{ending}" for part in parts for ending in ("xml", "bin")]
        if any(sums.get(path.name) != file_sha256(path) for path in files):
            return None
        return Graphs(**{part: core().read_model(folder / f"{name}.{part}.xml") for part in parts})
    except (OSError, ValueError, AttributeError, RuntimeError):
        return None


def _write(graphs: Graphs, folder: Path, name: str) -> None:
    """Keep graphs; a folder that cannot be written to is no reason to stop."""
    # not written whole, they are refused by OpenVINO, or by their sums at the next start
    with contextlib.suppress(InputError, OSError, RuntimeError), filling(folder) as unfinished:
        for part, graph in graphs.by_part().items():
            path = unfinished / f"{name}.{part}.xml"
            import_openvino().save_model(graph, path, compress_to_fp16=False)
            core().read_model(path)
        sums = {path.name: file_sha256(path) for path in unfinished.iterdir()}
        (unfinished / f"{name}.json").write_text(json.dumps(sums, indent=1))


def _openvino_version() -> str:
    return str(import_openvino().__version__).split("-")[0]
