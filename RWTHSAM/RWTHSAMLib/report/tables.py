"""Statistics of classes and of their parts as tables."""

from __future__ import annotations

import numpy as np

from ..volumes.scan import Scan
from .content import Cell, Swatch, Table
from .quantities import LengthUnit, percent, significant
from .statistics import ClassStatistics, ReportStatistics

_NONE = "\u2013"


def class_table(statistics: ReportStatistics, scan: Scan, unit: LengthUnit) -> Table:
    """Voxels, volume, shares and grey values of each class."""
    columns = (
        "Class",
        "Voxels",
        f"Volume ({unit.symbol(3)})",
        "Share of the scan",
        "Share of all classes",
        "Grey value, mean",
        "Standard deviation",
    )
    voxel_mm3 = float(np.prod(scan.spacing_mm))
    caption = f"Classes. A voxel measures {_spacing(scan, unit)}."
    return Table(caption, columns, tuple(_class_row(each, statistics, voxel_mm3, unit) for each in statistics.classes))


def extent_table(statistics: ReportStatistics, scan: Scan, unit: LengthUnit) -> Table:
    """Where each class begins and ends."""
    columns = (
        "Class",
        *(f"{axis}, first to last" for axis in "ijk"),
        *(f"Size along {axis} ({unit.symbol()})" for axis in "ijk"),
    )
    rows = tuple(_extent_row(each, scan, unit) for each in statistics.classes)
    return Table("Extents: voxel indices, and sizes from the first voxel's face to the last one's.", columns, rows)


def instance_table(statistics: ReportStatistics, scan: Scan, unit: LengthUnit) -> Table:
    """How many parts each class has, and how large they are."""
    symbol = unit.symbol(3)
    columns = ("Class", "Parts", *(f"{name} ({symbol})" for name in ("Largest", "Mean", "Median", "Smallest")))
    voxel_mm3 = float(np.prod(scan.spacing_mm))
    rows = tuple(_instance_row(each, voxel_mm3, unit) for each in statistics.classes)
    return Table("Connected parts (voxels that share a face, an edge or a corner) and their volumes.", columns, rows)


def _class_row(
    each: ClassStatistics, statistics: ReportStatistics, voxel_mm3: float, unit: LengthUnit
) -> tuple[Cell, ...]:
    return (
        Swatch(each.entry.color, each.entry.name),
        f"{each.voxels:,}",
        unit.text(each.voxels * voxel_mm3, 3),
        percent(each.voxels / statistics.scan_voxels),
        percent(each.voxels / max(1, statistics.labelled_voxels)),
        significant(each.grey_mean),
        significant(each.grey_spread),
    )


def _extent_row(each: ClassStatistics, scan: Scan, unit: LengthUnit) -> tuple[Cell, ...]:
    name = Swatch(each.entry.color, each.entry.name)
    if each.extent is None:
        return (name, *[_NONE] * 6)
    ends = zip(each.extent.first_ijk, each.extent.last_ijk, strict=True)
    sizes = (count * size for count, size in zip(each.extent.shape_kji[::-1], scan.spacing_mm, strict=True))
    return (name, *(f"{low} to {high}" for low, high in ends), *(unit.text(size) for size in sizes))


def _instance_row(each: ClassStatistics, voxel_mm3: float, unit: LengthUnit) -> tuple[Cell, ...]:
    name, voxels = Swatch(each.entry.color, each.entry.name), each.instance_voxels
    if not len(voxels):
        return (name, "0", *[_NONE] * 4)
    sizes = (voxels[0], voxels.mean(), float(np.median(voxels)), voxels[-1])
    return (name, f"{len(voxels):,}", *(unit.text(float(size) * voxel_mm3, 3) for size in sizes))


def _spacing(scan: Scan, unit: LengthUnit) -> str:
    if unit.name == "voxel":
        return "an unknown length"
    return " \u00d7 ".join(unit.text(size) for size in scan.spacing_mm) + f" {unit.symbol()} (i \u00d7 j \u00d7 k)"
