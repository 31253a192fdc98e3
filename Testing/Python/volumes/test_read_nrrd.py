"""NRRD files of every encoding come in as other programs read them; what is wrong with one is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

sitk = pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volume' extra)")

from scan_files import SHAPE_KJI, cut, grey_values, in_space, write_nrrd  # noqa: E402

from RWTHSAMLib.core.voxel_grid import LPS_TO_RAS  # noqa: E402
from RWTHSAMLib.errors import VolumeError  # noqa: E402
from RWTHSAMLib.volumes.memory import check_fits  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402

UPRIGHT = in_space()


def as_itk_reads(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Voxels (k, j, i) and ijk_to_ras."""
    image = sitk.ReadImage(str(path))
    matrix = np.eye(4)
    matrix[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    matrix[:3, 3] = image.GetOrigin()
    return sitk.GetArrayFromImage(image), LPS_TO_RAS @ matrix


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"spacings": "0.5 0.75 2"},
        UPRIGHT,
        {**UPRIGHT, "space": "right-anterior-superior"},
        {**UPRIGHT, "space": "RAS"},
        {**UPRIGHT, "space": "left-anterior-superior"},
        {**UPRIGHT, "space": "scanner-xyz"},
        in_space("(0,0,2) (-1,0,0) (0,-3,0)"),
        in_space("(0.8,-0.6,0) (0.6,0.8,0) (0,0,-2.5)"),
    ],
    ids=["nothing", "spacings", "LPS", "RAS", "R", "LAS", "scanner", "turned and left-handed", "rotated"],
)
@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_voxels_lie_where_itk_puts_them(tmp_path, about, encoding) -> None:
    path = write_nrrd(tmp_path / "scan.nrrd", grey_values(), encoding=encoding, **about)
    data = read_volume(path)
    array, ijk_to_ras = as_itk_reads(path)
    np.testing.assert_array_equal(data.array_kji, array)
    np.testing.assert_allclose(data.ijk_to_ras, ijk_to_ras, atol=1e-9)
    assert data.unit_known == bool(about) and data.notes == ()


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
@pytest.mark.parametrize("dtype", ["<u1", "<i2", ">i2", "<u2", "<i4", ">f4", "<f8", "<i8"])
def test_every_encoding_and_number_type_is_read(tmp_path, encoding, dtype) -> None:
    values = grey_values(dtype=dtype)
    names = {"u1": "uchar", "i2": "short", "u2": "ushort", "i4": "int", "f4": "float", "f8": "double", "i8": "int64"}
    stored = " ".join(map(str, values.ravel().tolist())).encode() if encoding == "ascii" else values.tobytes()
    endian = "big" if dtype[0] == ">" else "little"
    write_nrrd(
        tmp_path / "a.nrrd", stored, values.shape[::-1], encoding, names[dtype[1:]], endian=endian, spacings="1 1 1"
    )
    data = read_volume(tmp_path / "a.nrrd")
    np.testing.assert_array_equal(data.array_kji, values)
    assert data.array_kji.dtype == np.dtype(dtype).newbyteorder("=")


def two_halves(folder: Path, named: str) -> np.ndarray:
    values = grey_values()
    (folder / "a_1.raw").write_bytes(values[:3].tobytes())
    (folder / "a_2.raw").write_bytes(values[3:].tobytes())
    write_nrrd(folder / "scan.nhdr", b"", values.shape[::-1], data_file=named, **UPRIGHT)
    return values


@pytest.mark.parametrize("named", ["LIST\na_1.raw\na_2.raw", "a_%d.raw 1 2 1"])
def test_a_scan_in_several_files_is_put_together(tmp_path, named) -> None:
    values = two_halves(tmp_path, named)
    np.testing.assert_array_equal(read_volume(tmp_path / "scan.nhdr").array_kji, values)


@pytest.mark.parametrize("named", ["LIST\npart\\a_1.raw\n.\\part\\a_2.raw", "part\\a_%d.raw 1 2 1"])
def test_folders_parted_by_backslashes_are_found_on_every_system(tmp_path, named) -> None:
    (tmp_path / "part").mkdir()
    values = two_halves(tmp_path / "part", "LIST\na_1.raw\na_2.raw")
    write_nrrd(tmp_path / "scan.nhdr", b"", values.shape[::-1], data_file=named, **UPRIGHT)
    np.testing.assert_array_equal(read_volume(tmp_path / "scan.nhdr").array_kji, values)


@pytest.mark.parametrize("named", ["LIST\na_1.raw\na_2.raw", "a_%d.raw 1 2 1"])
def test_a_data_file_that_is_missing_or_cut_is_named(tmp_path, named) -> None:
    two_halves(tmp_path, named)
    cut(tmp_path / "a_2.raw", -1)
    with pytest.raises(VolumeError, match="a_2.raw' is cut short"):
        read_volume(tmp_path / "scan.nhdr")
    (tmp_path / "a_2.raw").unlink()
    with pytest.raises(VolumeError, match="a_2.raw', but there is no such file"):
        read_volume(tmp_path / "scan.nhdr")


@pytest.mark.parametrize(("skip", "lines"), [("7", "0"), ("-1", "0"), ("3", "1")])
def test_what_lies_before_the_voxels_is_skipped(tmp_path, skip, lines) -> None:
    before = {"7": b"1234567", "-1": b"any length", "3": b"a line\n123"}[skip]
    (tmp_path / "a.raw").write_bytes(before + grey_values().tobytes())
    write_nrrd(
        tmp_path / "a.nhdr", b"", SHAPE_KJI[::-1], data_file="a.raw", byte_skip=skip, line_skip=lines, spacings="1 1 1"
    )
    np.testing.assert_array_equal(read_volume(tmp_path / "a.nhdr").array_kji, grey_values())


@pytest.mark.parametrize(
    ("units", "mm"),
    [("um", 1e-3), ("\u00b5m", 1e-3), ("micron", 1e-3), ("nm", 1e-6), ("mm", 1), ("m", 1e3), ("inch", 25.4)],
)
def test_units_of_a_nrrd_are_heeded(tmp_path, units, mm) -> None:
    write_nrrd(tmp_path / "a.nrrd", grey_values(), **UPRIGHT, space_units=f'"{units}" "{units}" "{units}"')
    data = read_volume(tmp_path / "a.nrrd")
    assert data.spacing_mm == pytest.approx((mm, 2 * mm, 3 * mm)) and data.unit_known and not data.notes
    assert data.ijk_to_ras[:3, 3] == pytest.approx((-mm, -2 * mm, 3 * mm))
    write_nrrd(tmp_path / "b.nrrd", grey_values(), spacings="1 2 3", units=f'"{units}" "{units}" "{units}"')
    assert read_volume(tmp_path / "b.nrrd").spacing_mm == pytest.approx((mm, 2 * mm, 3 * mm))


def test_a_unit_of_each_axis_is_heeded(tmp_path) -> None:
    write_nrrd(tmp_path / "a.nrrd", grey_values(), **UPRIGHT, space_units='"mm" "um" "m"')
    assert read_volume(tmp_path / "a.nrrd").spacing_mm == pytest.approx((1, 0.002, 3000))


@pytest.mark.parametrize("units", ['"pixel" "pixel" "pixel"', '"s" "s" "s"', '"mm" "mm"'])
def test_a_unit_that_is_none_of_length_is_said(tmp_path, units) -> None:
    write_nrrd(tmp_path / "a.nrrd", grey_values(), **UPRIGHT, space_units=units)
    data = read_volume(tmp_path / "a.nrrd")
    assert not data.unit_known and "no unit of length" in data.notes[0]


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
@pytest.mark.parametrize("to", [4, 40, 120, 0.5, 0.75, -9, -1])
def test_a_nrrd_that_was_cut_short_is_refused(tmp_path, encoding, to) -> None:
    path = cut(write_nrrd(tmp_path / "a.nrrd", grey_values(), encoding=encoding, **UPRIGHT), to)
    with pytest.raises(VolumeError, match="cut short|damaged|no NRRD"):
        read_volume(path)


def test_bytes_behind_the_voxels_are_said(tmp_path) -> None:
    path = write_nrrd(tmp_path / "a.nrrd", grey_values().tobytes() + b"12345", SHAPE_KJI[::-1], **UPRIGHT)
    data = read_volume(path)
    np.testing.assert_array_equal(data.array_kji, grey_values())
    assert "5 bytes more" in data.notes[0]


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_a_damaged_middle_of_a_compressed_file_is_noticed(tmp_path, encoding) -> None:
    path = write_nrrd(tmp_path / "a.nrrd", grey_values(), encoding="gzip", **UPRIGHT)
    content = bytearray(path.read_bytes())
    content[len(content) * 2 // 3] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(VolumeError, match="damaged"):
        read_volume(path)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
def test_a_header_that_claims_too_much_is_refused_before_memory_is_asked_for(tmp_path, encoding) -> None:
    path = write_nrrd(tmp_path / "a.nrrd", b"\0" * 100_000, (10_000, 10_000, 10_000), encoding, **UPRIGHT)
    with pytest.raises(VolumeError, match="cut short|memory"):
        read_volume(path)
    with pytest.raises(VolumeError, match=r"1,000\.0 TB of voxels.*memory"):
        check_fits(10**15, path)


@pytest.mark.parametrize("sizes", [(11, 9, 0), (0, 9, 6), (0, 0, 0)])
def test_a_nrrd_without_voxels_is_refused(tmp_path, sizes) -> None:
    with pytest.raises(VolumeError, match="no voxels"):
        read_volume(write_nrrd(tmp_path / "a.nrrd", b"", sizes, **UPRIGHT))


@pytest.mark.parametrize("spacing", ["0", "-1", "inf"])
def test_impossible_voxel_sizes_are_refused(tmp_path, spacing) -> None:
    with pytest.raises(VolumeError, match="voxel sizes"):
        read_volume(write_nrrd(tmp_path / "a.nrrd", grey_values(), spacings=f"1 {spacing} 1"))


def test_a_spacing_that_is_no_number_means_an_unknown_unit(tmp_path) -> None:
    data = read_volume(write_nrrd(tmp_path / "a.nrrd", grey_values(), spacings="1 nan 1"))
    assert data.spacing_mm == (1, 1, 1) and not data.unit_known and "voxel size" in data.notes[0]


@pytest.mark.parametrize(
    "directions",
    [
        "(1,0,0) (0.3,1,0) (0,0,1)",
        "(1,0,0) (0,1,0.01) (0,0,1)",
        "(1,0,0) (1,0,0) (0,0,1)",
        "(1,0,0) (0,0,0) (0,0,1)",
        "(1,0,0) (0,inf,0) (0,0,1)",
    ],
    ids=["sheared", "slightly", "singular", "zero", "infinite"],
)
def test_a_sheared_or_singular_grid_is_refused(tmp_path, directions) -> None:
    with pytest.raises(VolumeError, match="sheared|no usable voxel grid"):
        read_volume(write_nrrd(tmp_path / "a.nrrd", grey_values(), **in_space(directions)))


def test_directions_with_few_digits_are_no_shear(tmp_path) -> None:
    turned = "(0.866,-0.5,0) (0.5,0.866,0) (0,0,1)"
    assert read_volume(write_nrrd(tmp_path / "a.nrrd", grey_values(), **in_space(turned))).notes == ()


@pytest.mark.parametrize("first", [True, False], ids=["fastest", "slowest"])
@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_several_values_a_voxel_are_grey_or_colours_and_it_is_said(tmp_path, first, count) -> None:
    values = grey_values((*SHAPE_KJI, count), "u1")
    stored = values if first else np.moveaxis(values, 3, 0)
    kinds = "vector domain domain domain" if first else "domain domain domain vector"
    path = write_nrrd(tmp_path / "a.nrrd", np.ascontiguousarray(stored), kind="uchar", kinds=kinds)
    if count == 5:
        with pytest.raises(VolumeError, match="5 values per voxel"):
            read_volume(path)
        return
    data = read_volume(path)
    np.testing.assert_array_equal(data.array_kji, values[..., 0] if count == 2 else values[..., :3])
    assert len(data.notes) == {2: 1, 3: 0, 4: 1}[count]


@pytest.mark.parametrize("kinds", ["domain domain domain time", "list domain domain domain", ""])
def test_a_sequence_of_volumes_is_refused(tmp_path, kinds) -> None:
    about = {"kinds": kinds} if kinds else {}
    with pytest.raises(VolumeError, match="dimensions"):
        read_volume(write_nrrd(tmp_path / "a.nrrd", grey_values((2, 3, 4, 5)), **about))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "block"},
        {"kind": "float16"},
        {"encoding": "hex"},
        {"endian": "middle"},
        {"space_directions": "(1,0,0) (0,1,0)"},
        {"spacings": "1 1"},
        {"spacings": "one two three"},
        {"kinds": "domain"},
    ],
    ids=str,
)
def test_what_is_not_understood_is_refused_in_one_sentence(tmp_path, wrong) -> None:
    with pytest.raises(VolumeError, match=r"a\.nrrd'") as told:
        read_volume(write_nrrd(tmp_path / "a.nrrd", grey_values(), **wrong))
    assert "\n" not in str(told.value)


def test_voxels_that_are_no_numbers_are_counted(tmp_path) -> None:
    values = grey_values(dtype="<f4")
    values[0, 0, :2], values[3, 2, 1] = np.nan, np.inf
    data = read_volume(write_nrrd(tmp_path / "a.nrrd", values, kind="float", **UPRIGHT))
    assert "3 of 594 voxel values are no finite numbers" in data.notes[0]


def test_a_slice_alone_is_a_volume_of_one_slice(tmp_path) -> None:
    data = read_volume(write_nrrd(tmp_path / "a.nrrd", grey_values((9, 11)), spacings="0.5 0.75"))
    assert data.array_kji.shape == (1, 9, 11) and data.spacing_mm == (0.5, 0.75, 1)


@pytest.mark.parametrize("directions", ["(0,0.5,0) (0,0,0.75)", "(0.5,0,0) (0,0,0.75)", "(0.5,0,0) (0,-0.75,0)"])
def test_a_slice_alone_may_lie_in_any_plane(tmp_path, directions) -> None:
    data = read_volume(write_nrrd(tmp_path / "a.nrrd", grey_values((9, 11)), **in_space(directions)))
    assert data.spacing_mm == pytest.approx((0.5, 0.75, 1))


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_of_a_header_gets_past_a_sentence(tmp_path, seed) -> None:
    """Random bytes of a header are changed: what comes is a scan or a sentence, never another error."""
    path = write_nrrd(tmp_path / "a.nrrd", grey_values(), **UPRIGHT)
    content = bytearray(path.read_bytes())
    random = np.random.default_rng(seed)
    for _ in range(3):
        content[random.integers(8, 190)] = random.integers(32, 127)
    path.write_bytes(content)
    try:
        read_volume(path)
    except VolumeError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("name", ["sizes", "line_skip", "byte_skip", "space_dimension"])
@pytest.mark.parametrize("number", ["nan", "inf", "7.5"])
def test_a_count_that_is_no_whole_number_is_refused(tmp_path, name, number) -> None:
    fields = {name: number, "space_directions": "(1,0,0) (0,1,0) (0,0,1)"}
    if name == "sizes":
        fields[name] = [number, 9, 6]
    path = write_nrrd(tmp_path / "a.nrrd", grey_values(), **fields)
    with pytest.raises(VolumeError, match="expected whole numbers"):
        read_volume(path)


@pytest.mark.parametrize("units", ["um um um", '"um" "um" "um"'])
def test_units_are_heeded_without_quotes_too(tmp_path, units) -> None:
    in_a_world = write_nrrd(tmp_path / "a.nrrd", grey_values(), **in_space(space_units=units))
    np.testing.assert_allclose(read_volume(in_a_world).spacing_mm, (1e-3, 2e-3, 3e-3))
    of_axes = write_nrrd(tmp_path / "b.nrrd", grey_values(), spacings="1 2 3", units=units)
    np.testing.assert_allclose(read_volume(of_axes).spacing_mm, (1e-3, 2e-3, 3e-3))


def test_a_vector_that_is_none_is_named_with_its_file(tmp_path) -> None:
    path = write_nrrd(tmp_path / "a.nrrd", grey_values(), **in_space("(1 0 0) (0 1 0) (0 0 1)"))
    with pytest.raises(VolumeError, match=r"a\.nrrd.*'\(1 0 0\)', expected numbers with commas"):
        read_volume(path)
