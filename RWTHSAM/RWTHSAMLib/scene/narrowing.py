"""Narrow a class of the session: what of it has certain grey values, lies at its rim, or outside another class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import StateError
from ..measurement.grid import VoxelGrid
from ..narrowing_choices import NarrowingChoices
from ..refinement.narrow import narrowed
from . import labelmaps, segments
from .edits import Together
from .geometry import VolumeGeometry
from .volumes import volume_array_kji
from .written_blocks import Source

if TYPE_CHECKING:
    from .session import Session


@dataclass(frozen=True)
class Narrowing:
    """What is narrowed to what.

    Attributes
    ----------
    source : str
        Id of the class that is narrowed.
    target : str
        Id of another class, which gets the result. Whether the source loses these voxels is for the segment editor's
        overwrite mode to say, as for every submit; it does by default.
    choices : NarrowingChoices
    outside, inside : tuple of str
        Ids of classes whose voxels are left out, and of those within which it must lie.
    """

    source: str
    target: str
    choices: NarrowingChoices = NarrowingChoices()
    outside: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()


def narrowed_voxels_kji(session: Session, wanted: Narrowing) -> np.ndarray:
    """The result without writing it: bool (k, j, i) of the volume's size.

    Raises
    ------
    StateError
        If there is no segmentation, or a class has no voxel.
    """
    geometry = VolumeGeometry.of(session.require_volume())
    region = _voxels(session, wanted.source)
    for each in wanted.outside:
        region &= ~_voxels(session, each)
    for each in wanted.inside:
        region &= _voxels(session, each)
    values = volume_array_kji(session.require_volume())
    values = values if values.ndim == 3 else values[..., :3].mean(axis=3)
    return narrowed(region, values, VoxelGrid(geometry.ijk_to_world).spacing_kji_mm, wanted.choices)


def narrow(session: Session, wanted: Narrowing) -> int:
    """Put the result into its class as one undo step; returns how many voxels it has.

    Raises
    ------
    StateError
        If source and target are one class, a class has no voxel, or nothing is left; nothing is written then.
    """
    if wanted.source == wanted.target:
        raise StateError("A class cannot be narrowed to itself: choose another class for the result.")
    voxels = narrowed_voxels_kji(session, wanted)
    if not voxels.any():
        raise StateError("Nothing is left of the class: widen the grey values or the rim.")
    names = {each.id: each.name for each in session.profile.classes}
    text = f"Narrow '{names.get(wanted.source, wanted.source)}' to '{names.get(wanted.target, wanted.target)}'"
    extent = segments.whole_extent(VolumeGeometry.of(session.require_volume()))
    block, within = _cropped(voxels, extent)
    source = Source(f"'{names.get(wanted.source, wanted.source)}' narrowed", asdict(wanted))
    session.write(text, [wanted.target], [(wanted.target, block, within)], Together(()), source=source)
    return int(np.count_nonzero(voxels))


def _voxels(session: Session, class_id: str) -> np.ndarray:
    node = session.segmentation_node
    segment_id = segments.segment_id_of_class(node, class_id) if node is not None else None
    extent = segments.whole_extent(VolumeGeometry.of(session.require_volume()))
    voxels = labelmaps.segment_voxels_kji(node, segment_id, extent) if segment_id is not None else None
    if voxels is None or not voxels.any():
        entry = session.profile.class_by_id(class_id)
        raise StateError(f"Class '{entry.name if entry is not None else class_id}' has no voxels yet.")
    return voxels


def _cropped(voxels: np.ndarray, extent: Sequence[int]) -> tuple[np.ndarray, tuple[int, int, int, int, int, int]]:
    held = [np.flatnonzero(voxels.any(axis=tuple(n for n in range(3) if n != axis))) for axis in range(3)]
    (k0, k1), (j0, j1), (i0, i1) = ((int(each[0]), int(each[-1])) for each in held)
    return voxels[k0 : k1 + 1, j0 : j1 + 1, i0 : i1 + 1], (i0, i1, j0, j1, k0, k1)
