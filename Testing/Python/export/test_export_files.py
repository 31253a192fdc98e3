"""TIFF stacks of every kind, and labels of many classes."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.export import tiff_stack
from RWTHSAMLib.export.color_table import ctbl_text
from RWTHSAMLib.export.labelmap import LabelledClass, label_type, merge
from RWTHSAMLib.volumes.read import VolumeData, read_volume

WHOLE = (slice(None), slice(None), slice(None))


def a_class(label: int, name: str = "A class") -> LabelledClass:
    return LabelledClass(label, f"class_{label}", name, (1.0, 0.5, 0.0))


def a_stack(kind: str) -> VolumeData:
    voxels = np.random.default_rng(5).integers(0, 120, (4, 6, 7)).astype(kind)
    return VolumeData(voxels, np.diag([-0.012, -0.012, 0.03, 1.0]), "stack", True)


@pytest.mark.parametrize("kind", ["u1", "u2", "f4", "i2", "u4", "f8"])
def test_a_stack_of_any_number_type_comes_back_with_its_spacing(tmp_path, kind) -> None:
    check_stack(a_stack(kind), tmp_path / "stack.tif")


def test_beyond_the_size_of_classic_tiff_a_stack_is_a_bigtiff(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tiff_stack, "_LARGEST_CLASSIC_BYTES", 100)
    check_stack(a_stack("u1"), tmp_path / "stack.tif")
    assert (tmp_path / "stack.tif").read_bytes()[2] == 43  # BigTIFF's version; classic is 42


def check_stack(data: VolumeData, path) -> None:
    tiff_stack.write_tiff_stack(data, path)
    read = read_volume(path)
    np.testing.assert_array_equal(read.array_kji, data.array_kji)
    assert read.array_kji.dtype == data.array_kji.dtype
    assert read.spacing_mm == pytest.approx(data.spacing_mm, rel=1e-6) and read.unit_known


def test_labels_use_two_bytes_only_where_one_does_not_suffice() -> None:
    assert label_type([a_class(255)]) == np.uint8 and label_type([a_class(1), a_class(256)]) == np.uint16


def test_overlaps_are_counted_by_pair() -> None:
    classes = [a_class(label) for label in (1, 2, 3)]
    masks = np.zeros((3, 2, 3, 4), bool)
    masks[0, :, :2], masks[1, :, 1:], masks[2, 1, 1, :2] = True, True, True
    labels = np.zeros((2, 3, 4), np.uint8)
    found = merge(labels, ((each, mask, WHOLE) for each, mask in zip(classes, masks, strict=True)), classes)
    # of the second row 8 voxels went from 1 to 2, and 2 of them on to 3
    assert [(each.loser.label, each.winner.label, each.voxels) for each in found] == [(1, 2, 8), (2, 3, 2)]
    assert np.bincount(labels.ravel()).tolist() == [0, 8, 14, 2]


def test_a_colour_table_keeps_names_on_one_line() -> None:
    text = ctbl_text([a_class(1, "Jelly\nroll  core"), a_class(2, "  ")], "my cell.ctbl")
    assert text.splitlines()[2:] == ["0 Background 0 0 0 0", "1 Jelly_roll_core 255 128 0 255", "2 _ 255 128 0 255"]
