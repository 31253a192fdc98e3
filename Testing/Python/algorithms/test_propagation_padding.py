"""What a scanner has not seen, and fills with NaN, infinities or -32768, takes nothing from an object beside it."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.algorithms.propagation.in_volume import propagation_in
from RWTHSAMLib.core.mask import Mask
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.window import propose_window
from RWTHSAMLib.inference.engine import SamEngine

SEED = 11
FIRST, LAST = 1, 7


@pytest.fixture(scope="module")
def engine(own_weights) -> SamEngine:
    return SamEngine.load("rwthsam_net", own_weights, device="cpu", backend="openvino", precision="f32")


@pytest.fixture
def radius_px() -> np.ndarray:
    rows, columns = np.indices((96, 96))
    return np.hypot(columns - 48, rows - 48)


@pytest.fixture
def scan(radius_px: np.ndarray) -> np.ndarray:
    """A cell on slices 1 to 7 of ten, float32 (k, j, i)."""
    inside = np.where(radius_px < 8, 500.0, 1300.0)
    cell = np.where(radius_px < 36, inside, 300.0)
    empty = np.full_like(cell, 300.0)
    slices = [cell if FIRST <= k <= LAST else empty for k in range(10)]
    return (np.stack(slices) + np.random.default_rng(SEED).normal(0, 60, (10, 96, 96))).astype(np.float32)


@pytest.mark.parametrize("padding", [np.nan, -np.inf, -32768])
def test_an_object_that_fills_the_view_is_followed_as_if_nothing_were_missing_around_it(
    engine: SamEngine, scan: np.ndarray, radius_px: np.ndarray, padding: float
) -> None:
    cell, rules = radius_px < 36, PropagationSettings()
    scan[:, radius_px >= 38] = padding
    found = propagation_in(scan, "k", engine, propose_window(scan), rules).run({4: Mask.from_array(cell)}, 0, 9)
    for each in found.slices:
        there = each.mask.to_array()
        dice = 2 * np.count_nonzero(there & cell) / (np.count_nonzero(there) + np.count_nonzero(cell))
        is_cell = FIRST <= each.index <= LAST
        assert dice > 0.95 if is_cell else each.score < rules.doubtful_below, f"slice {each.index}, seed {SEED}"
    assert {*range(FIRST, LAST + 1)} <= {each.index for each in found.slices}
