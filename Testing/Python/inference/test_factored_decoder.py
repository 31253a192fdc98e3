"""Decoding many single points of a slice by what they share gives the plain decoder's masks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")

from network_parts import tiny_network  # noqa: E402

from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.mask import dice  # noqa: E402
from RWTHSAMLib.errors import Cancelled  # noqa: E402
from RWTHSAMLib.inference import job  # noqa: E402
from RWTHSAMLib.inference.backends.backend import Decoded  # noqa: E402
from RWTHSAMLib.inference.backends.factored_decoder import MaskPart, PointPart, SlicePart, can_be_factored  # noqa: E402
from RWTHSAMLib.inference.backends.openvino_backend import OpenVinoBackend  # noqa: E402
from RWTHSAMLib.inference.backends.openvino_graphs import graphs_of  # noqa: E402
from RWTHSAMLib.inference.backends.sam_modules import DecoderModule  # noqa: E402
from RWTHSAMLib.inference.backends.torch_backend import TorchBackend  # noqa: E402
from RWTHSAMLib.inference.embedding import Embedding  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402
from RWTHSAMLib.models.catalogue import model  # noqa: E402
from RWTHSAMLib.models.loading import build_network  # noqa: E402

MODEL = "mobile_sam_vit_t"
ANY = model("sam_vit_b")
"""Of the catalogue, for networks that are in none."""
SEED = 17
ENOUGH = 0.995


@pytest.fixture(scope="module")
def a_network() -> torch.nn.Module:
    """With MobileSAM's decoder, whose every gain, bias and embedding differs from the one it starts with."""
    torch.manual_seed(SEED)
    network = tiny_network(seed=SEED)
    network.mask_decoder = build_network(model(MODEL)).mask_decoder
    network.eval()
    with torch.no_grad():
        for part in (network.mask_decoder, network.prompt_encoder):
            for parameter in part.parameters():
                usual = parameter.abs().mean().clamp(0.05, 1.0)
                parameter.add_(0.5 * usual * torch.randn_like(parameter))
    return network


@pytest.fixture(scope="module")
def converted(a_network: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with its weights and graphs, converted once; tests work on copies."""
    pytest.importorskip("openvino", reason="needs OpenVINO (install the 'openvino' extra)")
    folder = tmp_path_factory.mktemp("converted")
    torch.save(a_network.state_dict(), folder / "small.pt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RWTHSAM_CACHE", str(folder / "cache"))
        assert begins_to_convert(a_network, folder / "small.pt", to_the_end=True)
    return folder


@pytest.fixture
def features() -> torch.Tensor:
    return torch.randn(1, 256, 64, 64, generator=torch.Generator().manual_seed(SEED))


@pytest.fixture(scope="module")
def engines(converted_weights: Path) -> Iterator[dict[str, SamEngine]]:
    """The reference and the fast one."""
    pytest.importorskip("openvino", reason="needs OpenVINO (install the 'openvino' extra)")
    found = {
        each: SamEngine.load(MODEL, converted_weights, device="cpu", backend=each, precision="f32")
        for each in ("torch", "openvino")
    }
    yield found
    for engine in found.values():
        engine.close()


@pytest.fixture(scope="module")
def a_backend(converted: Path, a_network: torch.nn.Module) -> OpenVinoBackend:
    """The small network, converted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RWTHSAM_CACHE", str(converted / "cache"))
        return OpenVinoBackend(graphs_of(a_network, converted / "small.pt", ANY), "f32")


@pytest.fixture(scope="module")
def embeddings() -> list[Embedding]:
    """Two slices of 128 x 128 pixels, as some encoder might leave them."""
    rng = np.random.default_rng(SEED)
    arrays = [rng.normal(size=(1, 256, 64, 64)).astype(np.float32) for _ in range(2)]
    return [Embedding((each,), (128, 128), (1024, 1024)) for each in arrays]


@pytest.fixture
def points() -> np.ndarray:
    """More than are decoded at once, and not a multiple of it."""
    return np.random.default_rng(SEED).uniform(0, 128, (17, 2))


def plain(network: torch.nn.Module, features: torch.Tensor, coords: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Three masks and their predicted IoU from the decoder as it is."""
    with_padding = torch.stack([coords, torch.zeros_like(coords)], dim=1)
    labels = torch.tensor([[1.0, -1.0]]).repeat(len(coords), 1)
    nothing = torch.zeros(1, 1, 256, 256), torch.zeros(1)
    with torch.inference_mode():
        logits, predicted_iou = DecoderModule(network).eval()(features, with_padding, labels, *nothing)
    return logits[:, 1:], predicted_iou[:, 1:]


def factored(network: torch.nn.Module, features: torch.Tensor, coords: torch.Tensor):
    with torch.inference_mode():
        *shared, upscaled = SlicePart(network).eval()(features)
        predicted_iou, *looked_at = PointPart(network).eval()(coords, *shared)
        return MaskPart(network).eval()(*looked_at, upscaled), predicted_iou


@pytest.mark.parametrize("count", [1, 3, 9])
def test_points_are_decoded_as_by_the_plain_decoder(a_network, features: torch.Tensor, count: int) -> None:
    coords = 1024 * torch.rand(count, 2, generator=torch.Generator().manual_seed(count))
    expected, expected_iou = plain(a_network, features, coords)
    logits, predicted_iou = factored(a_network, features, coords)
    assert logits.shape == (count, 3, 256, 256)
    assert expected.std() > 0.1 and expected_iou.std() > 0.01
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))
    torch.testing.assert_close(predicted_iou, expected_iou, rtol=1e-4, atol=1e-4)


def test_only_plain_decoders_of_two_layers_can_be_factored(a_network: torch.nn.Module) -> None:
    assert can_be_factored(a_network)
    assert not can_be_factored(tiny_network())
    assert not can_be_factored(build_network(model("sam_hq_vit_tiny")))


def test_every_mask_of_a_real_slice_is_that_of_pytorch(engines, volumes: Path, points: np.ndarray) -> None:
    cement = pytest.importorskip("tifffile").imread(volumes / "qim3d_cement_128x128x128.tif")
    embedding = engines["openvino"].embed(SliceImage(cement[20]))
    few = points[:3]  # PyTorch takes seconds for more
    slow, fast = (engines[each].backend.decode_points(embedding, few) for each in ("torch", "openvino"))
    assert worst_dice(fast, slow) >= ENOUGH
    np.testing.assert_allclose(fast.predicted_iou, slow.predicted_iou, atol=1e-3)


@pytest.mark.parametrize("quantile", [0.5, 1.0])
def test_masks_that_are_rated_too_low_are_left_out_and_only_those(
    a_backend: OpenVinoBackend, embeddings, points: np.ndarray, quantile: float
) -> None:
    backend = a_backend
    every = backend.decode_points(embeddings[0], points)
    every = Decoded(every.logits.copy(), every.predicted_iou.copy())
    best = every.predicted_iou.max(axis=1)
    least = float(np.quantile(best, quantile))
    backend._answers[:] = np.nan
    some = backend.decode_points(embeddings[0], points, least)
    np.testing.assert_allclose(some.predicted_iou, every.predicted_iou, atol=1e-4)
    np.testing.assert_allclose(some.logits[best > least], every.logits[best > least], atol=2e-3)
    assert np.isnan(some.logits[best <= least]).all()


def test_it_does_not_matter_with_which_others_a_point_is_decoded(a_backend, embeddings, points: np.ndarray) -> None:
    decoded = a_backend.decode_points(embeddings[0], points)
    together = Decoded(decoded.logits.copy(), decoded.predicted_iou)
    for start, stop in [(0, 1), (1, 6), (6, 17)]:
        apart = a_backend.decode_points(embeddings[0], points[start:stop])
        np.testing.assert_allclose(apart.logits, together.logits[start:stop], atol=2e-3)
        np.testing.assert_allclose(apart.predicted_iou, together.predicted_iou[start:stop], atol=1e-4)


def test_no_points_give_no_masks(a_backend, embeddings) -> None:
    decoded = a_backend.decode_points(embeddings[0], np.zeros((0, 2)))
    assert decoded.logits.shape == (0, 3, 256, 256)
    assert decoded.predicted_iou.shape == (0, 3)


def test_another_slice_is_not_mixed_up_with_the_last_one(a_backend, a_network, embeddings, points: np.ndarray) -> None:
    few, slow = points[:2], TorchBackend(a_network, "cpu", "f32")
    for embedding in (*embeddings, embeddings[0]):
        expected = slow.decode_points(embedding, few)
        assert worst_dice(a_backend.decode_points(embedding, few), expected) >= ENOUGH


def test_what_the_points_share_is_computed_once_for_a_slice(a_backend, embeddings, points, monkeypatch) -> None:
    decoder = a_backend._points
    learned: list[Embedding] = []
    learn = decoder._learn
    monkeypatch.setattr(decoder, "_learn", lambda embedding: learned.append(embedding) or learn(embedding))
    for embedding in (embeddings[0], embeddings[1], embeddings[1]):
        a_backend.decode_points(embedding, points)
    assert learned[-1] is embeddings[1]
    assert len(learned) <= 2


def test_a_withdrawn_job_ends_after_a_few_points(a_backend, embeddings, points: np.ndarray) -> None:
    answers = iter([False, False, True])
    with job.running(job.Job(lambda text: None, lambda: next(answers))), pytest.raises(Cancelled):
        a_backend.decode_points(embeddings[0], points)
    assert next(answers, None) is None


@pytest.mark.parametrize("lost", ["slice_part", "point_part", "mask_part"])
def test_kept_graphs_have_all_parts(a_network, converted, tmp_path, monkeypatch, lost: str) -> None:
    shutil.copytree(converted, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("RWTHSAM_CACHE", str(tmp_path / "cache"))
    assert not begins_to_convert(a_network, tmp_path / "small.pt")
    next(tmp_path.rglob(f"*.{lost}.bin")).unlink()
    assert begins_to_convert(a_network, tmp_path / "small.pt")


def begins_to_convert(network: torch.nn.Module, weights: Path, to_the_end: bool = False) -> bool:
    """Whether getting the graphs means to convert the network, which is called off unless the end is asked for."""
    said: list[str] = []
    with job.running(job.Job(said.append, lambda: not to_the_end)), suppress(Cancelled):
        graphs = graphs_of(network, weights, ANY)
        assert {"slice_part", "point_part", "mask_part"} <= set(graphs.by_part())
    return any("Converting" in text for text in said)


def worst_dice(found: Decoded, expected: Decoded) -> float:
    """Smallest Dice of any mask."""
    pairs = zip(found.logits.reshape(-1, 256, 256) > 0, expected.logits.reshape(-1, 256, 256) > 0, strict=True)
    return min(dice(one, other) for one, other in pairs)
