"""``rwthsam learn`` and ``rwthsam classify``: from painted classes to the classes of another scan."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from command_parts import class_voxels

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")
pytest.importorskip("sklearn", reason="needs scikit-learn (install the 'learn' extra)")

from RWTHSAMLib.algorithms.classification import feature_tiles
from RWTHSAMLib.algorithms.classification.classifier import read_classifier
from RWTHSAMLib.cli.main import OK, USAGE, main
from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.mrml.nodes import record_tag
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.storage import load_segmentation
from RWTHSAMLib.volumes import scan

SIZE = (48, 44, 24)
FEW = ["--trees", "10", "--most-voxels", "500", "--scales", "1", "2"]
CLASSES = {"Block": 220, "Bar": 60}


def write_scan(path: Path, shift: int = 0, factor: float = 1.0, kind: type = np.uint8) -> Path:
    """A bright block and a dark bar in grey, moved by some voxels."""
    grey = np.full(SIZE[::-1], 130.0) + np.random.default_rng(shift).normal(0, 6, SIZE[::-1])
    grey[4:20, 6 + shift : 22 + shift, 6:22] += CLASSES["Block"] - 130
    grey[2:22, 28:38, 10 + shift : 40 + shift] += CLASSES["Bar"] - 130
    image = sitk.GetImageFromArray((grey.clip(0, 255) * factor).astype(kind))
    image.SetSpacing((0.1, 0.1, 0.2))
    sitk.WriteImage(image, str(path))
    return path


def write_labels(path: Path, *, sparse: bool = False, shift: int = 0) -> Path:
    """Which voxels are block, bar and, sparsely, the rest; as Slicer writes it."""
    labels = np.zeros(SIZE[::-1], np.uint8)
    labels[4:20, 6 + shift : 22 + shift, 6:22] = 1
    labels[2:22, 28:38, 10 + shift : 40 + shift] = 2
    if sparse:
        rest = np.zeros(SIZE[::-1], bool)
        rest[:, 22:28], rest[:4], rest[20:], rest[:, :, 22:28] = True, True, True, True
        labels[rest & (labels == 0)] = 3
        labels[8:14], labels[:, :, 30:] = 0, 0
    image = sitk.GetImageFromArray(labels)
    image.SetSpacing((0.1, 0.1, 0.2))
    for number, (name, color) in enumerate({"Block": "1 0 0", "Bar": "0 1 0", "Rest": "0 0 1"}.items()):
        about = {"ID": f"S{number}", "Name": name, "Color": color, "LabelValue": str(number + 1), "Layer": "0"}
        about |= {"Extent": f"0 {SIZE[0] - 1} 0 {SIZE[1] - 1} 0 {SIZE[2] - 1}", "Tags": f"RWTHSAM.ClassId:{name}|"}
        for key, text in about.items():
            image.SetMetaData(f"Segment{number}_{key}", text)
    image.SetMetaData("Segmentation_ReferenceImageExtentOffset", "0 0 0")
    sitk.WriteImage(image, str(path), True)
    return path


@pytest.fixture(scope="module")
def learned(tmp_path_factory) -> Path:
    """A folder with two scans, their labels, and a classifier of sparsely painted voxels of the first."""
    folder = tmp_path_factory.mktemp("learned")
    write_scan(folder / "one.nrrd")
    write_scan(folder / "two.nrrd", shift=3)
    write_labels(folder / "sparse.seg.nrrd", sparse=True)
    write_labels(folder / "full.seg.nrrd")
    assert learn(folder, "sparse.seg.nrrd", "c.zip", "--rest", "Rest") == OK
    return folder


def learn(folder: Path, labels: str, output: str, *words: str) -> int:
    return main(["learn", str(folder / "one.nrrd"), str(folder / labels), "-o", str(folder / output), *FEW, *words])


def classify(folder: Path, scan_name: str, output: str, *words: str) -> int:
    names = [str(folder / scan_name), "-c", str(folder / "c.zip"), "-o", str(folder / output)]
    return main(["classify", *names, *words])


def truth(name: str, shift: int) -> np.ndarray:
    found = np.zeros(SIZE[::-1], bool)
    found[
        {"Block": np.s_[4:20, 6 + shift : 22 + shift, 6:22], "Bar": np.s_[2:22, 28:38, 10 + shift : 40 + shift]}[name]
    ] = 1
    return found


def test_another_scan_gets_the_classes_that_were_painted_sparsely(learned, capsys) -> None:
    assert classify(learned, "two.nrrd", "two.seg.nrrd") == OK
    said = capsys.readouterr()
    for name in CLASSES:
        found = class_voxels(learned / "two.seg.nrrd", name, SIZE)
        assert dice(found, truth(name, 3)) > 0.97
        assert f"{name}: {found.sum()} voxels" in said.out
    assert "classified 100%" in said.err
    with pytest.raises(StopIteration):
        class_voxels(learned / "two.seg.nrrd", "Rest", SIZE)


def test_what_is_learned_is_told_with_how_good_it_is(learned, capsys) -> None:
    assert learn(learned, "full.seg.nrrd", "full.zip", "--background") == OK
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == ["Block", "Bar", "background"]
    assert all(float(line.split("Dice ")[1].split(",")[0]) > 0.9 for line in lines[:3])
    assert "learned from 500 of 4,096 labelled voxels" in lines[0] and "slices along k that were kept out" in lines[3]
    found = read_classifier(learned / "full.zip")
    assert [entry.name for entry in found.profile.classes] == ["Block", "Bar"]
    assert found.learned.spacing_mm_ijk == pytest.approx((0.1, 0.1, 0.2))
    assert found.learned.classes[0].dice == pytest.approx(float(lines[0].split("Dice ")[1].split(",")[0]), abs=1e-3)


def test_the_same_labels_give_the_same_classifier(learned) -> None:
    assert learn(learned, "sparse.seg.nrrd", "again.zip", "--rest", "Rest") == OK
    assert (learned / "again.zip").read_bytes() == (learned / "c.zip").read_bytes()


def test_the_segmentation_says_how_it_was_made(learned) -> None:
    assert classify(learned, "two.nrrd", "told.seg.nrrd") == OK
    record = record_tag.kept(load_segmentation(new_scene(), learned / "told.seg.nrrd"))
    assert record is not None and [each.source for each in record.steps] == ["a learned classifier"] * 2
    assert record.scan.name == "two" and "c.zip" in record.made_with.engine and "'one'" in record.made_with.engine
    assert record.steps[0].voxels == class_voxels(learned / "told.seg.nrrd", "Block", SIZE).sum()


def test_a_scan_without_room_in_memory_gets_the_same_voxels(learned, monkeypatch, capsys) -> None:
    assert classify(learned, "two.nrrd", "whole.seg.nrrd") == OK
    monkeypatch.setattr(scan, "is_too_large", lambda byte_count, times_held=4: True)
    monkeypatch.setattr(feature_tiles, "_MOST_BYTES", 4 << 20)
    assert classify(learned, "two.nrrd", "slabs.seg.nrrd") == OK
    assert "it is read from the disk" in capsys.readouterr().err
    for name in CLASSES:
        one, other = (class_voxels(learned / f"{each}.seg.nrrd", name, SIZE) for each in ("whole", "slabs"))
        assert np.array_equal(one, other)
    assert learn(learned, "sparse.seg.nrrd", "slabs.zip", "--rest", "Rest") == OK
    assert (learned / "slabs.zip").read_bytes() == (learned / "c.zip").read_bytes()


def test_grey_values_of_another_kind_are_refused_unless_they_are_stretched(learned, capsys) -> None:
    write_scan(learned / "deep.nrrd", shift=3, factor=200, kind=np.uint16)
    assert classify(learned, "deep.nrrd", "deep.seg.nrrd") == USAGE
    said = capsys.readouterr().err
    assert "The grey values are of another kind" in said and "--stretch" in said
    assert not (learned / "deep.seg.nrrd").exists()
    assert classify(learned, "deep.nrrd", "deep.seg.nrrd", "--stretch") == OK
    assert dice(class_voxels(learned / "deep.seg.nrrd", "Block", SIZE), truth("Block", 3)) > 0.97
    assert classify(learned, "deep.nrrd", "wrong.seg.nrrd", "--no-stretch") == OK
    assert dice(class_voxels(learned / "wrong.seg.nrrd", "Block", SIZE), truth("Block", 3)) < 0.5


@pytest.mark.parametrize(("factor", "is_said"), [(1.5, True), (1.1, False)])
def test_grey_values_that_differ_somewhat_are_told_of(learned, tmp_path, capsys, factor: float, is_said: bool) -> None:
    names = [str(write_scan(tmp_path / "other.nrrd", 3, factor, np.uint16)), "-c", str(learned / "c.zip")]
    assert main(["classify", *names, "-o", str(tmp_path / "other.seg.nrrd")]) == OK
    assert ("The grey values differ" in capsys.readouterr().err) is is_said


def test_large_grey_values_that_differ_little_are_told_apart(learned) -> None:
    image = sitk.ReadImage(str(learned / "one.nrrd"))
    sitk.WriteImage(sitk.Cast(image, sitk.sitkFloat64) / 255 + 1e8, str(learned / "far.nrrd"))
    names = [str(learned / "far.nrrd"), str(learned / "sparse.seg.nrrd"), "-o", str(learned / "far.zip")]
    assert main(["learn", *names, *FEW, "--rest", "Rest"]) == OK
    assert min(each.dice for each in read_classifier(learned / "far.zip").learned.classes) > 0.95


def test_where_no_voxel_is_of_any_class_that_is_said(learned, capsys) -> None:
    assert classify(learned, "two.nrrd", "sure.seg.nrrd", "--least-probability", "1", "--no-stretch") == OK
    found = class_voxels(learned / "sure.seg.nrrd", "Block", SIZE).sum()
    assert 0 < found < truth("Block", 3).sum()
    flat = sitk.ReadImage(str(learned / "two.nrrd")) * 0 + 130
    sitk.WriteImage(flat, str(learned / "flat.nrrd"))
    assert classify(learned, "flat.nrrd", "none.seg.nrrd", "--no-stretch") == OK
    assert "No voxel is of any class" in capsys.readouterr().err and (learned / "none.seg.nrrd").exists()


def test_voxels_of_another_size_are_told_of(learned, capsys) -> None:
    assert classify(learned, "two.nrrd", "size.seg.nrrd", "--voxel-size", ".1", ".1", ".1") == OK
    said = capsys.readouterr().err
    assert "learned on voxels of 0.1 x 0.1 x 0.2 mm" in said and "these are of 0.1 x 0.1 x 0.1 mm" in said


def test_labels_without_names_are_learned_from(learned) -> None:
    image = sitk.ReadImage(str(learned / "full.seg.nrrd"))
    for key in image.GetMetaDataKeys():
        image.EraseMetaData(key)
    sitk.WriteImage(image, str(learned / "plain.nii.gz"))
    assert learn(learned, "plain.nii.gz", "plain.zip", "--background") == OK
    assert len(read_classifier(learned / "plain.zip").profile.classes) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "c2.zip"),
        (["--rest", "Nothing"], "--rest: the labels have no class 'Nothing'; they have Block, Bar"),
        (["--rest", "Rest", "--background"], "give one of them"),
        (["--scales", "0"], "scales: expected"),
        (["--trees", "0"], "trees: expected 1 to 1000, got 0"),
    ],
)
def test_what_cannot_be_learned_is_said_and_nothing_is_written(learned, capsys, words, said) -> None:
    output = "c2.zip" if words else "c2.txt"
    assert learn(learned, "full.seg.nrrd", output, *words) == USAGE
    assert (said if words else "ends in .zip") in capsys.readouterr().err and not (learned / output).exists()


def test_one_class_alone_is_too_few(learned, capsys) -> None:
    labels = np.zeros(SIZE[::-1], np.uint8)
    labels[3, 3, :5] = 1
    sitk.WriteImage(sitk.GetImageFromArray(labels), str(learned / "one-class.nii.gz"))
    write_scan(learned / "unplaced.nrrd")
    image = sitk.ReadImage(str(learned / "unplaced.nrrd"))
    image.SetSpacing((1, 1, 1))
    sitk.WriteImage(image, str(learned / "unplaced.nrrd"))
    names = [str(learned / "unplaced.nrrd"), str(learned / "one-class.nii.gz"), "-o", str(learned / "no.zip")]
    assert main(["learn", *names, *FEW]) == USAGE
    assert "two classes or more" in capsys.readouterr().err
    assert main(["learn", *names, *FEW, "--background"]) == USAGE
    assert "has 5" in capsys.readouterr().err and not (learned / "no.zip").exists()


def test_a_file_that_is_no_classifier_is_refused(learned, capsys) -> None:
    (learned / "not.zip").write_bytes((learned / "one.nrrd").read_bytes())
    names = [str(learned / "two.nrrd"), "-c", str(learned / "not.zip"), "-o", str(learned / "not.seg.nrrd")]
    assert main(["classify", *names]) == USAGE
    assert "holds no classifier of 'rwthsam learn'" in capsys.readouterr().err
    assert classify(learned, "two.nrrd", "no.seg.nrrd", "--least-probability", "2") == USAGE
    assert "expected 0 to 1, got 2" in capsys.readouterr().err


def test_labels_of_another_scan_are_refused(learned, capsys) -> None:
    other = sitk.ReadImage(str(learned / "one.nrrd"))
    other.SetOrigin((5, 0, 0))
    sitk.WriteImage(other, str(learned / "moved.nrrd"))
    names = [str(learned / "moved.nrrd"), str(learned / "full.seg.nrrd"), "-o", str(learned / "moved.zip")]
    assert main(["learn", *names]) == USAGE
    assert "does not lie on the voxel grid of 'moved'" in capsys.readouterr().err


@pytest.mark.parametrize("has_room", [True, False], ids=["in memory", "from the disk"])
def test_classes_made_with_another_voxel_size_are_measured_and_learned_with_it(
    learned, tmp_path, monkeypatch, has_room
) -> None:
    if not has_room:
        for module in ("volumes.scan", "cli.reading"):
            monkeypatch.setattr(f"RWTHSAMLib.{module}.is_too_large", lambda byte_count, times_held=4: True)
    size = ["--voxel-size", ".5", ".5", "2"]
    scan_name, found = str(learned / "two.nrrd"), str(tmp_path / "two.seg.nrrd")
    assert main(["classify", scan_name, "-c", str(learned / "c.zip"), "-o", found, *size]) == OK
    assert main(["measure", found, scan_name, "-o", str(tmp_path / "two.csv"), *size]) == OK
    row = next(csv.DictReader((tmp_path / "two.csv").read_text(encoding="utf-8").splitlines()))
    assert float(row["volume (mm3)"]) == pytest.approx(0.5 * int(row["voxel_count"]))
    assert main(["learn", scan_name, found, "-o", str(tmp_path / "c.zip"), "--background", *FEW, *size]) == OK
    assert read_classifier(tmp_path / "c.zip").learned.spacing_mm_ijk == (0.5, 0.5, 2.0)
    bright = ["--class", "Block", "--to", "Block", "--grey", "1", "999"]
    assert main(["threshold", found, scan_name, "-o", str(tmp_path / "bright.seg.nrrd"), *bright, *size]) == OK
    kept = sitk.ReadImage(str(tmp_path / "bright.seg.nrrd"))
    assert kept.GetSpacing() == pytest.approx((0.5, 0.5, 2.0))
    assert main(["measure", found, scan_name, "-o", str(tmp_path / "no.csv")]) == USAGE


@pytest.mark.parametrize("has_room", [True, False], ids=["in memory", "from the disk"])
def test_labels_beyond_the_scan_are_told_of(learned, tmp_path, monkeypatch, capsys, has_room) -> None:
    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(learned / "full.seg.nrrd")))
    whole = sitk.ReadImage(str(learned / "one.nrrd"))
    sitk.WriteImage(whole[:, :30, :12], str(tmp_path / "cut.nrrd"))
    if not has_room:
        for module in ("volumes.scan", "cli.reading"):
            monkeypatch.setattr(f"RWTHSAMLib.{module}.is_too_large", lambda byte_count, times_held=4: True)
    inputs = [str(learned / "full.seg.nrrd"), str(tmp_path / "cut.nrrd")]
    words = [str(tmp_path / "cut.zip"), "--background", *FEW]
    assert main(["learn", *inputs[::-1], "-o", *words]) == OK
    outside = f"reaches beyond 'cut', where {np.count_nonzero(labels) - np.count_nonzero(labels[:12, :30]):,} voxels"
    assert capsys.readouterr().err.count(outside) == 1
    assert main(["measure", *inputs, "-o", str(tmp_path / "cut.csv")]) == OK
    assert capsys.readouterr().err.count(outside) == 1


@pytest.mark.parametrize(("words", "is_said"), [((), True), (("--rest", "Rest"), False), (("--background",), False)])
def test_that_nothing_stands_for_all_else_is_said(learned: Path, tmp_path: Path, capsys, words, is_said: bool) -> None:
    output = ["-o", str(tmp_path / "c.zip")]
    assert main(["learn", str(learned / "one.nrrd"), str(learned / "sparse.seg.nrrd"), *output, *FEW, *words]) == OK
    assert ("name that by --rest" in capsys.readouterr().err) == is_said
