"""What a store says of its image: axes, units, levels, labels; versions 0.4 and 0.5 alike."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import VolumeError
from . import packages

VERSIONS = ("0.4", "0.5")
NEWEST = VERSIONS[-1]


@dataclass(frozen=True)
class Axis:
    """An axis of the arrays.

    Attributes
    ----------
    name : str
    kind : str
        ``"space"``, ``"channel"``, ``"time"``, or something else.
    unit : str
        Empty where the store does not say it.
    """

    name: str
    kind: str
    unit: str = ""


@dataclass(frozen=True)
class Level:
    """An array, and where its elements lie: scale times index plus translation, in the units of the axes."""

    path: str
    scale: tuple[float, ...]
    translation: tuple[float, ...]


@dataclass(frozen=True)
class ImageMetadata:
    """An image of several levels, the finest first.

    Attributes
    ----------
    version : str
    name : str
        Empty where it has none.
    axes : tuple of Axis
        In the order of the arrays.
    levels : tuple of Level
    label_properties : tuple of mapping, optional
        Of a label image, what it says of each label as ``image-label`` has it, colours among it; None for other images.
    notes : tuple of str
    """

    version: str
    name: str
    axes: tuple[Axis, ...]
    levels: tuple[Level, ...]
    label_properties: tuple[Mapping[str, Any], ...] | None = None
    notes: tuple[str, ...] = ()


def ome_attributes(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is OME's in the attributes of a group: in 0.5 it has a place of its own."""
    inner = attributes.get("ome")
    return inner if isinstance(inner, Mapping) else attributes


def image_metadata(attributes: Mapping[str, Any], path: Path) -> ImageMetadata:
    """Read the attributes of a group.

    Raises
    ------
    VolumeError
        If they are of no image, of an unknown version, or not as that version has them.
    DependencyMissing
        If the models of the metadata are not installed.
    """
    about = ome_attributes(attributes)
    stated = about.get("multiscales")
    if not isinstance(stated, list) or not stated or not isinstance(stated[0], Mapping):
        raise VolumeError(_no_image(about, path))
    version = _version(about, stated[0], path)
    checked = _checked(version, stated[0], path)
    several = f"The store holds {len(stated)} images; the first was read."
    shared = checked.coordinateTransformations
    return ImageMetadata(
        version,
        checked.name or "",
        tuple(Axis(each.name, each.type or "", each.unit or "") for each in checked.axes),
        tuple(_level(each, shared) for each in checked.datasets),
        _label_properties(about.get("image-label")),
        (several,) if len(stated) > 1 else (),
    )


def _no_image(about: Mapping[str, Any], path: Path) -> str:
    if "plate" in about or "well" in about:
        return f"'{path}' holds a plate of many images, expected one: choose the folder of an image in it."
    if "labels" in about:
        return f"'{path}' holds labels, not a scan: choose the folder above it."
    return (
        f"'{path}' is a Zarr store, but no OME-Zarr image: it does not say how its arrays belong together "
        "(multiscales). It may be still being written."
    )


def _version(about: Mapping[str, Any], multiscale: Mapping[str, Any], path: Path) -> str:
    # older stores need not say it, but what 0.4 has brought tells them from those before
    has_places = all("coordinateTransformations" in each for each in multiscale.get("datasets", ()))
    version = about.get("version") or multiscale.get("version") or ("0.4" if has_places else "before 0.4")
    if version not in VERSIONS:
        raise VolumeError(f"'{path}' is OME-Zarr of version {version}, expected {' or '.join(VERSIONS)}: convert it.")
    return str(version)


def _checked(version: str, multiscale: Mapping[str, Any], path: Path) -> Any:
    """The multiscale model of a version."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters of them is said in our own words
            return packages.models(version).Multiscale.model_validate(multiscale)
    except packages.validation_error() as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "multiscales"
        said = " ".join(first["msg"].split())
        raise VolumeError(f"'{path}' is not as OME-Zarr {version} has it, at {where}: {said}") from error


def _level(dataset: Any, shared: Any) -> Level:
    count = len(dataset.coordinateTransformations[0].scale)
    scale, translation = np.ones(count), np.zeros(count)
    # those of all levels come after those of one
    for each in (*dataset.coordinateTransformations, *(shared or ())):
        if each.type == "scale":
            scale, translation = scale * each.scale, translation * each.scale
        else:
            translation = translation + each.translation
    return Level(dataset.path, tuple(map(float, scale)), tuple(map(float, translation)))


def _label_properties(stated: object) -> tuple[Mapping[str, Any], ...] | None:
    """Colours and properties by label; the models know only a part of them."""
    if not isinstance(stated, Mapping):
        return None
    found: dict[int, dict[str, Any]] = {}
    for kind in ("colors", "properties"):
        for each in stated.get(kind) or ():
            if isinstance(each, Mapping) and isinstance(each.get("label-value"), int | float):
                found.setdefault(int(each["label-value"]), {}).update(each)
    return tuple(found.values())
