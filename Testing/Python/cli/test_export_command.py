"""``rwthsam export`` makes files that other programs open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.main import main  # noqa: E402
from RWTHSAMLib.volumes.read import VolumeData, read_volume  # noqa: E402


@pytest.fixture(scope="module")
def phantom(tmp_path_factory) -> Path:
    """Folder with a generated cell and its true classes."""
    folder = tmp_path_factory.mktemp("phantom")
    words = [
        "phantom",
        str(folder / "cell.nrrd"),
        "--shape",
        "24",
        "64",
        "64",
        "--labels",
        str(folder / "cell.seg.nrrd"),
    ]
    assert main(words) == 0
    return folder


def export(phantom: Path, *words: object) -> int:
    return main(["export", str(phantom / "cell.seg.nrrd"), *map(str, words)])


def same_grid(first: VolumeData, second: VolumeData) -> bool:
    return first.array_kji.shape == second.array_kji.shape and np.allclose(first.ijk_to_ras, second.ijk_to_ras)


def test_several_formats_go_into_a_folder(phantom, tmp_path, capsys) -> None:
    assert export(phantom, "-o", tmp_path / "out", "--format", "nrrd", "nifti", "tiff", "glb") == 0
    names = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert names == [
        *(f"cell-label{ending}" for ending in (".nrrd", ".nii.gz", ".tif", ".ctbl", ".csv")),
        "cell.glb",
    ]
    scan = read_volume(phantom / "cell.nrrd")
    nrrd, nifti, tiff = (read_volume(tmp_path / "out" / name) for name in names[:3])
    assert same_grid(nrrd, scan) and same_grid(nifti, scan) and len(np.unique(nrrd.array_kji)) > 3
    np.testing.assert_array_equal(nrrd.array_kji, nifti.array_kji)
    np.testing.assert_array_equal(nrrd.array_kji, tiff.array_kji)


@pytest.mark.parametrize("name", ["mine.nrrd", "mine.nii", "mine.nii.gz", "mine.tiff"])
def test_a_files_name_says_the_format(phantom, tmp_path, name) -> None:
    assert export(phantom, "-o", tmp_path / name) == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([name, "mine.csv", "mine.ctbl"])
    assert read_volume(tmp_path / name).array_kji.any()


@pytest.fixture
def zarr():
    return pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra; Python 3.11)")


def test_labels_go_into_a_store_and_measure_the_same(zarr, phantom, tmp_path) -> None:
    labels, scan = tmp_path / "mine.ome.zarr", tmp_path / "cell.ome.zarr"
    for _ in range(2):  # an older one is replaced
        assert export(phantom, "-o", labels) == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mine.csv", "mine.ctbl", "mine.ome.zarr"]
    assert main(["convert", str(phantom / "cell.nrrd"), str(scan)]) == 0
    pairs = {"files": (phantom / "cell.seg.nrrd", phantom / "cell.nrrd"), "stores": (labels, scan)}
    for name, (segmentation, volume) in pairs.items():
        assert main(["measure", str(segmentation), str(volume), "-o", str(tmp_path / f"{name}.csv")]) == 0
    assert (tmp_path / "stores.csv").read_bytes() == (tmp_path / "files.csv").read_bytes()


def test_labels_replace_no_store_of_something_else(zarr, phantom, tmp_path, capsys) -> None:
    scan = tmp_path / "cell-label.ome.zarr"
    assert main(["convert", str(phantom / "cell.nrrd"), str(scan)]) == 0
    for output in (("-o", scan), ("-o", tmp_path, "--format", "ome-zarr"), ("-o", scan, "--format", "ome-zarr")):
        assert export(phantom, *output) == 2
        assert "is no label image; it is not replaced" in capsys.readouterr().err
    assert export(phantom, "-o", scan, "--format", "nrrd") == 2
    assert np.array_equal(read_volume(scan).array_kji, read_volume(phantom / "cell.nrrd").array_kji)
    assert [each.name for each in tmp_path.iterdir()] == [scan.name]


def test_a_class_is_exported_alone(phantom, tmp_path) -> None:
    assert export(phantom, "-o", tmp_path / "core.stl", "--class", "Core", "--frame", "RAS", "--smoothing", "0") == 0
    assert (tmp_path / "core.stl").read_bytes().startswith(b"RWTHSAM. SPACE=RAS")


@pytest.mark.parametrize(
    "words, said",
    [
        (["-o", "out"], "Say what to export"),
        (["-o", "cell.stl", "--format", "stl", "obj"], "give a folder"),
        (["-o", "other.seg.nrrd"], "name of a segmentation"),
        (["-o", "cell.stl", "--smoothing", "2"], "expected 0 to 1"),
        (["-o", "cell.stl", "--class", "Foil"], "no class 'Foil'"),
    ],
)
def test_requests_that_cannot_be_met_are_explained(phantom, tmp_path, monkeypatch, capsys, words, said) -> None:
    monkeypatch.chdir(tmp_path)
    assert export(phantom, *words) == 2
    assert said in capsys.readouterr().err and not list(tmp_path.iterdir())
