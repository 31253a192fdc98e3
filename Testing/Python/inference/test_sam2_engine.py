"""SAM 2.1 behind the engine: its masks are those of upstream's image predictor, on slices of any shape."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")
pytest.importorskip("sam2", reason="needs SAM 2.1's package (install the 'torch' extra)")

from network_parts import CHAINS, Upstream, masks_of, tiny_sam2_network, worst_dice  # noqa: E402

from RWTHSAMLib.algorithms.automatic.filters import boxes_xyxy  # noqa: E402
from RWTHSAMLib.algorithms.automatic.generator import automatic_masks  # noqa: E402
from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts  # noqa: E402
from RWTHSAMLib.core.settings.automatic import AutomaticSettings  # noqa: E402
from RWTHSAMLib.errors import SettingsError  # noqa: E402
from RWTHSAMLib.inference.backends.choice import make_backend  # noqa: E402
from RWTHSAMLib.inference.backends.sam2_backend import Sam2Backend  # noqa: E402
from RWTHSAMLib.inference.cache.embedding_budget import embedding_bytes  # noqa: E402
from RWTHSAMLib.inference.devices import DeviceChoice  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402
from RWTHSAMLib.models.catalogue import model  # noqa: E402
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell  # noqa: E402

NAME = "sam2_1_hiera_tiny"
ENOUGH = 0.995
CHAINS_OF_ALL_KINDS = (
    "refined by a click inside and one outside",
    "a box refined by a negative click",
    "the third candidate, refined",
)


@pytest.fixture(scope="module")
def both() -> tuple[SamEngine, Upstream]:
    """The engine and upstream's image predictor with the same small network."""
    network = tiny_sam2_network()
    return SamEngine(Sam2Backend(network, "cpu"), model(NAME), "0" * 64), Upstream(network, "sam2_1")


@pytest.fixture(scope="module")
def a_wide_slice() -> SliceImage:
    return SliceImage.from_values(cylindrical_cell((16, 96, 120), seed=3).grey_kji[8])


@pytest.mark.parametrize("name", CHAINS_OF_ALL_KINDS)
def test_masks_are_those_of_upstream(both, a_wide_slice: SliceImage, name: str) -> None:
    (engine, upstream), prompts = both, CHAINS[name]
    expected = upstream.masks(a_wide_slice, prompts)
    assert worst_dice(masks_of(engine.segment(a_wide_slice, prompts)), expected) >= ENOUGH
    assert 0 < expected.mean() < 1


def test_prompts_at_once_are_one_pass_of_upstream(both, a_wide_slice: SliceImage) -> None:
    engine, upstream = both
    prompts = Prompts((PointPrompt(60, 48), PointPrompt(5, 5, False), BoxPrompt(30, 20, 90, 76)))
    found = masks_of(engine.segment_at_once(a_wide_slice, prompts))
    assert worst_dice(found, upstream.masks_at_once(a_wide_slice, prompts)) >= ENOUGH


def test_an_embedding_takes_what_was_said(both, a_wide_slice: SliceImage) -> None:
    engine, _ = both
    assert engine.embed(a_wide_slice).nbytes == embedding_bytes(model(NAME), a_wide_slice.shape_yx)


def test_low_resolution_masks_lie_where_the_full_ones_do_on_slices_that_are_no_squares(both, a_wide_slice) -> None:
    engine, _ = both
    embedding = engine.embed(a_wide_slice)
    point_xy = np.array([[60.0, 48.0]])
    decoded = engine.backend.decode_points(embedding, point_xy)
    pixels_per_logit_xyxy = np.tile(1 / embedding.logits_per_pixel_xy, 2)
    for candidate, low in enumerate(decoded.logits[0]):
        full = engine.backend.full_logits(embedding, low, point_xy[0], candidate)
        assert full.shape == a_wide_slice.shape_yx
        expected = boxes_xyxy(full[None] > 0)[0]
        np.testing.assert_allclose(boxes_xyxy(low[None] > 0)[0] * pixels_per_logit_xyxy, expected, atol=2)


def test_automatic_masks_are_found(both, a_wide_slice) -> None:
    engine, _ = both
    settings = AutomaticSettings(points_per_side=2, pred_iou_thresh=0.0, stability_score_thresh=0.0)
    found = automatic_masks(engine, a_wide_slice, settings)
    assert found and all(each.mask.shape_yx == a_wide_slice.shape_yx for each in found)


def test_colours_reach_the_network(both) -> None:
    engine, upstream = both
    rgb = SliceImage(np.random.default_rng(3).integers(0, 256, (70, 90, 3), dtype=np.uint8))
    prompts = Prompts((PointPrompt(40, 30),))
    assert worst_dice(masks_of(engine.segment(rgb, prompts)), upstream.masks(rgb, prompts)) >= ENOUGH


def test_openvino_is_refused_in_a_sentence(tmp_path) -> None:
    with pytest.raises(SettingsError, match=r"SAM 2\.1 Hiera tiny runs in PyTorch alone"):
        make_backend(tiny_sam2_network, model(NAME), tmp_path / "none.pt", DeviceChoice("cpu", ""), "openvino", "auto")
