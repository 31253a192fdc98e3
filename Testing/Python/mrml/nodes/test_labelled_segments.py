"""Segmentations of more classes than 8 bits tell apart."""

from __future__ import annotations

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from scene_parts import GEOMETRIES  # noqa: E402

from RWTHSAMLib.core.color import palette_color  # noqa: E402
from RWTHSAMLib.core.profile import ProfileClass  # noqa: E402
from RWTHSAMLib.core.settings.export import formats_named  # noqa: E402
from RWTHSAMLib.mrml.nodes import segments  # noqa: E402
from RWTHSAMLib.mrml.nodes.segmentation_slabs import segmentation_of_classes, write_slabs  # noqa: E402
from RWTHSAMLib.mrml.nodes.storage import load_segmentation, save_segmentation  # noqa: E402
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry  # noqa: E402
from RWTHSAMLib.mrml.nodes.volumes import add_place_of_volume  # noqa: E402
from RWTHSAMLib.mrml.results.export import export_segmentation  # noqa: E402
from RWTHSAMLib.volumes.label_slabs import label_type  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402

SHAPE_KJI = (8, 10, 12)


@pytest.fixture(params=[3, 255, 256, 700])
def many(request, a_scene, a_volume_of, tmp_path):
    """A segmentation of so many classes of one voxel each, as its file is read, its scan, and where each class is."""
    volume = a_volume_of(GEOMETRIES["rotated"], SHAPE_KJI)
    count = request.param
    places = np.random.default_rng(count).permutation(np.prod(SHAPE_KJI))[:count]
    labels = np.zeros(SHAPE_KJI, label_type(count))
    labels.ravel()[places] = np.arange(1, count + 1)
    classes = [ProfileClass(f"object-{n}", f"Object {n}", palette_color(n)) for n in range(1, count + 1)]
    grid = VolumeGeometry.of(volume)
    place = add_place_of_volume(a_scene, grid, "scan", unit_known=True)
    node = segmentation_of_classes(a_scene, place, classes)
    write_slabs(node, (labels[:3], labels[3:]), grid, tmp_path / "many.seg.nrrd")
    corners = np.argwhere(labels)[np.argsort(labels[labels > 0])]
    return load_segmentation(a_scene, tmp_path / "many.seg.nrrd"), volume, corners


def test_every_class_that_was_written_in_slabs_has_its_voxel(many, a_scene, tmp_path) -> None:
    node, volume, corners = many
    opened = load_segmentation(a_scene, save_segmentation(node, tmp_path / "again.seg.nrrd"))
    for each in (node, opened):
        assert len(segments.segment_ids(each)) == len(corners)
        for number in {1, 2, len(corners) // 2, len(corners)}:
            mask = segments.mask_of_class_kji(each, f"object-{number}", volume)
            assert np.argwhere(mask).tolist() == [corners[number - 1].tolist()]


def test_every_class_is_exported_with_its_label(many, tmp_path) -> None:
    node, _, corners = many
    export_segmentation(node, tmp_path, "many", formats_named(["nrrd", "nifti", "tiff"]))
    for ending in ("nrrd", "nii.gz", "tif"):
        labels = read_volume(tmp_path / f"many-label.{ending}").array_kji
        assert labels[tuple(corners.T)].tolist() == list(range(1, len(corners) + 1))
