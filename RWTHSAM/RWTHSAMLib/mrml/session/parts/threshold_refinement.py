"""Threshold a class, or a mask before its submit: what has certain grey values, lies at the rim, or outside classes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ....algorithms.threshold.threshold import otsu_threshold, reach_voxels, thresholded
from ....core.extent import Extent, union_of
from ....core.image import grey_of
from ....core.mask import Mask
from ....core.settings.threshold import ThresholdSettings
from ....core.slices import ARRAY_AXIS, SliceKey
from ....core.value_range import Range
from ....core.voxel_block import VoxelBlock, assembled
from ....errors import NotReadyYet, StateError
from ...nodes import labelmaps, segments
from ...nodes.volume_geometry import VolumeGeometry
from ...nodes.volumes import volume_array_kji
from ..workspace import Workspace
from .object_propagation import ObjectPropagation
from .prompting import Prompting
from .submitting import Submitting

UNSUBMITTED = ""
"""Instead of a class: the temporary masks and the propagated object."""


@dataclass(frozen=True)
class ThresholdRefinement:
    """What is thresholded, and which class gets the result.

    Attributes
    ----------
    source : str
        Id of the class that is thresholded, or `UNSUBMITTED` for the temporary masks and the propagated object.
    target : str
        Id of the class that gets the result. Another class than the source takes it from the source; whether further
        classes lose voxels is chosen as for every submit. The source itself loses what is not kept.
    settings : ThresholdSettings
    outside, inside : tuple of str
        Ids of classes whose voxels are left out, and of those within which it must lie.
    """

    source: str
    target: str
    settings: ThresholdSettings = ThresholdSettings()
    outside: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()


class ThresholdSources:
    """Finds the voxels that a threshold is applied to, and those that it leaves; nothing is written.

    Parameters
    ----------
    workspace : Workspace
    prompting : Prompting
    propagation : ObjectPropagation
    submitting : Submitting
        Knows the voxels that are not submitted yet.
    """

    def __init__(
        self, workspace: Workspace, prompting: Prompting, propagation: ObjectPropagation, submitting: Submitting
    ) -> None:
        self._workspace, self._prompting = workspace, prompting
        self._propagation, self._submitting = propagation, submitting

    @property
    def now(self) -> str:
        """What a person would threshold: what is not submitted yet, if there is anything, else the chosen class."""
        is_unsubmitted = self._prompting.masks or self._propagation.is_there
        return UNSUBMITTED if is_unsubmitted else self._workspace.class_id

    def check_is_there(self, source: str) -> None:
        """Raise `NotReadyYet` while a source is still being computed."""
        if source == UNSUBMITTED and (self._prompting.is_awaited or self._propagation.is_awaited):
            raise NotReadyYet("The mask is still being computed: threshold it when it is shown.")

    def stamp(self, source: str) -> tuple[object, ...]:
        """Something that is equal as long as classes, and for `UNSUBMITTED` what is not submitted, are the same."""
        classes = labelmaps.stamps(self._workspace.segmentation_node)
        if source != UNSUBMITTED:
            return classes
        masks = ((plane, id(mask)) for plane, mask in self._prompting.masks.items())
        return (*classes, *masks, id(self._propagation.result))

    def thresholded_voxels(self, wanted: ThresholdRefinement) -> VoxelBlock:
        """The result without writing it: bool (k, j, i) of the extent that holds the class, and which that is.

        Raises
        ------
        StateError
            If there is no segmentation, or a class has no voxel.
        """
        extent = self._extent_of(wanted.source)
        region = self._region(wanted, extent)
        kept = thresholded(region, self._grey(extent), self._spacing_mm_kji(), wanted.settings)
        return VoxelBlock(kept, extent)

    def threshold_of(self, wanted: ThresholdRefinement) -> float | None:
        """Otsu's threshold of the region, if the choices ask for it."""
        if wanted.settings.otsu is None:
            return None
        extent = self._extent_of(wanted.source)
        return otsu_threshold(self._grey(extent)[self._region(wanted, extent)])

    def thresholded_on_slice(self, wanted: ThresholdRefinement, key: SliceKey, threshold: float | None) -> Mask:
        """What of the result lies on a slice, found from the slices that it depends on.

        Only small parts, which may be large elsewhere, are not removed here.

        Parameters
        ----------
        wanted : ThresholdRefinement
        key : SliceKey
        threshold : float, optional
            See `threshold_of`.

        Raises
        ------
        StateError
            If a class has no voxel.
        """
        spacing, axis = self._spacing_mm_kji(), ARRAY_AXIS[key.axis]
        choices = replace(wanted.settings, otsu=None, least_voxels=1)
        extent = _slab(self._extent_of(wanted.source), key, reach_voxels(choices, spacing[axis]))
        shape_yx = key.shape_yx(VolumeGeometry.of(self._workspace.require_volume()).shape_kji)
        if extent is None:
            return Mask.from_array(np.zeros(shape_yx, bool))
        region, grey = self._region(wanted, extent), self._grey(extent)
        if threshold is not None:
            # below any grey value there is an exact number: the next one above the threshold is bright
            bright = wanted.settings.otsu == "bright"
            span = Range(float(np.nextafter(threshold, np.inf)), None) if bright else Range(None, threshold)
            kept = thresholded(region, grey, spacing, replace(choices, grey=_common(choices.grey, span)))
        else:
            kept = thresholded(region, grey, spacing, choices)
        first_ijk = extent.first_ijk
        inside = Mask.from_array(SliceKey(key.axis, key.index - first_ijk[2 - axis]).take(kept))
        if inside.is_empty:
            return Mask.from_array(np.zeros(shape_yx, bool))
        (x, y), (x0, y0) = inside.origin_xy, key.xy(first_ijk)
        return Mask(shape_yx, (x + x0, y + y0), inside.pixels)

    def class_voxels(self, class_id: str, extent: Extent) -> np.ndarray:
        """Voxels of a class in an extent: bool (k, j, i).

        Raises
        ------
        StateError
            If the class has no voxel in the scan.
        GeometryError
            If scan and segmentation do not lie on one grid any more.
        """
        return labelmaps.segment_voxels_kji(self._workspace.segmentation_node, self._segment_of(class_id), extent)

    def _region(self, wanted: ThresholdRefinement, extent: Extent) -> np.ndarray:
        if wanted.source == UNSUBMITTED:
            region = assembled(self._submitting.unsubmitted(), extent)
        else:
            region = self.class_voxels(wanted.source, extent)
        for each in wanted.outside:
            region &= ~self.class_voxels(each, extent)
        for each in wanted.inside:
            region &= self.class_voxels(each, extent)
        return region

    def _grey(self, extent: Extent) -> np.ndarray:
        return grey_of(volume_array_kji(self._workspace.require_volume())[extent.slices_kji()], 3)

    def _spacing_mm_kji(self) -> tuple[float, float, float]:
        return VolumeGeometry.of(self._workspace.require_volume()).spacing_mm_kji

    def _segment_of(self, class_id: str) -> str:
        node = self._workspace.segmentation_node
        if node is not None:
            segments.check_grid(node, VolumeGeometry.of(self._workspace.require_volume()))
        segment_id = segments.segment_id_of_class(node, class_id) if node is not None else None
        if segment_id is None or labelmaps.extent_of_segment(node, segment_id) is None:
            entry = self._workspace.profile.class_by_id(class_id)
            raise StateError(f"Class '{entry.name if entry is not None else class_id}' has no voxels yet.")
        return segment_id

    def _extent_of(self, source: str) -> Extent:
        """What holds a source, and a voxel more on each side where there is one, so that its edges are seen as such."""
        whole = VolumeGeometry.of(self._workspace.require_volume()).extent
        if source == UNSUBMITTED:
            own = union_of(extent for _, extent in self._submitting.unsubmitted())
        else:
            own = labelmaps.extent_of_segment(self._workspace.segmentation_node, self._segment_of(source))
        if own is None:
            raise StateError("There is no mask to threshold: click on the object first.")
        return own.with_margin(1, whole)


def _slab(extent: Extent, key: SliceKey, margin: int) -> Extent | None:
    """The part of an extent within so many slices of a slice, or None where the slice lies outside."""
    on_slice = key.part_of(extent)
    margins_ijk = [0, 0, 0]
    margins_ijk[2 - ARRAY_AXIS[key.axis]] = margin
    return None if on_slice is None else on_slice.with_margin(margins_ijk, extent)


def _common(first: Range | None, second: Range) -> Range:
    lower = [each.lower for each in (first, second) if each is not None and each.lower is not None]
    upper = [each.upper for each in (first, second) if each is not None and each.upper is not None]
    return Range(max(lower, default=None), min(upper, default=None))
