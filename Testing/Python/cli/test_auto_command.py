"""``rwthsam auto`` finds pores in real cement, links them, and writes segments and a table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import tifffile

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.main import main  # noqa: E402
from RWTHSAMLib.core.profile import profile_of_names  # noqa: E402


def settings_file(folder: Path) -> Path:
    path = folder / "settings.json"
    path.write_text(json.dumps({"points_per_side": 6, "points_per_batch": 16, "pred_iou_thresh": 0.85}))
    return path


def table_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def pores(real_weights, volumes, tmp_path_factory) -> Path:
    """Pores of three slices, written by the command."""
    folder = tmp_path_factory.mktemp("pores")
    options = ["--range", "60", "62", "--settings", str(settings_file(folder)), "--weights", str(real_weights)]
    scan = volumes / "qim3d_cement_128x128x128.tif"
    assert main(["auto", str(scan), "-o", str(folder / "pores.seg.nrrd"), *options]) == 0
    return folder / "pores.seg.nrrd"


def test_pores_go_through_several_slices(pores) -> None:
    rows = table_of(pores.with_name("pores-objects.csv"))
    assert max(int(row["slice_count"]) for row in rows) == 3
    for row in rows:
        first, last = int(row["first_slice"]), int(row["last_slice"])
        assert 60 <= first <= last <= 62 and int(row["slice_count"]) == last - first + 1
        assert float(row["volume_mm3"]) > 0 and row["class"] == f"Object {row['object']}"
    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(pores)))
    assert 0 < len(np.unique(labels)) - 1 <= len(rows)
    assert np.count_nonzero(labels) > 100


def test_points_of_ones_own_are_asked_instead_of_a_grid(trained_weights, tmp_path, capsys) -> None:
    scan, output = tmp_path / "disc.tif", tmp_path / "disc.seg.nrrd"
    rows, columns = np.ogrid[:96, :128]
    tifffile.imwrite(scan, np.where((rows - 30) ** 2 + (columns - 40) ** 2 < 400, 200, 50).astype(np.uint8))
    options = ["--grid-point", "0.3125", "0.3125", "--weights", str(trained_weights)]
    assert main(["auto", str(scan), "-o", str(output), *options]) == 0
    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(output)))
    assert 1000 < np.count_nonzero(labels) < 1600
    capsys.readouterr()
    assert main(["provenance", str(output), "-o", str(tmp_path / "record.json")]) == 0
    assert "0.3125" in (tmp_path / "record.json").read_text(encoding="utf-8")


def test_a_profile_without_rules_is_refused_before_anything_is_read(tmp_path, capsys) -> None:
    (tmp_path / "plain.json").write_text(profile_of_names("Plain", ["A"]).to_json())
    assert main(["auto", "none.tif", "-o", str(tmp_path / "o.seg.nrrd"), "--rules", str(tmp_path / "plain.json")]) == 2
    assert "no rules" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--range", "5", "500"], "0 to 127"),
        (["--settings", "none.json"], "none.json"),
    ],
    ids=["range", "settings"],
)
def test_what_cannot_be_used_is_said_before_the_network_is_loaded(options, said, volumes, tmp_path, capsys) -> None:
    scan = str(volumes / "qim3d_cement_128x128x128.tif")
    assert main(["auto", scan, "-o", str(tmp_path / "out.seg.nrrd"), *options]) == 2
    assert said in capsys.readouterr().err


@pytest.fixture(scope="module")
def nested(trained_weights, tmp_path_factory) -> Path:
    """A bright square in a dark one in grey, three slices, and what the command is asked with."""
    folder = tmp_path_factory.mktemp("nested")
    grey = np.full((3, 96, 96), 120, np.uint8)
    grey[:, 20:76, 20:76], grey[:, 38:58, 38:58] = 20, 230
    sitk.WriteImage(sitk.GetImageFromArray(grey), str(folder / "nested.nrrd"))
    return folder / "nested.nrrd"


def looked_through(scan: Path, output: Path, weights: Path, *options: str) -> None:
    words = ["auto", str(scan), "-o", str(output), "--weights", str(weights), "--points-per-side", "6"]
    easy = ["--pred-iou-thresh", "0.5", "--stability-score-thresh", "0.5", "--keep-doubtful"]
    assert main([*words, *easy, *options]) == 0


def test_rules_of_a_profile_make_classes(nested, trained_weights, tmp_path) -> None:
    limits = {"points_per_side": 6, "pred_iou_thresh": 0.5, "stability_score_thresh": 0.5}
    profile = {
        **json.loads(profile_of_names("Squares", ["Dark", "Bright"]).to_json()),
        "automatic": {"settings": limits, "rules": [{"class": "dark", "mean_grey": [None, 100]}]},
    }
    (tmp_path / "squares.json").write_text(json.dumps(profile))
    output = tmp_path / "classes.seg.nrrd"
    options = ["--range", "1", "1", "--rules", str(tmp_path / "squares.json"), "--weights", str(trained_weights)]
    assert main(["auto", str(nested), "-o", str(output), *options]) == 0
    rows = table_of(tmp_path / "classes-objects.csv")
    greys = {name: [float(row["mean_grey"]) for row in rows if row["class"] == name] for name in ("Dark", "")}
    assert sum(len(each) for each in greys.values()) == len(rows)
    assert greys["Dark"] and max(greys["Dark"]) <= 100 and greys[""] and min(greys[""]) > 100
    assert set(np.unique(sitk.GetArrayFromImage(sitk.ReadImage(str(output))))) == {0, 1}


def test_objects_beside_a_grey_range_or_a_region_are_left_out(nested, trained_weights, tmp_path) -> None:
    one = ["--range", "1", "1"]
    for name, options in (
        ("all", []),
        ("dark", ["--grey", "open", "60"]),
        ("corner", ["--region", "0", "0", "30", "95"]),
    ):
        looked_through(nested, tmp_path / f"{name}.seg.nrrd", trained_weights, *one, *options)
    every, dark = (table_of(tmp_path / f"{name}-objects.csv") for name in ("all", "dark"))
    greys = [float(row["mean_grey"]) for row in every]
    assert [float(row["mean_grey"]) for row in dark] == [each for each in greys if each <= 60] and max(greys) > 60
    corner = table_of(tmp_path / "corner-objects.csv")
    assert len(corner) < len(every) and all(row in every for row in corner)


def test_the_counts_are_those_of_the_file_and_shared_voxels_are_told(nested, trained_weights, tmp_path, capsys) -> None:
    written = {}
    for who in ("smaller", "larger"):
        output = tmp_path / f"{who}.seg.nrrd"
        looked_through(nested, output, trained_weights, "--nested", who)
        said = capsys.readouterr()
        written[who] = sitk.GetArrayFromImage(sitk.ReadImage(str(output)))
        assert f"{np.count_nonzero(written[who])} voxels in all" in said.out.splitlines()
        assert f"lie in another object too: the {who} one has them" in said.err
    assert len(np.unique(written["smaller"])) > len(np.unique(written["larger"]))


def test_the_file_says_how_its_objects_were_found_and_a_replay_gives_the_same_voxels(
    nested, trained_weights, tmp_path, capsys
) -> None:
    output, record, again = (tmp_path / name for name in ("o.seg.nrrd", "record.json", "again.seg.nrrd"))
    looked_through(nested, output, trained_weights)
    assert main(["provenance", str(output), "-o", str(record)]) == 0
    document = json.loads(record.read_text())
    assert {each["source"] for each in document["steps"]} == {"automatic masks"}
    assert document["steps"][0]["details"]["points_per_side"] == 6
    assert main(["segment", str(nested), str(record), "-o", str(again), "--weights", str(trained_weights)]) == 0
    before, after = (sitk.GetArrayFromImage(sitk.ReadImage(str(each))) for each in (output, again))
    assert np.array_equal(before > 0, after > 0) and len(np.unique(before)) == len(np.unique(after))


@pytest.mark.parametrize("option", ["--least-overlap", "--doubtful-below"])
def test_limits_of_overlap_and_doubt_are_said(option: str, nested, tmp_path, capsys) -> None:
    assert main(["auto", str(nested), "-o", str(tmp_path / "o.seg.nrrd"), option, "-1"]) == 2
    assert option.strip("-").replace("-", "_") in capsys.readouterr().err
