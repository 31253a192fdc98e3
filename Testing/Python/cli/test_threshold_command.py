"""``rwthsam threshold``: a class becomes the fine structure inside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.algorithms.threshold.threshold import otsu_threshold  # noqa: E402
from RWTHSAMLib.cli.main import USAGE, main  # noqa: E402
from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.mask import dice  # noqa: E402
from RWTHSAMLib.mrml.nodes import segments  # noqa: E402
from RWTHSAMLib.mrml.nodes.labelmaps import segment_voxels_kji  # noqa: E402
from RWTHSAMLib.mrml.nodes.standalone import new_scene  # noqa: E402
from RWTHSAMLib.mrml.nodes.storage import load_segmentation  # noqa: E402
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell  # noqa: E402

SHAPE_KJI = (24, 96, 96)


@pytest.fixture(scope="module")
def phantom(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("phantom")
    shape, labels = [str(each) for each in SHAPE_KJI], str(folder / "cell.seg.nrrd")
    assert main(["phantom", str(folder / "cell.nrrd"), "--shape", *shape, "--labels", labels]) == 0
    return folder


def threshold(phantom: Path, output: Path, *words: str) -> int:
    return main(["threshold", str(phantom / "cell.seg.nrrd"), str(phantom / "cell.nrrd"), "-o", str(output), *words])


def voxels(path: Path, name: str):
    node = load_segmentation(new_scene(), path)
    segmentation = node.GetSegmentation()
    ids = {segmentation.GetSegment(each).GetName(): each for each in segments.segment_ids(node)}
    k, j, i = SHAPE_KJI
    return segment_voxels_kji(node, ids[name], Extent(0, i - 1, 0, j - 1, 0, k - 1))


def test_the_bright_part_of_a_class_becomes_a_class_of_its_own(phantom, tmp_path, capsys) -> None:
    made, truth = cylindrical_cell(SHAPE_KJI), cylindrical_cell(SHAPE_KJI).mask_kji("Can")
    assert threshold(phantom, tmp_path / "out.seg.nrrd", "--class", "Can", "--to", "Shiny", "--otsu", "bright") == 0
    expected = truth & (made.grey_kji > otsu_threshold(made.grey_kji[truth]))
    assert dice(voxels(tmp_path / "out.seg.nrrd", "Shiny"), expected) == 1.0
    assert f"{expected.sum():,} voxels" in capsys.readouterr().err
    assert not (voxels(tmp_path / "out.seg.nrrd", "Can") & expected).any()


def test_a_class_is_thresholded_in_place(phantom, tmp_path) -> None:
    made, truth = cylindrical_cell(SHAPE_KJI), cylindrical_cell(SHAPE_KJI).mask_kji("Can")
    assert threshold(phantom, tmp_path / "out.seg.nrrd", "--class", "Can", "--to", "Can", "--otsu", "bright") == 0
    expected = truth & (made.grey_kji > otsu_threshold(made.grey_kji[truth]))
    assert np.array_equal(voxels(tmp_path / "out.seg.nrrd", "Can"), expected)


def test_classes_without_voxels_or_names_are_refused_and_nothing_is_written(phantom, tmp_path, capsys) -> None:
    out = tmp_path / "out.seg.nrrd"
    assert threshold(phantom, out, "--class", "Nothing", "--to", "Shiny", "--otsu", "dark") == USAGE
    assert "'Nothing'" in capsys.readouterr().err
    assert threshold(phantom, out, "--class", "Can", "--to", "Wall", "--grey", "-9", "-8") == USAGE
    assert "Nothing is left" in capsys.readouterr().err and not out.exists()


@pytest.mark.parametrize("grey", [("100", "0"), ("nan", "5")])
def test_grey_values_that_are_no_range_are_refused(phantom, tmp_path, capsys, grey) -> None:
    out = tmp_path / "out.seg.nrrd"
    assert threshold(phantom, out, "--class", "Can", "--to", "Wall", "--grey", *grey) == USAGE
    assert "grey: expected from-to, got " in capsys.readouterr().err and not out.exists()


def test_the_former_name_of_the_command_does_the_same_and_is_not_listed(phantom, tmp_path, capsys) -> None:
    words = ["--class", "Can", "--to", "Shiny", "--otsu", "bright"]
    assert threshold(phantom, tmp_path / "new.seg.nrrd", *words) == 0
    inputs = [str(phantom / "cell.seg.nrrd"), str(phantom / "cell.nrrd")]
    assert main(["narrow", *inputs, "-o", str(tmp_path / "former.seg.nrrd"), *words]) == 0
    assert (voxels(tmp_path / "former.seg.nrrd", "Shiny") == voxels(tmp_path / "new.seg.nrrd", "Shiny")).all()
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.split()]
    assert "threshold" in listed and "narrow" not in listed
