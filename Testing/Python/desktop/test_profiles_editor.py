"""A person edits profiles in the panel of RWTHSAMProfiles."""

from __future__ import annotations

import pytest
from desktop_host.pythonqt.conversion import unwrap
from profiles_parts import answering
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QDialogButtonBox, QListWidget

from RWTHSAMLib.core.profile import profile_of_names
from RWTHSAMLib.core.window import Window

pytest_plugins = ["profiles_fixtures"]

CYLINDRICAL = ["Can", "Cap", "Jelly roll", "Core", "Tab", "Gasket", "Defect"]
TERMINOLOGY = "Segmentation category~SCT^85756007^Tissue~SCT^272673000^Bone~^^~~^^~^^"


def test_without_a_profile_only_new_and_open_can_be_used(a_panel):
    usable = [name for name in vars(a_panel.ui) if name.endswith(("Button", "Edit")) and a_panel.can(name)]
    assert sorted(usable) == ["newButton", "openButton"]
    assert "There is no profile in this scene" in a_panel.message("profileMessage")


def test_a_new_profile_begins_as_one_of_the_supplied_ones(a_panel):
    a_panel.new("Pouch cell")
    assert a_panel.node.GetName() == "Pouch cell"
    assert a_panel.rows == a_panel.names and len(a_panel.rows) > 3
    assert a_panel.message("profileMessage") == ""


def test_a_second_new_profile_gets_a_name_of_its_own(a_cell):
    first = a_cell.node
    a_cell.new("Cylindrical cell")
    assert a_cell.node is not first and a_cell.profile.name == "Cylindrical cell_1"


def test_a_class_is_added_and_named(a_cell):
    a_cell.push("addClassButton")
    assert a_cell.rows[-1] == "New class" and a_cell.ui.classNameEdit.text == "New class"
    a_cell.enter("classNameEdit", "Weld")
    assert a_cell.names == a_cell.rows == [*CYLINDRICAL, "Weld"]
    assert a_cell.profile.classes[-1].id == a_cell.ui.classIdLabel.text == "new-class"


def test_a_class_is_removed_and_its_neighbour_chosen(a_cell):
    a_cell.click_cell(2, 1)
    a_cell.push("removeClassButton")
    assert a_cell.names == a_cell.rows == ["Can", "Cap", "Core", "Tab", "Gasket", "Defect"]
    assert a_cell.ui.classNameEdit.text == "Core"


def test_the_last_class_cannot_be_removed(a_panel):
    a_panel.new("Empty profile")
    assert a_panel.names == ["New class"] and not a_panel.can("removeClassButton")


def test_classes_are_reordered(a_cell):
    a_cell.click_cell(1, 1)
    a_cell.push("moveUpButton")
    assert a_cell.rows[:2] == ["Cap", "Can"] and not a_cell.can("moveUpButton")
    for _ in range(6):
        a_cell.push("moveDownButton")
    assert a_cell.names == ["Can", *CYLINDRICAL[2:], "Cap"] and not a_cell.can("moveDownButton")


def test_renaming_keeps_the_id(a_cell):
    a_cell.click_cell(3, 1)
    a_cell.enter("classNameEdit", "Mandrel")
    assert a_cell.rows[3] == "Mandrel" and a_cell.profile.classes[3].id == "core"


@pytest.mark.parametrize(
    ("name", "said"), [("Cap", "Another class is called 'Cap' already."), ("", "has 1 to 200 characters")]
)
def test_a_name_that_cannot_be_is_said_while_typing_and_changes_nothing(a_cell, name, said):
    before = a_cell.profile
    a_cell.enter("classNameEdit", name)
    assert said in a_cell.message("classNameMessage")
    assert a_cell.profile == before and a_cell.rows[0] == "Can" and not a_cell.can("undoButton")
    assert a_cell.ui.classNameEdit.text == name
    a_cell.enter("classNameEdit", "Case")
    assert a_cell.message("classNameMessage") == "" and a_cell.rows[0] == "Case"


def test_typing_a_name_is_one_step_of_undo(a_cell):
    a_cell.enter("classNameEdit", "Steel can")
    a_cell.push("undoButton")
    assert a_cell.names == CYLINDRICAL == a_cell.rows and a_cell.ui.classNameEdit.text == "Can"
    assert not a_cell.can("undoButton")
    a_cell.push("redoButton")
    assert a_cell.rows[0] == "Steel can"


def test_what_is_wrong_in_a_field_stays_there_while_another_is_edited(a_cell):
    a_cell.enter("classNameEdit", "Cap")
    a_cell.enter("windowLowerEdit", "7")
    a_cell.tick_lock(0)
    assert a_cell.ui.classNameEdit.text == "Cap" and "Another class" in a_cell.message("classNameMessage")
    assert a_cell.ui.windowLowerEdit.text == "7" and a_cell.message("windowMessage")


def test_a_name_typed_back_to_what_it_was_is_no_step_of_undo(a_cell):
    a_cell.enter("classNameEdit", "Shell")
    a_cell.enter("classNameEdit", "Can")
    assert not a_cell.can("undoButton") and a_cell.names == CYLINDRICAL


def test_a_window_that_ends_wrong_leaves_the_one_before(a_cell):
    a_cell.enter("windowLowerEdit", "10")
    a_cell.enter("windowUpperEdit", "500")
    a_cell.leave("windowUpperEdit")
    a_cell.enter("windowLowerEdit", "600")
    assert a_cell.profile.window == Window(10, 500) and a_cell.message("windowMessage")
    a_cell.enter("windowUpperEdit", "800")
    assert a_cell.profile.window == Window(600, 800) and a_cell.message("windowMessage") == ""


def test_names_typed_one_after_the_other_are_two_steps(a_cell):
    a_cell.enter("classNameEdit", "Shell")
    a_cell.leave("classNameEdit")
    a_cell.enter("classNameEdit", "Housing")
    a_cell.push("undoButton")
    assert a_cell.rows[0] == "Shell"


def test_a_color_is_chosen_in_the_dialog_and_undone(a_cell):
    before = a_cell.profile
    with answering(lambda dialog: (dialog.setCurrentColor(QColor("#123456")), dialog.accept())):
        a_cell.push("classColorButton")
    assert a_cell.profile.classes[0].color == (0x12 / 255, 0x34 / 255, 0x56 / 255)
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        swatch = a_cell.table.item(0, 0).icon().pixmap(QSize(16, 16), mode).toImage()
        assert swatch.pixelColor(8, 8) == QColor("#123456")
    a_cell.push("undoButton")
    assert a_cell.profile == before and a_cell.ui.classColorButton.color.name() == "#e69f00"


def test_a_cancelled_color_changes_nothing(a_cell):
    with answering(lambda dialog: dialog.reject()):
        a_cell.push("classColorButton")
    assert not a_cell.can("undoButton")


def test_a_class_is_locked_in_the_table_and_unlocked_in_the_form(a_cell):
    a_cell.tick_lock(3)
    assert [entry.id for entry in a_cell.profile.classes if entry.locked] == ["core"]
    a_cell.click_cell(3, 1)
    assert a_cell.ui.classLockedCheckBox.checked
    a_cell.push("classLockedCheckBox")
    assert not any(entry.locked for entry in a_cell.profile.classes)


def test_a_terminology_is_shown_by_its_meaning_and_cleared(a_cell):
    a_cell.logic.setProfile(a_cell.node, a_cell.profile.describing("can", TERMINOLOGY))
    assert a_cell.ui.terminologyButton.text == "Tissue / Bone" == a_cell.table.item(0, 3).text()
    a_cell.push("clearTerminologyButton")
    assert a_cell.profile.classes[0].terminology is None and a_cell.ui.terminologyButton.text == "None"


def choosing_type(name: str):
    """Answer of the terminology dialog: a type of the first category that has it."""

    def answer(dialog) -> None:
        categories, types = (dialog.findChild(QListWidget, f"tableWidget_{each}") for each in ("Category", "Type"))
        for row in range(categories.count()):
            categories.setCurrentRow(row)
            if found := types.findItems(name, Qt.MatchFlag.MatchExactly):
                types.setCurrentItem(found[0])
                break
        dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()

    return answer


def test_a_terminology_is_chosen_in_the_dialog_and_undone(a_cell):
    with answering(choosing_type("Bone")):
        a_cell.push("terminologyButton")
    assert "^Bone~" in a_cell.profile.classes[0].terminology
    assert a_cell.ui.terminologyButton.text.endswith("Bone")
    with answering(lambda dialog: dialog.reject()):
        a_cell.push("terminologyButton")
    a_cell.push("undoButton")
    assert a_cell.profile.classes[0].terminology is None


def test_the_terminology_dialog_begins_at_the_present_entry(a_cell):
    a_cell.logic.setProfile(a_cell.node, a_cell.profile.describing("can", TERMINOLOGY))
    accept = QDialogButtonBox.StandardButton.Ok
    with answering(lambda dialog: dialog.findChild(QDialogButtonBox).button(accept).click()):
        a_cell.push("terminologyButton")
    assert a_cell.ui.terminologyButton.text == "Tissue / Bone"


def test_a_window_is_typed(a_cell):
    a_cell.enter("windowLowerEdit", "-12.5")
    a_cell.enter("windowUpperEdit", "4096")
    assert a_cell.profile.window == Window(-12.5, 4096) and a_cell.message("windowMessage") == ""


@pytest.mark.parametrize(("lower", "upper"), [("5", "3"), ("5", "5"), ("a", "3"), ("5", ""), ("nan", "3")])
def test_what_is_no_window_is_said_and_not_kept(a_cell, lower, upper):
    a_cell.enter("windowLowerEdit", lower)
    a_cell.enter("windowUpperEdit", upper)
    assert a_cell.message("windowMessage") and a_cell.profile.window is None


def test_an_emptied_window_is_no_window(a_cell):
    a_cell.enter("windowLowerEdit", "1")
    a_cell.enter("windowUpperEdit", "2")
    a_cell.enter("windowLowerEdit", "")
    a_cell.enter("windowUpperEdit", "")
    assert a_cell.profile.window is None and a_cell.message("windowMessage") == ""


def test_the_window_of_a_scan_is_taken(a_cell, a_shown_scan):
    a_shown_scan.GetDisplayNode().SetAutoWindowLevel(False)
    a_shown_scan.GetDisplayNode().SetWindowLevelMinMax(150, 2750)
    a_cell.ui.scanSelector.setCurrentNode(a_shown_scan)
    a_cell.push("windowFromScanButton")
    assert a_cell.profile.window == Window(150, 2750)
    assert (a_cell.ui.windowLowerEdit.text, a_cell.ui.windowUpperEdit.text) == ("150", "2750")


def test_a_default_model_is_chosen(a_cell):
    combo = unwrap(a_cell.ui.modelComboBox)
    index = combo.findData("sam_hq_vit_b")
    combo.setCurrentIndex(index)
    combo.activated.emit(index)
    assert a_cell.profile.model == "sam_hq_vit_b"
    a_cell.push("undoButton")
    assert a_cell.profile.model is None and combo.currentText() == "No default"


def test_a_model_that_this_version_does_not_know_stays(a_cell):
    from dataclasses import replace

    a_cell.logic.setProfile(a_cell.node, replace(a_cell.profile, model="sam_of_tomorrow"))
    assert unwrap(a_cell.ui.modelComboBox).currentText() == "sam_of_tomorrow (not in this version)"
    a_cell.push("addClassButton")
    assert a_cell.profile.model == "sam_of_tomorrow"


def test_renaming_the_profile_renames_its_node(a_cell):
    a_cell.enter("profileNameEdit", "Cell 7")
    assert a_cell.node.GetName() == "Cell 7" == a_cell.profile.name
    a_cell.node.SetName("Cell 8")
    assert a_cell.ui.profileNameEdit.text == "Cell 8"


def test_each_profile_has_its_own_history(a_cell):
    first = a_cell.node
    a_cell.push("addClassButton")
    a_cell.new("Pouch cell")
    assert not a_cell.can("undoButton")
    a_cell.ui.profileSelector.setCurrentNode(first)
    a_cell.push("undoButton")
    assert a_cell.names == CYLINDRICAL


def test_what_a_script_changes_is_shown_and_not_undone(a_cell):
    a_cell.push("addClassButton")
    a_cell.logic.setProfile(a_cell.node, profile_of_names("Cell", ["A", "B"]))
    assert a_cell.rows == ["A", "B"] and not a_cell.can("undoButton")


def test_a_damaged_profile_is_said_and_can_be_left(a_cell):
    good = a_cell.node
    a_cell.new("Pouch cell")
    a_cell.node.SetText("{")
    assert "damaged" in a_cell.message("profileMessage") and not a_cell.can("saveButton") and a_cell.rows == []
    a_cell.ui.profileSelector.setCurrentNode(good)
    assert a_cell.rows == CYLINDRICAL and a_cell.message("profileMessage") == ""


def test_other_text_nodes_cannot_be_chosen(a_cell, host):
    host.scene.AddNewNodeByClass("vtkMRMLTextNode", "notes")
    assert a_cell.ui.profileSelector.nodeCount() == 1
