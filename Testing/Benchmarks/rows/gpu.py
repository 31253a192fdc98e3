"""The largest network on a CUDA machine: encode and click against upstream in f32, where there is one."""

from __future__ import annotations

from collections.abc import Iterator

from bench_models import CLICK, Bench, new_slices, upstream_click
from timing import Row, in_turn

NAME = "sam_vit_h"
NAMES = ("encode on a GPU, SAM ViT-H", "click on a GPU, SAM ViT-H")


def rows(bench: Bench) -> Iterator[Row]:
    import torch

    if not torch.cuda.is_available():
        yield from (Row(name, None, None, 1.0, "not measured: there is no CUDA device here") for name in NAMES)
        return
    engine, predictor = bench.engine(NAME), bench.predictor(NAME)
    predictor.model.to("cuda")
    slices, kind = new_slices(), f"upstream f32 | {engine.description} {torch.cuda.get_device_name()}"

    def encode_theirs() -> None:
        predictor.set_image(next(slices).rgb())
        torch.cuda.synchronize()

    times = in_turn(encode_theirs, lambda: engine.backend.encode(next(slices)), bench.repeats(20))
    yield Row(NAMES[0], *times, 1.0, kind)
    embedding = engine.embed(next(slices))
    decode = lambda: engine.backend.decode(embedding, CLICK, None, multimask=True)  # noqa: E731
    yield Row(NAMES[1], *in_turn(lambda: upstream_click(predictor), decode, bench.repeats(40)), 1.0, kind)
