"""Measure a class, whole or part by part."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.extent import Extent
from ...core.settings.measurement import MeasureSettings
from ...core.slices import Ijk
from ...core.system.stepwise import made_at_once
from ...core.voxel_grid import LPS_TO_RAS
from ...volumes.formats.sitk import simpleitk
from ...volumes.itk_image import itk_image
from .along import AlongAxis, along_axis
from .class_voxels import ClassVoxels
from .distances import next_parts
from .grey_values import GreyValues, grey_values_of
from .left_out import PartsLeftOut
from .parts import counted_parts
from .quantities import Measured
from .thickness import thickness_steps

if TYPE_CHECKING:
    import SimpleITK as sitk


@dataclass(frozen=True, eq=False)
class MeasuredClass:
    """What was measured of a class.

    Attributes
    ----------
    rows : list of Measured
        The class, and after it its parts if they were asked for; empty if it has no voxel.
    along : AlongAxis, optional
        If it was asked for.
    left_out : PartsLeftOut, optional
        Where there are parts that are smaller than was asked for.
    """

    rows: list[Measured]
    along: AlongAxis | None = None
    left_out: PartsLeftOut | None = None


def measure(given: ClassVoxels, choices: MeasureSettings | None = None) -> MeasuredClass:
    """Measure a class at once."""
    return made_at_once(measure_steps(given, choices))


def measure_steps(given: ClassVoxels, choices: MeasureSettings | None = None) -> Generator[float, None, MeasuredClass]:
    """`measure` in steps that yield how far it is, 0 to 1."""
    choices = choices or MeasureSettings()
    extent = Extent.around(given.mask_kji)
    if extent is None:
        return MeasuredClass([])
    mask = given.mask_kji[extent.slices_kji()]
    whole = _shapes(given, mask.astype(np.uint8), extent)
    yield 0.1
    thickness = (yield from thickness_steps(mask, given.grid.spacing_mm_kji)) if choices.thickness else None
    rows = [_with_thickness(each, mask, thickness) for each in whole]
    left_out = None
    if choices.parts:
        labels, smaller = counted_parts(mask, choices.connectivity, choices.least_voxels)
        if smaller:
            left_out = PartsLeftOut(given.name, smaller, int(np.count_nonzero(mask & (labels == 0))))
        rows += _parts(given, labels, extent, thickness)
    along = along_axis(given, extent, mask, thickness, choices.along) if choices.along is not None else None
    yield 1.0
    return MeasuredClass(rows, along, left_out)


def _parts(given: ClassVoxels, labels: np.ndarray, extent: Extent, thickness: np.ndarray | None) -> list[Measured]:
    beside = next_parts(labels, given.grid.spacing_mm_kji)
    found = []
    for each in _shapes(given, labels, extent, first_number=1):
        distance_mm, other = beside.get(each.number, (None, None))
        part = replace(each, next_distance=distance_mm, next_number=other)
        if thickness is not None:
            own = Extent.between(each.first_ijk, each.last_ijk).slices_kji(extent.first_ijk)
            part = _with_thickness(part, labels[own] == each.number, thickness[own])
        found.append(part)
    return found


def _shapes(given: ClassVoxels, labels: np.ndarray, extent: Extent, first_number: int = 0) -> list[Measured]:
    """Every label's shape and grey values, by ITK's label map filters."""
    image = itk_image(labels, given.grid.part(extent))
    shapes = simpleitk().LabelShapeStatisticsImageFilter()
    shapes.ComputePerimeterOn()
    shapes.Execute(image)
    grey = grey_values_of(labels, given.values_kji[extent.slices_kji()]) if given.values_kji is not None else None
    inside = _voxels_in_region(given, labels, extent)
    region_size = given.mask_kji.size if given.region_kji is None else int(np.count_nonzero(given.region_kji))
    found = []
    for label in shapes.GetLabels():
        share = inside[label] / region_size if region_size else None
        one = _measured(shapes, label, given, extent)
        number = label - 1 + first_number
        found.append(replace(one, number=number, phase_fraction=share, **_grey_fields(grey[label] if grey else None)))
    return found


def _measured(shapes: sitk.LabelShapeStatisticsImageFilter, label: int, given: ClassVoxels, extent: Extent) -> Measured:
    box = shapes.GetBoundingBox(label)
    first = _ijk(low + start for low, start in zip(box[:3], extent.first_ijk, strict=True))
    last = _ijk(low + size - 1 for low, size in zip(first, box[3:], strict=True))
    r, a, s = (float(each) for each in LPS_TO_RAS[:3, :3] @ shapes.GetCentroid(label))
    steps_mm = given.grid.spacing_mm_ijk
    size_i, size_j, size_k = (float(count * step) for count, step in zip(box[3:], steps_mm, strict=True))
    volume = float(shapes.GetPhysicalSize(label))
    return Measured(
        given.name,
        0,
        first,
        last,
        int(shapes.GetNumberOfPixels(label)),
        volume,
        float(shapes.GetPerimeter(label)),
        float((6 * volume / np.pi) ** (1 / 3)),
        r,
        a,
        s,
        size_i,
        size_j,
        size_k,
    )


def _ijk(numbers: Iterable[float]) -> Ijk:
    i, j, k = (int(each) for each in numbers)
    return i, j, k


def _grey_fields(values: GreyValues | None) -> dict[str, Any]:
    if values is None:
        return {}
    about: dict[str, Any] = {"grey_not_finite": values.not_finite or None}
    return about if np.isnan(values.mean) else about | {"grey_mean": values.mean, "grey_spread": values.spread}


def _voxels_in_region(given: ClassVoxels, labels: np.ndarray, extent: Extent) -> np.ndarray:
    within = labels if given.region_kji is None else np.where(given.region_kji[extent.slices_kji()], labels, 0)
    return np.bincount(within.ravel(), minlength=int(labels.max()) + 1)


def _with_thickness(each: Measured, mask: np.ndarray, thickness: np.ndarray | None) -> Measured:
    if thickness is None:
        return each
    values = thickness[mask]
    low, middle, high = np.percentile(values, (5, 50, 95))
    return replace(
        each,
        thickness_mean=float(values.mean(dtype=float)),
        thickness_spread=float(values.std(dtype=float)),
        thickness_5=float(low),
        thickness_median=float(middle),
        thickness_95=float(high),
    )
