"""The first click on a slice never seen: encoder, decoder and mask, against upstream's predictor in PyTorch."""

from __future__ import annotations

from collections.abc import Iterator

from bench_models import CLICK, SMALL, Bench, new_slices, upstream_click
from timing import Row, in_turn


def rows(bench: Bench) -> Iterator[Row]:
    yield cold_slice(bench, SMALL, target=5.0, repeats=12)
    yield cold_slice(bench, SMALL, target=5.0, repeats=12, ours_is=f"{SMALL}_512")


def cold_slice(bench: Bench, name: str, target: float, repeats: int, ours_is: str | None = None) -> Row:
    """Row of one model against upstream's, which may be another."""
    engine, predictor = bench.engine(ours_is or name), bench.predictor(name)
    slices = new_slices()

    def theirs() -> None:
        predictor.set_image(next(slices).rgb())
        upstream_click(predictor)

    times = in_turn(theirs, lambda: engine.segment(next(slices), CLICK).best.mask.to_array(), bench.repeats(repeats))
    note = f"SamPredictor.set_image + predict (PyTorch f32) | {engine.device}, {engine.backend.precision}"
    floor = sum(bench.floor_s(engine.entry.name, part) for part in ("encoder", "decoder"))
    return Row(f"cold slice, {engine.entry.title}", *times, target, note, floor)
