"""A project brings a day's work back, and a damaged one is told apart by a sentence."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace

import numpy as np
import pytest
from scene_parts import GEOMETRIES, NeighbourhoodEngine

from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import InputError, ProjectError
from RWTHSAMLib.mrml.nodes import segments, volumes
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.mrml.views.class_look import ClassLook, look_of, set_look
from RWTHSAMLib.record.project import FILE_NAME, read_found, read_project
from RWTHSAMLib.record.project_folder import ProjectFolder
from RWTHSAMLib.volumes.read import VolumeData, read_volume
from RWTHSAMLib.volumes.scan_of_project import as_in_project, has_other_values
from RWTHSAMLib.volumes.write import write_volume

SEED = 1802
SHAPE_KJI = (12, 30, 40)
BLOCK, ROD = (slice(2, 9), slice(4, 16), slice(5, 17)), (slice(0, 12), slice(20, 23), slice(30, 38))


@pytest.fixture
def grey_values() -> np.ndarray:
    values = np.zeros(SHAPE_KJI, np.uint8)
    values[BLOCK], values[ROD] = 200, 240
    return values


@pytest.fixture
def a_scan_file(grey_values, tmp_path):
    path = tmp_path / "data" / "cell.nrrd"
    write_volume(VolumeData(grey_values, GEOMETRIES["rotated"], "cell", True), path)
    return path


@pytest.fixture
def a_days_work(a_scan_file, a_scene, a_view):
    """A submit, a prompted slice, a propagated object, found objects with a rejected one, choices, and a view."""
    a_view()
    session = session_on(a_scene, a_scan_file)
    session.set_window(Window(0, 255))
    session.select_class("core")
    session.add_point(SliceKey("j", 20), 34, 5)
    session.poll()
    session.submit()
    session.automatic.set_settings(replace(AutomaticRunSettings(), min_slices=2))
    session.automatic.start([SliceKey("k", index) for index in (5, 4, 6, 3)])
    polled(session)
    session.automatic.review("rejected", [1])
    session.select_class("can")
    session.set_box(SliceKey("k", 5), (5, 4), (16, 15))
    session.poll()
    session.propagation.start()
    polled(session)
    session.set_tool("box")
    session.set_mode("automatic")
    session.slice_nodes()[0].JumpSliceByOffsetting(1.5, 2.5, 3.5)
    yield session
    session.close()


@pytest.fixture
def a_project(a_days_work, tmp_path):
    """Its folder."""
    return save(a_days_work, tmp_path / "work" / "cell.rwthsam")


@pytest.fixture
def opened(a_view):
    """Function that opens a project as another start of the program does."""
    made = []

    def open_(folder):
        session = Session(new_scene(), NeighbourhoodEngine())
        made.append(session)
        open_project(session, folder)
        polled(session)
        return session

    yield open_
    for each in made:
        each.close()


def session_on(scene, path):
    session = Session(scene, NeighbourhoodEngine())
    node = volumes.add_volume(scene, read_volume(path))
    node.SetAttribute(volumes.PATH_ATTRIBUTE, str(path))
    session.set_volume(node)
    session.set_segmentation(None)
    return session


def polled(session):
    for _ in range(60):
        session.poll()


def save(session, folder):
    ProjectFolder(folder).write(session.projects.content(folder, {"layout": "four"}))
    return folder


def open_project(session, folder):
    project = read_project(folder)
    place = next(each for each in project.scan.places(folder) if each.exists())
    data = read_volume(place)
    found = {} if has_other_values(data, project.scan) else read_found(folder, project)
    session.projects.open(folder, project, as_in_project(data, project.scan), found)
    session.volume_node.SetAttribute(volumes.PATH_ATTRIBUTE, str(place))


def voxels_of(session):
    return {
        each.id: segments.mask_of_class_kji(session.segmentation_node, each.id, session.volume_node).tolist()
        for each in session.profile.classes
    }


def everything(session):
    """What a person would miss."""
    automatic, known = session.automatic, session.propagation.result
    return {
        "voxels": voxels_of(session),
        "record": (session.prompt_file().all_steps(), session.prompt_file().scan),
        "prompts": session.prompting.slices.prompts,
        "masks": {key: each.to_array().tolist() for key, each in session.prompting.masks.items()},
        "objects": {
            each.object.number: (each.object.voxel_count, each.state, each.is_selected, each.object.measured)
            for each in automatic.detected
        },
        "propagated": {each.index: (each.mask.to_array().tolist(), each.score, each.remark) for each in known.slices},
        "doubtful": [each.index for each in known.doubtful],
        "ends": known.ends,
        "choices": (automatic.settings, session.propagation.settings, session.tool, session.mode, session.window),
        "class": (session.class_id, session.profile),
    }


def test_everything_is_there_again(a_days_work, a_project, opened):
    session = opened(a_project)
    assert everything(session) == everything(a_days_work)
    assert not session.projects.has_unsaved_work


def test_the_views_show_what_they_showed(a_days_work, a_project, a_view):
    node = a_days_work.slice_nodes()[0]
    plane = np.array([node.GetSliceToRAS().GetElement(row, column) for row in range(4) for column in range(4)])
    node.SetSliceOffset(node.GetSliceOffset() + 7)
    open_project(a_days_work, a_project)
    again = [node.GetSliceToRAS().GetElement(row, column) for row in range(4) for column in range(4)]
    assert np.allclose(again, plane)


def test_classes_look_as_they_did(a_days_work, tmp_path, opened):
    node = a_days_work.segmentation_node
    looks = {"core": ClassLook(False, 0.25), "can": ClassLook()}
    a_days_work.submit()
    set_look(node, segments.segment_id_of_class(node, "core"), looks["core"])
    a_days_work.set_profile(a_days_work.profile.locking("can"))
    session = opened(save(a_days_work, tmp_path / "looks.rwthsam"))
    again = session.segmentation_node
    assert {each: look_of(again, segments.segment_id_of_class(again, each)) for each in looks} == looks
    assert session.profile.class_by_id("can").locked
    assert session.projects.content(tmp_path / "b.rwthsam", {}).project.view["looks"] == {
        "core": {"visible": False, "opacity": 0.25}
    }


@pytest.mark.parametrize("looks", [None, [], {"core": 1}, {"core": {"visible": 2, "opacity": 9}}, {"none": {}}])
def test_looks_that_are_none_are_passed_over(a_project, looks, opened):
    change(a_project, view={"looks": looks})
    node = opened(a_project).segmentation_node
    assert look_of(node, segments.segment_id_of_class(node, "core")) == ClassLook()


def test_a_propagated_object_is_not_propagated_again(a_project, opened):
    session = opened(a_project)
    assert session.engine.status.phase == "ready"
    assert session.propagation.progress is None and session.propagation.can_submit


def test_work_goes_on_where_it_was_left(a_days_work, a_project, opened):
    session = opened(a_project)
    for each in (session, a_days_work):
        each.submit()
    assert voxels_of(session) == voxels_of(a_days_work)
    assert session.prompt_file().all_steps() == a_days_work.prompt_file().all_steps()
    assert session.projects.has_unsaved_work
    numbers = [each.object.number for each in session.automatic.detected]
    session.automatic.submit([max(numbers)])
    assert session.prompt_file().steps[-1].details["mode"] == "adaptive"


def test_the_size_of_a_voxel_is_that_of_the_project(a_days_work, a_project, a_scan_file, grey_values, opened):
    write_volume(VolumeData(grey_values, np.diag([9.0, 9, 9, 1]), "cell", True), a_scan_file)
    session = opened(a_project)
    assert np.allclose(session.geometry.ijk_to_ras, a_days_work.geometry.ijk_to_ras)
    assert voxels_of(session) == voxels_of(a_days_work)


def test_a_scan_without_a_file_is_kept_in_the_project(a_days_work, tmp_path, opened):
    a_days_work.volume_node.RemoveAttribute(volumes.PATH_ATTRIBUTE)
    folder = save(a_days_work, tmp_path / "alone.rwthsam")
    shutil.move(folder, tmp_path / "elsewhere")
    assert everything(opened(tmp_path / "elsewhere")) == everything(a_days_work)


def test_scan_and_project_may_move_together(a_days_work, a_project, tmp_path, opened):
    shutil.move(tmp_path / "data", tmp_path / "disk" / "data")
    shutil.move(tmp_path / "work", tmp_path / "disk" / "work")
    assert voxels_of(opened(tmp_path / "disk" / "work" / "cell.rwthsam")) == voxels_of(a_days_work)


def test_saving_again_writes_only_what_has_changed(a_days_work, tmp_path):
    folder = ProjectFolder(tmp_path / "cell.rwthsam")
    folder.write(a_days_work.projects.content(folder.folder, {}))
    first = read_project(folder.folder)
    a_days_work.select_class("tab")
    folder.write(a_days_work.projects.content(folder.folder, {}))
    again = read_project(folder.folder)
    assert (again.segmentation, again.found, again.class_id) == (first.segmentation, first.found, "tab")
    a_days_work.submit()
    folder.write(a_days_work.projects.content(folder.folder, {}))
    last = read_project(folder.folder)
    assert last.segmentation != first.segmentation and not (folder.folder / first.segmentation).exists()


def test_what_a_person_makes_is_unsaved_until_it_is_saved(a_days_work, a_project):
    a_days_work.projects.count_as_saved(a_days_work.projects.work_stamp)
    a_days_work.set_window(Window(0, 200))
    assert not a_days_work.projects.has_unsaved_work
    a_days_work.add_point(SliceKey("k", 9), 33, 21)
    assert a_days_work.projects.has_unsaved_work
    a_days_work.projects.count_as_saved(a_days_work.projects.work_stamp)
    assert not a_days_work.projects.has_unsaved_work


def test_the_folder_of_something_else_is_left_alone(a_days_work, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    with pytest.raises(ProjectError, match="holds other files"):
        save(a_days_work, tmp_path / "thesis")
    assert [each.name for each in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]


def test_a_project_of_a_newer_program_is_neither_read_nor_replaced(a_days_work, a_project):
    change(a_project, version=99)
    with pytest.raises(ProjectError, match="Update RWTHSAM"):
        read_project(a_project)
    with pytest.raises(ProjectError, match="Update RWTHSAM"):
        save(a_days_work, a_project)
    assert json.loads((a_project / FILE_NAME).read_text())["version"] == 99


def test_a_scan_of_another_size_is_refused(a_project, a_scan_file, opened):
    write_volume(VolumeData(np.zeros((3, 4, 5), np.uint8), np.eye(4), "cell", True), a_scan_file)
    with pytest.raises(ProjectError, match="12 x 30 x 40"):
        opened(a_project)


def test_on_a_scan_with_other_grey_values_classes_stay_and_what_was_found_goes(
    a_days_work, a_project, a_scan_file, grey_values, opened
):
    write_volume(VolumeData(grey_values[::-1].copy(), GEOMETRIES["rotated"], "cell", True), a_scan_file)
    session = opened(a_project)
    assert voxels_of(session) == voxels_of(a_days_work)
    assert not session.automatic.detected and not session.propagation.is_there


def change(folder, **members):
    document = json.loads((folder / FILE_NAME).read_text())
    document.update(members)
    (folder / FILE_NAME).write_text(json.dumps(document))


def test_whatever_is_damaged_ends_in_a_sentence_and_the_open_work_stays(a_days_work, a_project, tmp_path):
    rng = random.Random(SEED)
    print("seed", SEED)
    before = everything(a_days_work)
    for number in range(40):
        folder = tmp_path / f"damaged {number}"
        shutil.copytree(a_project, folder)
        damage(folder, rng)
        try:
            open_project(a_days_work, folder)
        except InputError as error:
            assert str(error) and "Traceback" not in str(error)
            assert everything(a_days_work) == before, number
        else:  # what was damaged was of no account; go back to the sound one
            open_project(a_days_work, a_project)
            polled(a_days_work)


def damage(folder, rng):
    files = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
    chosen = rng.choice(files)
    content = chosen.read_bytes()
    kind = rng.choice(("missing", "empty", "cut", "byte", "key", "value"))
    if kind == "missing":
        chosen.unlink()
    elif kind == "empty":
        chosen.write_bytes(b"")
    elif kind == "cut":
        chosen.write_bytes(content[: rng.randrange(len(content))])
    elif kind == "byte" or chosen.suffix != ".json":
        at = rng.randrange(len(content))
        chosen.write_bytes(content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :])
    else:
        document = json.loads(content)
        key = rng.choice(sorted(document))
        if kind == "key":
            del document[key]
        else:
            document[key] = rng.choice((None, -1, 1e300, "", "../../etc", [], [[]], {}, {"a": 1}, True, [0] * 16))
        chosen.write_text(json.dumps(document))
