"""A scan classified slab by slab, and what was found kept packed until it is written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.extent import Extent
from ...core.mask import PackedMask
from ...core.placed_masks import placed
from ...core.slices import SliceKey
from ...core.system.spool import Spool
from ...core.window import Window
from ...volumes.scan import Scan
from .classifier import Classifier
from .feature_tiles import Progress, tile_slabs


def classified_slabs(
    scan: Scan,
    classifier: Classifier,
    window: Window,
    least_probability: float = 0.0,
    progress: Progress = lambda _: None,
) -> Iterator[np.ndarray]:
    """Labels of all slices in their order, some at a time; how many at a time changes no voxel.

    Parameters
    ----------
    scan : Scan
    classifier : Classifier
    window : Window
        Grey values of this scan that count as 0 and 1.
    least_probability : float
        See `Classifier.labels_of`.
    progress : callable, optional

    Yields
    ------
    numpy.ndarray
        uint8 (k, j, i): n stands for the n-th class of the profile, 0 for none and where there is no grey value.

    Raises
    ------
    VolumeError
        If memory has no room for a slice and those that its features look at.
    """
    for slab in tile_slabs(scan, window, classifier.features, progress):
        labels = np.zeros(slab.own.shape_kji, np.uint8)
        for tile in slab.tiles:
            found = classifier.labels_of(tile.features(), least_probability).reshape(tile.own.shape_kji)
            labels[tile.own.slices_kji(slab.own.first_ijk)] = np.where(tile.finite_kji, found, 0)
        yield labels


class SpooledLabels:
    """Labels of a whole scan, packed slice by slice in a file that is gone afterwards.

    Parameters
    ----------
    class_count : int
    shape_kji : tuple of int
    most_record_bytes : int
        What packed masks of all classes may take; where they take more, none are kept.

    Attributes
    ----------
    counts : numpy.ndarray
        (classes,) voxels of each.
    masks : list of list, optional
        Of each class its masks, slice by slice; None where these are too large.
    """

    def __init__(self, class_count: int, shape_kji: tuple[int, int, int], most_record_bytes: int) -> None:
        self.counts = np.zeros(class_count, np.int64)
        self.masks: list[list[tuple[SliceKey, PackedMask]]] | None = [[] for _ in range(class_count)]
        self._shape_kji, self._left_bytes = shape_kji, most_record_bytes
        self._slices = Spool()

    def __enter__(self) -> SpooledLabels:
        return self

    def __exit__(self, *_: object) -> None:
        self._slices.close()

    def add(self, labels_kji: np.ndarray) -> None:
        """Keep the next slices."""
        self.counts += np.bincount(labels_kji.ravel(), minlength=len(self.counts) + 1)[1:]
        for each in labels_kji:
            self._keep_masks(each[None], len(self._slices))
            self._slices.add(np.ascontiguousarray(each).tobytes())

    def slabs(self) -> Iterator[np.ndarray]:
        """All slices in their order, uint8 (1, j, i)."""
        for number in range(len(self._slices)):
            labels = np.frombuffer(self._slices.piece(number), np.uint8)
            yield labels.reshape(1, *self._shape_kji[1:])

    def _keep_masks(self, labels_kji: np.ndarray, index: int) -> None:
        if self.masks is None:
            return
        extent = Extent.of_shape(self._shape_kji)._replace(k_min=index, k_max=index)
        for number, masks in enumerate(self.masks, 1):
            new = placed(labels_kji == number, extent, self._shape_kji)
            masks += new
            self._left_bytes -= sum(len(mask.data) for _, mask in new)
        if self._left_bytes < 0:
            self.masks = None
