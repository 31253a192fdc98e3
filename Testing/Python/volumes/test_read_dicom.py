"""A DICOM series is read by the places of its slices; what is missing, doubled, tilted or damaged is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

sitk = pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volume' extra)")
pydicom = pytest.importorskip("pydicom", reason="needs pydicom (install the 'volume' extra)")

from scan_files import cut, grey_values, write_dicom, write_series  # noqa: E402

from RWTHSAMLib.errors import VolumeError  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402

AXIAL = [1, 0, 0, 0, 1, 0]


@pytest.fixture
def values_kji() -> np.ndarray:
    return grey_values((8, 9, 11))


@pytest.fixture
def a_folder(tmp_path) -> Path:
    folder = tmp_path / "series"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("one_file", [False, True], ids=["folder", "one of its files"])
@pytest.mark.parametrize("axes", [AXIAL, [0, 1, 0, 0, 0, -1], [0.8, 0.6, 0, -0.6, 0.8, 0]], ids=str)
def test_a_series_lies_where_its_slices_say(a_folder, values_kji, axes, one_file) -> None:
    normal = np.cross(axes[:3], axes[3:])
    for k, values_yx in enumerate(values_kji):
        place = (np.array([10.0, -20.0, 30.0]) + 2 * k * normal).tolist()
        write_dicom(a_folder / f"{9 - k}.dcm", values_yx, ImagePositionPatient=place, ImageOrientationPatient=axes)
    data = read_volume(a_folder / "4.dcm" if one_file else a_folder)
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert data.spacing_mm == pytest.approx((0.5, 0.75, 2.0)) and data.unit_known
    to_lps = np.diag([-1, -1, 1, 1]) @ data.ijk_to_ras
    expected = np.stack([0.5 * np.array(axes[:3]), 0.75 * np.array(axes[3:]), 2 * normal], axis=1)
    np.testing.assert_allclose(to_lps[:3, :3], expected, atol=1e-9)
    np.testing.assert_allclose(to_lps[:3, 3], [10, -20, 30])
    assert data.notes == (("The 8 files of its series were read.",) if one_file else ())


@pytest.mark.parametrize("missing", [[3, 4], [1], [6], [2, 5]], ids=str)
def test_missing_slices_are_counted_and_refused(a_folder, values_kji, missing) -> None:
    paths = write_series(a_folder, values_kji)
    for k in missing:
        paths[k].unlink()
    words = "1 slice is missing" if len(missing) == 1 else "2 slices are missing"
    with pytest.raises(VolumeError, match=words):
        read_volume(a_folder)


def test_a_distance_that_contradicts_the_places_is_said(a_folder, values_kji) -> None:
    paths = write_series(a_folder, values_kji, SpacingBetweenSlices=2)
    for path in paths[1::2]:
        path.unlink()
    data = read_volume(a_folder)
    assert data.spacing_mm[2] == pytest.approx(4)
    assert "2 mm between slices, but their places are 4 mm apart" in data.notes[0]


@pytest.mark.parametrize(
    "about",
    [
        {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "ImagePositionPatient": [0, 0, 1]},
        {"PixelSpacing": [2, 2], "ImagePositionPatient": [10, -20, 33]},
        {"size": (20, 20), "ImagePositionPatient": [10, -20, 33]},
    ],
    ids=["another plane", "overview", "another pixel size", "another size"],
)
def test_what_does_not_belong_to_the_stack_is_left_out_and_it_is_said(a_folder, values_kji, about) -> None:
    write_series(a_folder, values_kji)
    write_dicom(a_folder / "scout.dcm", grey_values(about.pop("size", (9, 11))), **about)
    data = read_volume(a_folder)
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert data.spacing_mm[2] == pytest.approx(2)
    assert "'scout.dcm'" in data.notes[0] and len(data.notes) == 1


def test_as_many_slices_of_one_kind_as_of_another_are_refused(a_folder, values_kji) -> None:
    write_series(a_folder, values_kji)
    for k, values_yx in enumerate(values_kji):
        place = {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1], "ImagePositionPatient": [k, 0, 0]}
        write_dicom(a_folder / f"x{k}.dcm", values_yx, **place)
    with pytest.raises(VolumeError, match="different planes"):
        read_volume(a_folder)


def test_each_slice_is_scaled_for_itself(a_folder, values_kji) -> None:
    slopes = [1, 0.5, 2, 0.25, 1.5, 1, 1, 3]
    paths = write_series(a_folder, values_kji)
    for path, slope in zip(paths, slopes, strict=True):
        dataset = pydicom.dcmread(path)
        dataset.RescaleSlope, dataset.RescaleIntercept = slope, -10
        dataset.save_as(path)
    data = read_volume(a_folder)
    np.testing.assert_allclose(data.array_kji, values_kji * np.reshape(slopes, (8, 1, 1)) - 10, rtol=1e-6)
    assert data.array_kji.dtype.kind == "f"
    assert "slopes 0.25 to 3" in data.notes[0]


def test_whole_numbers_stay_whole_numbers(a_folder, values_kji) -> None:
    write_series(a_folder, values_kji, RescaleSlope=1, RescaleIntercept=-1024)
    data = read_volume(a_folder)
    np.testing.assert_array_equal(data.array_kji, values_kji.astype(int) - 1024)
    assert data.array_kji.dtype.kind == "i" and data.notes == ()


@pytest.mark.parametrize("tilt_deg", [0.5, 15])
def test_a_tilted_gantry_is_refused(a_folder, values_kji, tilt_deg) -> None:
    aside = 2 * np.tan(np.radians(tilt_deg))
    for k, values_yx in enumerate(values_kji):
        write_dicom(a_folder / f"{k}.dcm", values_yx, ImagePositionPatient=[10, -20 + aside * k, 30 + 2 * k])
    with pytest.raises(VolumeError, match=f"tilted gantry \\({tilt_deg:g}"):
        read_volume(a_folder)


def test_two_slices_at_one_place_are_refused(a_folder, values_kji) -> None:
    write_series(a_folder, values_kji)
    write_dicom(a_folder / "again.dcm", values_kji[3] + 1, ImagePositionPatient=[10, -20, 36])
    with pytest.raises(VolumeError, match="same place.*again.dcm"):
        read_volume(a_folder)


def test_a_copy_of_a_file_is_left_out_and_it_is_said(a_folder, values_kji) -> None:
    paths = write_series(a_folder, values_kji)
    (a_folder / "copy of a slice.dcm").write_bytes(paths[3].read_bytes())
    data = read_volume(a_folder)
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert "Copies of slices were left out" in data.notes[0]


@pytest.mark.parametrize(("off_mm", "words"), [(0.01, None), (0.2, "up to 0.2 mm"), (0.9, "uneven")])
def test_uneven_steps_are_said_or_refused(a_folder, values_kji, off_mm, words) -> None:
    write_series(a_folder, values_kji)
    write_dicom(a_folder / "005.dcm", values_kji[3], ImagePositionPatient=[10, -20, 36 + off_mm])
    if words == "uneven":
        with pytest.raises(VolumeError, match=words):
            read_volume(a_folder)
        return
    data = read_volume(a_folder)
    assert [words in note for note in data.notes] == ([True] if words else [])


@pytest.mark.parametrize("to", [100, 140, 300, 0.5, 0.9, -9, -1])
@pytest.mark.parametrize("which", [0, 3, 7])
def test_a_damaged_file_is_named(a_folder, values_kji, to, which) -> None:
    path = cut(write_series(a_folder, values_kji)[which], to)
    with pytest.raises(VolumeError, match=f"{path.name}' could not be read as DICOM, it is damaged or cut short"):
        read_volume(a_folder)


@pytest.mark.parametrize("to", [0.5, -200, -9])
def test_a_compressed_picture_that_was_cut_short_is_named(a_folder, to) -> None:
    values = grey_values((3, 64, 64), "u1")
    for k, path in enumerate(write_series(a_folder, values)):
        image = sitk.ReadImage(str(path))
        writer = sitk.ImageFileWriter()
        for tag in image.GetMetaDataKeys():
            image.SetMetaData(tag, image.GetMetaData(tag))
        writer.KeepOriginalImageUIDOn()
        writer.UseCompressionOn()
        writer.SetFileName(str(path))
        writer.Execute(image)
        assert pydicom.dcmread(path).file_meta.TransferSyntaxUID.is_compressed, k
    np.testing.assert_array_equal(read_volume(a_folder).array_kji, values)
    path = cut(a_folder / "002.dcm", to)
    with pytest.raises(VolumeError, match=path.name):
        read_volume(a_folder)


def test_an_empty_file_is_named(a_folder, values_kji) -> None:
    write_series(a_folder, values_kji)
    (a_folder / "000.dcm").touch()
    with pytest.raises(VolumeError, match="000.dcm"):
        read_volume(a_folder)


def test_the_largest_series_is_read_and_it_is_said(a_folder, values_kji) -> None:
    write_series(a_folder, values_kji)
    for k in range(3):
        write_dicom(
            a_folder / f"other{k}.dcm", values_kji[k], SeriesInstanceUID="1.2.3", ImagePositionPatient=[0, 0, k]
        )
    data = read_volume(a_folder)
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert "2 DICOM series; the largest, of 8 files" in data.notes[0]


def test_a_preview_beside_the_slices_is_not_read_and_it_is_said(a_folder, values_kji) -> None:
    import tifffile

    write_series(a_folder, values_kji)
    sitk.WriteImage(sitk.GetImageFromArray(grey_values((9, 11), "u1")), str(a_folder / "preview.png"))
    tifffile.imwrite(a_folder / "preview.tif", grey_values((9, 11), "u1"))
    (a_folder / "notes.txt").write_text("made on Monday")
    data = read_volume(a_folder)
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert "'preview.tif', 'preview.png', which were not read" in data.notes[0]


def test_files_without_endings_are_known_by_their_beginning(a_folder, values_kji) -> None:
    for path in write_series(a_folder, values_kji):
        path.rename(path.with_name(f"IM{path.stem}"))
    np.testing.assert_array_equal(read_volume(a_folder).array_kji, values_kji)
    np.testing.assert_array_equal(read_volume(a_folder / "IM003").array_kji, values_kji)


def test_files_without_pictures_are_passed_over(a_folder, values_kji) -> None:
    write_series(a_folder, values_kji)
    nothing = {"Rows": None, "Columns": None, "PixelData": None, "SOPClassUID": "1.2.840.10008.5.1.4.1.1.481.3"}
    write_dicom(a_folder / "structures.dcm", values_kji[0], **nothing)
    np.testing.assert_array_equal(read_volume(a_folder).array_kji, values_kji)
    with pytest.raises(VolumeError, match="without a picture"):
        read_volume(a_folder / "structures.dcm")


def test_bright_low_values_are_inverted_and_it_is_said(a_folder, values_kji) -> None:
    write_series(a_folder, values_kji, PhotometricInterpretation="MONOCHROME1")
    data = read_volume(a_folder)
    np.testing.assert_array_equal(data.array_kji, -1 - values_kji)
    assert "MONOCHROME1" in data.notes[0]


def test_slices_without_places_are_ordered_by_number_and_it_is_said(a_folder, values_kji) -> None:
    paths = write_series(a_folder, values_kji, ImagePositionPatient=None, SliceThickness=3)
    data = read_volume(a_folder)
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert data.spacing_mm == (0.5, 0.75, 3) and "ordered by their numbers" in data.notes[0]
    paths[3].unlink()
    assert "missing" in read_volume(a_folder).notes[1]


def test_slices_without_places_and_numbers_are_refused(a_folder, values_kji) -> None:
    write_series(a_folder, values_kji, ImagePositionPatient=None, InstanceNumber=None)
    with pytest.raises(VolumeError, match="neither where they lie nor"):
        read_volume(a_folder)


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"PixelSpacing": [0, 1]}, "pixel sizes"),
        ({"PixelSpacing": [1, -1]}, "pixel sizes"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "impossible orientation"),
        ({"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]}, "impossible orientation"),
        ({"ImageOrientationPatient": [1, 0.2, 0, 0, 1, 0]}, "impossible orientation"),
    ],
    ids=str,
)
def test_impossible_geometry_is_refused(a_folder, values_kji, about, words) -> None:
    write_series(a_folder, values_kji, **about)
    with pytest.raises(VolumeError, match=words):
        read_volume(a_folder)


@pytest.mark.parametrize(
    ("about", "spacing", "known", "notes"),
    [
        ({}, (0.5, 0.75, 0.5), True, 1),
        ({"SliceThickness": 3}, (0.5, 0.75, 3), True, 0),
        ({"SpacingBetweenSlices": 4, "SliceThickness": 3}, (0.5, 0.75, 4), True, 0),
        ({"PixelSpacing": None, "SliceThickness": 3}, (1, 1, 3), False, 0),
        ({"PixelSpacing": None, "ImagerPixelSpacing": [2, 1], "SliceThickness": 3}, (1, 2, 3), True, 1),
    ],
    ids=str,
)
def test_a_slice_alone_says_what_was_assumed(tmp_path, about, spacing, known, notes) -> None:
    data = read_volume(write_dicom(tmp_path / "a.dcm", grey_values((9, 11)), **about))
    assert data.spacing_mm == pytest.approx(spacing)
    assert (data.unit_known, len(data.notes)) == (known, notes)


def frames_of(places_mm: list[float]) -> dict[str, object]:
    """Fields of a file of many frames."""
    from pydicom.dataset import Dataset

    def inner(**fields: object) -> Dataset:
        dataset = Dataset()
        for name, value in fields.items():
            setattr(dataset, name, value)
        return dataset

    shared = inner(
        PixelMeasuresSequence=[inner(PixelSpacing=[0.75, 0.5], SliceThickness=2)],
        PlaneOrientationSequence=[inner(ImageOrientationPatient=AXIAL)],
    )
    each = [inner(PlanePositionSequence=[inner(ImagePositionPatient=[10, -20, z])]) for z in places_mm]
    return {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2.1",
        "NumberOfFrames": len(places_mm),
        "SharedFunctionalGroupsSequence": [shared],
        "PerFrameFunctionalGroupsSequence": each,
        "PixelSpacing": None,
        "ImagePositionPatient": None,
        "ImageOrientationPatient": None,
    }


def test_frames_of_one_file_are_ordered_by_their_places(tmp_path) -> None:
    values = grey_values((4, 9, 11))
    data = read_volume(write_dicom(tmp_path / "a.dcm", values, **frames_of([34, 30, 32, 36])))
    np.testing.assert_array_equal(data.array_kji, values[[1, 2, 0, 3]])
    assert data.spacing_mm == pytest.approx((0.5, 0.75, 2))


def test_frames_at_one_place_are_stacked_as_far_apart_as_the_file_says(tmp_path) -> None:
    values = grey_values((4, 9, 11))
    of_one_place = {"NumberOfFrames": 4, "ImagePositionPatient": [10, -20, 30], "ImageOrientationPatient": AXIAL}
    data = read_volume(write_dicom(tmp_path / "a.dcm", values, **of_one_place, SpacingBetweenSlices=2.5))
    np.testing.assert_array_equal(data.array_kji, values)
    assert data.spacing_mm == pytest.approx((0.5, 0.75, 2.5))
    np.testing.assert_allclose(np.diag([-1, -1, 1]) @ data.ijk_to_ras[:3, 3], [10, -20, 30])
    assert "one place for its 4 pictures" in data.notes[0] and "2.5 mm apart" in data.notes[0]
    with pytest.raises(VolumeError, match="same place"):
        read_volume(write_dicom(tmp_path / "b.dcm", values, **of_one_place))


@pytest.mark.parametrize(
    ("places", "words"), [([30, 32, 36, 38], "1 slice is missing"), ([30, 30, 32, 34], "same place")]
)
def test_frames_that_are_missing_or_doubled_are_refused(tmp_path, places, words) -> None:
    with pytest.raises(VolumeError, match=words):
        read_volume(write_dicom(tmp_path / "a.dcm", grey_values((4, 9, 11)), **frames_of(places)))


def test_deflated_files_and_those_without_a_preamble_are_read(a_folder, values_kji) -> None:
    for number, path in enumerate(write_series(a_folder, values_kji)):
        dataset = pydicom.dcmread(path)
        if number % 2:
            dataset.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
            dataset.save_as(path)
        else:
            pydicom.dcmwrite(path, bare_of(dataset), implicit_vr=True, little_endian=True)
    np.testing.assert_array_equal(read_volume(a_folder).array_kji, values_kji)


def bare_of(dataset):
    """The same without file meta information, as old programs write it."""
    bare = pydicom.Dataset()
    bare.update(dataset)
    return bare


@pytest.mark.parametrize("seed", range(30))
def test_no_damage_gets_past_a_sentence(a_folder, values_kji, seed, capfd) -> None:
    """Random bytes of one file are changed: what comes is a scan or a sentence, and no line of a library."""
    path = write_series(a_folder, values_kji)[seed % 8]
    content = bytearray(path.read_bytes())
    random = np.random.default_rng(seed)
    for _ in range(4):
        content[random.integers(128, len(content) - values_kji[0].nbytes)] = random.integers(0, 256)
    path.write_bytes(content)
    try:
        read_volume(a_folder)
    except VolumeError as error:
        assert "\n" not in str(error)
    assert capfd.readouterr().err == ""


def test_slices_that_are_a_series_each_are_one_scan_and_it_is_said(a_folder, values_kji) -> None:
    for k, slice_yx in enumerate(values_kji):
        about = {"SeriesInstanceUID": f"1.2.{k + 1}", "ImagePositionPatient": [0, 0, k]}
        write_dicom(a_folder / f"{k}.dcm", slice_yx, **about)
    data = read_volume(a_folder)
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert "Each slice is a DICOM series of its own" in data.notes[0]


def test_two_series_of_as_many_slices_are_refused_but_each_can_be_chosen(a_folder, values_kji) -> None:
    for series in (1, 2):
        for k in range(3):
            about = {"SeriesInstanceUID": f"1.2.{series}", "ImagePositionPatient": [0, 0, k]}
            write_dicom(a_folder / f"{series}-{k}.dcm", values_kji[k + series], **about)
    with pytest.raises(VolumeError, match="choose one of '1-0.dcm', '2-0.dcm'"):
        read_volume(a_folder)
    np.testing.assert_array_equal(read_volume(a_folder / "2-1.dcm").array_kji, values_kji[2:5])


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"PixelSpacing": [0.5]}, "expected 2 numbers"),
        ({"BitsAllocated": None}, "does not say BitsAllocated"),
        ({"RescaleSlope": "nan", "RescaleIntercept": "0"}, "scales its grey values by nan"),
    ],
    ids=["one pixel size", "no bits", "a slope that is no number"],
)
def test_what_a_file_does_not_say_rightly_is_named(a_folder, values_kji, about, words) -> None:
    write_series(a_folder, values_kji)
    path = a_folder / "one.dcm"
    write_dicom(path, values_kji[0])
    dataset = pydicom.dcmread(path)
    for keyword, value in about.items():
        if value is None:
            del dataset[keyword]
        else:
            setattr(dataset, keyword, value)
    dataset.save_as(path)
    with pytest.raises(VolumeError, match=f"one.dcm.*{words}"):
        read_volume(path)


def test_a_gap_names_the_slice_that_was_left_out(a_folder, values_kji) -> None:
    for k in range(5):
        values = values_kji[k, :5] if k == 2 else values_kji[k]
        write_dicom(a_folder / f"{k}.dcm", values, SeriesInstanceUID="1.2.3", ImagePositionPatient=[0, 0, k])
    with pytest.raises(VolumeError, match=r"1 slice is missing.*Left out.*'2\.dcm'"):
        read_volume(a_folder)
