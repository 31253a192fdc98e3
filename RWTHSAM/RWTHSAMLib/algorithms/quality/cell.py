"""The quality of a cell, slice by slice across its axis, and summed up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ...core.slices import Axis
from .on_slice import QUANTITIES, quality_on_slice
from .overhang import Overhang
from .roles import ROLES, Role, missing_text

PartsOfSlice = Mapping[Role, np.ndarray]
"""Bool (rows, columns) of each part that there is a class for."""


@dataclass(frozen=True)
class Summary:
    """A quantity over all slices that have it.

    Attributes
    ----------
    name : str
    slices : int
    least, mean, most : float
    slice_of_most : int
    """

    name: str
    slices: int
    least: float
    mean: float
    most: float
    slice_of_most: int


@dataclass(frozen=True, eq=False)
class CellQuality:
    """What was measured.

    Attributes
    ----------
    name : str
        Of the scan.
    axis : str
        Of the cell; slices lie across it.
    step_mm : float
        Distance of slices.
    unit_known : bool
        Whether the size of a voxel is known; if not, lengths are in voxels.
    roles : dict
        Classes that each part was made of.
    along : dict of str to numpy.ndarray
        By quantity its values on all slices, NaN where there is none; quantities without any are left out.
    overhang : dict of str to float
        In mm; see `Overhang.found`.
    notes : tuple of str
        What is missing, and why.
    """

    name: str
    axis: Axis
    step_mm: float
    unit_known: bool
    roles: dict[Role, tuple[str, ...]]
    along: dict[str, np.ndarray]
    overhang: dict[str, float]
    notes: tuple[str, ...]

    @property
    def summary(self) -> tuple[Summary, ...]:
        """Every quantity, over the slices that have it."""
        return tuple(_summed(name, values) for name, values in self.along.items())

    def unit(self, name: str) -> str:
        """Unit of a quantity; empty for numbers without one."""
        unit = "mm" if name.startswith("overhang") else QUANTITIES[name][0]
        return unit if self.unit_known else unit.replace("mm", "voxel")


def cell_quality(
    slices: Iterable[PartsOfSlice],
    slice_count: int,
    pixel_mm_xy: tuple[float, float],
    *,
    name: str,
    axis: Axis,
    step_mm: float,
    unit_known: bool,
    roles: dict[Role, tuple[str, ...]],
) -> CellQuality:
    """Measure a cell.

    Parameters
    ----------
    slices : iterable of mapping
        All slices across the axis in their order, with the parts of `roles`.
    slice_count : int
    pixel_mm_xy : tuple of float
        Distance of columns, and of rows.
    name, axis, step_mm, unit_known, roles
        See `CellQuality`.
    """
    along = {quantity: np.full(slice_count, np.nan) for quantity in QUANTITIES}
    electrodes = Overhang(slice_count) if {"anode", "cathode"} <= roles.keys() else None
    for index, parts in enumerate(slices):
        for quantity, value in quality_on_slice(parts, pixel_mm_xy).items():
            along[quantity][index] = value
        if electrodes is not None:
            electrodes.look_at(index, parts, pixel_mm_xy)
    notes = [missing_text(role) for role in ROLES if role not in roles]
    overhang: dict[str, float] = {}
    if electrodes is not None:
        overhang, said = electrodes.found(step_mm)
        notes += said
    there = {quantity: values for quantity, values in along.items() if np.isfinite(values).any()}
    if "can" in roles and "can_roundness" not in there:
        notes.append("The can is a closed ring on no slice: it has no outline, no centre and no gap.")
    return CellQuality(name, axis, step_mm, unit_known, roles, there, overhang, tuple(notes))


def _summed(name: str, values: np.ndarray) -> Summary:
    there = np.isfinite(values)
    known = values[there]
    most = int(np.nanargmax(values))
    return Summary(name, int(there.sum()), float(known.min()), float(known.mean()), float(known.max()), most)
