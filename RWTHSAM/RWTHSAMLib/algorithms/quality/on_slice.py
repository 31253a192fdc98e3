"""What is known of a cell on one slice across it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .outline import RAYS, Outline, circle_through, circle_without_dents, crossings, outline_of
from .roles import Role

QUANTITIES: dict[str, tuple[str, str]] = {
    "core_diameter": ("mm", "of the circle of the same area as the core, its holes filled"),
    "core_roundness": ("", "short axis divided by long axis of the ellipse with the core's second moments"),
    "core_eccentricity": ("", "of that ellipse"),
    "core_deviation": ("mm", "largest less smallest distance of the core's edge from the centre of its circle"),
    "core_dent": ("mm", "how far the core's edge lies inside its circle, at the most"),
    "can_diameter": ("mm", "of the circle of the same area as the can's outline"),
    "can_roundness": ("", "short axis divided by long axis of the ellipse with the second moments of the outline"),
    "can_eccentricity": ("", "of that ellipse"),
    "can_deviation": ("mm", "largest less smallest distance of the can's edge from the centre of its circle"),
    "core_offset": ("mm", "distance of the core's centre from the can's"),
    "core_offset_x": ("mm", "the same along the slice's columns"),
    "core_offset_y": ("mm", "the same along the slice's rows"),
    "roll_thickness_min": ("mm", "from the first to the last place of the roll on a ray from its centre, least"),
    "roll_thickness_mean": ("mm", "the same, mean of all rays"),
    "roll_thickness_max": ("mm", "the same, most"),
    "roll_thickness_share": ("", "share of rays that meet the roll"),
    "gap_min": ("mm", "from the roll's last place on a ray from the can's centre to the can behind it, least"),
    "gap_mean": ("mm", "the same, mean of all rays"),
    "gap_max": ("mm", "the same, most"),
    "gap_share": ("", "share of rays that meet roll and can"),
}
"""Unit and meaning."""


def quality_on_slice(parts: Mapping[Role, np.ndarray], pixel_mm_xy: tuple[float, float]) -> dict[str, float]:
    """All that can be measured.

    Parameters
    ----------
    parts : mapping of str to numpy.ndarray
        bool (rows, columns) of the parts that there are classes for.
    pixel_mm_xy : tuple of float

    Returns
    -------
    dict of str to float
        By the names of `QUANTITIES`; what is not on this slice has none.
    """
    found: dict[str, float] = {}
    outlines = {role: outline_of(mask, pixel_mm_xy) for role, mask in parts.items() if role in ("core", "roll", "can")}
    core, roll, can = (outlines.get(role) for role in ("core", "roll", "can"))
    if can is not None and not can.holds_its_centre:
        can = None  # an open ring has no outline
    for name, each in (("core", core), ("can", can)):
        if each is not None:
            found |= {f"{name}_{key}": value for key, value in _shape(each).items()}
    found.pop("can_dent", None)
    if core is not None and can is not None:
        offset = core.centre_mm_xy - can.centre_mm_xy
        found |= {"core_offset": float(np.linalg.norm(offset))}
        found |= {"core_offset_x": float(offset[0]), "core_offset_y": float(offset[1])}
    if roll is not None:
        found |= _thickness(parts["roll"], roll)
    if roll is not None and can is not None:
        found |= _gap(parts["roll"], parts["can"], can)
    return found


def _shape(outline: Outline) -> dict[str, float]:
    found = {
        "diameter": 2 * float(np.sqrt(outline.area_mm2 / np.pi)),
        "roundness": outline.roundness,
        "eccentricity": outline.eccentricity,
    }
    edge = outline.edge_mm()
    edge = edge[np.isfinite(edge).all(axis=1)]
    if len(edge) == RAYS:
        distances = circle_through(edge).inward_mm(edge)
        inward = circle_without_dents(edge, min(outline.pixel_mm_xy)).inward_mm(edge)
        found |= {"deviation": float(np.ptp(distances)), "dent": max(0.0, float(inward.max()))}
    return found


def _thickness(mask: np.ndarray, roll: Outline) -> dict[str, float]:
    ends = crossings(mask & roll.filled, roll.centre_mm_xy, roll.pixel_mm_xy)
    thickness = ends[:, 1] - ends[:, 0]
    return {**_spread("roll_thickness", thickness), "roll_thickness_share": float(np.isfinite(thickness).mean())}


def _gap(roll: np.ndarray, can: np.ndarray, outline: Outline) -> dict[str, float]:
    centre, pixel = outline.centre_mm_xy, outline.pixel_mm_xy
    ends = crossings(roll, centre, pixel)[:, 1]
    wall = crossings(can, centre, pixel, beyond_mm=ends)[:, 0]
    gap = np.maximum(0, wall - ends)
    return {**_spread("gap", gap), "gap_share": float(np.isfinite(gap).mean())}


def _spread(name: str, values: np.ndarray) -> dict[str, float]:
    there = values[np.isfinite(values)]
    if not len(there):
        return {}
    return {
        f"{name}_min": float(there.min()),
        f"{name}_mean": float(there.mean()),
        f"{name}_max": float(there.max()),
    }
