"""A scene that an earlier version saved opens with its settings, prompts, classes and record."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from scene_parts import NeighbourhoodEngine

from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings
from RWTHSAMLib.core.settings.rendering import RenderingSettings, SegmentLook
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.record_tag import kept
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.storage import load_segmentation
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.record.record_file import read_prompt_file

VOXELS = {"can": 257, "jelly-roll": 448, "pore": 40}


@pytest.fixture
def written(repository: Path, tmp_path: Path) -> Path:
    """Copy of the folder: a scene may write beside itself."""
    return Path(shutil.copytree(repository / "Testing" / "Data" / "written_by_0.1.0", tmp_path / "written"))


@pytest.fixture
def a_session_of_the_scene(written: Path):
    scene = new_scene()
    session = Session(scene, NeighbourhoodEngine())
    scene.SetURL(str(written / "scene.mrml"))
    scene.SetRootDirectory(str(written))
    assert scene.Connect()
    yield session
    session.close()


def test_it_has_the_settings_of_automatic_masks(a_session_of_the_scene) -> None:
    session = a_session_of_the_scene
    settings = session.profile.automatic.settings
    assert (settings.points_per_side, settings.crop_overlap_ratio) == (24, 0.25)
    assert session.automatic.settings == AutomaticRunSettings(
        settings, "exhaustive", 2, Range(100, 230), (20, 10, 38, 28), hide_doubtful=False
    )


def test_it_has_the_settings_of_propagation(a_session_of_the_scene) -> None:
    assert a_session_of_the_scene.propagation.settings == PropagationRunSettings(
        PropagationSettings(most_growth=1.5, most_skipped=1, edge_reach=0.5, padding_px=3, grey=Range(150, None)),
        "forward",
        4,
        8,
    )


def test_it_has_the_settings_of_the_rendering(a_session_of_the_scene) -> None:
    assert a_session_of_the_scene.rendering.settings == RenderingSettings(
        shown=True,
        color_by="instance",
        grey_opacity=0.25,
        edge_opacity=0.75,
        rest_opacity=0.0,
        looks={"RWTHSAM_jelly-roll": SegmentLook(False, 0.5)},
        cut="quarter",
        cut_axis="j",
        crop_ijk=(1, 38, 0, 29, 2, 10),
        most_voxels=4_000_000,
    )


def test_it_has_window_class_and_unsubmitted_prompts(a_session_of_the_scene) -> None:
    session = a_session_of_the_scene
    session.poll()
    assert (session.window, session.class_id) == (Window(0, 255), "pore")
    shown = [(each.x, each.y, each.positive) for each in session.status.prompts.points]
    assert shown == [(12, 6, True), (3, 2, False)] and session.status.mask_pixels > 0


def test_its_segmentation_has_the_voxels_and_the_record(a_session_of_the_scene, written: Path) -> None:
    session = a_session_of_the_scene
    node, volume = session.segmentation_node, session.volume_node
    assert {each: segments.mask_of_class_kji(node, each, volume).sum() for each in VOXELS} == VOXELS
    assert session.prompt_file().steps == read_prompt_file(written / "prompts-2.json").steps


def test_the_file_of_the_segmentation_carries_the_record(a_scene, written: Path) -> None:
    node = load_segmentation(a_scene, written / "classes.seg.nrrd")
    assert kept(node).steps == read_prompt_file(written / "prompts-2.json").steps
