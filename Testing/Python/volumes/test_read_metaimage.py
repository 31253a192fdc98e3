"""MetaImage files come in as ITK reads them; what is wrong with one is said."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

sitk = pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volume' extra)")

from scan_files import SHAPE_KJI, cut, grey_values  # noqa: E402

from RWTHSAMLib.core.voxel_grid import LPS_TO_RAS  # noqa: E402
from RWTHSAMLib.errors import VolumeError  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402

TURNED = "0.8 -0.6 0 0.6 0.8 0 0 0 -1"


def write_meta(path: Path, values: np.ndarray | bytes, data_file: str = "LOCAL", **fields: str) -> Path:
    content = values if isinstance(values, bytes) else values.tobytes()
    sizes = SHAPE_KJI if isinstance(values, bytes) else values.shape
    about = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False",
        "ElementSpacing": "0.5 0.75 2",
        "Offset": "1 2 3",
        "DimSize": " ".join(map(str, sizes[::-1])),
        "ElementType": "MET_SHORT",
        **fields,
    }
    packed = zlib.compress(content) if about["CompressedData"] == "True" else content
    if packed is not content:
        about["CompressedDataSize"] = str(len(packed))
    header = "".join(f"{key} = {value}\n" for key, value in about.items() if value)
    path.write_bytes(f"{header}ElementDataFile = {data_file}\n".encode() + (packed if data_file == "LOCAL" else b""))
    return path


@pytest.mark.parametrize("compressed", ["False", "True"])
@pytest.mark.parametrize("about", [{}, {"TransformMatrix": TURNED}, {"BinaryDataByteOrderMSB": "True"}], ids=str)
def test_voxels_lie_where_itk_puts_them(tmp_path, compressed, about) -> None:
    values = grey_values(dtype=">i2" if "BinaryDataByteOrderMSB" in about else "<i2")
    path = write_meta(tmp_path / "a.mha", values, CompressedData=compressed, **about)
    data, image = read_volume(path), sitk.ReadImage(str(path))
    np.testing.assert_array_equal(data.array_kji, sitk.GetArrayFromImage(image))
    for ijk in [(0, 0, 0), (10, 0, 0), (0, 8, 0), (0, 0, 5)]:
        expected = LPS_TO_RAS @ [*image.TransformIndexToPhysicalPoint(ijk), 1]
        assert data.ijk_to_ras @ [*ijk, 1] == pytest.approx(expected)
    assert data.unit_known and data.notes == ()


@pytest.mark.parametrize("named", ["LIST\na_1.raw\na_2.raw", "a_%d.raw 1 2 1"])
def test_a_scan_in_several_files_is_put_together(tmp_path, named) -> None:
    (tmp_path / "a_1.raw").write_bytes(grey_values()[:3].tobytes())
    (tmp_path / "a_2.raw").write_bytes(grey_values()[3:].tobytes())
    path = write_meta(tmp_path / "a.mhd", grey_values(), named)
    np.testing.assert_array_equal(read_volume(path).array_kji, grey_values())
    cut(tmp_path / "a_2.raw", -1)
    with pytest.raises(VolumeError, match="a_2.raw' is cut short"):
        read_volume(path)


@pytest.mark.parametrize("compressed", ["False", "True"])
@pytest.mark.parametrize("to", [5, 60, 0.5, 0.9, -9, -1])
def test_a_file_that_was_cut_short_is_refused(tmp_path, compressed, to) -> None:
    path = cut(write_meta(tmp_path / "a.mha", grey_values(), CompressedData=compressed), to)
    with pytest.raises(VolumeError, match="cut short|damaged"):
        read_volume(path)


@pytest.mark.parametrize(("unit", "mm"), [("um", 1e-3), ("mm", 1), ("cm", 10), ("UNKNOWN", 1)])
def test_units_are_heeded(tmp_path, unit, mm) -> None:
    data = read_volume(write_meta(tmp_path / "a.mha", grey_values(), DistanceUnits=unit))
    assert data.spacing_mm == pytest.approx((0.5 * mm, 0.75 * mm, 2 * mm))


def test_a_file_without_spacing_has_an_unknown_unit(tmp_path) -> None:
    assert not read_volume(write_meta(tmp_path / "a.mha", grey_values(), ElementSpacing="")).unit_known


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ElementSpacing": "1 0 1"}, "voxel sizes"),
        ({"ElementSpacing": "1 nan 1"}, "voxel sizes"),
        ({"ElementSpacing": "1 1"}, "ElementSpacing has 2"),
        ({"TransformMatrix": "1 0 0 0.3 1 0 0 0 1"}, "sheared"),
        ({"TransformMatrix": "1 0 0 1 0 0 0 0 1"}, "sheared"),
        ({"TransformMatrix": "1 0 0 0 0 0 0 0 1"}, "no usable voxel grid"),
        ({"DimSize": "11 9 0"}, "no voxels"),
        ({"DimSize": "10000 10000 10000"}, "cut short"),
        ({"DimSize": "11 nine 6"}, "no numbers"),
        ({"NDims": "4"}, "NDims"),
        ({"NDims": "4", "DimSize": "11 9 3 2", "ElementSpacing": "1 1 1 1", "Offset": "0 0 0 0"}, "dimensions"),
        ({"ElementType": "MET_STRING"}, "type"),
        ({"data_file": "none.raw"}, "no such file"),
    ],
    ids=str,
)
def test_what_is_not_understood_is_refused_in_one_sentence(tmp_path, wrong, words) -> None:
    with pytest.raises(VolumeError, match=words) as told:
        read_volume(write_meta(tmp_path / "a.mha", grey_values(), **wrong))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_several_values_a_voxel_are_grey_or_colours_and_it_is_said(tmp_path, channels) -> None:
    values = grey_values((*SHAPE_KJI, channels), "u1")
    about = {"ElementNumberOfChannels": str(channels), "ElementType": "MET_UCHAR"}
    data = read_volume(write_meta(tmp_path / "a.mha", values.tobytes(), **about))
    np.testing.assert_array_equal(data.array_kji, values[..., 0] if channels == 2 else values[..., :3])
    assert len(data.notes) == {2: 1, 3: 0, 4: 1}[channels]


@pytest.mark.parametrize("name", ["DimSize", "ElementNumberOfChannels"])
@pytest.mark.parametrize("number", ["nan", "inf", "7.5"])
def test_a_count_that_is_no_whole_number_is_refused(tmp_path, name, number) -> None:
    words = {"DimSize": "2 2 2", "ElementNumberOfChannels": "1"}
    words[name] = f"{number} 2 2" if name == "DimSize" else number
    path = tmp_path / "a.mha"
    lines = ["NDims = 3", *(f"{key} = {value}" for key, value in words.items()), "ElementType = MET_UCHAR"]
    path.write_bytes("\n".join([*lines, "ElementDataFile = LOCAL\n"]).encode() + bytes(8))
    with pytest.raises(VolumeError, match="expected whole numbers"):
        read_volume(path)
