"""NIfTI files come in as ITK, and so Slicer, places them; what contradicts itself is said or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

sitk = pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volume' extra)")

from scan_files import SHAPE_KJI, cut, grey_values, nifti_header, write_nifti  # noqa: E402

from RWTHSAMLib.core.voxel_grid import LPS_TO_RAS  # noqa: E402
from RWTHSAMLib.errors import VolumeError  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402

NO_QFORM = (0, (0, 0, 0), (0, 0, 0))
TURNED = (0.1, -0.3, 0.5)
SPACING = np.diag([0.5, 0.75, 2.0])


def rows(axes: np.ndarray, offset: tuple[float, float, float] = (3, 4, 5)) -> np.ndarray:
    return np.column_stack([axes, offset])


def as_itk_places_it(path: Path) -> np.ndarray:
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    image = sitk.ReadImage(str(path))
    matrix = np.eye(4)
    matrix[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    matrix[:3, 3] = image.GetOrigin()
    return LPS_TO_RAS @ matrix


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_both_versions_and_byte_orders_are_read(tmp_path, version, order, ending) -> None:
    values = grey_values(dtype=f"{order}i2")
    path = write_nifti(tmp_path / f"a{ending}", values, version=version, order=order)
    data = read_volume(path)
    np.testing.assert_array_equal(data.array_kji, values)
    # this ITK reads NIfTI-1 alone; without a place of its own a scan of either version lies at the origin
    expected = as_itk_places_it(path) if version == 1 else LPS_TO_RAS @ np.diag([0.5, 0.75, 2.0, 1.0])
    np.testing.assert_allclose(data.ijk_to_ras, expected, atol=1e-6)
    assert (data.name, data.unit_known, data.notes) == ("a", True, ())


@pytest.mark.parametrize(
    ("datatype", "dtype"),
    [(2, "u1"), (4, "i2"), (8, "i4"), (16, "f4"), (64, "f8"), (256, "i1"), (512, "u2"), (768, "u4"), (1024, "i8")],
)
def test_number_types_are_kept(tmp_path, datatype, dtype) -> None:
    values = grey_values(dtype=dtype) // 2
    path = write_nifti(tmp_path / "a.nii", values.astype(dtype), datatype=datatype, bitpix=8 * np.dtype(dtype).itemsize)
    data = read_volume(path)
    assert data.array_kji.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(data.array_kji, values)


@pytest.mark.parametrize(("datatype", "bits", "components"), [(128, 24, 3), (2304, 32, 4)])
def test_colours_are_read_and_lost_transparency_is_said(tmp_path, datatype, bits, components) -> None:
    values = grey_values((*SHAPE_KJI, components), "u1")
    path = write_nifti(tmp_path / "a.nii", values.tobytes(), sizes=SHAPE_KJI[::-1], datatype=datatype, bitpix=bits)
    data = read_volume(path)
    np.testing.assert_array_equal(data.array_kji, values[..., :3])
    assert len(data.notes) == components - 3


@pytest.mark.parametrize("names", [("a.hdr", "a.img"), ("A.HDR", "A.IMG"), ("a.hdr", "a.img.gz")])
@pytest.mark.parametrize("chosen", [0, 1])
def test_a_pair_of_files_is_read_by_either_name(tmp_path, names, chosen) -> None:
    import gzip

    header, image = (tmp_path / name for name in names)
    header.write_bytes(nifti_header(magic=b"ni1\0")[:348])
    content = grey_values().tobytes()
    image.write_bytes(gzip.compress(content) if image.suffix == ".gz" else content)
    np.testing.assert_array_equal(read_volume((header, image)[chosen]).array_kji, grey_values())
    image.unlink()
    with pytest.raises(VolumeError, match="no such file|no file"):
        read_volume(header)


@pytest.mark.parametrize(
    ("qform", "sform"),
    [
        ((0, TURNED, (3, 4, 5)), (1, rows(SPACING))),
        ((1, (0, 0, 0), (3, 4, 5)), (1, rows(SPACING))),
        ((1, TURNED, (3, 4, 5)), (0, rows(SPACING))),
        ((2, TURNED, (3, 4, 5)), (0, rows(SPACING))),
        (NO_QFORM, (2, rows(-SPACING[:, [1, 0, 2]] @ np.diag([2 / 3, 1.5, 1])))),
    ],
    ids=["sform", "both the same", "qform", "aligned qform", "left-handed"],
)
@pytest.mark.parametrize("units", [0, 1, 2, 3])
def test_voxels_lie_where_itk_puts_them(tmp_path, qform, sform, units) -> None:
    pixdim = (0.5, 0.75, 2.0)
    path = write_nifti(tmp_path / "a.nii", qform=qform, sform=sform, units=units, pixdim=pixdim)
    data = read_volume(path)
    np.testing.assert_allclose(data.ijk_to_ras, as_itk_places_it(path), rtol=1e-5, atol=1e-5)
    assert data.unit_known == (units != 0) and data.notes == ()


@pytest.mark.parametrize(("qform_code", "sform_code"), [(1, 1), (2, 1), (1, 2), (2, 2), (1, 4), (4, 4), (3, 1)])
def test_two_places_that_differ_are_said_and_itk_s_is_used(tmp_path, qform_code, sform_code) -> None:
    path = write_nifti(tmp_path / "a.nii", qform=(qform_code, (0, 0, 0), (30, 4, 5)), sform=(sform_code, rows(SPACING)))
    data = read_volume(path)
    np.testing.assert_allclose(data.ijk_to_ras, as_itk_places_it(path), atol=1e-5)
    used = "sform" if sform_code == 1 else "qform"
    assert "differ by up to 27" in data.notes[0] and f"the {used} was used" in data.notes[0]


@pytest.mark.parametrize("qform_code", [0, 1])
@pytest.mark.parametrize("sform_code", [1, 2])
@pytest.mark.parametrize("shear", [0.3, 0.01])
def test_a_sheared_sform_is_refused_whatever_the_qform_says(tmp_path, qform_code, sform_code, shear) -> None:
    axes = SPACING @ np.array([[1, shear, 0], [0, 1, 0], [0, 0, 1]])
    path = write_nifti(tmp_path / "a.nii", qform=(qform_code, (0, 0, 0), (3, 4, 5)), sform=(sform_code, rows(axes)))
    with pytest.raises(VolumeError, match="sheared"):
        read_volume(path)


@pytest.mark.parametrize(
    "sform", [np.zeros((3, 4)), rows(np.diag([1, 0, 1])), rows(np.diag([1, np.nan, 1]))], ids=["nought", "flat", "nan"]
)
def test_a_singular_sform_is_refused(tmp_path, sform) -> None:
    with pytest.raises(VolumeError, match="no usable voxel grid"):
        read_volume(write_nifti(tmp_path / "a.nii", sform=(1, sform)))


def test_two_voxel_sizes_are_refused(tmp_path) -> None:
    with pytest.raises(VolumeError, match=r"0.5 x 0.75 x 2 \(pixdim\) and 1 x 1.5 x 4 \(sform\)"):
        read_volume(write_nifti(tmp_path / "a.nii", sform=(1, rows(2 * SPACING))))


@pytest.mark.parametrize(("code", "mm"), [(1, 1e3), (2, 1), (3, 1e-3)])
def test_units_are_heeded(tmp_path, code, mm) -> None:
    data = read_volume(write_nifti(tmp_path / "a.nii", units=code))
    assert data.spacing_mm == pytest.approx((0.5 * mm, 0.75 * mm, 2 * mm)) and data.unit_known


def test_an_unknown_unit_is_said(tmp_path) -> None:
    data = read_volume(write_nifti(tmp_path / "a.nii", units=5))
    assert not data.unit_known and "unit number 5" in data.notes[0]


@pytest.mark.parametrize("qform", [NO_QFORM, (1, (0, 0, 0), (3, 4, 5)), (1, TURNED, (3, 4, 5))], ids=str)
@pytest.mark.parametrize("signs", [(-1, 1, 1), (1, 1, -1), (-1, -1, -1)], ids=str)
def test_a_negative_voxel_size_turns_its_axis_round_as_in_itk(tmp_path, qform, signs) -> None:
    pixdim = tuple(float(size) for size in np.multiply(signs, (0.5, 0.75, 2.0)))
    path = write_nifti(tmp_path / "a.nii", qform=qform, pixdim=pixdim)
    data = read_volume(path)
    np.testing.assert_allclose(data.ijk_to_ras, as_itk_places_it(path), rtol=1e-5, atol=1e-5)
    assert len(data.notes) == 1 and "negative voxel sizes" in data.notes[0]


def test_a_negative_voxel_size_beside_an_sform_is_refused(tmp_path) -> None:
    with pytest.raises(VolumeError, match="voxel sizes"):
        read_volume(write_nifti(tmp_path / "a.nii", sform=(1, rows(SPACING)), pixdim=(-0.5, 0.75, 2.0)))


@pytest.mark.parametrize("size", [0, np.nan, np.inf, -np.inf])
def test_impossible_voxel_sizes_are_refused(tmp_path, size) -> None:
    with pytest.raises(VolumeError, match="voxel sizes"):
        read_volume(write_nifti(tmp_path / "a.nii", pixdim=(1, size, 1)))


@pytest.mark.parametrize("sizes", [(11, 9, 0), (0, 9, 6), (11, -9, 6), (11, 0)])
def test_a_nifti_without_voxels_is_refused(tmp_path, sizes) -> None:
    with pytest.raises(VolumeError, match="no voxels"):
        read_volume(write_nifti(tmp_path / "a.nii", grey_values(), sizes=sizes))


@pytest.mark.parametrize("sizes", [(11, 9), (11, 9, 1), (11, 9, 1, 1)])
def test_one_slice_is_a_volume_of_one_slice(tmp_path, sizes) -> None:
    data = read_volume(write_nifti(tmp_path / "a.nii", grey_values((9, 11)), sizes=sizes, pixdim=(0.5, 0.75, 0)))
    assert data.array_kji.shape == (1, 9, 11)


@pytest.mark.parametrize("sizes", [(11, 9, 3, 2), (11, 9, 1, 6), (11, 9, 1, 1, 1, 6)])
def test_a_time_series_is_refused(tmp_path, sizes) -> None:
    with pytest.raises(VolumeError, match="dimensions"):
        read_volume(write_nifti(tmp_path / "a.nii", grey_values(), sizes=sizes))


def test_the_first_of_two_channels_is_read_and_it_is_said(tmp_path) -> None:
    values = grey_values((2, 1, *SHAPE_KJI))
    data = read_volume(write_nifti(tmp_path / "a.nii", values))
    np.testing.assert_array_equal(data.array_kji, values[0, 0])
    assert "two values" in data.notes[0]


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize("to", [3, 100, 348, 0.5, 0.9, -9, -1])
def test_a_nifti_that_was_cut_short_is_refused(tmp_path, ending, to) -> None:
    with pytest.raises(VolumeError, match="cut short|damaged"):
        read_volume(cut(write_nifti(tmp_path / f"a{ending}"), to))


@pytest.mark.parametrize("tail", [-1, -5, -8])
def test_a_packed_file_is_read_to_its_end_even_where_all_voxels_are_there(tmp_path, tail) -> None:
    """The last eight bytes hold the check sum and the size; without them nobody knows that the voxels are right."""
    with pytest.raises(VolumeError, match="cut short|damaged"):
        read_volume(cut(write_nifti(tmp_path / "a.nii.gz"), tail))


@pytest.mark.parametrize("where", [0.3, 0.6, -6, -2])
def test_a_wrong_byte_of_a_packed_file_is_noticed(tmp_path, where) -> None:
    path = write_nifti(tmp_path / "a.nii.gz")
    content = bytearray(path.read_bytes())
    content[where if where < 0 else int(where * len(content))] ^= 0x55
    path.write_bytes(content)
    with pytest.raises(VolumeError, match="damaged"):
        read_volume(path)


def test_bytes_behind_the_voxels_are_said(tmp_path) -> None:
    path = write_nifti(tmp_path / "a.nii", grey_values().tobytes() + b"garbage", sizes=SHAPE_KJI[::-1])
    assert "7 bytes more" in read_volume(path).notes[0]


def test_a_packed_file_under_a_plain_name_is_read(tmp_path) -> None:
    write_nifti(tmp_path / "a.nii.gz").rename(tmp_path / "a.nii")
    np.testing.assert_array_equal(read_volume(tmp_path / "a.nii").array_kji, grey_values())


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_a_header_that_claims_too_much_is_refused_before_memory_is_asked_for(tmp_path, ending) -> None:
    with pytest.raises(VolumeError, match="cut short"):
        read_volume(write_nifti(tmp_path / f"a{ending}", grey_values(), sizes=(10_000, 10_000, 10_000)))


@pytest.mark.parametrize(("datatype", "bits"), [(1, 1), (32, 64), (1536, 128), (1792, 128), (0, 0), (999, 16), (4, 8)])
def test_voxels_of_other_kinds_are_refused(tmp_path, datatype, bits) -> None:
    values = np.zeros(16 * 594, np.uint8).tobytes()
    with pytest.raises(VolumeError, match=r"voxels of"):
        read_volume(write_nifti(tmp_path / "a.nii", values, datatype=datatype, bitpix=bits))


@pytest.mark.parametrize(
    ("slope", "intercept", "kind"), [(0.001, 0, "f4"), (2, -1024, "f4"), (1, 0, "i2"), (0, 5, "i2")]
)
def test_grey_values_are_scaled_as_the_file_says(tmp_path, slope, intercept, kind) -> None:
    data = read_volume(write_nifti(tmp_path / "a.nii", slope=slope, intercept=intercept))
    expected = grey_values() * np.float32(slope) + intercept if kind == "f4" else grey_values()
    np.testing.assert_allclose(data.array_kji, expected, rtol=1e-6)
    assert data.array_kji.dtype == np.dtype(kind)


def test_a_scale_that_is_no_number_is_said(tmp_path) -> None:
    data = read_volume(write_nifti(tmp_path / "a.nii", slope=np.inf))
    np.testing.assert_array_equal(data.array_kji, grey_values())
    assert "was not applied" in data.notes[0]


def test_an_analyze_file_is_refused(tmp_path) -> None:
    (tmp_path / "a.hdr").write_bytes(nifti_header(magic=b"\0\0\0\0")[:348])
    (tmp_path / "a.img").write_bytes(grey_values().tobytes())
    with pytest.raises(VolumeError, match="Analyze"):
        read_volume(tmp_path / "a.hdr")


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_of_a_header_gets_past_a_sentence(tmp_path, seed) -> None:
    """Random bytes of a header are changed: what comes is a scan or a sentence, never another error."""
    path = write_nifti(tmp_path / "a.nii", qform=(1, TURNED, (1, 2, 3)), sform=(2, rows(SPACING)))
    content = bytearray(path.read_bytes())
    random = np.random.default_rng(seed)
    for _ in range(3):
        content[random.integers(0, 352)] = random.integers(0, 256)
    path.write_bytes(content)
    try:
        read_volume(path)
    except VolumeError as error:
        assert "\n" not in str(error)
