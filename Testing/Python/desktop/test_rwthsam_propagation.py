"""The section "Through the volume": an object is followed from its prompted slice, looked through and submitted."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from desktop_host.pythonqt.conversion import unwrap
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from rwthsam_parts import BLOCK, Automatic, Module, objects_volume

from RWTHSAMLib.algorithms.propagation.belief import COLOURS
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry

pytest_plugins = ["rwthsam_fixtures"]

LOW_IJK, HIGH_IJK = (4, 4, 8), (13, 11, 8)
"""Corners of the block of `objects_volume` on slice 8."""
DAMAGED_K = 9


class Through:
    """The section as a person uses it."""

    def __init__(self, module: Module) -> None:
        self.module = module

    @property
    def ui(self):
        return self.module.widget.panel.propagation.ui

    @property
    def fields(self):
        return self.module.widget.panel.propagation._rules.fields

    @property
    def object(self):
        return self.module.session.propagation

    @property
    def rows(self) -> list[list[str]]:
        model = unwrap(self.ui.doubtfulTable).model()
        return [[model.index(row, column).data() for column in range(3)] for row in range(model.rowCount())]

    def run(self, button=None) -> None:
        """Propagate until the object is there."""
        self.module.push(button or self.ui.propagateButton)
        self.module.wait()

    @property
    def strip(self) -> list[str]:
        """Colours of the strip, slice by slice."""
        model = unwrap(self.ui.sliceStrip).model()
        return [
            model.index(0, column).data(Qt.ItemDataRole.BackgroundRole).name() for column in range(model.columnCount())
        ]

    def click_row(self, row: int) -> None:
        self.click_cell(self.ui.doubtfulTable, row, 0)

    def click_cell(self, table, row: int, column: int) -> None:
        view = unwrap(table)
        place = view.visualRect(view.model().index(row, column)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        self.module.settle()


def damaged_volume():
    """The same scan; on one slice nothing of it can be seen."""
    import slicer

    volume = objects_volume()
    slicer.util.arrayFromVolume(volume)[DAMAGED_K] = 0
    slicer.util.arrayFromVolumeModified(volume)
    return volume


@pytest.fixture(params=[objects_volume])
def prompted(request, a_module):
    """A box round the block on slice 8; the section is open and the view Red in use."""
    a_module.choose(request.param())
    a_module.session.set_window(Window(0, 255))
    a_module.session.propagation.set_settings(PropagationRunSettings())
    a_module.ui.propagationSection.collapsed = False
    Automatic(a_module).enter_view("Red")
    a_module.drag("Red", LOW_IJK, HIGH_IJK, "middle", "shift")
    a_module.wait()
    return Through(a_module)


@pytest.fixture
def propagated(prompted):
    prompted.run()
    return prompted


def shown_in(module, view: str) -> SliceKey:
    node = module.host.user.view(view).mrmlSliceNode()
    return VolumeGeometry.of(module.session.volume_node).slice_shown(node)


def voxels(module) -> int:
    return int(module.mask().sum())


def test_a_prompted_slice_becomes_the_object(a_module, propagated):
    assert propagated.object.voxel_count == BLOCK
    assert "k = 4 to 11" in propagated.ui.propagationMessage.text
    assert not propagated.rows and not propagated.ui.doubtfulTable.visible


def test_the_object_is_submitted_and_taken_back_as_one_step(a_module, propagated):
    a_module.press("Return")
    assert voxels(a_module) == BLOCK and not propagated.object.is_there
    a_module.press("Ctrl+Z")
    assert voxels(a_module) == 0 and propagated.object.voxel_count == BLOCK


def test_nothing_can_be_propagated_before_there_is_a_mask(a_module, prompted):
    a_module.press("Ctrl+Z")
    assert not prompted.ui.propagateButton.enabled and not prompted.ui.discardObjectButton.enabled


def test_it_goes_in_the_chosen_direction(a_module, prompted):
    a_module.push(prompted.ui.forwardButton)
    prompted.run()
    assert [each.index for each in prompted.object.result.slices] == [8, 9, 10, 11]
    a_module.push(prompted.ui.bothButton)
    a_module.wait()
    assert prompted.object.voxel_count == BLOCK


def test_it_goes_no_further_than_the_typed_slices(a_module, prompted):
    Automatic(a_module).type(prompted.ui.firstEdit, "6")
    Automatic(a_module).type(prompted.ui.lastEdit, "9")
    prompted.run()
    assert [each.index for each in prompted.object.result.slices] == [6, 7, 8, 9]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [("x", "", "First slice: expected a whole number or nothing, got 'x'"), ("9", "3", "9 to 3"), ("-1", "", "got -1")],
)
def test_a_wrong_range_says_why_and_nothing_starts(a_module, prompted, first, last, words):
    Automatic(a_module).type(prompted.ui.firstEdit, first)
    Automatic(a_module).type(prompted.ui.lastEdit, last)
    assert words in prompted.ui.propagationProblem.text and not prompted.ui.propagateButton.enabled
    assert prompted.ui.firstEdit.text == first
    Automatic(a_module).type(prompted.ui.firstEdit, "")
    Automatic(a_module).type(prompted.ui.lastEdit, "")
    assert prompted.ui.propagateButton.enabled and not prompted.ui.propagationProblem.text


def test_rules_are_typed_and_wrong_ones_say_why(a_module, prompted):
    prompted.ui.endRulesGroup.collapsed = False
    a_module.settle()
    typing = Automatic(a_module)
    typing.type(prompted.fields["most_growth"], "2.5")
    typing.type(prompted.ui.objectGreyLowerEdit, "150")
    assert prompted.object.settings.rules.most_growth == 2.5 and prompted.object.settings.rules.grey == Range(150, None)
    typing.type(prompted.fields["most_skipped"], "often")
    assert "most_skipped" in prompted.ui.propagationProblem.text and prompted.fields["most_skipped"].text == "often"
    assert prompted.object.settings.rules.most_growth == 2.5 and not prompted.ui.propagateButton.enabled


def test_voxels_of_a_class_are_propagated(a_module, prompted):
    a_module.press("Return")
    prompted.run(prompted.ui.fromClassButton)
    assert prompted.object.voxel_count == BLOCK


def test_an_object_is_discarded_and_its_prompts_stay(a_module, propagated):
    a_module.push(propagated.ui.discardObjectButton)
    assert not propagated.object.is_there and a_module.status.prompt_count == 1


@pytest.mark.parametrize("prompted", [damaged_volume], indirect=True)
def test_a_doubtful_slice_is_listed_shown_and_confirmed(a_module, prompted):
    choices = prompted.object.settings
    prompted.object.set_settings(replace(choices, rules=replace(choices.rules, doubtful_below=1.0)))
    prompted.run()
    (row,) = prompted.rows
    assert row[0] == str(DAMAGED_K) and row[2]
    assert shown_in(a_module, "Red") != SliceKey("k", DAMAGED_K)
    prompted.click_row(0)
    assert shown_in(a_module, "Red") == SliceKey("k", DAMAGED_K)
    a_module.push(prompted.ui.confirmSliceButton)
    a_module.wait()
    assert prompted.object.keyframe_indices == (8, DAMAGED_K) and not prompted.rows


@pytest.mark.parametrize("prompted", [damaged_volume], indirect=True)
def test_a_strip_shows_how_far_each_slice_is_believed_and_a_click_goes_there(a_module, prompted):
    assert not prompted.ui.sliceStrip.visible and not prompted.strip
    choices = prompted.object.settings
    prompted.object.set_settings(replace(choices, rules=replace(choices.rules, doubtful_below=1.0)))
    prompted.run()
    expected = dict.fromkeys(range(4, 12), "believed") | {8: "prompted", DAMAGED_K: "doubtful"}
    assert prompted.strip == [COLOURS[each] for each in expected.values()]
    assert (prompted.ui.stripFirst.text, prompted.ui.stripLast.text) == ("4", "11")
    prompted.click_cell(prompted.ui.sliceStrip, 0, 1)
    assert shown_in(a_module, "Red") == SliceKey("k", 5)
    a_module.push(prompted.ui.discardObjectButton)
    assert not prompted.ui.sliceStrip.visible and not prompted.ui.stripLegend.visible


def test_the_table_of_slices_is_saved(a_module, propagated, tmp_path, monkeypatch):
    path = tmp_path / "slices.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments, **_more: (str(path), ""))
    a_module.push(propagated.ui.saveSlicesButton)
    with path.open(encoding="utf-8") as file:
        assert [int(each["slice"]) for each in csv.DictReader(file)] == list(range(4, 12))


def test_what_it_takes_at_most_is_told_before(a_module, prompted):
    assert "slices take" in prompted.ui.propagateButton.toolTip


def test_the_section_belongs_to_clicking(a_module, prompted):
    a_module.push(a_module.ui.automaticModeButton)
    assert not unwrap(a_module.ui.propagationSection).isVisible()
    a_module.push(a_module.ui.clickModeButton)
    assert unwrap(a_module.ui.propagationSection).isVisible()


def test_a_script_does_the_same(a_module, prompted):
    import slicer

    logic = slicer.util.getModuleLogic("RWTHSAM")
    logic.session.propagation.start()
    status = logic.waitForMasks(timeoutSec=300)
    assert status.object_voxels == BLOCK
    logic.session.submit()
    assert np.count_nonzero(a_module.mask()) == BLOCK
