"""Messages between host and worker survive the wire, and damaged or foreign ones are refused."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from RWTHSAMLib import errors
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Candidate, Mask, Segmentation
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.core.propagation_step import Edge, Look, Seed, Step, StepJudgement
from RWTHSAMLib.core.system.message import Message, MessageParser, pack
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.errors import ImageError, InferenceError, PromptError, RwthSamError
from RWTHSAMLib.inference.cache.embedding_cache import CacheSettings
from RWTHSAMLib.worker.client import EmbedRequest, EngineSpec, EngineStatus, Reply, SegmentRequest, StepRequest
from RWTHSAMLib.worker.handshake import GREETING, HostHandshake, WorkerHandshake
from RWTHSAMLib.worker.messages import (
    cache_settings_of,
    error_named,
    load_message,
    reply_message,
    reply_of,
    request_message,
    request_of,
    spec_of,
    status_message,
    status_of,
)


def through_the_wire(message: Message, chunk: int = 1 << 20) -> Message:
    data = b"".join(pack(message))
    received = parse(data, [chunk] * (len(data) // chunk + 1))
    assert len(received) == 1
    return received[0]


def parse(data: bytes, chunks: list[int]) -> list[Message]:
    parser, messages, position = MessageParser(), [], 0
    for chunk in chunks:
        end = min(position + chunk, len(data))
        while position < end:
            space = parser.space()
            count = min(len(space), end - position)
            space[:count] = data[position : position + count]
            position += count
            message = parser.filled(count)
            messages += [message] if message is not None else []
    return messages


@pytest.fixture
def an_image() -> SliceImage:
    return SliceImage(np.arange(12, dtype=np.uint8).reshape(3, 4))


@pytest.fixture
def a_mask() -> Mask:
    return Mask((3, 4), (1, 0), np.array([[True, False, True]]))


@pytest.fixture
def a_segmentation() -> Segmentation:
    masks = [Mask((3, 4), (1, 0), np.array([[True, False, True]])), Mask((3, 4), (0, 0), np.zeros((0, 0), bool))]
    logits = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
    return Segmentation(tuple(Candidate(mask, 0.25, logits) for mask in masks), chosen=1)


@pytest.mark.parametrize(
    "dtype", ["uint8", "bool", "float32", "float16", "int32", "int16", "uint16", "float64", "int64"]
)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3, 4), (0, 3)])
def test_an_array_arrives_as_it_was_sent(dtype: str, shape: tuple[int, ...]) -> None:
    sent = np.random.default_rng(3).integers(0, 2, shape).astype(dtype)
    (received,) = through_the_wire(Message("test", {}, (sent,))).arrays
    assert received.dtype == sent.dtype and received.shape == sent.shape
    np.testing.assert_array_equal(received, sent)


def test_a_strided_array_arrives_as_it_was_sent() -> None:
    sent = np.arange(24, dtype=np.int32).reshape(4, 6)[::2, ::-3]
    np.testing.assert_array_equal(through_the_wire(Message("test", {}, (sent,))).arrays[0], sent)


def test_messages_survive_any_division_of_the_stream() -> None:
    seed = 20
    print("seed", seed)
    chance = random.Random(seed)
    sent = [Message("number", {"id": n}, (np.full((n, 3), n, np.uint8),)) for n in range(6)]
    data = b"".join(part for message in sent for part in pack(message))
    for _ in range(20):
        received = parse(data, [chance.randint(1, 60) for _ in range(len(data))])
        assert [message.fields for message in received] == [message.fields for message in sent]
        assert all((a.arrays[0] == b.arrays[0]).all() for a, b in zip(received, sent, strict=True))


def test_pixels_are_not_copied_on_their_way_out(an_image: SliceImage) -> None:
    buffers = pack(request_message(EmbedRequest(1, an_image)))
    assert any(np.shares_memory(np.frombuffer(buffer, np.uint8), an_image.pixels) for buffer in buffers)


def test_objects_do_not_travel() -> None:
    with pytest.raises(InferenceError, match="do not travel"):
        pack(Message("test", {}, (np.array([object()]),)))


def framed(header: bytes, arrays: bytes = b"") -> bytes:
    return b"RSM1" + len(header).to_bytes(4, "big") + len(arrays).to_bytes(8, "big") + header + arrays


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "not a message"),
        (b"RSM1" + b"\xff" * 12, "not a message"),
        (framed(b"{}}"), "not JSON"),
        (framed(b"{}"), "needs kind"),
        (framed(b'{"kind": "a", "fields": 1, "arrays": []}'), "wrong type"),
        (framed(b'{"kind": "a", "fields": {}, "arrays": [["|O", [1]]]}', bytes(16)), "not as its header says"),
        (framed(b'{"kind": "a", "fields": {}, "arrays": [["|u1", [99]]]}', bytes(16)), "not as its header says"),
        (framed(b'{"kind": "a", "fields": {}, "arrays": [["|u1", [-1]]]}', bytes(16)), "not as its header says"),
        (framed(b'{"kind": "a", "fields": {}, "arrays": [7]}'), "not as its header says"),
    ],
)
def test_foreign_bytes_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(InferenceError, match=why):
        parse(data, [len(data)])


def test_a_segment_request_arrives_as_it_was_sent(an_image: SliceImage) -> None:
    prompts = Prompts((PointPrompt(1, 2), BoxPrompt(0, 0, 3, 2), PointPrompt(3, 0, positive=False)), candidate=2)
    prompts = replace(prompts, replaces=True, tile_xyxy=(0, 0, 3, 2))
    received = request_of(through_the_wire(request_message(SegmentRequest(7, an_image, prompts)), chunk=5))
    assert isinstance(received, SegmentRequest)
    assert (received.request_id, received.prompts, received.image.digest) == (7, prompts, an_image.digest)


@pytest.mark.parametrize(
    "seed",
    [
        Seed(Range(), None),
        Seed(Range(10.5, None), -3.25, Edge(7.5, True, 2.0)),
        Seed(Range(), 1.0, None, 2, Range(-4.5, 8)),
        Seed(Range(), None, rated=0.75, multimask=True),
        Seed(Range(), None, mask_prompt=True),
        Seed(Range(), None, look=Look((1.5, 2.0, 7.25), 0.5, 0.75)),
        Seed(Range(), None, look=Look((1.5, 2.0, 7.25), 0.5, 0.75, (40.0, 2.5, 0.125))),
    ],
)
def test_a_step_request_arrives_as_it_was_sent(an_image: SliceImage, a_mask: Mask, seed: Seed) -> None:
    values = np.arange(12, dtype=np.int16).reshape(3, 4) - 1000
    sent = StepRequest(8, an_image, values, a_mask, seed, 3)
    received = request_of(through_the_wire(request_message(sent), chunk=7))
    assert isinstance(received, StepRequest)
    assert (received.request_id, received.seed, received.padding_px) == (8, seed, 3)
    np.testing.assert_array_equal(received.values_yx, values)
    np.testing.assert_array_equal(received.previous.to_array(), a_mask.to_array())


@pytest.mark.parametrize(("follows", "is_absent"), [(True, False), (False, True)])
def test_a_step_arrives_as_it_was_taken(a_mask: Mask, follows: bool, is_absent: bool) -> None:
    judgement = StepJudgement(0.9, 1.25, 0.8, 0.7, -0.5, 1.0, likeness=0.25, follows=follows, is_absent=is_absent)
    received = reply_of(through_the_wire(reply_message(Reply(4, step=Step(a_mask, judgement))))).step
    assert received is not None and received.judgement == judgement
    np.testing.assert_array_equal(received.mask.to_array(), a_mask.to_array())


def test_a_step_to_other_values_than_the_picture_s_is_refused(an_image: SliceImage, a_mask: Mask) -> None:
    sent = StepRequest(8, an_image, np.zeros((3, 5)), a_mask, Seed(Range(), None), 3)
    with pytest.raises(InferenceError, match="not those of a picture"):
        request_of(through_the_wire(request_message(sent)))


def test_a_segmentation_arrives_as_it_was_sent(a_segmentation: Segmentation) -> None:
    received = reply_of(through_the_wire(reply_message(Reply(4, a_segmentation)))).segmentation
    assert received is not None and received.chosen == 1
    for got, sent in zip(received.candidates, a_segmentation.candidates, strict=True):
        np.testing.assert_array_equal(got.mask.to_array(), sent.mask.to_array())
        np.testing.assert_array_equal(got.logits, sent.logits)
        assert got.predicted_iou == sent.predicted_iou


def test_the_order_to_load_arrives_as_it_was_sent(tmp_path: Path) -> None:
    spec = EngineSpec("sam_vit_b", tmp_path / "weights.pth", device="cpu", backend="torch", precision="f32")
    settings = CacheSettings(1000, tmp_path, 2000)
    received = through_the_wire(load_message(3, spec, settings))
    assert (received.number("generation"), spec_of(received), cache_settings_of(received)) == (3, spec, settings)


def test_a_status_arrives_as_it_was_sent() -> None:
    sent = EngineStatus("ready", "MobileSAM on the GPU.", "the GPU", "0" * 64, batch=8)
    received = through_the_wire(status_message(5, sent))
    assert (received.number("generation"), status_of(received)) == (5, sent)


def test_a_status_of_a_worker_that_knows_no_batches_is_understood() -> None:
    message = status_message(5, EngineStatus("ready", "MobileSAM on the CPU.", batch=8))
    del message.fields["batch"]
    assert status_of(through_the_wire(message)).batch == 1


def every_error() -> list[type[RwthSamError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, RwthSamError)]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_an_error_keeps_its_class_and_words(kind: type[RwthSamError]) -> None:
    received = reply_of(through_the_wire(reply_message(Reply(1, error=kind("why, and what to do"))))).error
    assert type(received) is kind and str(received) == "why, and what to do"


@pytest.mark.parametrize("name", ["SystemExit", "annotations", "no such thing", "__doc__"])
def test_a_name_outside_the_tree_becomes_an_inference_error(name: str) -> None:
    assert type(error_named(name, "text")) is InferenceError


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"id": 1}, InferenceError),
        ({"id": 1, "prompts": {"candidate": 5, "items": []}}, PromptError),
        ({"id": 1, "prompts": {"candidate": 0, "items": [{"point": [1]}]}}, InferenceError),
        ({"id": 1, "prompts": {"candidate": 0, "items": [{"box": [3, 0, 1, 1]}]}}, PromptError),
        ({"id": 1, "prompts": {"candidate": 0, "items": [None]}}, InferenceError),
    ],
)
def test_a_damaged_request_is_refused(fields: dict, error: type[Exception], an_image: SliceImage) -> None:
    with pytest.raises(error):
        request_of(Message("segment", fields, (an_image.pixels,)))


def test_an_image_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(ImageError):
        request_of(Message("embed", {"id": 1}, (np.zeros((3, 3), np.float32),)))


def test_both_sides_with_the_key_agree() -> None:
    worker, host = WorkerHandshake(b"key"), HostHandshake(b"key")
    answer = host.answer(worker.hello)
    assert answer is not None
    proof = worker.accept(answer)
    assert proof is not None and host.accepts(proof)


def test_a_host_without_the_key_is_refused() -> None:
    worker = WorkerHandshake(b"key")
    assert worker.accept(HostHandshake(b"another").answer(worker.hello) or b"") is None


def test_a_worker_without_the_key_is_refused() -> None:
    host = HostHandshake(b"key")
    hello = WorkerHandshake(b"another").hello
    answer = host.answer(hello)
    assert answer is not None and not host.accepts(answer[32:])  # nor does an echo of the host's own proof pass


def test_another_program_is_not_taken_for_a_worker() -> None:
    assert HostHandshake(b"key").answer(b"SSH-2.0-OpenSSH_9.6".ljust(len(GREETING) + 32)) is None
