"""The full resolution of slices that are looked at, of a scan that stays on the disk: read in a thread, then shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import numpy as np
import slicer

from RWTHSAMLib.core.slices import Ijk, SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import RwthSamError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.on_disk.scan_on_disk import ScanOnDisk
from RWTHSAMLib.mrml.nodes.volumes import shown_window
from RWTHSAMLib.mrml.views.fine_classes import FineClasses, SliceLabels
from RWTHSAMLib.mrml.views.fine_slices import FineSlices

from .app_context import AppContext
from .host import SLICE_VIEWS

# a choice: who scrolls on is not kept waiting for what was passed
_SHOW_AFTER_QUIET_S = 0.15


class FineViews:
    """Shows each slice that a view rests on in full resolution; nothing happens for scans in memory.

    Parameters
    ----------
    context : AppContext
    show_slice : callable
        Lets a view, by its name, show a slice by its number.
    """

    def __init__(self, context: AppContext, show_slice: Callable[[str, int], None]) -> None:
        self._context, self._show_slice = context, show_slice
        self._on_disk: ScanOnDisk | None = None
        self._slices: FineSlices | None = None
        self._classes: FineClasses | None = None
        self._labels: dict[str, tuple[SliceKey, int]] = {}
        self._look: object = None
        self._window: Window | None = None
        self._wanted: dict[str, tuple[SliceKey | None, float]] = {}
        self._reading: asyncio.Task[None] | None = None
        self._failed: set[SliceKey] = set()

    def follow(self) -> None:
        """Take up another scan; the host's views must show it already."""
        on_disk = self._context.session.workspace.on_disk
        if on_disk is self._on_disk:
            return
        if self._slices is not None and self._classes is not None:
            self._slices.clear()
            self._classes.clear()
        self._on_disk, self._wanted, self._labels, self._failed, self._look = on_disk, {}, {}, set(), None
        if on_disk is not None:
            on_disk.reads_aside = True
        scene = self._context.session.scene
        self._slices = None if on_disk is None else FineSlices(scene, on_disk.grid)
        self._classes = None if on_disk is None else FineClasses(scene, on_disk.grid)

    def moved(self, view: str) -> None:
        """A view may show something else; one that lies between slices, as those of the coarser level do, is moved."""
        if self._slices is None or self._classes is None:
            return
        session, node = self._context.session, self._context.host.slice_node(view)
        geometry = session.geometry
        is_straight = geometry is not None and not geometry.is_oblique(node)
        key = session.slice_shown(node) if is_straight else None
        if key is not None and geometry is not None and geometry.is_between_slices(node):
            self._show_slice(view, key.index)
        if self._slices.shown_in(node) not in (None, key):
            self._slices.hide(node)
            self._classes.hide(node)
            self._labels.pop(view, None)
        if self._wanted.get(view, (None, 0.0))[0] != key:
            self._wanted[view] = key, time.monotonic()

    def is_ready(self, view: str) -> bool:
        """Whether what a view shows can be given to the model without reading."""
        key = self._wanted.get(view, (None, 0.0))[0]
        return self._on_disk is None or key is None or key in self._failed or self._on_disk.is_read(key)

    def found_at(
        self, slice_node: slicer.vtkMRMLSliceNode, ijk: Ijk, grey: np.ndarray | None, names: list[str]
    ) -> tuple[np.ndarray | None, list[str]]:
        """Grey value and names of classes at a voxel (i, j, k) of the finest level, where its slice shows them.

        Parameters
        ----------
        slice_node : vtkMRMLSliceNode
        ijk : tuple of int
        grey : numpy.ndarray, optional
            What the coarser level has there.
        names : list of str
            What is shown of classes there elsewhere.
        """
        key = None if self._slices is None else self._slices.shown_in(slice_node)
        if key is None or self._on_disk is None or self._classes is None:
            return grey, names
        fine = self._on_disk.value_at(key, ijk)
        shown = self._classes.names_at(slice_node, ijk)
        return grey if fine is None else fine, names if shown is None else shown

    def tick(self) -> None:
        """Show what is there, and read one slice that is not."""
        self.follow()
        if self._slices is None or self._on_disk is None:
            return
        self._follow_look()
        window = shown_window(self._context.session.require_volume())
        if window is not None and window != self._window:
            self._window = window
            self._slices.set_window(window)
        for view in SLICE_VIEWS:
            key, since = self._wanted.get(view, (None, 0.0))
            node = self._context.host.slice_node(view)
            if key is None or key in self._failed:
                continue
            if self._slices.shown_in(node) == key:
                if self._labels.get(view) != (key, self._on_disk.label_writes) and self._is_idle:
                    self._reading = asyncio.create_task(self._read_labels(self._on_disk, view, key))
            elif self._on_disk.is_read(key):
                self._slices.show(node, key, self._on_disk.values_on(key), window)
                self._context.host.render()
            elif time.monotonic() - since > _SHOW_AFTER_QUIET_S and self._is_idle:
                self._reading = asyncio.create_task(self._read(self._on_disk, key))

    @property
    def _is_idle(self) -> bool:
        return self._reading is None or self._reading.done()

    def _follow_look(self) -> None:
        """Let classes look as was chosen meanwhile."""
        node = self._context.session.segmentation_node
        if node is None or self._classes is None:
            return
        colours = tuple(node.GetSegmentation().GetSegment(each).GetColor() for each in segments.segment_ids(node))
        look = node.GetDisplayNode().GetMTime(), colours
        if look != self._look:
            self._look = look
            self._classes.look_like(node)

    async def _read_labels(self, on_disk: ScanOnDisk, view: str, key: SliceKey) -> None:
        writes = on_disk.label_writes
        try:
            found = await asyncio.to_thread(lambda: SliceLabels.cropped(key, on_disk.labels_on(key)))
        except RwthSamError as error:
            self._failed.add(key)
            self._context.notice(str(error))
            return
        node, segmentation = self._context.host.slice_node(view), self._context.session.segmentation_node
        is_current = on_disk is self._on_disk and self._slices is not None and self._slices.shown_in(node) == key
        if is_current and segmentation is not None and self._classes is not None:
            self._labels[view] = key, writes
            self._classes.show(node, found, segmentation, on_disk.label_of(segmentation))
            self._context.refresh()
            self._context.host.render()

    async def _read(self, on_disk: ScanOnDisk, key: SliceKey) -> None:
        try:
            await asyncio.to_thread(on_disk.values_on, key)
        except RwthSamError as error:
            self._failed.add(key)
            self._context.notice(str(error))
