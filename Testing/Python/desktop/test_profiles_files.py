"""Profiles as files: opened through Add Data and the panel, saved, and kept in scenes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import slicer as wheel
from profiles_parts import answering, choosing

from RWTHSAMLib.core.profile import default_profile, profile_of_names, read_profile, write_profile

pytest_plugins = ["profiles_fixtures"]

FOREIGN = {
    "empty object": "{}",
    "list": '["can", "core"]',
    "number": "7",
    "no JSON": '{"classes": [',
    "markups": '{"markups": [{"type": "Fiducial", "controlPoints": []}]}',
    "COCO": '{"images": [], "annotations": [], "categories": []}',
    "a program's own classes": '{"classes": ["a"], "threshold": 3}',
    "classes that are objects": '{"classes": [{"name": "a"}]}',
    "classes that are numbers": '{"classes": [1, 2]}',
    "no classes": '{"classes": []}',
    "prompt file": '{"format": "rwthsam-prompts", "version": 1, "slices": []}',
    "prompt file about profiles": '{"format": "rwthsam-prompts", "note": "rwthsam-profile", "classes": []}',
    "another format": '{"format": "other", "name": "rwthsam-profile", "classes": ["a"]}',
}


@pytest.fixture
def the_reader(the_profiles_module, host):
    """The scripted reader as Slicer made it."""
    return host.application.coreIOManager()._readers["RWTHSAMProfiles"]


@pytest.fixture
def a_file(tmp_path) -> Path:
    """Profile of a cylindrical cell."""
    write_profile(default_profile(), tmp_path / "cell.json")
    return tmp_path / "cell.json"


def loaded(panel, path):
    """What Add Data and drag-and-drop do."""
    done = panel.host.application.coreIOManager().loadFile(str(path))
    panel.settle()
    return done


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN.keys())
def test_foreign_json_is_never_claimed(the_reader, tmp_path, text):
    path = tmp_path / "foreign.json"
    path.write_text(text, "utf-8")
    assert the_reader.canLoadFileConfidence(str(path)) == 0.0 and not the_reader.canLoadFile(str(path))


def test_no_file_of_the_repository_is_claimed_but_profiles(the_reader, repository):
    files = [path for path in repository.glob("RWTHSAM*/**/*.json") if path.is_file()]
    claimed = {path.parent.name for path in files if the_reader.canLoadFile(str(path))}
    assert claimed == {"Profiles"} and len(files) >= 4


def test_what_is_no_readable_file_is_not_claimed(the_reader, tmp_path):
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "binary.json").write_bytes(bytes(range(256)) * 40)
    for path in ("folder.json", "binary.json", "absent.json"):
        assert the_reader.canLoadFileConfidence(str(tmp_path / path)) == 0.0


def test_another_suffix_is_not_claimed(the_reader, a_file):
    assert the_reader.canLoadFileConfidence(str(a_file.rename(a_file.with_suffix(".nrrd")))) == 0.0


def test_a_profile_beats_every_other_reader_of_its_file(host, the_reader, a_file):
    assert the_reader.canLoadFileConfidence(str(a_file)) == 0.9
    assert host.application.coreIOManager().fileType(str(a_file)) == "RWTHSAMProfile"
    as_text = a_file.rename(a_file.with_suffix(".txt"))
    assert host.application.coreIOManager().fileType(str(as_text)) == "RWTHSAMProfile"


def test_a_file_dropped_on_the_window_is_chosen_in_the_panel(a_panel, a_file):
    assert loaded(a_panel, a_file)
    assert a_panel.profile == default_profile() and a_panel.rows[0] == "Can"


def test_a_file_of_rwth_sam_is_opened_and_saved_as_version_2(a_panel, tmp_path):
    path = tmp_path / "old cell.json"
    path.write_text('{"classes": ["can", "core"]}', "utf-8")
    assert loaded(a_panel, path) and a_panel.profile == profile_of_names("old cell", ["can", "core"])
    a_panel.logic.saveProfile(a_panel.node, str(path))
    assert json.loads(path.read_text("utf-8"))["version"] == 2


def test_a_damaged_profile_is_refused_with_the_place_named(a_panel, a_file):
    import slicer

    a_file.write_text(a_file.read_text("utf-8").replace('"core"', '"can"'), "utf-8")
    messages = wheel.vtkMRMLMessageCollection()
    assert not slicer.app.coreIOManager().loadNodes("RWTHSAMProfile", {"fileName": str(a_file)}, None, messages)
    assert "'id' of the 4th class" in messages.GetAllMessagesAsString() and a_panel.node is None


def test_a_script_loads_and_saves_a_node(a_cell, tmp_path):
    import slicer

    assert slicer.util.saveNode(a_cell.node, str(tmp_path / "saved.json"))
    assert read_profile(tmp_path / "saved.json") == a_cell.profile
    node = slicer.util.loadNodeFromFile(str(tmp_path / "saved.json"), "RWTHSAMProfile", {"name": "Again"})
    assert a_cell.logic.profile(node).name == "Again"


def test_the_writer_takes_profiles_and_leaves_other_texts(a_cell, host):
    writer = host.application.coreIOManager()._writers["RWTHSAMProfiles"]
    notes = host.scene.AddNewNodeByClass("vtkMRMLTextNode", "notes")
    assert writer.canWriteObjectConfidence(a_cell.node) == 0.9 and writer.canWriteObject(a_cell.node)
    assert writer.canWriteObjectConfidence(notes) == 0.0 and not writer.canWriteObject(notes)


def test_a_file_that_cannot_be_written_is_said_so(a_cell, host, tmp_path):
    import slicer

    messages = wheel.vtkMRMLMessageCollection()
    (tmp_path / "a file").write_bytes(b"")
    properties = {"nodeID": a_cell.node.GetID(), "fileName": str(tmp_path / "a file" / "cell.json")}
    assert not slicer.app.coreIOManager().saveNodes("RWTHSAMProfile", properties, messages)
    assert "cell.json" in messages.GetAllMessagesAsString()


def test_open_and_save_through_the_dialogs(a_panel, a_file, tmp_path):
    with answering(choosing(a_file)):
        a_panel.push("openButton")
    assert a_panel.profile == default_profile()
    a_panel.enter("classNameEdit", "Shell")
    with answering(choosing(tmp_path / "other")):
        a_panel.push("saveButton")
    assert read_profile(tmp_path / "other.json").classes[0].name == "Shell"
    assert read_profile(a_file) == default_profile()


def test_a_name_with_a_point_keeps_it_when_saved(a_cell, tmp_path):
    with answering(choosing(tmp_path / "cell 3.7 V")):
        a_cell.push("saveButton")
    assert (tmp_path / "cell 3.7 V.json").is_file()


def test_a_file_just_opened_counts_as_saved_unless_saving_would_change_it(a_panel, a_file, tmp_path):
    loaded(a_panel, a_file)
    assert not a_panel.node.GetModifiedSinceRead()
    (tmp_path / "old.json").write_text('{"classes": ["can", "core"]}', "utf-8")
    loaded(a_panel, tmp_path / "old.json")
    old = a_panel.logic.profileNodes()[-1]
    assert old.GetName() == "old" and old.GetModifiedSinceRead()


def test_a_saved_profile_counts_as_saved_until_it_is_edited(a_cell, tmp_path):
    a_cell.logic.saveProfile(a_cell.node, str(tmp_path / "cell.json"))
    assert not a_cell.node.GetModifiedSinceRead()
    a_cell.enter("classNameEdit", "Shell")
    assert a_cell.node.GetModifiedSinceRead()


@pytest.mark.parametrize("name", ["scene.mrml", "scene.mrb"])
def test_a_scene_brings_its_profiles_back(a_cell, tmp_path, name):
    import slicer

    a_cell.enter("classNameEdit", 'Shell & "co"')
    before = a_cell.profile
    assert slicer.util.saveScene(str(tmp_path / name))
    a_cell.host.close_scene()
    assert a_cell.rows == []
    slicer.util.loadScene(str(tmp_path / name))
    a_cell.settle()
    assert a_cell.profile == before and a_cell.rows[0] == 'Shell & "co"'
