"""Scans go from one kind of file to another as they are, however large they are, and nothing half is left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scan_files import cut, write_nrrd
from small_disk import PAGE_BYTES

if sys.version_info < (3, 11):
    pytest.skip("zarr 3 needs Python 3.11", allow_module_level=True)
zarr = pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra)")

from RWTHSAMLib.cli.main import OK, USAGE, main  # noqa: E402
from RWTHSAMLib.core.voxel_grid import LPS_TO_RAS  # noqa: E402
from RWTHSAMLib.volumes.formats.color_table import NamedLabel  # noqa: E402
from RWTHSAMLib.volumes.ome_zarr.labels import read_labels  # noqa: E402
from RWTHSAMLib.volumes.ome_zarr.metadata import VERSIONS  # noqa: E402
from RWTHSAMLib.volumes.ome_zarr.read import open_ome_zarr  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData  # noqa: E402
from RWTHSAMLib.volumes.write import write_volume  # noqa: E402

GREY = np.random.default_rng(4).integers(0, 60_000, (9, 70, 300)).astype(np.uint16)
TURNED = np.array([[0.4, -0.9, 0.0, 5.0], [0.3, 1.2, 0.0, -6.0], [0.0, 0.0, -2.0, 7.0], [0.0, 0.0, 0.0, 1.0]])
STRAIGHT = LPS_TO_RAS @ np.array([[0.5, 0, 0, 5.0], [0, 0.25, 0, -6.0], [0, 0, 2, 7.0], [0, 0, 0, 1]])


@pytest.fixture
def a_scan(tmp_path) -> Path:
    path = tmp_path / "cell.nrrd"
    write_volume(VolumeData(GREY, STRAIGHT, "cell", True), path)
    return path


def converted(*words: object) -> int:
    return main(["convert", *map(str, words)])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("ijk_to_ras", "unit_known"), [(STRAIGHT, True), (TURNED, False)], ids=["straight", "turned"])
def test_there_and_back_a_scan_is_the_same(tmp_path, version, ijk_to_ras, unit_known) -> None:
    write_volume(VolumeData(GREY, ijk_to_ras, "cell", unit_known), tmp_path / "cell.nrrd")
    assert converted(tmp_path / "cell.nrrd", tmp_path / "cell.ome.zarr", "--ome-version", version) == OK
    assert converted(tmp_path / "cell.ome.zarr", tmp_path / "back.nrrd") == OK
    data = read_volume(tmp_path / "back.nrrd")
    assert np.array_equal(data.array_kji, GREY) and data.array_kji.dtype == GREY.dtype
    assert data.ijk_to_ras == pytest.approx(ijk_to_ras, abs=1e-12) and data.unit_known == unit_known


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("ijk_to_ras", [STRAIGHT, TURNED], ids=["straight", "turned"])
def test_coarser_levels_are_means_in_the_same_place(tmp_path, version, ijk_to_ras) -> None:
    write_volume(VolumeData(GREY, ijk_to_ras, "cell", True), tmp_path / "cell.nrrd")
    assert converted(tmp_path / "cell.nrrd", tmp_path / "cell.ome.zarr", "--ome-version", version) == OK
    finest, coarser = open_ome_zarr(tmp_path / "cell.ome.zarr")
    eight = GREY[:8].reshape(4, 2, 35, 2, 150, 2).transpose(0, 2, 4, 1, 3, 5).reshape(4, 35, 150, 8)
    assert np.array_equal(coarser.read().array_kji, np.rint(eight.mean(-1, dtype=np.float64)).astype(np.uint16))
    corner = np.array([-0.5, -0.5, -0.5, 1])
    assert coarser.ijk_to_ras @ corner == pytest.approx(finest.ijk_to_ras @ corner)
    assert coarser.spacing_mm == pytest.approx([2 * each for each in finest.spacing_mm])


def test_other_programs_find_what_the_standard_names(a_scan, tmp_path) -> None:
    from yaozarrs import validate_zarr_store

    for version in VERSIONS:
        store = tmp_path / f"{version}.ome.zarr"
        assert converted(a_scan, store, "--ome-version", version, "--labels") == OK
        validate_zarr_store(str(store))
    assert zarr.open_group(str(store))["0"].metadata.dimension_names == ("z", "y", "x")


def test_coarser_labels_are_those_of_most_voxels(tmp_path) -> None:
    labels = np.random.default_rng(5).integers(0, 3, (4, 6, 260)).astype(np.uint8)
    write_nrrd(tmp_path / "labels.nrrd", labels, kind="uchar")
    assert converted(tmp_path / "labels.nrrd", tmp_path / "labels.ome.zarr", "--labels") == OK
    coarser = zarr.open_group(str(tmp_path / "labels.ome.zarr"))["1"][:]
    eight = labels.reshape(2, 2, 3, 2, 130, 2).transpose(0, 2, 4, 1, 3, 5).reshape(-1, 8)
    for found, voxels in zip(coarser.ravel(), eight, strict=True):
        assert np.count_nonzero(voxels == found) == np.bincount(voxels).max()


def test_a_segmentation_of_a_level_is_measured_on_that_level(tmp_path, capsys) -> None:
    pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")
    scan, labels = tmp_path / "scan.ome.zarr", tmp_path / "labels.ome.zarr"
    values = np.random.default_rng(6).integers(0, 90, (4, 6, 260)).astype(np.uint8)
    for name, store, words in (("a", scan, ()), ("b", labels, ("--labels",))):
        write_nrrd(tmp_path / f"{name}.nrrd", values // 30 if words else values, kind="uchar", spacings="1 1 1")
        assert converted(tmp_path / f"{name}.nrrd", store, *words) == OK
    for name, given in (("found.csv", scan), ("named.csv", scan / "1")):
        assert main(["measure", str(labels / "1"), str(given), "-o", str(tmp_path / name)]) == OK
    assert "level 1 was opened, the one that was worked on" in capsys.readouterr().err
    assert (tmp_path / "found.csv").read_bytes() == (tmp_path / "named.csv").read_bytes()


def test_a_colour_table_beside_names_the_labels(tmp_path) -> None:
    write_nrrd(tmp_path / "labels.nrrd", np.ones((2, 3, 4), np.uint8), kind="uchar")
    table = "LabelValue,Name,Color_R,Color_G,Color_B,Color_A,ClassId\n1,Jelly roll,255,0,51,255,core\n"
    (tmp_path / "labels.csv").write_text(table, encoding="utf-8")
    assert converted(tmp_path / "labels.nrrd", tmp_path / "labels.ome.zarr", "--labels") == OK
    _, named = read_labels(tmp_path / "labels.ome.zarr")
    assert named == {1: NamedLabel(1, "Jelly roll", (1.0, 0.0, 0.2), "core")}


@pytest.mark.parametrize("name", ["back.nrrd", "back.nii.gz", "back.tif", "back.mha"])
def test_a_store_becomes_a_file_of_another_program(a_scan, tmp_path, name) -> None:
    assert converted(a_scan, tmp_path / "cell.ome.zarr") == OK
    assert converted(tmp_path / "cell.ome.zarr", tmp_path / name) == OK
    assert np.array_equal(read_volume(tmp_path / name).array_kji, GREY)


def test_a_voxel_size_that_is_given_counts(a_scan, tmp_path) -> None:
    assert converted(a_scan, tmp_path / "cell.ome.zarr", "--voxel-size", 0.001, 0.002, 0.003) == OK
    data = read_volume(tmp_path / "cell.ome.zarr")
    assert data.spacing_mm == pytest.approx((0.001, 0.002, 0.003)) and data.unit_known


def test_progress_is_told_and_the_output_named(a_scan, tmp_path, capsys) -> None:
    assert converted(a_scan, tmp_path / "cell.ome.zarr") == OK
    said = capsys.readouterr()
    assert "100 %" in said.err and said.out.strip() == str(tmp_path / "cell.ome.zarr")


@pytest.mark.parametrize("module", ["zarr", "dask.array", "yaozarrs.v05"])
def test_a_package_that_is_missing_is_told_before_anything_is_written(a_scan, tmp_path, capsys, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert converted(a_scan, tmp_path / "new" / "cell.ome.zarr") == USAGE
    (said,) = capsys.readouterr().err.splitlines()
    assert said.endswith("pip install 'rwthsam[ome-zarr]'")
    assert [each.name for each in tmp_path.iterdir()] == ["cell.nrrd"]


@pytest.mark.parametrize("name", ["there.ome.zarr", "there.nrrd"])
def test_nothing_is_replaced_unasked(a_scan, tmp_path, capsys, name) -> None:
    assert converted(a_scan, tmp_path / name) == OK
    other = tmp_path / "other.nrrd"
    write_nrrd(other, GREY[:2].astype("<i2"))
    assert converted(other, tmp_path / name) == USAGE
    assert "is there already and is not replaced unasked" in capsys.readouterr().err
    assert read_volume(tmp_path / name).array_kji.shape == GREY.shape
    assert converted(other, tmp_path / name, "--replace") == OK
    assert read_volume(tmp_path / name).array_kji.shape == GREY[:2].shape


def test_a_folder_of_something_else_is_never_replaced(a_scan, tmp_path, capsys) -> None:
    folder = tmp_path / "mine.ome.zarr"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine", encoding="utf-8")
    for words in ((), ("--replace",)):
        assert converted(a_scan, folder, *words) == USAGE
        assert "replaced" in capsys.readouterr().err
    assert (folder / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_a_scan_is_not_written_into_itself(a_scan, tmp_path, capsys) -> None:
    store = tmp_path / "cell.ome.zarr"
    assert converted(a_scan, store) == OK
    for output in (store, store / "1", store / "labels.zarr", tmp_path / "." / store.name):
        assert converted(store, output, "--replace") == USAGE
    assert read_volume(store).array_kji.shape == GREY.shape


@pytest.mark.parametrize("name", ["cell.seg.nrrd", "cell.png", "cell", "cell.ozx"])
def test_endings_that_nobody_knows_are_named(a_scan, tmp_path, capsys, name) -> None:
    assert converted(a_scan, tmp_path / name) == USAGE
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["cell.nrrd"]


def test_of_a_damaged_scan_nothing_half_is_left(a_scan, tmp_path, capsys) -> None:
    cut(a_scan, 0.9)
    assert converted(a_scan, tmp_path / "new" / "cell.ome.zarr") == USAGE
    assert "damaged or cut short" in capsys.readouterr().err.splitlines()[-1]
    assert [each.name for each in tmp_path.iterdir()] == ["cell.nrrd"]


@pytest.mark.parametrize("name", ["back.tif", "back.nrrd", "back.ome.zarr"])
def test_of_a_damaged_store_nothing_half_is_left(a_scan, tmp_path, capsys, name) -> None:
    store = tmp_path / "cell.ome.zarr"
    assert converted(a_scan, store) == OK
    (store / "0/c/0/0/2").write_bytes(b"no chunk")
    assert converted(store, tmp_path / name) == USAGE
    assert "level '0' could not be read as OME-Zarr" in capsys.readouterr().err.splitlines()[-1]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cell.nrrd", "cell.ome.zarr"]


def test_a_full_disk_is_told_and_the_old_store_stays(a_scan, a_small_disk, tmp_path, capsys) -> None:
    old, new = tmp_path / "old.nrrd", a_small_disk.folder / "cell.ome.zarr"
    write_nrrd(old, np.ones((2, 3, 4), "<i2"))
    assert converted(old, new) == OK
    for room in (0, GREY.nbytes // 2, GREY.nbytes + 4 * PAGE_BYTES):
        with a_small_disk.with_room_for(room):
            assert converted(a_scan, new, "--replace") == USAGE
        said = capsys.readouterr().err.splitlines()[-1]
        assert "could not be written" in said and ("full" in said or "larger than" in said)
        assert [each.name for each in a_small_disk.folder.iterdir()] == ["cell.ome.zarr"]
        assert (read_volume(new).array_kji == 1).all()
    assert converted(a_scan, new, "--replace") == OK
    assert np.array_equal(read_volume(new).array_kji, GREY)


_LIMITED = """
import resource, sys, threading
from pathlib import Path
import zarr

# what is set aside for a thread's stack counts as address space, although it is no memory
threading.stack_size(1 << 18)
zarr.config.set({"threading.max_workers": 2})  # nor do more cores need more
from RWTHSAMLib.cli.main import main

# once, so that all that is loaded once is loaded, threads are there, and pools have their size
assert main(["convert", sys.argv[1], sys.argv[3] + "-small.ome.zarr"]) == 0
taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
limit = taken + int(sys.argv[4]) // 4
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.exit(main(["convert", sys.argv[2], sys.argv[3]]))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells and limits the address space so")
def test_a_packed_scan_four_times_as_large_as_memory_is_converted(tmp_path) -> None:
    slices = np.arange(384).astype(np.uint8)[:, None, None] + np.arange(128).astype(np.uint8)[:, None]
    values = np.broadcast_to(slices, (384, 128, 512)).astype(np.uint8)
    large = write_nrrd(tmp_path / "large.nrrd", values, kind="uchar", encoding="gzip")
    small = write_nrrd(tmp_path / "small.nrrd", values[:4], kind="uchar")
    words = [sys.executable, "-c", _LIMITED, *map(str, (small, large, tmp_path / "out.ome.zarr", values.nbytes))]
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, "MALLOC_ARENA_MAX": "1"}
    )
    assert done.returncode == OK, done.stderr
    assert np.array_equal(read_volume(tmp_path / "out.ome.zarr").array_kji, values)
