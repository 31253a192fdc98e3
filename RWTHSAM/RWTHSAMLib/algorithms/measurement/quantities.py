"""What is measured of a class or of one of its connected parts."""

from __future__ import annotations

from dataclasses import dataclass, fields

QUANTITIES: dict[str, tuple[str, str]] = {
    "voxel_count": ("", "Number of voxels."),
    "volume": ("mm3", "Voxels times the volume of one."),
    "surface_area": (
        "mm2",
        "By the Crofton formula from intercepts along 13 directions (Lehmann and Legland 2012); "
        "flat faces along a voxel axis come out 8 to 16 % too small, the more the smaller they are, "
        "and more where voxels are no cubes.",
    ),
    "equivalent_diameter": ("mm", "Diameter of the ball of the same volume."),
    "centroid_r": ("mm", "Mean of the voxels' centres, in the world (RAS)."),
    "centroid_a": ("mm", "Mean of the voxels' centres, in the world (RAS)."),
    "centroid_s": ("mm", "Mean of the voxels' centres, in the world (RAS)."),
    "size_i": ("mm", "Extent along the voxel axis, whole voxels."),
    "size_j": ("mm", "Extent along the voxel axis, whole voxels."),
    "size_k": ("mm", "Extent along the voxel axis, whole voxels."),
    "grey_mean": ("grey", "Mean of the finite grey values."),
    "grey_spread": ("grey", "Standard deviation of the finite grey values."),
    "grey_not_finite": ("", "Number of voxels whose grey value is no number (NaN) or infinite; not there without any."),
    "phase_fraction": ("", "Share of the region's voxels."),
    "next_distance": ("mm", "Least distance from voxel centre to voxel centre of another part of the class."),
    "next_number": ("", "Which part that is."),
    "thickness_mean": ("mm", "Of the local thickness: diameter of the largest ball inside that holds the voxel."),
    "thickness_spread": ("mm", "Standard deviation of the local thickness."),
    "thickness_5": ("mm", "5 % of the voxels are thinner."),
    "thickness_median": ("mm", "Half of the voxels are thinner."),
    "thickness_95": ("mm", "95 % of the voxels are thinner."),
}
"""Unit and meaning of everything that is measured; where the size of a voxel is not known, mm stands for voxels."""


@dataclass(frozen=True)
class Measured:
    """Numbers of a class or of a part; None where they were not asked for or do not exist.

    Lengths are in mm, areas in mm², volumes in mm³; see `QUANTITIES`.

    Attributes
    ----------
    class_name : str
    number : int
        0 for the whole class, from 1 for its parts, the largest first.
    first_ijk, last_ijk : tuple of int
        Corners of the bounding box, both ends inside.
    """

    class_name: str
    number: int
    first_ijk: tuple[int, int, int]
    last_ijk: tuple[int, int, int]
    voxel_count: int
    volume: float
    surface_area: float
    equivalent_diameter: float
    centroid_r: float
    centroid_a: float
    centroid_s: float
    size_i: float
    size_j: float
    size_k: float
    grey_mean: float | None = None
    grey_spread: float | None = None
    grey_not_finite: int | None = None
    phase_fraction: float | None = None
    next_distance: float | None = None
    next_number: int | None = None
    thickness_mean: float | None = None
    thickness_spread: float | None = None
    thickness_5: float | None = None
    thickness_median: float | None = None
    thickness_95: float | None = None

    def values(self) -> dict[str, float | None]:
        """Everything of `QUANTITIES` by its name."""
        return {name: getattr(self, name) for name in QUANTITIES}


assert set(QUANTITIES) <= {each.name for each in fields(Measured)}
