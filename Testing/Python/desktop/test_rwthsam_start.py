"""Every order of start: as the home module, loaded after the start, effects registered later."""

from __future__ import annotations

import subprocess
import sys

import pytest
from module_process import REPOSITORY

_SCRIPT = """
import sys
sys.path.insert(0, {host!r})
from pathlib import Path
from desktop_host import HostSettings
from desktop_host.host import Host

host = Host(HostSettings(line="5.12")).start()
order = {order!r}
for step in order:
    if step == "load":
        host.load_module(Path({folder!r}) / "RWTHSAM")
    elif step == "start":
        host.complete_startup()
    elif step == "show":
        widget = host.show_module("RWTHSAM")
import slicer, numpy, qSlicerSegmentationsEditorEffectsPythonQt as effects
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.volumes.volume_data import VolumeData

names = [each.name for each in effects.qSlicerSegmentEditorEffectFactory.instance().registeredEffects()]
assert names.count("SAM") == 1, names
assert len(slicer.modules.sampleDataSources["RWTHSAM"]) == 2
volume = add_volume(slicer.mrmlScene, VolumeData(numpy.zeros((8, 8, 8), "uint8"), numpy.eye(4), "Scan", True))
host.show_volume(volume)
widget.ui.inputVolumeSelector.setCurrentNode(volume)
for _ in range(4):
    host.process_events()
    widget.logic.sharedSession.poll()
editor = widget.ui.segmentEditor
assert "SAM" in editor.availableEffectNames() and editor.activeEffect().name == "SAM"
host.check()
assert not host.complaints, host.complaints
host.stop()
print("survived")
"""


@pytest.mark.parametrize("order", ["load start show", "load show start", "start load show"])
def test_sam_is_there_in_every_order_of_start(order):
    host = str(REPOSITORY / "Testing" / "DesktopHost")
    script = _SCRIPT.format(host=host, order=order.split(), folder=str(REPOSITORY))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=800)
    assert done.returncode == 0 and "survived" in done.stdout, done.stdout[-1000:] + done.stderr[-3000:]
