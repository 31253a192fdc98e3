"""Narrow a class, or a mask before its submit: what has certain grey values, lies at the rim, or outside classes."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ....algorithms.measurement.grid import VoxelGrid
from ....algorithms.threshold.threshold import narrowed, otsu_threshold
from ....core.mask import Mask
from ....core.settings.threshold import NarrowingChoices
from ....core.slices import ARRAY_AXIS, Extent, SliceKey
from ....core.value_range import Range
from ....core.voxel_block import Block, assembled, common_extent
from ....errors import NotReadyYet, StateError
from ...nodes import labelmaps, segments
from ...nodes.geometry import VolumeGeometry
from ...nodes.volumes import volume_array_kji
from ...nodes.written_blocks import Source
from ..edits import Together

if TYPE_CHECKING:
    from ..session import Session

UNSUBMITTED = ""
"""Instead of a class: the temporary masks and the propagated object."""


@dataclass(frozen=True)
class Narrowing:
    """What is narrowed to what.

    Attributes
    ----------
    source : str
        Id of the class that is narrowed, or `UNSUBMITTED` for the temporary masks and the propagated object.
    target : str
        Id of the class that gets the result. For another class than the source, whether that loses these voxels is for
        the segment editor's overwrite mode to say, as for every submit; it does by default. The source itself loses
        what is not kept.
    choices : NarrowingChoices
    outside, inside : tuple of str
        Ids of classes whose voxels are left out, and of those within which it must lie.
    """

    source: str
    target: str
    choices: NarrowingChoices = NarrowingChoices()
    outside: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()


def source_now(session: Session) -> str:
    """What a person means by narrowing: what is not submitted yet, if there is anything, else the chosen class."""
    return UNSUBMITTED if session.prompting.masks or session.propagation.is_there else session.class_id


def narrow(session: Session, wanted: Narrowing) -> int:
    """Put the result into its class as one undo step; returns how many voxels it has.

    Raises
    ------
    StateError
        If a class has no voxel, a mask is awaited, or nothing is left; nothing is written then.
    """
    if wanted.source == UNSUBMITTED and (session.prompting.awaits_masks or session.propagation.progress is not None):
        raise NotReadyYet("The mask is still being computed: narrow it when it is shown.")
    voxels, extent = narrowed_voxels(session, wanted)
    if not voxels.any():
        raise StateError("Nothing is left of it: widen the grey values or the rim.")
    names = {UNSUBMITTED: "temporary mask", **{each.id: each.name for each in session.profile.classes}}
    source, target = (names.get(each, each) for each in (wanted.source, wanted.target))
    recorded = Source(f"'{source}' narrowed", asdict(wanted))
    write = session.submitting.write
    if wanted.source == wanted.target:
        lost = class_voxels(session, wanted.source, extent) & ~voxels
        replaced = [(wanted.source, lost, extent)]
        write(f"Narrow '{source}'", [wanted.source], (), Together(()), source=recorded, replaced=replaced)
    else:
        blocks = [(wanted.target, voxels, extent)]
        beside = session.submitting.leaving() if wanted.source == UNSUBMITTED else Together(())
        write(f"Narrow '{source}' to '{target}'", [wanted.target], blocks, beside, source=recorded)
    return int(np.count_nonzero(voxels))


def narrowed_voxels(session: Session, wanted: Narrowing) -> Block:
    """The result without writing it: bool (k, j, i) of the part of the volume that holds the class, and which that is.

    Raises
    ------
    StateError
        If there is no segmentation, or a class has no voxel.
    """
    extent = _extent_of(session, wanted.source)
    region = _region(session, wanted, extent)
    return narrowed(region, _grey(session, extent), _spacing_kji_mm(session), wanted.choices), extent


def threshold_of(session: Session, wanted: Narrowing) -> float | None:
    """Otsu's threshold of the region, if the choices ask for it."""
    if wanted.choices.otsu is None:
        return None
    extent = _extent_of(session, wanted.source)
    return otsu_threshold(_grey(session, extent)[_region(session, wanted, extent)])


def narrowed_on_slice(session: Session, wanted: Narrowing, key: SliceKey, threshold: float | None) -> Mask:
    """What of the result lies on a slice, found from the slices that it depends on.

    Only small parts, which may be large elsewhere, are not removed here.

    Parameters
    ----------
    session : Session
    wanted : Narrowing
    key : SliceKey
    threshold : float, optional
        See `threshold_of`.

    Raises
    ------
    StateError
        If a class has no voxel.
    """
    spacing, axis = _spacing_kji_mm(session), ARRAY_AXIS[key.axis]
    choices = replace(wanted.choices, otsu=None, least_voxels=1)
    reach_mm = (choices.rim_mm or 0) + 4 * choices.smooth_mm
    extent = _slab(_extent_of(session, wanted.source), key, math.ceil(reach_mm / spacing[axis]) + 1)
    shape_yx = key.shape_yx(VolumeGeometry.of(session.require_volume()).shape_kji)
    if extent is None:
        return Mask.from_array(np.zeros(shape_yx, bool))
    region, grey = _region(session, wanted, extent), _grey(session, extent)
    if threshold is not None:
        # below any grey value there is an exact number: the next one above the threshold is bright
        bright = wanted.choices.otsu == "bright"
        span = Range(float(np.nextafter(threshold, np.inf)), None) if bright else Range(None, threshold)
        kept = narrowed(region, grey, spacing, replace(choices, grey=_common(choices.grey, span)))
    else:
        kept = narrowed(region, grey, spacing, choices)
    first_ijk = (extent[0], extent[2], extent[4])
    inside = Mask.from_array(SliceKey(key.axis, key.index - first_ijk[2 - axis]).take(kept))
    if inside.is_empty:
        return Mask.from_array(np.zeros(shape_yx, bool))
    (x, y), (x0, y0) = inside.origin_xy, key.xy(first_ijk)
    return Mask(shape_yx, (x + x0, y + y0), inside.pixels)


def class_voxels(session: Session, class_id: str, extent: Extent) -> np.ndarray:
    """Voxels of a class in an extent: bool (k, j, i).

    Raises
    ------
    StateError
        If the class has no voxel in the scan.
    GeometryError
        If scan and segmentation do not lie on one grid any more.
    """
    return labelmaps.segment_voxels_kji(session.segmentation_node, _segment_of(session, class_id), extent)


def _region(session: Session, wanted: Narrowing, extent: Extent) -> np.ndarray:
    if wanted.source == UNSUBMITTED:
        region = assembled(session.submitting.unsubmitted(), extent)
    else:
        region = class_voxels(session, wanted.source, extent)
    for each in wanted.outside:
        region &= ~class_voxels(session, each, extent)
    for each in wanted.inside:
        region &= class_voxels(session, each, extent)
    return region


def _grey(session: Session, extent: Extent) -> np.ndarray:
    values = labelmaps.block_of(volume_array_kji(session.require_volume()), extent)
    return values if values.ndim == 3 else values[..., :3].mean(axis=3)


def _spacing_kji_mm(session: Session) -> tuple[float, float, float]:
    return VoxelGrid(VolumeGeometry.of(session.require_volume()).ijk_to_world).spacing_kji_mm


def _segment_of(session: Session, class_id: str) -> str:
    node = session.segmentation_node
    if node is not None:
        segments.check_grid(node, VolumeGeometry.of(session.require_volume()))
    segment_id = segments.segment_id_of_class(node, class_id) if node is not None else None
    if segment_id is None or labelmaps.extent_of_segment(node, segment_id) is None:
        entry = session.profile.class_by_id(class_id)
        raise StateError(f"Class '{entry.name if entry is not None else class_id}' has no voxels yet.")
    return segment_id


def _extent_of(session: Session, source: str) -> Extent:
    """What holds a source, and a voxel more on each side where there is one: an edge there is an edge of the source."""
    whole = segments.whole_extent(VolumeGeometry.of(session.require_volume()))
    if source == UNSUBMITTED:
        own = common_extent(extent for _, extent in session.submitting.unsubmitted())
    else:
        own = labelmaps.extent_of_segment(session.segmentation_node, _segment_of(session, source))
    if own is None:
        raise StateError("There is no mask to narrow: click on the object first.")
    i0, i1, j0, j1, k0, k1 = (
        max(own[side] - 1, whole[side]) if side % 2 == 0 else min(own[side] + 1, whole[side]) for side in range(6)
    )
    return i0, i1, j0, j1, k0, k1


def _slab(extent: Extent, key: SliceKey, margin: int) -> Extent | None:
    """The part of an extent within so many slices of a slice, or None where the slice lies outside."""
    side = 2 * (2 - ARRAY_AXIS[key.axis])
    if not extent[side] <= key.index <= extent[side + 1]:
        return None
    ends = list(extent)
    ends[side], ends[side + 1] = max(extent[side], key.index - margin), min(extent[side + 1], key.index + margin)
    return ends[0], ends[1], ends[2], ends[3], ends[4], ends[5]


def _common(first: Range | None, second: Range) -> Range:
    lower = [each.lower for each in (first, second) if each is not None and each.lower is not None]
    upper = [each.upper for each in (first, second) if each is not None and each.upper is not None]
    return Range(max(lower, default=None), min(upper, default=None))
