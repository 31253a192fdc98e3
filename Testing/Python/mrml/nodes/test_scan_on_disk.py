"""Of a scan larger than memory the views show a coarser level; prompts and classes are of the finest one."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra)")

from scene_parts import NeighbourhoodEngine
from small_disk import PAGE_BYTES, SmallDisk

from RWTHSAMLib.cli.main import OK, main
from RWTHSAMLib.core.oblique_plane import plane_through
from RWTHSAMLib.core.profile import default_profile
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import InputError, ProjectError, StateError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.on_disk.scan_on_disk import ScanOnDisk, label_path_beside, levels_beyond_memory
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.temporary_nodes import OWNER_ATTRIBUTE
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.parts import object_room
from RWTHSAMLib.mrml.session.parts.threshold_refinement import ThresholdRefinement
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.record.project import read_project
from RWTHSAMLib.record.project_folder import ProjectFolder
from RWTHSAMLib.volumes.lazy_volume import LazyVolume, lazy_volume_of
from RWTHSAMLib.volumes.ome_zarr.labels import read_labels
from RWTHSAMLib.volumes.ome_zarr.read import open_ome_zarr
from RWTHSAMLib.volumes.ome_zarr.write import StoreSettings, write_ome_zarr
from RWTHSAMLib.volumes.volume_data import VolumeData

SHAPE_KJI, SHOWN_KJI = (24, 41, 60), (12, 20, 30)
WINDOW = Window(0, 250)
TURNED = np.array([[0.0, -0.5, 0, 3], [0.5, 0, 0, -2], [0, 0, 0.7, 1], [0, 0, 0, 1]])


@pytest.fixture
def a_scan(tmp_path: Path) -> Path:
    """An OME-Zarr scan of three levels, turned: a bright bar in noise of seed 3."""
    print("seed 3")
    values = np.random.default_rng(3).integers(0, 60, SHAPE_KJI).astype(np.uint8)
    values[6:18, 10:31, 20:41] += 180
    data = VolumeData(values, TURNED, "cell", True)
    path = tmp_path / "cell.ome.zarr"
    write_ome_zarr(lazy_volume_of(data, path), path, StoreSettings(coarsest=20))
    return path


def opened(path: Path, labels: Path | None = None) -> Session:
    """A session whose views show level 1 of a scan."""
    session, levels = Session(new_scene(), NeighbourhoodEngine()), levels_beyond_memory(path, SHOWN_KJI)
    node = add_volume(session.scene, levels[1].read())
    session.set_volume(node, ScanOnDisk(levels, node, labels or label_path_beside(path)))
    session.set_segmentation(None)
    session.set_window(WINDOW)
    return session


@pytest.fixture
def on_disk(a_scan: Path) -> Iterator[Session]:
    """A session on the scan, which stays on the disk."""
    session = opened(a_scan)
    yield session
    session.close()


@pytest.fixture
def in_memory(a_scan: Path) -> Iterator[Session]:
    """A session that has all of the finest level in memory."""
    session = Session(new_scene(), NeighbourhoodEngine())
    session.set_volume(add_volume(session.scene, open_ome_zarr(a_scan)[0].read()))
    session.set_segmentation(None)
    session.set_window(WINDOW)
    yield session
    session.close()


def click(session: Session, key: SliceKey, x: int, y: int, class_id: str = "core", submits: bool = True) -> None:
    session.select_class(class_id)
    session.add_point(key, x, y)
    session.poll()
    if submits:
        session.submit()


def work(session: Session) -> None:
    """Prompts in all three directions, classes that keep theirs, one that is locked, undo and redo."""
    for key, x, y in ((SliceKey("k", 11), 30, 20), (SliceKey("j", 20), 31, 12), (SliceKey("i", 30), 22, 10)):
        click(session, key, x, y, submits=False)
    session.submit()
    click(session, SliceKey("k", 11), 32, 21, "can")
    session.set_profile(session.profile.locking("can", True))
    click(session, SliceKey("k", 11), 33, 21, "cap")
    click(session, SliceKey("k", 12), 31, 20, "cap")
    session.undo()
    session.undo()
    session.redo()
    session.redo()


def labels_on_disk(session: Session, class_id: str) -> np.ndarray:
    labels, named = read_labels(session.workspace.on_disk.store_path)
    label = next((each.label for each in named.values() if each.class_id == class_id), -1)
    return labels.array_kji == label


def counts(session: Session) -> dict[str, int]:
    node = session.segmentation_node
    found = session.workspace.on_disk.voxel_counts(node)
    return {segments.class_id_of(node, each): count for each, count in found.items() if count}


def test_the_classes_on_the_disk_are_those_of_enough_memory(on_disk: Session, in_memory: Session) -> None:
    both = on_disk, in_memory
    for session in both:
        work(session)
    node, volume = in_memory.segmentation_node, in_memory.volume_node
    for each in default_profile().classes:
        expected = segments.mask_of_class_kji(node, each.id, volume)
        assert np.array_equal(labels_on_disk(on_disk, each.id), expected)
        assert counts(on_disk).get(each.id, 0) == np.count_nonzero(expected)
    assert {*counts(on_disk)} == {"core", "can", "cap"}
    assert on_disk.status.said == in_memory.status.said
    steps = [
        [(each.slice, each.prompts, each.voxels) for each in one.prompt_file().slices] for one in (on_disk, in_memory)
    ]
    assert steps[0] == steps[1]


def test_the_views_show_each_voxel_that_holds_any_of_a_class(on_disk: Session) -> None:
    work(on_disk)
    for class_id in ("core", "can"):
        fine = labels_on_disk(on_disk, class_id)[:, :40]
        any_of = fine.reshape(12, 2, 20, 2, 30, 2).any(axis=(1, 3, 5))
        shown = segments.mask_of_class_kji(on_disk.segmentation_node, class_id, on_disk.volume_node)
        assert shown.any() and not (shown & ~any_of).any()
    classes = ("core", "can", "cap")
    every = np.any([labels_on_disk(on_disk, each) for each in classes], axis=0)[:, :40]
    node, volume = on_disk.segmentation_node, on_disk.volume_node
    shown = np.any([segments.mask_of_class_kji(node, each, volume) for each in classes], axis=0)
    assert np.array_equal(shown, every.reshape(12, 2, 20, 2, 30, 2).any(axis=(1, 3, 5)))


def test_a_class_is_refined_and_deleted_and_comes_back(on_disk: Session) -> None:
    click(on_disk, SliceKey("k", 11), 30, 20)
    before = counts(on_disk)["core"]
    on_disk.prompting.refine_class(SliceKey("k", 11))
    assert on_disk.prompting.prompts_on(SliceKey("k", 11)).replaces
    on_disk.prompting.delete_all()
    on_disk.class_list.delete("core")
    assert not counts(on_disk) and not labels_on_disk(on_disk, "core").any()
    on_disk.undo()
    assert counts(on_disk) == {"core": before} and np.count_nonzero(labels_on_disk(on_disk, "core")) == before


def test_what_was_submitted_is_there_when_the_scan_is_opened_again_without_a_word(a_scan: Path) -> None:
    first = opened(a_scan)
    work(first)
    there, steps = counts(first), first.provenance.steps
    again = opened(a_scan)  # the first was not closed, as when its program was killed
    assert counts(again) == there and again.provenance.steps == steps
    shown = [segments.mask_of_class_kji(each.segmentation_node, "core", each.volume_node) for each in (first, again)]
    assert np.array_equal(*shown)


def test_a_project_brings_prompts_and_classes_back(on_disk: Session, a_scan: Path, tmp_path: Path) -> None:
    work(on_disk)
    click(on_disk, SliceKey("j", 5), 50, 3, submits=False)
    folder = tmp_path / "cell.rwthsam"
    ProjectFolder(folder).write(on_disk.projects.content(folder, {}))
    there = counts(on_disk)
    session, project = Session(new_scene(), NeighbourhoodEngine()), read_project(folder)
    data = open_ome_zarr(a_scan)[1].read()
    session.projects.open(folder, project, data, {}, scan_path=a_scan)
    session.poll()
    assert counts(session) == there and {*session.prompting.masks} == {SliceKey("j", 5)}
    assert not session.projects.has_unsaved_work
    session.submit()
    assert session.projects.has_unsaved_work and sum(counts(session).values()) > sum(there.values())
    session.close()


def test_a_project_says_that_its_classes_are_gone(on_disk: Session, a_scan: Path, tmp_path: Path) -> None:
    click(on_disk, SliceKey("k", 11), 30, 20)
    folder = tmp_path / "cell.rwthsam"
    ProjectFolder(folder).write(on_disk.projects.content(folder, {}))
    label_path_beside(a_scan).rename(tmp_path / "elsewhere")
    session, data = Session(new_scene(), NeighbourhoodEngine()), open_ome_zarr(a_scan)[1].read()
    with pytest.raises(ProjectError, match=r"cell-label\.ome\.zarr', which is not there"):
        session.projects.open(folder, read_project(folder), data, {}, scan_path=a_scan)
    assert session.volume_node is None
    session.close()


def propagated(session: Session) -> None:
    session.select_class("core")
    session.set_box(SliceKey("k", 11), (20, 10), (40, 30))
    session.poll()
    session.propagation.start()
    while session.propagation.progress is not None or session.prompting.awaits_masks:
        session.poll()


def test_an_object_is_followed_through_slices_on_the_disk(on_disk: Session, in_memory: Session) -> None:
    for session in (on_disk, in_memory):
        propagated(session)
        session.submit()
    expected = segments.mask_of_class_kji(in_memory.segmentation_node, "core", in_memory.volume_node)
    assert np.array_equal(labels_on_disk(on_disk, "core"), expected) and expected.any(axis=(1, 2)).sum() > 1


def test_an_object_that_memory_has_no_room_for_ends_with_a_sentence(on_disk: Session, monkeypatch) -> None:
    monkeypatch.setattr(object_room, "usable_bytes", lambda: 16)
    propagated(on_disk)
    on_disk.poll()
    assert (
        "too large for memory" in on_disk.status.text and f"rwthsam propagate {on_disk.workspace.on_disk.finest_path}"
    )
    assert on_disk.propagation.preview_node is None
    on_disk.submit()
    assert counts(on_disk)["core"] > 0


def in_many_slices(session: Session) -> None:
    session.automatic.start([SliceKey("k", 3)])


def with_another_size(session: Session) -> None:
    session.voxel_size.set((1, 1, 1))


def on_an_oblique_plane(session: Session) -> None:
    plane = plane_through(session.geometry, np.array([0.3, 0.2, 1.0]), np.array(session.geometry.ras_of((30, 20, 12))))
    session.add_point(plane, 3, 3)


@pytest.mark.parametrize(
    ("do", "said"),
    [
        (in_many_slices, r"rwthsam auto .*cell\.ome\.zarr/0 .* --axis k --range 3 3 --window 0 250 "),
        (with_another_size, "rwthsam convert"),
        (on_an_oblique_plane, "turn the view back"),
    ],
)
def test_what_needs_all_of_the_scan_is_refused(on_disk: Session, do: Callable[[Session], None], said: str) -> None:
    with pytest.raises(StateError, match=f"needs all of the scan in memory, .* stay on the disk: .*{said}"):
        do(on_disk)
    assert on_disk.status.undo_text is None and not on_disk.workspace.on_disk.store_path.exists()


def test_the_command_that_a_refused_threshold_names_does_it(on_disk: Session, tmp_path: Path, monkeypatch) -> None:
    click(on_disk, SliceKey("k", 11), 30, 20)
    wanted = ThresholdRefinement("core", "can", ThresholdSettings(grey=Range(100, None), rim_mm=1.2))
    with pytest.raises(StateError) as refused:
        on_disk.threshold.refine(wanted)
    words = re.search(r"rwthsam (threshold .*) reads it from there", str(refused.value))[1]
    assert words.endswith("--class Core --to Can --grey 100 open --rim 1.2")
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(words)) == OK
    assert (tmp_path / "threshold.seg.nrrd").is_file()


def test_a_folder_that_cannot_be_written_loses_no_prompt(a_scan: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    session = opened(a_scan, tmp_path / "file" / "labels.ome.zarr")
    click(session, SliceKey("k", 11), 30, 20, submits=False)
    with pytest.raises(InputError, match=r"Nothing was submitted\. .*--segmentation"):
        session.submit()
    assert session.status.mask_pixels > 0 and not counts(session)
    session.close()


def submitted_in(session: Session, disk: SmallDisk, pages: int) -> bool:
    """Try to submit with so much room; whether there was enough of it."""
    try:
        with disk.with_room_for(pages * PAGE_BYTES):
            session.submit()
    except InputError as error:
        assert "could not be written" in str(error)
        return False
    return True


def test_a_full_disk_is_told_and_the_submit_comes_when_there_is_room(a_scan: Path, a_small_disk: SmallDisk) -> None:
    session = opened(a_scan, a_small_disk.folder / "labels.ome.zarr")
    click(session, SliceKey("k", 11), 30, 20)
    before = counts(session)
    click(session, SliceKey("j", 30), 45, 20, submits=False)
    pages = 0
    while not submitted_in(session, a_small_disk, pages):
        pages += 1
        assert session.status.mask_pixels > 0  # nothing is lost
        assert counts(session).get("core", 0) == np.count_nonzero(labels_on_disk(session, "core"))
    assert pages > 0 and counts(session)["core"] > before["core"]
    session.close()


@pytest.mark.parametrize("shape_kji", [(5, 6, 7), SHAPE_KJI], ids=["another scan", "another program"])
def test_labels_that_the_page_has_not_made_on_this_scan_are_left_alone(a_scan: Path, shape_kji) -> None:
    labels = label_path_beside(a_scan)
    data = VolumeData(np.ones(shape_kji, np.uint8), TURNED, "other", True)
    write_ome_zarr(lazy_volume_of(data, labels), labels, StoreSettings(coarsest=20, labels=[]))
    with pytest.raises(InputError, match="it is left alone"):
        opened(a_scan)


@pytest.fixture
def slow_disk(monkeypatch) -> Iterator[threading.Event]:
    """Voxels come from the disk when this is set."""
    released, slab = threading.Event(), LazyVolume.slab

    def waiting(volume: LazyVolume, *asked) -> np.ndarray:
        assert threading.current_thread() is not threading.main_thread(), "the front waits for the disk"
        released.wait()
        return slab(volume, *asked)

    monkeypatch.setattr(LazyVolume, "slab", waiting)
    yield released
    released.set()


def polled(session: Session, until: Callable[[], object]) -> None:
    end_s = time.monotonic() + 300
    while not until():
        assert time.monotonic() < end_s, session.status.text
        session.poll()


def test_a_click_waits_for_its_slice_and_the_front_does_not(a_scan: Path, slow_disk: threading.Event) -> None:
    session = opened(a_scan)
    session.workspace.on_disk.reads_aside = True
    click(session, SliceKey("j", 20), 31, 12, submits=False)
    click(session, SliceKey("j", 20), 33, 12, submits=False)
    assert session.prompting.awaits_masks and not session.status.mask_pixels and session.status.undo_text
    slow_disk.set()
    polled(session, lambda: session.status.mask_pixels)
    assert len(session.prompting.prompts_on(SliceKey("j", 20)).points) == 2 and not session.prompting.awaits_masks
    session.submit()
    assert counts(session)["core"]
    session.close()


def test_a_click_on_a_slice_that_is_damaged_says_so(a_scan: Path) -> None:
    session = opened(a_scan)
    session.workspace.on_disk.reads_aside = True
    for chunk in (a_scan / "0" / "c").rglob("*"):
        if chunk.is_file():
            chunk.write_bytes(b"damaged")
    click(session, SliceKey("j", 20), 31, 12, submits=False)
    polled(session, lambda: "could not be" in session.status.text or "damaged" in session.status.text)
    session.close()


HOLDER = """
import sys
from pathlib import Path
from RWTHSAMLib.core.system.place_lock import HeldPlace
hold = HeldPlace(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def written_elsewhere(place: Path) -> Iterator[None]:
    """Another process, which writes into a place until it is killed."""
    command = [sys.executable, "-c", HOLDER, place]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout.readline() == "held\n"
            yield
        finally:
            running.kill()


def test_classes_that_another_page_is_at_are_not_opened_until_it_is_gone_or_killed(a_scan: Path) -> None:
    session = opened(a_scan)
    click(session, SliceKey("k", 11), 30, 20)
    session.close()
    said = r"is open on another page, .* --segmentation FOLDER\.ome\.zarr"
    with written_elsewhere(label_path_beside(a_scan)), pytest.raises(InputError, match=said):
        opened(a_scan)
    session = opened(a_scan)
    assert counts(session)["core"]
    session.close()


def test_a_first_submit_waits_for_another_page_without_losing_anything(a_scan: Path) -> None:
    session = opened(a_scan)
    click(session, SliceKey("k", 11), 30, 20, submits=False)
    with written_elsewhere(label_path_beside(a_scan)), pytest.raises(InputError, match="is open on another page"):
        session.submit()
    assert session.status.mask_pixels > 0
    session.submit()
    assert counts(session)["core"]
    session.close()
    assert not [*a_scan.parent.glob(".*.lock")]


def test_an_export_leaves_classes_alone_that_a_page_is_at(a_scan: Path) -> None:
    labels = label_path_beside(a_scan)
    data = lazy_volume_of(VolumeData(np.ones(SHAPE_KJI, np.uint8), TURNED, "other", True), labels)
    with written_elsewhere(labels), pytest.raises(InputError, match="close it there first, or give another name"):
        write_ome_zarr(data, labels, StoreSettings(labels=[]), replace=True)
    assert not labels.exists()


def test_nothing_hidden_is_left_in_the_scene(a_scan: Path) -> None:
    session = opened(a_scan)
    click(session, SliceKey("k", 11), 30, 20, submits=False)
    scene = session.scene
    session.close()
    hidden = [
        scene.GetNthNode(n).GetName()
        for n in range(scene.GetNumberOfNodes())
        if scene.GetNthNode(n).GetAttribute(OWNER_ATTRIBUTE) == "1"
    ]
    assert hidden == []


def test_a_slice_is_that_of_the_finest_level(on_disk: Session, a_scan: Path) -> None:
    whole = open_ome_zarr(a_scan)[0].read().array_kji
    for key in (SliceKey("k", 5), SliceKey("j", 40), SliceKey("i", 59)):
        assert np.array_equal(on_disk.workspace.values_on(key), key.take(whole))
