"""Work that nobody has saved outlives its program, and nothing else does."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import slicer
from scene_parts import NeighbourhoodEngine

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import InputError
from RWTHSAMLib.mrml.nodes import volumes
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.record.project import FILE_NAME, read_project
from RWTHSAMLib.record.project_folder import ProjectContent
from RWTHSAMLib.record.recent_projects import RecentProjects
from RWTHSAMLib.record.unsaved_work import MOST_KEPT, UnsavedWork
from RWTHSAMLib.volumes.read import VolumeData


@pytest.fixture
def work(a_scene: slicer.vtkMRMLScene) -> Iterator[Session]:
    """A session with something submitted."""
    session = Session(a_scene, NeighbourhoodEngine())
    values = np.zeros((4, 12, 14), np.uint8)
    values[:, 3:9, 3:9] = 200
    session.set_volume(volumes.add_volume(a_scene, VolumeData(values, np.eye(4), "cell", True)))
    session.set_segmentation(None)
    session.add_point(SliceKey("k", 1), 5, 5)
    session.poll()
    session.submit()
    yield session
    session.close()


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Where the programs of a person keep unsaved work."""
    return tmp_path / "unsaved"


def content_of(work: Session, folder: Path) -> ProjectContent:
    return work.projects.content(folder, {})


def ended_program(base: Path, work: Session) -> Path:
    """The folder that a program which ended without saving leaves."""
    program = UnsavedWork(base)
    own = program.own
    assert program.keep(own, content_of(work, own.folder))
    program.release()
    return own.folder


def test_the_work_of_a_program_that_ended_is_offered_but_not_that_of_one_that_runs(work, base):
    running = UnsavedWork(base)
    running.keep(running.own, content_of(work, running.own.folder))
    left = ended_program(base, work)
    assert [each.folder for each in UnsavedWork(base).left()] == [left]
    running.drop_own()


def test_what_was_discarded_is_gone(work, base):
    ended_program(base, work)
    next_start = UnsavedWork(base)
    next_start.discard(next_start.left()[0].id)
    assert next_start.left() == () and not list(base.iterdir())


def test_only_the_newest_are_kept(work, base):
    first = ended_program(base, work)
    for number in range(MOST_KEPT + 2):
        folder = base / f"{number:012x}" / first.name
        shutil.copytree(first, folder)
        change(folder, saved=f"2026-01-{number + 1:02}T00:00:00+00:00")
    shutil.rmtree(first.parent)
    UnsavedWork(base).sweep()
    kept = [each.project.saved[:10] for each in UnsavedWork(base).left()]
    assert kept == [f"2026-01-{day:02}" for day in range(MOST_KEPT + 2, 2, -1)]


def test_the_work_of_a_newer_program_is_left_to_it(work, base):
    folder = ended_program(base, work)
    change(folder, version=99)
    older = UnsavedWork(base)
    older.sweep()
    assert older.left() == () and (folder / FILE_NAME).is_file()


def test_a_folder_that_never_got_a_project_is_swept_away(work, base):
    folder = ended_program(base, work)
    (folder / FILE_NAME).unlink()
    UnsavedWork(base).sweep()
    assert not list(base.iterdir())


def test_a_write_that_fails_leaves_what_was_kept_before(work, base):
    program = UnsavedWork(base)
    own = program.own
    program.keep(own, content_of(work, own.folder))
    before = read_project(own.folder)
    work.select_class("tab")
    half = replace(content_of(work, own.folder), segmentation=write_half, segmentation_stamp="newer")
    with pytest.raises(InputError, match="disk is full"):
        program.keep(own, half)
    program.release()
    (left,) = UnsavedWork(base).left()
    assert (left.project.segmentation, left.project.class_id) == (before.segmentation, before.class_id)
    assert (left.folder / before.segmentation).is_file()


def test_what_is_saved_while_it_is_being_kept_is_not_offered_again(work, base):
    program, begun, goes_on = UnsavedWork(base), threading.Event(), threading.Event()
    own = program.own
    content = content_of(work, own.folder)

    def write_slowly(path: Path) -> None:
        begun.set()
        assert goes_on.wait(60)
        content.segmentation(path)

    keeping = threading.Thread(target=program.keep, args=(own, replace(content, segmentation=write_slowly)))
    keeping.start()
    assert begun.wait(60)
    dropping = threading.Thread(target=program.drop_own)
    dropping.start()
    goes_on.set()
    keeping.join()
    dropping.join()
    assert not program.keep(own, content)
    assert not list(base.iterdir())


def test_the_list_of_projects_names_those_that_are_there_the_latest_first(work, base, tmp_path):
    first, second = ended_program(base, work), ended_program(base, work)
    listed = RecentProjects(tmp_path / "projects.json")
    for each in (first, second, first, tmp_path / "gone"):
        listed.add(each)
    assert listed.paths() == (first, second)
    (tmp_path / "projects.json").write_text('["cut sh')
    assert listed.paths() == ()
    listed.add(second)
    assert listed.paths() == (second,)


def write_half(path: Path) -> None:
    path.write_bytes(b"NRRD0004\n")
    raise InputError("the disk is full")


def change(folder: Path, **members: object) -> None:
    document = json.loads((folder / FILE_NAME).read_text())
    document.update(members)
    (folder / FILE_NAME).write_text(json.dumps(document))
