"""A test that fails with a session open is a failure, not the end of the interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from RWTHSAMLib.mrml.nodes.weak_reaction import WeakReaction

_FAILS = """
import gc, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from scene_parts import GEOMETRIES, NeighbourhoodEngine
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.volumes.volume_data import VolumeData

def fails():
    scene = new_scene()
    session = Session(scene, NeighbourhoodEngine())
    voxels = VolumeData(np.zeros((7, 11, 13), np.int16), GEOMETRIES["rotated"], "scan", True)
    session.set_volume(add_volume(scene, voxels))
    session.set_segmentation(None)
    session.add_point(SliceKey("k", 3), 3, 3)
    session.poll()
    session.submit()  # the undo history holds what refers to the history
    session.add_point(SliceKey("k", 3), 6, 5)
    try:
        assert session is None
    except AssertionError as error:
        kept = error  # as a test runner does; the error's frame and this name make a cycle

gc.disable()
for _ in range(3):
    fails()
gc.collect()
print("the interpreter lives")
"""


def test_what_a_failed_test_leaves_behind_does_not_end_the_interpreter(repository: Path) -> None:
    command = [sys.executable, "-c", _FAILS, str(repository / "Testing" / "Python")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "the interpreter lives"), done.stderr


class Heard:
    """Writes down what it is called with."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def event(self) -> None:
        self.texts.append("")


def test_a_reaction_calls_its_method_as_long_as_its_object_lives(a_scene) -> None:
    heard = Heard()
    texts = heard.texts
    a_scene.AddObserver(a_scene.EndCloseEvent, WeakReaction(heard.event))
    a_scene.InvokeEvent(a_scene.EndCloseEvent)
    assert texts == [""]
    del heard
    a_scene.InvokeEvent(a_scene.EndCloseEvent)
    assert texts == [""]
