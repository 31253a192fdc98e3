"""The fast way on a CPU gives PyTorch masks; its converted graphs are kept, checked, and put only where they may be."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")
pytest.importorskip("openvino", reason="needs OpenVINO (install the 'openvino' extra)")

from network_parts import (  # noqa: E402
    CHAINS,
    CLICK,
    masks_of,
    save_initial_weights,
    tiny_engine,
    tiny_hq_network,
    tiny_network,
    worst_dice,
)
from run_folder import share_graphs  # noqa: E402

from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.prompts import PointPrompt, Prompts  # noqa: E402
from RWTHSAMLib.core.window import Window  # noqa: E402
from RWTHSAMLib.errors import Cancelled, SettingsError, WeightsMismatch  # noqa: E402
from RWTHSAMLib.inference import job  # noqa: E402
from RWTHSAMLib.inference.backends.openvino_backend import OpenVinoBackend  # noqa: E402
from RWTHSAMLib.inference.backends.openvino_graphs import Graphs, graphs_of, kept_graphs  # noqa: E402
from RWTHSAMLib.inference.backends.torch_backend import TorchBackend  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402
from RWTHSAMLib.models.catalogue import model  # noqa: E402
from RWTHSAMLib.models.loading import load_network  # noqa: E402
from RWTHSAMLib.models.openvino_runtime import has_bf16  # noqa: E402
from RWTHSAMLib.models.weights import file_sha256  # noqa: E402
from RWTHSAMLib.worker.process import child_environment  # noqa: E402

SMALL, QUICK = "mobile_sam_vit_t", "mobile_sam_vit_t_512"
ANY = model("sam_vit_b")
"""Of the catalogue, for networks that are in none."""
ENOUGH = 0.995


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's real cache folder is touched."""
    monkeypatch.setenv("RWTHSAM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def a_network() -> torch.nn.Module:
    return tiny_network(input_size=128)


@pytest.fixture
def some_weights(a_network: torch.nn.Module, tmp_path: Path) -> Path:
    """The network's weights file in a folder of its own."""
    path = tmp_path / "weights" / "small.pt"
    path.parent.mkdir()
    torch.save(a_network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def converted(a_network: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights and graphs of the network, converted once; tests work on copies."""
    folder = tmp_path_factory.mktemp("converted")
    (folder / "weights").mkdir()
    torch.save(a_network.state_dict(), folder / "weights" / "small.pt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RWTHSAM_CACHE", str(folder / "cache"))
        graphs_of(a_network, folder / "weights" / "small.pt", ANY)
    return folder


@pytest.fixture
def converted_before(converted: Path, tmp_path: Path) -> Path:
    """The network's weights file as `some_weights`, its graphs kept already."""
    shutil.copytree(converted, tmp_path, dirs_exist_ok=True)
    return tmp_path / "weights" / "small.pt"


@pytest.fixture
def graphs_of_the_run(own_cache: Path) -> Path:
    """The test's cache, which holds the networks that were converted in this run."""
    return share_graphs(own_cache)


@pytest.fixture(scope="module")
def an_image() -> SliceImage:
    return SliceImage(np.random.default_rng(29).integers(0, 256, (96, 120), dtype=np.uint8))


@pytest.fixture(scope="module")
def real_slices(volumes: Path) -> dict[str, SliceImage]:
    tifffile = pytest.importorskip("tifffile")
    itk = pytest.importorskip("SimpleITK")
    cell = itk.GetArrayFromImage(itk.ReadImage(str(volumes / "liion_cell_xct_100x728x728_u8.nrrd")))
    chest = itk.GetArrayFromImage(itk.ReadImage(str(volumes / "CTChest4.nrrd")))
    return {
        "windings": SliceImage.from_values(tifffile.imread(volumes / "battery_slice_1.tif")),
        "cell": SliceImage(cell[70]),
        "chest": SliceImage.from_values(chest[len(chest) // 2], Window(-1350, 150)),
        "chest from the side": SliceImage.from_values(chest[:, :, chest.shape[2] // 2], Window(-1350, 150)),
    }


@pytest.fixture(scope="module")
def reference(quick_weights: Path) -> SamEngine:
    """MobileSAM that looks at 512 pixels, in PyTorch."""
    return SamEngine.load(QUICK, quick_weights, device="cpu", backend="torch", precision="f32")


@pytest.fixture(scope="module", params=["f32", "auto"])
def fast(request: pytest.FixtureRequest, quick_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> SamEngine:
    """The same network converted, in each precision."""
    return loaded_of_the_run(QUICK, quick_weights, request.param, tmp_path_factory)


@pytest.fixture(scope="module")
def published(converted_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> SamEngine:
    """MobileSAM at the size it was trained for, 1024 pixels."""
    return loaded_of_the_run(SMALL, converted_weights, "f32", tmp_path_factory)


def loaded_of_the_run(name: str, weights: Path, precision: str, tmp_path_factory: pytest.TempPathFactory) -> SamEngine:
    """A model whose graphs were converted in this run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RWTHSAM_CACHE", str(share_graphs(tmp_path_factory.mktemp("cache"))))
        return SamEngine.load(name, weights, backend="openvino", device="cpu", precision=precision)


def real_prompts(image: SliceImage) -> Iterator[Prompts]:
    """Clicks in the middle and towards the edge, one by one."""
    rows, columns = image.shape_yx
    first = Prompts((PointPrompt(columns // 2, rows // 2),))
    yield first
    yield first.adding(PointPrompt(columns // 3, rows // 3))
    yield first.adding(PointPrompt(columns // 3, rows // 3)).adding(PointPrompt(2, 2, False))


@pytest.mark.parametrize("name", ["windings", "cell", "chest", "chest from the side"])
def test_masks_of_real_slices_are_those_of_pytorch(fast, reference, real_slices, name: str) -> None:
    check_same_masks(fast, reference, real_slices[name])


def test_masks_at_the_published_size_are_those_of_pytorch(published, converted_weights: Path, real_slices) -> None:
    slow = SamEngine.load(SMALL, converted_weights, device="cpu", backend="torch", precision="f32")
    check_same_masks(published, slow, real_slices["cell"])


def check_same_masks(engine: SamEngine, reference: SamEngine, image: SliceImage) -> None:
    """Whether two engines have the same best mask for clicks one by one."""
    for prompts in real_prompts(image):
        expected = reference.segment(image, prompts).best.mask.to_array()
        assert worst_dice(engine.segment(image, prompts).best.mask.to_array()[None], expected[None]) >= ENOUGH


def test_a_first_click_is_decoded_as_by_the_whole_decoder(published, real_slices, monkeypatch) -> None:
    image = real_slices["cell"]
    embedding = published.embed(image, for_clicks=True)
    click = Prompts((PointPrompt(image.shape_yx[1] // 2, image.shape_yx[0] // 2),))
    quick = published.backend.decode(embedding, click, None, multimask=True)
    monkeypatch.setattr(published.backend, "_points", None)
    slow = published.backend.decode(embedding, click, None, multimask=True)
    np.testing.assert_allclose(quick.logits, slow.logits, atol=1e-2)
    np.testing.assert_allclose(quick.predicted_iou, slow.predicted_iou, atol=1e-4)


@pytest.mark.parametrize("name", ["windings", "cell", "chest", "chest from the side"])
def test_masks_of_a_smaller_input_are_near_those_of_the_published_one(reference, published, real_slices, name) -> None:
    # of a first click only: from there on the way depends on which candidate came first
    image = real_slices[name]
    prompts = next(real_prompts(image))
    expected = masks_of(published.segment(image, prompts))
    best = max(worst_dice(each[None], expected[:1]) for each in masks_of(reference.segment(image, prompts)))
    assert best >= 0.85, best


def test_converted_graphs_answer_as_the_network_does(
    any_quick_weights: Path, graphs_of_the_run: Path, an_image: SliceImage
) -> None:
    check_same_answers(both_engines(QUICK, any_quick_weights), an_image)


def test_converted_graphs_of_sam_hq_answer_as_the_network_does(tmp_path: Path, an_image: SliceImage) -> None:
    network, weights = tiny_hq_network(input_size=128), tmp_path / "weights.pt"
    torch.save(network.state_dict(), weights)
    converted = SamEngine(OpenVinoBackend(graphs_of(network, weights, ANY), "f32"), ANY, "0" * 64)
    check_same_answers((tiny_engine(network), converted), an_image)


@pytest.mark.long  # Light HQ-SAM at its real size; SAM-HQ at small size is compared above
def test_light_hq_sam_is_converted_faithfully(tmp_path: Path, an_image: SliceImage) -> None:
    weights = save_initial_weights("sam_hq_vit_tiny", tmp_path / "weights.pt")
    check_same_answers(both_engines("sam_hq_vit_tiny", weights), an_image)


def both_engines(name: str, weights: Path) -> tuple[SamEngine, SamEngine]:
    """A model of the catalogue in PyTorch and in OpenVINO."""
    slow, quick = (
        SamEngine.load(name, weights, device="cpu", backend=each, precision="f32") for each in ("torch", "openvino")
    )
    return slow, quick


def check_same_answers(engines: tuple[SamEngine, SamEngine], image: SliceImage) -> None:
    """Whether two engines have the same embedding and the same masks, whatever the prompts."""
    slow, quick = (each.embed(image) for each in engines)
    np.testing.assert_allclose(quick.features, slow.features, rtol=1e-3, atol=1e-3)
    for ours, theirs in zip(quick.others, slow.others, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3)
    for prompts in CHAINS.values():
        expected, found = (masks_of(each.segment(image, prompts)) for each in engines)
        assert worst_dice(found, expected) >= ENOUGH


@pytest.mark.long  # 91 million weights; the same architecture at small size is compared above
def test_sam_vit_b_is_converted_faithfully(tmp_path: Path, an_image: SliceImage) -> None:
    weights = save_initial_weights("sam_vit_b", tmp_path / "weights.pt")
    network = load_network(model("sam_vit_b"), weights)
    quick, slow = OpenVinoBackend(graphs_of(network, weights, ANY), "f32"), TorchBackend(network, "cpu", "f32")
    embedding = slow.encode(an_image)
    np.testing.assert_allclose(quick.encode(an_image).features, embedding.features, rtol=1e-3, atol=1e-3)
    expected = slow.decode(embedding, CLICK, None, multimask=True).logits
    np.testing.assert_allclose(quick.decode(embedding, CLICK, None, multimask=True).logits, expected, atol=1e-3)


@pytest.mark.parametrize("first", ["", "import conftest, openvino"], ids=["the product", "the tests"])
def test_nobody_is_told_of_a_conversion(first: str) -> None:
    program = f"""
{first}
from RWTHSAMLib.models.openvino_runtime import import_openvino
import_openvino()
from openvino.tools.ovc import convert_impl
print(convert_impl.tm.__name__)
"""
    environment = child_environment(None, None)
    environment["PYTHONPATH"] = os.pathsep.join((str(Path(__file__).parents[1]), environment.get("PYTHONPATH", "")))
    said = subprocess.check_output([sys.executable, "-c", program], env=environment, text=True)
    assert said.strip() == "openvino.tools.ovc.telemetry_stub"


def test_graphs_are_kept_under_the_hash_of_the_weights(converted_before: Path, own_cache: Path) -> None:
    kept = kept_files(converted_before, own_cache)
    assert len(kept) == 5
    assert all(file_sha256(converted_before)[:16] in each.name for each in kept)


@pytest.mark.parametrize("mode", [0o755, 0o555], ids=["a folder of one's own", "a shared folder"])
def test_graphs_are_kept_in_the_cache_folder_never_beside_the_weights(
    a_network: torch.nn.Module, some_weights: Path, own_cache: Path, mode: int
) -> None:
    some_weights.parent.chmod(mode)
    graphs_of(a_network, some_weights, ANY)
    assert len(list((own_cache / "openvino").iterdir())) == 5
    assert [each.name for each in some_weights.parent.iterdir()] == [some_weights.name]


def test_kept_graphs_are_not_converted_again(a_network, converted_before: Path) -> None:
    assert not converts(a_network, converted_before)


def test_other_weights_of_the_same_name_get_graphs_of_their_own(a_network, converted_before: Path) -> None:
    torch.save(tiny_network(seed=8, input_size=128).state_dict(), converted_before)
    assert would_convert(a_network, converted_before)


@pytest.mark.parametrize("harm", ["shortened", "one byte changed", "manifest lost", "manifest no JSON", "graph lost"])
def test_damaged_graphs_are_converted_again(a_network, converted_before: Path, own_cache: Path, harm: str) -> None:
    folder = kept_files(converted_before, own_cache)[0].parent
    damage(folder, harm)
    assert converts(a_network, converted_before)
    assert not converts(a_network, converted_before)
    assert len(list(folder.iterdir())) == 5


@pytest.mark.long  # converts MobileSAM at its real size; a small network's shared folder is looked at above
def test_the_shared_weights_are_left_alone(real_weights: Path, own_cache: Path, an_image: SliceImage) -> None:
    if real_weights.parent.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        pytest.skip(f"{real_weights.parent} may be written to here")
    before = sorted(real_weights.parent.rglob("*"))
    SamEngine.load(SMALL, real_weights, backend="openvino", device="cpu").segment(an_image, CLICK)
    assert sorted(real_weights.parent.rglob("*")) == before
    assert list((own_cache / "openvino").iterdir())


def test_an_interrupted_conversion_leaves_nothing_half(a_network, some_weights: Path, own_cache: Path) -> None:
    with job.running(job.Job(say=lambda text: None, interrupted=lambda: True)), pytest.raises(Cancelled):
        graphs_of(a_network, some_weights, ANY)
    assert [each.name for each in some_weights.parent.iterdir()] == [some_weights.name]
    assert not own_cache.exists()
    assert graphs_of(a_network, some_weights, ANY).encoder.inputs


def test_a_cache_folder_that_cannot_be_made_is_no_reason_to_fail(a_network, some_weights, own_cache: Path) -> None:
    own_cache.write_text("a file is in the way", encoding="utf-8")
    assert graphs_of(a_network, some_weights, ANY).encoder.inputs
    assert own_cache.read_text(encoding="utf-8") == "a file is in the way"


def test_encoding_stops_when_nobody_waits_any_more(
    any_quick_weights: Path, graphs_of_the_run: Path, an_image: SliceImage
) -> None:
    backend = OpenVinoBackend(graphs_kept(any_quick_weights), "f32")
    asked: list[bool] = []
    with job.running(job.Job(lambda text: None, lambda: asked.append(True) or True)), pytest.raises(Cancelled):
        backend.encode(an_image)
    assert asked
    assert np.isfinite(backend.encode(an_image).features).all()


def test_a_precision_that_the_processor_lacks_is_refused_before_anything_is_converted(
    any_quick_weights: Path, own_cache: Path
) -> None:
    for precision in ["f16"] if has_bf16() else ["f16", "bf16"]:
        with pytest.raises(SettingsError, match=precision):
            SamEngine.load(QUICK, any_quick_weights, device="cpu", backend="openvino", precision=precision)
    assert not own_cache.exists()


def test_with_graphs_that_are_kept_nothing_that_builds_the_network_is_needed(
    any_quick_weights: Path, graphs_of_the_run: Path
) -> None:
    program = f"""
import sys
sys.modules.update(dict.fromkeys(("torchvision", "timm", "mobile_sam", "segment_anything")))
import numpy as np
from pathlib import Path
from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.inference.engine import SamEngine
engine = SamEngine.load({QUICK!r}, Path({str(any_quick_weights)!r}), device="cpu", precision="f32")
answer = engine.segment(SliceImage(np.zeros((40, 50), np.uint8)), Prompts((PointPrompt(1, 1),)))
print(answer.best.mask.to_array().shape)
print(engine.device)
"""
    said = subprocess.check_output([sys.executable, "-c", program], env=child_environment(None, None), text=True)
    assert said.splitlines() == ["(40, 50)", "the CPU with OpenVINO"]


def test_kept_graphs_are_not_taken_for_those_of_another_model(any_quick_weights: Path, graphs_of_the_run: Path) -> None:
    assert kept_graphs(any_quick_weights, model(QUICK)) is not None
    with pytest.raises(WeightsMismatch, match="Light HQ-SAM"):
        SamEngine.load("sam_hq_vit_tiny", any_quick_weights, device="cpu", backend="openvino")


def test_the_description_says_what_computes(any_quick_weights: Path, graphs_of_the_run: Path) -> None:
    engine = SamEngine.load(QUICK, any_quick_weights, device="cpu", backend="auto")
    assert engine.device == "the CPU with OpenVINO"
    assert "MobileSAM" in engine.description and engine.backend.precision in engine.description


def graphs_kept(weights: Path) -> Graphs:
    """The graphs of the quick model that were converted in this run."""
    graphs = kept_graphs(weights, model(QUICK))
    assert graphs is not None
    return graphs


def kept_files(weights: Path, cache: Path) -> list[Path]:
    """The graphs and their manifest, wherever they are kept."""
    folders = [folder for folder in (weights.parent / "openvino", cache / "openvino") if folder.is_dir()]
    return sorted(path for folder in folders for path in folder.iterdir())


def converts(network: torch.nn.Module, weights: Path) -> bool:
    """Whether asking for the graphs converted the network."""
    said: list[str] = []
    with job.running(job.Job(said.append, lambda: False)):
        graphs_of(network, weights, ANY)
    return any("Converting" in text for text in said)


def would_convert(network: torch.nn.Module, weights: Path) -> bool:
    """Whether asking for the graphs begins to convert the network; it is called off then."""
    said: list[str] = []
    with job.running(job.Job(said.append, lambda: True)), suppress(Cancelled):
        graphs_of(network, weights, ANY)
    return any("Converting" in text for text in said)


def damage(folder: Path, harm: str) -> None:
    manifest = next(folder.glob("*.json"))
    graph = next(folder.glob("*.decoder.bin"))
    if harm == "shortened":
        graph.write_bytes(graph.read_bytes()[:-1])
    elif harm == "one byte changed":
        content = bytearray(graph.read_bytes())
        content[1000] ^= 1
        graph.write_bytes(content)
    elif harm == "manifest no JSON":
        manifest.write_text("{")
    else:
        (manifest if harm == "manifest lost" else graph).unlink()
