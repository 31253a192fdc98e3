"""Scans, scenes and arguments that are unusual: each is refused or followed in a sentence, and the panel goes on."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import vtk
from rwthsam_parts import MIDDLE_IJK, SHAPE_KJI, SliceKey, moved, noise_volume

pytest_plugins = ["rwthsam_fixtures"]

TWO_VALUES = "2 values in each voxel"


@pytest.fixture
def a_warp(host):
    """A transform that bends space, as from a registration."""
    import slicer

    before, after = vtk.vtkPoints(), vtk.vtkPoints()
    for x, y, z in ((0, 0, 0), (10, 0, 0), (0, 10, 0), (0, 0, 10), (5, 5, 5)):
        before.InsertNextPoint(x, y, z)
        after.InsertNextPoint(x + 0.05 * y * y, y, z)
    spline = vtk.vtkThinPlateSplineTransform()
    spline.SetBasisToR()
    spline.SetSourceLandmarks(before)
    spline.SetTargetLandmarks(after)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode", "Registration")
    node.SetAndObserveTransformToParent(spline)
    return node


def flat_matrix():
    """Voxels without any extent."""
    matrix = vtk.vtkMatrix4x4()
    matrix.Zero()
    matrix.SetElement(3, 3, 1)
    return matrix


def test_a_scan_under_a_warp_is_refused_in_the_panel(a_module, a_warp):
    volume = noise_volume()
    volume.SetAndObserveTransformNodeID(a_warp.GetID())
    a_module.choose(volume)
    assert "non-linear transform 'Registration'" in a_module.widget.logic.sharedSession.problem
    assert a_module.session.volume_node is None


def test_a_scan_that_comes_under_a_warp_is_said_and_goes_on_without_it(a_module, a_scan, a_warp):
    a_module.click("Red", MIDDLE_IJK)
    a_scan.SetAndObserveTransformNodeID(a_warp.GetID())
    a_module.settle()
    a_module.press("Return")
    assert "non-linear transform 'Registration'" in a_module.status.text
    a_scan.SetAndObserveTransformNodeID(None)
    a_module.settle()
    a_module.wait()
    a_module.press("Return")
    assert a_module.mask().sum() == 9


def test_a_scan_whose_voxels_lose_their_extent_is_said(a_module, a_scan):
    a_scan.SetIJKToRASMatrix(flat_matrix())
    a_module.settle()
    assert "no extent" in a_module.status.text


def test_a_volume_that_is_neither_grey_nor_coloured_is_refused_when_it_is_chosen(a_module):
    import slicer

    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "Phase and magnitude")
    slicer.util.updateVolumeFromArray(volume, np.zeros((*SHAPE_KJI, 2), np.float32))
    a_module.ui.inputVolumeSelector.setCurrentNode(volume)
    a_module.settle()
    assert TWO_VALUES in a_module.widget.logic.sharedSession.problem and a_module.session.volume_node is None


def test_a_segmentation_of_surfaces_is_converted_by_a_button(a_module, a_scan):
    a_module.session.add_point(SliceKey("k", MIDDLE_IJK[2]), *MIDDLE_IJK[:2])
    a_module.settle()
    a_module.session.submit()
    a_module.settle()
    assert not a_module.ui.convertButton.visible
    segmentation = a_module.session.segmentation_node.GetSegmentation()
    segmentation.CreateRepresentation("Closed surface")
    segmentation.SetSourceRepresentationName("Closed surface")
    a_module.session.add_point(SliceKey("k", 2), *MIDDLE_IJK[:2])
    a_module.settle()
    a_module.push(a_module.ui.convertButton)
    assert segmentation.GetSourceRepresentationName() == "Binary labelmap" and not a_module.ui.convertButton.visible
    a_module.session.submit()
    a_module.settle()
    assert a_module.mask()[2].any()


def test_a_deleted_parameter_node_is_made_again(a_module, a_scan):
    a_module.host.scene.RemoveNode(a_module.widget.logic.getParameterNode().parameterNode)
    a_module.settle()
    assert a_module.ui.inputVolumeSelector.currentNode() is a_scan
    second = noise_volume(name="Second")
    a_module.choose(second)
    assert a_module.session.volume_node is second


def saved_work(module, path) -> None:
    """A scene with a scan, one class and a session, closed again."""
    import slicer

    module.choose(noise_volume(name="Saved"))
    module.click("Red", MIDDLE_IJK)
    module.press("Return")
    assert slicer.util.saveScene(str(path))
    module.host.close_scene()
    module.settle()


def test_a_scene_added_to_prompts_that_are_not_submitted_takes_none_away(a_module, tmp_path):
    import slicer

    saved_work(a_module, tmp_path / "saved.mrb")
    a_module.choose(noise_volume(name="Mine"))
    a_module.click("Red", moved(MIDDLE_IJK, "k", 5))
    slicer.util.loadNodeFromFile(str(tmp_path / "saved.mrb"), "SceneFile", {"clear": False})
    a_module.settle()
    assert "work of its own" in a_module.status.text
    session, selector = a_module.session, a_module.ui.inputVolumeSelector
    chosen = session.volume_node, selector.currentNode(), a_module.editor.sourceVolumeNode()
    assert [each.GetName() for each in chosen] == ["Mine"] * 3
    a_module.use_tool("SAM")
    a_module.press("Return")
    assert a_module.mask().sum() == 9 and session.segmentation_node.GetName() == "Mine segmentation"


def test_a_scene_added_to_finished_work_is_taken_up(a_module, tmp_path):
    import slicer

    saved_work(a_module, tmp_path / "saved.mrb")
    a_module.choose(noise_volume(name="Mine"))
    slicer.util.loadNodeFromFile(str(tmp_path / "saved.mrb"), "SceneFile", {"clear": False})
    a_module.settle()
    assert a_module.session.volume_node.GetName() == "Saved" and a_module.mask().sum() == 9


def test_a_script_that_gives_something_else_than_a_node_is_told_and_changes_nothing(a_module, a_scan):
    import slicer

    logic, text = a_module.widget.logic, slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode", "Notes")
    with pytest.raises(ValueError, match="a volume node, got 'Scan'"):
        logic.workOn("Scan")
    with pytest.raises(ValueError, match="a segmentation node"):
        logic.workOn(a_scan, a_scan)
    with pytest.raises(ValueError, match="a profile, got 'Cell'"):
        logic.useProfile("Cell")
    with pytest.raises(ValueError, match="'Notes' is no profile"):
        logic.useProfile(text)
    a_module.settle()
    assert a_module.session.volume_node is a_scan and logic.sharedSession.classes.node is None


@pytest.fixture
def a_save_dialog(monkeypatch):
    """Answers the dialog for files to write; yields what it proposed, and the answer to give."""
    from PySide6.QtWidgets import QFileDialog

    dialog = SimpleNamespace(proposals=[], answer="")

    def ask(_parent, _title, proposal, *_more) -> tuple[str, str]:
        dialog.proposals.append(proposal)
        return str(dialog.answer), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return dialog


def test_the_name_of_a_series_is_proposed_as_a_name_that_every_system_takes(a_module, a_save_dialog, tmp_path):
    a_module.choose(noise_volume(name="3: CT 1.0 / B30f"))
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return")
    a_save_dialog.answer = tmp_path / "cell"
    a_module.push(a_module.ui.savePromptsButton)
    assert a_save_dialog.proposals == ["3_CT_1.0_B30f.prompts.json"]
    assert [each.name for each in tmp_path.iterdir()] == ["cell.json"]


def test_a_file_that_only_the_ending_leads_to_is_not_replaced_unasked(
    a_module, a_scan, a_save_dialog, tmp_path, monkeypatch
):
    import slicer

    asked: list[str] = []  # the application answers by itself while it is tested
    monkeypatch.setattr(slicer.util, "confirmYesNoDisplay", lambda text: bool(asked.append(text)))
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return")
    (tmp_path / "cell.json").write_text("mine", "utf-8")
    a_save_dialog.answer = tmp_path / "cell"
    a_module.push(a_module.ui.savePromptsButton)
    assert "cell.json already exists" in asked[0] and (tmp_path / "cell.json").read_text("utf-8") == "mine"


def test_a_scan_without_a_name_is_exported_and_reported(a_module, a_scan, tmp_path):
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return")
    a_scan.SetName(None)
    a_module.settle()
    assert a_module.widget.logic.exportSegmentation(tmp_path).files
    a_module.widget.logic.saveReport(tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size > 0


def test_a_window_may_be_typed_with_decimal_commas(a_module, a_scan):
    a_module.type_into(a_module.ui.windowUpperEdit, "3000,5")
    assert a_module.session.window.upper == 3000.5
