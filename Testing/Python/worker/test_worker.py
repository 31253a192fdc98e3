"""A real worker process answers as the engine does, never holds its host up, and survives its own death."""

from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from RWTHSAMLib.algorithms.automatic.generator import found_masks
from RWTHSAMLib.algorithms.propagation.seed import seed_of
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask, dice
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.errors import Cancelled, PromptError, SettingsError, StateError, WeightsNotFound, WorkerDied
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.worker.answering import reply_to
from RWTHSAMLib.worker.client import AutomaticRequest, EmbedRequest, EngineSpec, Reply, SegmentRequest, StepRequest
from RWTHSAMLib.worker.process import WorkerSettings, child_environment
from RWTHSAMLib.worker.process_client import WorkerClient

_PATIENCE_S = 240.0
_CENTRE = Prompts((PointPrompt(48, 32),))
needs_signals = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")


def until(client: WorkerClient, condition: Callable[[list[Reply]], object]) -> list[Reply]:
    """Poll as a front does, until something holds of the replies so far."""
    replies: list[Reply] = []
    deadline = time.monotonic() + _PATIENCE_S
    while not condition(replies):
        assert time.monotonic() < deadline, (client.status, replies)
        client.wait(0.02)
        replies += client.poll()
    return replies


def loaded(client: WorkerClient) -> Callable[[list[Reply]], bool]:
    return lambda replies: client.status.phase in ("ready", "failed")


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        return stat.exists() and stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    return subprocess.run(["ps", "-p", str(pid)], stdout=subprocess.DEVNULL).returncode == 0


def wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while is_alive(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def spec(quick_weights: Path) -> EngineSpec:
    """Trained weights at the smaller input, for which no process has to load PyTorch."""
    return EngineSpec("mobile_sam_vit_t_512", quick_weights, device="cpu", backend="openvino", precision="f32")


@pytest.fixture(scope="module")
def torch_spec(real_weights: Path) -> EngineSpec:
    """The same in PyTorch, which alone computes several slices together."""
    return EngineSpec("mobile_sam_vit_t_512", real_weights, device="cpu", backend="torch")


@pytest.fixture(scope="module")
def quick_spec(tiny_net_weights: Path) -> EngineSpec:
    """A small network without PyTorch, for processes that are started and ended: what they compute does not matter."""
    return EngineSpec("rwthsam_net", tiny_net_weights, device="cpu", backend="openvino", precision="f32")


@pytest.fixture(scope="module")
def engine(spec: EngineSpec) -> SamEngine:
    """What the worker has, in this process."""
    return SamEngine.load(spec.model, spec.weights, device="cpu", backend="openvino", precision="f32")


@pytest.fixture(scope="module")
def an_image() -> SliceImage:
    y, x = np.mgrid[:64, :96]
    return SliceImage((40 + 180 * ((x - 48) ** 2 + (y - 32) ** 2 < 300)).astype(np.uint8))


@pytest.fixture(scope="module")
def other_images() -> list[SliceImage]:
    return [SliceImage(np.full((64, 96), 10 * n, np.uint8)) for n in range(1, 4)]


@pytest.fixture(scope="module")
def loading_texts() -> list[str]:
    """What the shared client's status said while it loaded for the first time."""
    return []


@pytest.fixture(scope="module")
def a_shared_client(spec: EngineSpec, loading_texts: list[str]) -> Iterator[WorkerClient]:
    client = WorkerClient()
    client.load(spec)
    loading_texts.append(client.status.text)
    until(client, lambda replies: loading_texts.append(client.status.text) or loaded(client)(replies))
    yield client
    client.close()


@pytest.fixture
def a_client(a_shared_client: WorkerClient, spec: EngineSpec) -> WorkerClient:
    """A loaded client that nothing is waiting in."""
    if a_shared_client.status.phase != "ready":
        a_shared_client.load(spec)
        until(a_shared_client, loaded(a_shared_client))
    return a_shared_client


@pytest.fixture
def a_quick_client(quick_spec: EngineSpec) -> Iterator[WorkerClient]:
    """A loaded client of the small network."""
    client = WorkerClient()
    client.load(quick_spec)
    until(client, loaded(client))
    yield client
    client.close()


@pytest.fixture
def a_new_client() -> Iterator[WorkerClient]:
    client = WorkerClient()
    yield client
    client.close()


def test_the_answer_is_that_of_the_engine(a_client: WorkerClient, engine: SamEngine, an_image: SliceImage) -> None:
    prompts = Prompts((PointPrompt(48, 32), PointPrompt(2, 2, positive=False)))
    a_client.send(SegmentRequest(1, an_image, prompts))
    (reply,) = until(a_client, bool)
    expected = engine.segment(an_image, prompts)
    assert reply.segmentation is not None and expected.best.mask.area > 0
    assert dice(reply.segmentation.best.mask.to_array(), expected.best.mask.to_array()) > 0.999
    np.testing.assert_allclose(reply.segmentation.best.logits, expected.best.logits, atol=1e-2)


def test_a_colour_image_is_answered_too(a_client: WorkerClient, an_image: SliceImage) -> None:
    a_client.send(SegmentRequest(2, SliceImage(an_image.rgb()), _CENTRE))
    (reply,) = until(a_client, bool)
    assert reply.segmentation is not None and len(reply.segmentation.candidates) == 3


def test_the_status_says_what_runs_where_and_why(a_client: WorkerClient) -> None:
    assert a_client.status.phase == "ready"
    assert (
        "MobileSAM, fast (512 pixels) on the CPU with OpenVINO" in a_client.status.text
        and "chosen" in a_client.status.text
    )


def test_loading_is_told_step_by_step(a_shared_client: WorkerClient, loading_texts: list[str]) -> None:
    assert loading_texts[0] == "Starting the inference process"
    assert "Loading MobileSAM, fast (512 pixels)" in loading_texts


def test_automatic_masks_are_those_of_the_generator_and_clicks_pass_them(
    a_client: WorkerClient, engine: SamEngine, an_image: SliceImage, other_images: list[SliceImage]
) -> None:
    settings = AutomaticSettings(points_per_side=6, pred_iou_thresh=0.7, stability_score_thresh=0.8)
    a_client.send(AutomaticRequest(31, an_image, settings, "exhaustive"))
    until(a_client, lambda replies: a_client.share_done(31) > 0)
    a_client.send(SegmentRequest(32, other_images[0], _CENTRE))
    replies = until(a_client, lambda replies: len(replies) == 2)
    assert [reply.request_id for reply in replies] == [32, 31]
    expected = found_masks(engine, an_image, settings, "exhaustive")
    found = replies[1].found
    assert found is not None and len(found) == len(expected) > 0
    for ours, theirs in zip(found, expected, strict=True):
        assert dice(ours.mask.unpack().to_array(), theirs.mask.unpack().to_array()) > 0.999
        assert ours.predicted_iou == pytest.approx(theirs.predicted_iou, abs=1e-3)
        assert ours.judgement.contrast == pytest.approx(theirs.judgement.contrast, rel=1e-2)


def test_a_step_to_the_next_slice_is_that_of_the_engine(
    a_client: WorkerClient, engine: SamEngine, an_image: SliceImage
) -> None:
    values = an_image.pixels.astype(np.int16) - 1000
    mask = Mask.from_array(an_image.pixels > 100)
    request = StepRequest(50, an_image, values, mask, seed_of(values, mask), 3)
    a_client.send(request)
    (reply,) = until(a_client, bool)
    expected = reply_to(engine, request).step
    assert reply.step is not None and expected.mask.area > 0
    assert dice(reply.step.mask.to_array(), expected.mask.to_array()) > 0.999
    assert reply.step.judgement.score == pytest.approx(expected.judgement.score, abs=1e-3)


def test_automatic_masks_that_nobody_wants_any_more_end_soon(a_client: WorkerClient, an_image: SliceImage) -> None:
    a_client.send(AutomaticRequest(41, an_image, AutomaticSettings(points_per_side=64), "exhaustive"))
    until(a_client, lambda replies: a_client.share_done(41) > 0)
    a_client.cancel(41)
    a_client.send(SegmentRequest(42, an_image, _CENTRE))
    replies = until(a_client, lambda replies: len(replies) == 2)
    assert isinstance(replies[0].error, Cancelled) and replies[1].segmentation is not None


def test_an_error_arrives_as_it_was_raised(a_client: WorkerClient, an_image: SliceImage) -> None:
    a_client.send(SegmentRequest(3, an_image, Prompts((PointPrompt(500, 0),))))
    (reply,) = until(a_client, bool)
    assert isinstance(reply.error, PromptError) and "outside" in str(reply.error)


def test_a_click_waits_for_one_embedding_at_most(
    a_client: WorkerClient, an_image: SliceImage, other_images: list[SliceImage]
) -> None:
    for number, image in enumerate(other_images):
        a_client.send(EmbedRequest(10 + number, image))
    a_client.send(SegmentRequest(20, an_image, _CENTRE))
    replies = until(a_client, lambda replies: len(replies) == 4)
    # the worker may have begun with the first embedding before the click reached it
    assert 20 in [reply.request_id for reply in replies[:2]] and all(reply.error is None for reply in replies)


def test_a_withdrawn_request_is_answered_once_and_the_next_one_served(
    a_client: WorkerClient, an_image: SliceImage
) -> None:
    number = next(each for each in range(70, 90) if begun(a_client, each))
    a_client.cancel(number)
    a_client.cancel(number)
    a_client.send(SegmentRequest(31, an_image, _CENTRE))
    replies = until(a_client, lambda replies: len(replies) == 2)
    assert isinstance(replies[0].error, Cancelled) and replies[0].request_id == number
    assert replies[1].request_id == 31 and replies[1].error is None


@needs_signals
def test_no_call_waits_for_a_worker_that_does_not_listen(a_client: WorkerClient) -> None:
    assert a_client.process_id is not None
    pictures = [SliceImage(np.full((2048, 2048), n, np.uint8)) for n in range(30)]
    os.kill(a_client.process_id, signal.SIGSTOP)
    rescue = threading.Timer(_PATIENCE_S, os.kill, (a_client.process_id, signal.SIGCONT))
    rescue.start()
    for number, picture in enumerate(pictures):
        a_client.send(EmbedRequest(100 + number, picture))
        assert a_client.poll() == []
    for number in range(len(pictures)):
        a_client.cancel(100 + number)
    assert rescue.is_alive(), "a call waited until the worker was woken"
    rescue.cancel()
    os.kill(a_client.process_id, signal.SIGCONT)
    replies = until(a_client, lambda replies: len(replies) == len(pictures))
    assert all(isinstance(reply.error, Cancelled) for reply in replies)


class Clock:
    """Time that passes only when somebody says so."""

    def __init__(self) -> None:
        self.time_s = 0.0

    def __call__(self) -> float:
        return self.time_s

    def passes(self, seconds: float) -> bool:
        """Let time pass; True, for the middle of a condition."""
        self.time_s += seconds
        return True


@pytest.fixture
def a_clock() -> Clock:
    return Clock()


@pytest.fixture
def a_timed_client(quick_spec: EngineSpec, a_clock: Clock) -> Iterator[WorkerClient]:
    """A loaded client of the small network, whose patience goes by the clock."""
    client = WorkerClient(now_s=a_clock)
    client.load(quick_spec)
    until(client, loaded(client))
    yield client
    client.close()


@pytest.fixture
def a_halted_client(a_timed_client: WorkerClient) -> Iterator[WorkerClient]:
    """The same, its process halted."""
    halted = a_timed_client.process_id
    assert halted is not None
    os.kill(halted, signal.SIGSTOP)
    yield a_timed_client
    if is_alive(halted):
        os.kill(halted, signal.SIGCONT)


@needs_signals
def test_a_worker_that_stands_still_is_told_and_another_takes_its_place(
    a_halted_client: WorkerClient, a_clock: Clock, quick_spec: EngineSpec, an_image: SliceImage
) -> None:
    client, halted = a_halted_client, a_halted_client.process_id
    assert halted is not None
    client.send(SegmentRequest(36, an_image, _CENTRE))
    until(client, lambda replies: a_clock.passes(1) and client.status.doubt)
    assert "has not answered" in client.status.doubt and client.status.phase == "ready"
    assert a_clock.time_s < 60
    client.load(quick_spec)
    (reply,) = until(client, bool)
    assert reply.request_id == 36 and reply.segmentation is not None
    assert client.process_id != halted and not client.status.doubt
    wait_for_end(halted)


@needs_signals
def test_a_worker_that_goes_on_is_doubted_no_more(
    a_halted_client: WorkerClient, a_clock: Clock, an_image: SliceImage
) -> None:
    client = a_halted_client
    assert client.process_id is not None
    client.send(SegmentRequest(37, an_image, _CENTRE))
    until(client, lambda replies: a_clock.passes(1) and client.status.doubt)
    os.kill(client.process_id, signal.SIGCONT)
    (reply,) = until(client, bool)
    assert reply.segmentation is not None
    until(client, lambda replies: not client.status.doubt)


@needs_signals
def test_a_worker_that_nobody_waits_for_is_not_doubted(a_halted_client: WorkerClient, a_clock: Clock) -> None:
    for _ in range(100):
        a_clock.passes(10)
        a_halted_client.poll()
    assert not a_halted_client.status.doubt


@needs_signals
def test_no_click_after_another_makes_a_worker_that_stands_still_look_alive(
    a_halted_client: WorkerClient, a_clock: Clock, an_image: SliceImage
) -> None:
    numbers = iter(range(200, 1000))

    def clicked_again(_replies: list[Reply]) -> str:
        a_clock.passes(1)
        a_halted_client.send(SegmentRequest(next(numbers), an_image, _CENTRE))
        return a_halted_client.status.doubt

    until(a_halted_client, clicked_again)
    assert a_clock.time_s < 60


@needs_signals
def test_a_worker_that_dies_idle_is_started_again(a_quick_client: WorkerClient, an_image: SliceImage) -> None:
    assert a_quick_client.process_id is not None
    os.kill(a_quick_client.process_id, signal.SIGKILL)
    until(a_quick_client, lambda replies: a_quick_client.status.phase == "loading")
    assert "ended unexpectedly" in a_quick_client.status.text
    a_quick_client.send(SegmentRequest(40, an_image, _CENTRE))
    (reply,) = until(a_quick_client, bool)
    assert reply.segmentation is not None


def test_an_unloaded_worker_computes_nothing_until_the_next_load(
    a_quick_client: WorkerClient, quick_spec: EngineSpec, an_image: SliceImage
) -> None:
    before = a_quick_client.process_id
    assert before is not None
    a_quick_client.send(SegmentRequest(43, an_image, _CENTRE))
    a_quick_client.unload()
    wait_for_end(before)
    (reply,) = a_quick_client.poll()
    assert reply.request_id == 43 and isinstance(reply.error, Cancelled)
    assert a_quick_client.status.phase == "stopped"
    a_quick_client.load(quick_spec)
    a_quick_client.send(SegmentRequest(44, an_image, _CENTRE))
    (reply,) = until(a_quick_client, bool)
    assert reply.request_id == 44 and reply.segmentation is not None


def begun(client: WorkerClient, request_id: int) -> bool:
    """Send a request, and wait until it is being computed; False where it was answered before anybody looked."""
    client.send(EmbedRequest(request_id, SliceImage(np.full((64, 96), request_id % 251, np.uint8))))
    return is_in_hand(client, request_id)


def is_in_hand(client: WorkerClient, request_id: int) -> bool:
    return not until(client, lambda replies: client.in_hand == request_id or replies)


def is_killed_while_computing(client: WorkerClient, request_id: int) -> bool:
    """Whether the worker was killed in the middle of a request, and not just behind its end."""
    return begun(client, request_id) and not kill(client)


@needs_signals
def test_a_request_that_died_with_its_worker_is_repeated_once(a_client: WorkerClient) -> None:
    died = next(each for each in range(500, 520) if is_killed_while_computing(a_client, each))
    (reply,) = until(a_client, bool)
    assert reply.request_id == died and reply.error is None


@needs_signals
def test_a_request_that_kills_twice_is_reported_and_others_are_served(
    a_client: WorkerClient, an_image: SliceImage
) -> None:
    next(each for each in range(600, 620) if is_killed_while_computing(a_client, each) and is_in_hand(a_client, each))
    (reply,) = kill(a_client) or until(a_client, bool)
    assert isinstance(reply.error, WorkerDied) and "signal 9" in str(reply.error)
    a_client.send(SegmentRequest(61, an_image, _CENTRE))
    (reply,) = until(a_client, bool)
    assert reply.segmentation is not None


def test_weights_that_are_not_there_fail_in_words_and_another_load_helps(
    a_client: WorkerClient, spec: EngineSpec, an_image: SliceImage, tmp_path: Path
) -> None:
    pid = a_client.process_id
    a_client.load(EngineSpec(spec.model, tmp_path / "nothing.pt"))
    a_client.send(SegmentRequest(70, an_image, _CENTRE))
    (reply,) = until(a_client, bool)
    assert isinstance(reply.error, WeightsNotFound) and "nothing.pt" in str(reply.error)
    assert a_client.status.phase == "failed" and "nothing.pt" in a_client.status.text
    a_client.load(spec)
    a_client.send(SegmentRequest(71, an_image, _CENTRE))
    (reply,) = until(a_client, bool)
    assert reply.segmentation is not None and a_client.process_id == pid


def test_before_a_model_is_chosen_a_request_is_refused(a_new_client: WorkerClient, an_image: SliceImage) -> None:
    a_new_client.send(EmbedRequest(1, an_image))
    (reply,) = a_new_client.poll()
    assert isinstance(reply.error, StateError) and a_new_client.status.phase == "stopped"


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
        client.send(SegmentRequest(1, an_image, _CENTRE))
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
    client.send(SegmentRequest(10, an_image, _CENTRE))
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


def test_the_client_brings_no_inference_library_into_its_host() -> None:
    code = "import RWTHSAMLib.worker.process_client, sys; print(sorted({'torch', 'openvino'} & set(sys.modules)))"
    output = subprocess.check_output([sys.executable, "-c", code], env=child_environment(None, None), text=True)
    assert output.strip() == "[]"


def kill(client: WorkerClient) -> list[Reply]:
    """As the system does where memory has run out; what was answered meanwhile."""
    pid = client.process_id
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return until(client, lambda replies: client.process_id != pid)


@needs_signals
def test_a_death_does_not_count_where_the_process_was_ready_since(
    a_quick_client: WorkerClient, an_image: SliceImage
) -> None:
    for _ in range(3):  # as many as are too many in a row
        kill(a_quick_client)
        until(a_quick_client, loaded(a_quick_client))
        assert a_quick_client.status.phase == "ready"
    a_quick_client.send(SegmentRequest(80, an_image, _CENTRE))
    (reply,) = until(a_quick_client, bool)
    assert reply.segmentation is not None


@needs_signals
def test_a_process_that_was_given_up_is_started_again_by_the_next_request(
    a_new_client: WorkerClient, quick_spec: EngineSpec, an_image: SliceImage
) -> None:
    """Killed during start-up, again and again, whatever it was at."""
    a_new_client.load(quick_spec)
    a_new_client.send(SegmentRequest(90, an_image, _CENTRE))
    answered: list[Reply] = []
    while a_new_client.status.phase != "failed":
        answered += kill(a_new_client)
    (reply,) = answered
    assert isinstance(reply.error, WorkerDied) and "memory ran out" in str(reply.error)
    assert "next click starts it again" in a_new_client.status.text and a_new_client.status.can_restart
    assert a_new_client.process_id is None
    a_new_client.send(SegmentRequest(91, an_image, _CENTRE))
    (reply,) = until(a_new_client, bool)
    assert reply.request_id == 91 and reply.segmentation is not None and not a_new_client.status.can_restart


@needs_signals
def test_a_request_of_a_process_that_dies_while_loading_is_served_by_the_next_one(
    a_new_client: WorkerClient, quick_spec: EngineSpec, an_image: SliceImage
) -> None:
    a_new_client.load(quick_spec)
    a_new_client.send(SegmentRequest(95, an_image, _CENTRE))
    until(a_new_client, lambda replies: a_new_client.fileno() != -1)  # it is told what to load as soon as it answers
    kill(a_new_client)
    (reply,) = until(a_new_client, bool)
    assert reply.segmentation is not None
