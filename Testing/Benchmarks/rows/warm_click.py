"""A click on a slice whose embedding is there, up to the shown preview: against upstream and the bare decoder."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
from bench_models import CLICK, SIDE, SMALL, Bench, new_slices, session_on, upstream_click
from timing import Row, in_turn

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.inference.embedding import Embedding
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.inference.preprocess import decoder_points
from RWTHSAMLib.models.catalogue import model

SLICE = SliceKey("k", 0)


def rows(bench: Bench) -> Iterator[Row]:
    engine, predictor = bench.engine(), bench.predictor()
    image = next(new_slices())
    predictor.set_image(image.rgb())
    click = new_click(engine, np.repeat(image.pixels[None], 2, axis=0))
    note = "with one positive point, three candidates; preview node updated"
    repeats, floor = bench.repeats(40), bench.floor_s(SMALL, "decoder")
    times = in_turn(lambda: upstream_click(predictor), click, repeats)
    yield Row("warm click against SamPredictor.predict", *times, 2.0, note, floor)
    times = in_turn(bare_decoder(bench, engine, engine.embed(image)), click, repeats)
    yield Row("warm click against the bare decoder", *times, 1 / 1.5, f"decoder in the same backend | {note}", floor)


def new_click(engine: SamEngine, array_kji: np.ndarray) -> Callable[[], None]:
    """A function that clicks on another pixel each time, from the point to the updated preview."""
    session, pixels = session_on(array_kji, engine), itertools.count()

    def click() -> None:
        step = next(pixels)
        session.add_point(SLICE, SIDE // 2 + step % 50, SIDE // 2 + step // 50)
        session.poll()
        assert session.status.has_mask
        session.undo()

    click()
    return click


def bare_decoder(bench: Bench, engine: SamEngine, embedding: Embedding) -> Callable[[], object]:
    """The decoder's forward alone, inputs ready, in the engine's backend."""
    coords, labels = decoder_points(CLICK, embedding)
    inputs = [embedding.features, coords, labels, np.zeros((1, 1, 256, 256), np.float32), np.zeros(1, np.float32)]
    if engine.backend.name == "torch":
        return _torch_decoder(bench, engine, inputs)
    from RWTHSAMLib.inference.backends.openvino_graphs import graphs_of
    from RWTHSAMLib.models.openvino_runtime import compile_for_cpu

    graph = graphs_of(bench.predictor().model, bench.weights_of(SMALL), model(SMALL)).decoder
    request = compile_for_cpu(graph, "f32").create_infer_request()
    return lambda: request.infer(dict(enumerate(inputs)), share_inputs=True)


def _torch_decoder(bench: Bench, engine: SamEngine, inputs: list[np.ndarray]) -> Callable[[], object]:
    import torch

    from RWTHSAMLib.inference.backends.sam_modules import DecoderModule

    device = engine.backend.device
    decoder = DecoderModule(bench.predictor().model).to(device).eval()
    tensors = [torch.from_numpy(each).to(device) for each in inputs]

    @torch.inference_mode()
    def run() -> object:
        return [each.cpu() for each in decoder(*tensors)]

    return run
