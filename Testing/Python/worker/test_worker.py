"""A real worker process answers as the engine does, never holds its host up, and survives its own death."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from worker_parts import CENTRE, PATIENCE_S, kill, loaded, needs_signals, until, wait_for_end

from RWTHSAMLib.algorithms.automatic.generator import found_masks
from RWTHSAMLib.algorithms.propagation.seed import seed_of
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask, dice
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.errors import Cancelled, PromptError, StateError, WeightsNotFound, WorkerDied
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.worker.answering import reply_to
from RWTHSAMLib.worker.client import AutomaticRequest, EmbedRequest, EngineSpec, SegmentRequest, StepRequest
from RWTHSAMLib.worker.process_client import WorkerClient


@pytest.fixture(scope="module")
def engine(spec: EngineSpec) -> SamEngine:
    """What the worker has, in this process."""
    return SamEngine.load(spec.model, spec.weights, device="cpu", backend="openvino", precision="f32")


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


def test_the_answer_is_that_of_the_engine(a_client: WorkerClient, engine: SamEngine, an_image: SliceImage) -> None:
    prompts = Prompts((PointPrompt(48, 32), PointPrompt(2, 2, positive=False)))
    a_client.send(SegmentRequest(1, an_image, prompts))
    (reply,) = until(a_client, bool)
    expected = engine.segment(an_image, prompts)
    assert reply.segmentation is not None and expected.best.mask.area > 0
    assert dice(reply.segmentation.best.mask.to_array(), expected.best.mask.to_array()) > 0.999
    np.testing.assert_allclose(reply.segmentation.best.logits, expected.best.logits, atol=1e-2)


def test_a_colour_image_is_answered_too(a_client: WorkerClient, an_image: SliceImage) -> None:
    a_client.send(SegmentRequest(2, SliceImage(an_image.rgb()), CENTRE))
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
    a_client.send(SegmentRequest(32, other_images[0], CENTRE))
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
    a_client.send(SegmentRequest(42, an_image, CENTRE))
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
    a_client.send(SegmentRequest(20, an_image, CENTRE))
    replies = until(a_client, lambda replies: len(replies) == 4)
    # the worker may have begun with the first embedding before the click reached it
    assert 20 in [reply.request_id for reply in replies[:2]] and all(reply.error is None for reply in replies)


def test_a_withdrawn_request_is_answered_once_and_the_next_one_served(
    a_client: WorkerClient, an_image: SliceImage
) -> None:
    number = next(each for each in range(70, 90) if begun(a_client, each))
    a_client.cancel(number)
    a_client.cancel(number)
    a_client.send(SegmentRequest(31, an_image, CENTRE))
    replies = until(a_client, lambda replies: len(replies) == 2)
    assert isinstance(replies[0].error, Cancelled) and replies[0].request_id == number
    assert replies[1].request_id == 31 and replies[1].error is None


@needs_signals
def test_no_call_waits_for_a_worker_that_does_not_listen(a_client: WorkerClient) -> None:
    assert a_client.process_id is not None
    pictures = [SliceImage(np.full((2048, 2048), n, np.uint8)) for n in range(30)]
    os.kill(a_client.process_id, signal.SIGSTOP)
    rescue = threading.Timer(PATIENCE_S, os.kill, (a_client.process_id, signal.SIGCONT))
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


def test_an_unloaded_worker_computes_nothing_until_the_next_load(
    a_quick_client: WorkerClient, quick_spec: EngineSpec, an_image: SliceImage
) -> None:
    before = a_quick_client.process_id
    assert before is not None
    a_quick_client.send(SegmentRequest(43, an_image, CENTRE))
    a_quick_client.unload()
    wait_for_end(before)
    (reply,) = a_quick_client.poll()
    assert reply.request_id == 43 and isinstance(reply.error, Cancelled)
    assert a_quick_client.status.phase == "stopped"
    a_quick_client.load(quick_spec)
    a_quick_client.send(SegmentRequest(44, an_image, CENTRE))
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
    a_client.send(SegmentRequest(61, an_image, CENTRE))
    (reply,) = until(a_client, bool)
    assert reply.segmentation is not None


def test_weights_that_are_not_there_fail_in_words_and_another_load_helps(
    a_client: WorkerClient, spec: EngineSpec, an_image: SliceImage, tmp_path: Path
) -> None:
    pid = a_client.process_id
    a_client.load(EngineSpec(spec.model, tmp_path / "nothing.pt"))
    a_client.send(SegmentRequest(70, an_image, CENTRE))
    (reply,) = until(a_client, bool)
    assert isinstance(reply.error, WeightsNotFound) and "nothing.pt" in str(reply.error)
    assert a_client.status.phase == "failed" and "nothing.pt" in a_client.status.text
    a_client.load(spec)
    a_client.send(SegmentRequest(71, an_image, CENTRE))
    (reply,) = until(a_client, bool)
    assert reply.segmentation is not None and a_client.process_id == pid


def test_before_a_model_is_chosen_a_request_is_refused(a_new_client: WorkerClient, an_image: SliceImage) -> None:
    a_new_client.send(EmbedRequest(1, an_image))
    (reply,) = a_new_client.poll()
    assert isinstance(reply.error, StateError) and a_new_client.status.phase == "stopped"
