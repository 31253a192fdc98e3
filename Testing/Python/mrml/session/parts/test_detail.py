"""On large slices the session lets the model look at the part around the prompts, and says so in the record."""

from __future__ import annotations

import numpy as np
import pytest
from scene_parts import GEOMETRIES, NeighbourhoodEngine

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.mrml.nodes.record_tag import kept
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.volumes.read import VolumeData

KEY, ACROSS = SliceKey("k", 1), SliceKey("i", 900)


@pytest.fixture
def session(a_scene):
    """Session on a scan of 3 large slices."""
    made = Session(a_scene, NeighbourhoodEngine())
    values = np.zeros((3, 1600, 2000), np.uint8)
    made.set_volume(add_volume(a_scene, VolumeData(values, GEOMETRIES["identity"], "large", True)))
    yield made
    made.close()


def test_a_click_on_a_large_slice_chooses_its_part_and_later_ones_keep_it(session) -> None:
    session.add_point(KEY, 1000, 800)
    tile = session.prompting.prompts_on(KEY).tile_xyxy
    session.add_point(KEY, 1020, 820, positive=False)
    assert tile is not None and session.prompting.prompts_on(KEY).tile_xyxy == tile
    session.undo()
    assert session.prompting.prompts_on(KEY).tile_xyxy == tile and len(session.prompting.prompts_on(KEY)) == 1


def test_the_record_names_the_part(session) -> None:
    session.add_point(KEY, 1000, 800)
    session.poll()
    session.submit()
    (step,) = kept(session.segmentation_node).steps
    assert step.prompts.tile_xyxy == (512, 256, 1535, 1279)


def test_the_whole_slice_can_be_asked_for_and_asks_anew(session) -> None:
    session.add_point(KEY, 1000, 800)
    session.prompting.set_detail("whole")
    assert session.prompting.prompts_on(KEY).tile_xyxy is None and session.prompting.detail == "whole"
    session.prompting.set_detail("tile")
    assert session.prompting.prompts_on(KEY).tile_xyxy is not None
    with pytest.raises(SettingsError, match="auto, whole, tile"):
        session.prompting.set_detail("half")


def test_a_reopened_scene_brings_the_part_of_unsubmitted_prompts(session, a_scene) -> None:
    session.add_point(KEY, 1000, 800)
    prompts = session.prompting.prompts_on(KEY)
    session.close()
    again = Session(a_scene, NeighbourhoodEngine())
    assert again.prompting.prompts_on(KEY) == prompts
    again.close()
