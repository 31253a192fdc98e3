"""A segmentation that something else has made is gone on with on a scan that stays on its disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra)")

from scene_parts import NeighbourhoodEngine

from RWTHSAMLib.cli.main import OK, main
from RWTHSAMLib.core.profile import default_profile, profile_of_names
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import InputError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.on_disk.scan_on_disk import ScanOnDisk, label_path_beside, levels_beyond_memory
from RWTHSAMLib.mrml.nodes.on_disk.taken_labels import take_labels
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.storage import save_segmentation
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.volumes.lazy_volume import lazy_volume_of
from RWTHSAMLib.volumes.ome_zarr.labels import read_labels
from RWTHSAMLib.volumes.ome_zarr.read import open_ome_zarr
from RWTHSAMLib.volumes.ome_zarr.write import StoreSettings, write_ome_zarr
from RWTHSAMLib.volumes.volume_data import VolumeData
from RWTHSAMLib.volumes.write import write_volume

SHAPE_KJI, SHOWN_KJI = (24, 41, 60), (12, 20, 30)
MATRIX = np.array([[0.0, -0.5, 0, 3], [0.5, 0, 0, -2], [0, 0, 0.7, 1], [0, 0, 0, 1]])
CLASSES = profile_of_names("Another cell", ["Jelly roll", "Winding", "Electrolyte"])
"""The first one is a class of the page's profile, too."""


@pytest.fixture
def a_scan(tmp_path: Path) -> Path:
    """An OME-Zarr scan of three levels: a bright bar in noise of seed 3."""
    print("seed 3")
    values = np.random.default_rng(3).integers(0, 60, SHAPE_KJI).astype(np.uint8)
    values[6:18, 10:31, 20:41] += 180
    path = tmp_path / "cell.ome.zarr"
    data = VolumeData(values, MATRIX, "cell", True)
    write_ome_zarr(lazy_volume_of(data, path), path, StoreSettings(coarsest=20))
    return path


@pytest.fixture
def done(a_scan: Path) -> Iterator[Session]:
    """A session that has the scan in memory, with two classes of three that have voxels."""
    session = Session(new_scene(), NeighbourhoodEngine())
    session.set_volume(add_volume(session.scene, open_ome_zarr(a_scan)[0].read()))
    session.set_segmentation(None, CLASSES)
    session.set_window(Window(0, 250))
    click(session, SliceKey("k", 11), 30, 20, "jelly-roll")
    click(session, SliceKey("j", 39), 50, 20, "winding")
    yield session
    session.close()


def click(session: Session, key: SliceKey, x: int, y: int, class_id: str) -> None:
    session.select_class(class_id)
    session.add_point(key, x, y)
    session.poll()
    session.submit()


def voxels_of(session: Session) -> dict[str, np.ndarray]:
    """Of each class of a session in memory that has any, by its name."""
    node, volume = session.segmentation_node, session.volume_node
    every = {each.name: segments.mask_of_class_kji(node, each.id, volume) for each in session.profile.classes}
    return {name: voxels for name, voxels in every.items() if voxels.any()}


def taken(path: Path, scan: Path) -> tuple[str, ...]:
    levels = open_ome_zarr(scan)
    return take_labels(path, label_path_beside(scan), [each.grid for each in levels], True, default_profile())


def opened(scan: Path) -> Session:
    """A session whose views show level 1 of a scan."""
    session, levels = Session(new_scene(), NeighbourhoodEngine()), levels_beyond_memory(scan, SHOWN_KJI)
    node = add_volume(session.scene, levels[1].read())
    session.set_volume(node, ScanOnDisk(levels, node, label_path_beside(scan)))
    session.set_segmentation(None)
    session.set_window(Window(0, 250))
    return session


def saved(session: Session, folder: Path, kind: str) -> Path:
    path = save_segmentation(session.segmentation_node, folder / "done.seg.nrrd")
    if kind == "seg.nrrd":
        return path
    assert main(["export", str(path), "-o", str(folder / f"other.{kind}")]) == OK
    return folder / f"other.{kind}"


@pytest.mark.parametrize("kind", ["seg.nrrd", "ome.zarr", "nii.gz"])
def test_its_classes_are_there_voxel_by_voxel_and_gone_on_with(done: Session, a_scan: Path, tmp_path, kind) -> None:
    path = saved(done, tmp_path, kind)
    taken(path, a_scan)
    session = opened(a_scan)
    labels, named = read_labels(label_path_beside(a_scan))
    label_of = {each.name: label for label, each in named.items()}
    expected = voxels_of(done)
    assert {*expected} == {"Jelly roll", "Winding"} <= {each.name for each in session.profile.classes}
    for name, voxels in expected.items():
        assert np.array_equal(labels.array_kji == label_of[name], voxels), name
    assert "jelly-roll" in {each.class_id for each in named.values()}
    shown = segments.mask_of_class_kji(session.segmentation_node, "jelly-roll", session.volume_node)
    assert shown.any()
    click(session, SliceKey("k", 14), 30, 20, "jelly-roll")
    after = read_labels(label_path_beside(a_scan))[0].array_kji == label_of["Jelly roll"]
    assert after[14].any() and np.array_equal(after[11], expected["Jelly roll"][11])
    assert len(session.prompt_file().slices) == (3 if kind == "seg.nrrd" else 1)  # other kinds carry no record
    session.close()


def test_voxels_of_several_classes_go_to_the_first_which_is_told(done: Session, a_scan: Path, tmp_path) -> None:
    node, volume = done.segmentation_node, done.volume_node
    first, second = (segments.segment_id_of_class(node, each) for each in ("jelly-roll", "winding"))
    voxels = segments.mask_of_class_kji(node, "jelly-roll", volume)
    done.workspace.writer(node).submit(second, voxels, done.geometry.extent, spared=[first])
    (note,) = taken(saved(done, tmp_path, "seg.nrrd"), a_scan)
    assert note.startswith(f"{voxels.sum():,} voxels belong to several classes")
    labels, named = read_labels(label_path_beside(a_scan))
    label = next(label for label, each in named.items() if each.name == "Jelly roll")
    assert np.array_equal(labels.array_kji == label, voxels)


def test_one_of_another_scan_is_refused_and_nothing_is_left(done: Session, a_scan: Path, tmp_path) -> None:
    other = tmp_path / "other.nii.gz"
    grid = np.diag([1.0, 1.0, 2.0, 1.0])
    write_volume(VolumeData(np.ones((4, 5, 6), np.uint8), grid, "other", True), other)
    before = {*tmp_path.iterdir()}
    with pytest.raises(InputError, match=r"\(4 x 5 x 6 voxels, k, j, i\) does not lie on the finest level"):
        taken(other, a_scan)
    assert {*tmp_path.iterdir()} == before


def test_classes_that_are_there_are_not_replaced(done: Session, a_scan: Path, tmp_path) -> None:
    session = opened(a_scan)
    click(session, SliceKey("k", 11), 30, 20, "core")
    session.close()
    before = read_labels(label_path_beside(a_scan))[0].array_kji
    with pytest.raises(InputError, match=r"There are classes of this scan in .* already"):
        taken(saved(done, tmp_path, "seg.nrrd"), a_scan)
    assert np.array_equal(read_labels(label_path_beside(a_scan))[0].array_kji, before)
