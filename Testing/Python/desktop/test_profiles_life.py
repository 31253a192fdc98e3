"""The panel of RWTHSAMProfiles lives through closed scenes, removed nodes, reloads and missing main windows."""

from __future__ import annotations

import random

import pytest
from module_process import declared_unit_tests, run_own_tests
from profiles_parts import Panel

from RWTHSAMLib.core.profile import parse_profile
from RWTHSAMLib.errors import RwthSamError

pytest_plugins = ["profiles_fixtures"]


def test_a_closed_scene_leaves_an_empty_panel_that_works(a_cell):
    a_cell.host.close_scene()
    assert a_cell.rows == [] and not a_cell.can("undoButton") and not a_cell.can("addClassButton")
    a_cell.new("Pouch cell")
    assert a_cell.rows == a_cell.names


def test_a_removed_profile_gives_way_to_the_other(a_cell):
    a_cell.new("Pouch cell")
    a_cell.host.scene.RemoveNode(a_cell.node)
    a_cell.settle()
    assert a_cell.node.GetName() == "Cylindrical cell" and a_cell.rows[0] == "Can"


def test_a_removed_profile_is_observed_no_more(a_cell):
    node = a_cell.node
    a_cell.host.scene.RemoveNode(node)
    a_cell.settle()
    node.SetText("nonsense")
    a_cell.settle()
    assert not a_cell.widget.page._observed._observed and a_cell.rows == []


def test_a_profile_left_for_another_is_observed_no_more(a_cell):
    left = a_cell.node
    a_cell.new("Pouch cell")
    left.SetName("Elsewhere")
    assert a_cell.ui.profileNameEdit.text == "Pouch cell"


def test_cleanup_leaves_no_connection_and_no_observer(a_cell):
    page, node = a_cell.widget.page, a_cell.node
    a_cell.widget.cleanup()
    a_cell.widget.cleanup()
    assert a_cell.widget.page is None and page._signals._signals == [] and page._observed._observed == []
    a_cell.host.user.push(a_cell.ui.addClassButton)
    node.SetName("Other")
    a_cell.settle()
    assert len(a_cell.logic.profile(node).classes) == 7 and a_cell.ui.profileNameEdit.text == "Cylindrical cell"
    a_cell.widget.onReload()
    a_cell.settle()


def test_a_reload_shows_what_was_shown(a_cell):
    import slicer

    a_cell.enter("classNameEdit", "Shell")
    a_cell.widget.onReload()
    again = Panel(a_cell.host, slicer.modules.RWTHSAMProfilesWidget)
    again.settle()
    assert again.widget is not a_cell.widget and again.rows[0] == "Shell"
    again.push("addClassButton")
    assert len(again.names) == 8


def test_another_module_can_ask_for_a_profile_to_be_edited(a_cell):
    first = a_cell.node
    a_cell.new("Pouch cell")
    representation = a_cell.host.application.moduleManager().module("RWTHSAMProfiles").widgetRepresentation()
    notes = a_cell.host.scene.AddNewNodeByClass("vtkMRMLTextNode", "notes")
    assert representation.nodeEditable(first) == 0.8 and representation.nodeEditable(notes) == 0.0
    assert representation.setEditedNode(first) and a_cell.node is first
    assert not representation.setEditedNode(notes) and a_cell.node is first


@pytest.mark.parametrize(("line", "window"), [("5.10", False), ("5.12", False), ("5.13", True)])
def test_the_modules_own_tests_pass_in_every_slicer(line, window):
    assert "test_a_damaged_file_adds_no_node" in run_own_tests("RWTHSAMProfiles", line, window)


def test_cmake_declares_both_modules_with_and_without_a_main_window():
    assert declared_unit_tests() == {"RWTHSAM", "RWTHSAMProfiles"}


def test_any_actions_in_any_order_keep_a_valid_profile_and_undo_to_the_first(a_panel):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    a_panel.new("Pouch cell")
    first = a_panel.profile
    actions = ("addClassButton", "removeClassButton", "moveUpButton", "moveDownButton", "undoButton", "redoButton")
    for _ in range(120):
        _act(a_panel, dice, dice.choice((*actions, "select", "type", "lock")))
        assert a_panel.rows == a_panel.names and parse_profile(a_panel.profile.to_json()) == a_panel.profile
        assert a_panel.profile.class_by_id(a_panel.ui.classIdLabel.text) is not None
        assert a_panel.can("removeClassButton") == (len(a_panel.names) > 1)
    while a_panel.can("undoButton"):
        a_panel.push("undoButton")
    assert a_panel.profile == first


def _act(panel, dice, action: str) -> None:
    row = dice.randrange(panel.table.rowCount())
    panel.table.scrollToItem(panel.table.item(row, 1))
    if action == "select":
        panel.click_cell(row, 1)
    elif action == "type":
        panel.enter("classNameEdit", dice.choice(("", "A", "B", "AB", "Can")))
    elif action == "lock":
        panel.tick_lock(row)
    elif panel.can(action):
        panel.push(action)


def test_the_logic_refuses_what_is_no_profile(a_panel, tmp_path):
    (tmp_path / "notes.json").write_text("{}", "utf-8")
    with pytest.raises(RwthSamError, match="expected a segmentation profile"):
        a_panel.logic.openProfile(str(tmp_path / "notes.json"))
    assert a_panel.logic.profileNodes() == ()
