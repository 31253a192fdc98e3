"""Classes as what was written into them, one after the other: their voxels are found where they are looked at.

So what is kept of a segmentation larger than memory are its masks, packed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..core.extent import Extent, union_of
from ..core.mask import Mask
from ..core.oblique_plane import ObliquePlane, Plane
from ..core.placed_masks import PlacedMasks, placed, within
from .label_slabs import label_type
from .oblique import nearest_on


@dataclass(frozen=True, eq=False)
class _Write:
    """Voxels that a class gained, or lost.

    Attributes
    ----------
    class_id : str
    masks : PlacedMasks
    extent : Extent
        That holds them.
    kept, spared : frozenset of str
        Ids of classes that keep their voxels for themselves, and that share them; all others lose theirs.
    is_loss : bool
    """

    class_id: str
    masks: PlacedMasks
    extent: Extent
    kept: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()
    is_loss: bool = False


class ClassLedger:
    """Writes into classes as a segmentation that is in memory takes them, see `SegmentWriter`; nothing is locked.

    Parameters
    ----------
    class_ids : sequence of str
    shape_kji : tuple of int
        Voxels of the scan.

    Attributes
    ----------
    class_ids : tuple of str
    counts : Counter
        Voxels of each class, by its id, in the slabs that were made.
    """

    def __init__(self, class_ids: Sequence[str], shape_kji: tuple[int, int, int]) -> None:
        self.class_ids = tuple(class_ids)
        self.counts: Counter[str] = Counter()
        self._shape_kji = shape_kji
        self._writes: list[_Write] = []
        self._labels = {each: label for label, each in enumerate(self.class_ids, start=1)}
        self._apart = {each: set[str]() for each in self.class_ids}
        self._layers = dict.fromkeys(self.class_ids, 0)

    def submit(
        self,
        class_id: str,
        voxels_kji: np.ndarray,
        extent: Extent,
        kept: Collection[str] | None = (),
        spared: Collection[str] = (),
    ) -> None:
        """Let a class gain voxels: bool (k, j, i) of an extent.

        Classes that are kept have theirs for themselves, None means all; those that are spared share theirs. All others
        lose what this one gets.
        """
        others = set(self.class_ids) - {class_id}
        keeping = others if kept is None else others.intersection(kept)
        sharing = others.intersection(spared) - keeping
        if sharing - self._apart[class_id]:
            self._apart[class_id] |= sharing
            for each in sharing:
                self._apart[each].add(class_id)
            self._layers = self._layered()
        self._add(voxels_kji, extent, class_id, frozenset(keeping), frozenset(sharing))

    def erase(self, class_id: str, voxels_kji: np.ndarray, extent: Extent) -> None:
        """Let a class lose voxels: bool (k, j, i) of an extent."""
        self._add(voxels_kji, extent, class_id, is_loss=True)

    def _add(
        self,
        voxels_kji: np.ndarray,
        extent: Extent,
        class_id: str,
        kept: frozenset[str] = frozenset(),
        spared: frozenset[str] = frozenset(),
        is_loss: bool = False,
    ) -> None:
        if masks := placed(voxels_kji, extent, self._shape_kji):
            self._writes.append(_Write(class_id, masks, extent, kept, spared, is_loss))

    def places(self) -> list[tuple[int, int]]:
        """Layer and label of every class."""
        return [(self._layers[each], self._labels[each]) for each in self.class_ids]

    def painted(self, part: Extent) -> np.ndarray:
        """Labels (k, j, i, layers) of a part of the scan; classes that may share voxels lie in different layers."""
        labels = np.zeros((*part.shape_kji, self._layer_count), label_type(len(self.class_ids)))
        for write in self._writes:
            common = write.extent.intersection(part)
            if common is not None:
                self._paint(write, within(write.masks, common), labels[common.slices_kji(part.first_ijk)])
        return labels

    def slabs(self, most_bytes: int) -> Iterator[np.ndarray]:
        """Labels of all slices in their order, about so many bytes at a time, but one slice at least."""
        slices, rows, columns = self._shape_kji
        whole = Extent.of_shape(self._shape_kji)
        label_bytes = label_type(len(self.class_ids)).itemsize * self._layer_count
        depth = max(1, most_bytes // (rows * columns * label_bytes))
        for first in range(0, slices, depth):
            labels = self.painted(whole._replace(k_min=first, k_max=min(first + depth, slices) - 1))
            for class_id, (layer, label) in zip(self.class_ids, self.places(), strict=True):
                self.counts[class_id] += int(np.count_nonzero(labels[..., layer] == label))
            yield labels

    def mask_on(self, class_id: str, plane: Plane) -> Mask:
        """What a class has on a slice or plane."""
        if isinstance(plane, ObliquePlane):
            return self._mask_on_oblique(class_id, plane)
        rows, columns = plane.shape_yx(self._shape_kji)
        return Mask.from_array(self._held(class_id, plane.extent((0, 0, columns - 1, rows - 1))).reshape(rows, columns))

    @property
    def _layer_count(self) -> int:
        return 1 + max(self._layers.values(), default=0)

    def _mask_on_oblique(self, class_id: str, plane: ObliquePlane) -> Mask:
        found = np.zeros(plane.shape_yx(), bool)
        own = union_of(each.extent for each in self._writes if each.class_id == class_id)
        parts = () if own is None else (own._replace(k_min=k, k_max=k) for k in range(own.k_min, own.k_max + 1))
        for part in parts:
            found |= nearest_on(self._held(class_id, part), part.first_ijk, plane)
        return Mask.from_array(found)

    def _held(self, class_id: str, part: Extent) -> np.ndarray:
        held: np.ndarray = self.painted(part)[..., self._layers[class_id]] == self._labels[class_id]
        return held

    def _paint(self, write: _Write, voxels: np.ndarray, labels: np.ndarray) -> None:
        own, label = labels[..., self._layers[write.class_id]], self._labels[write.class_id]
        if write.is_loss:
            own[voxels & (own == label)] = 0
            return
        for other in write.kept:
            voxels &= labels[..., self._layers[other]] != self._labels[other]
        for other in set(self.class_ids) - write.kept - write.spared - {write.class_id}:
            theirs = labels[..., self._layers[other]]
            if self._layers[other] != self._layers[write.class_id]:
                theirs[voxels & (theirs == self._labels[other])] = 0
        own[voxels] = label

    def _layered(self) -> dict[str, int]:
        """The layer of every class: the first one that no class is in that it may share voxels with."""
        layers: dict[str, int] = {}
        for each in self.class_ids:
            taken = {layers[other] for other in self._apart[each] if other in layers}
            layers[each] = next(layer for layer in range(len(taken) + 1) if layer not in taken)
        return layers
