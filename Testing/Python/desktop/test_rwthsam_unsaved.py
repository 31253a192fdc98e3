"""Work that was not saved outlives a crash of Slicer: it is kept while hands rest, and offered with its scan."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from desktop_host.pythonqt.conversion import unwrap
from rwthsam_parts import MIDDLE_IJK, Module, library_autosave, moved, noise_volume

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.mrml.nodes import segments, volumes
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter
from RWTHSAMLib.record.unsaved_work import UnsavedWork
from RWTHSAMLib.volumes.volume_data import VolumeData
from RWTHSAMLib.volumes.write import write_volume

pytest_plugins = ["rwthsam_fixtures"]
PATIENCE_S = 120


@pytest.fixture
def base(a_module: Module, tmp_path: Path) -> Path:
    """Where the shared session keeps unsaved work in this test."""
    autosave = a_module.widget.logic.sharedSession.autosave
    before, autosave._base = autosave._base, tmp_path / "unsaved"
    yield tmp_path / "unsaved"
    end_of_the_program(a_module)
    autosave._base = before


@pytest.fixture
def at_work(a_module: Module, base: Path, a_scan) -> Module:
    """A submit to the core, a click on another slice, all of it kept."""
    until(a_module, lambda: a_module.widget.logic.sharedSession.autosave._begun_on)
    a_module.session.select_class("core")
    a_module.click("Red", MIDDLE_IJK)
    a_module.wait()
    a_module.session.submit()
    a_module.session.select_class("can")
    a_module.click("Red", moved(MIDDLE_IJK, "k", 3))
    a_module.wait()
    until(a_module, lambda: kept_prompts(base) and is_all_kept(a_module))
    return a_module


def is_writing(module: Module) -> bool:
    return module.widget.logic.sharedSession.autosave.is_writing


def is_all_kept(module: Module) -> bool:
    """Whether the last change is on disk as well: an earlier one may have been written long before."""
    return not is_writing(module) and module.widget.logic.sharedSession.autosave._pace.wait_s is None


def until(module: Module, holds) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "What was waited for does not come."
        module.settle(1)
        time.sleep(0.01)


def kept_prompts(base: Path) -> list[str]:
    """The prompts of all unsaved work on disk."""
    found = (json.loads(each.read_text())["choices"].get("pending", "") for each in base.glob("*/project/project.json"))
    return [each for each in found if each]


def end_of_the_program(module: Module) -> None:
    """What the end of a process does: its locks are free, and it knows nothing any more."""
    kept = library_autosave()._kept
    for each in kept.values():
        each.release()
    kept.clear()
    module.widget.logic.sharedSession.autosave._begun_on = ""


def work_of(module: Module) -> dict[str, object]:
    session = module.session
    return {
        "core": module.mask("core").tolist(),
        "prompts": session.prompting.slices.prompts,
        "masks": {key: each.to_array().tolist() for key, each in session.prompting.masks.items()},
        "class": session.class_id,
    }


def test_after_a_crash_the_work_is_offered_with_its_scan_and_goes_on(at_work: Module, base: Path) -> None:
    before = work_of(at_work)
    assert np.any(before["core"]) and before["prompts"]
    assert not at_work.ui.unsavedFrame.isVisible()
    at_work.host.close_scene()  # so that the next scan is chosen as after a start
    end_of_the_program(at_work)
    at_work.choose(noise_volume("rotated", name="Other"))
    assert at_work.ui.unsavedFrame.isVisible()  # another place, but the same voxels
    at_work.push(at_work.ui.restoreUnsavedButton)
    at_work.wait()
    assert work_of(at_work) == before
    assert at_work.ui.outputSegmentationSelector.currentNode() is at_work.session.segmentation_node
    assert not at_work.ui.unsavedFrame.isVisible()
    until(at_work, lambda: kept_prompts(base) and not UnsavedWork(base).left())  # it is this program's own now


def test_without_a_scan_it_is_read_from_its_file(at_work: Module, base: Path, tmp_path: Path) -> None:
    before = work_of(at_work)
    at_work.host.close_scene()
    end_of_the_program(at_work)
    at_work.host.show_module("RWTHSAMProfiles")
    at_work.host.show_module("RWTHSAM")
    at_work.settle()
    assert "was not saved" in at_work.ui.unsavedLabel.text
    at_work.push(at_work.ui.restoreUnsavedButton)
    at_work.wait()
    assert work_of(at_work) == before


def test_a_scan_that_is_not_there_any_more_is_named_and_the_work_stays(a_module: Module, base: Path, tmp_path) -> None:
    file = tmp_path / "cell.nrrd"
    grey = np.random.default_rng(1).integers(0, 4000, (6, 24, 28)).astype(np.uint16)
    write_volume(VolumeData(grey, np.eye(4), "cell", True), file)
    volume = volumes.add_volume(a_module.host.scene, VolumeData(grey, np.eye(4), "cell", True))
    volume.SetAttribute(volumes.PATH_ATTRIBUTE, str(file))
    a_module.choose(volume)
    until(a_module, lambda: a_module.widget.logic.sharedSession.autosave._begun_on)
    a_module.click("Red", (14, 12, 3))
    until(a_module, lambda: kept_prompts(base) and is_all_kept(a_module))
    a_module.host.close_scene()
    end_of_the_program(a_module)
    file.unlink()
    a_module.widget.panel._unsaved.look_again()
    a_module.push(a_module.ui.restoreUnsavedButton)
    assert "is not there any more" in a_module.status.text
    assert a_module.ui.unsavedFrame.isVisible() and len(UnsavedWork(base).left()) == 1
    a_module.push(a_module.ui.discardUnsavedButton)
    assert not UnsavedWork(base).left() and not a_module.ui.unsavedFrame.isVisible()


def test_a_scan_that_nobody_worked_on_is_not_kept(a_module: Module, base: Path, a_scan) -> None:
    autosave = a_module.widget.logic.sharedSession.autosave
    until(a_module, lambda: autosave._begun_on and autosave._pace.wait_s is None)
    assert not is_writing(a_module) and not [*base.glob("*")]


def test_a_saved_scene_needs_no_second_keeping(at_work: Module, base: Path, tmp_path: Path) -> None:
    scene, node = at_work.host.scene, at_work.session.segmentation_node
    node.AddDefaultStorageNode()
    node.GetStorageNode().SetFileName(str(tmp_path / "cell.seg.nrrd"))
    assert node.GetStorageNode().WriteData(node)
    scene.SetURL(str(tmp_path / "scene.mrml"))
    assert scene.Commit()
    at_work.session.workspace.changed()
    until(at_work, lambda: not [*base.glob("*/project")])


def test_the_voxel_size_is_set_in_the_panel_and_asked_about(a_module: Module, a_scan, pictures: Path) -> None:
    ui = a_module.ui
    assert [each.text for each in (ui.voxelIEdit, ui.voxelJEdit, ui.voxelKEdit)] == ["0.5", "0.5", "0.5"]
    assert not ui.voxelQuestionLabel.isVisible()
    a_module.click("Red", MIDDLE_IJK)
    a_module.wait()
    a_module.session.submit()
    voxels = np.count_nonzero(a_module.mask())
    a_module.type_into(ui.voxelKEdit, "0,25")
    assert a_scan.GetSpacing() == pytest.approx((0.5, 0.5, 0.25))
    assert np.count_nonzero(a_module.mask()) == voxels > 0
    a_module.type_into(ui.voxelKEdit, "thick")
    assert "three numbers in mm" in a_module.status.text and ui.voxelKEdit.text == "0.25"
    for field in (ui.voxelIEdit, ui.voxelJEdit, ui.voxelKEdit):
        a_module.type_into(field, "1")
    assert not ui.voxelQuestionLabel.isVisible()  # it was given by a person
    a_module.choose(noise_of_1_mm(a_module))
    assert "counts as 1 mm" in ui.voxelQuestionLabel.text and ui.voxelQuestionLabel.isVisible()
    a_module.host.screenshot(pictures / "voxel-size-question.png")
    a_module.push(ui.believeVoxelSizeButton)
    assert not ui.voxelQuestionLabel.isVisible() and not unwrap(ui.believeVoxelSizeButton).isVisible()
    a_module.choose(noise_of_1_mm(a_module))  # the same file again
    assert not ui.voxelQuestionLabel.isVisible()


def test_a_voxel_size_comes_with_its_scan_the_next_time(a_module: Module, a_scan, pictures: Path) -> None:
    ui = a_module.ui
    a_module.type_into(ui.voxelKEdit, "0.25")
    again = noise_volume(name="The same file again")
    a_module.choose(again)
    assert again.GetSpacing() == pytest.approx((0.5, 0.5, 0.25)) and ui.voxelKEdit.text == "0.25"
    assert "size that this scan was given before" in a_module.status.text
    ui.scanSection.collapsed = True  # it is asked about whatever is folded
    assert ui.voxelQuestionLabel.isVisible() and ui.believeVoxelSizeButton.text == "Keep"
    assert f"set by you on {date.today().day} " in ui.voxelQuestionLabel.text
    assert ui.voxelQuestionLabel.text.endswith("; the file says 0.5 mm.")
    a_module.host.screenshot(pictures / "voxel-size-remembered.png")
    a_module.session.undo()
    assert again.GetSpacing() == pytest.approx((0.5, 0.5, 0.5))
    assert not ui.voxelQuestionLabel.isVisible()
    a_module.choose(a_scan)
    assert a_scan.GetSpacing() == pytest.approx((0.5, 0.5, 0.5)), "what was taken back is known no more"


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_size_that_was_given_before_is_kept_or_the_file_counts_again(a_module: Module, a_scan, is_kept: bool) -> None:
    ui = a_module.ui
    a_module.type_into(ui.voxelKEdit, "0.25")
    again = noise_volume(name="The same file again")
    a_module.choose(again)
    a_module.push(ui.believeVoxelSizeButton if is_kept else ui.voxelSizeOfFileButton)
    assert not ui.voxelQuestionLabel.isVisible()
    assert again.GetSpacing() == pytest.approx((0.5, 0.5, 0.25 if is_kept else 0.5))
    ui.scanSection.collapsed = False
    assert ui.voxelToldLabel.isVisible() == is_kept
    if is_kept:
        a_module.push(ui.toldVoxelSizeOfFileButton)
    assert again.GetSpacing() == pytest.approx((0.5, 0.5, 0.5)) and ui.voxelKEdit.text == "0.5"
    third = noise_volume(name="The same file once more")
    a_module.choose(third)
    assert third.GetSpacing() == pytest.approx((0.5, 0.5, 0.5)), "what the file says has been chosen"


@pytest.mark.parametrize("has_its_size", [False, True])
def test_a_segmentation_that_fits_either_size_is_kept(a_module: Module, a_scan, has_its_size: bool) -> None:
    a_module.type_into(a_module.ui.voxelKEdit, "0.25")
    again = noise_volume(name="The same file again")
    reference = a_scan if has_its_size else again
    node = a_module.host.scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    node.SetReferenceImageGeometryParameterFromVolumeNode(reference)
    segment_id = segments.ensured_segment_id(node, a_module.session.profile, a_module.session.class_id)
    block = np.ones((2, 3, 4), bool), Extent(5, 8, 6, 8, 2, 3)
    SegmentWriter(node, reference).submit(segment_id, *block)
    shared = a_module.widget.logic.sharedSession
    shared.work_on(again, node)
    shared.session.voxel_size.give_known()
    assert not shared.problem and again.GetSpacing() == pytest.approx((0.5, 0.5, 0.25))
    found = segments.mask_of_class_kji(node, a_module.session.class_id, again)
    assert np.count_nonzero(found) == 24 and found[block[1].slices_kji()].all()


def noise_of_1_mm(module: Module):
    grey = np.random.default_rng(2).integers(0, 4000, (6, 24, 28)).astype(np.uint16)
    return volumes.add_volume(module.host.scene, VolumeData(grey, np.eye(4), "Unknown", True))
