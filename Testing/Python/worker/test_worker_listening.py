"""Workers that run elsewhere serve whoever has their address and key."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from worker_parts import CENTRE, loaded, until

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.errors import Cancelled, SettingsError
from RWTHSAMLib.worker.client import EmbedRequest, EngineSpec, SegmentRequest
from RWTHSAMLib.worker.process import WorkerSettings, child_environment
from RWTHSAMLib.worker.process_client import WorkerClient


@contextmanager
def listening(*arguments: str) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """Address, key and process of a worker that nobody's host has started, by what Python is given."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=child_environment(None, None),
        text=True,
    )
    assert process.stdout is not None
    found = re.search(r"on (\S+), key (\S+)", process.stdout.readline())
    assert found is not None
    try:
        yield found[1], found[2], process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def a_listening_worker() -> Iterator[tuple[str, str]]:
    """Address and key."""
    with listening("-m", "RWTHSAMLib.worker.__main__", "--listen", "0") as (address, key, _):
        yield address, key


def test_a_running_worker_serves_one_host_after_the_other(
    a_listening_worker: tuple[str, str], quick_spec: EngineSpec, an_image: SliceImage
) -> None:
    address, key = a_listening_worker
    for _ in range(2):
        client = WorkerClient(WorkerSettings(address=address, key=key))
        client.load(quick_spec)
        client.send(SegmentRequest(1, an_image, CENTRE))
        (reply,) = until(client, bool)
        assert reply.segmentation is not None
        client.close()


_SEVERAL_AT_ONCE = """
import sys, time
from pathlib import Path
from RWTHSAMLib.inference.backends import torch_backend
from RWTHSAMLib.worker import __main__ as worker

encode = torch_backend.TorchBackend.encode_many

def encode_and_tell(backend, images):
    print("encoding", len(images), flush=True)
    while not Path(sys.argv[1]).exists():
        time.sleep(0.01)
    return encode(backend, images)

torch_backend.TorchBackend.encode_many = encode_and_tell
torch_backend._slices_at_once = lambda device, encoder: 4
worker.main(["--listen", "0"])
"""


@pytest.fixture
def go_ahead(tmp_path: Path) -> Path:
    """The file for which `a_worker_for_several_at_once` waits before it encodes."""
    return tmp_path / "go ahead"


@pytest.fixture
def a_worker_for_several_at_once(go_ahead: Path) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """Address, key and process of a listening worker that takes four slices to be worth encoding together."""
    with listening("-c", _SEVERAL_AT_ONCE, str(go_ahead)) as worker:
        yield worker


def test_embeds_are_computed_together_a_click_passes_them_and_each_is_answered(
    a_worker_for_several_at_once: tuple[str, str, subprocess.Popen[str]],
    torch_spec: EngineSpec,
    an_image: SliceImage,
    go_ahead: Path,
) -> None:
    address, key, process = a_worker_for_several_at_once
    client = WorkerClient(WorkerSettings(address=address, key=key))
    client.load(torch_spec)
    for number in range(1, 7):
        client.send(EmbedRequest(number, SliceImage(np.full((64, 96), 10 * number, np.uint8))))
    until(client, lambda replies: client.in_hand == 3)
    assert client.status.batch == 4
    client.cancel(5)
    client.send(SegmentRequest(10, an_image, CENTRE))
    go_ahead.touch()
    replies = until(client, lambda replies: len(replies) == 7)
    assert [each.request_id for each in replies] == [5, 10, 6, 4, 3, 2, 1]
    assert isinstance(replies[0].error, Cancelled) and replies[1].segmentation is not None
    assert all(each.error is None for each in replies[1:])
    client.close()
    process.kill()
    assert process.stdout is not None
    assert process.stdout.read().split() == ["encoding", "4", "encoding", "1", "encoding", "4", "encoding", "1"]


def test_a_running_worker_refuses_a_wrong_key(a_listening_worker: tuple[str, str], spec: EngineSpec) -> None:
    client = WorkerClient(WorkerSettings(address=a_listening_worker[0], key="wrong"))
    client.load(spec)
    until(client, loaded(client))
    assert client.status.phase == "failed" and "key" in client.status.text


def test_nobody_at_the_address_is_said(spec: EngineSpec) -> None:
    client = WorkerClient(WorkerSettings(address="127.0.0.1:1", key="key"))
    client.load(spec)
    until(client, loaded(client))
    assert client.status.phase == "failed" and "127.0.0.1:1" in client.status.text


@pytest.mark.parametrize("address", ["7440", "host:", ":1", "host:port", "host:99999"])
def test_an_address_is_host_and_port(address: str) -> None:
    with pytest.raises(SettingsError, match="host:port"):
        WorkerSettings(address=address, key="key")
