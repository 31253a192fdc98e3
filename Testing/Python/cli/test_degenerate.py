"""What is smallest, empty, full, far away, without unit or without numbers is measured, exported and reported."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.main import main  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData, upright_grid  # noqa: E402
from RWTHSAMLib.volumes.write import write_volume  # noqa: E402

FAR_RAS_MM = np.array([120.0, -119.5, 121.25])
VOXEL_MM = 60e-6


def save_labels(path: Path, labels_kji: np.ndarray, grid: np.ndarray | None = None) -> Path:
    """As another program saves a segmentation of one class."""
    image = sitk.GetImageFromArray(labels_kji.astype(np.uint8))
    to_lps = np.diag([-1, -1, 1, 1]) @ (np.eye(4) if grid is None else grid)
    spacing = np.linalg.norm(to_lps[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((to_lps[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(to_lps[:3, 3].tolist())
    last = " ".join(f"0 {count - 1}" for count in labels_kji.shape[::-1])
    about = {"ID": "A", "Name": "A", "LabelValue": "1", "Layer": "0", "Extent": last}
    for key, value in about.items():
        image.SetMetaData(f"Segment0_{key}", value)
    sitk.WriteImage(image, str(path))
    return path


def save_scan(path: Path, values_kji: np.ndarray, grid: np.ndarray | None = None, unit_known: bool = True) -> Path:
    write_volume(VolumeData(values_kji, np.eye(4) if grid is None else grid, "scan", unit_known), path)
    return path


def run(*words: object) -> int:
    return main([str(each) for each in words])


def table(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8") as file:
        return next(csv.DictReader(file))


def masks(shape_kji: tuple[int, int, int]) -> dict[str, np.ndarray]:
    """Classes of every degenerate kind in a scan."""
    found = {name: np.zeros(shape_kji, bool) for name in ("one voxel", "corner", "slice", "row", "full", "two corners")}
    middle = tuple(count // 2 for count in shape_kji)
    found["one voxel"][middle] = True
    found["corner"][0, 0, 0] = True
    found["slice"][middle[0]] = True
    found["row"][middle[:2]] = True
    found["full"][...] = True
    found["two corners"][0, 0, 0] = found["two corners"][-1, -1, -1] = True
    return found


SHAPES = [(1, 1, 1), (1, 1, 5), (5, 1, 1), (1, 4, 5), (4, 1, 5), (2, 2, 2), (4, 5, 6)]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape)))
def test_scans_of_any_size_and_classes_of_any_shape_are_measured_and_exported(tmp_path, shape) -> None:
    scan = save_scan(tmp_path / "scan.nrrd", np.arange(np.prod(shape), dtype=np.uint16).reshape(shape))
    for name, mask in masks(shape).items():
        labels = save_labels(tmp_path / "cell.seg.nrrd", mask)
        assert run("measure", labels, scan, "-o", tmp_path / "m.csv", "--parts", "--thickness", "--along", "j") == 0
        assert table(tmp_path / "m.csv")["voxel_count"] == str(np.count_nonzero(mask)), name
        words = ["--format", "nrrd", "nifti", "tiff", "stl", "obj", "glb", "gltf", "--smoothing", 0]
        assert run("export", labels, "-o", tmp_path / "out", *words) == 0, name
        exported = read_volume(tmp_path / "out" / "cell-label.nrrd").array_kji
        assert np.count_nonzero(exported) == np.count_nonzero(mask)


def test_one_voxel_and_nothing_are_reported(tmp_path) -> None:
    for shape in ((1, 1, 1), (3, 4, 5)):
        scan = save_scan(tmp_path / "scan.nrrd", np.arange(np.prod(shape), dtype=np.uint16).reshape(shape))
        for labels in (np.zeros(shape), masks(shape)["one voxel"]):
            path = save_labels(tmp_path / "cell.seg.nrrd", labels)
            assert run("report", path, scan, "-o", tmp_path / "cell.html") == 0


@pytest.fixture
def a_scan_with_gaps(tmp_path) -> tuple[Path, Path, np.ndarray]:
    """A scan some voxels of which are no numbers, a class of all of it, and the values."""
    values = np.arange(6 * 7 * 8, dtype=np.float32).reshape(6, 7, 8)
    values[1, 1, 1], values[2, 2, 2], values[2, 2, 3], values[4] = np.nan, np.inf, -np.inf, np.nan
    labels = save_labels(tmp_path / "cell.seg.nrrd", np.ones(values.shape))
    return labels, save_scan(tmp_path / "scan.nrrd", values), values


def test_values_that_are_no_numbers_are_counted_and_left_out(a_scan_with_gaps, tmp_path) -> None:
    labels, scan, values = a_scan_with_gaps
    finite = values[np.isfinite(values)]
    assert run("measure", labels, scan, "-o", tmp_path / "m.csv", "--along", "k") == 0
    row = table(tmp_path / "m.csv")
    assert float(row["grey_mean (grey)"]) == pytest.approx(finite.mean(dtype=float))
    assert float(row["grey_spread (grey)"]) == pytest.approx(finite.std(dtype=float))
    assert int(row["grey_not_finite"]) == values.size - finite.size
    assert "nan" not in (tmp_path / "m-along-k.csv").read_text().lower()


def test_json_of_such_a_scan_is_json_and_its_report_says_so(a_scan_with_gaps, tmp_path) -> None:
    labels, scan, values = a_scan_with_gaps

    def refuse(text: str) -> float:
        raise AssertionError(f"{text} is no JSON")

    assert run("measure", labels, scan, "-o", tmp_path / "m.json", "--along", "k", "--parts") == 0
    document = json.loads((tmp_path / "m.json").read_text(), parse_constant=refuse)
    missing = int(np.count_nonzero(~np.isfinite(values)))
    assert document["rows"][0]["grey_not_finite"] == missing and document["along"][0]["grey_mean"][4] is None
    assert run("report", labels, scan, "-o", tmp_path / "r.html") == 0
    assert f"{missing} voxels of A have no finite grey value" in (tmp_path / "r.html").read_text("utf-8")


@pytest.fixture
def far_away(tmp_path) -> tuple[Path, np.ndarray]:
    """A class of two boxes, one voxel apart, of voxels of 60 nm, far from the world's origin; and the grid."""
    grid = np.diag([-VOXEL_MM, -VOXEL_MM, VOXEL_MM, 1.0])
    grid[:3, 3] = FAR_RAS_MM
    labels = np.zeros((6, 8, 12))
    labels[1:4, 2:5, 1:4] = labels[1:4, 2:5, 5:9] = 1
    return save_labels(tmp_path / "cell.seg.nrrd", labels, grid), grid


def test_surfaces_of_voxels_of_60_nm_far_from_the_origin_keep_their_places(far_away, tmp_path) -> None:
    labels, _ = far_away
    words = ["--format", "obj", "gltf", "--smoothing", 0, "--decimation", 0, "--frame", "RAS"]
    assert run("export", labels, "-o", tmp_path, *words) == 0
    text = (tmp_path / "cell.obj").read_text()
    points = np.array([line.split()[1:] for line in text.splitlines() if line.startswith("v ")], float)
    in_voxels = (points - FAR_RAS_MM) / VOXEL_MM
    # without smoothing, surfaces lie half-way between voxel centres
    assert np.abs(in_voxels * 4 - np.rint(in_voxels * 4)).max() < 0.02
    assert np.ptp(points, axis=0) == pytest.approx(np.array([8, 3, 3]) * VOXEL_MM, rel=1e-4)
    node = json.loads((tmp_path / "cell.gltf").read_text())["nodes"][1]
    accessor = json.loads((tmp_path / "cell.gltf").read_text())["accessors"][0]
    low, high = (np.array(accessor[end]) + node["translation"] for end in ("min", "max"))
    np.testing.assert_allclose([low, high], [points.min(axis=0), points.max(axis=0)], atol=1e-3 * VOXEL_MM)


def test_an_stl_file_that_cannot_keep_them_says_so(far_away, tmp_path, capsys) -> None:
    assert run("export", far_away[0], "-o", tmp_path / "cell.stl") == 0
    assert "single precision" in capsys.readouterr().err


def test_measured_places_far_from_the_origin_are_told_apart(far_away, tmp_path) -> None:
    labels, grid = far_away
    scan = save_scan(tmp_path / "scan.nrrd", np.ones((6, 8, 12), np.uint8), grid)
    assert run("measure", labels, scan, "-o", tmp_path / "m.csv", "--parts") == 0
    with (tmp_path / "m.csv").open(encoding="utf-8") as file:
        parts = [row for row in csv.DictReader(file) if row["part"] != "0"]
    found = [(float(row["centroid_r (mm)"]) - FAR_RAS_MM[0]) / VOXEL_MM for row in parts]
    assert found == pytest.approx([-6.5, -2.0], abs=0.01)
    assert float(parts[0]["volume (mm3)"]) == pytest.approx(36 * VOXEL_MM**3, rel=1e-9)


@pytest.mark.parametrize("spacing", [(1, 1, 1), (0.5, 0.5, 2)], ids=["cubes", "proportions"])
@pytest.mark.parametrize("name", ["flat.nrrd", "flat.nii", "flat.nii.gz", "flat.mha"])
def test_a_scan_without_unit_is_written_without_one(tmp_path, name, spacing) -> None:
    values = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)
    read = read_volume(save_scan(tmp_path / name, values, upright_grid(spacing), unit_known=False))
    assert not read.unit_known and read.spacing_mm == spacing
    np.testing.assert_array_equal(read.array_kji, values)
    assert sitk.ReadImage(str(tmp_path / name)).GetSpacing() == pytest.approx(spacing)


def test_measuring_a_scan_without_unit_says_how_to_give_one(tmp_path, capsys) -> None:
    scan = save_scan(tmp_path / "scan.nii.gz", np.arange(48, dtype=np.uint8).reshape(3, 4, 4), unit_known=False)
    labels = save_labels(tmp_path / "cell.seg.nrrd", np.ones((3, 4, 4)))
    for options, hint in (((), True), (("--no-unit",), False), (("--voxel-size", 1, 1, 1), False)):
        assert run("measure", labels, scan, "-o", tmp_path / "table.csv", *options) == 0
        assert ("voxels; --voxel-size I J K, in mm, says it." in capsys.readouterr().err) == hint


def test_exports_of_a_scan_without_unit_state_none(tmp_path, capsys) -> None:
    values = np.arange(48, dtype=np.uint8).reshape(3, 4, 4)
    scan = save_scan(tmp_path / "scan.nii.gz", values, unit_known=False)
    labels = save_labels(tmp_path / "foreign.seg.nrrd", np.ones((3, 4, 4)))
    made = tmp_path / "cell.seg.nrrd"
    assert run("threshold", labels, scan, "-o", made, "--class", "A", "--to", "B", "--otsu", "bright") == 0
    capsys.readouterr()
    words = ["--format", "nrrd", "nifti", "tiff", "stl", "obj"]
    assert run("export", made, "-o", tmp_path / "out", *words) == 0
    assert "does not say how large a voxel is" in capsys.readouterr().err
    for ending in ("nrrd", "nii.gz", "tif"):
        assert not read_volume(tmp_path / "out" / f"cell-label.{ending}").unit_known
    for ending in ("stl", "obj"):
        assert b"UNIT=unknown" in (tmp_path / "out" / f"cell.{ending}").read_bytes()[:80]
