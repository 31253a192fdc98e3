"""The weights that are shipped do on held-out phantoms what was measured: a broken export is seen here."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Benchmarks"))

from click_protocol import dice_after_clicks, mean_at
from targets import Target, phantom_parts

from RWTHSAMLib.algorithms.automatic.generator import automatic_masks
from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.models.weights import default_model

SEEDS = (100_001, 100_002)
REACHED = {"core": {1: 0.91, 3: 0.97}, "can": {1: 0.95, 3: 0.97}, "roll or stack": {1: 0.97, 3: 0.89}}
"""A little under what the weights reached when they were shipped; see their model card."""
CHAINS = {
    "a click, then one outside": Prompts((PointPrompt(128, 128), PointPrompt(40, 200, False))),
    "a box": Prompts((BoxPrompt(60, 60, 200, 200),)),
}


@pytest.fixture(scope="module")
def the_shipped_engine(own_weights: Path) -> SamEngine:
    return SamEngine.load("rwthsam_net", own_weights, device="cpu", backend="openvino", precision="f32")


@pytest.fixture(scope="module")
def phantoms() -> dict[str, list[Target]]:
    return phantom_parts(SEEDS)


@pytest.mark.parametrize("part", REACHED)
def test_clicks_on_held_out_phantoms_find_the_part(the_shipped_engine, phantoms, part: str) -> None:
    scores = [dice_after_clicks(the_shipped_engine, each.image, each.mask_yx, most=3) for each in phantoms[part]]
    for clicks, least in REACHED[part].items():
        assert mean_at(scores, clicks) >= least, f"{part} after {clicks} clicks: {scores}"


@pytest.mark.parametrize("prompts", CHAINS.values(), ids=CHAINS)
def test_the_shipped_graph_and_the_shipped_weights_say_the_same(the_shipped_engine, phantoms, prompts) -> None:
    pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")
    in_torch = SamEngine.load("rwthsam_net", device="cpu", backend="torch", precision="f32")
    image = phantoms["core"][0].image
    found, expected = the_shipped_engine.segment(image, prompts), in_torch.segment(image, prompts)
    for one, other in zip(found.candidates, expected.candidates, strict=True):
        assert dice(one.mask.to_array(), other.mask.to_array()) >= 0.999
        np.testing.assert_allclose(one.predicted_iou, other.predicted_iou, atol=1e-3)


def test_automatic_masks_with_default_thresholds_find_the_roll_and_little_else(the_shipped_engine, phantoms) -> None:
    for roll in phantoms["roll or stack"]:
        records = automatic_masks(the_shipped_engine, roll.image, AutomaticSettings(points_per_side=8))
        assert 1 <= len(records) <= 10
        assert max(dice(each.mask.to_array(), roll.mask_yx) for each in records) >= 0.8


def test_a_fresh_installation_begins_with_them(own_weights: Path, tmp_path: Path) -> None:
    assert default_model(environ={"RWTHSAM_CACHE": str(tmp_path)}) == "rwthsam_net"
