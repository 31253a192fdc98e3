"""Measurements of a segmentation's classes: in steps for a front, and as tables and plots of the scene."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np
import slicer
import vtk
from vtkmodules.util.numpy_support import numpy_to_vtk

from ..errors import StateError
from ..measurement.files import MeasuredScan
from ..measurement.grid import VoxelGrid
from ..measurement.measure import ClassVoxels, MeasureChoices, measure_steps
from ..measurement.measured import QUANTITIES, Measured
from . import labelmaps, segments
from .export import labelled_classes
from .geometry import VolumeGeometry
from .volumes import volume_data_of

_BARS = 20


def measure_segmentation(
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    volume_node: slicer.vtkMRMLVolumeNode,
    choices: MeasureChoices | None = None,
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
    choices : MeasureChoices, optional
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
    """
    geometry = VolumeGeometry.of(volume_node)
    segments.check_grid(segmentation_node, geometry)
    ids = {entry.name: segment_id for segment_id, entry in labelled_classes(segmentation_node).items()}
    wanted = list(ids) if classes is None else list(classes)
    missing = [name for name in (*wanted, *([region] if region else [])) if name not in ids]
    if missing:
        raise StateError(f"There is no segment '{missing[0]}'; there are {', '.join(ids) or 'none'}.")

    def voxels(name: str) -> np.ndarray:
        return labelmaps.segment_voxels_kji(segmentation_node, ids[name], segments.whole_extent(geometry))

    scan, grid = volume_data_of(volume_node), VoxelGrid(geometry.ijk_to_world)
    region_kji = voxels(region) if region else None
    rows: list[Measured] = []
    for position, name in enumerate(wanted):
        steps = measure_steps(ClassVoxels(name, voxels(name), grid, scan.array_kji, region_kji), choices)
        rows += yield from _scaled(steps, position, len(wanted))
    return MeasuredScan(scan.name, grid.spacing_mm, scan.unit_known, tuple(rows), region or "")


def _scaled(
    steps: Generator[float, None, list[Measured]], position: int, count: int
) -> Generator[float, None, list[Measured]]:
    while True:
        try:
            share = next(steps)
        except StopIteration as end:
            measured: list[Measured] = end.value
            return measured
        yield (position + share) / count


def table_node(scene: slicer.vtkMRMLScene, measured: MeasuredScan) -> slicer.vtkMRMLTableNode:
    """A new table of the scene with a row for each class and part; numbers that do not exist are NaN."""
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", f"{measured.name} measurements")
    _add_texts(node, "class", [each.class_name for each in measured.rows])
    _add_numbers(node, "part", [each.number for each in measured.rows], "Part of the class; 0 is the whole class", "")
    for name in measured.columns:
        values = [each.values()[name] for each in measured.rows]
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
    return _chart(scene, table, f"Volumes of {class_name}", ("volume", "parts"), unit)


def area_plot(
    scene: slicer.vtkMRMLScene,
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    volume_node: slicer.vtkMRMLVolumeNode,
    class_name: str,
    axis: str = "k",
) -> slicer.vtkMRMLPlotChartNode:
    """A plot of the scene: the area of a class on each slice along an axis.

    Raises
    ------
    StateError
        If there is no such segment.
    """
    geometry = VolumeGeometry.of(volume_node)
    ids = {entry.name: segment_id for segment_id, entry in labelled_classes(segmentation_node).items()}
    if class_name not in ids:
        raise StateError(f"There is no segment '{class_name}'; there are {', '.join(ids) or 'none'}.")
    voxels = labelmaps.segment_voxels_kji(segmentation_node, ids[class_name], segments.whole_extent(geometry))
    others = tuple(each for each in range(3) if each != "kji".index(axis))
    spacing = dict(zip("ijk", VoxelGrid(geometry.ijk_to_world).spacing_mm, strict=True))
    pixel_mm2 = float(np.prod([spacing[each] for each in "ijk" if each != axis]))
    areas = np.count_nonzero(voxels, axis=others) * pixel_mm2
    table = scene.AddNewNodeByClass("vtkMRMLTableNode", f"{class_name} areas")
    _add_numbers(table, axis, list(range(len(areas))), "Slice", "")
    _add_numbers(table, "area", list(areas), "Area of the class on the slice", "mm2")
    return _chart(scene, table, f"Area of {class_name}", (axis, "area"), "")


def _chart(
    scene: slicer.vtkMRMLScene, table: slicer.vtkMRMLTableNode, title: str, columns: tuple[str, str], x_unit: str
) -> slicer.vtkMRMLPlotChartNode:
    series = scene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", title)
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName(columns[0])
    series.SetYColumnName(columns[1])
    series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeScatter)
    chart = scene.AddNewNodeByClass("vtkMRMLPlotChartNode", title)
    chart.AddAndObservePlotSeriesNodeID(series.GetID())
    chart.SetTitle(title)
    chart.SetXAxisTitle(f"{columns[0]} ({x_unit})" if x_unit else columns[0])
    chart.SetYAxisTitle(columns[1])
    return chart


def _add_texts(node: slicer.vtkMRMLTableNode, name: str, texts: Sequence[str]) -> None:
    column = vtk.vtkStringArray()
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
