"""What a segmentation can be exported as."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from ...errors import SettingsError
from .codec import Settings
from .setting import setting

Kind = Literal["labelmap", "surface"]
Frame = Literal["LPS", "RAS"]
"""Which way the first two axes of a world point: left and posterior, as files of ITK and Slicer have it, or right and
anterior, as Slicer counts inside. The third points superior in both; the unit is mm."""

FRAMES: tuple[Frame, ...] = get_args(Frame)


@dataclass(frozen=True)
class ExportFormat:
    """A kind of file.

    Attributes
    ----------
    name : str
        As it is chosen, such as ``"nifti"``.
    kind : str
        ``"labelmap"`` or ``"surface"``.
    endings : tuple of str
        Of file names, the usual one first.
    title : str
        For people.
    """

    name: str
    kind: Kind
    endings: tuple[str, ...]
    title: str

    @property
    def ending(self) -> str:
        """What names of new files end in."""
        return self.endings[0]


FORMATS: dict[str, ExportFormat] = {
    each.name: each
    for each in (
        ExportFormat("nrrd", "labelmap", (".nrrd",), "NRRD"),
        ExportFormat("nifti", "labelmap", (".nii.gz", ".nii"), "NIfTI"),
        ExportFormat("tiff", "labelmap", (".tif", ".tiff"), "TIFF stack"),
        ExportFormat("ome-zarr", "labelmap", (".ome.zarr", ".zarr"), "OME-Zarr label image, a folder"),
        ExportFormat("stl", "surface", (".stl",), "STL"),
        ExportFormat("obj", "surface", (".obj",), "OBJ"),
        ExportFormat("glb", "surface", (".glb",), "glTF, one binary file"),
        ExportFormat("gltf", "surface", (".gltf",), "glTF, one text file"),
    )
}


@dataclass(frozen=True)
class ExportSettings(Settings):
    """How an export is made."""

    each_class: bool = setting(False, "One file for each class instead of one for all.")
    frame: Frame = setting("LPS", "World of STL and OBJ; glTF has one of its own.")
    smoothing: float = setting(
        0.5, "Of surfaces, from 0 (the voxels' faces, hardly rounded) to 1; Slicer's smoothing factor.", 0, 1
    )
    decimation: float = setting(
        0.9,
        "Share of a surface's triangles to leave out, or less where it would lie off by a quarter of a voxel; 0: none.",
        0,
        below=1,
    )
    classes: tuple[str, ...] = setting((), "Names or ids of the classes to export; by default all.")
    # Slicer takes "-label" as the sign of a labelmap; and without it, the labelmap of "cell.seg.nrrd" would replace a
    # scan "cell.nrrd" in the same folder
    labelmap_suffix: str = setting("-label", "What names of labelmaps end in.")


@dataclass(frozen=True)
class Exported:
    """What an export has made.

    Attributes
    ----------
    files : tuple of Path
        In the order in which they were asked for.
    notes : tuple of str
        What a person should know, in plain words: overlapping classes, empty ones, what a format cannot hold.
    """

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def formats_named(names: Iterable[str]) -> tuple[ExportFormat, ...]:
    """The formats of some names, each once.

    Raises
    ------
    SettingsError
        If there is no such format, or none is named.
    """
    found = []
    for name in dict.fromkeys(names):
        if name not in FORMATS:
            raise SettingsError(f"There is no format '{name}'; there are {', '.join(FORMATS)}.")
        found.append(FORMATS[name])
    if not found:
        raise SettingsError(f"Say what to export: one or more of {', '.join(FORMATS)}.")
    return tuple(found)


def format_of_file(path: Path) -> ExportFormat | None:
    """The format that a file's name ends in, with that ending, or None for other names, such as a folder's.

    Raises
    ------
    SettingsError
        If it is the name of a segmentation: an export is something else.
    """
    name = path.name.lower()
    if name.endswith(".seg.nrrd"):
        raise SettingsError(f"'{path.name}' is the name of a segmentation: let the export end in '.nrrd' alone.")
    for each in FORMATS.values():
        for ending in each.endings:
            if name.endswith(ending):
                return replace(each, endings=(path.name[-len(ending) :],))
    return None
