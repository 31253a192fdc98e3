"""The smallest and the largest network on a CUDA machine, against upstream in f32, where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bench_models import CLICK, SMALL, Bench, new_slices, upstream_click
from timing import Row, in_turn

NAMES = {SMALL: "MobileSAM", "sam_vit_h": "SAM ViT-H"}
WORKS = ("encode", "click", "volume embedded ahead, per slice")
SLICES_OF_VOLUME = 16


def rows(bench: Bench) -> Iterator[Row]:
    import torch

    for name, title in NAMES.items():
        if torch.cuda.is_available():
            yield from _measured(bench, name, title)
            continue
        for work in WORKS:
            yield Row(_name(work, title), None, None, 1.0, "not measured: there is no CUDA device here")


def _measured(bench: Bench, name: str, title: str) -> Iterator[Row]:
    import torch

    engine, predictor = bench.engine(name), bench.predictor(name)
    predictor.model.to("cuda")
    slices, kind = new_slices(), f"upstream f32 | {engine.description} {torch.cuda.get_device_name()}"

    def encode_theirs(count: int = 1) -> None:
        for image in islice(slices, count):
            predictor.set_image(image.rgb())
        torch.cuda.synchronize()

    times = in_turn(encode_theirs, lambda: engine.backend.encode(next(slices)), bench.repeats(20))
    yield Row(_name(WORKS[0], title), *times, 1.0, kind)
    embedding = engine.embed(next(slices))
    decode = lambda: engine.backend.decode(embedding, CLICK, None, multimask=True)  # noqa: E731
    times = in_turn(lambda: upstream_click(predictor), decode, bench.repeats(40))
    yield Row(_name(WORKS[1], title), *times, 1.0, kind)
    whole = in_turn(
        lambda: encode_theirs(SLICES_OF_VOLUME),
        lambda: engine.embed_many(list(islice(slices, SLICES_OF_VOLUME))),
        bench.repeats(4),
    )
    theirs_s, ours_s = (each / SLICES_OF_VOLUME for each in whole)
    yield Row(_name(WORKS[2], title), theirs_s, ours_s, 1.0, kind)


def _name(work: str, title: str) -> str:
    return f"{work} on a GPU, {title}"
