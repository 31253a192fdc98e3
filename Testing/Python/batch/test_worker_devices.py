"""Each worker has a GPU of its own, as far as that can be told without one, and the weights of the job."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs dask.distributed (install the 'batch' extra)")

from batch_parts import write_job, write_scan  # noqa: E402

from RWTHSAMLib.batch.cluster import OnCluster, local_workers, worker_environments  # noqa: E402
from RWTHSAMLib.batch.job import read_job  # noqa: E402
from RWTHSAMLib.batch.pieces import Pieces  # noqa: E402
from RWTHSAMLib.batch.task import Product, Task  # noqa: E402
from RWTHSAMLib.cli.batch.command import planned  # noqa: E402
from RWTHSAMLib.cli.batch.spread_weights import spread_weights  # noqa: E402
from RWTHSAMLib.models.catalogue import model  # noqa: E402
from RWTHSAMLib.models.weights import find_weights  # noqa: E402

NAME = "mobile_sam_vit_t"


@pytest.mark.parametrize(
    ("workers", "gpus", "visible", "devices"),
    [
        (3, 3, None, ["0", "1", "2"]),
        (4, 2, None, ["0", "1", "0", "1"]),
        (1, 4, None, ["0"]),
        (2, 2, "5, 7", ["5", "7"]),
        (3, 2, "GPU-aa,GPU-bb", ["GPU-aa", "GPU-bb", "GPU-aa"]),
        (2, 0, None, [None, None]),
    ],
)
def test_workers_see_a_gpu_each(workers, gpus, visible, devices) -> None:
    environ = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    made = worker_environments(workers, 2, gpus, environ)
    assert [each.get("CUDA_VISIBLE_DEVICES") for each in made] == devices
    assert {each["OMP_NUM_THREADS"] for each in made} == {"2"}


@pytest.fixture
def a_job(tmp_path: Path) -> Path:
    """Of two steps with the same network, whose weights one of them names."""
    write_scan(tmp_path / "scans/cell.nrrd")
    (tmp_path / "own.pt").write_bytes(b"weights of one's own")
    return write_job(tmp_path, [{"auto": {"model": NAME}}, {"auto": {"weights": "own.pt", "output": "other.seg.nrrd"}}])


def device_seen() -> str:
    """By the process that is asked."""
    return os.environ.get("CUDA_VISIBLE_DEVICES", "")


def device_and_weights(pieces: Pieces) -> Product:
    """Of the process that does it."""
    return Product({"device": device_seen(), "weights": find_weights(model(NAME)).read_bytes().decode()})


def test_a_worker_without_weights_has_those_of_the_job_and_the_gpu_that_it_was_given(
    a_job, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("RWTHSAM_CACHE", str(tmp_path / "empty"))
    monkeypatch.delenv("RWTHSAM_WEIGHTS", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    pieces = Pieces(tmp_path / "pieces")
    pieces.folder.mkdir()
    with local_workers(2, gpus=2) as client:  # they have the environment of now
        assert sorted(client.run(device_seen).values()) == ["0", "1"]
        task = Task("a" * 64, "weights", "weights", device_and_weights)
        without = OnCluster(client, pieces)
        without.submit(task)
        assert "are not here" in without.next_done()[1].error
        (tmp_path / "here").mkdir()
        (tmp_path / "here" / model(NAME).file_name).write_bytes(b"those of the job")
        monkeypatch.setenv("RWTHSAM_WEIGHTS", str(tmp_path / "here"))
        _, environment = spread_weights(planned(read_job(a_job)), pieces)
        runner = OnCluster(client, pieces, environment=environment)
        runner.submit(task)
        told = runner.next_done()[1].told
    assert told["weights"] == "those of the job" and told["device"] in ("0", "1")


def test_weights_that_a_step_names_are_copied_once_and_it_names_the_copy(a_job, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RWTHSAM_CACHE", str(tmp_path / "empty"))
    pieces = Pieces(tmp_path / "pieces")
    plan = planned(read_job(a_job))
    ((_, steps),), _ = spread_weights(plan, pieces)
    copied = steps[1].given.weights
    assert pieces.folder in copied.parents and copied.read_bytes() == b"weights of one's own"
    assert steps[0].given.weights is None and plan[0][1][1].given.weights == tmp_path / "own.pt"
    changed = copied.stat().st_mtime_ns
    spread_weights(plan, pieces)
    assert copied.stat().st_mtime_ns == changed
