"""The section "Model", sample data and the logic: what is missing is named, nothing happens without consent."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rwthsam_parts import MIDDLE_IJK, SliceKey, neighbourhood, noise_volume

from RWTHSAMLib.models.catalogue import CATALOGUE, model

pytest_plugins = ["rwthsam_fixtures"]


@pytest.fixture
def no_weights(monkeypatch, tmp_path):
    """A computer without any weights."""
    monkeypatch.setenv("RWTHSAM_CACHE", str(tmp_path))
    monkeypatch.delenv("RWTHSAM_WEIGHTS", raising=False)
    return tmp_path


@pytest.fixture
def a_panel(no_weights, a_module):
    """The module's model section with MobileSAM chosen, as it looks now."""
    before = a_module.ui.modelBox.currentIndex
    a_module.ui.modelBox.currentIndex = list(CATALOGUE).index("mobile_sam_vit_t")
    a_module.widget.panel._model.look_again()
    yield a_module.widget.panel._model
    a_module.ui.weightsEdit.currentPath = ""
    a_module.ui.modelBox.currentIndex = before


@pytest.fixture
def a_server(tmp_path):
    """Weights of 300,000 bytes on a server of this computer; yields a catalogue entry for them."""
    content = bytes(range(250)) * 1200

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/weights.pt"
    yield replace(model("mobile_sam_vit_t"), url=address, size_bytes=len(content), sha256=None)
    server.shutdown()


def fetched(module, entry, folder) -> list:
    """Fetch weights as the panel does; what was reported at the end."""
    from RWTHSAMLib.desktop.app.weights_fetch import WeightsFetch

    ends: list = []
    fetch = WeightsFetch(lambda _done, _total: None, ends.append)
    fetch.start(entry, folder)
    end = time.monotonic() + 300
    while not ends and time.monotonic() < end:
        module.settle(1)
        time.sleep(0.02)
    fetch.close()
    return ends


def test_missing_weights_are_named_with_their_size_beside_the_button(a_module, a_panel):
    assert "41 MB" in a_module.ui.modelStatusLabel.text and "41 MB" in a_module.ui.modelButton.text
    a_module.ui.modelBox.currentIndex = list(CATALOGUE).index("sam_vit_b")
    a_module.settle()
    assert "SAM ViT-B" in a_module.ui.modelStatusLabel.text and "375 MB" in a_module.ui.modelButton.text


def test_no_click_is_answered_by_the_model_before_while_the_chosen_one_lacks_something(a_module, a_scan, no_weights):
    a_module.ui.modelBox.currentIndex = list(CATALOGUE).index("rwthsam_net")
    a_module.settle()
    assert a_module.status.engine.phase == "ready"
    a_module.ui.modelBox.currentIndex = list(CATALOGUE).index("sam_vit_b")
    a_module.session.add_point(SliceKey("k", MIDDLE_IJK[2]), *MIDDLE_IJK[:2])
    a_module.settle()
    assert not a_module.status.mask_pixels and not a_module.status.can_submit
    assert "Load a model" in a_module.status.text and "SAM ViT-B" in a_module.ui.modelStatusLabel.text
    a_module.ui.modelBox.currentIndex = list(CATALOGUE).index("rwthsam_net")
    a_module.settle()
    assert a_module.status.can_submit


def test_an_inference_process_that_stands_still_can_be_started_anew(a_module, a_scan):
    engine = a_module.session.engine.client
    a_module.settle()
    assert not a_module.ui.modelButton.visible
    engine.doubt = "It does not answer."
    a_module.settle()
    assert a_module.status.text == a_module.ui.modelStatusLabel.text == "It does not answer."
    assert a_module.ui.modelButton.text == "Start anew" and not a_module.ui.modelSection.collapsed
    a_module.push(a_module.ui.modelButton)
    assert not engine.doubt and a_module.status.level == "info" and not a_module.ui.modelButton.visible


def test_the_section_shows_the_model_that_a_script_loads(a_module, a_panel, no_weights):
    import slicer

    own = no_weights / "mine.pt"
    own.write_bytes(b"weights")
    slicer.util.getModuleLogic("RWTHSAM").loadModel("sam_vit_b", own, "cpu")
    a_module.settle()
    assert "SAM ViT-B" in a_module.ui.modelBox.currentText and a_module.ui.weightsEdit.currentPath == str(own)
    assert a_module.ui.deviceBox.currentText == "Processor"


def test_missing_packages_come_before_weights(a_module, a_panel, monkeypatch):
    from RWTHSAMLib.models import install

    monkeypatch.setattr(install, "_is_installed", lambda name: name not in ("torch", "mobile_sam"))
    a_panel.look_again()
    assert "PyTorch" in a_module.ui.modelButton.text and "mobile_sam" in a_module.ui.modelStatusLabel.text
    monkeypatch.setattr(install, "_is_installed", lambda name: name != "mobile_sam")
    a_panel.look_again()
    assert "packages" in a_module.ui.modelButton.text


def test_nothing_is_installed_or_fetched_without_consent(a_module, a_panel, monkeypatch):
    from RWTHSAMLib.desktop.app import installing
    from RWTHSAMLib.models import install

    asked = []
    monkeypatch.setattr(installing, "agreed", lambda text: asked.append(text) or False)
    a_module.push(a_module.ui.modelButton)
    assert "41 MB" in asked[0] and model("mobile_sam_vit_t").url in asked[0] and not a_panel._fetch.is_running
    monkeypatch.setattr(install, "_is_installed", lambda name: name != "timm")
    a_panel.look_again()
    a_module.push(a_module.ui.modelButton)
    assert "timm" in asked[1] and a_module.ui.modelButton.enabled


def test_a_missing_pytorch_extension_is_named(a_module, a_panel, monkeypatch):
    from RWTHSAMLib.desktop.app import installing
    from RWTHSAMLib.models import install

    monkeypatch.setattr(installing, "agreed", lambda _text: True)
    monkeypatch.setattr(install, "_is_installed", lambda name: name != "torch")
    a_panel.look_again()
    a_module.push(a_module.ui.modelButton)
    assert "Extensions Manager" in a_module.ui.modelStatusLabel.text


class _Logic:
    """The logic of the extension PyTorch, as far as it is called here: it fails."""

    failure: BaseException | None = None

    def installTorch(self, askConfirmation: bool = False) -> None:
        if self.failure is not None:
            raise self.failure


FAILURES = {
    "pip": (subprocess.CalledProcessError(1, "pip install torch"), "exit status 1"),
    "import": (ImportError("DLL load failed while importing _C"), "DLL load failed"),
    "disk": (OSError(28, "No space left on device"), "No space left"),
    "permission": (PermissionError(13, "Permission denied"), "Permission denied"),
    "cancelled": (RuntimeError("User declined package installation"), "declined"),
    "unusable request": (ValueError("no build for this computer"), "no build"),
    "silent": (RuntimeError(), "RuntimeError"),
    "nothing installed": (None, "was not installed"),
}


@pytest.fixture(params=FAILURES)
def a_failure(request):
    """What goes wrong, and words that tell it."""
    return FAILURES[request.param]


def test_a_failed_installation_of_pytorch_is_told_in_the_panel(a_module, a_panel, a_failure, monkeypatch):
    from RWTHSAMLib.desktop.app import installing
    from RWTHSAMLib.models import install

    failure, words = a_failure
    monkeypatch.setattr(_Logic, "failure", failure)
    monkeypatch.setitem(sys.modules, "PyTorchUtils", SimpleNamespace(PyTorchUtilsLogic=_Logic))
    monkeypatch.setattr(installing, "agreed", lambda _text: True)
    monkeypatch.setattr(install, "_is_installed", lambda name: name != "torch")
    a_panel.look_again()
    a_module.push(a_module.ui.modelButton)
    text = a_module.ui.modelStatusLabel.text
    assert words in text and "console" in text and a_module.ui.modelButton.enabled


def test_a_failed_installation_of_packages_is_told_in_the_panel(a_module, a_panel, a_failure, monkeypatch):
    from slicer import packaging

    from RWTHSAMLib.desktop.app import installing
    from RWTHSAMLib.models import install

    failure, words = a_failure
    if failure is None:
        pytest.skip("pip_ensure tells nothing by what it returns")

    def fail(*_arguments: object, **_settings: object) -> None:
        raise failure

    monkeypatch.setattr(packaging, "pip_ensure", fail)
    monkeypatch.setattr(installing, "agreed", lambda _text: True)
    monkeypatch.setattr(install, "_is_installed", lambda name: name != "timm")
    a_panel.look_again()
    a_module.push(a_module.ui.modelButton)
    assert words in a_module.ui.modelStatusLabel.text and a_module.ui.modelButton.enabled


def test_a_broken_pytorch_extension_is_told_in_the_panel(a_module, a_panel, tmp_path, monkeypatch):
    from RWTHSAMLib.desktop.app import installing
    from RWTHSAMLib.models import install

    (tmp_path / "PyTorchUtils.py").write_text("raise OSError('cannot load library')", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(installing, "agreed", lambda _text: True)
    monkeypatch.setattr(install, "_is_installed", lambda name: name != "torch")
    a_panel.look_again()
    a_module.push(a_module.ui.modelButton)
    assert "cannot load library" in a_module.ui.modelStatusLabel.text


def test_a_cancelled_download_ends_behind_the_launcher_and_the_next_one_is_whole(a_module, a_server, tmp_path):
    from RWTHSAMLib.desktop.app.weights_fetch import WeightsFetch

    assert os.name == "nt" or sys.executable.endswith("PythonSlicer")
    ends: list = []
    fetch = WeightsFetch(lambda _done, _total: None, ends.append)
    for _ in range(3):
        fetch.start(a_server, tmp_path)
        process = fetch._process
        fetch.cancel()
        assert process.returncode is not None and not fetch.is_running and not ends
    fetch.close()
    assert fetched(a_module, a_server, tmp_path) == [None]
    assert (tmp_path / "weights.pt").stat().st_size == a_server.size_bytes


def test_a_weights_file_of_ones_own_ends_the_warning(a_module, a_panel, no_weights):
    own = no_weights / "mine.pt"
    own.write_bytes(b"weights")
    a_module.ui.weightsEdit.currentPath = str(own)
    a_module.settle()
    assert "41 MB" not in a_module.ui.modelStatusLabel.text
    a_module.ui.weightsEdit.currentPath = str(own) + ".gone"
    a_module.settle()
    assert "no weights file" in a_module.ui.modelStatusLabel.text


def test_weights_are_fetched_by_a_process_of_their_own(a_module, a_server, tmp_path):
    assert fetched(a_module, a_server, tmp_path) == [None]
    assert (tmp_path / "weights.pt").stat().st_size == a_server.size_bytes


def test_a_wrong_file_from_the_server_is_refused_with_the_reason(a_module, a_server, tmp_path):
    (error,) = fetched(a_module, replace(a_server, sha256="0" * 64), tmp_path)
    assert "SHA-256" in str(error) and not (tmp_path / "weights.pt").exists()


def test_a_typed_window_is_what_the_model_sees_and_nonsense_is_refused(a_module, a_scan):
    a_module.type_into(a_module.ui.windowLowerEdit, "1000")
    a_module.type_into(a_module.ui.windowUpperEdit, "3000")
    assert (a_module.session.window.lower, a_module.session.window.upper) == (1000, 3000)
    a_module.type_into(a_module.ui.windowUpperEdit, "much")
    assert a_module.session.window.upper == 3000 and "two numbers" in a_module.status.text
    a_module.push(a_module.ui.proposeWindowButton)
    assert a_module.session.window == a_module.session.propose_window()


def test_all_slices_can_be_prepared_and_that_can_be_stopped(a_module, a_scan):
    assert "slices take" in a_module.ui.prepareButton.toolTip
    a_module.host.user.push(a_module.ui.prepareButton)
    assert a_module.ui.stopPreparingButton.enabled or a_module.status.embedding is None
    a_module.settle(60)
    assert a_module.ui.prepareButton.enabled and not a_module.ui.stopPreparingButton.enabled


def test_the_documented_script_does_the_main_job(a_module, tmp_path):
    import slicer

    logic = slicer.util.getModuleLogic("RWTHSAM")
    volume = noise_volume()
    segmentation = logic.workOn(volume)
    logic.session.select_class("core")
    logic.session.add_point(SliceKey("k", MIDDLE_IJK[2]), *MIDDLE_IJK[:2])
    assert logic.waitForMasks().can_submit
    logic.session.submit()
    a_module.settle()
    assert segmentation is logic.session.segmentation_node
    assert (a_module.mask("core") == neighbourhood(MIDDLE_IJK, "k")).all()
    logic.savePrompts(tmp_path / "cell.prompts.json")
    assert '"class": "core"' in (tmp_path / "cell.prompts.json").read_text("utf-8")


def test_a_download_that_cannot_start_is_told_and_another_one_may_follow(a_module, a_server, tmp_path, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("RWTHSAMLib.desktop.app.weights_fetch.own_python", lambda: tmp_path / "PythonSlicer")
        (error,) = fetched(a_module, a_server, tmp_path)
    assert "could not be started" in str(error) and "PythonSlicer" in str(error)
    assert fetched(a_module, a_server, tmp_path) == [None]
