"""Embedding a whole volume ahead through a session, against the encoder's forward alone in the same backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import slicer
from bench_models import SMALL, Bench, new_slices, session_on
from timing import Row, seconds_of

from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.inference.preprocess import encoder_input
from RWTHSAMLib.models.catalogue import model
from RWTHSAMLib.mrml.session.session import Session


def rows(bench: Bench) -> Iterator[Row]:
    engine = bench.engine()
    images = [image for _, image in zip(range(bench.repeats(40)), new_slices(seed=5), strict=False)]
    session = session_on(np.stack([each.pixels for each in images]), engine)
    forward = encoder_alone(bench, engine, encoder_input(images[0], 1024))
    forward()
    session.prefetch.embed_volume(axial_view(session))
    alone, ahead = [], []
    for _ in images:
        alone.append(seconds_of(forward))
        ahead.append(seconds_of(session.poll))
    note = f"encoder's forward alone | session.prefetch.embed_volume, per slice ({len(images)} slices measured)"
    floor = bench.floor_s(SMALL, "encoder")
    yield Row("volume embedded ahead, per slice", min(alone), min(ahead), 0.9, note, floor)


def axial_view(session: Session) -> slicer.vtkMRMLSliceNode:
    """A view that shows the first slices."""
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(session.scene, True)
    node = session.scene.CreateNodeByClass("vtkMRMLSliceNode")
    node.UnRegister(None)
    node.SetName("Red")
    node.SetLayoutName("Red")
    node = session.scene.AddNode(node)
    node.SetOrientation("Axial")
    return node


def encoder_alone(bench: Bench, engine: SamEngine, pixels: np.ndarray) -> Callable[[], object]:
    """The encoder's forward with its input ready."""
    if engine.backend.name == "openvino":
        from RWTHSAMLib.inference.backends.openvino_graphs import graphs_of
        from RWTHSAMLib.models.openvino_runtime import compile_for_cpu

        graph = graphs_of(bench.predictor().model, bench.weights_of(SMALL), model(SMALL)).encoder
        request = compile_for_cpu(graph, engine.backend.precision).create_infer_request()
        return lambda: request.infer({0: pixels}, share_inputs=True)
    import torch

    device = engine.backend.device
    encoder, tensor = bench.predictor().model.image_encoder.to(device), torch.from_numpy(pixels).to(device)
    kind = {"bf16": torch.bfloat16, "f16": torch.float16}.get(engine.backend.precision)

    @torch.inference_mode()
    def run() -> object:
        with torch.autocast(device, kind or torch.bfloat16, enabled=kind is not None):
            return encoder(tensor).cpu()

    return run
