"""Worker processes begin, end, die and are started again; none outlives its host."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from worker_parts import CENTRE, is_alive, kill, loaded, needs_signals, until, wait_for_end

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.errors import SettingsError, WorkerDied
from RWTHSAMLib.worker.client import EmbedRequest, EngineSpec, Reply, SegmentRequest
from RWTHSAMLib.worker.process import WorkerSettings, child_environment
from RWTHSAMLib.worker.process_client import WorkerClient


@needs_signals
def test_a_worker_that_dies_idle_is_started_again(a_quick_client: WorkerClient, an_image: SliceImage) -> None:
    assert a_quick_client.process_id is not None
    os.kill(a_quick_client.process_id, signal.SIGKILL)
    until(a_quick_client, lambda replies: a_quick_client.status.phase == "loading")
    assert "ended unexpectedly" in a_quick_client.status.text
    a_quick_client.send(SegmentRequest(40, an_image, CENTRE))
    (reply,) = until(a_quick_client, bool)
    assert reply.segmentation is not None


def test_an_interpreter_that_is_not_there_is_named(spec: EngineSpec, an_image: SliceImage, tmp_path: Path) -> None:
    client = WorkerClient(WorkerSettings(python=tmp_path / "no-python"))
    client.load(spec)
    client.send(EmbedRequest(1, an_image))
    (reply,) = client.poll()
    assert isinstance(reply.error, SettingsError) and "no-python" in client.status.text


def test_the_last_words_of_an_interpreter_that_cannot_start_are_shown(spec: EngineSpec, an_image: SliceImage) -> None:
    client = WorkerClient(WorkerSettings(environment=dict(os.environ, PYTHONHOME="/no/such/place")))
    client.load(spec)
    client.send(EmbedRequest(1, an_image))
    (reply,) = until(client, bool)
    assert isinstance(reply.error, WorkerDied) and "encodings" in str(reply.error)
    assert client.status.phase == "failed"


def test_names_of_files_are_utf_8_whatever_the_locale_of_the_process(tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    client = WorkerClient(WorkerSettings(environment={**os.environ, **plain}))
    (tmp_path / "größe.zip").write_bytes(b"no weights")
    client.load(EngineSpec("rwthsam_net", tmp_path / "größe.zip"))
    until(client, loaded(client))
    assert "größe.zip' holds no weights" in client.status.text
    client.close()


def test_close_ends_the_process_and_may_be_called_twice(a_new_client: WorkerClient, quick_spec: EngineSpec) -> None:
    a_new_client.load(quick_spec)
    pid = a_new_client.process_id
    assert pid is not None and is_alive(pid)
    a_new_client.close()
    a_new_client.close()
    assert not is_alive(pid) and a_new_client.status.phase == "stopped"


@needs_signals
def test_no_file_stays_open_behind_a_process_that_has_ended(a_new_client: WorkerClient, quick_spec: EngineSpec) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        a_new_client.load(quick_spec)
        kill(a_new_client)
        a_new_client.close()
        gc.collect()
    assert not [str(each.message) for each in told if issubclass(each.category, ResourceWarning)]


@needs_signals
@pytest.mark.parametrize("phase", ["loading", "ready"])
def test_no_worker_outlives_a_host_that_is_killed(phase: str, quick_spec: EngineSpec) -> None:
    host = subprocess.Popen(
        [sys.executable, "-c", _HOST, quick_spec.model, str(quick_spec.weights), phase],
        stdout=subprocess.PIPE,
        env=child_environment(None, None),
        text=True,
    )
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    assert is_alive(pid)
    host.kill()
    host.wait()
    wait_for_end(pid)


_HOST = """
import sys, time
from pathlib import Path
from RWTHSAMLib.worker.client import EngineSpec
from RWTHSAMLib.worker.process_client import WorkerClient

client = WorkerClient()
client.load(EngineSpec(sys.argv[1], Path(sys.argv[2]), device="cpu"))
while client.status.phase != sys.argv[3]:
    client.poll()
    time.sleep(0.02)
print(client.process_id, flush=True)
time.sleep(600)
"""


def test_the_client_brings_no_inference_library_into_its_host() -> None:
    code = "import RWTHSAMLib.worker.process_client, sys; print(sorted({'torch', 'openvino'} & set(sys.modules)))"
    output = subprocess.check_output([sys.executable, "-c", code], env=child_environment(None, None), text=True)
    assert output.strip() == "[]"


@needs_signals
def test_a_death_does_not_count_where_the_process_was_ready_since(
    a_quick_client: WorkerClient, an_image: SliceImage
) -> None:
    for _ in range(3):  # as many as are too many in a row
        kill(a_quick_client)
        until(a_quick_client, loaded(a_quick_client))
        assert a_quick_client.status.phase == "ready"
    a_quick_client.send(SegmentRequest(80, an_image, CENTRE))
    (reply,) = until(a_quick_client, bool)
    assert reply.segmentation is not None


@needs_signals
def test_a_process_that_was_given_up_is_started_again_by_the_next_request(
    a_new_client: WorkerClient, quick_spec: EngineSpec, an_image: SliceImage
) -> None:
    """Killed during start-up, again and again, whatever it was at."""
    a_new_client.load(quick_spec)
    a_new_client.send(SegmentRequest(90, an_image, CENTRE))
    answered: list[Reply] = []
    while a_new_client.status.phase != "failed":
        answered += kill(a_new_client)
    (reply,) = answered
    assert isinstance(reply.error, WorkerDied) and "memory ran out" in str(reply.error)
    assert "next click starts it again" in a_new_client.status.text and a_new_client.status.can_restart
    assert a_new_client.process_id is None
    a_new_client.send(SegmentRequest(91, an_image, CENTRE))
    (reply,) = until(a_new_client, bool)
    assert reply.request_id == 91 and reply.segmentation is not None and not a_new_client.status.can_restart


@needs_signals
def test_a_request_of_a_process_that_dies_while_loading_is_served_by_the_next_one(
    a_new_client: WorkerClient, quick_spec: EngineSpec, an_image: SliceImage
) -> None:
    a_new_client.load(quick_spec)
    a_new_client.send(SegmentRequest(95, an_image, CENTRE))
    until(a_new_client, lambda replies: a_new_client.fileno() != -1)  # it is told what to load as soon as it answers
    kill(a_new_client)
    (reply,) = until(a_new_client, bool)
    assert reply.segmentation is not None
