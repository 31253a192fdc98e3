"""Small scans with things in them, and a step that finds them within seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_parts import EASY, write_scan

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with two scans."""
    write_scan(tmp_path / "scans/one.nrrd")
    write_scan(tmp_path / "scans/two.nrrd", seed=4)
    return tmp_path


@pytest.fixture
def auto(own_weights: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """A step that looks for everything, with the project's own network in one thread, as jobs have it by default."""
    monkeypatch.setenv("RWTHSAM_THREADS", "1")
    return {"auto": {**EASY, "weights": str(own_weights)}}
