"""The classes as a coloured volume: what is seen where, and that nothing more is computed than what changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rendering_parts import (
    CAN,
    CORE,
    SHAPE_KJI,
    SOLID,
    add_cell,
    add_voxels,
    blue_pixels,
    can_voxels,
    core_voxels,
    picture,
    radius_px,
    rebuilt_rgba,
    red_pixels,
    rgba_of,
)
from scene_parts import GEOMETRIES, NeighbourhoodEngine

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.settings.rendering import RenderingSettings, SegmentLook
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.temporary_nodes import OWNER_ATTRIBUTE
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.session.session import Session

# switching on and off


def test_nothing_is_rendered_until_it_is_asked_for(a_cell) -> None:
    a_cell.poll()
    assert a_cell.rendering.volume_node is None
    assert a_cell.scene.GetNumberOfNodesByClass("vtkMRMLVolumeRenderingDisplayNode") == 0


def test_switching_off_leaves_no_node_and_gives_the_views_their_quality_back(a_cell, a_3d_view) -> None:
    before, quality = a_cell.scene.GetNumberOfNodes(), a_3d_view.view_node.GetVolumeRenderingQuality()
    a_cell.rendering.set_settings(replace(SOLID, crop_ijk=Extent(0, 9, 0, 9, 0, 9)))
    a_cell.rendering.finish()
    assert a_cell.scene.GetNumberOfNodes() > before
    a_cell.rendering.show(False)
    assert a_cell.scene.GetNumberOfNodes() == before
    assert a_3d_view.view_node.GetVolumeRenderingQuality() == quality


def test_it_is_computed_in_steps_while_the_host_polls(a_cell) -> None:
    a_cell.rendering.set_settings(SOLID)
    while not a_cell.rendering.is_up_to_date:
        a_cell.poll()
    assert a_cell.rendering.volume_node.GetImageData() is not None
    assert a_cell.rendering.progress is None


def test_none_of_its_nodes_is_saved_or_listed(a_rendered_cell) -> None:
    scene = a_rendered_cell.scene
    nodes = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]
    mine = [each for each in nodes if each.GetAttribute(OWNER_ATTRIBUTE)]
    assert len(mine) >= 3
    assert not any(each.GetSaveWithScene() or not each.GetHideFromEditors() for each in mine)


# what is seen


def test_class_colours_are_where_the_classes_are(a_rendered_cell, a_3d_view) -> None:
    from_above = picture(a_rendered_cell, a_3d_view, (0, 0.01, 5))
    rows, columns = np.indices(from_above.shape[:2])
    px_per_mm = from_above.shape[0] / (2 * a_3d_view.renderer.GetActiveCamera().GetParallelScale())
    radius_mm = np.hypot(rows - 119.5, columns - 149.5) / px_per_mm
    red, blue = red_pixels(from_above), blue_pixels(from_above)
    assert blue[radius_mm < 5].mean() > 0.98
    assert red[(radius_mm > 12.5) & (radius_mm < 15.5)].mean() > 0.98
    assert not (red | blue)[((radius_mm > 8) & (radius_mm < 9)) | (radius_mm > 19)].any()


def test_the_outer_class_hides_the_inner_one_until_it_is_hidden(a_rendered_cell, a_3d_view) -> None:
    session = a_rendered_cell
    side = (1.0, 0.0, 0.0)
    assert blue_pixels(picture(session, a_3d_view, side)).mean() < 0.002
    session.rendering.set_settings(SOLID.with_look(CAN, SegmentLook(visible=False)))
    seen = picture(session, a_3d_view, side)
    assert blue_pixels(seen).mean() > 0.03
    assert not red_pixels(seen).any()


def test_an_outer_class_of_little_opacity_lets_the_inner_one_show(a_rendered_cell, a_3d_view) -> None:
    a_rendered_cell.rendering.set_settings(SOLID.with_look(CAN, SegmentLook(opacity=0.05)))
    seen = picture(a_rendered_cell, a_3d_view, (1.0, 0.0, 0.0))
    assert blue_pixels(seen).mean() > 0.03


def test_a_quarter_cut_out_shows_the_inside(a_rendered_cell, a_3d_view) -> None:
    towards_the_quarter = (1.0, 1.0, 0.3)
    whole = picture(a_rendered_cell, a_3d_view, towards_the_quarter)
    a_rendered_cell.rendering.set_settings(replace(SOLID, cut="quarter", cut_axis="k"))
    cut = picture(a_rendered_cell, a_3d_view, towards_the_quarter)
    assert blue_pixels(cut).sum() > 5 * max(1, blue_pixels(whole).sum())
    alpha = rgba_of(a_rendered_cell)[..., 3]
    assert not alpha[:, 20:, 20:].any()
    assert alpha[:, :20, 20:].any() and alpha[:, 20:, :20].any()


@pytest.mark.parametrize("direction", [(1.0, 1.0, 0.3), (-1.0, 1.0, 0.3), (1.0, -1.0, -0.3), (-1.0, -1.0, 0.3)])
def test_the_quarter_that_is_cut_faces_whoever_looks(a_rendered_cell, a_3d_view, direction) -> None:
    whole = picture(a_rendered_cell, a_3d_view, direction)
    geometry = VolumeGeometry.of(a_rendered_cell.volume_node)
    middle_ras = geometry.ras_of([(size - 1) / 2 for size in reversed(SHAPE_KJI)])
    sides = a_rendered_cell.rendering.sides_towards(np.array(middle_ras) + 100 * np.array(direction))
    a_rendered_cell.rendering.set_settings(replace(SOLID, cut="quarter", cut_axis="k", cut_low=sides))
    cut = picture(a_rendered_cell, a_3d_view, direction)
    assert blue_pixels(cut).sum() > 5 * max(1, blue_pixels(whole).sum())


@pytest.mark.parametrize("axis, kept", [("k", np.s_[:12]), ("j", np.s_[:, :20]), ("i", np.s_[:, :, :20])])
def test_a_half_is_removed_along_the_chosen_axis(a_rendered_cell, axis: str, kept) -> None:
    before = rgba_of(a_rendered_cell)[..., 3].astype(bool)
    a_rendered_cell.rendering.set_settings(replace(SOLID, cut="half", cut_axis=axis))
    a_rendered_cell.rendering.finish()
    expected = np.zeros(SHAPE_KJI, bool)
    expected[kept] = before[kept]
    assert np.array_equal(rgba_of(a_rendered_cell)[..., 3].astype(bool), expected)


def test_cropping_empties_what_lies_outside_the_box(a_rendered_cell, a_3d_view) -> None:
    above = (0, 0.01, 5)
    whole = picture(a_rendered_cell, a_3d_view, above)
    a_rendered_cell.rendering.set_settings(replace(SOLID, crop_ijk=Extent(0, 19, 0, 39, 0, 23)))
    cropped = picture(a_rendered_cell, a_3d_view, above)
    left, right = red_pixels(cropped)[:, :148], red_pixels(cropped)[:, 152:]
    smaller, larger = sorted((left.sum(), right.sum()))
    assert larger > 0.9 * red_pixels(whole).sum() / 2
    assert smaller < 0.02 * larger
    a_rendered_cell.rendering.set_settings(SOLID)
    again = picture(a_rendered_cell, a_3d_view, above)
    assert np.mean(red_pixels(again) != red_pixels(whole)) < 0.005


@pytest.mark.parametrize("grid", GEOMETRIES)
def test_the_cropping_box_holds_the_chosen_voxels_on_every_grid(a_cell, grid: str) -> None:
    a_cell.set_volume(add_cell(a_cell.scene, GEOMETRIES[grid]))
    crop = Extent(3, 20, 5, 31, 2, 9)
    a_cell.rendering.set_settings(replace(SOLID, crop_ijk=crop))
    a_cell.rendering.finish()
    assert a_cell.rendering._nodes.box_ijk() == crop


def test_a_box_dragged_in_the_view_is_taken_over(a_rendered_cell) -> None:
    a_rendered_cell.rendering.set_settings(replace(SOLID, crop_ijk=Extent(0, 39, 0, 39, 0, 23)))
    a_rendered_cell.rendering.show_box(True)
    roi = a_rendered_cell.rendering.roi_node
    roi.SetSize(20, 40, 24)
    a_rendered_cell.poll()
    assert a_rendered_cell.rendering.settings.crop_ijk == Extent(10, 29, 0, 39, 0, 23)


def test_the_rendering_lies_where_the_scan_lies(a_cell, a_3d_view) -> None:
    a_cell.set_volume(add_cell(a_cell.scene, GEOMETRIES["rotated"]))
    a_cell.rendering.set_settings(replace(SOLID, rest_opacity=1.0))
    a_cell.rendering.finish()
    scan, rendered = [0.0] * 6, [0.0] * 6
    a_cell.volume_node.GetRASBounds(scan)
    a_cell.rendering.volume_node.GetRASBounds(rendered)
    assert np.allclose(scan, rendered)


# colours and opacities of voxels


def test_air_is_clear_and_dense_matter_is_not(a_cell) -> None:
    a_cell.rendering.set_settings(RenderingSettings(shown=True, rest_opacity=1.0, edge_opacity=0.0, grey_opacity=1.0))
    a_cell.rendering.finish()
    alpha = rgba_of(a_cell)[..., 3]
    assert np.count_nonzero(alpha[~can_voxels() & ~core_voxels()]) < 0.01 * alpha.size
    assert alpha[can_voxels()].min() > 230
    assert 100 < np.median(alpha[core_voxels()]) < 230


def test_hidden_grey_values_leave_the_edges_of_a_class(a_rendered_cell) -> None:
    a_rendered_cell.rendering.set_settings(replace(SOLID, grey_opacity=0.0))
    a_rendered_cell.rendering.finish()
    alpha = rgba_of(a_rendered_cell)[12, ..., 3]
    assert alpha[radius_px()[12] < 2].max() == 0
    assert alpha[np.abs(radius_px()[12] - 5) < 0.5].min() > 150


def test_touching_classes_keep_their_colours_up_to_their_boundary(a_rendered_cell) -> None:
    add_voxels(a_rendered_cell, "core", (radius_px() >= 5) & (radius_px() <= 12))
    a_rendered_cell.rendering.finish()
    colours = rgba_of(a_rendered_cell)[12, ..., :3].astype(int)
    is_red = colours[..., 0] > colours[..., 2]
    clear = np.abs(radius_px()[12] - 12) > 1
    assert np.array_equal(is_red[clear & (radius_px()[12] < 15)], can_voxels()[12][clear & (radius_px()[12] < 15)])


def test_each_connected_part_has_a_colour_of_its_own(a_cell) -> None:
    blobs = np.zeros(SHAPE_KJI, bool)
    blobs[2:6, 18:22, 18:22] = blobs[10:14, 18:22, 18:22] = blobs[18:22, 18:22, 18:22] = True
    add_voxels(a_cell, "core", core_voxels(), remove=True)
    add_voxels(a_cell, "core", blobs)
    a_cell.rendering.set_settings(replace(SOLID, color_by="instance"))
    a_cell.rendering.finish()
    rgba = rgba_of(a_cell)
    hues = {tuple(rgba[k, 20, 20, :3] // 8) for k in (4, 12, 20)}
    assert len(hues) == 3
    assert len({tuple(each // 8) for each in rgba[11:13, 19:21, 19:21, :3].reshape(-1, 3)}) == 1


# only what changed


@pytest.mark.parametrize("color_by", ["class", "instance"])
@pytest.mark.parametrize("most_voxels", [10**6, 6000])
@pytest.mark.parametrize("seed", [1, 2])
def test_updates_equal_a_rebuild(a_cell, seed: int, most_voxels: int, color_by: str) -> None:
    print("seed", seed)
    random = np.random.default_rng(seed)
    a_cell.rendering.set_settings(replace(SOLID, color_by=color_by, most_voxels=most_voxels, cut="quarter"))
    a_cell.rendering.finish()
    for _ in range(6):
        corner = random.integers(0, np.array(SHAPE_KJI) - 4)
        block = np.zeros(SHAPE_KJI, bool)
        block[tuple(slice(at, at + size) for at, size in zip(corner, random.integers(1, 9, 3), strict=True))] = True
        add_voxels(a_cell, str(random.choice(["can", "core"])), block, remove=bool(random.random() < 0.3))
        a_cell.rendering.finish()
    updated = rgba_of(a_cell)
    assert np.array_equal(updated, rebuilt_rgba(a_cell))


def test_changed_looks_equal_a_rebuild(a_rendered_cell) -> None:
    for choices in (
        SOLID.with_look(CORE, SegmentLook(opacity=0.4)),
        SOLID.with_look(CAN, SegmentLook(visible=False)),
        replace(SOLID, edge_opacity=0.2),
        replace(SOLID, color_by="instance"),
        SOLID,
    ):
        a_rendered_cell.rendering.set_settings(choices)
        a_rendered_cell.rendering.finish()
        assert np.array_equal(rgba_of(a_rendered_cell), rebuilt_rgba(a_rendered_cell))


def test_a_small_change_paints_little(a_rendered_cell) -> None:
    rendered = a_rendered_cell.rendering.rendered
    before = rendered.painted_voxels
    spot = np.zeros(SHAPE_KJI, bool)
    spot[10, 27, 26:29] = True
    add_voxels(a_rendered_cell, "core", spot)
    a_rendered_cell.rendering.finish()
    assert rendered is a_rendered_cell.rendering.rendered
    assert 0 < rendered.painted_voxels - before <= 5 * 5 * 7


def test_a_change_of_a_colour_paints_the_class_alone(a_rendered_cell) -> None:
    rendered = a_rendered_cell.rendering.rendered
    before = rendered.painted_voxels
    a_rendered_cell.segmentation_node.GetSegmentation().GetSegment(CORE).SetColor(0.0, 1.0, 0.0)
    a_rendered_cell.rendering.finish()
    assert 0 < rendered.painted_voxels - before < 0.25 * np.prod(SHAPE_KJI)
    assert rgba_of(a_rendered_cell)[12, 20, 20, 1] > 150


def test_a_removed_segment_disappears(a_rendered_cell) -> None:
    a_rendered_cell.segmentation_node.GetSegmentation().RemoveSegment(CAN)
    a_rendered_cell.rendering.finish()
    assert np.array_equal(rgba_of(a_rendered_cell), rebuilt_rgba(a_rendered_cell))
    assert not rgba_of(a_rendered_cell)[..., 3][can_voxels()].any()


# level of detail


def test_a_large_scan_is_down_sampled_and_that_is_said(a_cell) -> None:
    a_cell.rendering.set_settings(replace(SOLID, most_voxels=6000))
    a_cell.rendering.finish()
    shape = rgba_of(a_cell).shape
    assert np.prod(shape[:3]) <= 6000
    assert "2 x 2 x 2 voxels" in a_cell.rendering.notice
    assert "0.0384 million" in a_cell.rendering.notice and "0.006 million" in a_cell.rendering.notice


def test_a_scan_that_fits_is_drawn_whole_without_a_notice(a_rendered_cell) -> None:
    assert rgba_of(a_rendered_cell).shape[:3] == SHAPE_KJI
    assert a_rendered_cell.rendering.notice == ""


# scenes and scans


def test_a_saved_scene_brings_it_back(a_rendered_cell, tmp_path) -> None:
    a_rendered_cell.rendering.set_settings(
        replace(SOLID, cut="half", crop_ijk=Extent(0, 30, 0, 39, 0, 23)).with_look(CAN, SegmentLook(False, 0.5))
    )
    a_rendered_cell.rendering.finish()
    expected, choices = rgba_of(a_rendered_cell), a_rendered_cell.rendering.settings
    a_rendered_cell.scene.SetRootDirectory(str(tmp_path))
    for class_name in ("vtkMRMLScalarVolumeNode", "vtkMRMLSegmentationNode"):
        node = a_rendered_cell.scene.GetFirstNodeByClass(class_name)
        node.AddDefaultStorageNode(str(tmp_path / f"{class_name}.nrrd"))
        ending = ".seg.nrrd" if "Segmentation" in class_name else ".nrrd"
        node.GetStorageNode().SetFileName(str(tmp_path / (class_name + ending)))
        assert node.GetStorageNode().WriteData(node)
    a_rendered_cell.scene.SetURL(str(tmp_path / "scene.mrml"))
    assert a_rendered_cell.scene.Commit()
    scene = new_scene()
    session = Session(scene, NeighbourhoodEngine())
    scene.SetURL(str(tmp_path / "scene.mrml"))
    assert scene.Connect()
    assert scene.GetNumberOfNodesByClass("vtkMRMLVectorVolumeNode") == 0
    session.rendering.finish()
    assert session.rendering.settings == choices
    assert np.array_equal(rgba_of(session), expected)
    session.close()


def test_another_scan_is_rendered_from_scratch_and_whole(a_rendered_cell) -> None:
    a_rendered_cell.rendering.set_settings(replace(SOLID, crop_ijk=Extent(0, 5, 0, 5, 0, 5)))
    a_rendered_cell.set_volume(add_cell(a_rendered_cell.scene))
    a_rendered_cell.rendering.finish()
    assert a_rendered_cell.rendering.settings.crop_ijk is None
    assert a_rendered_cell.scene.GetNumberOfNodesByClass("vtkMRMLVectorVolumeNode") == 1


def test_a_rendering_node_that_somebody_deleted_is_made_again(a_rendered_cell) -> None:
    a_rendered_cell.scene.RemoveNode(a_rendered_cell.rendering.volume_node)
    a_rendered_cell.poll()
    a_rendered_cell.rendering.finish()
    assert a_rendered_cell.rendering.volume_node.GetScene() is a_rendered_cell.scene


def test_closing_the_session_takes_the_rendering_with_it(a_rendered_cell) -> None:
    a_rendered_cell.close()
    assert a_rendered_cell.scene.GetNumberOfNodesByClass("vtkMRMLVectorVolumeNode") == 0
