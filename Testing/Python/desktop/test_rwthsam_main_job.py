"""The main job in the module RWTHSAM: from choosing a scan to the reopened scene, in every view, on any grid."""

from __future__ import annotations

import numpy as np
import pytest
from rwthsam_parts import (
    GRIDS,
    MIDDLE_IJK,
    VIEWS,
    BoxPrompt,
    PointPrompt,
    library_shared_session,
    moved,
    neighbourhood,
    noise_volume,
)

from RWTHSAMLib.core.oblique_plane import ObliquePlane
from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji
from RWTHSAMLib.mrml.views.tilting import tilt
from RWTHSAMLib.record.steps import HandEdit, PromptedSlice

pytest_plugins = ["rwthsam_fixtures"]


@pytest.fixture(params=sorted(GRIDS))
def any_scan(a_module, request):
    """A scan on an upright or a rotated anisotropic grid, chosen in the module."""
    volume = noise_volume(request.param)
    a_module.choose(volume)
    return volume


def test_choosing_a_scan_makes_a_segmentation_on_its_grid_and_the_tool_ready(a_module, a_scan):
    node = a_module.ui.outputSegmentationSelector.currentNode()
    assert node is a_module.session.segmentation_node and a_module.segment_names == a_module.class_names
    assert node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()) is a_scan
    assert a_module.editor.activeEffect().name == "SAM"
    assert a_module.session.window == a_module.session.propose_window()


@pytest.mark.parametrize("view", VIEWS)
def test_a_click_becomes_a_prompt_on_the_slice_of_its_voxel(a_module, any_scan, view):
    a_module.click(view, MIDDLE_IJK)
    key = a_module.slice_of(view, MIDDLE_IJK)
    assert a_module.status.slice == key and a_module.status.prompts.items == (PointPrompt(*key.xy(MIDDLE_IJK)),)


def test_the_three_views_prompt_three_axes(a_module, any_scan):
    axes = {a_module.slice_of(view, MIDDLE_IJK).axis for view in VIEWS}
    assert axes == {"i", "j", "k"}


@pytest.mark.parametrize("view", VIEWS)
def test_a_click_on_a_tilted_view_is_a_prompt_on_its_plane(a_module, any_scan, view):
    node = a_module.host.user.view(view).mrmlSliceNode()
    tilt(node, any_scan, 25, -10)
    a_module.settle()
    a_module.click(view, MIDDLE_IJK)
    plane = a_module.status.slice
    assert isinstance(plane, ObliquePlane) and plane == a_module.session.plane_shown(node)
    (point,) = a_module.status.prompts.points
    assert np.abs(np.array(plane.ijk_at(point.x, point.y)) - MIDDLE_IJK).max() < 0.75
    assert "oblique through" in a_module.options.promptsLabel.text
    a_module.press("Return", view)
    k, j, i = np.nonzero(a_module.mask())
    assert len(i) and np.abs(np.array([i.mean(), j.mean(), k.mean()]) - MIDDLE_IJK).max() < 1
    assert all(-0.5 <= plane.distance(np.array(voxel)) < 0.5 for voxel in zip(i, j, k, strict=True))
    library_shared_session().present().look_at(node)
    a_module.push(a_module.options.refineButton)
    assert a_module.status.slice == plane and a_module.status.prompts.replaces
    tilt(node, any_scan, 0, 0)
    assert not isinstance(a_module.session.plane_shown(node), ObliquePlane)


@pytest.mark.parametrize("view", VIEWS)
def test_the_main_job(a_module, any_scan, view, tmp_path):
    a_module.new_profile("Cylindrical cell")
    assert a_module.ui.profileSelector.currentNode().GetName() == "Cylindrical cell"
    a_module.press("N", view)
    chosen = a_module.session.class_id
    assert chosen == a_module.session.profile.classes[1].id
    axis = a_module.slice_of(view, MIDDLE_IJK).axis
    a_module.click(view, MIDDLE_IJK)
    assert a_module.status.candidate_scores and a_module.options.candidateButton3.enabled
    a_module.click(view, moved(MIDDLE_IJK, axis, x=6), "left", "ctrl")
    a_module.drag(view, moved(MIDDLE_IJK, axis, -5, -5), moved(MIDDLE_IJK, axis, -2, -3), "middle", "shift")
    assert [type(each) for each in a_module.status.prompts.items] == [PointPrompt, PointPrompt, BoxPrompt]
    a_module.press("Ctrl+K", view)
    assert a_module.status.prompt_count == 2 and a_module.status.prompts.box is None
    a_module.press("Return", view)
    submitted = neighbourhood(MIDDLE_IJK, axis)
    assert (a_module.mask() == submitted).all() and not a_module.status.prompts.items

    a_module.use_tool("Paint")
    a_module.click(view, moved(MIDDLE_IJK, axis, y=-6))
    painted = a_module.mask()
    assert painted[submitted].all() and painted.sum() > submitted.sum()
    (noted,) = [each for each in a_module.session.provenance.steps if isinstance(each, HandEdit)]
    assert noted.class_ids == (chosen,) and noted.tool == "Paint"

    a_module.use_tool("SAM")
    pending = moved(MIDDLE_IJK, axis, x=-6, y=3)
    a_module.click(view, pending)
    _save_and_reopen(a_module, tmp_path)
    assert a_module.session.volume_node.GetName() == "Scan" and a_module.session.class_id == chosen
    assert a_module.ui.inputVolumeSelector.currentNode() is a_module.session.volume_node
    assert a_module.ui.outputSegmentationSelector.currentNode() is a_module.session.segmentation_node
    assert a_module.ui.profileSelector.currentNode().GetName() == "Cylindrical cell"
    assert np.array_equal(a_module.mask(), painted)
    assert a_module.status.prompts.items == (PointPrompt(*a_module.status.slice.xy(pending)),)
    assert [type(each) for each in a_module.session.prompt_file().steps] == [PromptedSlice, HandEdit]

    a_module.press("Return", view)
    assert np.array_equal(a_module.mask(), painted | neighbourhood(pending, axis))


def _save_and_reopen(module, folder) -> None:
    import slicer

    assert slicer.util.saveScene(str(folder / "scene.mrb"))
    module.host.close_scene()
    module.settle()
    assert module.session.volume_node is None and not module.options.submitButton.enabled
    slicer.util.loadScene(str(folder / "scene.mrb"))
    module.settle()


def test_prompts_on_several_slices_are_submitted_together_and_undone_together(a_module, any_scan):
    before = a_module.segment_names
    for view in VIEWS:
        a_module.click(view, MIDDLE_IJK)
    assert a_module.status.prompted_slices == 3
    a_module.push(a_module.options.submitButton)
    axes = [a_module.slice_of(view, MIDDLE_IJK).axis for view in VIEWS]
    assert (a_module.mask() == np.any([neighbourhood(MIDDLE_IJK, axis) for axis in axes], axis=0)).all()
    a_module.push(a_module.options.undoButton)
    assert not a_module.mask().any() and a_module.status.prompted_slices == 3
    a_module.push(a_module.options.redoButton)
    assert a_module.mask().any() and a_module.segment_names == before


def test_prompts_are_gathered_while_the_model_waits_and_then_all_get_their_masks(a_module, any_scan):
    others = moved(MIDDLE_IJK, "k", x=4)
    a_module.press("W", "Red")
    assert a_module.options.waitBox.checked
    a_module.click("Red", MIDDLE_IJK)
    a_module.click("Green", others)
    a_module.wait()
    assert a_module.status.prompted_slices == 2 and not a_module.session.prompting.masks
    assert not a_module.options.submitButton.enabled and "wait for their masks" in a_module.options.statusLabel.text
    a_module.options.waitBox.click()
    a_module.wait()
    assert not a_module.session.prompting.waits and len(a_module.session.prompting.masks) == 2
    assert a_module.options.submitButton.enabled


def test_what_is_lacking_before_a_submit_is_said_at_its_button(a_module, any_scan):
    button = a_module.options.submitButton
    assert not button.enabled and "Click on a part first" in button.toolTip
    a_module.click("Red", MIDDLE_IJK)
    a_module.wait()
    assert button.enabled and button.toolTip == "Add the masks of all prompted slices to the class (Enter)."


def test_an_existing_segmentation_of_the_scan_is_taken_up(a_module, a_scan):
    first = a_module.session.segmentation_node
    a_module.choose(noise_volume("rotated", "Other scan"))
    assert a_module.session.segmentation_node is not first
    a_module.choose(a_scan)
    assert a_module.session.segmentation_node is first


def test_prompts_survive_a_change_of_the_segmentation(a_module, a_scan):
    a_module.click("Red", MIDDLE_IJK)
    a_module.ui.outputSegmentationSelector.setCurrentNode(None)
    other = a_module.host.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Other")
    other.CreateDefaultDisplayNodes()
    a_module.ui.outputSegmentationSelector.setCurrentNode(other)
    a_module.settle()
    assert a_module.session.segmentation_node is other and a_module.status.prompt_count == 1
    a_module.use_tool("SAM")
    a_module.push(a_module.options.submitButton)
    assert a_module.mask().sum() == 9


def test_a_winding_is_traced_and_taken_further(a_module):
    rows = np.where(np.mod(np.arange(24), 8) < 4, 200, 50).astype(np.uint8)
    volume = noise_volume()
    array = volume_array_kji(volume)
    array[:] = rows[None, :, None]
    volume.GetImageData().Modified()
    a_module.choose(volume)
    assert not a_module.options.inwardsButton.visible
    a_module.push(a_module.options.windingButton)
    assert a_module.session.tool == "winding" and a_module.options.inwardsButton.visible
    assert not a_module.options.inwardsButton.enabled
    i, _, k = MIDDLE_IJK
    a_module.drag("Red", (2, 9, k), (array.shape[2] - 3, 9, k))
    (stroke,) = a_module.status.prompts.strokes
    key = a_module.slice_of("Red", (i, 9, k))
    assert set(np.flatnonzero(a_module.session.prompting.masks[key].to_array()[:, i])) == {8, 9, 10, 11}
    assert a_module.options.promptList.item(0).text().startswith("Winding along")
    edit = a_module.options.windingDistanceEdit
    assert edit.text == "" and float(edit.placeholderText) == pytest.approx(8, abs=0.3)
    a_module.type_into(edit, "")
    assert a_module.session.windings.given_px is None
    a_module.type_into(edit, "8")
    assert a_module.session.windings.given_px == 8 and edit.text == "8"
    a_module.push(a_module.options.outwardsButton)
    assert len(a_module.status.prompts.strokes) == 2
    assert len(np.flatnonzero(a_module.session.prompting.masks[key].to_array()[:, i])) == 8
    a_module.press("Return")
    assert a_module.mask()[k, 8:12, i].all()
    a_module.press("I")
    assert len(a_module.status.prompts.strokes) == 1
    a_module.type_into(a_module.options.windingDistanceEdit, "")
    a_module.push(a_module.options.pointButton)
    assert not a_module.options.inwardsButton.visible
