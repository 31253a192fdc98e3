"""Segmentations of Slicer and of other programs are read whole, or refused in a sentence; nothing ends the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scan_files import cut, in_space, write_nifti, write_nrrd

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.errors import VolumeError
from RWTHSAMLib.mrml.nodes import labelmaps, matrices
from RWTHSAMLib.mrml.nodes.storage import load_segmentation
from RWTHSAMLib.volumes.segmentation_file import read_segmentation_file

EVERYTHING = ("ID", "Name", "LabelValue", "Layer", "Extent")
WHOLE = Extent(0, 10, 0, 8, 0, 5)


@pytest.fixture
def labels_kji() -> np.ndarray:
    labels = np.zeros((6, 9, 11), np.uint8)
    labels[1:3, 2:5, 3:6] = 1
    labels[3:5, 5:8, 6:10] = 2
    return labels


def segment_keys(count: int, said: tuple[str, ...] = EVERYTHING, **other: str) -> dict[str, str]:
    keys = {}
    for index in range(count):
        about = {
            "ID": f"part {index}",
            "Name": f"Part {index}",
            "LabelValue": str(index + 1),
            "Layer": "0",
            "Extent": " ".join(map(str, WHOLE)),
        }
        keys |= {f"Segment{index}_{key}": about[key] for key in said}
    return keys | other


def write_segmentation(path: Path, labels: np.ndarray, keys: dict[str, str], **options: str) -> Path:
    kind = {"u1": "uchar", "i2": "short", "f4": "float"}[labels.dtype.str[1:]]
    write_nrrd(path, labels, kind=kind, **{**in_space(), "kinds": "domain domain domain", **options})
    header, voxels = path.read_bytes().split(b"\n\n", 1)
    lines = "".join(f"\n{key}:={value}" for key, value in keys.items())
    path.write_bytes(header + lines.encode() + b"\n\n" + voxels)
    return path


def held(node) -> dict[str, np.ndarray]:
    found = labelmaps.voxels_by_segment(node, WHOLE)
    return {node.GetSegmentation().GetSegment(each).GetName(): voxels for each, voxels in found.items()}


def assert_both_parts(node, labels: np.ndarray) -> None:
    parts = held(node)
    assert list(parts) == ["Part 0", "Part 1"]
    np.testing.assert_array_equal(parts["Part 0"], labels == 1)
    np.testing.assert_array_equal(parts["Part 1"], labels == 2)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
@pytest.mark.parametrize("type_name", ["u1", "i2", "f4"])
def test_every_encoding_is_read(a_scene, tmp_path, labels_kji, encoding, type_name, capfd) -> None:
    path = write_segmentation(
        tmp_path / "a.seg.nrrd", labels_kji.astype(f"<{type_name}"), segment_keys(2), encoding=encoding
    )
    assert_both_parts(load_segmentation(a_scene, path), labels_kji)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "said",
    [
        ("ID", "Name", "Layer", "Extent"),
        ("ID", "Name", "Extent"),
        ("ID", "Name"),
    ],
)
def test_segments_without_labels_are_kept_and_it_is_said(a_scene, tmp_path, labels_kji, said, capfd) -> None:
    told: list[str] = []
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, segment_keys(2, said))
    assert_both_parts(load_segmentation(a_scene, path, told.append), labels_kji)
    assert len(told) == 1 and "taken in their order" in told[0]
    assert capfd.readouterr().err == ""


def test_labels_that_begin_elsewhere_are_taken_in_their_order(a_scene, tmp_path, labels_kji) -> None:
    elsewhere = np.array([0, 7, 40], np.uint8)[labels_kji]
    path = write_segmentation(tmp_path / "a.seg.nrrd", elsewhere, segment_keys(2, ("ID", "Name")))
    assert_both_parts(load_segmentation(a_scene, path), labels_kji)


def test_an_empty_segment_without_a_label_is_kept(a_scene, tmp_path, labels_kji) -> None:
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, segment_keys(3, ("ID", "Name")))
    node = load_segmentation(a_scene, path)
    assert_both_parts(node, labels_kji)
    assert node.GetSegmentation().GetNumberOfSegments() == 3


def test_segments_that_no_label_can_be_found_for_are_refused(a_scene, tmp_path, labels_kji) -> None:
    labels = np.array([0, 7, 40], np.uint8)[labels_kji]
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels, segment_keys(3, ("ID", "Name")))
    with pytest.raises(VolumeError, match="names 3 segments but not their labels.*7, 40"):
        load_segmentation(a_scene, path)
    assert a_scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 0


@pytest.mark.parametrize("kinds", ["list domain domain domain", "vector domain domain domain"])
def test_a_layer_for_each_segment_is_read(a_scene, tmp_path, labels_kji, kinds) -> None:
    layers = np.stack([labels_kji == 1, labels_kji == 2], axis=-1).astype("u1")
    directions = "none (1,0,0) (0,2,0) (0,0,3)"
    keys = segment_keys(2, ("ID", "Name", "Extent"))
    path = write_segmentation(tmp_path / "a.seg.nrrd", layers, keys, kinds=kinds, space_directions=directions)
    assert_both_parts(load_segmentation(a_scene, path), labels_kji)


def test_a_plain_labelmap_becomes_a_segment_for_each_label(a_scene, tmp_path, labels_kji, capfd) -> None:
    paths = [
        write_segmentation(tmp_path / "a.nrrd", labels_kji, {}),
        write_nifti(tmp_path / "a.nii.gz", labels_kji.astype("<i2")),
    ]
    for path in paths:
        parts = list(held(load_segmentation(a_scene, path)).values())
        np.testing.assert_array_equal(parts, [labels_kji == 1, labels_kji == 2])
    assert capfd.readouterr().err == ""


def test_a_label_that_no_segment_has_is_said(a_scene, tmp_path, labels_kji) -> None:
    labels_kji[5, 8, 10] = 9
    told: list[str] = []
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, segment_keys(2))
    load_segmentation(a_scene, path, told.append)
    assert told == ["Voxels of the label 9 belong to no segment of the file; they were left out."]


@pytest.mark.parametrize("extent", ["0 100 0 8 0 5", "a b", "3 5 2 4 1 2", "-4 10 0 8 0 5", ""])
def test_wrong_extents_lose_no_voxel(a_scene, tmp_path, labels_kji, extent) -> None:
    keys = segment_keys(2, Segment0_Extent=extent, Segment1_Extent=extent)
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, keys)
    assert_both_parts(load_segmentation(a_scene, path), labels_kji)


@pytest.mark.parametrize(("unit", "mm"), [("um", 1e-3), ("mm", 1), ("m", 1e3)])
def test_units_are_heeded_as_for_scans(a_scene, tmp_path, labels_kji, unit, mm) -> None:
    units = f'"{unit}" "{unit}" "{unit}"'
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, segment_keys(2), space_units=units)
    node = load_segmentation(a_scene, path)
    labelmap = next(iter(labelmaps.layers_of(node, None)))[0]
    import vtk

    matrix = vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(matrix)
    expected = np.diag([-mm, -2 * mm, 3 * mm])
    np.testing.assert_allclose(matrices.to_numpy(matrix)[:3, :3], expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"Segment1_ID": "part 0"}, "same id"),
        ({"Segment1_LabelValue": "1"}, "gives the label 1 to 2 segments, 'Part 0', 'Part 1'"),
        ({"Segment1_LabelValue": "two"}, "Segment1_LabelValue is 'two'"),
        ({"Segment1_LabelValue": "-2"}, "Segment1_LabelValue is '-2'"),
        ({"Segment1_Layer": "7"}, "layer 7"),
        ({"Segment1_Layer": "x"}, "Segment1_Layer is 'x'"),
    ],
    ids=str,
)
def test_what_contradicts_itself_is_refused(a_scene, tmp_path, labels_kji, wrong, words) -> None:
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, segment_keys(2, **wrong))
    with pytest.raises(VolumeError, match=words):
        load_segmentation(a_scene, path)


def test_segments_that_are_not_counted_from_nought_are_kept(a_scene, tmp_path, labels_kji) -> None:
    keys = {key.replace("Segment1", "Segment8"): value for key, value in segment_keys(2).items()}
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, keys)
    assert_both_parts(load_segmentation(a_scene, path), labels_kji)


@pytest.mark.parametrize("directions", ["(1,0,0) (0.5,2,0) (0,0,3)", "(1,0,0) (0,0,0) (0,0,3)"])
def test_a_sheared_or_singular_grid_is_refused(a_scene, tmp_path, labels_kji, directions) -> None:
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, segment_keys(2), space_directions=directions)
    with pytest.raises(VolumeError, match="sheared|no usable voxel grid"):
        load_segmentation(a_scene, path)


@pytest.mark.parametrize("values", [0.5, -1.0, np.nan, 1e12])
def test_grey_values_are_no_segmentation(a_scene, tmp_path, labels_kji, values) -> None:
    labels = labels_kji.astype("<f4")
    labels[0, 0, 0] = values
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels, segment_keys(2))
    with pytest.raises(VolumeError, match="is no segmentation"):
        load_segmentation(a_scene, path)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
@pytest.mark.parametrize("to", [0, 4, 100, 0.5, 0.9, -9, -1])
def test_a_segmentation_that_was_cut_short_is_refused(a_scene, tmp_path, labels_kji, encoding, to) -> None:
    path = cut(write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, segment_keys(2), encoding=encoding), to)
    with pytest.raises(VolumeError, match="cut short|damaged|no NRRD|empty|unknown kind"):
        load_segmentation(a_scene, path)


@pytest.mark.parametrize("seed", range(60))
def test_no_damage_of_a_header_ends_the_process(a_scene, tmp_path, labels_kji, seed, capfd) -> None:
    """Random bytes of a header are changed: what comes is a segmentation or a sentence."""
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, segment_keys(2), encoding=["raw", "gzip"][seed % 2])
    content = bytearray(path.read_bytes())
    random = np.random.default_rng(seed)
    for _ in range(3):
        content[random.integers(8, content.index(b"\n\n"))] = random.integers(32, 127)
    path.write_bytes(content)
    try:
        load_segmentation(a_scene, path)
    except VolumeError as error:
        assert "\n" not in str(error)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("to", [0.5, -3])
@pytest.mark.parametrize("command", ["export", "provenance"])
def test_the_command_line_says_one_sentence_and_writes_nothing(tmp_path, labels_kji, to, command) -> None:
    path = cut(write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, segment_keys(2), encoding="gzip"), to)
    words = ["-o", str(tmp_path / "out.nrrd" if command == "export" else tmp_path / "out.json")]
    ended = subprocess.run(
        [sys.executable, "-m", "RWTHSAMLib.cli", command, str(path), *words], capture_output=True, text=True
    )
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.count("\n") == 1 and ended.stderr.startswith("rwthsam: ")
    assert [each.name for each in tmp_path.iterdir()] == ["a.seg.nrrd"]


def test_a_plain_labelmap_that_slicer_could_read_brings_no_line_of_its_own(tmp_path, labels_kji) -> None:
    path = write_nrrd(tmp_path / "a.nrrd", labels_kji, kind="uchar", kinds="domain domain domain", **in_space())
    ended = load_in_process(path)
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, b"")


def test_a_scan_that_is_given_as_a_segmentation_is_refused(a_scene, tmp_path) -> None:
    values = np.arange(20 * 20 * 20, dtype="<u2").reshape(20, 20, 20)
    for path in (
        write_nrrd(tmp_path / "a.nrrd", values, kind="ushort"),
        write_nifti(tmp_path / "a.nii", values, datatype=512),
    ):
        with pytest.raises(VolumeError, match="holds 7,999 different numbers.*is it a scan"):
            load_segmentation(a_scene, path)


def load_in_process(path: Path) -> subprocess.CompletedProcess[bytes]:
    script = (
        "import sys, slicer, pathlib; from RWTHSAMLib.mrml.nodes.storage import load_segmentation; "
        "load_segmentation(slicer.vtkMRMLScene(), pathlib.Path(sys.argv[1]))"
    )
    return subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, check=False)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"Segmentation_ReferenceImageExtentOffset": "99999999999 0 0"}, "expected three whole numbers"),
        ({"Segmentation_ReferenceImageExtentOffset": "2147483647 0 0"}, "expected three whole numbers"),
        ({"Segmentation_ReferenceImageExtentOffset": "a b c"}, "expected three whole numbers"),
        ({"Segmentation_ReferenceImageExtentOffset": "1 2"}, "expected three whole numbers"),
        ({"Segment0_LabelValue": "99999999999"}, "expected a number from 0"),
        ({"Segment0_ID": ""}, "has no id"),
    ],
    ids=["offset of 37 bits", "offset of 31 bits", "offset of letters", "two numbers", "label of 37 bits", "no id"],
)
def test_numbers_that_slicer_s_reader_stumbles_over_are_refused(tmp_path, labels_kji, wrong, words) -> None:
    path = write_segmentation(tmp_path / "a.seg.nrrd", labels_kji, segment_keys(2) | wrong)
    with pytest.raises(VolumeError, match=words):
        read_segmentation_file(path)


def test_a_folder_is_no_segmentation(a_scene, tmp_path) -> None:
    with pytest.raises(VolumeError, match="is a folder"):
        load_segmentation(a_scene, tmp_path)
