"""Scans that are opened without reading their voxels, whatever they were saved as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..core.system.file_name import check_name
from .formats.folder import SliceLayout, check_alike, only_scan_in, slices_in
from .formats.kinds import METAIMAGE, NIFTI, NRRD, OME_ZARR, TIFF, is_ome_zarr, kind_of, name_without_ending
from .formats.metaimage import metaimage_voxels
from .formats.nifti import nifti_voxels
from .formats.nrrd import stored_voxels
from .formats.nrrd_header import read_header
from .formats.slice_names import ordered_slices
from .formats.stored import StoredVoxels
from .formats.tiff import read_tiff
from .lazy.folder_slices import FolderSlices
from .lazy.stored_slices import StoredSlices
from .lazy.tiff_slices import tiff_slices
from .lazy_volume import LazyVolume, lazy_volume, lazy_volume_of
from .ome_zarr.read import open_level, open_ome_zarr
from .read import check_file, read_volume, refuse_segmentation, told_of

READ_WHOLE = "This kind of file cannot be read in parts: all of it was read into memory."


def open_volume(path: str | Path) -> LazyVolume:
    """Open a scan; the same voxels, place and notes as of `read_volume`.

    Slices of NRRD, NIfTI, MetaImage and TIFF files, of folders of TIFF files and pictures, and chunks of OME-Zarr, of
    which this is the finest level, are read when they are asked for. Packed files are read fastest in their order.
    What is left (DICOM, text) is read whole, which is noted.

    Parameters
    ----------
    path : str or Path
        As for `read_volume`.

    Raises
    ------
    InputError
        If its name is no text.
    VolumeError
        If there is no such file, it is empty, cut short or damaged, a segmentation, ambiguous, or not
        three-dimensional. Some of it can only be seen when the voxels are read.
    DependencyMissing
        If dask is not installed, or a package that the kind of file needs.
    """
    path = Path(path)
    check_name(path)
    with told_of(path):
        return (_folder(path) if path.is_dir() else _file(path)) or _read_whole(path)


def open_as_read(path: str | Path, shape_kji: Sequence[int] | None = None) -> LazyVolume:
    """Open the very voxels that `read_volume` reads: of OME-Zarr the level that leaves memory to work.

    Parameters
    ----------
    path : str or Path
    shape_kji : sequence of int, optional
        Of several levels the one of this shape is opened, if there is one.
    """
    path = Path(path)
    return open_in_parts(path, shape_kji) or _read_whole(path)


def open_in_parts(path: Path, shape_kji: Sequence[int] | None = None) -> LazyVolume | None:
    """The same; None, and nothing read, where the kind of file cannot be read in parts."""
    check_name(path)
    with told_of(path):
        if is_ome_zarr(path):
            return open_level(path, shape_kji)
        only = only_scan_in(path) if path.is_dir() else None
        if only is not None:
            return open_in_parts(only, shape_kji)
        return _folder(path) if path.is_dir() else _file(path)


def _read_whole(path: Path) -> LazyVolume:
    data = read_volume(path)
    return lazy_volume_of(replace(data, notes=(*data.notes, READ_WHOLE)), path)


def _file(path: Path) -> LazyVolume | None:
    check_file(path)
    kind, name = kind_of(path), name_without_ending(path)
    if kind == TIFF:
        return _tiff(path)
    if kind == NRRD:
        refuse_segmentation(path)
        return _stored(stored_voxels(read_header(path)), path, name)
    if kind == NIFTI:
        return _stored(nifti_voxels(path), path, name)
    if kind == METAIMAGE:
        return _stored(metaimage_voxels(path), path, name)
    return open_ome_zarr(path)[0] if kind == OME_ZARR else None


def _stored(stored: StoredVoxels, path: Path, name: str) -> LazyVolume | None:
    if stored.is_text:
        return None
    source = StoredSlices(stored, path)
    return lazy_volume(source, stored.ijk_to_ras, name, stored.unit_known, source.notes)


def _tiff(path: Path) -> LazyVolume | None:
    source, data = tiff_slices(path)
    return None if source is None else lazy_volume(source, data.ijk_to_ras, data.name, data.unit_known, data.notes)


def _folder(folder: Path) -> LazyVolume | None:
    if kind_of(folder) == OME_ZARR:
        return open_ome_zarr(folder)[0]
    only = only_scan_in(folder)
    if only is None:
        return _slices(folder)
    return _folder(only) if only.is_dir() else _file(only)


def _slices(folder: Path) -> LazyVolume | None:
    slices = slices_in(folder)
    if slices is None or len(slices.paths) == 1:
        return None
    ordered, notes = ordered_slices(slices.paths)
    first = slices.read_one(ordered[0])
    said = dict.fromkeys((*notes, *first.notes))
    if slices.read_one is read_tiff:
        # their headers tell at once what does not fit; pictures are looked at as they are read
        for path in ordered[1:]:
            one = tiff_slices(path)[1]
            check_alike(SliceLayout.of(one), SliceLayout.of(first), path, ordered[0])
            said |= dict.fromkeys(one.notes)
    source = FolderSlices(folder, tuple(ordered), slices.read_one, SliceLayout.of(first))
    return lazy_volume(source, first.ijk_to_ras, folder.name, first.unit_known, (*said, *slices.beside))
