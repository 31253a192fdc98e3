"""From a scan and its classes to what the report says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ..algorithms.quality.cell import CellQuality
from ..core.image import SliceImage
from ..core.slices import ARRAY_AXIS, Axis, SliceKey
from ..core.window import Window
from ..export.labelmap import LabelledClass
from ..volumes.scan import Scan, proposed_window, voxels_of
from ..volumes.volume_data import VolumeData
from .content import Picture, Plot, Provenance, Report, Swatch
from .pictures import SliceWithClasses, best_slices, slice_picture, spread_slices
from .plots import Series, histogram, line_plot
from .quality_table import quality_table
from .quantities import LengthUnit, unit_for
from .statistics import ClassMask, ClassStatistics, ReportStatistics, statistics_of
from .tables import class_table, extent_table, instance_table

MasksOfSlice = list[tuple[LabelledClass, np.ndarray]]
"""Classes and what they have on a slice, bool (rows, columns)."""
MasksOn = Callable[[Sequence[SliceKey], Collection[int]], list[MasksOfSlice]]
"""Gives what classes, by their labels, have on each of some slices."""
_AXES: tuple[Axis, Axis, Axis] = ("k", "j", "i")
# choices for a page that prints on A4
_SMALL_SLICES = 4
_LARGE_PX, _SMALL_PX = 900, 460
_MOST_BARS = 24
_FEWEST_FOR_HISTOGRAM = 5


@dataclass(frozen=True)
class ReportSettings:
    """How a report is made.

    Attributes
    ----------
    title : str
    axis : str
        Along which areas are plotted and small slices are taken.
    window : Window, optional
        Of the pictures; from the histogram of the scan if None.
    views_3d : tuple of Picture
    no_view_3d : str
        Why there are none.
    provenance : Provenance
    quality : CellQuality, optional
        Of the cell, where its parts are known.
    """

    title: str = "Segmentation report"
    axis: Axis = "k"
    window: Window | None = None
    views_3d: tuple[Picture, ...] = ()
    no_view_3d: str = ""
    provenance: Provenance = field(default_factory=Provenance)
    quality: CellQuality | None = None


def compose(scan: VolumeData, masks: Sequence[ClassMask], choices: ReportSettings) -> Report:
    """Measure, draw and put into words.

    Parameters
    ----------
    scan : VolumeData
    masks : sequence of ClassMask
        On the scan's grid, in the segmentation's order.
    choices : ReportSettings
    """
    return compose_of(scan, statistics_of(scan.array_kji, masks), partial(_masks_on, masks), choices)


def compose_of(scan: Scan, statistics: ReportStatistics, masks_on: MasksOn, choices: ReportSettings) -> Report:
    """The same of a scan that may be on disk, whose classes are counted already.

    Parameters
    ----------
    scan : Scan
    statistics : ReportStatistics
    masks_on : callable
        See `MasksOn`.
    choices : ReportSettings
    """
    unit = unit_for(scan.spacing_mm, scan.array_kji.shape, scan.unit_known)
    there = [each for each in statistics.classes if each.voxels]
    pictures = _slice_pictures(scan, masks_on, there, choices, unit)
    return Report(
        title=choices.title,
        summary=_summary(scan, statistics),
        notices=_notices(scan, statistics, unit),
        legend=tuple(Swatch(each.entry.color, each.entry.name) for each in there),
        main_slices=tuple(pictures[: len(_AXES)]),
        more_slices=tuple(pictures[len(_AXES) :]),
        views_3d=choices.views_3d,
        no_view_3d=choices.no_view_3d,
        tables=(
            class_table(statistics, scan, unit),
            extent_table(statistics, scan, unit),
            instance_table(statistics, scan, unit),
            *([] if choices.quality is None else [quality_table(choices.quality, unit)]),
        ),
        plots=tuple(_plots(scan, there, choices.axis, unit)),
        provenance=choices.provenance,
    )


def _summary(scan: Scan, statistics: ReportStatistics) -> str:
    i, j, k = scan.array_kji.shape[2::-1]
    there = sum(each.voxels > 0 for each in statistics.classes)
    share = statistics.labelled_voxels / statistics.scan_voxels
    return (
        f"{there} {'class' if there == 1 else 'classes'} in the scan '{scan.name}' "
        f"of {i} \u00d7 {j} \u00d7 {k} voxels (i \u00d7 j \u00d7 k); "
        f"{statistics.labelled_voxels:,} voxels, {100 * share:.1f} % of the scan, belong to a class."
    )


def _notices(scan: Scan, statistics: ReportStatistics, unit: LengthUnit) -> tuple[str, ...]:
    notices = [*scan.notes]
    if not scan.unit_known:
        notices.append(
            "The scan does not say how large a voxel is: lengths, areas and volumes are given in "
            f"{unit.name}s, and are true only if voxels have these proportions."
        )
    shared = sum(each.voxels for each in statistics.classes) - statistics.labelled_voxels
    if shared:
        notices.append(f"Classes overlap: {shared:,} voxels are counted in more than one of them.")
    notices += [
        f"{each.not_finite:,} voxels of {each.entry.name} have no finite grey value; its mean and standard deviation "
        "leave them out."
        for each in statistics.classes
        if each.not_finite
    ]
    if empty := [each.entry.name for each in statistics.classes if not each.voxels]:
        notices.append(f"Without any voxel, and left out of pictures and plots: {', '.join(empty)}.")
    return tuple(notices)


def _slice_pictures(
    scan: Scan,
    masks_on: MasksOn,
    there: Sequence[ClassStatistics],
    choices: ReportSettings,
    unit: LengthUnit,
) -> list[Picture]:
    """The best slice along each axis, then some evenly spread along one."""
    large = [SliceKey(axis, _best(there, axis, scan)) for axis in _AXES]
    spread = spread_slices(_areas(there, choices.axis), _SMALL_SLICES) if there else []
    small = [SliceKey(choices.axis, index) for index in spread]
    keys = [*large, *small]
    cut = masks_on(keys, {each.entry.label for each in there})
    window, voxels = choices.window or proposed_window(scan), voxels_of(scan)
    drawn = [_slice(scan, key.take(voxels), key, on_slice, window) for key, on_slice in zip(keys, cut, strict=True)]
    return [
        *(slice_picture(each, unit, _LARGE_PX) for each in drawn[: len(large)]),
        *(slice_picture(each, unit, _SMALL_PX, brief=True) for each in drawn[len(large) :]),
    ]


def _masks_on(masks: Sequence[ClassMask], keys: Sequence[SliceKey], wanted: Collection[int]) -> list[MasksOfSlice]:
    cut: list[MasksOfSlice] = [[] for _ in keys]
    for each in masks:
        if each.entry.label in wanted:
            mask = each.voxels_kji()
            for key, on_slice in zip(keys, cut, strict=True):
                on_slice.append((each.entry, key.take(mask).copy()))
    return cut


def _slice(scan: Scan, values: np.ndarray, key: SliceKey, masks: MasksOfSlice, window: Window) -> SliceWithClasses:
    return SliceWithClasses(key, SliceImage.of_scan(values, window), masks, key.pixel_mm_xy(scan.spacing_mm))


def _best(there: Sequence[ClassStatistics], axis: Axis, scan: Scan) -> int:
    return best_slices(_areas(there, axis)) if there else scan.array_kji.shape[ARRAY_AXIS[axis]] // 2


def _areas(there: Sequence[ClassStatistics], axis: Axis) -> dict[int, np.ndarray]:
    return {each.entry.label: each.area_voxels[axis] for each in there}


def _plots(scan: Scan, there: Sequence[ClassStatistics], axis: Axis, unit: LengthUnit) -> list[Plot]:
    if not there:
        return []
    return [_area_plot(scan, there, axis, unit), *_histograms(scan, there, unit)]


def _area_plot(scan: Scan, there: Sequence[ClassStatistics], axis: Axis, unit: LengthUnit) -> Plot:
    step_mm = scan.spacing_mm[2 - ARRAY_AXIS[axis]]
    pixel_mm2 = float(np.prod(scan.spacing_mm)) / step_mm
    position = np.arange(scan.array_kji.shape[ARRAY_AXIS[axis]]) * step_mm / unit.mm
    series = [
        Series(each.entry.name, each.entry.color, position, each.area_voxels[axis] * pixel_mm2 / unit.mm**2)
        for each in there
    ]
    svg = line_plot(series, f"distance from slice {axis} = 0 ({unit.symbol()})", f"area ({unit.symbol(2)})")
    return Plot(svg, f"Area of each class on the slices along {axis}, {unit.with_unit(step_mm)} apart.")


def _histograms(scan: Scan, there: Sequence[ClassStatistics], unit: LengthUnit) -> list[Plot]:
    voxel_mm3 = float(np.prod(scan.spacing_mm))
    plots = []
    for each in there:
        count = len(each.instance_voxels)
        if count < _FEWEST_FOR_HISTOGRAM:
            continue
        series = _log_bars(each, voxel_mm3 / unit.mm**3)
        svg = histogram(series, f"volume of a connected part ({unit.symbol(3)})", "number", log_x=True)
        plots.append(Plot(svg, f"Volumes of the {count:,} connected parts of {each.entry.name}; logarithmic classes."))
    return plots


def _log_bars(statistics: ClassStatistics, voxel_size: float) -> Series:
    logarithms = np.log10(statistics.instance_voxels * voxel_size)
    low, high = float(logarithms.min()), float(logarithms.max())
    low, high = (low - 0.1, high + 0.1) if high - low < 0.2 else (low, high)
    bars = int(np.clip(np.sqrt(len(logarithms)) * 2, 6, _MOST_BARS))
    counts, edges = np.histogram(logarithms, bars, (low, high))
    return Series(statistics.entry.name, statistics.entry.color, edges, counts)
