"""``rwthsam auto`` finds pores in real cement, links them, and writes segments and a table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.batch.cli import main  # noqa: E402


@pytest.fixture
def settings(tmp_path) -> Path:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"points_per_side": 8, "points_per_batch": 16, "pred_iou_thresh": 0.85}))
    return path


def test_pores_go_through_several_slices(real_weights, volumes, settings, tmp_path) -> None:
    scan, output = volumes / "qim3d_cement_128x128x128.tif", tmp_path / "pores.seg.nrrd"
    options = ["--range", "60", "62", "--settings", str(settings), "--weights", str(real_weights)]
    assert main(["auto", str(scan), "-o", str(output), *options]) == 0
    rows = list(csv.DictReader((tmp_path / "pores.csv").open(encoding="utf-8")))
    slices_of = {row["instance"]: 0 for row in rows}
    for row in rows:
        slices_of[row["instance"]] += 1
        assert 60 <= int(row["slice_index"]) <= 62
    assert max(slices_of.values()) == 3
    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(output)))
    assert len(np.unique(labels)) - 1 <= len(slices_of)
    assert np.count_nonzero(labels) > 100


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
