"""The quality of cells as a step of a job."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_parts import rows_of, write_job

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.main import main


def test_cells_are_measured_with_what_was_segmented_before(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    for seed, name in enumerate(("one", "two")):
        words = ["--shape", "20", "64", "64", "--seed", str(seed), "--labels", str(tmp_path / f"{name}.seg.nrrd")]
        assert main(["phantom", str(tmp_path / f"scans/{name}.nrrd"), *words]) == 0
    found = {"segmentation": "{name}.seg.nrrd", "roll": ["Anode", "Cathode"]}
    assert main(["batch", "--in-process", str(write_job(tmp_path, [{"quality": found}]))]) == 0
    for name in ("one", "two"):
        results = tmp_path / "results" / name
        assert {each.name for each in results.iterdir()} == {f"{name}-quality.csv", f"{name}-quality-along-k.csv"}
        alone = ["quality", str(tmp_path / f"{name}.seg.nrrd"), str(tmp_path / f"scans/{name}.nrrd")]
        assert main([*alone, "-o", str(tmp_path / "alone.csv"), "--roll", "Anode", "Cathode"]) == 0
        assert (results / f"{name}-quality.csv").read_text() == (tmp_path / "alone.csv").read_text()
        assert "roll_thickness_mean,mm" in (tmp_path / "alone.csv").read_text()
        assert rows_of(tmp_path)[name]["tasks_computed"] == "1"
