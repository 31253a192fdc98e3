"""Every network of the catalogue is built, saved, loaded from the file, and run; files of other models are refused."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")

from network_parts import quick_initialisation, save_arbitrary_weights, save_initial_weights  # noqa: E402

from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.prompts import PointPrompt, Prompts  # noqa: E402
from RWTHSAMLib.errors import WeightsMismatch  # noqa: E402
from RWTHSAMLib.inference.backends.torch_backend import TorchBackend  # noqa: E402
from RWTHSAMLib.inference.embedding import Embedding  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402
from RWTHSAMLib.models.catalogue import CATALOGUE, model  # noqa: E402
from RWTHSAMLib.models.loading import build_network, load_network  # noqa: E402

SMALL = "mobile_sam_vit_t"
LARGE = [name for name in CATALOGUE if model(name).architecture in ("vit_l", "vit_h", "hiera_large")]
"""Of 1.2 to 2.6 GB; they differ from the base ones in size alone, which is why the long tests are enough for them."""
FULLY_RUN = ["mobile_sam_vit_t_512", "sam_hq_vit_tiny"]
FULLY_RUN_LONG = [SMALL, "sam_vit_b", "sam_hq_vit_b", "sam2_1_hiera_tiny"]
"""Encode for many seconds what the others show as well: MobileSAM at 512 pixels, small networks of SAM's and SAM-HQ's
kind in `test_engine`."""
OF_SAM = [name for name in CATALOGUE if not model(name).is_own]
"""Networks of upstream's packages; this project's own has tests of its own."""
OF_SAM_2_1 = [name for name in OF_SAM if model(name).family == "sam2_1"]
DECODER_RUN = [name for name in OF_SAM if "vit_t" not in name and name not in OF_SAM_2_1]


def large_ones_long(names: Iterable[str]) -> list[object]:
    """Parameters of a test; those of the large networks are run with the long tests."""
    return [pytest.param(name, marks=pytest.mark.long) if name in LARGE else name for name in names]


@pytest.fixture(scope="module")
def small_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_arbitrary_weights(SMALL, tmp_path_factory.mktemp("weights") / "small.pt")


@pytest.fixture
def an_image() -> SliceImage:
    rng = np.random.default_rng(11)
    return SliceImage(rng.integers(0, 256, (48, 64), dtype=np.uint8))


@pytest.fixture
def an_encoded_image(an_image: SliceImage) -> Embedding:
    """As an encoder might leave it."""
    features = np.random.default_rng(12).normal(size=(1, 256, 64, 64)).astype(np.float32)
    return Embedding((features,), an_image.shape_yx, (768, 1024))


@pytest.mark.parametrize("name", [*FULLY_RUN, *(pytest.param(each, marks=pytest.mark.long) for each in FULLY_RUN_LONG)])
def test_the_smaller_models_are_loaded_from_a_file_and_run(name: str, tmp_path: Path, an_image: SliceImage) -> None:
    save = save_initial_weights if "vit_t" in name else save_arbitrary_weights
    path = save(name, tmp_path / "weights.pt")
    with quick_initialisation():
        engine = SamEngine.load(name, path, device="cpu", backend="torch")
    answer = engine.segment(an_image, Prompts((PointPrompt(30, 20),)))
    assert len(answer.candidates) == 3
    assert all(np.isfinite(each.logits).all() for each in answer.candidates)
    refined = engine.segment(an_image, Prompts((PointPrompt(30, 20), PointPrompt(5, 5, positive=False))))
    assert len(refined.candidates) == 1
    engine.close()
    gc.collect()


@pytest.mark.parametrize("name", large_ones_long(DECODER_RUN))
def test_the_other_models_are_loaded_from_a_file_and_decode(
    name: str, tmp_path: Path, an_encoded_image: Embedding
) -> None:
    # their encoders differ from those above in size alone, and the largest take minutes on a processor
    path = save_arbitrary_weights(name, tmp_path / "weights.pt")
    with quick_initialisation():
        network = load_network(model(name), path)
    path.unlink()
    assert len(network.image_encoder.blocks) == {"vit_b": 12, "vit_l": 24, "vit_h": 32}[model(name).architecture]
    backend = TorchBackend(network, "cpu")
    channels = network.image_encoder.patch_embed.proj.out_channels
    early = (np.zeros((1, 64, 64, channels), np.float32),) if model(name).family == "sam_hq" else ()
    encoded = replace(an_encoded_image, arrays=(an_encoded_image.features, *early))
    answer = backend.decode(encoded, Prompts((PointPrompt(30, 20),)), None, True)
    assert answer.logits.shape == (3, 256, 256)
    assert np.isfinite(answer.logits).all()


@pytest.mark.parametrize("name", large_ones_long(OF_SAM_2_1))
def test_sam_2_1_is_loaded_from_a_file_and_decodes(name: str, tmp_path: Path, an_image: SliceImage) -> None:
    path = save_arbitrary_weights(name, tmp_path / "weights.pt")
    with quick_initialisation():
        engine = SamEngine.load(name, path, device="cpu")
    path.unlink()
    assert engine.device == "the CPU with PyTorch"
    numbers = np.random.default_rng(13)
    shapes = ((1, 256, 64, 64), (1, 32, 256, 256), (1, 64, 128, 128))
    arrays = tuple(numbers.normal(size=shape).astype(np.float32) for shape in shapes)
    encoded = Embedding(arrays, an_image.shape_yx, (1024, 1024))
    answer = engine.backend.decode(encoded, Prompts((PointPrompt(30, 20),)), None, True)
    assert answer.logits.shape == (3, 256, 256) and answer.masks is not None
    assert answer.masks.shape == (3, *an_image.shape_yx) and np.isfinite(answer.logits).all()


def test_a_state_dict_without_its_wrapping_is_taken_too(tmp_path: Path) -> None:
    name = "sam2_1_hiera_tiny"
    path = save_arbitrary_weights(name, tmp_path / "weights.pt")
    bare = tmp_path / "bare.pt"
    torch.save(torch.load(path, weights_only=True)["model"], bare)
    with quick_initialisation():
        assert load_network(model(name), bare).training is False


def test_weights_of_another_size_of_sam_2_1_are_refused(tmp_path: Path) -> None:
    path = save_arbitrary_weights("sam2_1_hiera_tiny", tmp_path / "weights.pt")
    with quick_initialisation(), pytest.raises(WeightsMismatch, match=r"SAM 2\.1 Hiera base plus"):
        load_network(model("sam2_1_hiera_base_plus"), path)


@pytest.mark.parametrize("name", OF_SAM)
def test_the_stated_parameter_counts_are_the_networks_own(name: str) -> None:
    # shapes without numbers, for the largest would take gigabytes; TinyViT computes with them while it is built
    with quick_initialisation() if "vit_t" in name or "tiny" in name or name in OF_SAM_2_1 else torch.device("meta"):
        network = build_network(model(name))
    assert sum(each.numel() for each in network.parameters()) == pytest.approx(model(name).parameter_count, rel=2e-3)


def test_weights_of_another_model_are_refused_with_what_differs(small_weights: Path) -> None:
    with pytest.raises(WeightsMismatch) as refused:
        load_network(model("sam_hq_vit_tiny"), small_weights)
    for part in (str(small_weights), "Light HQ-SAM", "lacks", "mask_decoder"):
        assert part in str(refused.value)


def test_a_tensor_of_another_shape_is_named(small_weights: Path, tmp_path: Path) -> None:
    state = torch.load(small_weights, weights_only=True)
    name = next(key for key, value in state.items() if value.ndim == 4)
    state[name] = state[name][..., :1]
    path = tmp_path / "changed.pt"
    torch.save(state, path)
    with pytest.raises(WeightsMismatch, match="instead of"):
        load_network(model(SMALL), path)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"], ids=["empty", "a web page"])
def test_a_file_that_is_no_weights_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "page.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsMismatch, match=r"page\.pt"):
        load_network(model(SMALL), path)


def test_a_damaged_file_is_refused(small_weights: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.pt"
    path.write_bytes(small_weights.read_bytes()[:-100_000])
    with pytest.raises(WeightsMismatch, match=r"cut\.pt"):
        load_network(model(SMALL), path)


class Malice:
    """What a harmful file would hold: code that runs when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('code from a weights file ran')",)


def test_code_in_a_weights_file_is_never_run(tmp_path: Path) -> None:
    path = tmp_path / "malice.pt"
    torch.save({"weight": Malice()}, path)
    with pytest.raises(WeightsMismatch):
        load_network(model(SMALL), path)
    path.write_bytes(pickle.dumps({"weight": Malice()}))
    with pytest.raises(WeightsMismatch):
        load_network(model(SMALL), path)
