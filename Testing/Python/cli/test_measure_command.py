"""``rwthsam measure``: from a segmentation and its scan to a table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.main import USAGE, main  # noqa: E402
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402

SHAPE_KJI = (24, 64, 64)


@pytest.fixture(scope="module")
def phantom(tmp_path_factory) -> Path:
    """Folder with a generated cell and its true classes."""
    folder = tmp_path_factory.mktemp("phantom")
    shape, labels = [str(each) for each in SHAPE_KJI], str(folder / "cell.seg.nrrd")
    assert main(["phantom", str(folder / "cell.nrrd"), "--shape", *shape, "--labels", labels]) == 0
    return folder


def measure(phantom: Path, output: Path, *words: str) -> int:
    given = [str(phantom / "cell.seg.nrrd"), str(phantom / "cell.nrrd"), "-o", str(output)]
    return main(["measure", *given, *words])


def table(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return {(row["class"], row["part"]): row for row in csv.DictReader(file)}


def test_classes_are_measured_as_the_phantom_knows_them(phantom, tmp_path) -> None:
    assert measure(phantom, tmp_path / "table.csv") == 0
    scan, rows = read_volume(phantom / "cell.nrrd"), table(tmp_path / "table.csv")
    truth = cylindrical_cell(SHAPE_KJI).mask_kji("Core")
    core = rows["Core", "0"]
    assert int(core["voxel_count"]) == truth.sum()
    assert float(core["volume (mm3)"]) == pytest.approx(truth.sum() * np.prod(scan.spacing_mm), rel=1e-5)
    assert float(core["grey_mean (grey)"]) == pytest.approx(scan.array_kji[truth].mean(), rel=1e-5)
    assert float(core["phase_fraction"]) == pytest.approx(truth.mean(), rel=1e-5)


def test_parts_thickness_and_fractions_within_a_class_are_measured_on_request(phantom, tmp_path) -> None:
    words = ["--class", "Can", "--class", "Core", "--region", "Core", "--parts", "--thickness"]
    assert measure(phantom, tmp_path / "table.json", *words) == 0
    document = json.loads((tmp_path / "table.json").read_text())
    rows = {(row["class"], row["part"]): row for row in document["rows"]}
    assert {name for name, _ in rows} == {"Can", "Core"} and ("Core", 1) in rows
    assert rows["Core", 0]["phase_fraction"] == 1.0 and document["phase_fraction_of"] == "Core"
    can = rows["Can", 0]
    assert 0 < can["thickness_5"] <= can["thickness_median"] <= can["thickness_95"] < can["size_i"]


def test_a_size_of_voxels_that_is_not_to_be_trusted_is_not_used(phantom, tmp_path) -> None:
    assert measure(phantom, tmp_path / "table.csv", "--no-unit") == 0
    assert "volume (voxel3)" in table(tmp_path / "table.csv")["Core", "0"]


def test_a_given_size_of_voxels_counts_for_scan_and_classes(phantom, tmp_path) -> None:
    assert measure(phantom, tmp_path / "table.csv", "--voxel-size", "0.02", "0.02", "0.05") == 0
    core = table(tmp_path / "table.csv")["Core", "0"]
    assert float(core["volume (mm3)"]) == pytest.approx(int(core["voxel_count"]) * 0.02 * 0.02 * 0.05, rel=1e-5)


def test_what_is_measured_in_mm_is_not_said_to_be_in_voxels(phantom, tmp_path, capsys) -> None:
    size = ("--voxel-size", "0.02", "0.02", "0.05")
    assert measure(phantom, tmp_path / "table.csv", "--no-unit") == 0
    assert "are in voxels" in capsys.readouterr().err
    assert measure(phantom, tmp_path / "table.csv", "--no-unit", *size) == 0
    assert "volume (mm3)" in table(tmp_path / "table.csv")["Core", "0"]
    assert "are in voxels" not in capsys.readouterr().err


def test_a_size_of_voxels_that_is_none_is_refused_in_a_sentence(phantom, tmp_path, capsys) -> None:
    assert measure(phantom, tmp_path / "table.csv", "--voxel-size", "0", "1", "1") == USAGE
    assert (
        "three numbers from 1e-07 (0.1 nm) to 1000 mm" in capsys.readouterr().err
        and not (tmp_path / "table.csv").exists()
    )


def test_a_class_that_is_not_there_is_named(phantom, tmp_path, capsys) -> None:
    assert measure(phantom, tmp_path / "table.csv", "--class", "Nothing") == USAGE
    assert "'Nothing'" in capsys.readouterr().err and not (tmp_path / "table.csv").exists()


def test_a_class_is_measured_slice_by_slice_beside_the_table_or_in_it(phantom, tmp_path) -> None:
    words = ["--class", "Core", "--class", "Can", "--thickness", "--along", "k"]
    assert measure(phantom, tmp_path / "table.csv", *words) == 0
    with (tmp_path / "table-along-k.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    truth = cylindrical_cell(SHAPE_KJI).mask_kji("Core").sum(axis=(1, 2))
    core = [row for row in rows if row["class"] == "Core"]
    assert [int(float(row["voxel_count"])) for row in core] == truth.tolist() and len(rows) == 2 * SHAPE_KJI[0]
    assert all((row["thickness_mean (mm)"] == "") == (row["voxel_count"] == "0") for row in core)
    assert measure(phantom, tmp_path / "table.json", *words) == 0
    document = json.loads((tmp_path / "table.json").read_text())
    assert [each["class"] for each in document["along"]] == ["Core", "Can"]
    assert (
        document["along_quantities"]["thickness_mean"]["unit"] == "mm"
        and not (tmp_path / "table-along-k.json").exists()
    )


def test_how_many_parts_were_too_small_is_said_and_kept(phantom, tmp_path, capsys) -> None:
    assert measure(phantom, tmp_path / "all.csv", "--parts") == 0
    assert "left out" not in capsys.readouterr().err
    parts = sorted(int(row["voxel_count"]) for (_, part), row in table(tmp_path / "all.csv").items() if part != "0")
    least = parts[-1]  # all but the largest are smaller
    assert measure(phantom, tmp_path / "table.json", "--parts", "--least-voxels", str(least)) == 0
    document, said = json.loads((tmp_path / "table.json").read_text()), capsys.readouterr().err
    left_out = document["parts_left_out"]
    assert sum(each["parts"] for each in left_out) == sum(each < least for each in parts) > 0
    assert sum(each["voxels"] for each in left_out) == sum(each for each in parts if each < least)
    assert said.count("left out of the table") == len(left_out)


@pytest.mark.parametrize("least", ["0", "-3"])
def test_parts_of_fewer_than_one_voxel_are_refused(phantom, tmp_path, capsys, least) -> None:
    assert measure(phantom, tmp_path / "table.csv", "--parts", "--least-voxels", least) == USAGE
    assert "least_voxels: expected 1 to" in capsys.readouterr().err and not (tmp_path / "table.csv").exists()
