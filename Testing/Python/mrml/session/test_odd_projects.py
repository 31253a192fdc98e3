"""Twenty projects that something has happened to: each is refused in a sentence, or opened, and the open work stays."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from test_projects import (  # noqa: F401  (fixtures)
    SHAPE_KJI,
    a_days_work,
    a_project,
    a_scan_file,
    change,
    everything,
    grey_values,
    open_project,
    polled,
    voxels_of,
)

from RWTHSAMLib.errors import InputError
from RWTHSAMLib.record.project import FILE_NAME, read_project


@dataclass(frozen=True)
class Case:
    """A project that was changed, in its own folder with the scan beside it."""

    folder: Path
    scan: Path

    @property
    def main(self) -> Path:
        return self.folder / FILE_NAME

    @property
    def segmentation(self) -> Path:
        return self.folder / str(read_project(self.folder).segmentation)

    @property
    def found(self) -> Path:
        return self.folder / str(read_project(self.folder).found)


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def foreign_segmentation(path: Path, shape_kji: tuple[int, ...]) -> None:
    """Labels of another program, which names no segments."""
    labels = np.zeros(shape_kji, np.uint8)
    labels[1, 1, 1] = 3
    sitk.WriteImage(sitk.GetImageFromArray(labels), str(path))


def without_key(case: Case, key: str) -> None:
    document = json.loads(case.main.read_text())
    del document[key]
    case.main.write_text(json.dumps(document))


def as_text(case: Case, turn: Callable[[str], str]) -> None:
    case.main.write_text(turn(case.main.read_text()))


REFUSED: dict[str, tuple[Callable[[Case], object], str]] = {
    "no main file": (lambda it: it.main.unlink(), "is no project: expected a folder with a file 'project.json'"),
    "empty main file": (lambda it: it.main.write_text(""), "not JSON: .* line 1"),
    "cut main file": (lambda it: halved(it.main), "not JSON: .* line"),
    "main file of another encoding": (lambda it: it.main.write_bytes(b"\xff\xfe{"), "not UTF-8 text: save it as UTF-8"),
    "newer version": (lambda it: change(it.folder, version=99), "has version 99, .* Update RWTHSAM"),
    "version before the first": (lambda it: change(it.folder, version=0), "version: expected a number from 1"),
    "a profile in its place": (
        lambda it: it.main.write_text('{"format": "rwthsam-profile", "version": 2}'),
        "got a segmentation profile",
    ),
    "key of a newer program": (lambda it: change(it.folder, colours=[]), "colours: unknown key, .* newer version"),
    "key given twice": (
        lambda it: as_text(it, lambda text: text.replace("{", '{"class": "can", ', 1)),
        'the key "class" is given twice',
    ),
    "no scan named": (lambda it: without_key(it, "scan"), "scan: missing"),
    "class without a name": (
        lambda it: change(
            it.folder, profile={**json.loads(it.main.read_text())["profile"], "classes": [{"id": "a", "name": ""}]}
        ),
        "the 1st class",
    ),
    "file out of the folder": (
        lambda it: change(it.folder, segmentation="../../etc/passwd"),
        "expected the name of a file of the project",
    ),
    "no segmentation file": (lambda it: it.segmentation.unlink(), "is incomplete: its file 'segmentation-.*Copy the"),
    "no file of what was found": (lambda it: it.found.unlink(), "is incomplete: its file 'found-"),
    "cut segmentation": (lambda it: halved(it.segmentation), "segmentation-.*cut short|damaged"),
    "cut file of what was found": (lambda it: halved(it.found), "found-.*not JSON"),
    "segmentation of another scan": (
        lambda it: foreign_segmentation(it.segmentation, (3, 4, 5)),
        "does not lie on the voxel grid .* nothing was changed",
    ),
    "scan of another size": (
        lambda it: sitk.WriteImage(sitk.GetImageFromArray(np.zeros((3, 4, 5), np.uint8)), str(it.scan)),
        "12 x 30 x 40",
    ),
    "cut scan": (lambda it: halved(it.scan), "cell.nrrd.*cut short"),
    "text in place of the scan": (lambda it: it.scan.write_text("my notes"), "cell.nrrd"),
}


@pytest.fixture
def case_of(a_project: Path, a_scan_file: Path, tmp_path: Path) -> Callable[[str], Case]:  # noqa: F811
    """Function that copies project and scan, which find each other again."""

    def copied(name: str) -> Case:
        base = tmp_path / "cases" / name
        shutil.copytree(a_project, base / "work" / a_project.name)
        shutil.copytree(a_scan_file.parent, base / "data")
        folder, scan = base / "work" / a_project.name, base / "data" / a_scan_file.name
        document = json.loads((folder / FILE_NAME).read_text())
        document["scan"]["absolute"] = str(scan)
        (folder / FILE_NAME).write_text(json.dumps(document))
        return Case(folder, scan)

    return copied


def test_each_is_refused_in_a_sentence_and_the_open_work_stays(a_days_work, case_of) -> None:  # noqa: F811
    assert len(REFUSED) == 20
    before = everything(a_days_work)
    for name, (happen, said) in REFUSED.items():
        case = case_of(name)
        happen(case)
        with pytest.raises(InputError) as refused:
            open_project(a_days_work, case.folder)
        text = str(refused.value)
        assert re.search(said, text, re.DOTALL), f"{name}: {text}"
        assert "Traceback" not in text and "\n" not in text.strip(), name
        assert everything(a_days_work) == before, name


def test_a_segmentation_of_another_program_on_the_scans_voxels_is_opened(a_days_work, case_of) -> None:  # noqa: F811
    case = case_of("foreign")
    reference = sitk.ReadImage(str(case.scan))
    array = np.zeros(SHAPE_KJI, np.uint8)
    array[2:4, 3:6, 4:8] = 1
    labels = sitk.GetImageFromArray(array)
    labels.CopyInformation(reference)
    sitk.WriteImage(labels, str(case.segmentation))
    open_project(a_days_work, case.folder)
    polled(a_days_work)
    assert a_days_work.prompting.slices.prompts
    node = a_days_work.segmentation_node
    assert node.GetSegmentation().GetNumberOfSegments() >= 1 and voxels_of(a_days_work)
