"""Opening scans, and the grey values that the model sees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import slicer

from RWTHSAMLib.core.voxel_size import GivenSize, are_same
from RWTHSAMLib.errors import ImageError, RwthSamError
from RWTHSAMLib.mrml.nodes import volumes
from RWTHSAMLib.mrml.nodes.on_disk.scan_on_disk import ScanOnDisk
from RWTHSAMLib.mrml.session.voxel_size_memory import VoxelSizeMemory
from RWTHSAMLib.volumes.lazy_volume import LazyVolume
from RWTHSAMLib.volumes.read import VolumeData

from .. import jobs
from ..app_context import AppContext
from ..arguments import OneOf, Pair
from ..host import SLICE_VIEWS
from ..options import WebOptions
from ..state import page_values, scan_values
from .project import ProjectActions
from .segmentation import SegmentationActions
from .views import ViewActions


class ScanActions:
    """Panel 1."""

    def __init__(
        self,
        context: AppContext,
        options: WebOptions,
        project: ProjectActions,
        segmentation: SegmentationActions,
        views: ViewActions,
    ) -> None:
        self._context, self._project, self._views, self._segmentation = context, project, views, segmentation
        self._first, self._level = options.volume, options.show_level

    async def begin(self) -> None:
        """Open what was named at the start, else the phantom."""
        self._context.session.voxel_size.remember_in(VoxelSizeMemory.usual())
        self._context.session.voxel_size.on_set.append(self._fit_views)
        if self._first is None:
            await self._open_phantom()
        else:
            self._context.state.scan_path = str(self._first)
            level = self._level
            shape = None if level is None else await asyncio.to_thread(jobs.shape_of_level, self._first, level)
            await self._open(f"Reading {self._first.name} ...", jobs.read_scan(self._first, shape), self._first)

    def open_path(self) -> None:
        """Open the file or folder whose path was typed."""
        text = str(self._context.state.scan_path or "").strip()
        if text:
            path = Path(text).expanduser()
            self._context.start(self._open(f"Reading {path.name} ...", jobs.read_scan(path), path))

    def open_phantom(self) -> None:
        """Open the generated battery phantom."""
        self._context.start(self._open_phantom())

    async def receive(self, paths: list[Path]) -> None:
        """Open uploaded files: one scan, or the slices of one."""
        path = paths[0] if len(paths) == 1 else paths[0].parent
        opening = self._open(f"Reading {paths[0].name} ...", _read_named(path, paths[0].stem))
        await self._context.finished(opening, upload_folder=paths[0].parent)

    def preview_window(self, values: Pair) -> None:
        """Show a window in the views while its slider is being dragged."""
        node = self._context.session.volume_node
        if node is not None and values[0] < values[1]:
            self._context.state.window = list(values)
            volumes.show_window(node, page_values.window_of(values))

    def set_window(self, values: Pair) -> None:
        """Let the model see another window."""
        self._context.attempt(lambda: self._context.session.set_window(page_values.window_of(values)))

    def set_window_bound(self, side: Annotated[int, OneOf((0, 1))], text: str) -> None:
        """Change one bound of the window to a typed number."""
        self._context.attempt(lambda: self._set_bound(side, text))

    def set_voxel_size(
        self,
        position: Annotated[int, OneOf((0, 1, 2))],
        text: str,
        unit: Annotated[str, OneOf(page_values.VOXEL_UNITS)],
    ) -> None:
        """Change the size of a voxel along i, j or k to a typed number."""
        self._context.attempt(lambda: self._set_voxel_size(position, text, 1.0 if unit == "mm" else 1e-3))

    def believe_voxel_size(self) -> None:
        """Take the voxel size as it is."""
        self._context.attempt(self._context.session.voxel_size.believe)

    def voxel_size_of_file(self) -> None:
        """Take the voxel size that the file says."""
        self._context.attempt(self._context.session.voxel_size.go_back_to_file)

    def propose_window(self) -> None:
        """Take the window that the histogram suggests."""
        session = self._context.session
        self._context.attempt(lambda: session.set_window(session.propose_window()))

    def _set_bound(self, side: int, text: str) -> None:
        bounds = list(self._context.state.window)
        try:
            bounds[side] = float(text)
        except ValueError as error:
            raise ImageError(f"A bound of the window is a number, not '{text}'.") from error
        if bounds[0] >= bounds[1]:
            raise ImageError(f"Black ({bounds[0]:g}) must lie below white ({bounds[1]:g}).")
        self._context.session.set_window(page_values.window_of(bounds))

    def _set_voxel_size(self, position: int, text: str, unit_mm: float) -> None:
        session = self._context.session
        sizes = [*(session.voxel_size.spacing_mm_ijk or ())]
        try:
            sizes[position] = float(text.replace(",", ".")) * unit_mm
        except (ValueError, IndexError) as error:
            raise ImageError(f"A voxel size is a number, not '{text}'.") from error
        session.voxel_size.set(sizes)

    def _fit_views(self) -> None:
        """Fit the views to the voxels' new size; each shows the slice that it showed."""
        shown = {view: self._context.state[f"slice_{view}"] for view in SLICE_VIEWS}
        self._context.host.reset_views()
        for view, each in shown.items():
            if each["axis"] and not each["oblique"]:
                self._views.set_slice(view, each["index"])

    async def _open_phantom(self) -> None:
        with self._context.busy("Generating a battery phantom ..."):
            data = await jobs.make_phantom()
            self._show(data, None, (), None)
            self._context.session.voxel_size.is_remembered = False  # every phantom is made with its right one
        await self._is_open()

    async def _open(self, text: str, reading: Awaitable[VolumeData], place: Path | None = None) -> None:
        """Open a scan, which stays at `place`; None for one that has no file of its own."""
        with self._context.busy(text):
            data = await reading
            levels = () if place is None else await jobs.levels_beyond_memory(place, data)
            classes = await self._segmentation.folder_of_classes(place, levels) if place and levels else None
            size = self._context.session.voxel_size
            known = None if levels else size.known_of(data.array_kji, data.spacing_mm)
            self._show(data, place, levels, classes, known)
        await self._is_open()

    async def _is_open(self) -> None:
        """Say what was found beside it, and open what waits for it."""
        if notes := self._segmentation.notes_of_taken():
            self._context.notice(" ".join(notes), "warning")
        await self._project.open_what_waits()

    def _show(
        self,
        data: VolumeData,
        place: Path | None,
        levels: Sequence[LazyVolume],
        classes: Path | None,
        known: GivenSize | None = None,
    ) -> None:
        session, host = self._context.session, self._context.host
        old = (session.segmentation_node, session.volume_node)
        node = volumes.add_volume(session.scene, _as_known(data, known))
        if place is not None:
            node.SetAttribute(volumes.PATH_ATTRIBUTE, str(place.absolute()))
        session.set_volume(node, self._on_disk(node, levels, classes))
        if known is not None:
            session.voxel_size.comes_with(known, data.spacing_mm, data.unit_known)
        # the first thing a slice view shows lies undermost, and that must be the scan
        host.show_volume(node)
        session.set_segmentation(None)
        for each in old:
            host.remove(each)
        host.set_edited(session.segmentation_node, node)
        with self._context.state as shown:
            shown.update(scan_values.of_volume(node))
            shown.scan_notes = scan_values.notes_of(data, session, place)
            shown.probe = ""  # what the mouse pointed at was in the scan before
        self._project.scan_was_opened()
        self._context.refresh()

    def _on_disk(
        self, node: slicer.vtkMRMLVolumeNode, levels: Sequence[LazyVolume], classes: Path | None
    ) -> ScanOnDisk | None:
        if classes is None:
            return None
        try:
            return ScanOnDisk(levels, node, classes)
        except RwthSamError:
            self._context.host.remove(node)
            raise


def _as_known(data: VolumeData, known: GivenSize | None) -> VolumeData:
    """A scan with the size that it was given before; nothing is new where its file says the same."""
    if known is None or (data.unit_known and are_same(known.spacing_mm_ijk, data.spacing_mm)):
        return data
    return data.with_spacing(known.spacing_mm_ijk)


async def _read_named(path: Path, name: str) -> VolumeData:
    """Read uploaded files; a folder that was made for them gives the scan no name."""
    data = await jobs.read_scan(path)
    return replace(data, name=name) if path.is_dir() else data
