"""What a person sets for measuring a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ..slices import Axis
from .codec import Settings
from .setting import Option, setting

Connectivity = Literal[6, 18, 26]
"""How many neighbours a voxel has: through faces, edges too, corners too."""
CONNECTIVITIES: tuple[Connectivity, ...] = get_args(Connectivity)


@dataclass(frozen=True)
class MeasureSettings(Settings):
    """What is measured beside the usual."""

    parts: bool = setting(
        False,
        "Volume, place and distance to the next part of each connected part of a class.",
        label="Each connected part, too",
    )
    connectivity: Connectivity = setting(
        26, "Voxels that touch by a face are one part (6), by an edge too (18), by a corner too (26)."
    )
    least_voxels: int = setting(
        1,
        "Parts with fewer voxels have no row of their own, and it is said how many there are; their class counts them.",
        1,
        1_000_000_000_000,
        label="smallest part (voxels)",
    )
    thickness: bool = setting(
        False, "The local thickness: by far the slowest, and 20 bytes for each voxel of the class's box."
    )
    along: Axis | None = setting(
        None,
        "Axis along which the class is measured slice by slice, too; in a table of its own beside a CSV file.",
        label="Slice by slice",
        options=(Option(None, "No"), Option("k", "Along k"), Option("j", "Along j"), Option("i", "Along i")),
    )
