"""Jobs that are killed again and again: what was finished stays, and the results are those of one process."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from batch_parts import labels_of, rows_of
from batch_processes import GENEROUS_S, finished_blocks, in_work, long_study, until, workers_of

from RWTHSAMLib.cli.main import main

pytest.importorskip("distributed", reason="needs dask.distributed (install the 'batch' extra)")

SLICES = 40
WORKER_KILLS, SCHEDULER_KILLS = 10, 3
SEED = int(os.environ.get("RWTHSAM_KILL_SEED", time.time_ns() % 10_000))


@pytest.fixture(scope="module")
def expected(own_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the study, done in this process."""
    folder = long_study(tmp_path_factory.mktemp("expected"), own_weights, SLICES)
    assert main(["batch", "--in-process", str(folder / "job.json")]) == 0
    return folder / "results/long"


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_whatever_is_killed_no_finished_slice_is_looked_through_again(own_weights, expected, tmp_path) -> None:
    """Ten workers and three whole commands, their schedulers with them, end at random moments."""
    print(f"RWTHSAM_KILL_SEED={SEED}")
    chance = random.Random(SEED)
    study = long_study(tmp_path, own_weights, SLICES)
    kills = ["worker"] * WORKER_KILLS + ["command"] * SCHEDULER_KILLS
    chance.shuffle(kills)
    moments = sorted(chance.sample(range(1, SLICES - 2), len(kills)))
    seen: dict[Path, int] = {}
    waiting = list(zip(kills, moments, strict=True))
    while waiting:
        with in_work("batch", str(study / "job.json"), "--workers", "2") as process:
            while waiting:
                what, moment = waiting.pop(0)
                until(lambda at=moment: len(finished_blocks(study)) >= at, f"block {moment}")
                assert process.poll() is None
                seen |= {each: each.stat().st_mtime_ns for each in finished_blocks(study) if each not in seen}
                if what == "command":
                    left = workers_of(process)
                    os.kill(process.pid, signal.SIGKILL)
                    process.wait()
                    assert psutil.wait_procs(left, timeout=GENEROUS_S)[1] == []
                    break
                victim = chance.choice(workers_of(process))
                victim.kill()
                assert psutil.wait_procs([victim], timeout=GENEROUS_S)[1] == []
                until(lambda: len(workers_of(process)) == 2, "a new worker")
            else:
                assert process.wait(GENEROUS_S) == 0
    assert main(["batch", str(study / "job.json"), "--workers", "2"]) == 0
    assert rows_of(study)["long"]["state"] == "done"
    assert {each: each.stat().st_mtime_ns for each in seen} == seen and len(finished_blocks(study)) == SLICES
    for name in ("long-objects.csv", "long-measurements.csv"):
        assert (study / "results/long" / name).read_text() == (expected / name).read_text()
    assert np.array_equal(labels_of(study / "results/long/long.seg.nrrd"), labels_of(expected / "long.seg.nrrd"))
