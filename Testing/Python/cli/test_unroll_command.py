"""``rwthsam unroll``: a roll becomes a flat scan, and labels of that come back to the roll."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from RWTHSAMLib.cli.main import USAGE, main
from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.volumes import lazy_volume, scan
from RWTHSAMLib.volumes.read import VolumeData, read_volume
from RWTHSAMLib.volumes.volume_data import upright_grid
from RWTHSAMLib.volumes.write import write_volume

PLACE = ["--center", "40.5", "38", "--inner", "5", "--outer", "34"]


@pytest.fixture
def a_roll(tmp_path) -> Path:
    """Rings of two grey values, in three slices."""
    j, i = np.indices((80, 84))
    rings = np.where(np.hypot(i - 40.5, j - 38) % 6 < 3, 200, 50).astype(np.uint8)
    grid = upright_grid((0.1, 0.1, 0.4))
    write_volume(VolumeData(np.stack([rings] * 3), grid, "roll", True), tmp_path / "roll.nrrd")
    return tmp_path / "roll.nrrd"


def test_rings_become_rows_and_labels_come_back(a_roll, tmp_path) -> None:
    flat, labels, back = (tmp_path / name for name in ("flat.nrrd", "labels.nrrd", "back.nrrd"))
    assert main(["unroll", str(a_roll), "-o", str(flat), *PLACE]) == 0
    unrolled, roll = read_volume(flat), read_volume(a_roll)
    assert unrolled.array_kji.shape[:2] == (3, 30) and unrolled.spacing_mm == pytest.approx(roll.spacing_mm)
    assert unrolled.array_kji.std(axis=2).mean() < 20 < unrolled.array_kji.std(axis=1).mean()
    write_volume(VolumeData((unrolled.array_kji > 125).astype(np.uint8), unrolled.ijk_to_ras, "labels", True), labels)
    assert main(["unroll", str(labels), "-o", str(back), *PLACE, "--back", str(a_roll)]) == 0
    rolled = read_volume(back)
    j, i = np.indices((80, 84))
    covered = np.abs(np.hypot(i - 40.5, j - 38) - 19.5) < 14
    assert dice((rolled.array_kji[1] > 0) & covered, (roll.array_kji[1] > 125) & covered) > 0.95
    assert np.allclose(rolled.ijk_to_ras, roll.ijk_to_ras)


def test_labels_of_another_unrolling_are_refused(a_roll, tmp_path, capsys) -> None:
    flat = tmp_path / "flat.nrrd"
    assert main(["unroll", str(a_roll), "-o", str(flat), *PLACE]) == 0
    wrong = [*PLACE[:-1], "30", "--back", str(a_roll)]
    assert main(["unroll", str(flat), "-o", str(tmp_path / "back.nrrd"), *wrong]) == USAGE
    assert "the same centre" in capsys.readouterr().err and not (tmp_path / "back.nrrd").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--center", "nan", "38"], "not nan or inf"),
        (["--outer", "inf"], "not nan or inf"),
        (["--pitch", "nan"], "not nan or inf"),
        (["--outer", "1e9"], "pixels: give smaller radii"),
        (["--columns", "999999999"], "pixels: give smaller radii"),
        (["--center", "500", "38"], "no pixel in the ring"),
        (["-o", "flat.seg.nrrd"], "a name for segmentations"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else None,
)
def test_a_roll_that_cannot_be_there_is_refused(a_roll, tmp_path, monkeypatch, capsys, more, said) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["unroll", str(a_roll), "-o", "flat.nrrd", *PLACE, *more]) == USAGE
    assert said in capsys.readouterr().err and [each.name for each in tmp_path.iterdir()] == ["roll.nrrd"]


def test_a_roll_larger_than_memory_is_unrolled_and_rolled_slice_by_slice(a_roll, tmp_path, monkeypatch, capsys) -> None:
    pytest.importorskip("dask")
    for name in ("enough", "limited"):
        flat, back = tmp_path / f"{name}-flat.nrrd", tmp_path / f"{name}-back.nii.gz"
        assert main(["unroll", str(a_roll), "-o", str(flat), *PLACE]) == 0
        assert main(["unroll", str(flat), "-o", str(back), *PLACE, "--back", str(a_roll)]) == 0
        monkeypatch.setattr(scan, "usable_bytes", lambda: 30_000)
        monkeypatch.setattr(lazy_volume, "usable_bytes", lambda: 30_000)
    assert "read from the disk" in capsys.readouterr().err
    for what in ("flat.nrrd", "back.nii.gz"):
        one, other = (read_volume(tmp_path / f"{name}-{what}") for name in ("enough", "limited"))
        assert np.array_equal(one.array_kji, other.array_kji) and one.array_kji.any()
        assert np.allclose(one.ijk_to_ras, other.ijk_to_ras) and one.array_kji.dtype == other.array_kji.dtype
    assert main(["unroll", str(a_roll), "-o", str(tmp_path / "flat.mha"), *PLACE]) == USAGE
    assert "Writing 'flat.mha'" in capsys.readouterr().err and not (tmp_path / "flat.mha").exists()
