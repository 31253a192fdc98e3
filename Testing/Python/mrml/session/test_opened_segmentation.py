"""A segmentation of yesterday, or of another program, opens on the scan, or is refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from scene_parts import GEOMETRIES, NeighbourhoodEngine

from RWTHSAMLib.core.profile import profile_of_names
from RWTHSAMLib.core.settings.export import FORMATS
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import GeometryError, InputError
from RWTHSAMLib.mrml.nodes import segments, volumes
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.storage import save_segmentation
from RWTHSAMLib.mrml.results.export import export_segmentation
from RWTHSAMLib.mrml.session.opened_segmentation import open_segmentation
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.volumes.read import VolumeData
from RWTHSAMLib.volumes.write import write_volume

SHAPE_KJI = (6, 20, 24)
PROFILE = profile_of_names("Cell", ["Can", "Jelly roll", "Core"])
CAN, ROLL = (slice(1, 5), slice(2, 8), slice(3, 9)), (slice(0, 6), slice(10, 14), slice(12, 20))


@pytest.fixture
def on_scan() -> Iterator[Callable[..., Session]]:
    """Function that opens the scan in a program of its own."""
    made: list[Session] = []

    def open_(ijk_to_ras: np.ndarray = GEOMETRIES["rotated"], shape_kji: tuple[int, int, int] = SHAPE_KJI) -> Session:
        values = np.zeros(SHAPE_KJI, np.uint8)
        values[CAN], values[ROLL] = 200, 240
        session = Session(new_scene(), NeighbourhoodEngine())
        made.append(session)
        whole = values[tuple(slice(count) for count in shape_kji)]
        session.set_volume(volumes.add_volume(session.scene, VolumeData(whole, ijk_to_ras, "cell", True)))
        session.set_segmentation(None, PROFILE)
        return session

    yield open_
    for each in made:
        each.close()


@pytest.fixture
def yesterday(on_scan) -> Session:
    """A session in which a box round a part was submitted to each of two classes."""
    session = on_scan()
    for name, (_, rows, columns) in (("can", CAN), ("jelly-roll", ROLL)):
        session.select_class(name)
        session.set_box(SliceKey("k", 3), (columns.start, rows.start), (columns.stop - 1, rows.stop - 1))
        session.poll()
        session.submit()
    return session


@pytest.fixture
def labels_kji() -> np.ndarray:
    labels = np.zeros(SHAPE_KJI, np.uint8)
    labels[CAN], labels[ROLL] = 1, 7
    return labels


def voxels_of(session: Session) -> dict[str, list]:
    return {
        each.name: segments.mask_of_class_kji(session.segmentation_node, each.id, session.volume_node).tolist()
        for each in session.profile.classes
    }


def counts_of(session: Session) -> dict[str, int]:
    return {name: int(np.sum(voxels)) for name, voxels in voxels_of(session).items()}


def written(labels_kji: np.ndarray, path: Path, ijk_to_ras: np.ndarray = GEOMETRIES["rotated"]) -> Path:
    write_volume(VolumeData(labels_kji, ijk_to_ras, path.name, True), path)
    return path


def test_a_segmentation_comes_back_with_its_voxels_classes_and_record(yesterday, on_scan, tmp_path):
    path = save_segmentation(yesterday.segmentation_node, tmp_path / "cell.seg.nrrd")
    today = on_scan()
    today.set_profile(profile_of_names("Others", ["Pores"]))
    open_segmentation(today.workspace, path)
    assert voxels_of(today) == voxels_of(yesterday)
    assert today.prompt_file().all_steps() == yesterday.prompt_file().all_steps()
    today.select_class("core")
    today.set_box(SliceKey("k", 0), (0, 0), (3, 3))
    today.poll()
    today.submit()
    assert counts_of(today) == {**counts_of(yesterday), "Core": 16}


@pytest.mark.parametrize("kind", ["nrrd", "nifti", "tiff"])
def test_an_exported_labelmap_comes_back_with_its_classes(yesterday, on_scan, tmp_path, kind):
    exported = export_segmentation(yesterday.segmentation_node, tmp_path, "cell", [FORMATS[kind]])
    today = on_scan()
    said = open_segmentation(today.workspace, exported.files[0])
    assert voxels_of(today) == voxels_of(yesterday)
    assert [each.id for each in today.profile.classes] == [each.id for each in yesterday.profile.classes]
    assert any("cell-label.csv" in each for each in said)


def test_an_exported_label_image_comes_back_with_its_classes(yesterday, on_scan, tmp_path):
    pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra; Python 3.11)")
    exported = export_segmentation(yesterday.segmentation_node, tmp_path, "cell", [FORMATS["ome-zarr"]])
    for each in exported.files[1:]:
        each.unlink()  # the store says it itself
    today = on_scan()
    assert open_segmentation(today.workspace, exported.files[0]) == ()
    assert voxels_of(today) == voxels_of(yesterday)
    assert today.profile.classes == yesterday.profile.classes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.ctbl", "# Color table file\n0 Background 0 0 0 0\n1 jelly_roll 10 20 30 255\n7 Dust 255 0 0 255\n"),
        ("labels.csv", "LabelValue,Name,Color_R,Color_G,Color_B\n1,Jelly  roll,10,20,30\n7,Dust,255,0,0\n"),
        ("anything.txt", '# ITK-SNAP\n0 0 0 0 0 0 0 "Clear"\n1 10 20 30 1 1 1 "JELLY ROLL"\n7 255 0 0 1 1 1 "Dust"\n'),
    ],
)
def test_a_colour_table_names_the_labels(on_scan, labels_kji, tmp_path, name, text):
    path = written(labels_kji, tmp_path / "labels.nii.gz")
    (tmp_path / name).write_text(text)
    session = on_scan()
    open_segmentation(session.workspace, path)
    assert counts_of(session) == {"Can": 0, "Jelly roll": 144, "Core": 0, "Dust": 192}
    assert session.profile.class_named("Dust").color == (1.0, 0.0, 0.0)


def test_a_labelmap_without_a_table_brings_its_labels_as_classes(on_scan, labels_kji, tmp_path):
    (tmp_path / "measured.csv").write_text("part,voxels\n1,2\n")
    session = on_scan()
    open_segmentation(session.workspace, written(labels_kji, tmp_path / "labels.nii.gz"))
    assert sorted(counts_of(session).values()) == [0, 0, 0, 144, 192]
    added = session.profile.classes[-1]
    session.select_class(added.id)
    session.add_point(SliceKey("k", 0), 2, 2)
    session.poll()
    session.submit()
    assert counts_of(session)[added.name] == 192 + 9


def test_a_labelmap_that_was_cut_out_of_the_scan_lies_where_it_was_cut(on_scan, labels_kji, tmp_path):
    shifted = GEOMETRIES["rotated"].copy()
    shifted[:3, 3] += shifted[:3, :3] @ (2, 1, 1)
    session = on_scan()
    open_segmentation(session.workspace, written(labels_kji[1:5, 1:, 2:].copy(), tmp_path / "part.nrrd", shifted))
    mask = segments.mask_of_class_kji(session.segmentation_node, session.profile.classes[3].id, session.volume_node)
    assert np.array_equal(mask, labels_kji == 1)


def test_a_segmentation_of_a_part_lies_in_the_whole_scan(on_scan, tmp_path):
    shifted = GEOMETRIES["rotated"].copy()
    shifted[:3, 3] += shifted[:3, :3] @ (0, 2, 1)
    part = on_scan(shifted, (4, 15, 24))
    part.set_box(SliceKey("k", 2), (3, 0), (8, 5))
    part.poll()
    part.submit()
    whole = on_scan()
    open_segmentation(whole.workspace, save_segmentation(part.segmentation_node, tmp_path / "part.seg.nrrd"))
    mask = segments.mask_of_class_kji(whole.segmentation_node, "can", whole.volume_node)
    assert np.argwhere(mask).min(axis=0).tolist() == [3, 2, 3] and mask.sum() == 36


def test_after_the_voxel_size_was_corrected_voxels_keep_their_numbers(yesterday, on_scan, tmp_path):
    path = save_segmentation(yesterday.segmentation_node, tmp_path / "cell.seg.nrrd")
    corrected = GEOMETRIES["rotated"] @ np.diag([0.03, 0.03, 0.05, 1])
    today = on_scan(corrected)
    (said,) = open_segmentation(today.workspace, path)
    assert "another voxel size" in said and counts_of(today) == counts_of(yesterday)


def test_what_does_not_fit_the_scan_is_refused_and_the_open_work_stays(yesterday, labels_kji, tmp_path):
    turned = GEOMETRIES["rotated"] @ np.diag([-1.0, 1, 1, 1])
    before, node = voxels_of(yesterday), yesterday.segmentation_node
    for path, says in (
        (written(labels_kji, tmp_path / "turned.nii.gz", turned), "turned otherwise"),
        (written(labels_kji[:3].copy(), tmp_path / "smaller.nii.gz", turned), "3 x 20 x 24"),
        (written(np.zeros((6, 20, 25), np.uint8), tmp_path / "larger.nrrd"), "6 x 20 x 25"),
    ):
        with pytest.raises(GeometryError, match=says):
            open_segmentation(yesterday.workspace, path)
    with pytest.raises(InputError, match="whole numbers"):
        open_segmentation(yesterday.workspace, written(labels_kji + np.float32(0.5), tmp_path / "scan.nrrd"))
    assert voxels_of(yesterday) == before and yesterday.segmentation_node is node
    assert yesterday.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1


def test_more_labels_than_a_profile_holds_are_refused_in_a_sentence(on_scan, tmp_path):
    labels = (np.arange(np.prod(SHAPE_KJI)) % 300).astype(np.uint16).reshape(SHAPE_KJI)
    session = on_scan()
    with pytest.raises(InputError, match="255"):
        open_segmentation(session.workspace, written(labels, tmp_path / "many.nrrd"))


def test_a_labelmap_of_another_program_without_any_place_is_laid_on_the_scan(on_scan, labels_kji, tmp_path):
    sitk.WriteImage(sitk.GetImageFromArray(labels_kji), str(tmp_path / "labels.tif"))
    session = on_scan()
    said = open_segmentation(session.workspace, tmp_path / "labels.tif")
    assert any("voxel by voxel" in each for each in said)
    assert sorted(counts_of(session).values())[-2:] == [144, 192]
