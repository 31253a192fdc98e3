"""A scan larger than memory: the views show a coarser level of it, prompts and classes are of its finest one.

The scene holds the coarser level as a volume like any other, and a node without voxels that says where those of the
finest level lie: what is prompted, previewed and counted goes by that. Slices of the finest level are read when they
are asked for; classes lie in a label store.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import slicer

from ....core.oblique_plane import ObliquePlane, Plane
from ....core.slices import Ijk, SliceKey
from ....core.system.place_lock import HeldPlace
from ....core.voxel_grid import VoxelGrid
from ....errors import InputError, StateError, VolumeError
from ....record.steps import ScanFacts
from ....volumes.formats.kinds import is_ome_zarr, name_without_ending
from ....volumes.lazy_volume import LazyVolume
from ....volumes.memory import size_text
from ....volumes.ome_zarr.chunks import ChunkSource
from ....volumes.ome_zarr.kept_slabs import KeptSlabs
from ....volumes.ome_zarr.label_store import LabelStore, create_label_store, open_label_store
from ....volumes.ome_zarr.read import open_ome_zarr
from .. import record_tag, segments
from ..temporary_nodes import remove_with_display
from ..volume_geometry import VolumeGeometry
from ..volumes import add_hidden_place
from .store_writing import StoreWriter

LABEL_ENDING = "-label.ome.zarr"
"""Of the label store beside a scan."""
_ANOTHER_FOLDER = (
    "Another folder for the classes is named at the start: rwthsam web SCAN --segmentation FOLDER.ome.zarr."
)


class ScanOnDisk:
    """The finest level of a scan of which a scene holds a coarser one, and its classes.

    Parameters
    ----------
    levels : sequence of LazyVolume
        The finest first.
    overview_node : vtkMRMLVolumeNode
        The coarser level, in the scene.
    store_path : Path
        Where the classes lie, or will.

    Attributes
    ----------
    place_node : vtkMRMLVolumeNode
        Says where the voxels of the finest level lie, and has none.
    store_path : Path
    reads_aside : bool
        Whether `begin_reading` reads in a thread: of a front that may not stand still.

    Raises
    ------
    VolumeError
        If no level is that of the node, the levels are in colour, or what is at `store_path` are no classes of this
        scan.
    InputError
        If another process is at work on these classes.
    """

    def __init__(self, levels: Sequence[LazyVolume], overview_node: slicer.vtkMRMLVolumeNode, store_path: Path) -> None:
        self._levels, self._overview_node = tuple(levels), overview_node
        self.store_path = store_path
        shown = VolumeGeometry.of(overview_node)
        matching = [number for number, each in enumerate(levels) if each.grid.fits(shown)]
        if not matching:
            raise VolumeError(f"'{levels[0].path}' has no level of {shown.shape_kji} voxels: open the scan anew.")
        self.overview_level = matching[0]
        self._hold: HeldPlace | None = None
        self._store = self._opened_if_there()
        self._slices = KeptSlabs(levels[0])
        self.reads_aside = False
        self._reader: ThreadPoolExecutor | None = None
        finest = levels[0]
        self.place_node = add_hidden_place(overview_node.GetScene(), finest.grid, f"{finest.name}, full resolution")

    # the scan

    @property
    def path(self) -> Path:
        """Of the scan."""
        return self._levels[0].path

    @property
    def finest_path(self) -> Path:
        """Of the finest level, for commands; of the whole scan where no level can be named, as in an archive."""
        source = self._levels[0].source
        return self.path / source.level if isinstance(source, ChunkSource) and self.path.is_dir() else self.path

    @property
    def grid(self) -> VoxelGrid:
        """Of the finest level."""
        return self._levels[0].grid

    @property
    def size_text(self) -> str:
        """How much the finest level takes, for people."""
        return size_text(self._levels[0].byte_count)

    @property
    def facts(self) -> ScanFacts:
        """Which scan it is, as a record names it; nobody has read all of it for a fingerprint."""
        finest = self._levels[0]
        spacing_mm = finest.grid.spacing_mm_ijk if finest.unit_known else None
        return ScanFacts(finest.name, finest.grid.shape_kji, spacing_mm)

    def values_on(self, plane: Plane) -> np.ndarray:
        """Grey values (rows, columns) of a slice of the finest level; read if it was not lately.

        Raises
        ------
        StateError
            On an oblique plane.
        VolumeError
            If voxels are missing or damaged.
        """
        if isinstance(plane, ObliquePlane):
            raise StateError(
                f"An oblique plane needs all of the scan in memory, but its {self.size_text} stay on the disk: turn "
                "the view back onto the scan."
            )
        plane.check_inside(self.grid.shape_kji)
        return self._slices.slice_at(plane)

    def value_at(self, key: SliceKey, ijk: Ijk) -> np.ndarray | None:
        """The grey value of a voxel (i, j, k) of a slice; None where the slice is not read."""
        return self._slices.value_at(key, ijk)

    def is_read(self, key: SliceKey) -> bool:
        """Whether a slice is there without reading."""
        return self._slices.is_read(key)

    def begin_reading(self, plane: Plane) -> Future[np.ndarray] | None:
        """Read a slice in a thread; None where it is there, or is read by whoever asks for it."""
        if not self.reads_aside or not isinstance(plane, SliceKey) or self.is_read(plane):
            return None
        if self._reader is None:
            self._reader = ThreadPoolExecutor(1, "slices-of-scan")
        return self._reader.submit(self.values_on, plane)

    def coarse(self, ijk: Sequence[int]) -> tuple[int, int, int] | None:
        """The voxel (i, j, k) of the level that the views show, for one of the finest; None beside it."""
        return VolumeGeometry.of(self._overview_node).voxel_at(self.grid.ras_of(ijk))

    # the classes

    @property
    def has_store(self) -> bool:
        """Whether anything was submitted ever."""
        return self._store is not None

    @property
    def label_writes(self) -> int:
        """Rises with every write into the classes."""
        return self._store.writes if self._store is not None else 0

    def writer(self, segmentation_node: slicer.vtkMRMLSegmentationNode) -> StoreWriter:
        """Writes into the classes; the store is made when it is first needed."""
        return StoreWriter(
            segmentation_node, self.place_node, self._opened_store, self._overview_node, self.overview_level
        )

    def show_in(self, segmentation_node: slicer.vtkMRMLSegmentationNode) -> None:
        """Let a segmentation have and show the classes of the store, and carry its record, if there is a store."""
        store = self._store
        if store is None:
            return
        segmentation = segmentation_node.GetSegmentation()
        for label, each in store.named.items():
            if not store.voxels.get(label):
                continue  # of a class that was deleted, or of which all was taken back
            if segments.segment_id_of_class(segmentation_node, each.class_id) is None and each.class_id:
                segment_id = segments.segment_id_for(each.class_id)
                segmentation.AddEmptySegment(segment_id, each.name, [*each.color])
                segmentation.GetSegment(segment_id).SetTag(segments.CLASS_ID_TAG, each.class_id)
        record_tag.put_alone(segmentation_node, store.record)
        self.writer(segmentation_node).show_all()

    def keep_record(self, segmentation_node: slicer.vtkMRMLSegmentationNode) -> None:
        """Let the store keep the record that the segmentation carries."""
        ids = segments.segment_ids(segmentation_node)
        if self._store is not None and ids:
            self._store.keep_record(record_tag.packed_in(segmentation_node.GetSegmentation().GetSegment(ids[0])))

    def voxel_counts(self, segmentation_node: slicer.vtkMRMLSegmentationNode) -> dict[str, int]:
        """How many voxels of the finest level each segment has."""
        voxels = self._store.voxels if self._store is not None else {}
        return {each: voxels.get(label, 0) for each, label in self.label_of(segmentation_node).items()}

    def labels_on(self, key: SliceKey) -> np.ndarray:
        """Labels (rows, columns) of a slice of the finest level, in any thread; without a store all are 0."""
        rows, columns = key.shape_yx(self.grid.shape_kji)
        if self._store is None:
            return np.zeros((rows, columns), np.uint16)
        extent = key.extent((0, 0, columns - 1, rows - 1))
        return self._store.read_past_cache(extent).reshape(rows, columns)

    def label_of(self, segmentation_node: slicer.vtkMRMLSegmentationNode) -> dict[str, int]:
        """The label of each segment; 0 where nothing was submitted to it."""
        ids = segments.segment_ids(segmentation_node)
        classes = {each: segments.class_id_of(segmentation_node, each) or each for each in ids}
        return {each: self._store.label_of(class_id) if self._store else 0 for each, class_id in classes.items()}

    def close(self) -> None:
        """Leave no node behind, and no file open; others may write into the classes."""
        remove_with_display(self.place_node)
        if self._reader is not None:
            self._reader.shutdown(wait=False, cancel_futures=True)
        self._let_go()
        for each in self._levels:
            each.__exit__()

    @property
    def note(self) -> str:
        """What a person should know of it."""
        fine, coarse = self.grid.shape_kji, self._levels[self.overview_level].grid.shape_kji
        steps = " x ".join(str(round(many / few)) for many, few in zip(fine[::-1], coarse[::-1], strict=True))
        return (
            f"The scan takes {self.size_text} and stays on the disk. The views show level {self.overview_level} of it, "
            f"{steps} voxels as one (i, j, k), and the full resolution of a slice that is looked at for a moment. "
            f"Clicks, masks and classes are of the full resolution; what is submitted is written to "
            f"'{self.store_path}'."
        )

    @property
    def grids(self) -> list[VoxelGrid]:
        """Of all levels, the finest first."""
        return [each.grid for each in self._levels]

    @property
    def unit_known(self) -> bool:
        """Whether the scan says how large a voxel is."""
        return self._levels[0].unit_known

    def open_classes(self) -> None:
        """Go on with the classes that have come to `store_path` meanwhile."""
        self._store = self._opened_if_there()

    # inside

    def _opened_if_there(self) -> LabelStore | None:
        if not self.store_path.exists():
            return None
        try:
            self._hold = HeldPlace(self.store_path)
        except InputError as error:
            raise InputError(f"{error} {_ANOTHER_FOLDER}") from error
        try:
            return open_label_store(self.store_path, self.grids)
        except BaseException:
            self._let_go()
            raise

    def _let_go(self) -> None:
        if self._hold is not None:
            self._hold.close()
            self._hold = None

    def _opened_store(self) -> LabelStore:
        if self._store is None:
            finest = self._levels[0]
            try:
                self._hold = HeldPlace(self.store_path)
                name = f"{finest.name}-label"
                self._store = create_label_store(self.store_path, self.grids, name, finest.unit_known)
            except InputError as error:
                self._let_go()
                raise InputError(f"{error} Nothing was submitted. {_ANOTHER_FOLDER}") from error
        return self._store


def levels_beyond_memory(path: Path, shape_kji: Sequence[int]) -> tuple[LazyVolume, ...]:
    """The levels of a scan of which one of so many voxels was opened; none where that is the finest.

    Parameters
    ----------
    path : Path
        Of a scan of any kind: only OME-Zarr has several levels.
    shape_kji : sequence of int
    """
    if not is_ome_zarr(path):
        return ()
    levels = open_ome_zarr(path)
    is_finest = levels[0].grid.shape_kji == tuple(shape_kji)
    return () if is_finest or levels[0].array_kji.ndim != 3 else levels


def label_path_beside(scan: Path) -> Path:
    """Where the classes of a scan lie if nobody names another place."""
    scan = scan.absolute()
    return scan.with_name(f"{name_without_ending(scan)}{LABEL_ENDING}")
