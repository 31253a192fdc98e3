"""Pictures of the panel at work, made as a person would see it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from desktop_host.pythonqt.conversion import unwrap
from PySide6.QtGui import QImage
from rwthsam_parts import hold_picture

from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell

pytest_plugins = ["profiles_fixtures"]


@pytest.fixture
def a_segmented_phantom(a_panel, host):
    """Phantom of a cell, segmented as it truly is, through a profile of its classes."""
    phantom = cylindrical_cell((64, 128, 128))
    scan = add_volume(host.scene, phantom.volume("Cylindrical cell scan"))
    host.show_volume(scan)
    a_panel.logic.addProfile(phantom.profile)
    a_panel.ui.scanSelector.setCurrentNode(scan)
    a_panel.push("createSegmentationButton")
    node = a_panel.ui.segmentationSelector.currentNode()
    writer = SegmentWriter(node, scan)
    whole = segments.VolumeGeometry.of(scan).extent
    for entry in phantom.profile.classes:
        writer.add(segments.segment_id_of_class(node, entry.id), phantom.mask_kji(entry.name), whole, [])
    a_panel.push("windowFromScanButton")
    return node


def colors_of(image: QImage) -> int:
    """How many colours a picture has, on a grid of places: one that is empty has few."""
    places = [(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)]
    return len({image.pixel(x, y) for x, y in places})


@pytest.mark.picture
def test_the_panel_beside_a_segmented_scan(a_panel, a_segmented_phantom, host, pictures):
    a_panel.click_cell(1, 1)
    a_panel.tick_lock(0)
    unwrap(a_panel.ui.scanSection).setCollapsed(False)
    path = host.screenshot(pictures / "profiles.png")
    assert colors_of(QImage(str(path))) > 60
    hold_picture(host, path, "profiles-module")


def test_the_whole_panel_with_a_name_that_is_taken(a_panel, a_segmented_phantom, host, pictures):
    a_panel.enter("classNameEdit", a_panel.names[1])
    a_panel.enter("windowLowerEdit", "70000")
    assert "Another class" in a_panel.message("classNameMessage") and a_panel.message("windowMessage")
    form = unwrap(a_panel.ui.profileSection).parentWidget()
    path = host.screenshot(pictures / "profiles-panel.png", form)
    assert QImage(str(path)).height() > 600


@pytest.mark.parametrize("module", ["RWTHSAM", "RWTHSAMProfiles"])
def test_the_icon_of_the_catalogue_is_the_drawing_as_it_is_now(repository, tmp_path, module):
    drawing = repository / module / "Resources" / "Icons" / f"{module}.svg"
    script = repository / "Utilities" / "render_icons.py"
    subprocess.run([sys.executable, str(script), "--folder", str(tmp_path)], check=True, capture_output=True)
    now, kept = (QImage(str(each)) for each in (tmp_path / f"{module}.png", drawing.with_suffix(".png")))
    assert (kept.width(), kept.height()) == (128, 128) and now == kept
    assert kept.pixelColor(0, 0).alpha() == 0 and kept.pixelColor(2, 64).alpha() > 0


def test_the_application_shows_the_icon_of_the_module(the_profiles_module):
    assert not the_profiles_module.application.moduleManager().module("RWTHSAMProfiles").icon().isNull()
