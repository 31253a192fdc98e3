"""``rwthsam quality``: how well a cell is made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.main import OK, USAGE, main
from RWTHSAMLib.volumes import scan

ROLL = ["--roll", "Anode", "Cathode", "Separator"]


@pytest.fixture(scope="module")
def a_cell(tmp_path_factory) -> Path:
    """A folder with a phantom of a cylindrical cell and its classes."""
    folder = tmp_path_factory.mktemp("cell")
    words = ["--shape", "40", "96", "96", "--seed", "4", "--labels", str(folder / "cell.seg.nrrd")]
    assert main(["phantom", str(folder / "cell.nrrd"), *words]) == OK
    return folder


def quality(folder: Path, output: str, *words: str) -> int:
    inputs = [str(folder / "cell.seg.nrrd"), str(folder / "cell.nrrd")]
    return main(["quality", *inputs, "-o", str(folder / output), *words])


def test_a_phantom_is_measured(a_cell, capsys) -> None:
    assert quality(a_cell, "cell.json", *ROLL) == OK
    found = json.loads((a_cell / "cell.json").read_text())
    assert found["parts"]["roll"] == ["Anode", "Cathode", "Separator"] and found["length_unit"] == "mm"
    summary = found["summary"]
    assert 17 < summary["can_diameter"]["max"] < 18.6 and summary["can_roundness"]["max"] > 0.98
    assert 0 <= summary["core_offset"]["mean"] < 1
    assert summary["roll_thickness_min"]["mean"] < summary["roll_thickness_max"]["mean"] < 9
    assert found["notes"] == [
        line for line in capsys.readouterr().err.splitlines() if "overhang" in line or "No" in line
    ]


def test_a_part_without_a_class_is_told_of_and_not_made_up(a_cell, capsys) -> None:
    assert quality(a_cell, "cell.csv") == OK
    said = capsys.readouterr()
    assert "No class is known as the roll" in said.err and "--roll" in said.err
    rows = (a_cell / "cell.csv").read_text()
    assert "core_offset,mm" in rows and "roll_thickness" not in rows and "gap" not in rows
    assert said.out.splitlines() == [str(a_cell / "cell.csv"), str(a_cell / "cell-along-k.csv")]
    assert len((a_cell / "cell-along-k.csv").read_text().splitlines()) == 41


def test_a_scan_without_room_in_memory_gives_the_same(a_cell, monkeypatch, capsys) -> None:
    assert quality(a_cell, "whole.csv", *ROLL, "--voxel-size", ".2", ".2", ".3") == OK
    monkeypatch.setattr(scan, "is_too_large", lambda byte_count, times_held=4: True)
    monkeypatch.setattr("RWTHSAMLib.cli.reading.is_too_large", lambda byte_count, times_held=4: True)
    assert quality(a_cell, "disk.csv", *ROLL, "--voxel-size", ".2", ".2", ".3") == OK
    assert "it is read from the disk" in capsys.readouterr().err
    for name in ("{}.csv", "{}-along-k.csv"):
        assert (a_cell / name.format("disk")).read_text() == (a_cell / name.format("whole")).read_text()
    assert quality(a_cell, "disk-j.csv", "--axis", "j") == USAGE
    assert "along k only" in capsys.readouterr().err


def test_without_a_unit_lengths_are_in_voxels(a_cell, capsys) -> None:
    assert quality(a_cell, "plain.csv", "--no-unit") == OK
    assert "lengths are in voxels" in capsys.readouterr().err
    assert "core_offset,voxel," in (a_cell / "plain.csv").read_text()


def test_a_class_that_is_not_there_or_nothing_to_measure_is_refused(a_cell, capsys) -> None:
    assert quality(a_cell, "no.csv", "--core", "Pin") == USAGE
    assert "--core: there is no class 'Pin'; there are Can" in capsys.readouterr().err
    assert not (a_cell / "no.csv").exists()
    assert quality(a_cell, "no.txt") == USAGE
    (a_cell / "taken-along-k.csv").write_text("something else")
    assert quality(a_cell, "taken.csv") == USAGE
    assert "is something else; it is not replaced unasked" in capsys.readouterr().err


def test_the_report_has_the_same_numbers(a_cell) -> None:
    inputs = [str(a_cell / "cell.seg.nrrd"), str(a_cell / "cell.nrrd")]
    assert main(["report", *inputs, "-o", str(a_cell / "cell.html")]) == OK
    page = (a_cell / "cell.html").read_text()
    assert quality(a_cell, "again.json") == OK
    summary = json.loads((a_cell / "again.json").read_text())["summary"]
    assert "Quality of the cell on the slices along k (core: Core, can: Can" in page
    row = page[page.index("Can, outer diameter (mm)") :].split("</tr>")[0]
    assert f"{summary['can_diameter']['mean']:.2f}" in row and f">{summary['can_diameter']['slice_of_max']}<" in row
