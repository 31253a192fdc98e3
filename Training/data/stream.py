"""An endless stream of training slices, made in worker processes."""

from __future__ import annotations

import multiprocessing
import queue
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from types import TracebackType
from typing import Any

import numpy as np

from RWTHSAMLib.errors import SettingsError, WorkerDied

from .sample import Sample, Target
from .sample_making import make_sample

HELD_OUT_FROM = 100_000
"""Seeds from here on are for evaluation: no stream ever gives them."""
_WAIT_S = 1.0


@dataclass(frozen=True)
class StreamSettings:
    """What a stream gives.

    Attributes
    ----------
    sizes : tuple of int
        Sizes of the slices in pixels, one after the other, over and over.
    first_index : int
        Number of the first sample: 0, or where an earlier stream stopped.
    workers : int
        Processes that make samples; 0 makes them in this process.
    ahead : int
        Samples that wait ready per worker at most.
    """

    sizes: tuple[int, ...] = (256,)
    first_index: int = 0
    workers: int = 1
    ahead: int = 8

    def __post_init__(self) -> None:
        if not self.sizes or self.first_index < 0 or self.workers < 0 or self.ahead < 1:
            raise SettingsError(f"A stream needs sizes, an index of 0 or larger, workers and room, not {self}.")


def seed_of(index: int) -> tuple[int, int]:
    """Seed and variant of the index-th sample of a stream: all trainable seeds in turn, never a held-out one."""
    variant, seed = divmod(index, HELD_OUT_FROM)
    return seed, variant


class SampleStream:
    """Samples in the order of their index, however many workers make them; a context manager.

    Sample n is that of `seed_of(n)`, so a stream that begins at the index where another ended goes on as if it
    had never stopped: keep `next_index` in the checkpoint.
    """

    def __init__(self, settings: StreamSettings) -> None:
        self.settings = settings
        self.next_index = settings.first_index
        self._workers: list[tuple[SpawnProcess, Any]] = []

    def __enter__(self) -> SampleStream:
        # spawned, not forked: the training process holds threads and perhaps a GPU
        context: SpawnContext = multiprocessing.get_context("spawn")
        for worker in range(self.settings.workers):
            ready = context.Queue(self.settings.ahead)
            process = context.Process(target=_make_samples, args=(self.settings, worker, ready), daemon=True)
            process.start()
            self._workers.append((process, ready))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, _ in self._workers:
            process.terminate()
        for process, ready in self._workers:
            process.join()
            ready.close()
            ready.cancel_join_thread()
        self._workers = []

    def __iter__(self) -> Iterator[Sample]:
        while True:
            yield self._next()

    def _next(self) -> Sample:
        index = self.next_index
        if not self._workers:
            sample = _sample(self.settings, index)
        else:
            sample = _unpacked(self._received((index - self.settings.first_index) % len(self._workers)))
        self.next_index += 1
        return sample

    def _received(self, worker: int) -> tuple[Any, ...]:
        process, ready = self._workers[worker]
        while True:
            try:
                received: tuple[Any, ...] = ready.get(timeout=_WAIT_S)
                return received
            except queue.Empty:
                if not process.is_alive():
                    raise WorkerDied(
                        f"A process that makes training slices ended with exit code {process.exitcode}; "
                        "its message stands above."
                    ) from None


def _sample(settings: StreamSettings, index: int) -> Sample:
    seed, variant = seed_of(index)
    return make_sample(seed, settings.sizes[index % len(settings.sizes)], variant)


def _make_samples(settings: StreamSettings, worker: int, ready: Any) -> None:
    """Endless loop of one worker: every n-th sample."""
    index = settings.first_index + worker
    while True:
        ready.put(_packed(_sample(settings, index)))
        index += settings.workers


def _packed(sample: Sample) -> tuple[Any, ...]:
    """Masks as bits: an eighth of the bytes between processes."""
    masks = [(target.kind, np.packbits(target.mask, axis=1), target.centre_line_xy) for target in sample.targets]
    return sample.seed, sample.scene, sample.image, masks


def _unpacked(packed: tuple[Any, ...]) -> Sample:
    seed, scene, image, masks = packed
    columns = image.shape[1]
    targets = (
        Target(kind, np.unpackbits(bits, axis=1, count=columns).astype(bool), line) for kind, bits, line in masks
    )
    return Sample(seed, scene, image, tuple(targets))
