"""Label images of OME-Zarr say which label is which class, to other programs and to us."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

if sys.version_info < (3, 11):
    pytest.skip("zarr 3 needs Python 3.11", allow_module_level=True)
zarr = pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra)")

from RWTHSAMLib.errors import InputError, VolumeError  # noqa: E402
from RWTHSAMLib.export.labelmap import LabelledClass  # noqa: E402
from RWTHSAMLib.export.ome_zarr_labels import write_label_image  # noqa: E402
from RWTHSAMLib.volumes.formats.color_table import NamedLabel  # noqa: E402
from RWTHSAMLib.volumes.ome_zarr.labels import check_replaceable_labels, read_labels  # noqa: E402
from RWTHSAMLib.volumes.open import open_volume  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402
from RWTHSAMLib.volumes.segmentation_file import read_segmentation_file  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData, upright_grid  # noqa: E402

CAN = LabelledClass(1, "can", "Can", (1.0, 0.2, 0.0))
CORE = LabelledClass(7, "core", "Jelly roll, core", (0.0, 0.4, 1.0))


@pytest.fixture
def labels_kji() -> np.ndarray:
    labels = np.zeros((4, 6, 8), np.uint8)
    labels[:2, 1:4] = 1
    labels[2:, :, 3:] = 7
    return labels


@pytest.fixture
def a_label_image(tmp_path, labels_kji) -> Path:
    path = tmp_path / "cell-label.ome.zarr"
    write_label_image(VolumeData(labels_kji, upright_grid((0.1, 0.2, 0.3)), "cell", True), [CAN, CORE], path)
    return path


def of_a_scan(store: Path, **label_images: Path) -> Path:
    """A scan's store, with label images moved to where the standard has them."""
    group = zarr.create_group(str(store))
    group.create_array("0", data=np.zeros((4, 6, 8), np.uint8))
    places = [{"type": "scale", "scale": [0.3, 0.2, 0.1]}]
    axes = [{"name": axis, "type": "space", "unit": "millimeter"} for axis in "zyx"]
    image = {"axes": axes, "datasets": [{"path": "0", "coordinateTransformations": places}]}
    group.attrs["ome"] = {"version": "0.5", "multiscales": [image]}
    zarr.create_group(str(store / "labels")).attrs["ome"] = {"version": "0.5", "labels": [*label_images]}
    for name, path in label_images.items():
        path.rename(store / "labels" / name)
    return store


def test_labels_come_back_with_names_colours_and_classes(a_label_image, labels_kji) -> None:
    data, named = read_labels(a_label_image)
    assert np.array_equal(data.array_kji, labels_kji) and data.array_kji.dtype == np.uint8
    assert data.spacing_mm == pytest.approx((0.1, 0.2, 0.3))
    assert named == {each.label: NamedLabel(each.label, each.name, each.color, each.class_id) for each in (CAN, CORE)}


def test_the_standard_has_its_words_for_them(a_label_image) -> None:
    from yaozarrs import validate_zarr_store

    about = validate_zarr_store(str(a_label_image)) and dict(zarr.open_group(str(a_label_image)).attrs)["ome"]
    assert about["image-label"]["colors"][1] == {"label-value": 7, "rgba": [0, 102, 255, 255]}
    # 7.0 is no label to ome-zarr-py
    assert {type(each["label-value"]) for kind in ("colors", "properties") for each in about["image-label"][kind]} == {
        int
    }
    assert about["image-label"]["properties"][1]["name"] == "Jelly roll, core"


def test_a_segmentation_is_read_of_it(a_label_image, labels_kji) -> None:
    held = read_segmentation_file(a_label_image)
    assert np.array_equal(held.layers[0], labels_kji)
    assert [(each.name, each.label) for each in held.entries] == [("Can", 1), ("Jelly roll, core", 7)]
    assert held.keys["Segment1_Color"] == "0 0.4 1" and "core" in held.keys["Segment1_Tags"]


def test_an_archive_is_read_as_the_folder_is(a_label_image, labels_kji, tmp_path) -> None:
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", a_label_image)
    held = read_segmentation_file(Path(archive).rename(tmp_path / "cell.ozx"))
    assert np.array_equal(held.layers[0], labels_kji) and len(held.entries) == 2


def test_the_labels_of_a_scan_are_found_in_it(a_label_image, labels_kji, tmp_path) -> None:
    scan = of_a_scan(tmp_path / "scan.ome.zarr", cells=a_label_image)
    for path in (scan, scan / "labels", scan / "labels/cells"):
        assert np.array_equal(read_segmentation_file(path).layers[0], labels_kji)
    assert not read_volume(scan).array_kji.any()


def test_of_several_one_must_be_chosen(a_label_image, tmp_path, labels_kji) -> None:
    other = tmp_path / "other.ome.zarr"
    write_label_image(VolumeData(labels_kji, upright_grid((1, 1, 1)), "cell", True), [CAN, CORE], other)
    scan = of_a_scan(tmp_path / "scan.ome.zarr", cells=a_label_image, others=other)
    with pytest.raises(VolumeError, match="holds 2 label images: choose the folder of one of them"):
        read_segmentation_file(scan)


def test_labels_without_names_are_a_segment_each(tmp_path, labels_kji, a_label_image) -> None:
    about = json.loads((a_label_image / "zarr.json").read_text(encoding="utf-8"))
    about["attributes"]["ome"]["image-label"] = {}
    (a_label_image / "zarr.json").write_text(json.dumps(about), encoding="utf-8")
    held = read_segmentation_file(a_label_image)
    assert np.array_equal(held.layers[0], labels_kji) and held.entries == ()


@pytest.mark.parametrize("read", [read_volume, open_volume])
def test_a_label_image_is_no_scan(a_label_image, read) -> None:
    with pytest.raises(VolumeError, match="is a segmentation, not a scan"):
        read(a_label_image)


def test_an_export_replaces_label_images_alone(a_label_image, tmp_path) -> None:
    check_replaceable_labels(a_label_image)
    check_replaceable_labels(tmp_path / "nothing.ome.zarr")
    for other in (of_a_scan(tmp_path / "scan.ome.zarr"), tmp_path):
        with pytest.raises(InputError, match="is no label image; it is not replaced"):
            check_replaceable_labels(other)
