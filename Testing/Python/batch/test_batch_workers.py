"""Several processes do what one does, and what is killed in the middle loses nothing that was finished."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from batch_parts import end_process, labels_of, rows_of, say_hello
from batch_processes import GENEROUS_S, finished_blocks, in_work, long_study, started, until, workers_of

from RWTHSAMLib.batch.cluster import OnCluster, local_workers
from RWTHSAMLib.batch.pieces import Pieces
from RWTHSAMLib.batch.run import ScanResult, Work, drive
from RWTHSAMLib.batch.task import Task
from RWTHSAMLib.cli.main import main

pytest.importorskip("distributed", reason="needs dask.distributed (install the 'batch' extra)")
psutil = pytest.importorskip("psutil")

# many, so that it is not done before somebody interrupts it
SLICES = 40
# opening, a block for each slice, linking as a tree (four), writing, measuring
TASKS = SLICES + 7
OLDER = """
import distributed.versions as versions
known = versions.version
versions.version = lambda name: "2020.1.0" if name == "distributed" else known(name)
from distributed.cli.dask_scheduler import main
main()
"""


@pytest.fixture
def long_scan(own_weights: Path, tmp_path: Path) -> Path:
    """Such a study."""
    return long_study(tmp_path, own_weights, SLICES)


@pytest.fixture(scope="module")
def expected(own_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of such a study, done in this process."""
    folder = long_study(tmp_path_factory.mktemp("expected"), own_weights, SLICES)
    assert main(["batch", "--in-process", str(folder / "job.json")]) == 0
    return folder / "results/long"


def assert_same(results: Path, expected: Path) -> None:
    for name in ("long-objects.csv", "long-measurements.csv"):
        assert (results / name).read_text() == (expected / name).read_text()
    assert np.array_equal(labels_of(results / "long.seg.nrrd"), labels_of(expected / "long.seg.nrrd"))
    assert labels_of(results / "long.seg.nrrd").any()


def test_a_killed_worker_is_replaced_and_the_results_are_those_of_one_process(long_scan, expected) -> None:
    with in_work("batch", str(long_scan / "job.json"), "--workers", "2") as process:
        until(lambda: finished_blocks(long_scan) or process.poll() is not None, "a finished block")
        victim = workers_of(process)[0]
        victim.kill()
        assert process.wait(GENEROUS_S) == 0
    assert_same(long_scan / "results/long", expected)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_command_goes_on_where_it_was(long_scan, expected) -> None:
    with in_work("batch", str(long_scan / "job.json"), "--workers", "1") as process:
        until(lambda: finished_blocks(long_scan) or process.poll() is not None, "a finished block")
        left = workers_of(process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    # workers without a scheduler end by themselves
    assert psutil.wait_procs(left, timeout=GENEROUS_S)[1] == []
    there = finished_blocks(long_scan)
    before = {each: each.stat().st_mtime_ns for each in there}
    assert main(["batch", "--in-process", str(long_scan / "job.json")]) == 0
    assert {each: each.stat().st_mtime_ns for each in there} == before
    assert int(rows_of(long_scan)["long"]["tasks_computed"]) <= TASKS - len(there)
    assert_same(long_scan / "results/long", expected)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows interrupts otherwise")
def test_ctrl_c_ends_all_processes_with_one_line(long_scan) -> None:
    words = [sys.executable, "-m", "RWTHSAMLib.cli", "batch", str(long_scan / "job.json"), "--workers", "1"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)
    until(lambda: finished_blocks(long_scan) or process.poll() is not None, "a finished block")
    left = workers_of(process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all of them hear it
    _, said = process.communicate(timeout=GENEROUS_S)
    assert process.returncode == 130 and "Traceback" not in said
    assert said.splitlines()[-1] == "rwthsam: interrupted"
    assert psutil.wait_procs(left, timeout=GENEROUS_S)[1] == []


def test_work_that_ends_its_process_again_and_again_is_a_line_and_the_rest_is_done(tmp_path) -> None:
    pieces = Pieces(tmp_path)
    works = [
        (ScanResult("bad", "bad.nrrd"), one_task(Task("b" * 64, "bad", "bad", end_process))),
        (ScanResult("good", "good.nrrd"), one_task(Task("a" * 64, "good", "good", say_hello, ("you",)))),
    ]
    with local_workers(1) as client:
        # sent ahead, both are at the one worker when it ends
        drive(works, OnCluster(client, pieces, ahead=1))
    (bad, _), (good, _) = works
    assert "ended without a word" in bad.error and "\n" not in bad.error
    assert not good.error and good.told == [{"outputs": ["hello you"]}]


def test_a_result_that_has_gone_with_its_worker_is_made_once_more(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import Future

    works = [(ScanResult("good", "good.nrrd"), one_task(Task("a" * 64, "good", "good", say_hello, ("you",))))]
    fetched = Future.result
    with local_workers(1) as client:

        def breaks_once(future: Future) -> object:
            monkeypatch.setattr(Future, "result", fetched)
            raise ConnectionResetError

        monkeypatch.setattr(Future, "result", breaks_once)
        drive(works, OnCluster(client, Pieces(tmp_path)))
    assert not works[0][0].error and works[0][0].told == [{"outputs": ["hello you"]}]


def one_task(task: Task) -> Work:
    yield [task]


def test_a_killed_scheduler_is_a_line_and_finished_pieces_are_kept(long_scan, expected, tmp_path) -> None:
    file, program = tmp_path / "scheduler.json", [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    words = ["--scheduler-file", str(file)]
    with (
        started(*program, *words, "--port", "0", "--no-dashboard") as scheduler,
        started(
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            *words,
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
        ),
    ):
        until(lambda: file.exists() and file.read_text().endswith("}"), "the scheduler")
        address = json.loads(file.read_text())["address"]
        with in_work("batch", str(long_scan / "job.json"), "--scheduler", address) as process:
            until(lambda: finished_blocks(long_scan) or process.poll() is not None, "a finished block")
            scheduler.kill()
            assert process.wait(GENEROUS_S) == 3
    assert "The scheduler is gone" in rows_of(long_scan)["long"]["message"]
    there = len(finished_blocks(long_scan))
    assert main(["batch", "--in-process", str(long_scan / "job.json")]) == 0
    assert int(rows_of(long_scan)["long"]["tasks_computed"]) <= TASKS - there < TASKS
    assert_same(long_scan / "results/long", expected)


@pytest.fixture
def silent_address() -> Iterator[str]:
    """Of something that listens and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def older_scheduler(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler that says it is of 2020."""
    file = tmp_path / "older.json"
    with started(sys.executable, "-c", OLDER, "--port", "0", "--no-dashboard", "--scheduler-file", str(file)):
        until(lambda: file.exists() and file.read_text().endswith("}"), "the scheduler")
        yield json.loads(file.read_text())["address"]


def refused(study: Path, address: str, patience_s: float, capsys: pytest.CaptureFixture) -> str:
    """The one line that a command says of a scheduler that cannot be used."""
    words = ["batch", str(study / "job.json"), "--scheduler", address, "--patience", str(patience_s)]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Traceback" not in said
    return said


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense"])
def test_a_scheduler_that_is_not_there_is_one_line(long_scan, address, capsys) -> None:
    assert "no scheduler of dask" in refused(long_scan, address, 0.5, capsys)


def test_what_listens_and_never_answers_is_not_waited_for_for_ever(long_scan, silent_address, capsys) -> None:
    assert "no scheduler of dask" in refused(long_scan, silent_address, 0.5, capsys)


def test_a_scheduler_of_another_version_is_one_line(long_scan, older_scheduler, capsys) -> None:
    assert "has dask.distributed 2020.1.0, this computer has" in refused(long_scan, older_scheduler, 60, capsys)
