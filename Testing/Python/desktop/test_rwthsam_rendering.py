"""The section "3D view": the classes as a volume, switched and looked at with the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from desktop_host.pythonqt.conversion import unwrap
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from rwthsam_parts import BLOCK_IJK, REPOSITORY, objects_volume, push, temporary_nodes

from RWTHSAMLib.core.settings.rendering import RenderingSettings
from RWTHSAMLib.core.window import Window

pytest_plugins = ["rwthsam_fixtures"]


@pytest.fixture
def section(a_module):
    """The section, unfolded, over a scan whose block is in the first class."""
    a_module.choose(objects_volume())
    a_module.session.set_window(Window(0, 255))
    a_module.click("Red", BLOCK_IJK)
    a_module.wait()
    a_module.session.submit()
    a_module.ui.renderingSection.collapsed = False
    a_module.settle()
    yield a_module.widget.panel.rendering.ui
    a_module.session.rendering.set_settings(RenderingSettings())


def settle(module) -> None:
    module.settle()
    module.session.rendering.finish()
    module.settle()


def alpha(module) -> np.ndarray:
    from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji

    return volume_array_kji(module.session.rendering.volume_node)[..., 3]


def view_picture(module) -> np.ndarray:
    """The 3D view, int (rows, columns, 3)."""
    import slicer

    view = unwrap(slicer.app.layoutManager().threeDWidget(0).threeDView())
    bounds = [0.0] * 6
    module.session.volume_node.GetRASBounds(bounds)
    view.canvas.renderer.ResetCamera(bounds)
    view.canvas.render_now()
    image = view.canvas._frame.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def test_it_is_off_until_the_box_is_ticked_and_leaves_nothing_behind(a_module, section):
    assert not section.shownBox.checked and not section.greyOpacitySlider.enabled
    before = sorted(temporary_nodes(a_module.host.scene))
    push(a_module, section.shownBox)
    settle(a_module)
    assert a_module.session.rendering.volume_node is not None and section.greyOpacitySlider.enabled
    push(a_module, section.shownBox)
    settle(a_module)
    assert sorted(temporary_nodes(a_module.host.scene)) == before


def test_the_view_of_the_host_draws_it(a_module, section):
    section.restOpacitySlider.value = 0.0
    empty = view_picture(a_module)
    push(a_module, section.shownBox)
    section.restOpacitySlider.value = 1.0
    section.edgeOpacitySlider.value = 1.0
    settle(a_module)
    drawn = view_picture(a_module)
    assert np.mean(np.abs(drawn - empty).max(axis=2) > 40) > 0.02


def test_choices_reach_the_session_and_scripts_reach_the_widgets(a_module, section):
    push(a_module, section.shownBox)
    section.colorByBox.currentIndex = 1
    section.edgeOpacitySlider.value = 0.25
    section.cutBox.currentIndex = 2
    section.cutAxisBox.currentIndex = 0
    section.detailBox.currentIndex = 0
    choices = a_module.session.rendering.settings
    assert (choices.color_by, choices.edge_opacity, choices.cut, choices.cut_axis) == ("instance", 0.25, "quarter", "i")
    assert choices.most_voxels == 4_000_000
    a_module.session.rendering.set_settings(RenderingSettings(shown=True))
    assert section.colorByBox.currentIndex == 0 and section.cutBox.currentIndex == 0
    assert section.edgeOpacitySlider.value == 0.5


def test_a_class_is_hidden_and_made_clear(a_module, section):
    push(a_module, section.shownBox)
    section.restOpacitySlider.value = 0.0
    settle(a_module)
    shown = int(alpha(a_module).astype(int).sum())
    section.classOpacitySlider.value = 0.5
    settle(a_module)
    assert 0 < int(alpha(a_module).astype(int).sum()) < 0.7 * shown
    push(a_module, section.classVisibleBox)
    settle(a_module)
    assert not alpha(a_module).any()


def test_cropping_shows_a_box_to_drag(a_module, section):
    push(a_module, section.shownBox)
    settle(a_module)
    push(a_module, section.cropBox)
    settle(a_module)
    roi = a_module.session.rendering.roi_node
    assert roi is not None and roi.GetDisplayNode().GetVisibility()
    roi.SetSize(*(0.5 * each for each in roi.GetSize()))
    settle(a_module)
    crop, whole = a_module.session.rendering.settings.crop_ijk, a_module.session.rendering.whole_extent
    assert crop[0] > whole[0] and crop[1] < whole[1]
    push(a_module, section.cropBox)
    settle(a_module)
    assert a_module.session.rendering.roi_node is None


def test_a_picture_of_the_section(a_module, section):
    push(a_module, section.shownBox)
    settle(a_module)
    folder = REPOSITORY / "Testing" / "output" / "desktop"
    folder.mkdir(parents=True, exist_ok=True)
    assert unwrap(a_module.ui.renderingSection).grab().save(str(folder / "rendering-section.png"))


def save_as(monkeypatch, path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_all, **_more: (str(path), ""))


def test_a_picture_of_the_view_is_saved(a_module, section, monkeypatch, tmp_path):
    push(a_module, section.shownBox)
    settle(a_module)
    save_as(monkeypatch, tmp_path / "cell.png")
    push(a_module, section.savePictureButton)
    picture = QImage(str(tmp_path / "cell.png"))
    assert picture.width() > 50 and picture.height() > 50


@pytest.mark.parametrize("ending", ["gif", "png"])
def test_a_turn_is_saved_picture_by_picture(a_module, section, monkeypatch, tmp_path, ending):
    save_as(monkeypatch, tmp_path / f"cell.{ending}")
    push(a_module, section.saveTurnButton)
    assert section.saveTurnButton.text == "Stop turning" and not section.savePictureButton.enabled
    for _ in range(100):
        a_module.settle()
        if section.saveTurnButton.text == "Save turn...":
            break
    names = sorted(each.name for each in tmp_path.iterdir())
    assert names == (["cell.gif"] if ending == "gif" else [f"cell_{number:03d}.png" for number in range(36)])


def test_a_turn_that_is_stopped_leaves_nothing(a_module, section, monkeypatch, tmp_path):
    save_as(monkeypatch, tmp_path / "cell.gif")
    push(a_module, section.saveTurnButton)
    push(a_module, section.saveTurnButton)
    a_module.settle()
    assert section.saveTurnButton.text == "Save turn..." and not list(tmp_path.iterdir())
