"""Labelmaps as OME-Zarr label images, with names and colours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..volumes.formats.color_table import NamedLabel
from ..volumes.lazy_volume import LazyVolume, lazy_volume_of
from ..volumes.ome_zarr.labels import properties_of
from ..volumes.ome_zarr.write import StoreSettings, write_into
from ..volumes.volume_data import VolumeData
from .labelmap import LabelledClass


def write_label_image(data: VolumeData | LazyVolume, classes: Sequence[LabelledClass], folder: Path) -> None:
    """Write labels into a folder that is not there yet, as OME-Zarr 0.5.

    Parameters
    ----------
    data : VolumeData or LazyVolume
        (k, j, i) labels.
    classes : sequence of LabelledClass
        All that may occur among them.
    folder : Path
        See `atomic_folder` for one to write to.

    Raises
    ------
    DependencyMissing
        If zarr is not installed.
    """
    named = [NamedLabel(each.label, each.name, each.color, each.class_id) for each in classes]
    settings = StoreSettings(labels=[properties_of(each) for each in named])
    write_into(data if isinstance(data, LazyVolume) else lazy_volume_of(data, folder), folder, settings)
