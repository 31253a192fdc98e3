"""How long a front is held at a stretch while the worker process loads, embeds and answers, and masks are submitted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from bench_models import SMALL, Bench, new_slices
from timing import Row

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.volumes.volume_data import VolumeData
from RWTHSAMLib.worker.client import EngineSpec
from RWTHSAMLib.worker.process_client import WorkerClient

MOST_S = 0.050
SLICES = 4
_PATIENCE_S = 240.0


def rows(bench: Bench) -> Iterator[Row]:
    images = [image.pixels for _, image in zip(range(SLICES), new_slices(seed=9), strict=False)]
    scene, client = new_scene(), WorkerClient()
    session = Session(scene, client)
    session.set_volume(add_volume(scene, VolumeData(np.stack(images), np.eye(4), "scan", True)))
    session.set_window(Window(0, 255))
    held: dict[str, float] = {}
    try:
        use(session, bench, held)
    finally:
        session.close()
    name, longest = max(held.items(), key=lambda each: each[1])
    note = f"50 ms allowed | longest call of a session with a worker process: {name}; rendering apart"
    yield Row("front held at a stretch", MOST_S, longest, 1.0, note)


def use(session: Session, bench: Bench, held: dict[str, float]) -> None:
    """Load, click and submit on every slice; notes the longest call of each kind."""

    def timed(name: str, work: Callable[[], object]) -> None:
        started = time.perf_counter()
        work()
        held[name] = max(held.get(name, 0.0), time.perf_counter() - started)

    def wait(until: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(f"The worker did not answer in {_PATIENCE_S:.0f} s: {session.status.text}")
            timed("poll", session.poll)
            time.sleep(0.005)

    timed("load", lambda: session.load_engine(EngineSpec(SMALL, bench.weights_of(SMALL))))
    wait(lambda: session.status.engine.phase in ("ready", "failed"))
    for k in range(SLICES):
        timed("click", partial(session.add_point, SliceKey("k", k), 300, 300))
        wait(lambda: session.status.has_mask)
        timed("submit", session.submit)
