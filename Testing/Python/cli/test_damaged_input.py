"""A file that cannot be used ends a command with one sentence and exit code 2; what was assumed of one is noted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volume' extra)")
tifffile = pytest.importorskip("tifffile", reason="needs tifffile (install the 'volume' extra)")

from scan_files import cut, grey_values, in_space, write_dicom, write_nifti, write_nrrd, write_series  # noqa: E402

from RWTHSAMLib.cli.main import main  # noqa: E402

SHAPE = (4, 30, 30)


def values() -> np.ndarray:
    return grey_values(SHAPE)


def a_cut_nrrd(folder: Path) -> Path:
    return cut(write_nrrd(folder / "a.nrrd", values(), **in_space()), 0.5)


def a_cut_packed_nrrd(folder: Path) -> Path:
    return cut(write_nrrd(folder / "a.nrrd", values(), encoding="gzip", **in_space()), 0.5)


def a_sheared_nrrd(folder: Path) -> Path:
    return write_nrrd(folder / "a.nrrd", values(), **in_space("(1,0,0) (0.4,1,0) (0,0,1)"))


def a_cut_nifti(folder: Path) -> Path:
    return cut(write_nifti(folder / "a.nii", values()), 0.5)


def a_packed_nifti_without_its_end(folder: Path) -> Path:
    return cut(write_nifti(folder / "a.nii.gz", values()), -6)


def a_nifti_without_slices(folder: Path) -> Path:
    return write_nifti(folder / "a.nii", values(), sizes=(30, 30, 0))


def a_cut_imagej_stack(folder: Path) -> Path:
    tifffile.imwrite(folder / "a.tif", values(), imagej=True, metadata={"axes": "ZYX"})
    return cut(folder / "a.tif", 0.5)


def a_cut_ome_stack(folder: Path) -> Path:
    tifffile.imwrite(folder / "a.tif", values(), ome=True, metadata={"axes": "ZYX"})
    return cut(folder / "a.tif", 0.5)


def a_cut_picture(folder: Path) -> Path:
    from PIL import Image

    Image.fromarray(grey_values((64, 64), "u1")).save(folder / "a.png")
    return cut(folder / "a.png", 0.5)


def a_series_with_a_gap(folder: Path) -> Path:
    write_series(folder / "series", values())[1].unlink()
    return folder / "series"


def a_series_with_a_damaged_file(folder: Path) -> Path:
    cut(write_series(folder / "series", values())[2], 0.5)
    return folder / "series"


def a_folder_with_a_stray_picture(folder: Path) -> Path:
    (folder / "stack").mkdir()
    for name in ("s_1", "s_2", "s_3", "preview"):
        tifffile.imwrite(folder / "stack" / f"{name}.tif", values()[0])
    return folder / "stack"


def an_unknown_kind(folder: Path) -> Path:
    (folder / "a.xyz").write_bytes(b"\0\1\2\3" * 50)
    return folder / "a.xyz"


BAD = [each for name, each in list(globals().items()) if name.startswith(("a_", "an_"))]


@pytest.mark.parametrize("a_bad_file", BAD, ids=lambda made: made.__name__)
def test_a_bad_scan_ends_in_one_sentence_and_writes_nothing(tmp_path, a_bad_file, capfd) -> None:
    path, output = a_bad_file(tmp_path), tmp_path / "out.nrrd"
    words = ["unroll", str(path), "-o", str(output), "--center", "15", "15", "--inner", "2", "--outer", "12"]
    assert main(words) == 2
    said = capfd.readouterr()
    assert said.err.startswith("rwthsam: ") and said.err.count("\n") == 1 and said.out == ""
    assert path.name in said.err or path.parent.name in said.err or "slice" in said.err
    assert not output.exists()


def a_scan_in_furlongs(folder: Path) -> Path:
    return write_nrrd(folder / "a.nrrd", values(), **in_space(space_units='"furlong" "furlong" "furlong"'))


def a_scan_in_two_places(folder: Path) -> Path:
    rows = np.column_stack([np.diag([0.5, 0.75, 2]), (1, 2, 3)])
    return write_nifti(folder / "a.nii", values(), qform=(1, (0, 0, 0), (9, 9, 9)), sform=(2, rows))


def an_inverted_stack(folder: Path) -> Path:
    tifffile.imwrite(folder / "a.tif", values().astype("u1"), photometric="miniswhite", metadata=None)
    return folder / "a.tif"


def a_stack_without_one_slice(folder: Path) -> Path:
    (folder / "stack").mkdir()
    for number in (1, 2, 4, 5):
        tifffile.imwrite(folder / "stack" / f"s_{number}.tif", values()[0])
    return folder / "stack"


def a_series_with_a_localizer(folder: Path) -> Path:
    write_series(folder / "series", values())
    across = {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}
    write_dicom(folder / "series" / "scout.dcm", values()[0], **across)
    return folder / "series"


@pytest.mark.parametrize(
    ("an_odd_file", "words"),
    [
        (a_scan_in_furlongs, "'furlong'"),
        (a_scan_in_two_places, "qform was used"),
        (an_inverted_stack, "MinIsWhite"),
        (a_stack_without_one_slice, "1 slice seems to be missing"),
        (a_series_with_a_localizer, "'scout.dcm'"),
    ],
    ids=lambda made: getattr(made, "__name__", ""),
)
def test_what_was_assumed_of_a_scan_is_noted(tmp_path, an_odd_file, words, capfd) -> None:
    path, output = an_odd_file(tmp_path), tmp_path / "out.nrrd"
    assert main(["unroll", str(path), "-o", str(output), "--center", "15", "15", "--inner", "2", "--outer", "12"]) == 0
    assert words in capfd.readouterr().err
    assert output.exists()


def test_every_command_reads_scans_and_segmentations_with_their_notes() -> None:
    import RWTHSAMLib.cli as batch

    folder = Path(batch.__file__).parent
    silent = [
        each.name
        for each in folder.glob("*.py")
        if each.name != "reading.py"
        and (
            "read_volume(" in each.read_text(encoding="utf-8")
            or "load_segmentation(" in each.read_text(encoding="utf-8")
        )
    ]
    assert silent == []
