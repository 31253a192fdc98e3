"""What the page shows of a scan, of its slices, and of the place under the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import slicer

from RWTHSAMLib.core.slices import Ijk
from RWTHSAMLib.mrml.nodes.on_disk.scan_on_disk import label_path_beside
from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.mrml.views.tilting import tilt_of
from RWTHSAMLib.volumes.ome_zarr.read import LEVEL_OPENED
from RWTHSAMLib.volumes.volume_data import VolumeData

from .page_values import Json
from .small_pictures import grey_range, histogram_path


def of_volume(volume_node: slicer.vtkMRMLVolumeNode) -> Json:
    """Name, size and histogram of a scan."""
    array = volume_array_kji(volume_node)
    low, high = grey_range(array)
    step = 1 if np.issubdtype(array.dtype, np.integer) else (high - low) / 1000
    return {
        "scan_name": volume_node.GetName(),
        "grey_range": [low, high],
        "grey_step": step,
        "histogram": histogram_path(array, low, high),
        "brush_range": list(brush_range_mm(volume_node)),
        "brush_mm": brush_range_mm(volume_node)[0] * 12,
    }


def notes_of(data: VolumeData, session: Session, place: Path | None) -> list[str]:
    """What a person should know of how a scan was read; of one that stays on the disk, which parts of it are where."""
    on_disk = session.workspace.on_disk
    if on_disk is not None:
        return [*(each for each in data.notes if not each.startswith(LEVEL_OPENED)), on_disk.note]
    labels = None if place is None else label_path_beside(place)
    if labels is None or not labels.is_dir():
        return [*data.notes]
    return [
        *data.notes,
        f"Classes that were made on this scan while it stayed on the disk lie in '{labels}': open them.",
    ]


def brush_range_mm(volume_node: slicer.vtkMRMLVolumeNode) -> tuple[float, float]:
    """The smallest and the largest brush for a scan."""
    spacing_mm = min(volume_node.GetSpacing())
    return spacing_mm, 120 * spacing_mm


NO_SLICE: Json = {"axis": "", "index": 0, "last": 0, "text": "", "oblique": False, "tilt": [0, 0]}


def of_slice(session: Session, slice_node: slicer.vtkMRMLSliceNode) -> Json:
    """Which slice a view shows."""
    geometry = session.geometry
    if geometry is None:
        return NO_SLICE
    axis = geometry.slice_axis(slice_node)
    shown = geometry.slice_shown(slice_node)
    last = geometry.shape_kji["kji".index(axis)] - 1
    index, is_oblique = shown.index if shown else 0, geometry.is_oblique(slice_node)
    degrees = f"{geometry.obliqueness_deg(slice_node):.0f}\N{DEGREE SIGN}"
    return {
        "axis": axis,
        "index": index,
        "last": last,
        "text": f"oblique by {degrees}" if is_oblique else f"{axis} = {index} of {last}",
        "oblique": is_oblique,
        "tilt": [round(each, 1) + 0.0 for each in tilt_of(slice_node, session.volume_node)],
    }


def probe_text(
    view: str,
    ijk: Ijk | None,
    grey: np.ndarray | None,
    world_ras: tuple[float, float, float],
    classes: Sequence[str],
) -> str:
    """Voxel (i, j, k), grey value, place in mm and classes under the pointer."""
    if ijk is None:
        return ""
    i, j, k = ijk
    value = "" if grey is None else "grey " + "/".join(f"{each:g}" for each in np.atleast_1d(grey))
    parts = [view, f"i {i}", f"j {j}", f"k {k}", value, _place_text(world_ras), " + ".join(classes)]
    return "   ".join(each for each in parts if each)


def _place_text(world_ras: tuple[float, float, float]) -> str:
    """Millimetres to the right or left, and so on, as Slicer tells them."""
    sides = zip(("RL", "AP", "SI"), world_ras, strict=True)
    return " ".join(f"{side[value < 0]} {abs(value):.2f}" for side, value in sides) + " mm"
