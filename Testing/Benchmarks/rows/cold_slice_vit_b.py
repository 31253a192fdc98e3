"""The first click on a slice never seen with the larger SAM ViT-B; untrained weights take as long as trained ones."""

from __future__ import annotations

from collections.abc import Iterator

from bench_models import Bench
from timing import Row

from .cold_slice import cold_slice


def rows(bench: Bench) -> Iterator[Row]:
    yield cold_slice(bench, "sam_vit_b", target=7.0, repeats=4)
