"""The project's own network behind the engine: without PyTorch, at the slice's own resolution, else like any model."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_net import noisy_slice

from RWTHSAMLib.algorithms.automatic.generator import automatic_masks
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask, Segmentation, dice
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import Cancelled, DependencyMissing, PromptError, SettingsError, WeightsMismatch, WeightsNotFound
from RWTHSAMLib.inference import job
from RWTHSAMLib.inference.backends.net_backend import _low_logits
from RWTHSAMLib.inference.cache.embedding_budget import embedding_bytes
from RWTHSAMLib.inference.cache.embedding_cache import CacheSettings, EmbeddingCache
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.models import weights as weights_places
from RWTHSAMLib.models.catalogue import model
from RWTHSAMLib.models.openvino_runtime import has_bf16, lacks_avx2
from RWTHSAMLib.models.rwthsam_net import weights_file
from RWTHSAMLib.models.weights import default_model, download_weights, find_weights

NAME = "rwthsam_net"
CLICK = Prompts((PointPrompt(40, 30),))
CHAINS = {
    "one click": CLICK,
    "a negative click": CLICK.adding(PointPrompt(5, 8, False)),
    "four clicks": CLICK.adding(PointPrompt(60, 44)).adding(PointPrompt(5, 8, False)).adding(PointPrompt(9, 50)),
    "a box": Prompts((BoxPrompt(20, 15, 70, 60),)),
    "a box refined": Prompts((BoxPrompt(20, 15, 70, 60), PointPrompt(30, 50, False))),
    "the third candidate, refined": CLICK.choosing(2).adding(PointPrompt(10, 40)),
}
EVERY_CHAIN = pytest.mark.parametrize("prompts", CHAINS.values(), ids=CHAINS)
SHAPES = {"small": (61, 71), "multiple of 32": (64, 96), "one row more": (65, 96), "colour": (64, 80, 3)}


def loaded(weights: Path, **options: object) -> SamEngine:
    return SamEngine.load(NAME, weights, **{"device": "cpu", "backend": "openvino", "precision": "f32", **options})


@pytest.fixture(scope="module")
def engine(tiny_net_weights: Path) -> SamEngine:
    return loaded(tiny_net_weights)


@pytest.fixture(scope="module")
def reference(tiny_net_weights: Path) -> SamEngine:
    return loaded(tiny_net_weights, backend="torch")


@pytest.fixture(scope="module")
def following_weights(tiny_net_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same network, as if it had been trained to find objects again by the mask of the slice before."""
    path = tmp_path_factory.mktemp("following") / "rwthsam_net.zip"
    content = weights_file.read(tiny_net_weights)
    weights_file.write(path, replace(content, about={"settings": {"followed_share": 0.3}}))
    return path


@pytest.fixture(params=SHAPES.values(), ids=SHAPES)
def an_image(request) -> SliceImage:
    return SliceImage(np.random.default_rng(3).integers(0, 256, request.param, dtype=np.uint8))


@pytest.fixture
def a_slice() -> SliceImage:
    return SliceImage(noisy_slice(61, 71))


def same(one: Segmentation, other: Segmentation) -> bool:
    pairs = zip(one.candidates, other.candidates, strict=True)
    return all(
        np.array_equal(a.mask.to_array(), b.mask.to_array()) and np.array_equal(a.logits, b.logits) for a, b in pairs
    )


def test_a_first_prompt_gives_three_candidates_the_best_first(engine: SamEngine, an_image: SliceImage) -> None:
    answer = engine.segment(an_image, CLICK)
    ratings = [each.predicted_iou for each in answer.candidates]
    assert len(ratings) == 3 and ratings == sorted(ratings, reverse=True) and 0 <= ratings[-1] <= ratings[0] <= 1
    assert all(each.mask.shape_yx == an_image.shape_yx for each in answer.candidates)
    assert len(engine.segment(an_image, CLICK.adding(PointPrompt(9, 9))).candidates) == 1


@EVERY_CHAIN
def test_openvino_s_masks_are_pytorch_s(
    engine: SamEngine, reference: SamEngine, an_image: SliceImage, prompts: Prompts
) -> None:
    found, right = engine.segment(an_image, prompts), reference.segment(an_image, prompts)
    for ours, theirs in zip(found.candidates, right.candidates, strict=True):
        assert dice(ours.mask.to_array(), theirs.mask.to_array()) > 0.99
        assert ours.predicted_iou == pytest.approx(theirs.predicted_iou, abs=1e-3)


@EVERY_CHAIN
def test_the_answer_depends_on_slice_and_prompts_alone(
    tiny_net_weights: Path, engine: SamEngine, a_slice: SliceImage, prompts: Prompts
) -> None:
    engine.segment(SliceImage(noisy_slice(61, 71, seed=9)), CLICK)
    engine.segment(a_slice, CLICK.choosing(1))
    assert same(engine.segment(a_slice, prompts), loaded(tiny_net_weights).segment(a_slice, prompts))


def square(shape: tuple[int, ...], side: int) -> Mask:
    inside = np.zeros(shape[:2], bool)
    inside[20 : 20 + side, 30 : 30 + side] = True
    return Mask.from_array(inside)


def test_a_network_that_was_not_trained_to_follow_is_shown_no_mask(engine: SamEngine, an_image: SliceImage) -> None:
    assert engine.follow(an_image, CLICK, square(an_image.pixels.shape, 20)) is None


def test_a_network_that_follows_answers_by_the_mask_before(following_weights: Path, an_image: SliceImage) -> None:
    follower, reference = loaded(following_weights), loaded(following_weights, backend="torch")
    small, large = square(an_image.pixels.shape, 12), square(an_image.pixels.shape, 36)
    answers = [follower.follow(an_image, CLICK, each) for each in (small, large)]
    assert not np.array_equal(answers[0].best.logits, answers[1].best.logits)
    right = reference.follow(an_image, CLICK, large)
    assert len(right.candidates) == 1 and right.best.mask.shape_yx == an_image.shape_yx
    assert dice(answers[1].best.mask.to_array(), right.best.mask.to_array()) > 0.99


def test_a_mask_is_shown_where_it_lies_on_slices_that_are_made_smaller(following_weights: Path) -> None:
    """As if the network had drawn it: sure inside, sure outside, and unsure where a place holds both."""
    mask = square((1400, 700), 600)
    low = _low_logits(mask, (1024, 512))
    assert low.shape == (512, 256) and low.max() == -low.min() == 4
    rows, columns = np.nonzero(low > 0)
    scale = 1024 / 1400 / 2
    assert (rows.min(), columns.min()) == pytest.approx((20 * scale, 30 * scale), abs=1)
    assert (rows.max(), columns.max()) == pytest.approx((619 * scale, 629 * scale), abs=1.5)


def test_an_embedding_from_the_disk_gives_the_same_masks(tiny_net_weights: Path, a_slice, tmp_path: Path) -> None:
    settings = CacheSettings(folder=tmp_path)
    first = loaded(tiny_net_weights, cache=EmbeddingCache(settings)).segment(a_slice, CLICK)
    again = loaded(tiny_net_weights, cache=EmbeddingCache(settings))
    again.backend.encode = None  # type: ignore[method-assign,assignment] # it must not be needed
    assert same(again.segment(a_slice, CLICK), first)


def test_prompts_outside_and_none_are_refused(engine: SamEngine, a_slice: SliceImage) -> None:
    with pytest.raises(PromptError, match="outside"):
        engine.segment(a_slice, Prompts((PointPrompt(71, 3),)))
    with pytest.raises(PromptError, match="no prompt"):
        engine.segment(a_slice, Prompts())


def test_all_prompts_at_once_give_one_mask_of_the_slice(engine: SamEngine, a_slice: SliceImage) -> None:
    answer = engine.segment_at_once(a_slice, CHAINS["a box refined"])
    assert len(answer.candidates) == 1 and answer.best.mask.shape_yx == a_slice.shape_yx


@pytest.mark.parametrize("shape_yx", [(1, 1), (1, 40), (33, 2)])
def test_slices_of_a_few_pixels_are_answered(engine: SamEngine, shape_yx: tuple[int, int]) -> None:
    answer = engine.segment(SliceImage(np.full(shape_yx, 9, np.uint8)), Prompts((PointPrompt(0, 0),)))
    assert all(each.mask.shape_yx == shape_yx for each in answer.candidates)


def test_other_windows_are_other_pictures(engine: SamEngine) -> None:
    values = np.random.default_rng(1).integers(0, 65536, (50, 60), dtype=np.uint16)
    wide, narrow = (SliceImage.from_values(values, Window(0, upper)) for upper in (65535, 20000))
    assert not same(engine.segment(wide, CLICK), engine.segment(narrow, CLICK))
    assert same(engine.segment(wide, CLICK), engine.segment(SliceImage(wide.pixels.copy()), CLICK))


def test_a_large_slice_is_seen_smaller_and_answered_in_its_own_size(engine: SamEngine) -> None:
    large = SliceImage(np.kron(noisy_slice(70, 64), np.ones((16, 32), np.uint8)))  # 1120 x 2048
    embedding = engine.embed(large)
    assert embedding.input_size == (560, 1024) and embedding.original_size == (1120, 2048)
    small = SliceImage(np.asarray(large.pixels[::2, ::2]))
    there, here = engine.segment(large, Prompts((PointPrompt(900, 700),))), Prompts((PointPrompt(450, 350),))
    halved = there.best.mask.to_array()[::2, ::2]
    assert there.best.mask.shape_yx == (1120, 2048)
    assert dice(halved, engine.segment(small, here).best.mask.to_array()) > 0.9


def test_a_tile_of_a_large_slice_is_seen_pixel_by_pixel(engine: SamEngine) -> None:
    large = SliceImage(noisy_slice(1100, 1300))
    tile = (200, 50, 1223, 1073)
    answer = engine.segment(large, Prompts((PointPrompt(700, 600),), tile_xyxy=tile))
    part = SliceImage(np.ascontiguousarray(large.pixels[50:1074, 200:1224]))
    alone = engine.segment(part, Prompts((PointPrompt(500, 550),)))
    for whole, own in zip(answer.candidates, alone.candidates, strict=True):
        inside = whole.mask.to_array()[50:1074, 200:1224]
        assert np.array_equal(inside, own.mask.to_array())


def test_many_points_at_once_are_decoded_as_each_alone(engine: SamEngine, a_slice: SliceImage) -> None:
    embedding = engine.embed(a_slice)
    points = np.array([(3, 4), (50, 30), (20, 59), (1, 1), (70, 60)])
    together = engine.backend.decode_points(embedding, points)
    for number, (x, y) in enumerate(points):
        alone = engine.backend.decode(embedding, Prompts((PointPrompt(int(x), int(y)),)), None, True)
        np.testing.assert_allclose(together.logits[number], alone.logits, atol=1e-4)
        np.testing.assert_allclose(together.predicted_iou[number], alone.predicted_iou, atol=1e-5)
        for candidate in range(3):
            full = engine.backend.full_logits(embedding, together.logits[number, candidate], points[number], candidate)
            assert np.array_equal(full > 0, alone.masks[candidate])


@pytest.mark.parametrize("mode", ["exhaustive", "adaptive"])
def test_an_automatic_mask_is_what_a_click_on_its_point_offers(engine: SamEngine, a_slice: SliceImage, mode) -> None:
    # an untrained network's masks are much alike: none may count as the copy of another
    limits = {"pred_iou_thresh": 0.0, "stability_score_thresh": 0.0, "box_nms_thresh": 1.0, "crop_nms_thresh": 1.0}
    settings = AutomaticSettings(points_per_side=4, crop_n_layers=1, **limits)
    records = automatic_masks(engine, a_slice, settings, mode)
    whole = [each for each in records if each.crop_xywh == (0, 0, 71, 61)]
    assert len(records) > 3 and whole
    for each in whole:
        decoded = engine.backend.decode_points(engine.embed(a_slice), np.array([each.point_xy]))
        fulls = [
            engine.backend.full_logits(engine.embed(a_slice), low, np.array(each.point_xy), number) > 0
            for number, low in enumerate(decoded.logits[0])
        ]
        assert any(np.array_equal(each.mask.to_array(), full) for full in fulls)


def test_what_is_computed_stops_when_nobody_wants_it(engine: SamEngine, a_slice: SliceImage) -> None:
    embedding = engine.embed(a_slice)
    stopped = job.Job(lambda text: None, lambda: True)
    with job.running(stopped), pytest.raises(Cancelled):
        engine.backend.encode(a_slice)
    with job.running(stopped), pytest.raises(Cancelled):
        engine.backend.decode_points(embedding, np.array([(3, 4)]))
    assert same(engine.segment(a_slice, CLICK), engine.segment(a_slice, CLICK))


@pytest.mark.parametrize("shape_yx", [(61, 71), (728, 700), (1300, 2100)])
def test_an_embedding_takes_what_was_said(shape_yx: tuple[int, int]) -> None:
    from RWTHSAMLib.inference.backends.net_backend import NetBackend
    from RWTHSAMLib.models.rwthsam_net.network import RwthSamNet
    from RWTHSAMLib.models.rwthsam_net.runners import TorchRunner

    embedding = NetBackend(TorchRunner(RwthSamNet()), "cpu", "f32").encode(SliceImage(np.zeros(shape_yx, np.uint8)))
    assert embedding.nbytes == embedding_bytes(model(NAME), shape_yx)
    assert all(each.dtype == np.float16 for each in embedding.arrays)


def test_the_stated_parameter_count_is_the_network_s_own() -> None:
    from RWTHSAMLib.models.rwthsam_net.network import RwthSamNet

    assert sum(each.numel() for each in RwthSamNet().parameters()) == model(NAME).parameter_count


# what it says of itself, and what it needs


def test_the_engine_says_what_runs_where(engine: SamEngine, tiny_net_weights: Path) -> None:
    assert engine.description == "RWTHSAM-Net on the CPU with OpenVINO, f32."
    assert engine.weights_sha256 == weights_places.file_sha256(tiny_net_weights)


def test_nothing_of_pytorch_is_imported_for_it(tiny_net_weights: Path, tmp_path: Path) -> None:
    program = f"""
import sys
sys.modules["torch"] = None
import numpy as np
from pathlib import Path
from RWTHSAMLib.algorithms.automatic.generator import found_masks
from RWTHSAMLib.algorithms.propagation.seed import seed_of
from RWTHSAMLib.algorithms.propagation.step import take_step
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.inference.engine import SamEngine

engine = SamEngine.load({NAME!r}, Path({str(tiny_net_weights)!r}))
values = np.arange(40 * 50, dtype=np.uint16).reshape(40, 50)
image = SliceImage.from_values(values)
assert engine.segment(image, Prompts((PointPrompt(9, 9), PointPrompt(30, 20, False)))).best.mask.shape_yx == (40, 50)
found_masks(engine, image, AutomaticSettings(points_per_side=2, pred_iou_thresh=0.1), "adaptive")
square = Mask((40, 50), (10, 10), np.ones((20, 20), bool))
take_step(engine, image, values, square, seed_of(values, square), 3)
print(engine.description)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("RWTHSAM-Net on the CPU with OpenVINO")


def without_modules(weights: Path, *names: str, **options: object) -> str:
    """What loading says where modules are not installed: its description, or its error."""
    program = (
        f"import sys; sys.modules.update({dict.fromkeys(names)!r})\n"
        "from pathlib import Path\n"
        "from RWTHSAMLib.errors import RwthSamError\n"
        "from RWTHSAMLib.inference.engine import SamEngine\n"
        "try:\n"
        f"    print(SamEngine.load({NAME!r}, Path({str(weights)!r}), **{options!r}).description)\n"
        "except RwthSamError as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_without_openvino_pytorch_takes_its_place_and_that_is_said(tiny_net_weights: Path) -> None:
    said = without_modules(tiny_net_weights, "openvino")
    assert said.startswith("RWTHSAM-Net on the CPU with PyTorch, f32 (OpenVINO, several times faster, is not used:")


def test_with_neither_it_is_said_what_to_install(tiny_net_weights: Path) -> None:
    said = without_modules(tiny_net_weights, "openvino", "torch")
    assert said.startswith("DependencyMissing") and "pip install openvino" in said


def test_a_gpu_without_pytorch_is_refused_with_what_to_install(tiny_net_weights: Path) -> None:
    said = without_modules(tiny_net_weights, "torch", device="cuda")
    assert said.startswith("DependencyMissing") and "rwthsam models install sam" in said


def test_settings_that_cannot_be_had_are_refused(tiny_net_weights: Path) -> None:
    for options in ({"precision": "f16"}, {"backend": "onnx"}, {"device": "tpu"}, {"precision": "f8"}):
        with pytest.raises(SettingsError):
            loaded(tiny_net_weights, **options)
    with pytest.raises(SettingsError, match="OpenVINO runs on the CPU"):
        loaded(tiny_net_weights, device="cuda")
    if not has_bf16():
        with pytest.raises(SettingsError, match="bf16"):
            loaded(tiny_net_weights, precision="bf16")


def test_a_processor_without_avx2_is_told() -> None:
    assert lacks_avx2(frozenset({"sse2", "sse4_2", "avx"}))
    assert not lacks_avx2(frozenset({"sse2", "avx2"}))
    assert not lacks_avx2(frozenset()) and not lacks_avx2(frozenset({"asimd", "fp"}))


# its weights


def test_weights_that_are_missing_cut_or_changed_are_refused_in_a_sentence(
    tiny_net_weights: Path, tmp_path: Path
) -> None:
    with pytest.raises(WeightsNotFound, match="nowhere"):
        loaded(tmp_path / "nowhere.zip")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(tiny_net_weights.read_bytes()[:-300])
    with pytest.raises(WeightsMismatch, match="cut.zip"):
        loaded(cut)
    changed, older = tmp_path / "changed.zip", tmp_path / "older.zip"
    rewritten(tiny_net_weights, changed, "encoder.bin", lambda content: content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(WeightsMismatch, match="changed"):
        loaded(changed)
    rewritten(tiny_net_weights, older, "manifest.json", of_an_older_version)
    with pytest.raises(WeightsMismatch, match="version 0"):
        loaded(older)


def rewritten(source: Path, target: Path, name: str, change) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            new.writestr(each, change(old.read(each)) if each == name else old.read(each))


def of_an_older_version(manifest: bytes) -> bytes:
    document = json.loads(manifest)
    document["settings"]["format"] = 0
    del document["sha256"]["manifest.json"]  # as then
    return json.dumps(document).encode()


def test_weights_of_a_segment_anything_model_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "sam.pt"
    path.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(WeightsMismatch, match=r"sam\.pt"):
        loaded(path)


def test_it_is_the_default_as_soon_as_its_weights_are_there(tiny_net_weights: Path, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(weights_places, "own_weights_folder", lambda: tmp_path)
    nothing_fetched = {"RWTHSAM_CACHE": str(tmp_path / "cache")}
    assert default_model(environ=nothing_fetched) == "mobile_sam_vit_t"
    (tmp_path / "rwthsam_net.zip").write_bytes(tiny_net_weights.read_bytes())
    assert default_model(environ=nothing_fetched) == NAME
    assert find_weights(model(NAME), environ={}) == tmp_path / "rwthsam_net.zip"


def test_who_has_fetched_mobile_sam_begins_with_it(tiny_net_weights: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(weights_places, "own_weights_folder", lambda: tiny_net_weights.parent)
    fetched = tmp_path / "weights" / model("mobile_sam_vit_t").file_name
    fetched.parent.mkdir()
    fetched.touch()
    assert default_model(environ={"RWTHSAM_CACHE": str(tmp_path)}) == "mobile_sam_vit_t"
    assert default_model(environ={"RWTHSAM_WEIGHTS": str(fetched.parent)}) == "mobile_sam_vit_t"


def test_missing_weights_say_that_they_come_with_a_release(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(weights_places, "own_weights_folder", lambda: tmp_path)
    with pytest.raises(WeightsNotFound, match="come with releases"):
        find_weights(model(NAME), environ={})
    with pytest.raises(Exception, match="nothing to fetch"):
        download_weights(model(NAME), tmp_path)


def test_a_named_file_counts_for_the_kind_of_network_that_it_is_of(tiny_net_weights: Path, tmp_path: Path) -> None:
    other = tmp_path / "mobile_sam.pt"
    other.touch()
    assert find_weights(model(NAME), environ={"RWTHSAM_WEIGHTS": str(tiny_net_weights)}) == tiny_net_weights
    assert find_weights(model("mobile_sam_vit_t"), environ={"RWTHSAM_WEIGHTS": str(other)}) == other
    with pytest.raises(WeightsNotFound):
        empty = {"RWTHSAM_WEIGHTS": str(tiny_net_weights), "RWTHSAM_CACHE": str(tmp_path)}
        find_weights(model("mobile_sam_vit_t"), environ=empty)


def test_who_names_a_file_has_chosen_its_kind_of_network(tiny_net_weights: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(weights_places, "own_weights_folder", lambda: tiny_net_weights.parent)
    monkeypatch.setattr(weights_places, "weights_folder", lambda environ=None: tmp_path)
    assert default_model(environ={}) == NAME
    assert default_model(Path("mobile_sam.pt"), environ={}) == "mobile_sam_vit_t"
    assert default_model(environ={"RWTHSAM_WEIGHTS": str(tmp_path / "sam.pth")}) == "mobile_sam_vit_t"
    assert default_model(environ={"RWTHSAM_WEIGHTS": str(tmp_path)}) == NAME
    monkeypatch.setattr(weights_places, "own_weights_folder", lambda: tmp_path)
    assert default_model(tiny_net_weights, environ={}) == NAME
    assert default_model(environ={"RWTHSAM_WEIGHTS": str(tiny_net_weights.parent)}) == NAME


def test_a_segment_anything_model_without_pytorch_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from RWTHSAMLib.inference.engine import SamEngine\n"
        "SamEngine.load('mobile_sam_vit_t', Path(sys.argv[1]))\n"
    )
    path = tmp_path / "weights.pt"
    path.touch()
    ended = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True)
    assert DependencyMissing.__name__ in ended.stderr and "rwthsam models install sam" in ended.stderr
