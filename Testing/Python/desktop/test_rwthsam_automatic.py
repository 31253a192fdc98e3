"""The section "Automatic masks": look for objects, choose among them, put them into classes, with mouse and keys."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from desktop_host.pythonqt.conversion import unwrap
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from rwthsam_parts import (
    BLOCK,
    BLOCK_IJK,
    ROD,
    ROD_IJK,
    SPECK,
    SPECK_IJK,
    VIEWS,
    Automatic,
    Module,
    library_shared_session,
    objects_volume,
    temporary_nodes,
)

from RWTHSAMLib.batch.job import read_job  # noqa: E402
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.settings.class_rules import Rule
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window

pytest_plugins = ["rwthsam_fixtures"]


@pytest.fixture
def automatic(a_module):
    """Automatic mode on a scan with three objects; the view Red is in use."""
    a_module.choose(objects_volume())
    a_module.session.set_window(Window(0, 255))
    a_module.session.automatic.set_settings(AutomaticRunSettings())
    part = Automatic(a_module)
    part.enter_view("Red")
    part.choose_mode()
    part.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    yield part
    a_module.session.set_mode("click")


@pytest.fixture
def found(automatic):
    """The same with all slices looked through: a block, a rod and a speck."""
    automatic.run()
    return automatic


def voxels(module) -> int:
    """How many voxels the chosen class has."""
    return int(module.mask().sum())


# mode


def test_the_section_belongs_to_the_automatic_mode(a_module, automatic):
    section = unwrap(a_module.ui.automaticSection)
    assert a_module.session.mode == "automatic" and section.isVisible()
    a_module.push(a_module.ui.clickModeButton)
    assert a_module.session.mode == "click" and not section.isVisible()
    a_module.click("Red", BLOCK_IJK)
    assert a_module.status.prompt_count == 1


def test_choosing_the_mode_chooses_the_tool_that_passes_clicks_on(a_module, automatic):
    a_module.push(a_module.ui.clickModeButton)
    a_module.use_tool("Paint")
    automatic.choose_mode()
    assert a_module.editor.activeEffect().name == "SAM"


def test_elsewhere_a_click_always_prompts_and_the_mode_comes_back(a_module, automatic):
    a_module.host.main_window.select("")
    assert a_module.session.mode == "click"
    a_module.host.show_module("RWTHSAM")
    a_module.settle()
    assert a_module.session.mode == "automatic" and a_module.ui.automaticModeButton.checked


# settings


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("points_per_side", "999", "expected 1 to 256"),
        ("points_per_side", "", "point_grids gives no points"),
        ("points_per_batch", "2.5", "whole number"),
        ("pred_iou_thresh", "often", "'often'"),
        ("box_nms_thresh", "nan", "expected a number"),
    ],
)
def test_wrong_settings_say_why_and_nothing_starts(a_module, automatic, name, text, words):
    automatic.open(automatic.ui.settingsGroup)
    field = automatic.fields[name]
    right = field.text
    automatic.type(field, text)
    assert name in automatic.ui.settingsMessage.text and words in automatic.ui.settingsMessage.text
    assert not automatic.ui.startButton.enabled and field.text == text
    automatic.type(field, right)
    assert automatic.ui.startButton.enabled and not automatic.ui.settingsMessage.text


def test_typed_settings_are_those_of_the_next_run(a_module, automatic):
    automatic.open(automatic.ui.settingsGroup)
    automatic.type(automatic.fields["points_per_side"], "16")
    assert automatic.masks.settings.generator == AutomaticSettings(points_per_side=16)
    assert automatic.ui.presetBox.currentText == "Own settings"
    automatic.ui.presetBox.currentIndex = 2
    automatic.ui.searchBox.currentIndex = 1
    a_module.settle()
    assert automatic.fields["crop_n_layers"].text == "1" and automatic.masks.settings.mode == "exhaustive"


def test_a_preset_replaces_what_was_typed_wrong(a_module, automatic):
    automatic.open(automatic.ui.settingsGroup)
    automatic.type(automatic.fields["points_per_side"], "x")
    automatic.ui.presetBox.currentIndex = 1
    a_module.settle()
    assert automatic.ui.startButton.enabled and automatic.fields["points_per_side"].text == "32"


def test_points_that_were_clicked_are_asked_instead_of_a_grid(a_module, automatic):
    a_module.push(a_module.ui.clickModeButton)
    a_module.click("Red", BLOCK_IJK)
    automatic.choose_mode()
    automatic.open(automatic.ui.settingsGroup)
    automatic.push(automatic.ui.ownPointsButton)
    assert automatic.masks.settings.generator.own_point_count == 1
    assert automatic.ui.ownPointsLabel.text == "1 point of your own" and automatic.fields["points_per_side"].text == ""
    assert automatic.ui.startButton.enabled
    automatic.push(automatic.ui.gridButton)
    assert automatic.ui.ownPointsLabel.text == "A grid" and not automatic.ui.gridButton.enabled
    assert automatic.fields["points_per_side"].text == "32"


def test_settings_are_saved_with_the_profile_and_taken_up_when_it_is_chosen(a_module, automatic):
    from RWTHSAMLib.mrml.nodes.profile_node import profile_of

    automatic.open(automatic.ui.settingsGroup)
    a_module.new_profile("Cylindrical cell")
    automatic.type(automatic.fields["points_per_side"], "16")
    automatic.push(automatic.ui.saveSettingsButton)
    node = a_module.ui.profileSelector.currentNode()
    assert profile_of(node).automatic.settings == AutomaticSettings(points_per_side=16)
    a_module.new_profile("Pouch cell")
    automatic.type(automatic.fields["points_per_side"], "8")
    a_module.ui.profileSelector.setCurrentNode(node)
    a_module.settle()
    assert automatic.fields["points_per_side"].text == "16"


# a run


def test_a_run_fills_the_table_and_touches_no_class(a_module, found):
    assert found.column("mm³") == ["80", "60", "0.5"] and found.column("Slices") == ["8", "20", "1"]
    assert found.column("State") == ["open"] * 3 and found.column("Bounding box")[0] == "4–13, 4–11, 4–11"
    assert voxels(a_module) == 0 and "3 objects" in found.ui.runStatusLabel.text


def test_one_slice_or_some_slices_are_looked_through(a_module, automatic):
    a_module.host.user.show_slice_of("Red", a_module.session.volume_node, SPECK_IJK)
    automatic.push(automatic.ui.thisSliceButton)
    assert "k = 8" in automatic.ui.thisSliceButton.text
    automatic.push(automatic.ui.startButton)
    a_module.wait()
    assert automatic.masks.slices_done == 1 and len(automatic.column("No.")) == 3
    automatic.ui.firstSliceBox.value = 10
    automatic.ui.lastSliceBox.value = 13
    assert automatic.ui.rangeButton.checked
    automatic.push(automatic.ui.startButton)
    a_module.wait()
    assert automatic.column("Slices") == ["2", "4"]


def test_another_view_has_other_slices(a_module, automatic):
    automatic.enter_view("Yellow")
    assert automatic.ui.lastSliceBox.value == 27 and "Yellow, i = " in automatic.ui.thisSliceButton.text
    automatic.run()
    assert {each.object.masks[0].key.axis for each in automatic.masks.detected} == {"i"}


def test_a_stopped_run_keeps_what_is_found_and_goes_on(a_module, automatic):
    assert "slices take" in automatic.ui.allSlicesButton.toolTip
    automatic.push(automatic.ui.allSlicesButton)
    automatic.push(automatic.ui.startButton)
    assert not automatic.ui.startButton.enabled and unwrap(automatic.ui.runProgressBar).isVisible()
    assert "left" in automatic.ui.runProgressBar.format and 0 < automatic.ui.runProgressBar.value < 1000
    automatic.push(automatic.ui.stopButton)
    done = automatic.masks.slices_done
    assert 0 < done < 20 and "Stopped" in automatic.ui.runProgressBar.format and automatic.column("No.")
    a_module.settle()
    assert automatic.masks.slices_done == done
    automatic.push(automatic.ui.resumeButton)
    a_module.wait()
    assert automatic.column("mm³") == ["80", "60", "0.5"] and unwrap(automatic.ui.runProgressBar).isHidden()


# the table


def test_selected_rows_are_selected_objects(a_module, found):
    found.click_row(BLOCK)
    found.click_row(SPECK, "ctrl")
    assert set(map(str, found.masks.selection)) == {found.number_of(BLOCK), found.number_of(SPECK)}
    assert "2 selected" in found.ui.countLabel.text


def test_a_click_on_an_object_selects_its_row(a_module, found):
    a_module.click("Red", ROD_IJK)
    assert found.selected == [found.number_of(ROD)] and a_module.status.prompt_count == 0
    a_module.click("Red", BLOCK_IJK)
    assert found.selected == [found.number_of(BLOCK)]
    a_module.click("Red", (1, 1, 8))
    assert found.selected == [found.number_of(BLOCK)]


def test_the_row_of_a_clicked_object_is_scrolled_to(a_module, automatic):
    from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji

    values = volume_array_kji(a_module.session.volume_node)
    values[:] = 0
    values[:, 1::4, 1::4] = 200
    values[:, 13:15, 13:15] = 200
    automatic.push(automatic.ui.thisSliceButton)
    automatic.push(automatic.ui.startButton)
    a_module.wait()
    rows = len(automatic.column("No."))
    automatic.click_heading("mm³")
    k = automatic.masks.detected[0].object.masks[0].key.index
    assert rows > 20 and not is_in_sight(automatic, rows - 1)
    a_module.click("Red", (13, 13, k))
    assert automatic.selected == automatic.column("No.")[-1:] and is_in_sight(automatic, rows - 1)


def is_in_sight(part: Automatic, row: int) -> bool:
    return part.view.viewport().rect().contains(part.view.visualRect(part.view.model().index(row, 0)).center())


def test_every_column_sorts_by_numbers(found):
    for title in ["No.", "mm³", "mm²", "Slices", "Grey", "Round", "IoU", "Stability"]:
        for _ in range(2):
            found.click_heading(title)
            values = [float(each) for each in found.column(title)]
            assert values in (sorted(values), sorted(values, reverse=True)), title
    assert sorted(found.column("Slices"), key=int) == ["1", "8", "20"]


def test_sorting_turns_round_and_keeps_the_selection(found):
    found.click_row(ROD)
    found.click_heading("Slices")
    first = found.column("Slices")
    found.click_heading("Slices")
    assert first == found.column("Slices")[::-1] and sorted(first, key=int) in (first, first[::-1])
    assert found.selected == [found.number_of(ROD)] and len(found.masks.selection) == 1


def test_a_double_click_shows_the_objects_middle(a_module, found):
    from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry

    found.click_row(SPECK, double=True)
    geometry = VolumeGeometry.of(a_module.session.volume_node)
    keys = [geometry.slice_shown(a_module.host.user.view(view).mrmlSliceNode()) for view in VIEWS]
    assert {key.axis for key in keys} == {"i", "j", "k"}
    assert all(abs(key.index - SPECK_IJK["ijk".index(key.axis)]) <= 1 for key in keys)


def test_a_double_click_moves_a_view_that_looks_elsewhere(a_module, found):
    node = a_module.host.user.view("Red").mrmlSliceNode()
    node.SetFieldOfView(2.0, 2.0, 1.0)
    node.JumpSliceByCentering(*a_module.host.user.ras_of(a_module.session.volume_node, ROD_IJK))
    found.click_row(SPECK, double=True)
    assert a_module.host.user.pixel_of("Red", a_module.host.user.ras_of(a_module.session.volume_node, SPECK_IJK))


def test_with_many_objects_only_what_changes_is_written(a_module, automatic):
    from RWTHSAMLib.mrml.nodes.volumes import add_volume
    from RWTHSAMLib.volumes.volume_data import VolumeData

    grey = np.zeros((3, 40, 40), np.uint8)
    grey[1, 1::2, 1::2] = 200
    a_module.choose(add_volume(a_module.host.scene, VolumeData(grey, np.eye(4), "Many", True)))
    a_module.session.set_window(Window(0, 255))
    automatic.run()
    assert len(automatic.column("No.")) == 400
    automatic.click_heading("No.")
    written = []  # rows, and no items: a wrapper of an item that has died misleads Shiboken later
    automatic.view.model().dataChanged.connect(lambda first, last: written.append(first.row()))
    automatic.click_row_number("300")
    assert automatic.selected == ["300"] and not written
    automatic.push(automatic.ui.rejectButton)
    assert automatic.column("State")[automatic.column("No.").index("300")] == "rejected" and len(written) < 5
    assert automatic.selected == ["300"] and automatic.column("State").count("open") == 399


# filters


def test_filters_leave_objects_out_and_give_them_back(a_module, found):
    found.open(found.ui.filterGroup)
    found.type(found.ui.greyLowerEdit, "190")
    assert found.column("mm³") == ["80", "60"] and "1 more left out" in found.ui.countLabel.text
    found.type(found.ui.greyUpperEdit, "210")
    assert found.column("mm³") == ["80"]
    found.type(found.ui.greyUpperEdit, "100")
    assert (
        "Mean grey to: expected 190 or more, got 100" in found.ui.filterMessage.text
        and not found.ui.startButton.enabled
    )
    found.type(found.ui.greyUpperEdit, "")
    found.type(found.ui.greyLowerEdit, "")
    found.ui.minSlicesBox.value = 9
    a_module.settle()
    assert found.column("mm³") == ["60"]


def test_a_box_limits_what_is_offered(a_module, found):
    found.open(found.ui.filterGroup)
    assert not found.ui.boxRegionButton.enabled
    a_module.drag("Red", (2, 2, 8), (15, 13, 8), "middle", "shift")
    found.push(found.ui.boxRegionButton)
    assert found.column("mm³") == ["80"] and "x 2 to 15" in found.ui.regionText.text
    found.push(found.ui.clearRegionButton)
    assert len(found.column("mm³")) == 3


def test_doubtful_objects_are_hidden_unless_asked_for(a_module, automatic):
    from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji

    volume_array_kji(a_module.session.volume_node)[:] = 200
    automatic.run()
    assert not automatic.column("No.") and "1 more left out" in automatic.ui.countLabel.text
    automatic.open(automatic.ui.filterGroup)
    automatic.push(automatic.ui.hideDoubtfulBox)
    assert len(automatic.column("No.")) == 1


# into classes


def test_nothing_can_be_submitted_before_something_is_chosen(found):
    assert not any(
        each.enabled
        for each in (
            found.ui.submitObjectsButton,
            found.ui.submitApartButton,
            found.ui.acceptButton,
            found.ui.rejectButton,
        )
    )


def test_a_selected_object_is_submitted_and_taken_back(a_module, found):
    found.ui.objectClassBox.currentIndex = 3
    assert found.ui.submitObjectsButton.text == "Submit to 'Core'"
    found.click_row(BLOCK)
    found.push(found.ui.submitObjectsButton)
    assert a_module.session.class_id == "core" and voxels(a_module) == BLOCK
    assert found.state_of(BLOCK) == "submitted" and found.column("Class")[0] == "Core"
    assert not found.ui.submitObjectsButton.enabled
    found.push(found.ui.undoObjectsButton)
    assert voxels(a_module) == 0 and found.state_of(BLOCK) == "open"
    found.push(found.ui.redoObjectsButton)
    assert voxels(a_module) == BLOCK
    a_module.push(a_module.options.undoButton)
    assert voxels(a_module) == 0


def test_accepted_objects_are_submitted_together_without_the_rejected(a_module, found):
    found.click_row(ROD)
    found.push(found.ui.acceptButton)
    found.click_row(BLOCK)
    found.push(found.ui.acceptButton)
    found.click_row(SPECK)
    found.push(found.ui.rejectButton)
    assert sorted(found.column("State")) == ["accepted", "accepted", "rejected"]
    found.masks.select(())
    a_module.settle()
    assert not found.selected
    found.push(found.ui.submitObjectsButton)
    assert voxels(a_module) == BLOCK + ROD


def test_return_submits_the_selection_and_prompts_come_first(a_module, found):
    a_module.click("Red", BLOCK_IJK)
    a_module.click("Red", (1, 1, 8), "middle")
    a_module.press("Return")
    assert voxels(a_module) == 9 and found.state_of(BLOCK) == "open"
    a_module.press("Return")
    assert voxels(a_module) == 9 + BLOCK and found.state_of(BLOCK) == "submitted"
    a_module.press("Ctrl+Z")
    a_module.press("Ctrl+Z")
    assert voxels(a_module) == 0


def test_other_classes_keep_their_voxels_unless_asked(a_module, found):
    found.ui.objectClassBox.currentIndex = 1
    a_module.click("Red", BLOCK_IJK, "middle")
    a_module.press("Return")
    found.ui.objectClassBox.currentIndex = 0
    found.click_row(BLOCK)
    found.push(found.ui.submitObjectsButton)
    assert voxels(a_module) == BLOCK - 9
    found.push(found.ui.undoObjectsButton)
    found.ui.overwriteBox.currentIndex = 1
    found.push(found.ui.submitObjectsButton)
    assert voxels(a_module) == BLOCK and not a_module.mask("cap").any()


def test_only_chosen_classes_lose_voxels(a_module, found):
    ui = found.ui
    assert not unwrap(ui.overwriteClassesButton).isVisible()
    ui.objectClassBox.currentIndex = 1
    a_module.click("Red", BLOCK_IJK, "middle")
    a_module.press("Return")
    ui.objectClassBox.currentIndex = 0
    ui.overwriteBox.currentIndex = unwrap(ui.overwriteBox).findText("keep them, but for some")
    a_module.settle()
    assert unwrap(ui.overwriteClassesButton).isVisible() and ui.overwriteClassesButton.text == "which ones ..."
    choose_class(a_module, ui, "Core")
    found.click_row(BLOCK)
    found.push(ui.submitObjectsButton)
    assert voxels(a_module) == BLOCK - 9
    found.push(ui.undoObjectsButton)
    choose_class(a_module, ui, "Cap")
    assert ui.overwriteClassesButton.text == "Cap, Core"
    found.push(ui.submitObjectsButton)
    assert voxels(a_module) == BLOCK and not a_module.mask("cap").any()
    ui.overwriteBox.currentIndex = 0


def choose_class(module, ui, name: str) -> None:
    """Tick a class in the menu of those that lose voxels."""
    menu = unwrap(ui.overwriteClassesButton).menu()
    next(each for each in menu.actions() if each.text() == name).trigger()
    module.settle()


def test_a_locked_class_takes_no_object(a_module, found):
    a_module.session.set_profile(a_module.session.profile.locking(a_module.session.class_id))
    found.click_row(BLOCK)
    assert not found.ui.submitObjectsButton.enabled and "locked" in found.ui.submitObjectsButton.text


@pytest.mark.parametrize("with_profile", [False, True])
def test_each_object_gets_a_class_of_its_own_and_undo_takes_the_classes_away(a_module, found, with_profile):
    from RWTHSAMLib.mrml.nodes.profile_node import profile_of

    if with_profile:
        a_module.new_profile("Cylindrical cell")
    before = a_module.segment_names
    found.click_row(BLOCK)
    found.click_row(ROD, "ctrl")
    found.push(found.ui.submitApartButton)
    added = a_module.session.profile.classes[len(before) :]
    assert sorted(int(a_module.mask(each.id).sum()) for each in added) == [ROD, BLOCK]
    assert a_module.segment_names == [*before, *(each.name for each in added)]
    if with_profile:
        assert profile_of(a_module.ui.profileSelector.currentNode()) == a_module.session.profile
    found.push(found.ui.undoObjectsButton)
    assert a_module.segment_names == before and len(a_module.session.profile.classes) == len(before)
    if with_profile:
        assert profile_of(a_module.ui.profileSelector.currentNode()) == a_module.session.profile


def test_the_table_is_saved(a_module, found, tmp_path, monkeypatch):
    path = tmp_path / "objects.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments, **_more: (str(path), ""))
    found.push(found.ui.saveTableButton)
    with path.open(encoding="utf-8") as file:
        assert [int(row["voxel_count"]) for row in csv.DictReader(file)] == [BLOCK, ROD, SPECK]


def test_a_table_that_cannot_be_saved_says_why(a_module, found, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "objects.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments, **_more: (str(path), ""))
    found.push(found.ui.saveTableButton)
    assert a_module.status.level == "warning" and "objects.csv" in found.ui.runStatusLabel.text


def test_what_is_set_is_saved_as_a_job(a_module, found, tmp_path, monkeypatch):
    path = tmp_path / "cells.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments, **_more: (str(path), ""))
    found.open(found.ui.settingsGroup)
    found.push(found.ui.saveJobButton)
    auto, measure = read_job(path).steps
    assert auto.options["mode"] == a_module.session.automatic.settings.mode and measure.command == "measure"
    assert "range" not in auto.options
    found.ui.firstSliceBox.value = 2
    found.push(found.ui.saveJobButton)
    auto, _ = read_job(path).steps
    assert auto.options["range"] == [2, found.ui.lastSliceBox.value]


# rules


@pytest.fixture
def rules(a_module, found):
    """The section of rules, open."""
    found.open(found.ui.rulesGroup)
    return found


def lines(part: Automatic) -> list[list[str]]:
    table = unwrap(part.ui.rulesTable)
    return [[table.item(row, column).text() for column in range(5)] for row in range(table.rowCount())]


def test_a_rule_begins_with_what_is_selected(a_module, rules):
    rules.click_row(BLOCK)
    rules.push(rules.ui.addRuleButton)
    assert lines(rules) == [["Can", "Volume (mm³)", "80", "80", "1"]]
    rules.push(rules.ui.addConditionButton)
    assert lines(rules)[1] == ["and", "Mean grey", "200", "200", ""]
    rules.type(rules.ui.ruleLowerEdit, "100")
    rules.type(rules.ui.ruleUpperEdit, "")
    rules.ui.ruleClassBox.currentIndex = 3
    a_module.settle()
    assert rules.masks.rules == (Rule("core", (("volume_mm3", Range(80.0, 80.0)), ("mean_grey", Range(100.0, None)))),)
    rules.push(rules.ui.removeRuleButton)
    rules.push(rules.ui.removeRuleButton)
    assert not rules.masks.rules and not rules.ui.removeRuleButton.enabled


def test_wrong_ranges_and_quantities_say_why_and_change_nothing(a_module, rules):
    rules.click_row(BLOCK)
    rules.push(rules.ui.addRuleButton)
    before = rules.masks.rules
    rules.type(rules.ui.ruleLowerEdit, "many")
    assert "'many'" in rules.ui.ruleMessage.text and rules.ui.ruleLowerEdit.text == "many"
    rules.type(rules.ui.ruleLowerEdit, "99")
    assert "99 to 80" in rules.ui.ruleMessage.text
    rules.type(rules.ui.ruleLowerEdit, "80")
    assert rules.masks.rules == before and not rules.ui.ruleMessage.text
    rules.push(rules.ui.addConditionButton)
    rules.ui.quantityBox.currentIndex = 1
    a_module.settle()
    assert "volume_mm3" in rules.ui.ruleMessage.text and rules.ui.quantityBox.currentText == "Mean grey"


def test_rules_are_shown_counted_and_applied_as_one_step(a_module, rules):
    rules.masks.set_rules([Rule("core", (("slice_count", Range(2)), ("mean_grey", Range(None, 210)))), Rule("tab")])
    a_module.settle()
    assert [line[4] for line in lines(rules)] == ["1", "", "2"] and lines(rules)[2][1] == "any object"
    assert rules.column("Class") == ["Core", "Tab", "Tab"]
    own = rules.masks.detected[0].color
    rules.push(rules.ui.showRulesBox)
    assert rules.masks.shows_rules
    assert rules.masks.detected[0].color == a_module.session.profile.class_by_id("core").color != own
    rules.push(rules.ui.applyRulesButton)
    assert a_module.mask("core").sum() == BLOCK and a_module.mask("tab").sum() == ROD + SPECK
    assert not rules.ui.applyRulesButton.enabled
    rules.push(rules.ui.undoObjectsButton)
    assert not a_module.mask("tab").any() and rules.ui.applyRulesButton.enabled


def test_rules_are_kept_by_the_chosen_profile(a_module, rules):
    from RWTHSAMLib.mrml.nodes.profile_node import profile_of

    a_module.new_profile("Cylindrical cell")
    rules.push(rules.ui.addRuleButton)
    node = a_module.ui.profileSelector.currentNode()
    assert profile_of(node).automatic.rules == rules.masks.rules != ()
    a_module.new_profile("Pouch cell")
    assert lines(rules) == []
    a_module.ui.profileSelector.setCurrentNode(node)
    a_module.settle()
    assert len(lines(rules)) == 1


def test_a_removed_segment_takes_its_rules_along(a_module, rules):
    rules.masks.set_rules([Rule("tab"), Rule("core")])
    a_module.session.segmentation_node.GetSegmentation().RemoveSegment("RWTHSAM_tab")
    a_module.settle()
    assert [rule.class_id for rule in rules.masks.rules] == ["core"] and rules.column("Class") == ["Core"] * 3


# life


def test_a_scene_closed_during_a_run_leaves_an_empty_section_that_works(a_module, automatic):
    automatic.push(automatic.ui.allSlicesButton)
    automatic.push(automatic.ui.startButton)
    a_module.host.close_scene()
    a_module.settle()
    assert not automatic.column("No.") and not automatic.ui.startButton.enabled
    assert not temporary_nodes(a_module.host.scene) and unwrap(automatic.ui.runProgressBar).isHidden()
    a_module.choose(objects_volume())
    a_module.session.set_window(Window(0, 255))
    automatic.run()
    assert automatic.column("mm³") == ["80", "60", "0.5"]


def test_a_scan_deleted_during_a_run_ends_it(a_module, automatic):
    automatic.push(automatic.ui.startButton)
    automatic.push(automatic.ui.allSlicesButton)
    automatic.push(automatic.ui.startButton)
    a_module.host.scene.RemoveNode(a_module.session.volume_node)
    a_module.settle()
    assert not automatic.column("No.") and a_module.status.run is None
    assert not temporary_nodes(a_module.host.scene) and not automatic.ui.startButton.enabled


def test_leaving_during_a_run_and_coming_back(a_module, automatic):
    automatic.push(automatic.ui.allSlicesButton)
    automatic.push(automatic.ui.startButton)
    a_module.host.main_window.select("")
    a_module.settle(20)
    a_module.host.show_module("RWTHSAM")
    a_module.wait()
    assert automatic.column("mm³") == ["80", "60", "0.5"]


def test_a_reload_during_a_run_leaves_nothing_of_it(a_module, automatic):
    import slicer

    automatic.push(automatic.ui.allSlicesButton)
    automatic.push(automatic.ui.startButton)
    place = library_shared_session().present()
    a_module.widget.onReload()
    assert not place.session.on_change and not place.after_poll
    a_module.host.process_events()
    a_module.host.main_window.select("")
    a_module.host.show_module("RWTHSAM")
    a_module.widget = slicer.modules.RWTHSAMWidget
    again = Module(a_module.host, a_module.widget)
    again.settle()
    assert again.session.mode == "click" and not temporary_nodes(again.host.scene)
    part = Automatic(again)
    part.choose_mode()
    part.run()
    assert part.column("mm³") == ["80", "60", "0.5"]


def test_settings_and_filters_come_back_with_a_saved_scene(a_module, found, tmp_path):
    import slicer

    settings = AutomaticSettings(points_per_side=9)
    found.masks.set_settings(replace(found.masks.settings, min_slices=2, generator=settings, region_xyxy=(0, 0, 9, 9)))
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    a_module.host.close_scene()
    a_module.settle()
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    a_module.settle()
    assert found.ui.minSlicesBox.value == 2 and found.fields["points_per_side"].text == "9"


def test_pictures_of_the_section(a_module, found, pictures, host):
    found.click_row(BLOCK)
    found.push(found.ui.acceptButton)
    host.screenshot(pictures / "rwthsam-automatic.png")
    found.open(found.ui.settingsGroup, found.ui.filterGroup, found.ui.rulesGroup)
    found.push(found.ui.addRuleButton)
    found.push(found.ui.addConditionButton)
    section = unwrap(a_module.ui.automaticSection)
    image = QImage(str(host.screenshot(pictures / "rwthsam-automatic-panel.png", section)))
    assert image.width() < 600 and section.sizeHint().width() <= image.width()
