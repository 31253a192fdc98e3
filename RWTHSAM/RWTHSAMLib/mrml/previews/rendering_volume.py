"""The voxels of a volume rendering: kept in step with a segmentation, recomputed only where something changed.

What a segment covers is kept for every rendered voxel. A changed labelmap is compared by checksums of small pieces;
only pieces that differ are read again, and only the box of the voxels whose coverage changed, with the reach of the
smoothing around it, is painted again. All of it goes in steps of some milliseconds.
"""

from __future__ import annotations

import math
import zlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from ...algorithms.rendering import sampling, tiles
from ...algorithms.rendering.cuts import cut_away
from ...algorithms.rendering.grey_ramp import GreyRamp, fit_ramp
from ...algorithms.rendering.instances import Instances
from ...algorithms.rendering.painting import MARGIN, Layer, Opacities, paint
from ...algorithms.rendering.tiles import Shape
from ...core.color import palette_color
from ...core.extent import Extent
from ...core.image import grey_of
from ...core.settings.rendering import RenderingSettings, SegmentLook
from ..nodes import labelmaps

# choices: many enough for Otsu's threshold to be steady, and colours that come again after so many parts
_SAMPLES = 200_000
_PALETTE_COLORS = 64


@dataclass(frozen=True)
class SeenSegment:
    """What of a segment decides how it is painted; rank is its place in the segmentation."""

    rank: int
    rgb: tuple[int, int, int]
    look: SegmentLook


@dataclass(frozen=True)
class _Scene:
    """What of the choices decides how everything is painted."""

    opacities: Opacities
    color_by: str
    cut: str
    cut_axis: str
    cut_low: str

    @classmethod
    def of(cls, choices: RenderingSettings) -> _Scene:
        opacities = Opacities(choices.grey_opacity, choices.edge_opacity, choices.rest_opacity)
        return cls(opacities, choices.color_by, choices.cut, choices.cut_axis, choices.cut_low)


class RenderedVolume:
    """RGBA voxels of one scan and a segmentation of it.

    Parameters
    ----------
    scan_kji : numpy.ndarray
        Grey values (k, j, i), or RGB (k, j, i, 3); read in steps later on, not copied.
    spacing_mm_kji : tuple of float
    most_voxels : int
        A larger scan is down-sampled.
    longest_axis : int, optional
        Voxels that an axis of the rendered volume has at most.

    Attributes
    ----------
    factors : tuple of int
        Scan voxels along k, j and i that one rendered voxel stands for.
    shape_kji : tuple of int
        Of the rendered volume.
    image : vtkImageData
        uint8, four components: red, green, blue and opacity.
    ramp : GreyRamp
        Opacity of the grey values, fitted to the scan.
    """

    def __init__(
        self,
        scan_kji: np.ndarray,
        spacing_mm_kji: tuple[float, float, float],
        most_voxels: int,
        longest_axis: int | None = None,
    ) -> None:
        self._scan = scan_kji
        scan_shape = scan_kji.shape[:3]
        self.factors = sampling.factors_kji(scan_shape, spacing_mm_kji, most_voxels, longest_axis)
        self.shape_kji = sampling.rendered_shape_kji(scan_shape, self.factors)
        self.ramp = _fitted(scan_kji)
        self.image = _empty_image(self.shape_kji)
        self._rgba = vtk_to_numpy(self.image.GetPointData().GetScalars()).reshape(*self.shape_kji, 4)
        self._whole = Extent.of_shape(self.shape_kji)
        self._grey = np.zeros(self.shape_kji, np.uint8)
        self._tiles = tiles.tiles_of(self.shape_kji)
        self._pieces = tiles.tiles_of(self.shape_kji, self.factors)
        self._greys_to_read = deque(self._pieces)
        self._coverages: dict[str, np.ndarray] = {}
        self._bounds: dict[str, Extent] = {}
        self._sums: dict[tuple[object, int], int] = {}
        self._stamps: dict[object, int] = {}
        self._to_read: deque[tuple[slicer.vtkOrientedImageData, dict[str, int], int]] = deque()
        self._instances: dict[str, Instances] = {}
        self._to_number: dict[str, deque[int]] = {}
        self._to_paint: dict[int, Extent] = {}
        self._segments: dict[str, SeenSegment] = {}
        self._scene: _Scene | None = None
        self.painted_voxels = 0

    @property
    def steps_left(self) -> int:
        """About how many more steps there are."""
        numbering = sum(map(len, self._to_number.values()))
        return len(self._greys_to_read) + len(self._to_read) + numbering + len(self._to_paint)

    @property
    def is_whole(self) -> bool:
        """Whether every voxel of the scan is rendered."""
        return self.factors == (1, 1, 1)

    def has_new_voxels(self, segmentation_node: slicer.vtkMRMLSegmentationNode | None) -> bool:
        """Whether voxels of the segmentation changed since `read_segments`."""
        return voxel_stamps(segmentation_node) != self._stamps

    def looks_so(self, segments: Mapping[str, SeenSegment], choices: RenderingSettings) -> bool:
        """Whether this is what was last given to `look`."""
        return segments == self._segments and self._scene == _Scene.of(choices)

    # what is wanted

    def read_segments(self, segmentation_node: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Find out in the next steps which voxels the segments have."""
        before, self._stamps = self._stamps, voxel_stamps(segmentation_node)
        unfinished = {_key(label_of) for _, label_of, _ in self._to_read}
        self._to_read.clear()
        held: set[str] = set()
        for labelmap, label_of in _layers(segmentation_node):
            held |= set(label_of)
            key = _key(label_of)
            if key in unfinished or before.get(key) != self._stamps[key]:
                self._to_read.extend((labelmap, label_of, number) for number in range(len(self._pieces)))
        self._sums = {(key, number): value for (key, number), value in self._sums.items() if key in self._stamps}
        for segment_id in [each for each in self._coverages if each not in held]:
            self._forget(segment_id)

    def look(self, segments: Mapping[str, SeenSegment], choices: RenderingSettings) -> None:
        """Paint in the next steps what looks otherwise than before."""
        scene = _Scene.of(choices)
        if scene != self._scene:
            if self._scene is None or scene.color_by != self._scene.color_by:
                self._number_all(scene.color_by == "instance")
            self._scene = scene
            self._paint_again(self._whole)
        changed = {each for each in {*segments, *self._segments} if segments.get(each) != self._segments.get(each)}
        self._segments = dict(segments)
        for segment_id in changed & set(self._bounds):
            self._paint_again(self._bounds[segment_id])

    # one step after the other

    def step(self) -> bool:
        """Do a little of what is left; False if nothing was."""
        if self._greys_to_read:
            self._read_grey(self._greys_to_read.popleft())
        elif self._to_read:
            self._read_piece(*self._to_read.popleft())
        elif self._to_number:
            self._number_some()
        elif self._to_paint:
            self._paint(self._to_paint.pop(next(iter(self._to_paint))))
        else:
            return False
        return True

    def _read_grey(self, piece: Extent) -> None:
        values = self._scan[sampling.scan_extent(piece, self.factors, self._scan.shape[:3]).slices_kji()]
        grey = sampling.block_means(grey_of(values, 3), self.factors)
        self._grey[piece.slices_kji()] = self.ramp(grey)

    def _read_piece(self, labelmap: slicer.vtkOrientedImageData, label_of: dict[str, int], number: int) -> None:
        piece = self._pieces[number]
        labels = _labels_in(labelmap, sampling.scan_extent(piece, self.factors, self._scan.shape[:3]))
        total = 0 if labels is None or not labels.any() else zlib.crc32(np.ascontiguousarray(labels).data)
        if self._sums.get((_key(label_of), number)) != total:
            for segment_id, label in label_of.items():
                self._cover(segment_id, piece, None if labels is None else labels == label)
        self._sums[_key(label_of), number] = total

    def _cover(self, segment_id: str, piece: Extent, mask: np.ndarray | None) -> None:
        """Take over which share of the voxels of a piece a segment has; None for nothing."""
        covering = mask if mask is not None and mask.any() else None
        if segment_id not in self._coverages:
            if covering is None:
                return
            self._coverages[segment_id] = np.zeros(self.shape_kji, np.uint8)  # untouched, it takes no memory
        kept = self._coverages[segment_id]
        new = 0 if covering is None else sampling.coverage(covering, self.factors)
        where = piece.slices_kji()
        changed = Extent.around(kept[where] != new, piece.first_ijk)
        if changed is None:
            return
        kept[where] = new
        self._bounds[segment_id] = changed.union(self._bounds.get(segment_id, changed))
        if self._scene is not None and self._scene.color_by == "instance":
            self._number_again(segment_id)
        self._paint_again(changed)

    def _number_some(self) -> None:
        segment_id, numbers = next(iter(self._to_number.items()))
        instances = self._instances[segment_id]
        if numbers:
            tile = self._tiles[numbers.popleft()]
            if tile.intersection(self._bounds[segment_id]) is not None:
                instances.add(self._coverages[segment_id][tile.slices_kji()], tile)
            return
        instances.finish()
        del self._to_number[segment_id]
        self._paint_again(self._bounds[segment_id])

    def _paint(self, box: Extent) -> None:
        assert self._scene is not None
        removed, face = cut_away(self._scene.cut, self._scene.cut_axis, box, self.shape_kji, self._scene.cut_low)
        seen = [(each, self._segments[each]) for each in self._ranked() if self._reaches(each, box)]
        layers = [
            Layer(self._around(self._coverages[each], box), self._rgb(each, segment, box), segment.look.opacity)
            for each, segment in seen
            if segment.look.visible
        ]
        painted = paint(layers, self._grey[box.slices_kji()], self._scene.opacities, face)
        if removed is not None:
            painted[..., 3][removed] = 0
        self._rgba[box.slices_kji()] = painted
        self.painted_voxels += math.prod(painted.shape[:3])

    # inside

    def _ranked(self) -> list[str]:
        known = [each for each in self._segments if each in self._coverages]
        return sorted(known, key=lambda each: self._segments[each].rank)

    def _reaches(self, segment_id: str, box: Extent) -> bool:
        return box.with_margin(MARGIN, self._whole).intersection(self._bounds[segment_id]) is not None

    def _around(self, values: np.ndarray, box: Extent) -> np.ndarray:
        """A part with `MARGIN` voxels around it; at the ends of the volume the last voxel goes on."""
        outer = box.with_margin(MARGIN, self._whole)
        before = np.subtract(box.first_ijk, outer.first_ijk)[::-1]
        behind = np.subtract(outer.last_ijk, box.last_ijk)[::-1]
        missing = MARGIN - np.stack([before, behind], axis=1)
        inside = values[outer.slices_kji()]
        return np.pad(inside, missing, mode="edge") if missing.any() else inside

    def _rgb(self, segment_id: str, segment: SeenSegment, box: Extent) -> np.ndarray:
        own = np.array(segment.rgb, np.uint8)
        if segment_id not in self._instances:
            return own
        numbers = self._instances[segment_id].numbers(box, box.with_margin(MARGIN, self._whole))
        return np.where((numbers < 0)[..., None], own, instance_colors(segment.rank)[numbers % _PALETTE_COLORS])

    def _paint_again(self, box: Extent) -> None:
        reach = box.with_margin(MARGIN, self._whole)
        for number in tiles.tiles_touched(reach, self.shape_kji):
            part = reach.intersection(self._tiles[number])
            assert part is not None
            self._to_paint[number] = part.union(self._to_paint.get(number, part))

    def _number_all(self, by_instance: bool) -> None:
        self._instances, self._to_number = {}, {}
        for segment_id in self._bounds if by_instance else ():
            self._number_again(segment_id)

    def _number_again(self, segment_id: str) -> None:
        self._instances[segment_id] = Instances(self.shape_kji)
        self._to_number[segment_id] = deque(range(len(self._tiles)))

    def _forget(self, segment_id: str) -> None:
        bounds = self._bounds.pop(segment_id, None)
        self._coverages.pop(segment_id, None)
        self._instances.pop(segment_id, None)
        self._to_number.pop(segment_id, None)
        if bounds is not None:
            self._paint_again(bounds)


def instance_colors(rank: int) -> np.ndarray:
    """uint8 (n, 3): colours of a class's parts in their order; each class begins at another one."""
    colors = [palette_color(rank + number) for number in range(_PALETTE_COLORS)]
    rounded: np.ndarray = np.rint(255 * np.array(colors))
    return rounded.astype(np.uint8)


def seen_segments(
    segmentation_node: slicer.vtkMRMLSegmentationNode | None, choices: RenderingSettings
) -> dict[str, SeenSegment]:
    """How each segment of a segmentation is to be painted."""
    if segmentation_node is None:
        return {}
    segmentation = segmentation_node.GetSegmentation()
    return {
        segment_id: SeenSegment(rank, _rgb_of(segmentation.GetSegment(segment_id)), choices.look_of(segment_id))
        for rank, segment_id in enumerate(segmentation.GetSegmentIDs())
    }


def _rgb_of(segment: slicer.vtkSegment) -> tuple[int, int, int]:
    red, green, blue = (round(255 * part) for part in segment.GetColor())
    return red, green, blue


def _fitted(scan_kji: np.ndarray) -> GreyRamp:
    stride = max(1, math.ceil((math.prod(scan_kji.shape[:3]) / _SAMPLES) ** (1 / 3)))
    sample = scan_kji[::stride, ::stride, ::stride].astype(np.float32)
    return fit_ramp(grey_of(sample, 3))


def _empty_image(shape_kji: Shape) -> vtk.vtkImageData:
    image = vtk.vtkImageData()
    image.SetDimensions(*reversed(shape_kji))
    # memory of zeros that costs nothing until it is painted; VTK keeps the array alive
    image.GetPointData().SetScalars(numpy_to_vtk(np.zeros((math.prod(shape_kji), 4), np.uint8), deep=False))
    return image


def _layers(
    segmentation_node: slicer.vtkMRMLSegmentationNode | None,
) -> Sequence[tuple[slicer.vtkOrientedImageData, dict[str, int]]]:
    return list(labelmaps.layers_of(segmentation_node, None)) if segmentation_node is not None else ()


def voxel_stamps(segmentation_node: slicer.vtkMRMLSegmentationNode | None) -> dict[object, int]:
    """When the voxels of each labelmap were changed last; equal as long as nothing changed."""
    return {_key(label_of): labelmap.GetMTime() for labelmap, label_of in _layers(segmentation_node)}


def _key(label_of: Mapping[str, int]) -> object:
    return tuple(sorted(label_of.items()))


def _labels_in(labelmap: slicer.vtkOrientedImageData, extent: Extent) -> np.ndarray | None:
    """Labels (k, j, i) of a part of the scan; None where the labelmap lies elsewhere."""
    own = labelmaps.extent_of(labelmap)
    shared = own.intersection(extent) if own is not None else None
    if own is None or shared is None:
        return None
    labels = labelmaps.labels_kji(labelmap)[shared.slices_kji(own.first_ijk)]
    if shared == extent:
        return labels
    whole = np.zeros(extent.shape_kji, labels.dtype)
    whole[shared.slices_kji(extent.first_ijk)] = labels
    return whole
