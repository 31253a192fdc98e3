"""Label images: which voxel is of which class, with the names and colours of the classes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...core.color import Color
from ...errors import InputError, VolumeError
from ..formats.color_table import NamedLabel, one_line
from ..lazy_volume import LazyVolume
from ..volume_data import VolumeData
from .metadata import ome_attributes
from .read import open_levels
from .store import level_folder, opened_group, told_of

_LABELS = "labels"
_NO_COLOR = (0.5, 0.5, 0.5)
_CLASS_ID = "class-id"


def properties_of(named: NamedLabel) -> dict[str, Any]:
    """What a store says of a label, see `StoreSettings`."""
    red, green, blue = (round(255 * part) for part in named.color)
    about: dict[str, Any] = {"label-value": named.label, "rgba": [red, green, blue, 255], "name": named.name}
    return about | ({_CLASS_ID: named.class_id} if named.class_id else {})


def read_labels(path: Path) -> tuple[VolumeData, dict[int, NamedLabel]]:
    """Read a label image, its finest level; or the only label image of a scan.

    Returns
    -------
    VolumeData
        Labels; 0 is the background.
    dict of int to NamedLabel
        What the store says of them.

    Raises
    ------
    VolumeError
        If the store is damaged, holds several label images, or the labels do not fit into memory.
    DependencyMissing
        If zarr is not installed.
    """
    finest, named = open_labels(path)
    with finest:
        return finest.read(), named


def open_labels(path: Path) -> tuple[LazyVolume, dict[int, NamedLabel]]:
    """As `read_labels`, none of the voxels read."""
    levels, about = open_levels(_label_folder(path))
    return levels[0], named_of(about.label_properties or ())


def named_of(properties: Iterable[Mapping[str, Any]]) -> dict[int, NamedLabel]:
    """What a label image says of its labels, by label; see `ImageMetadata.label_properties`."""
    named = map(_named, properties)
    return {each.label: each for each in named if each.label > 0}


def check_replaceable_labels(path: Path) -> None:
    """Raise `InputError` where something else than a label image has the name: an export replaces nothing else.

    Parameters
    ----------
    path : Path
        Of the folder to be.
    """
    if not os.path.lexists(path):
        return
    try:
        is_labels = path.is_dir() and "image-label" in ome_attributes(dict(opened_group(path).attrs))
    except VolumeError:
        is_labels = False
    if not is_labels:
        raise InputError(f"'{path}' is there already and is no label image; it is not replaced: give another name.")


def _label_folder(path: Path) -> Path:
    """The label image itself: of a scan, the only one that was made on it."""
    if not path.is_dir() or level_folder(path):
        return path
    about = ome_attributes(dict(opened_group(path).attrs))
    folder = path if _LABELS in about else path / _LABELS
    if "image-label" in about or not folder.is_dir():
        return path
    with told_of(path, _LABELS):
        names = [*ome_attributes(dict(opened_group(folder).attrs)).get(_LABELS, ())]
    if len(names) != 1:
        raise VolumeError(
            f"'{path}' holds {len(names)} label images: choose the folder of one of them, such as "
            f"'{folder / (names[0] if names else 'NAME')}'."
        )
    return folder / str(names[0])


def _named(about: Mapping[str, Any]) -> NamedLabel:
    label = int(about["label-value"])
    rgba = about.get("rgba")
    name, class_id = about.get("name"), about.get(_CLASS_ID)
    return NamedLabel(
        label,
        one_line(name) if isinstance(name, str) and name.strip() else f"Label {label}",
        _color(rgba),
        class_id if isinstance(class_id, str) else "",
    )


def _color(rgba: Any) -> Color:
    if not (isinstance(rgba, list) and len(rgba) >= 3 and all(isinstance(part, int | float) for part in rgba)):
        return _NO_COLOR
    red, green, blue = (min(1.0, max(0.0, part / 255)) for part in rgba[:3])
    return red, green, blue
