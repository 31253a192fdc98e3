"""Classes of a scan that stays on its disk: a label image whose chunks are written as they change.

What a submit changes is on the disk when the submit is done, in the finest level and in all coarser ones. Beside the
labels the store keeps how many voxels each of them has, and what was recorded of how it came about.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ...core.extent import Extent, union_of
from ...core.system.atomic_file import reason_of
from ...core.system.atomic_folder import replacing_folder
from ...core.voxel_grid import VoxelGrid
from ...errors import InputError, VolumeError
from ..formats.color_table import NamedLabel
from ..formats.kinds import is_ome_zarr
from . import packages
from .labels import named_of, properties_of
from .merging import Merging, labels_in
from .metadata import NEWEST, image_metadata
from .places import first_voxel_mm_kji, own_attributes
from .read import open_levels
from .store import nothing_left_at_work, opened_group, told_of
from .write import StoreSettings, image_label

_CHUNK = 64
"""Along each axis, a choice: masks lie along any two axes, and a chunk that a submit touches is packed anew."""
_TYPE = np.dtype(np.uint16)
_NAMES = ("z", "y", "x")
_OWN = "rwthsam-classes"
_VOXELS, _IS_WHOLE, _RECORD = "voxels", "whole", "record"


class LabelStore:
    """Labels of all voxels of a scan and of its coarser levels, on the disk.

    Parameters
    ----------
    path : Path
        Of the folder, which is there; see `open_label_store` and `create_label_store`.
    grids : sequence of VoxelGrid
        Of the levels, the finest first.

    Attributes
    ----------
    named : dict of int to NamedLabel
        What the labels stand for.
    voxels : dict of int to int
        How many voxels of the finest level have each label.
    record : str
        What was kept of how the labels came about; empty at first.
    writes : int
        How often labels were written since it was opened.
    """

    def __init__(self, path: Path, grids: Sequence[VoxelGrid]) -> None:
        self.path, self.grids = path, tuple(grids)
        with told_of(path):
            self._group = packages.zarr().open_group(str(path), mode="r+")
            about = image_metadata(dict(self._group.attrs), path)
            self._levels = [self._group[each.path] for each in about.levels]
        self._merged = [Merging.between(*pair) for pair in itertools.pairwise(self.grids)]
        self._seen: tuple[Extent, np.ndarray] | None = None
        self._behind: Extent | None = None  # what a write that failed has left to do
        self.writes = 0
        self.named: dict[int, NamedLabel] = named_of(about.label_properties or ())
        own = self._group.attrs.get(_OWN)
        own = own if isinstance(own, Mapping) else {}
        self.record = str(own.get(_RECORD) or "")
        counts = own.get(_VOXELS)
        if own.get(_IS_WHOLE) is True and isinstance(counts, Mapping):
            self.voxels = {int(label): int(count) for label, count in counts.items()}
        else:  # whoever wrote last was ended in between
            self.voxels = self._counted()
            for box in self.boxes():
                self._follow(box)

    def label_of(self, class_id: str) -> int:
        """The label of a class; 0 where it has none yet."""
        return next((label for label, each in self.named.items() if each.class_id == class_id), 0)

    def labels_for(self, classes: Iterable[NamedLabel]) -> None:
        """Let the store name these classes as they are named now; a new one, of label 0, gets the next free label."""
        named = dict(self.named)
        for each in classes:
            label = self.label_of(each.class_id) or max(named, default=0) + 1
            named[label] = NamedLabel(label, each.name, each.color, each.class_id)
        if named == self.named:
            return
        self.named = named
        labels = [properties_of(each) for each in named.values()]
        about = image_label(packages.models(NEWEST), StoreSettings(labels=labels))
        ome = {**dict(self._group.attrs)["ome"], "image-label": about}
        self._write({"ome": ome})

    def read(self, extent: Extent, level: int = 0) -> np.ndarray:
        """Labels (k, j, i) of an extent of a level, not to be written into.

        Raises
        ------
        VolumeError
            If a chunk is damaged.
        """
        if level == 0 and self._seen is not None and self._seen[0] == extent:
            return self._seen[1]
        labels = self.read_past_cache(extent, level)
        if level == 0:
            self._seen = extent, labels
        return labels

    def read_past_cache(self, extent: Extent, level: int = 0) -> np.ndarray:
        """The same, in any thread: what was read last is not kept for the next."""
        with told_of(self.path):
            return np.asarray(self._levels[level][extent.slices_kji()])

    def write(self, extent: Extent, labels_kji: np.ndarray) -> None:
        """Put labels in the place of those that an extent has, in all levels; they are on the disk afterwards.

        Raises
        ------
        InputError
            If the disk does not take them.
        """
        before, after = self.read(extent), np.asarray(labels_kji, _TYPE)
        changed = Extent.around(before != after, extent.first_ijk)
        self._behind = union_of(each for each in (changed, self._behind) if each is not None)
        if self._behind is None:
            return
        self.writes += 1
        self._write(self._own(is_whole=False))
        self._seen = None
        self._put(changed, self._behind, before, after, extent)
        self._write(self._own())
        self._seen, self._behind = (extent, after), None

    def keep_record(self, record: str) -> None:
        """Keep what was recorded of how the labels came about."""
        if record != self.record:
            self.record = record
            self._write(self._own())

    def boxes(self) -> Iterator[Extent]:
        """Boxes that together hold all labelled voxels: the chunks of the finest level that are there."""
        whole, folder = self.grids[0].extent, self.path / self._levels[0].basename / "c"
        chunk = self._levels[0].chunks
        for file in sorted(folder.glob("*/*/*")):
            k, j, i = (int(name) * size for name, size in zip(file.relative_to(folder).parts, chunk, strict=True))
            box = Extent(i, i + chunk[2] - 1, j, j + chunk[1] - 1, k, k + chunk[0] - 1).intersection(whole)
            if box is not None:
                yield box

    # inside

    def _put(
        self, changed: Extent | None, behind: Extent, before: np.ndarray, after: np.ndarray, extent: Extent
    ) -> None:
        """Write what has changed within an extent, and make coarser levels anew where they are behind."""
        try:
            with self._told_of_writing():
                if changed is not None:
                    self._levels[0][changed.slices_kji()] = after[changed.slices_kji(extent.first_ijk)]
                self._follow(behind)
        except InputError:  # some chunks may be there
            self.voxels = self._counted()
            raise
        if changed is not None:
            part = changed.slices_kji(extent.first_ijk)
            self._count(before[part], after[part])

    def _follow(self, changed: Extent) -> None:
        """Make the voxels of coarser levels anew that changed voxels are part of."""
        for number, merged in enumerate(self._merged):
            part = merged.coarser(changed)
            if part is None:
                return
            finer = self._levels[number][merged.finer(part).slices_kji()]
            self._levels[number + 1][part.slices_kji()] = merged.labels(np.asarray(finer), part)
            changed = part

    def _count(self, before: np.ndarray, after: np.ndarray) -> None:
        for label in {*labels_in(before), *labels_in(after)}:
            more = np.count_nonzero(after == label) - np.count_nonzero(before == label)
            self.voxels[label] = self.voxels.get(label, 0) + int(more)

    def _counted(self) -> dict[int, int]:
        counts: Counter[int] = Counter()
        for box in self.boxes():
            labels = np.asarray(self._levels[0][box.slices_kji()])
            counts.update({label: int(np.count_nonzero(labels == label)) for label in labels_in(labels)})
        return dict(counts)

    def _own(self, is_whole: bool = True) -> dict[str, Any]:
        voxels = {str(label): count for label, count in self.voxels.items()}
        return {_OWN: {_VOXELS: voxels, _IS_WHOLE: is_whole, _RECORD: self.record}}

    def _write(self, attributes: dict[str, Any]) -> None:
        with self._told_of_writing():
            self._group = self._group.update_attributes(attributes)

    @contextmanager
    def _told_of_writing(self) -> Iterator[None]:
        try:
            with nothing_left_at_work():
                yield
        except OSError as error:
            raise InputError(f"'{self.path}' could not be written: {reason_of(error)}.") from error


def open_label_store(path: Path, grids: Sequence[VoxelGrid]) -> LabelStore:
    """The label store of a scan, to go on with.

    Parameters
    ----------
    path : Path
        Of the folder.
    grids : sequence of VoxelGrid
        Of the levels of the scan, the finest first.

    Raises
    ------
    VolumeError
        If it is none, is damaged, or was made on another scan or by another program.
    """
    levels, about = open_levels(path)
    is_own = _OWN in dict(opened_group(path).attrs)
    there = [each.grid for each in levels]
    fits = len(there) == len(grids) and all(one.fits(other) for one, other in zip(there, grids, strict=True))
    if not (is_own and fits and about.version == NEWEST):
        raise VolumeError(
            f"'{path}' is there, and is no folder of classes that the page has made on this scan: it is left alone. "
            "Name another folder (rwthsam web SCAN --segmentation FOLDER.ome.zarr); or give this one another name and "
            "name it there: it is copied, and gone on with."
        )
    return LabelStore(path, grids)


def create_label_store(path: Path, grids: Sequence[VoxelGrid], name: str, unit_known: bool) -> LabelStore:
    """An empty label store for a scan; it is there whole, or not at all.

    Parameters
    ----------
    path : Path
        Of the folder to be.
    grids : sequence of VoxelGrid
        Of the levels of the scan, the finest first.
    name : str
        For people.
    unit_known : bool
        Whether the scan says how large a voxel is.

    Raises
    ------
    InputError
        If it cannot be written, or there is something of that name already.
    DependencyMissing
        If zarr is not installed.
    """
    packages.check_all(NEWEST)
    with replacing_folder(path) as unfinished:
        label_store_in(unfinished, grids, name, unit_known)
    return LabelStore(path, grids)


def label_store_in(folder: Path, grids: Sequence[VoxelGrid], name: str, unit_known: bool) -> LabelStore:
    """An empty label store in an empty folder that is there; see `create_label_store`."""
    group = packages.zarr().create_group(str(folder), zarr_format=3)
    for level, grid in enumerate(grids):
        group.create_array(
            str(level),
            shape=grid.shape_kji,
            chunks=tuple(min(_CHUNK, count) for count in grid.shape_kji),
            dtype=_TYPE,
            fill_value=0,
            dimension_names=_NAMES,
            config={"write_empty_chunks": False},
        )
    own = {_OWN: {_VOXELS: {}, _IS_WHOLE: True, _RECORD: ""}}
    group.attrs.update({"ome": _about(grids, name, unit_known)} | own_attributes(grids[0]) | own)
    return LabelStore(folder, grids)


def is_label_store(path: Path) -> bool:
    """Whether a folder is one that `create_label_store` has made, on whatever scan."""
    if not (path.is_dir() and is_ome_zarr(path)):
        return False
    try:
        return _OWN in dict(opened_group(path).attrs)
    except VolumeError:
        return False


def _about(grids: Sequence[VoxelGrid], name: str, unit_known: bool) -> dict[str, Any]:
    models = packages.models(NEWEST)
    axes = [models.SpaceAxis(name=each, type="space", unit="millimeter" if unit_known else None) for each in _NAMES]
    datasets = [
        models.Dataset(
            path=str(level),
            coordinateTransformations=[
                models.ScaleTransformation(scale=[*grid.spacing_mm_kji]),
                models.TranslationTransformation(translation=_first_mm_kji(grids[0], grid)),
            ],
        )
        for level, grid in enumerate(grids)
    ]
    image = models.Image(multiscales=[models.Multiscale(name=name, axes=axes, datasets=datasets, type="mode")])
    about: dict[str, Any] = image.model_dump(mode="json", by_alias=True, exclude_none=True)
    return about | {"image-label": image_label(models, StoreSettings(labels=[]))}


def _first_mm_kji(finest: VoxelGrid, grid: VoxelGrid) -> list[float]:
    """Where the first voxel of a level lies along the axes of the scan, which may be turned."""
    steps = finest.ijk_at(grid.ras_of((0, 0, 0)))[::-1]
    first = first_voxel_mm_kji(finest)
    return [start + size * step for start, size, step in zip(first, finest.spacing_mm_kji, steps, strict=True)]
