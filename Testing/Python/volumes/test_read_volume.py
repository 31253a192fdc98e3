"""Scans of every kind come in with their voxels and their place in the world; bad files are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

sitk = pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volume' extra)")
tifffile = pytest.importorskip("tifffile", reason="needs tifffile (install the 'volume' extra)")

from RWTHSAMLib.core.voxel_grid import LPS_TO_RAS  # noqa: E402
from RWTHSAMLib.errors import InputError, VolumeError  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData  # noqa: E402
from RWTHSAMLib.volumes.write import write_volume  # noqa: E402

TURNED = (0.8, -0.6, 0.0, 0.6, 0.8, 0.0, 0.0, 0.0, 1.0)
FLIPPED = (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0)


@pytest.fixture
def values_kji() -> np.ndarray:
    return np.arange(3 * 4 * 5, dtype=np.int16).reshape(3, 4, 5) - 17


@pytest.fixture
def an_image(values_kji):
    image = sitk.GetImageFromArray(values_kji)
    image.SetSpacing((0.5, 0.75, 2.0))
    image.SetOrigin((10.0, -20.0, 30.0))
    return image


def world_ras(image, ijk: tuple[int, int, int]) -> np.ndarray:
    """Where ITK says that a voxel is, in Slicer's world."""
    return (LPS_TO_RAS @ np.append(image.TransformIndexToPhysicalPoint(ijk), 1.0))[:3]


@pytest.mark.parametrize("ending", [".nrrd", ".nii.gz", ".nii", ".mha"])
@pytest.mark.parametrize("direction", [TURNED, FLIPPED], ids=["turned", "flipped"])
def test_voxels_and_grid_come_from_the_file(an_image, values_kji, tmp_path, ending, direction) -> None:
    an_image.SetDirection(direction)
    path = tmp_path / f"a.scan{ending}"
    sitk.WriteImage(an_image, str(path))
    data = read_volume(path)
    assert np.array_equal(data.array_kji, values_kji)
    assert (data.name, data.unit_known) == ("a.scan", True)
    for ijk in [(0, 0, 0), (4, 0, 0), (0, 3, 0), (0, 0, 2)]:
        assert (data.ijk_to_ras @ [*ijk, 1])[:3] == pytest.approx(world_ras(an_image, ijk), abs=1e-4)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int32", "float32", "float64"])
def test_number_types_are_kept(values_kji, tmp_path, dtype) -> None:
    data = VolumeData(np.abs(values_kji).astype(dtype), LPS_TO_RAS, "scan", True)
    write_volume(data, tmp_path / "scan.nrrd")
    found = read_volume(tmp_path / "scan.nrrd")
    assert found.array_kji.dtype == np.dtype(dtype)
    assert np.array_equal(found.array_kji, data.array_kji)
    assert found.ijk_to_ras == pytest.approx(data.ijk_to_ras)


def test_a_tiff_of_many_pages_is_a_stack_of_unknown_unit(values_kji, tmp_path) -> None:
    tifffile.imwrite(tmp_path / "stack.tif", values_kji, photometric="minisblack")
    data = read_volume(tmp_path / "stack.tif")
    assert np.array_equal(data.array_kji, values_kji)
    assert not data.unit_known


def test_a_tiff_of_one_page_is_a_volume_of_one_slice(values_kji, tmp_path) -> None:
    tifffile.imwrite(tmp_path / "slice.tif", values_kji[1])
    assert np.array_equal(read_volume(tmp_path / "slice.tif").array_kji, values_kji[1:2])


def test_slices_in_a_folder_are_ordered_by_their_numbers(values_kji, tmp_path) -> None:
    stack = np.concatenate([values_kji] * 4)
    for number, page in enumerate(stack):
        tifffile.imwrite(tmp_path / f"slice_{number}.tif", page + number)
    data = read_volume(tmp_path)
    assert [page[0, 0] for page in data.array_kji] == [page[0, 0] + n for n, page in enumerate(stack)]


def test_slices_of_different_sizes_are_refused(values_kji, tmp_path) -> None:
    tifffile.imwrite(tmp_path / "slice_1.tif", values_kji[0])
    tifffile.imwrite(tmp_path / "slice_2.tif", values_kji[0][:-1])
    with pytest.raises(VolumeError, match="slice_2"):
        read_volume(tmp_path)


def test_a_dicom_folder_is_one_volume(an_image, values_kji, tmp_path) -> None:
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for k in range(3):
        page = an_image[:, :, k]
        position = "\\".join(str(each) for each in an_image.TransformIndexToPhysicalPoint((0, 0, k)))
        for tag, value in {
            "0008|0060": "CT",
            "0020|000e": "1.2.826.0.1.3680043.2.1125.1",
            "0020|000d": "1.2.826.0.1.3680043.2.1125.2",
            "0008|0018": f"1.2.826.0.1.3680043.2.1125.3.{k}",
            "0020|0032": position,
            "0020|0037": "1\\0\\0\\0\\1\\0",
            "0020|0013": str(k),
        }.items():
            page.SetMetaData(tag, value)
        writer.SetFileName(str(tmp_path / f"{2 - k}.dcm"))
        writer.Execute(page)
    data = read_volume(tmp_path)
    assert np.array_equal(data.array_kji, values_kji)
    assert data.spacing_mm == pytest.approx((0.5, 0.75, 2.0))


@pytest.mark.parametrize("name", ["empty.nrrd", "empty.tif", "empty.dcm"])
def test_an_empty_file_is_named(tmp_path, name) -> None:
    (tmp_path / name).touch()
    with pytest.raises(VolumeError, match="empty"):
        read_volume(tmp_path / name)


@pytest.mark.parametrize("ending", [".nrrd", ".mha", ".nii.gz"])
def test_a_file_that_was_cut_short_is_refused(an_image, tmp_path, ending) -> None:
    path = tmp_path / f"cut{ending}"
    sitk.WriteImage(an_image, str(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    with pytest.raises(VolumeError, match="cut"):
        read_volume(path)


def test_what_is_no_scan_is_refused_with_what_can_be_read(tmp_path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(VolumeError, match=r"\.nrrd"):
        read_volume(tmp_path / "notes.txt")
    with pytest.raises(VolumeError, match="no TIFF"):
        read_volume(tmp_path)
    with pytest.raises(VolumeError, match="There is no file"):
        read_volume(tmp_path / "missing.nrrd")


def test_the_real_scans_are_read(volumes: Path) -> None:
    assert read_volume(volumes / "battery_slice_1.tif").array_kji.shape == (1, 576, 576)
    chest = read_volume(volumes / "CTChest4.nrrd")
    assert chest.spacing_mm == pytest.approx((3.05, 3.05, 10), abs=0.01)
    assert read_volume(volumes / "liion_cell_xct_small_50x182x182_u8.nrrd").array_kji.dtype == np.uint8


def test_a_name_that_is_no_text_is_refused_before_anything_reads_it(tmp_path) -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        read_volume(tmp_path / "a\udcff.dcm")
