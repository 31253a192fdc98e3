"""The quality of cells as a step of a job."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_parts import rows_of, write_job

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.main import main


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """A folder with two scans of cells, and their classes beside them."""
    (tmp_path / "scans").mkdir()
    for seed, name in enumerate(("one", "two")):
        words = ["--shape", "20", "64", "64", "--seed", str(seed), "--labels", str(tmp_path / f"{name}.seg.nrrd")]
        assert main(["phantom", str(tmp_path / f"scans/{name}.nrrd"), *words]) == 0
    return tmp_path


def test_cells_are_measured_with_what_was_segmented_before(cells: Path) -> None:
    found = {"segmentation": "{name}.seg.nrrd", "roll": ["Anode", "Cathode"]}
    assert main(["batch", "--in-process", str(write_job(cells, [{"quality": found}]))]) == 0
    for name in ("one", "two"):
        results = cells / "results" / name
        assert {each.name for each in results.iterdir()} == {f"{name}-quality.csv", f"{name}-quality-along-k.csv"}
        alone = ["quality", str(cells / f"{name}.seg.nrrd"), str(cells / f"scans/{name}.nrrd")]
        assert main([*alone, "-o", str(cells / "alone.csv"), "--roll", "Anode", "Cathode"]) == 0
        assert (results / f"{name}-quality.csv").read_text() == (cells / "alone.csv").read_text()
        assert "roll_thickness_mean,mm" in (cells / "alone.csv").read_text()
        assert rows_of(cells)[name]["tasks_computed"] == "1"


@pytest.mark.parametrize("ending", ["seg.nrrd", "ome.zarr"])
def test_a_class_that_a_file_lacks_is_told_of_before_work_begins(cells: Path, capsys, ending: str) -> None:
    if ending == "ome.zarr":
        pytest.importorskip("zarr")
        for name in ("one", "two"):
            assert main(["export", str(cells / f"{name}.seg.nrrd"), "-o", str(cells / f"{name}.ome.zarr")]) == 0
    found = {"segmentation": f"{{name}}.{ending}", "core": "Pin"}
    assert main(["batch", "--in-process", str(write_job(cells, [{"quality": found}]))]) == 2
    assert "--core: there is no class 'Pin'; there are" in capsys.readouterr().err
    assert not (cells / "results").exists()


def test_a_file_of_classes_that_is_damaged_is_a_line_and_the_others_are_done(cells: Path) -> None:
    (cells / "two.seg.nrrd").write_bytes(b"NRRD0004\nnothing")
    found = {"segmentation": "{name}.seg.nrrd", "roll": ["Anode", "Cathode"]}
    assert main(["batch", "--in-process", str(write_job(cells, [{"quality": found}]))]) == 3
    assert {name: row["state"] for name, row in rows_of(cells).items()} == {"one": "done", "two": "failed"}
