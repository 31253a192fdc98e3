"""The section "Measurements": the classes in numbers, with the mouse and from scripts."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from desktop_host.pythonqt.conversion import unwrap
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from rwthsam_parts import BLOCK_IJK, hold_picture, objects_volume, push

from RWTHSAMLib.core.window import Window

pytest_plugins = ["rwthsam_fixtures"]


@pytest.fixture
def section(a_module):
    """The section, unfolded, over a scan whose block is in the first class."""
    a_module.choose(objects_volume())
    a_module.session.set_window(Window(0, 255))
    a_module.click("Red", BLOCK_IJK)
    a_module.wait()
    a_module.session.submit()
    a_module.ui.measurementSection.collapsed = False
    ui = a_module.widget.panel.measurement.ui
    ui.partsBox.checked = ui.thicknessBox.checked = False
    ui.alongBox.currentIndex = ui.regionBox.currentIndex = 0
    a_module.settle()
    return ui


@pytest.fixture
def answers(monkeypatch):
    """Function that lets file dialogs answer with a path."""
    return lambda path: monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_all, **_more: (str(path), ""))


def measured(module, section) -> None:
    push(module, section.measureButton)
    for _ in range(200):
        if not unwrap(section.measurementProgressBar).isVisible():
            return
        module.settle()
    raise AssertionError("the measurement does not end")


def cells(section) -> list[list[str]]:
    model = unwrap(section.measurementTable).model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def headings(section) -> list[str]:
    model = unwrap(section.measurementTable).model()
    return [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]


def test_before_a_scan_there_is_nothing_to_measure(a_module):
    ui = a_module.widget.panel.measurement.ui
    a_module.ui.measurementSection.collapsed = False
    a_module.settle()
    assert not ui.measureButton.enabled and not unwrap(ui.measurementTable).isVisible()


def test_a_click_measures_every_class(a_module, section):
    measured(a_module, section)
    ((name, part, volume, *_),) = cells(section)
    voxels = int(np.count_nonzero(a_module.mask()))
    size = np.prod(a_module.session.volume_node.GetSpacing())
    assert (name, part) == (a_module.session.profile.classes[0].name, "all")
    assert float(volume) == pytest.approx(voxels * size, rel=1e-4)
    assert headings(section)[2] == "Volume (mm\u00b3)" and "Thickness mean (mm)" not in headings(section)


def test_parts_thickness_and_slices_are_measured_on_request(a_module, section, answers, tmp_path):
    push(a_module, section.partsBox)
    push(a_module, section.thicknessBox)
    section.alongBox.currentIndex = 1
    section.regionBox.currentIndex = 1
    measured(a_module, section)
    assert [row[1] for row in cells(section)] == ["all", "1"] and headings(section)[-1] == "Thickness mean (mm)"
    assert cells(section)[0][headings(section).index("Phase fraction")] == "1"
    answers(tmp_path / "cell.csv")
    push(a_module, section.saveMeasurementsButton)
    with (tmp_path / "cell-along-k.csv").open(encoding="utf-8") as file:
        assert sum(float(row["voxel_count"]) for row in csv.DictReader(file)) == np.count_nonzero(a_module.mask())


def test_table_and_plots_go_into_the_scene(a_module, section):
    import slicer

    section.alongBox.currentIndex = 3
    measured(a_module, section)
    push(a_module, section.measurementNodesButton)
    selection = slicer.app.applicationLogic().GetSelectionNode()
    table = slicer.mrmlScene.GetNodeByID(selection.GetActiveTableID())
    assert table.GetNumberOfRows() == 1 and table.GetColumnUnitLabel("volume") == "mm3"
    chart = slicer.mrmlScene.GetNodeByID(selection.GetActivePlotChartID())
    assert chart.GetTitle() == "Area along i"


@pytest.fixture(
    params=["FourUpView", "ConventionalView", "OneUp3DView", "3DTableView", "FourUpPlotView", "OneUpPlotView"]
)
def a_layout(request, section):
    """A layout that may lack a table, a plot or both."""
    import slicer

    layout = slicer.app.layoutManager()
    layout.setLayout(getattr(slicer.vtkMRMLLayoutNode, f"SlicerLayout{request.param}"))
    yield layout
    layout.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)


def test_table_and_plots_are_seen_whatever_the_layout_was(a_module, section, a_layout):
    import slicer

    section.alongBox.currentIndex = 3
    measured(a_module, section)
    push(a_module, section.measurementNodesButton)
    assert a_layout.tableViewCount == 1 and a_layout.plotViewCount == 1
    table = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLTableViewNode").GetTableNode()
    plot = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLPlotViewNode").GetPlotChartNode()
    assert table.GetColumnUnitLabel("volume") == "mm3" and plot.GetTitle() == "Area along i"


def test_a_table_without_plots_is_seen_too(a_module, section, a_layout):
    measured(a_module, section)
    push(a_module, section.measurementNodesButton)
    assert a_layout.tableViewCount == 1


def test_another_ending_is_refused_in_words(a_module, section, answers, tmp_path):
    measured(a_module, section)
    answers(tmp_path / "cell.xlsx")
    push(a_module, section.saveMeasurementsButton)
    assert "end in .csv or .json" in a_module.status.text and not list(tmp_path.iterdir())


def test_a_measurement_can_be_stopped(a_module, section):
    push(a_module, section.thicknessBox)
    target = a_module.widget.panel.measurement
    target._on_measure()
    assert unwrap(section.stopMeasuringButton).isVisible() and not section.measureButton.enabled
    QTest.mouseClick(unwrap(section.stopMeasuringButton), Qt.MouseButton.LeftButton)
    a_module.settle()
    assert section.measureButton.enabled and not cells(section)


def test_a_script_measures(a_module, section, tmp_path):
    import slicer

    measuring = slicer.util.getModuleLogic("RWTHSAM").measureSegmentation(thickness=True, along="j")
    (path,) = measuring.save(tmp_path / "cell.json")
    document = json.loads(path.read_text())
    assert document["rows"][0]["voxel_count"] == np.count_nonzero(a_module.mask())
    assert len(document["along"][0]["thickness_mean"]) == a_module.mask().shape[1]


@pytest.mark.picture
def test_a_picture_of_the_measurements(a_module, section, pictures):
    push(a_module, section.partsBox)
    push(a_module, section.thicknessBox)
    measured(a_module, section)
    path = a_module.host.screenshot(pictures / "measurement-section.png", a_module.ui.measurementSection)
    hold_picture(a_module.host, path, "measurement-section", a_module.ui.measurementSection)
