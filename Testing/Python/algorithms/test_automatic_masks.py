"""Automatic masks are upstream's, found with less work; filters agree with their plain definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")

from network_parts import tiny_engine, tiny_network  # noqa: E402

from RWTHSAMLib.algorithms.automatic.crops import Crop, crops_of, grid_xy  # noqa: E402
from RWTHSAMLib.algorithms.automatic.filters import boxes_xyxy, is_cut_by_crop, without_small_regions  # noqa: E402
from RWTHSAMLib.algorithms.automatic.generator import automatic_masks  # noqa: E402
from RWTHSAMLib.algorithms.automatic.non_maximum_suppression import (  # noqa: E402
    box_iou,
    least_box_iou,
    non_maximum_suppression,
)
from RWTHSAMLib.core.automatic_mask import mask_of_run_lengths, run_lengths  # noqa: E402
from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.mask import Mask  # noqa: E402
from RWTHSAMLib.core.prompts import PointPrompt, Prompts  # noqa: E402
from RWTHSAMLib.core.settings.automatic import AutomaticSettings  # noqa: E402
from RWTHSAMLib.errors import Cancelled, SettingsError  # noqa: E402
from RWTHSAMLib.inference import job  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402
from RWTHSAMLib.models.catalogue import model  # noqa: E402
from RWTHSAMLib.models.loading import load_network  # noqa: E402

MODEL, QUICK = "mobile_sam_vit_t", "mobile_sam_vit_t_512"
SAME_MASK_IOU = 0.9
SEED = 21


@pytest.fixture(scope="module")
def untrained() -> SamEngine:
    """A small network: what it answers does not matter."""
    return tiny_engine(tiny_network(input_size=256, decoder_layers=2))


@pytest.fixture(scope="module")
def published(converted_weights: Path) -> Iterator[SamEngine]:
    """MobileSAM at the size it was trained for."""
    pytest.importorskip("openvino")
    engine = SamEngine.load(MODEL, converted_weights, backend="openvino", precision="f32")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def trained(quick_weights: Path) -> Iterator[SamEngine]:
    """The same weights at the smaller input, whose points are decoded in a quarter of the time."""
    pytest.importorskip("openvino")
    engine = SamEngine.load(QUICK, quick_weights, backend="openvino", precision="f32")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def quick(real_weights: Path) -> Iterator[SamEngine]:
    """The same in PyTorch, as upstream computes."""
    engine = SamEngine.load(QUICK, real_weights, device="cpu", backend="torch")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def cement(volumes: Path) -> SliceImage:
    tifffile = pytest.importorskip("tifffile")
    return SliceImage(tifffile.imread(volumes / "qim3d_cement_128x128x128.tif")[64])


@pytest.fixture(scope="module")
def battery(volumes: Path) -> SliceImage:
    tifffile = pytest.importorskip("tifffile")
    grey = tifffile.imread(volumes / "battery_slice_1.tif").astype(float)
    return SliceImage(((grey - grey.min()) / np.ptp(grey) * 255).astype(np.uint8))


@pytest.fixture
def noise() -> SliceImage:
    return SliceImage(np.random.default_rng(SEED).integers(0, 256, (40, 56), dtype=np.uint8))


@pytest.fixture
def some_masks() -> np.ndarray:
    rng = np.random.default_rng(SEED)
    masks = np.zeros((30, 40, 50), bool)
    for mask in masks:
        (y0, x0), (height, width) = rng.integers(0, 30, 2), rng.integers(1, 20, 2)
        mask[y0 : y0 + height, x0 : x0 + width] = True
    return masks


def mask_iou(first: Mask, second: Mask) -> float:
    one, other = first.to_array(), second.to_array()
    return float(np.count_nonzero(one & other) / max(1, np.count_nonzero(one | other)))


def share_found(wanted: list[Mask], found: list[Mask]) -> float:
    """Share of the wanted masks that are among the found ones."""
    again = [max((mask_iou(each, other) for other in found), default=0.0) >= SAME_MASK_IOU for each in wanted]
    return sum(again) / len(again)


def adaptive_masks(engine: SamEngine, image: SliceImage, settings: AutomaticSettings) -> tuple[list[Mask], int]:
    """Masks of the adaptive mode, and how many points it asked."""
    asked: list[int] = []
    decode = engine.backend.decode_points
    engine.backend.decode_points = lambda embedding, points, least: (
        asked.append(len(points)) or decode(embedding, points, least)
    )
    try:
        return [each.mask for each in automatic_masks(engine, image, settings, "adaptive")], sum(asked)
    finally:
        del engine.backend.decode_points


def upstream_masks(name: str, weights: Path, image: SliceImage, settings: AutomaticSettings) -> list[Mask]:
    from mobile_sam import SamAutomaticMaskGenerator

    network = load_network(model(name), weights)
    network.image_encoder.img_size = model(name).input_size  # upstream's predictor asks for it
    grids = settings.point_grids
    options = {
        "points_per_side": settings.points_per_side,
        "point_grids": None if grids is None else [np.array(each) for each in grids],
        "pred_iou_thresh": settings.pred_iou_thresh,
        "stability_score_thresh": settings.stability_score_thresh,
        "crop_n_layers": settings.crop_n_layers,
        "crop_n_points_downscale_factor": settings.crop_n_points_downscale_factor,
    }
    return [
        Mask.from_array(each["segmentation"])
        for each in SamAutomaticMaskGenerator(network, **options).generate(image.rgb())
    ]


def test_many_points_at_once_are_decoded_as_each_alone(untrained: SamEngine, noise: SliceImage) -> None:
    embedding = untrained.embed(noise)
    points = np.array([(3, 4), (50, 30), (20, 39)])
    together = untrained.backend.decode_points(embedding, points)
    for n, (x, y) in enumerate(points):
        alone = untrained.backend.decode(embedding, Prompts((PointPrompt(int(x), int(y)),)), None, True)
        assert np.allclose(together.logits[n], alone.logits, atol=1e-3)
        assert np.allclose(together.predicted_iou[n], alone.predicted_iou, atol=1e-4)


def test_exhaustive_finds_what_upstream_finds(quick: SamEngine, real_weights: Path, cement: SliceImage) -> None:
    check_found(quick, real_weights, cement, AutomaticSettings(points_per_side=5, pred_iou_thresh=0.8))


def test_exhaustive_finds_what_upstream_finds_with_crops(quick, real_weights: Path, cement: SliceImage) -> None:
    settings = AutomaticSettings(
        points_per_side=4, crop_n_layers=1, crop_n_points_downscale_factor=2, pred_iou_thresh=0.8
    )
    check_found(quick, real_weights, cement, settings)


def test_points_of_ones_own_find_what_upstream_finds(quick: SamEngine, real_weights: Path, cement: SliceImage) -> None:
    rng = np.random.default_rng(SEED)
    print(f"seed {SEED}")
    grid = tuple((x, y) for x, y in rng.random((25, 2)).tolist())
    settings = AutomaticSettings(
        points_per_side=None, point_grids=(grid,), pred_iou_thresh=0.7, stability_score_thresh=0.8
    )
    check_found(quick, real_weights, cement, settings)


def test_every_point_of_ones_own_is_asked_where_a_grid_would_leave_most_out(
    untrained: SamEngine, noise: SliceImage
) -> None:
    pixels = [(x, y) for x in range(0, 56, 3) for y in (0, 1, 39)]
    _, asked = adaptive_masks(untrained, noise, AutomaticSettings().asking(pixels, noise.shape_yx))
    assert asked == len(pixels)


@pytest.mark.parametrize("corner", [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
def test_a_point_at_the_very_edge_is_asked(untrained: SamEngine, noise: SliceImage, corner) -> None:
    loose = {"pred_iou_thresh": 0, "stability_score_thresh": 0}
    settings = AutomaticSettings(points_per_side=None, point_grids=((corner,),), **loose)
    _, asked = adaptive_masks(untrained, noise, settings)
    assert asked == 1


def check_found(engine: SamEngine, weights: Path, image: SliceImage, settings: AutomaticSettings) -> None:
    """Whether the engine's masks are those of upstream's generator with the same network."""
    ours = [each.mask for each in automatic_masks(engine, image, settings, "exhaustive")]
    theirs = upstream_masks(engine.entry.name, weights, image, settings)
    assert len(theirs) > 5
    assert share_found(theirs, ours) >= 0.95
    assert share_found(ours, theirs) >= 0.95


@pytest.mark.parametrize(("side", "least"), [(8, 8), pytest.param(14, 25, marks=pytest.mark.long)])
def test_adaptive_covers_what_exhaustive_finds(published: SamEngine, cement: SliceImage, side: int, least: int) -> None:
    settings = AutomaticSettings(points_per_side=side)
    quick, _ = adaptive_masks(published, cement, settings)
    full = [each.mask for each in automatic_masks(published, cement, settings, "exhaustive")]
    assert len(full) > least
    assert share_found(full, quick) >= 0.95


# the denser the grid, the larger the share that need not be asked
@pytest.mark.parametrize(
    ("which", "side", "most"), [("trained", 12, 0.7), pytest.param("published", 20, 0.5, marks=pytest.mark.long)]
)
def test_adaptive_asks_few_points_where_there_is_little_to_find(
    request, battery: SliceImage, which: str, side: int, most: float
) -> None:
    engine, settings = request.getfixturevalue(which), AutomaticSettings(points_per_side=side)
    quick, asked = adaptive_masks(engine, battery, settings)
    full = [each.mask for each in automatic_masks(engine, battery, settings, "exhaustive")]
    assert len(full) >= 2
    assert share_found(full, quick) == 1
    assert asked < most * side**2


def test_no_masks_are_a_normal_result(untrained: SamEngine, noise: SliceImage) -> None:
    strict = AutomaticSettings(points_per_side=3, pred_iou_thresh=1.0)
    assert automatic_masks(untrained, noise, strict) == ()


def test_loose_filters_give_records_with_upstreams_fields(untrained: SamEngine, noise: SliceImage) -> None:
    loose = AutomaticSettings(points_per_side=3, pred_iou_thresh=0, stability_score_thresh=0)
    untrained_rating = replace(loose, box_nms_thresh=1.0)
    records = automatic_masks(untrained, noise, untrained_rating, "exhaustive")
    for record in records:
        document = record.to_dict()
        assert document["area"] == record.mask.area
        assert document["crop_box"] == [0, 0, 56, 40]
        assert set(document) == {
            "segmentation", "area", "bbox", "predicted_iou", "point_coords", "stability_score", "crop_box",
        }  # fmt: skip


def test_a_withdrawn_job_ends(untrained: SamEngine, noise: SliceImage) -> None:
    with job.running(job.Job(lambda text: None, lambda: True)), pytest.raises(Cancelled):
        automatic_masks(untrained, noise, AutomaticSettings(points_per_side=2))


def test_an_unknown_mode_is_refused(untrained: SamEngine, noise: SliceImage) -> None:
    with pytest.raises(SettingsError, match="adaptive"):
        automatic_masks(untrained, noise, mode="fast")  # type: ignore[arg-type]


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_crops_and_points_lie_as_upstream_lays_them(layers: int) -> None:
    from segment_anything.utils.amg import build_all_layer_point_grids, generate_crop_boxes

    settings = AutomaticSettings(points_per_side=8, crop_n_layers=layers, crop_n_points_downscale_factor=2)
    boxes, numbers = generate_crop_boxes((301, 477), layers, settings.crop_overlap_ratio)
    ours = crops_of((301, 477), settings)
    assert [([each.x0, each.y0, each.x1, each.y1], each.layer) for each in ours] == list(
        zip(boxes, numbers, strict=True)
    )
    grids = build_all_layer_point_grids(8, layers, 2)
    for crop in ours:
        size = [crop.x1 - crop.x0, crop.y1 - crop.y0]
        assert np.allclose(grid_xy(crop, settings), grids[crop.layer] * size)


def test_points_of_ones_own_lie_in_the_parts_of_their_layer() -> None:
    grids = (((0.5, 0.25), (1.0, 0.0)), ((0.2, 0.4),))
    settings = AutomaticSettings(points_per_side=None, point_grids=grids, crop_n_layers=1)
    for crop in crops_of((301, 477), settings):
        size_xy = np.array([crop.x1 - crop.x0, crop.y1 - crop.y0])
        assert np.allclose(grid_xy(crop, settings), np.array(grids[crop.layer]) * size_xy)


def test_boxes_and_their_overlap_are_torchvisions(some_masks: np.ndarray) -> None:
    from segment_anything.utils.amg import batched_mask_to_box
    from torchvision.ops import box_iou as torch_box_iou
    from torchvision.ops import nms

    boxes = boxes_xyxy(some_masks)
    reference = batched_mask_to_box(torch.from_numpy(some_masks))
    assert np.array_equal(boxes, reference.numpy())
    assert np.allclose(
        box_iou(boxes[0], boxes), torch_box_iou(reference[:1].float(), reference.float())[0].numpy(), atol=1e-6
    )
    scores = np.random.default_rng(SEED).random(len(boxes))
    expected = nms(reference.float(), torch.from_numpy(scores).float(), 0.3).tolist()
    assert non_maximum_suppression(boxes, scores, 0.3) == expected


def test_the_least_overlap_is_no_larger_than_any_possible_one(some_masks: np.ndarray) -> None:
    rng = np.random.default_rng(SEED)
    boxes = boxes_xyxy(some_masks).astype(float)
    least = least_box_iou(boxes[0], boxes, tolerance=1.5)
    for _ in range(50):
        moved = boxes[0] + rng.uniform(-1.5, 1.5, 4)
        assert (least <= box_iou(moved, boxes) + 1e-9).all()


def test_a_mask_at_the_edge_of_a_crop_but_not_of_the_slice_is_cut() -> None:
    crop, shape = Crop(100, 0, 200, 100, layer=1), (100, 400)
    assert is_cut_by_crop(np.array([2, 40, 30, 60]), crop, shape)
    assert not is_cut_by_crop(np.array([40, 2, 60, 30]), crop, shape)


def test_run_lengths_are_those_of_upstream_and_go_back(some_masks: np.ndarray) -> None:
    from segment_anything.utils.amg import mask_to_rle_pytorch

    expected = mask_to_rle_pytorch(torch.from_numpy(some_masks))
    for mask, reference in zip(some_masks, expected, strict=True):
        document = run_lengths(Mask.from_array(mask))
        assert document == reference
        assert np.array_equal(mask_of_run_lengths(document).to_array(), mask)


def test_small_holes_are_filled_and_small_spots_removed() -> None:
    mask = np.zeros((30, 30), bool)
    mask[5:20, 5:20] = True
    mask[10, 10] = False
    mask[28, 28] = True
    cleaned, changed = without_small_regions(Mask.from_array(mask), smallest=4)
    assert changed
    assert cleaned.area == 15 * 15
    untouched, changed = without_small_regions(Mask.from_array(mask), smallest=1)
    assert (untouched.area, changed) == (15 * 15, False)
