"""A folder of slices is one scan in the order of their numbers; what does not fit is said or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

sitk = pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volume' extra)")
tifffile = pytest.importorskip("tifffile", reason="needs tifffile (install the 'volume' extra)")
pil_image = pytest.importorskip("PIL.Image", reason="needs Pillow")

from scan_files import cut, grey_values, nifti_header, write_nrrd  # noqa: E402

from RWTHSAMLib.errors import VolumeError  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402


def write_picture(path: Path, values_yx: np.ndarray) -> Path:
    if path.suffix.lower() in (".tif", ".tiff"):
        tifffile.imwrite(path, values_yx)
    else:
        sitk.WriteImage(sitk.GetImageFromArray(values_yx), str(path))
    return path


def write_stack(folder: Path, names: list[str], dtype: str = "u1") -> np.ndarray:
    values = grey_values((len(names), 9, 11), dtype)
    for name, values_yx in zip(names, values, strict=True):
        write_picture(folder / name, values_yx)
    return values


@pytest.mark.parametrize(
    "names",
    [
        [f"slice_{n}.tif" for n in range(8, 12)],
        [f"{n:04d}.png" for n in range(98, 102)],
        [f"cell7 2024-01-05 {n}.tiff" for n in (9, 10, 11)],
        [f"cell_{n}0.tif" for n in range(1, 12)],
        [f"scan_{100 + n}_{n}.bmp" for n in range(3)],
        [f"Slice{n}.TIF" for n in (1, 2)],
    ],
    ids=lambda names: names[0],
)
def test_slices_are_ordered_by_the_number_that_counts(tmp_path, names) -> None:
    values = write_stack(tmp_path, names)
    data = read_volume(tmp_path)
    np.testing.assert_array_equal(data.array_kji, values)
    assert data.notes == ()


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ([4], "1 slice seems to be missing, the first between 's_3.tif' and 's_5.tif'"),
        ([4, 5], "2 slices seem to be missing, the first between 's_3.tif' and 's_6.tif'"),
        ([2, 6], "2 slices seem to be missing"),
    ],
)
def test_missing_numbers_are_said(tmp_path, missing, words) -> None:
    values = write_stack(tmp_path, [f"s_{n}.tif" for n in range(10)])
    for number in missing:
        (tmp_path / f"s_{number}.tif").unlink()
    data = read_volume(tmp_path)
    np.testing.assert_array_equal(data.array_kji, np.delete(values, missing, axis=0))
    assert words in data.notes[0]


def test_unequal_steps_are_said(tmp_path) -> None:
    write_stack(tmp_path, [f"z{n}.tif" for n in (0, 3, 7, 20, 21)])
    assert "unequal steps (1 to 13)" in read_volume(tmp_path).notes[0]


def test_names_without_numbers_are_said(tmp_path) -> None:
    values = write_stack(tmp_path, ["bottom.tif", "middle.tif", "top.tif"])
    data = read_volume(tmp_path)
    np.testing.assert_array_equal(data.array_kji, values)
    assert "by the alphabet" in data.notes[0]


@pytest.mark.parametrize("extra", ["s_03.tif", "s_3.tiff", "s_003.TIF"])
def test_a_number_that_occurs_twice_is_refused(tmp_path, extra) -> None:
    write_stack(tmp_path, [f"s_{n}.tif" for n in range(6)])
    write_picture(tmp_path / extra, grey_values((9, 11), "u1"))
    with pytest.raises(VolumeError, match="number 3 more than once.*Keep only"):
        read_volume(tmp_path)


@pytest.mark.parametrize("extra", ["preview.tif", "s_3 copy.tif", "s_3 (1).tif", "mask_3.tif", "overview_1.tif"])
def test_a_stray_picture_of_the_same_size_is_refused(tmp_path, extra) -> None:
    write_stack(tmp_path, [f"s_{n}.tif" for n in range(6)])
    write_picture(tmp_path / extra, grey_values((9, 11), "u1"))
    with pytest.raises(VolumeError, match="names of different kinds.*Keep only") as told:
        read_volume(tmp_path)
    assert extra in str(told.value)


@pytest.mark.parametrize("names", [["a_{}.tif", "b_{}.tif"], ["c0_z{}.tif", "c1_z{}.tif"]], ids=str)
def test_two_scans_in_a_folder_are_refused(tmp_path, names) -> None:
    write_stack(tmp_path, [name.format(n) for name in names for n in range(5)])
    with pytest.raises(VolumeError, match="Keep only the slices of one scan"):
        read_volume(tmp_path)


@pytest.mark.parametrize(
    ("slices", "beside"), [("s_{}.tif", "preview.png"), ("s_{}.png", "preview.tif"), ("s_{}.tif", "result.nrrd")]
)
def test_another_kind_of_file_beside_the_slices_is_said(tmp_path, slices, beside) -> None:
    values = write_stack(tmp_path, [slices.format(n) for n in range(5)])
    if beside.endswith("nrrd"):
        write_nrrd(tmp_path / beside, grey_values())
    else:
        write_picture(tmp_path / beside, grey_values((9, 11), "u1"))
    (tmp_path / "cell.seg.nrrd").write_bytes(b"its segmentation")
    data = read_volume(tmp_path)
    np.testing.assert_array_equal(data.array_kji, values)
    assert data.notes == (f"Beside the slices the folder holds '{beside}', which were not read.",)


def test_a_preview_beside_a_scan_is_not_read_instead(tmp_path) -> None:
    write_picture(tmp_path / "preview.png", grey_values((9, 11), "u1"))
    write_nrrd(tmp_path / "scan.nrrd", grey_values())
    with pytest.raises(VolumeError, match="'scan.nrrd' beside 'preview.png': choose the file"):
        read_volume(tmp_path)


def test_the_only_scan_of_a_folder_is_read(tmp_path) -> None:
    (tmp_path / "scan.hdr").write_bytes(nifti_header(magic=b"ni1\0")[:348])
    (tmp_path / "scan.img").write_bytes(grey_values().tobytes())
    (tmp_path / "cell.seg.nrrd").write_bytes(b"its segmentation")
    np.testing.assert_array_equal(read_volume(tmp_path).array_kji, grey_values())


def test_a_folder_with_several_scans_names_them(tmp_path) -> None:
    write_nrrd(tmp_path / "a.nrrd", grey_values())
    write_nrrd(tmp_path / "b.nrrd", grey_values())
    with pytest.raises(VolumeError, match="'a.nrrd', 'b.nrrd': choose the file"):
        read_volume(tmp_path)


def test_slices_with_pixels_of_another_size_are_refused(tmp_path) -> None:
    for n in range(3):
        per_cm = 500 if n == 2 else 400
        tifffile.imwrite(
            tmp_path / f"s_{n}.tif",
            grey_values((9, 11), "u1"),
            resolution=(per_cm, per_cm),
            resolutionunit="CENTIMETER",
        )
    with pytest.raises(VolumeError, match="s_2.tif.*pixels are of another size"):
        read_volume(tmp_path)


def test_what_is_odd_about_one_slice_is_said_once(tmp_path) -> None:
    for n in range(4):
        kind = "miniswhite" if n else "minisblack"
        tifffile.imwrite(tmp_path / f"s_{n}.tif", grey_values((9, 11), "u1"), photometric=kind)
    assert [("MinIsWhite" in note) for note in read_volume(tmp_path).notes] == [True]


@pytest.mark.parametrize("ending", [".tif", ".png", ".bmp", ".jpg"])
@pytest.mark.parametrize("to", [0, 4, 20, 0.5, 0.9, -9])
def test_a_slice_that_was_cut_short_is_named(tmp_path, ending, to, capfd) -> None:
    for n, values_yx in enumerate(grey_values((3, 64, 64), "u1")):
        write_picture(tmp_path / f"s_{n}{ending}", values_yx)
    if ending == ".jpg" and to == -9:
        to = -200
    cut(tmp_path / f"s_1{ending}", to)
    with pytest.raises(VolumeError, match=f"s_1{ending}"):
        read_volume(tmp_path)
    assert capfd.readouterr().err == ""


def test_colours_of_a_picture_are_read_and_lost_transparency_is_said(tmp_path) -> None:
    from PIL import Image

    values = grey_values((9, 11, 4), "u1")
    Image.fromarray(values).save(tmp_path / "a.png")
    Image.fromarray(values[..., :3]).quantize(16).save(tmp_path / "p.png")
    with_alpha, palette = read_volume(tmp_path / "a.png"), read_volume(tmp_path / "p.png")
    np.testing.assert_array_equal(with_alpha.array_kji[0], values[..., :3])
    assert "transparency" in with_alpha.notes[0]
    np.testing.assert_array_equal(palette.array_kji[0], np.asarray(Image.open(tmp_path / "p.png").convert("RGB")))
    assert "palette" in palette.notes[0]


@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_grey_values_of_a_picture_are_kept(tmp_path, dtype) -> None:
    values = grey_values((9, 11), dtype) * (1 if dtype == "u1" else 300)
    data = read_volume(write_picture(tmp_path / "a.png", values))
    np.testing.assert_array_equal(data.array_kji[0], values)
    assert not data.unit_known and data.notes == ()


@pytest.mark.parametrize("ending", [".tif", ".dcm", ""])
def test_a_link_to_a_slice_that_is_not_there_is_refused(tmp_path, ending) -> None:
    for number in range(3):
        tifffile.imwrite(tmp_path / f"s{number}.tif", np.zeros((4, 4), np.uint8))
    (tmp_path / f"s3{ending}").symlink_to(tmp_path / "elsewhere" / "s3")
    with pytest.raises(VolumeError, match=f"links to files that are not there: 's3{ending}'"):
        read_volume(tmp_path)


def test_the_orientation_of_a_photograph_is_said(tmp_path) -> None:
    about = pil_image.Exif()
    about[0x0112] = 6
    pil_image.fromarray(np.zeros((4, 6), np.uint8)).save(tmp_path / "a.jpg", exif=about)
    assert "orientation 6" in read_volume(tmp_path / "a.jpg").notes[0]
