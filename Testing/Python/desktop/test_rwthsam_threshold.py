"""The section "Threshold a class": typed numbers show on the slices what would be left, a button applies them."""

from __future__ import annotations

import numpy as np
import pytest
from desktop_host.pythonqt.conversion import unwrap
from PySide6.QtTest import QTest
from rwthsam_parts import BLOCK_IJK, hold_picture, objects_volume, push

from RWTHSAMLib.core.window import Window
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji

pytest_plugins = ["rwthsam_fixtures"]


@pytest.fixture
def section(a_module):
    """The section, unfolded, over a scan with a box on one slice in the first class."""
    a_module.choose(objects_volume())
    a_module.session.set_window(Window(0, 255))
    key = a_module.slice_of("Red", BLOCK_IJK)
    x, y = key.xy(BLOCK_IJK)
    a_module.session.set_box(key, (max(0, x - 6), max(0, y - 6)), (x + 4, y + 4))
    a_module.wait()
    a_module.session.submit()
    a_module.host.user.show_slice_of("Red", a_module.session.volume_node, BLOCK_IJK)
    a_module.ui.thresholdSection.collapsed = False
    a_module.settle()
    ui = a_module.widget.panel.threshold.ui
    yield ui
    for each in (ui.greyLowerEdit, ui.greyUpperEdit, ui.rimEdit):
        each.setText("")
    ui.otsuBox.currentIndex = 0
    ui.thresholdTargetBox.currentIndex = 0
    a_module.session.threshold.consider(None)


def typed(module, edit, text: str) -> None:
    target = unwrap(edit)
    target.clear()
    QTest.keyClicks(target, text)
    module.settle()


def bright(module) -> np.ndarray:
    """What of the class is bright."""
    return module.mask() & (volume_array_kji(module.session.volume_node) >= 128)


def in_views(module, voxels: np.ndarray) -> int:
    """Pixels of all slices that are shown."""
    geometry = VolumeGeometry.of(module.session.volume_node)
    return sum(int(geometry.slice_shown(node).take(voxels).sum()) for node in module.session.slice_nodes())


def test_a_mask_is_thresholded_on_its_way_into_the_class(a_module, section):
    before = a_module.mask()
    key = a_module.slice_of("Yellow", BLOCK_IJK)
    x, y = key.xy(BLOCK_IJK)
    assert section.thresholdSourceLabel.text == "What of 'Can' is kept."
    a_module.session.set_box(key, (max(0, x - 6), max(0, y - 6)), (x + 4, y + 4))
    a_module.wait()
    assert section.thresholdSourceLabel.text == "What of the temporary mask is kept."
    offered = a_module.session.prompting.masks[key].to_array()
    typed(a_module, section.greyLowerEdit, "128")
    push(a_module, section.thresholdButton)
    gained = a_module.mask() & ~before
    values = volume_array_kji(a_module.session.volume_node)
    assert gained.any() and (values[gained] >= 128).all() and not a_module.status.prompts.items
    assert not (key.take(gained) & ~offered).any()
    a_module.session.undo()
    assert (a_module.mask() == before).all() and a_module.status.prompts.box is not None
    a_module.session.prompting.delete_all()


def test_typed_numbers_show_what_would_be_left(a_module, section):
    before = a_module.mask()
    push(a_module, section.showThresholdBox)
    assert a_module.session.threshold.shown_pixels == in_views(a_module, before)
    typed(a_module, section.greyLowerEdit, "128")
    left = in_views(a_module, bright(a_module))
    assert a_module.session.threshold.shown_pixels == left < in_views(a_module, before)
    assert section.thresholdMessage.text.startswith(f"{left} pixels")
    assert np.array_equal(a_module.mask(), before)
    push(a_module, section.showThresholdBox)
    assert a_module.session.threshold.preview_node is None


def test_a_class_is_thresholded_in_place_and_taken_back(a_module, section):
    before, expected = a_module.mask(), bright(a_module)
    typed(a_module, section.greyLowerEdit, "128")
    push(a_module, section.thresholdButton)
    assert np.array_equal(a_module.mask(), expected) and expected.any()
    a_module.session.undo()
    assert np.array_equal(a_module.mask(), before)


def test_the_bright_side_goes_to_another_class(a_module, section):
    expected = bright(a_module)
    section.otsuBox.currentIndex = 1
    section.thresholdTargetBox.currentIndex = 1
    push(a_module, section.thresholdButton)
    a_module.session.step_class(1)
    assert np.array_equal(a_module.mask(a_module.session.class_id), expected)


def test_what_is_no_number_is_said_and_nothing_is_applied(a_module, section):
    typed(a_module, section.rimEdit, "thin")
    assert "rim_mm: expected a number" in section.thresholdMessage.text and not section.thresholdButton.enabled
    assert section.rimEdit.text == "thin"


def test_another_class_is_thresholded_by_the_same_numbers(a_module, section):
    push(a_module, section.showThresholdBox)
    a_module.session.step_class(1)
    a_module.settle()
    assert "has no voxels" in section.thresholdMessage.text


@pytest.mark.picture
def test_a_picture_of_the_threshold(a_module, section, pictures):
    push(a_module, section.showThresholdBox)
    typed(a_module, section.greyLowerEdit, "128")
    path = a_module.host.screenshot(pictures / "threshold-section.png", a_module.ui.thresholdSection)
    hold_picture(a_module.host, path, "threshold-section", a_module.ui.thresholdSection)
