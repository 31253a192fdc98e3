"""Pictures of module and effect at work with the real model, made as a person would see them."""

from __future__ import annotations

import numpy as np
import pytest
from desktop_host.pythonqt.conversion import unwrap
from pictures import are_taken
from PySide6.QtGui import QImage
from run_folder import share_graphs
from rwthsam_parts import Automatic, hold_picture, library_shared_session

from RWTHSAMLib.core.profile import profile_of_names
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.models.catalogue import CATALOGUE
from RWTHSAMLib.models.weights import default_model
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell
from RWTHSAMLib.volumes.read import read_volume

pytest_plugins = ["rwthsam_fixtures"]


@pytest.fixture(scope="module")
def the_phantom():
    """A cell, large enough for the model to see its parts."""
    return cylindrical_cell((64, 192, 192))


@pytest.fixture
def a_worker(the_rwthsam_module, monkeypatch, tmp_path):
    """The module with an inference process in place of known masks; no weights are on this computer."""
    import slicer

    monkeypatch.setenv("RWTHSAM_CACHE", str(share_graphs(tmp_path)))
    monkeypatch.delenv("RWTHSAM_WEIGHTS", raising=False)
    library_shared_session().use_client(None)
    if hasattr(slicer.modules, "RWTHSAMWidget"):
        slicer.modules.RWTHSAMWidget.onReload()


def choose_model(module, name: str) -> None:
    """Choose it in the section "Model", as a person does."""
    module.ui.modelBox.currentIndex = list(CATALOGUE).index(name)
    module.settle()


@pytest.fixture
def a_scan_of_a_cell(a_worker, a_module, the_phantom, trained_weights, monkeypatch):
    """The phantom chosen and the trained model loaded."""
    import slicer

    monkeypatch.setenv("RWTHSAM_WEIGHTS", str(trained_weights))
    choose_model(a_module, default_model(trained_weights))
    a_module.choose(add_volume(slicer.mrmlScene, the_phantom.volume("Cylindrical cell scan")))
    a_module.new_profile("Cylindrical cell")
    a_module.wait()
    assert a_module.status.engine.phase == "ready"
    return a_module.session.volume_node


def middle_of(mask_kji: np.ndarray, k: int) -> tuple[int, int, int]:
    rows, columns = mask_kji[k].nonzero()
    return int(columns.mean()), int(rows.mean()), k


def colors_of(image: QImage) -> int:
    """How many colours a picture has, on a grid of places: one that is empty has few."""
    places = [(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)]
    return len({image.pixel(x, y) for x, y in places})


def take(host, path, widget=None, name: str = "") -> None:
    """Take a picture; one with a name is the documentation's."""
    image = QImage(str(host.screenshot(path, widget)))
    assert colors_of(image) > 60
    if name:
        hold_picture(host, path, name, widget)


def test_the_module_without_weights(a_worker, a_module, the_phantom, host, pictures):
    import slicer

    choose_model(a_module, "mobile_sam_vit_t")
    a_module.choose(add_volume(slicer.mrmlScene, the_phantom.volume("Cylindrical cell scan")))
    take(host, pictures / "rwthsam-no-weights.png")
    assert "41 MB" in a_module.ui.modelStatusLabel.text and "41 MB" in a_module.ui.modelButton.text
    assert a_module.status.engine.phase == "stopped" and a_module.options.setUpButton.visible


@pytest.mark.picture
def test_the_module_while_a_cell_is_segmented(a_scan_of_a_cell, a_module, the_phantom, host, pictures):
    core = the_phantom.mask_kji("Core")
    k = 32
    a_module.options.classBox.currentIndex = a_module.class_names.index("Core")
    a_module.click("Red", middle_of(core, k))
    a_module.wait()
    take(host, pictures / "rwthsam-click.png")
    a_module.press("Return")
    found = a_module.mask()[k]
    assert (found & core[k]).sum() / (found | core[k]).sum() > 0.8
    i, j = (int(n) for n in np.argwhere(the_phantom.mask_kji("Can")[k])[0][::-1])
    a_module.options.classBox.currentIndex = a_module.class_names.index("Can")
    a_module.click("Red", (i, j, k))
    a_module.click("Red", middle_of(core, k), "left", "ctrl")
    a_module.wait()
    take(host, pictures / "rwthsam.png", name="desktop")
    form = unwrap(a_module.ui.scanSection).parentWidget()
    take(host, pictures / "rwthsam-panel.png", form)


def test_the_module_while_an_object_goes_through_the_volume(a_scan_of_a_cell, a_module, the_phantom, host, pictures):
    from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings

    core = the_phantom.mask_kji("Core")
    a_module.session.propagation.set_settings(PropagationRunSettings())
    a_module.click("Red", middle_of(core, 32))
    a_module.wait()
    for each in (a_module.ui.modelSection, a_module.ui.scanSection):
        unwrap(each).setProperty("collapsed", True)
    a_module.ui.propagationSection.collapsed = False
    a_module.push(a_module.widget.panel.propagation.ui.propagateButton)
    a_module.wait()
    take(host, pictures / "rwthsam-propagation.png")
    form = unwrap(a_module.ui.scanSection).parentWidget()
    take(host, pictures / "rwthsam-propagation-panel.png", form)
    a_module.press("Return")
    found = a_module.mask()
    assert 2 * (found & core).sum() / (found.sum() + core.sum()) > 0.85


@pytest.fixture
def cement(a_worker, a_module, request, volumes, monkeypatch):
    """Automatic mode on real cement with a trained model; the middle slice is in view.

    The documentation's picture is made with MobileSAM, which finds more of the pores and takes minutes for it.
    """
    weights = request.getfixturevalue("real_weights" if are_taken() else "trained_weights")
    monkeypatch.setenv("RWTHSAM_WEIGHTS", str(weights))
    choose_model(a_module, default_model(weights))
    a_module.choose(add_volume(a_module.host.scene, read_volume(volumes / "qim3d_cement_128x128x128.tif")))
    a_module.session.set_profile(profile_of_names("Cement", ["Pore", "Grain"]))
    a_module.wait()
    section = Automatic(a_module)
    section.enter_view("Red")
    section.choose_mode()
    return section


@pytest.mark.picture
def test_the_pores_of_real_cement_by_the_documented_script(cement, a_module, host, pictures):
    import slicer

    logic = slicer.util.getModuleLogic("RWTHSAM")
    automatic = logic.session.automatic
    automatic.set_settings(
        AutomaticRunSettings(AutomaticSettings(points_per_side=32), grey=Range(None, 90), min_slices=2)
    )
    middle = VolumeGeometry.of(a_module.session.volume_node).slice_shown(logic.session.slice_nodes()[0])
    automatic.start([SliceKey("k", middle.index + each) for each in (0, 1, 2)])
    detected = logic.waitForObjects()
    assert len(detected) > 10 and all(each.object.measured["mean_grey"] <= 90 for each in detected)
    round_ones = [each.object.number for each in detected if each.object.measured["roundness"] > 0.8][:10]
    automatic.select(round_ones)
    cement.push(cement.ui.acceptButton)
    section = unwrap(a_module.ui.automaticSection)
    a_module.session.voxel_size.believe()  # asking is for a person, not for the picture
    a_module.ui.scanSection.collapsed = True
    a_module.settle()
    take(host, pictures / "rwthsam-cement.png", section.window(), "desktop-automatic")
    automatic.submit(round_ones)
    grey = slicer.util.arrayFromVolume(a_module.session.volume_node)
    assert grey[a_module.mask()].mean() < 90
