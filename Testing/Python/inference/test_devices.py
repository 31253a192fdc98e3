"""The device is chosen with a reason a person can act on; memory that does not suffice is survived and said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")

from network_parts import CLICK, save_initial_weights, tiny_network  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.errors import OutOfMemory, SettingsError  # noqa: E402
from RWTHSAMLib.inference.backends.torch_backend import TorchBackend  # noqa: E402
from RWTHSAMLib.inference.devices import choose_device  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402
from RWTHSAMLib.models.catalogue import model  # noqa: E402

SMALL = "mobile_sam_vit_t"
HAS_GPU = torch.cuda.is_available() or torch.backends.mps.is_available()


class Greedy(nn.Module):
    """A part of a network that asks for more memory than there is, for its first runs."""

    def __init__(self, part: nn.Module, failures: float, error: Exception | None = None) -> None:
        super().__init__()
        self.part = part
        self.failures = failures
        self.error = error or torch.OutOfMemoryError("CUDA out of memory.")

    def forward(self, *inputs: Tensor) -> object:
        if self.failures > 0:
            self.failures -= 1
            raise self.error
        return self.part(*inputs)


@pytest.fixture(scope="module")
def some_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_initial_weights(SMALL, tmp_path_factory.mktemp("weights") / "small.pt")


@pytest.fixture
def a_network() -> nn.Module:
    return tiny_network()


@pytest.fixture(scope="module")
def an_image() -> SliceImage:
    return SliceImage(np.random.default_rng(2).integers(0, 256, (61, 71), dtype=np.uint8))


@pytest.fixture
def engine_on():
    """Function that makes an engine of a network, with the plain network to fall back to."""

    def make(network: nn.Module, with_fall_back: bool = True) -> SamEngine:
        def plain() -> TorchBackend:
            return TorchBackend(tiny_network(), "cpu")

        fall_back = plain if with_fall_back else None
        return SamEngine(TorchBackend(network, "cpu"), model("sam_vit_b"), "0" * 64, fall_back=fall_back)

    return make


def test_the_choice_comes_with_its_reason():
    choice = choose_device("auto")
    if HAS_GPU:
        assert choice.name in ("cuda", "mps") and choice.why
    else:
        assert choice.name == "cpu"
        assert choice.why.startswith("no GPU because PyTorch")


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU here")
@pytest.mark.parametrize("requested", ["cuda", "mps"])
def test_a_gpu_that_is_not_there_is_refused_with_the_reason(requested: str):
    with pytest.raises(SettingsError, match=f"{requested.upper()} was chosen, but .*Choose 'auto' or 'cpu'"):
        choose_device(requested)


def test_the_cpu_can_always_be_chosen():
    assert choose_device("cpu").name == "cpu"


def test_an_unknown_device_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match=r"auto, cuda, mps, cpu, got 'tpu'"):
        choose_device("tpu")


@pytest.mark.parametrize(
    ("backend", "precision", "said"),
    [
        ("tensorrt", "auto", "backend: expected one of auto, torch, openvino, got 'tensorrt'"),
        ("torch", "int3", "precision: expected one of auto, f32, f16, bf16, got 'int3'"),
    ],
)
def test_unknown_backends_and_precisions_are_refused(some_weights, backend: str, precision: str, said: str):
    with pytest.raises(SettingsError, match=said):
        SamEngine.load(SMALL, some_weights, device="cpu", backend=backend, precision=precision)


def test_memory_that_suffices_once_it_is_freed_is_enough(a_network, engine_on, an_image):
    a_network.image_encoder = Greedy(a_network.image_encoder, failures=1)
    engine = engine_on(a_network)
    first = engine.backend
    engine.segment(an_image, CLICK)
    assert engine.backend is first


@pytest.mark.parametrize("part", ["image_encoder", "transformer"])
def test_memory_that_never_suffices_moves_to_the_fall_back_and_says_so(a_network, engine_on, an_image, part: str):
    expected = engine_on(a_network).segment(an_image, CLICK).best.logits
    owner = a_network if part == "image_encoder" else a_network.mask_decoder
    setattr(owner, part, Greedy(getattr(owner, part), failures=float("inf")))
    engine = engine_on(a_network)
    assert np.array_equal(engine.segment(an_image, CLICK).best.logits, expected)
    assert "memory did not suffice" in engine.description


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB."),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
    ],
    ids=["cuda", "mps", "cpu"],
)
def test_without_a_way_out_the_error_says_what_was_too_large(a_network, engine_on, an_image, error: Exception):
    a_network.image_encoder = Greedy(a_network.image_encoder, float("inf"), error)
    with pytest.raises(OutOfMemory, match="Encoding a slice needs more memory than cpu has free"):
        engine_on(a_network, with_fall_back=False).embed(an_image)


def test_other_failures_are_not_taken_for_memory(a_network, engine_on, an_image):
    a_network.image_encoder = Greedy(a_network.image_encoder, float("inf"), RuntimeError("shapes do not fit"))
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        engine_on(a_network).embed(an_image)


def test_a_network_that_does_not_fit_is_refused_in_plain_words(a_network):
    class TooLarge(nn.Module):
        def to(self, *_: object) -> nn.Module:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(OutOfMemory, match="does not fit into the memory of cuda"):
        TorchBackend(TooLarge(), "cuda", "f32")
