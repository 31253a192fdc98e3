"""A segmentation for other programs: labelmaps with a colour table beside them, surfaces in world units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import slicer

from ...core.settings.export import Exported, ExportFormat, ExportSettings
from ...core.system.atomic_file import filling
from ...core.system.file_name import file_word
from ...errors import StateError
from ...export import color_table
from ...export.gltf import write_gltf
from ...export.labelmap import MOST_LABELS, LabelledClass, label_type, merge
from ...export.obj import write_obj
from ...export.ome_zarr_labels import write_label_image
from ...export.stl import write_stl
from ...export.surface import Surface, rounding_mm
from ...export.tiff_stack import write_tiff_stack
from ...volumes.lazy_volume import LazyVolume
from ...volumes.ome_zarr.labels import check_replaceable_labels
from ...volumes.volume_data import VolumeData, check_upright
from ...volumes.write import write_volume
from ...volumes.write_slices import write_slices
from ..nodes import labelmaps, segments
from ..nodes.label_grid import LabelGrid, grid_of
from ..nodes.labelled_segments import labelled_classes
from .closed_surfaces import surface_of_segment

_ROUNDED_AT_MOST = 0.02
"""Of a voxel's side; more is told."""


def export_segmentation(
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    folder: Path,
    stem: str,
    formats: Sequence[ExportFormat],
    choices: ExportSettings | None = None,
) -> Exported:
    """Write a segmentation in one or more formats; either all files come to be or none.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
        Not changed.
    folder : Path
        Made if it is not there; files of the same names are replaced.
    stem : str
        What all names begin with; one file for each class adds the class's name.
    formats : sequence of ExportFormat
        See `formats_named`.
    choices : ExportSettings, optional
        Frame, smoothing, which classes; usual ones by default.

    Returns
    -------
    Exported
        Files, and what a person should know.

    Raises
    ------
    StateError
        If there is nothing to export, or a class that is not there is asked for.
    GeometryError
        If segments lie on different grids.
    InputError
        If a file cannot be written.
    """
    return Export(segmentation_node, stem, choices or ExportSettings()).into(Path(folder), formats)


class Export:
    """One export: what is written, under which names, and what was noticed on the way. See `export_segmentation`."""

    def __init__(self, node: slicer.vtkMRMLSegmentationNode, stem: str, choices: ExportSettings) -> None:
        self._node = node
        self._stem = stem
        self._settings = choices
        self._classes = chosen_classes(node, choices.classes)
        self._words = _distinct_words(self._classes)
        self._files: list[Path] = []
        self._notes: list[str] = []
        self._empty: dict[str, None] = {}
        self._unit_known = segments.unit_known(node)
        if not self._unit_known:
            self._note("The scan does not say how large a voxel is: the files state no unit as known.")

    def into(self, folder: Path, formats: Sequence[ExportFormat]) -> Exported:
        """Write everything."""
        labelmap_formats = [each for each in formats if each.kind == "labelmap"]
        surface_formats = [each for each in formats if each.kind == "surface"]
        with filling(folder) as unfinished:
            if labelmap_formats:
                self._write_labelmaps(unfinished, labelmap_formats)
            if surface_formats:
                self._write_surfaces(unfinished, surface_formats)
            for each in self._files:
                if each.is_dir():
                    check_replaceable_labels(folder / each.name)
        empty = [f"Without any voxel: {', '.join(self._empty)}."] if self._empty else []
        return Exported(tuple(folder / each.name for each in self._files), (*self._notes, *empty))

    def _write_labelmaps(self, folder: Path, formats: Sequence[ExportFormat]) -> None:
        grid = grid_of(self._node)
        # what reads labelmaps loses a shear without a word
        check_upright(grid.ijk_to_ras, self._node.GetName())
        parts = (
            [{each: entry} for each, entry in self._classes.items()] if self._settings.each_class else [self._classes]
        )
        for part in parts:
            stem = f"{self._file_stem(part)}{self._settings.labelmap_suffix}"
            data = self._labels(grid, part, stem)
            for each in formats:
                self._write_labelmap(data, list(part.values()), folder / f"{stem}{each.ending}", each)
        self._write_color_tables(folder, f"{self._stem}{self._settings.labelmap_suffix}")

    def _labels(self, grid: LabelGrid, part: dict[str, LabelledClass], name: str) -> VolumeData | LazyVolume:
        """Labels of some classes on the grid."""
        return VolumeData(self._labels_kji(grid, part), grid.grid.ijk_to_ras, name, self._unit_known)

    def _write_labelmap(
        self, data: VolumeData | LazyVolume, classes: list[LabelledClass], path: Path, chosen: ExportFormat
    ) -> None:
        if chosen.name == "ome-zarr":
            write_label_image(data, classes, path)
        elif chosen.name == "tiff":
            write_tiff_stack(data, path)
            self._note("A TIFF stack keeps the voxel size, not where the scan lies and how it is turned.")
        elif isinstance(data, LazyVolume):
            write_slices(data, path)
        else:
            write_volume(data, path)
        self._files.append(path)

    def _write_color_tables(self, folder: Path, stem: str) -> None:
        classes = list(self._classes.values())
        ctbl, table = folder / f"{stem}.ctbl", folder / f"{stem}.csv"
        ctbl.write_text(color_table.ctbl_text(classes, ctbl.name), encoding="utf-8", newline="\n")
        table.write_text(color_table.csv_text(classes), encoding="utf-8", newline="\n")
        self._files += [ctbl, table]

    def _labels_kji(self, grid: LabelGrid, part: dict[str, LabelledClass]) -> np.ndarray:
        entries = list(part.values())
        labels = np.zeros(grid.extent.shape_kji, label_type(list(self._classes.values())))
        for overlap in merge(labels, self._masks(grid, part), entries):
            self._note(overlap.sentence)
        return labels

    def _masks(
        self, grid: LabelGrid, part: dict[str, LabelledClass]
    ) -> Iterator[tuple[LabelledClass, np.ndarray, tuple[slice, slice, slice]]]:
        for segment_id, entry in part.items():
            extent = labelmaps.extent_of(self._labelmap(segment_id))
            common = extent.intersection(grid.extent) if extent is not None else None
            if extent is None or common is None:
                self._empty.setdefault(entry.name)
                continue
            mask = labelmaps.segment_voxels_kji(self._node, segment_id, common)
            if not mask.any():
                self._empty.setdefault(entry.name)
            if common != extent:
                whole = labelmaps.segment_voxels_kji(self._node, segment_id, extent)
                self._note_outside(entry, int(np.count_nonzero(whole)) - int(np.count_nonzero(mask)))
            yield entry, mask, common.slices_kji(grid.extent.first_ijk)

    def _labelmap(self, segment_id: str) -> slicer.vtkOrientedImageData | None:
        return self._node.GetSegmentation().GetSegment(segment_id).GetRepresentation(labelmaps.BINARY_LABELMAP)

    def _write_surfaces(self, folder: Path, formats: Sequence[ExportFormat]) -> None:
        made = {each: surface for each in self._classes if (surface := self._surface(each)) is not None}
        if not made:
            raise StateError(f"Segmentation '{self._node.GetName()}' holds no voxel: there is no surface to export.")
        alone = [{each: surface} for each, surface in made.items()]
        unit = "mm" if self._unit_known else "unknown"
        for chosen in formats:
            if chosen.name == "stl":
                self._note_rounding(made.values())
            for part in alone if self._settings.each_class else [made]:
                path = folder / f"{self._file_stem(part)}{chosen.ending}"
                self._files += self._surface_file(list(part.values()), path, chosen, unit)

    def _surface_file(
        self, surfaces: Sequence[Surface], path: Path, chosen: ExportFormat, unit: str
    ) -> tuple[Path, ...]:
        """Write surfaces into one file; returns it and what belongs to it."""
        if chosen.name == "stl":
            write_stl(surfaces, path, self._settings.frame, unit)
        elif chosen.name == "obj":
            return path, write_obj(surfaces, path, self._settings.frame, unit)
        else:
            write_gltf(surfaces, path)
        return (path,)

    def _surface(self, segment_id: str) -> Surface | None:
        entry = self._classes[segment_id]
        choices = self._settings
        surface = surface_of_segment(self._node, segment_id, entry, choices.smoothing, choices.decimation)
        if surface is None:
            self._empty.setdefault(entry.name)
        return surface

    def _file_stem(self, part: dict[str, LabelledClass] | dict[str, Surface]) -> str:
        return f"{self._stem}-{self._words[next(iter(part))]}" if self._settings.each_class else self._stem

    def _note_outside(self, entry: LabelledClass, voxels: int) -> None:
        if voxels:
            self._note(f"{voxels:,} voxels of '{entry.name}' lie outside the scan's grid and are not in the labelmap.")

    def _note_rounding(self, surfaces: Iterable[Surface]) -> None:
        worst = max(surfaces, key=lambda each: rounding_mm(each) / each.voxel_mm)
        share = rounding_mm(worst) / worst.voxel_mm
        if share > _ROUNDED_AT_MOST:
            self._note(
                f"STL holds single precision: so far from the world's origin places are rounded by up to "
                f"{rounding_mm(worst):.2g} mm, {share:.2g} of a voxel's side. OBJ and glTF keep them."
            )

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)


def chosen_classes(node: slicer.vtkMRMLSegmentationNode, wanted: Sequence[str]) -> dict[str, LabelledClass]:
    """The segments that an export is of, by their ids: those whose names or class ids are wanted, else all.

    Raises
    ------
    StateError
        If one of them is not there, there is none at all, or there are more than a labelmap holds.
    """
    there = labelled_classes(node)
    if not there:
        raise StateError(f"Segmentation '{node.GetName()}' has no segment: there is nothing to export.")
    if len(there) > MOST_LABELS:
        raise StateError(f"A labelmap holds {MOST_LABELS} classes, not {len(there)}: export fewer.")
    names = {name for each in there.values() for name in (each.name, each.class_id)}
    if unknown := [each for each in wanted if each not in names]:
        known = ", ".join(each.name for each in there.values())
        raise StateError(f"The segmentation has no class '{unknown[0]}'; it has {known}.")
    return {key: each for key, each in there.items() if not wanted or {each.name, each.class_id} & set(wanted)}


def _distinct_words(classes: dict[str, LabelledClass]) -> dict[str, str]:
    """A part of a file's name for each class, numbered where two would be the same name on some system."""
    words = {key: file_word(each.name) for key, each in classes.items()}
    folded = [each.lower() for each in words.values()]
    return {
        key: word if folded.count(word.lower()) == 1 else f"{word}-{classes[key].label}" for key, word in words.items()
    }
