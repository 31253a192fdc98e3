"""Measurements of a segmentation's classes: in steps for a front, and as tables and plots of the scene."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np
import slicer
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkStringArray

from ...algorithms.measurement.along import ALONG
from ...algorithms.measurement.class_names import names_to_measure
from ...algorithms.measurement.class_voxels import ClassVoxels
from ...algorithms.measurement.files import MeasuredScan
from ...algorithms.measurement.measure import MeasuredClass, measure_steps
from ...algorithms.measurement.quantities import QUANTITIES
from ...core.settings.measurement import MeasureSettings
from ...errors import StateError
from ...volumes.volume_data import check_upright
from ..nodes import labelmaps, segments
from ..nodes.labelled_segments import labelled_classes
from ..nodes.volume_geometry import VolumeGeometry
from ..nodes.volumes import volume_data_of

# a choice: as many as a small plot shows
_BARS = 20


def measure_segmentation(
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    volume_node: slicer.vtkMRMLVolumeNode,
    choices: MeasureSettings | None = None,
    *,
    classes: Sequence[str] | None = None,
    region: str | None = None,
) -> Generator[float, None, MeasuredScan]:
    """Measure classes, one after the other.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
        On the volume's grid.
    volume_node : vtkMRMLVolumeNode
        Gives the grey values.
    choices : MeasureSettings, optional
    classes : sequence of str, optional
        Names of segments; all by default. Those without voxels are left out of the result.
    region : str, optional
        Name of the segment that phase fractions are shares of; the whole scan by default.

    Yields
    ------
    float
        How far it is, 0 to 1. Each class costs time in proportion to its bounding box.

    Returns
    -------
    MeasuredScan

    Raises
    ------
    StateError
        If there is no such segment; the message names those there are.
    GeometryError
        If the segmentation lies on another grid.
    VolumeError
        If the grid is sheared.
    """
    geometry = VolumeGeometry.of(volume_node)
    segments.check_grid(segmentation_node, geometry)
    check_upright(geometry.ijk_to_ras, volume_node.GetName())
    ids = {entry.name: segment_id for segment_id, entry in labelled_classes(segmentation_node).items()}
    wanted = names_to_measure(ids, classes, region)

    def voxels(name: str) -> np.ndarray:
        return labelmaps.segment_voxels_kji(segmentation_node, ids[name], geometry.extent)

    scan, grid = volume_data_of(volume_node), geometry
    region_kji = voxels(region) if region else None
    every: list[MeasuredClass] = []
    for position, name in enumerate(wanted):
        steps = measure_steps(ClassVoxels(name, voxels(name), grid, scan.array_kji, region_kji), choices)
        every.append((yield from _scaled(steps, position, len(wanted))))
    rows = tuple(row for each in every for row in each.rows)
    along = tuple(each.along for each in every if each.along is not None)
    left_out = tuple(each.left_out for each in every if each.left_out is not None)
    return MeasuredScan(scan.name, grid.spacing_mm_ijk, scan.unit_known, rows, region or "", along, left_out)


def _scaled(
    steps: Generator[float, None, MeasuredClass], position: int, count: int
) -> Generator[float, None, MeasuredClass]:
    while True:
        try:
            share = next(steps)
        except StopIteration as end:
            measured: MeasuredClass = end.value
            return measured
        yield (position + share) / count


def table_node(scene: slicer.vtkMRMLScene, measured: MeasuredScan) -> slicer.vtkMRMLTableNode:
    """A new table of the scene with a row for each class and part; numbers that do not exist are NaN."""
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", f"{measured.name} measurements")
    _add_texts(node, "class", [each.class_name for each in measured.rows])
    _add_numbers(node, "part", [each.number for each in measured.rows], "Part of the class; 0 is the whole class", "")
    for name in measured.columns:
        values = [getattr(each, name) for each in measured.rows]
        _add_numbers(node, name, values, QUANTITIES[name][1], measured.unit(name))
    return node


def volume_histogram(
    scene: slicer.vtkMRMLScene, measured: MeasuredScan, class_name: str
) -> slicer.vtkMRMLPlotChartNode:
    """A plot of the scene: how many parts of a class have which volume.

    Raises
    ------
    StateError
        If no parts of the class were measured.
    """
    volumes = [each.volume for each in measured.rows if each.class_name == class_name and each.number]
    if not volumes:
        raise StateError(f"No parts of '{class_name}' were measured: measure with parts first.")
    counts, edges = np.histogram(volumes, bins=min(_BARS, max(1, len(volumes))))
    table = scene.AddNewNodeByClass("vtkMRMLTableNode", f"{class_name} volumes")
    unit = measured.unit("volume")
    _add_numbers(table, "volume", list((edges[:-1] + edges[1:]) / 2), "Middle of the bar", unit)
    _add_numbers(table, "parts", [int(each) for each in counts], "Number of parts", "")
    chart = _chart(scene, f"Volumes of {class_name}", ("volume", "parts"), (unit, ""))
    _add_series(chart, table, class_name, ("volume", "parts"))
    return chart


def along_plot(
    scene: slicer.vtkMRMLScene, measured: MeasuredScan, quantity: str = "area"
) -> slicer.vtkMRMLPlotChartNode:
    """A plot of the scene: a quantity of each class, slice by slice.

    Parameters
    ----------
    scene : vtkMRMLScene
    measured : MeasuredScan
    quantity : str
        One of `measurement.along.ALONG`, such as ``"thickness_mean"``.

    Raises
    ------
    StateError
        If that was not measured.
    """
    there = [each for each in measured.along if quantity in each.values]
    if not there:
        raise StateError(
            f"'{quantity}' was not measured slice by slice: choose an axis, and for a thickness that as well."
        )
    title = f"{quantity.replace('_', ' ').capitalize()} along {there[0].axis}"
    chart = _chart(scene, title, ("position", quantity), (measured.unit("position"), measured.unit(quantity)))
    for each in there:
        table = scene.AddNewNodeByClass("vtkMRMLTableNode", f"{each.class_name} along {each.axis}")
        for name, values in each.values.items():
            _add_numbers(table, name, list(values), ALONG[name][1], measured.unit(name))
        _add_series(chart, table, each.class_name, ("position", quantity))
    return chart


def _chart(
    scene: slicer.vtkMRMLScene, title: str, columns: tuple[str, str], units: tuple[str, str]
) -> slicer.vtkMRMLPlotChartNode:
    chart = scene.AddNewNodeByClass("vtkMRMLPlotChartNode", title)
    chart.SetTitle(title)
    chart.SetXAxisTitle(_axis_title(columns[0], units[0]))
    chart.SetYAxisTitle(_axis_title(columns[1], units[1]))
    return chart


def _axis_title(column: str, unit: str) -> str:
    name = column.replace("_", " ")
    return f"{name} ({unit})" if unit else name


def _add_series(
    chart: slicer.vtkMRMLPlotChartNode, table: slicer.vtkMRMLTableNode, name: str, columns: tuple[str, str]
) -> None:
    series = chart.GetScene().AddNewNodeByClass("vtkMRMLPlotSeriesNode", name)
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName(columns[0])
    series.SetYColumnName(columns[1])
    series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeScatter)
    series.SetUniqueColor()
    chart.AddAndObservePlotSeriesNodeID(series.GetID())


def _add_texts(node: slicer.vtkMRMLTableNode, name: str, texts: Sequence[str]) -> None:
    column = vtkStringArray()
    column.SetName(name)
    for each in texts:
        column.InsertNextValue(each)
    node.AddColumn(column)


def _add_numbers(
    node: slicer.vtkMRMLTableNode, name: str, values: Sequence[float | None], meaning: str, unit: str
) -> None:
    column = numpy_to_vtk(np.array([np.nan if each is None else each for each in values], float), deep=True)
    column.SetName(name)
    node.AddColumn(column)
    node.SetColumnDescription(name, meaning)
    if unit:
        node.SetColumnUnitLabel(name, unit)
