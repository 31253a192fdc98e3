"""Slices encoded together are encoded as each alone; memory that suffices for fewer of them is enough."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")

from network_parts import CLICK, masks_of, save_initial_weights, tiny_hq_network, tiny_network  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.errors import Cancelled, OutOfMemory  # noqa: E402
from RWTHSAMLib.inference import job  # noqa: E402
from RWTHSAMLib.inference.backends.torch_backend import TorchBackend, _slices_at_once  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402
from RWTHSAMLib.models.catalogue import model  # noqa: E402
from RWTHSAMLib.models.loading import load_network  # noqa: E402

TINY = {"sam": tiny_network, "sam_hq": tiny_hq_network}
NETWORKS = (*TINY, "mobile_sam_vit_t_512")
SHAPES = ((61, 71), (96, 120), (90, 80, 3), (40, 200), (64, 64))
SMALL_INPUT = 256
"""Where only the order of the work matters."""


class Narrow(nn.Module):
    """An encoder that has memory for a few slices at a time, and keeps a list of how many it was given."""

    def __init__(self, encoder: nn.Module, room_for: float = float("inf")) -> None:
        super().__init__()
        self.encoder = encoder
        self.room_for = room_for
        self.given: list[int] = []

    def forward(self, pixels: Tensor) -> object:
        self.given.append(len(pixels))
        if len(pixels) > self.room_for:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return self.encoder(pixels)


@pytest.fixture(scope="module")
def images() -> list[SliceImage]:
    """Slices of different sizes, one of them in colour."""
    chance = np.random.default_rng(4)
    return [SliceImage(chance.integers(0, 256, shape, dtype=np.uint8)) for shape in SHAPES]


def backend_of(network: nn.Module, batch: int = 4) -> TorchBackend:
    backend = TorchBackend(network, "cpu")
    backend.batch = batch
    return backend


def engine_of(backend: TorchBackend, **others: object) -> SamEngine:
    return SamEngine(backend, model("sam_vit_b"), "0" * 64, **others)  # type: ignore[arg-type]


@pytest.fixture(params=NETWORKS)
def a_backend(request: pytest.FixtureRequest, tmp_path: Path) -> TorchBackend:
    """A backend that says that two slices are worth encoding together."""
    if request.param in TINY:
        return backend_of(TINY[request.param](input_size=SMALL_INPUT), batch=2)
    path = save_initial_weights(request.param, tmp_path / "weights.pt")
    return backend_of(load_network(model(request.param), path), batch=2)


@pytest.fixture
def an_encoder() -> Narrow:
    return Narrow(tiny_network(input_size=SMALL_INPUT).image_encoder)


@pytest.fixture
def a_narrow_backend(an_encoder: Narrow) -> TorchBackend:
    network = tiny_network(input_size=SMALL_INPUT)
    network.image_encoder = an_encoder
    return backend_of(network)


def test_slices_encoded_together_are_those_encoded_alone(a_backend: TorchBackend, images: list[SliceImage]) -> None:
    # a batch and a rest, one of them in colour
    some = images[:3]
    together = a_backend.encode_many(some)
    for image, found in zip(some, together, strict=True):
        alone = a_backend.encode(image)
        assert (found.original_size, found.input_size) == (alone.original_size, alone.input_size)
        np.testing.assert_allclose(found.features, alone.features, rtol=1e-4, atol=1e-4)
        for together, by_itself in zip(found.others, alone.others, strict=True):
            np.testing.assert_allclose(together, by_itself, rtol=1e-4, atol=1e-4)
        assert found.features.shape[0] == 1 and alone.features.std() > 0


def test_masks_of_slices_embedded_together_are_those_of_slices_embedded_alone(images: list[SliceImage]) -> None:
    networks = [tiny_network(input_size=SMALL_INPUT) for _ in range(2)]
    together, alone = (engine_of(backend_of(each, batch)) for each, batch in zip(networks, (4, 1), strict=True))
    together.embed_many(images[:3])
    for image in images[:3]:
        found, expected = masks_of(together.segment(image, CLICK)), masks_of(alone.segment(image, CLICK))
        assert np.array_equal(found, expected) and 0 < expected.mean() < 1


def test_an_embedding_holds_no_memory_of_those_encoded_with_it(a_narrow_backend, images: list[SliceImage]) -> None:
    for each in a_narrow_backend.encode_many(images[:3]):
        assert each.features.base.untyped_storage().nbytes() == each.features.nbytes


def test_only_slices_that_are_not_known_are_encoded(a_narrow_backend, an_encoder, images: list[SliceImage]) -> None:
    engine = engine_of(a_narrow_backend)
    engine.embed(images[1])
    an_encoder.given.clear()
    engine.embed_many([*images, SliceImage(images[0].pixels.copy())])
    assert an_encoder.given == [4]
    engine.embed_many(images)
    engine.segment(images[3], CLICK)
    assert an_encoder.given == [4]


def test_many_slices_are_encoded_some_at_a_time(a_narrow_backend, an_encoder, images: list[SliceImage]) -> None:
    a_narrow_backend.batch = 2
    engine_of(a_narrow_backend).embed_many(images)
    assert an_encoder.given == [2, 2, 1]


def test_where_memory_does_not_suffice_half_as_many_are_encoded_at_a_time(
    a_narrow_backend, an_encoder, images: list[SliceImage]
) -> None:
    expected = [each.features for each in a_narrow_backend.encode_many(images)]
    an_encoder.given.clear()
    an_encoder.room_for = 2
    found = [each.features for each in a_narrow_backend.encode_many(images)]
    assert an_encoder.given == [4, 2, 2, 1]
    assert a_narrow_backend.batch == 2, "the next time it is not tried in vain"
    np.testing.assert_allclose(np.array(found), np.array(expected), rtol=1e-4, atol=1e-4)


def test_memory_that_suffices_for_one_slice_is_enough(a_narrow_backend, an_encoder, images: list[SliceImage]) -> None:
    an_encoder.room_for = 1
    assert len(a_narrow_backend.encode_many(images)) == len(images)
    assert an_encoder.given == [4, 2, 1, 1, 1, 1, 1]


def test_memory_that_does_not_suffice_for_one_slice_is_an_error(a_narrow_backend, an_encoder, images) -> None:
    an_encoder.room_for = 0
    with pytest.raises(OutOfMemory, match="Encoding a slice needs more memory than cpu has free"):
        a_narrow_backend.encode_many(images)
    assert an_encoder.given == [4, 2, 1]


def test_slices_that_find_no_memory_are_encoded_by_the_fall_back(a_narrow_backend, an_encoder, images) -> None:
    fallen_back = Narrow(tiny_network(input_size=SMALL_INPUT).image_encoder)

    def on_cpu() -> TorchBackend:
        network = tiny_network(input_size=SMALL_INPUT)
        network.image_encoder = fallen_back
        return TorchBackend(network, "cpu")

    an_encoder.room_for = 0
    engine = engine_of(a_narrow_backend, fall_back=on_cpu)
    engine.embed_many(images[:3])
    assert fallen_back.given == [1, 1, 1] and "memory did not suffice" in engine.description
    for each in images[:3]:
        engine.embed(each)
    assert fallen_back.given == [1, 1, 1]


def test_slices_that_nobody_wants_any_more_are_not_even_prepared(a_narrow_backend, an_encoder, images) -> None:
    with job.running(job.Job(lambda text: None, lambda: True)), pytest.raises(Cancelled):
        a_narrow_backend.encode_many(images)
    assert an_encoder.given == []


def test_what_was_encoded_before_an_interruption_stays_known(a_narrow_backend, an_encoder, images) -> None:
    engine = engine_of(a_narrow_backend)
    with job.running(job.Job(lambda text: None, lambda: an_encoder.given == [4])), pytest.raises(Cancelled):
        engine.embed_many(images)
    engine.embed_many(images)
    assert an_encoder.given == [4, 1]


@pytest.mark.parametrize(("device", "large", "expected"), [("cuda", False, 8), ("cuda", True, 4), ("mps", False, 1)])
def test_a_gpu_encodes_many_slices_of_a_small_encoder_and_fewer_of_a_large_one(device, large, expected) -> None:
    encoder = nn.Linear(10_000, 9_000 if large else 600, device="meta")
    assert _slices_at_once(device, encoder) == expected


def test_a_cpu_encodes_one_slice_at_a_time() -> None:
    assert TorchBackend(tiny_network(input_size=SMALL_INPUT), "cpu").batch == 1
