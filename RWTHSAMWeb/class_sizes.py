"""How many voxels each class has, counted in a thread of its own whenever the voxels have changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import numpy as np
import slicer

from RWTHSAMLib.mrml.nodes import labelmaps, segments
from RWTHSAMLib.mrml.nodes.on_disk.scan_on_disk import ScanOnDisk

_Layers = Sequence[tuple[np.ndarray, dict[str, int]]]


class ClassSizes:
    """Counts; what is shown meanwhile is the count of before.

    Parameters
    ----------
    changed : callable
        Called when there are other numbers.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._stamp: object = None
        self._task: asyncio.Task[None] | None = None
        self.voxels: dict[str, int] = {}
        """By the segment's id; one without voxels may be absent."""

    def follow(self, node: slicer.vtkMRMLSegmentationNode | None, on_disk: ScanOnDisk | None = None) -> None:
        """Count anew where anything has changed and nothing is being counted; a scan on the disk keeps count itself."""
        if on_disk is not None:
            self._stamp = None
            self.voxels = {} if node is None else on_disk.voxel_counts(node)
            return
        stamp = node, labelmaps.stamps(node), None if node is None else segments.segment_ids(node)
        if stamp == self._stamp or (self._task is not None and not self._task.done()):
            return
        self._stamp = stamp
        # arrays keep their memory alive; one that changes meanwhile has another stamp afterwards, and is counted again
        layers = (
            [] if node is None else [(labelmaps.labels_kji(each), of) for each, of in labelmaps.layers_of(node, None)]
        )
        self._task = asyncio.create_task(self._count(layers))

    async def _count(self, layers: _Layers) -> None:
        self.voxels = await asyncio.to_thread(counts_of, layers)
        self._changed()


def counts_of(layers: _Layers) -> dict[str, int]:
    """Number of voxels of every segment, slice by slice: no copy of a whole labelmap is made.

    Parameters
    ----------
    layers : sequence of (numpy.ndarray, dict of str to int)
        (k, j, i) labels, and the label of each segment in them.
    """
    counts: dict[str, int] = {}
    for labels_kji, label_of in layers:
        most = max(label_of.values(), default=0) + 1
        sums = np.zeros(most, np.int64)
        for plane in labels_kji:
            found = np.bincount(plane.ravel(), minlength=most)
            sums += found[:most]
        counts |= {segment_id: int(sums[label]) for segment_id, label in label_of.items()}
    return counts
