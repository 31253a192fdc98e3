"""What preparing slices takes is known before, and equals what it takes then."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.inference.cache.embedding_budget import EmbeddingBudget, embedding_bytes
from RWTHSAMLib.inference.cache.embedding_cache import CacheSettings
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.models.catalogue import model

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("name", "weights"), [("mobile_sam_vit_t", "converted_weights"), ("mobile_sam_vit_t_512", "quick_weights")]
)
def test_an_embedding_takes_what_was_said(name: str, weights: str, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("openvino")
    engine = SamEngine.load(name, request.getfixturevalue(weights), backend="openvino", precision="f32")
    embedding = engine.embed(SliceImage(np.zeros((100, 80), np.uint8)))
    assert embedding.nbytes == embedding_bytes(engine.entry, (100, 80))


def test_sam_hq_takes_more() -> None:
    assert embedding_bytes(model("sam_hq_vit_b"), (9, 9)) == 4 * embedding_bytes(model("sam_vit_b"), (900, 900))


def test_slices_that_fit_are_told_in_a_sentence(tmp_path) -> None:
    settings = CacheSettings(512 * MEGABYTE, tmp_path, 8000 * MEGABYTE)
    budget = EmbeddingBudget(100, 4 * MEGABYTE, settings)
    assert budget.kept == 100 and budget.total_bytes == 400 * MEGABYTE
    kept = "What is prepared for 100 slices takes 400 MB and is kept on the disk for the next time."
    assert budget.text == kept
    without_folder = EmbeddingBudget(100, 4 * MEGABYTE, CacheSettings(512 * MEGABYTE, None, 0))
    assert without_folder.text == "What is prepared for 100 slices takes 400 MB and goes with the program."


@pytest.mark.parametrize(("has_folder", "kept"), [(True, 249), (False, 50)])
def test_slices_that_do_not_fit_are_counted(tmp_path, has_folder, kept) -> None:
    settings = CacheSettings(200 * MEGABYTE, tmp_path if has_folder else None, 1000 * MEGABYTE)
    budget = EmbeddingBudget(1000, 4 * MEGABYTE, settings)
    assert budget.kept == kept and f"Only {kept} of them stay" in budget.text
