"""TIFF files: one slice or a stack, plain, ImageJ, OME or BigTIFF."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DependencyMissing, VolumeError
from .memory import check_fits
from .tiff_pixels import pixels_of
from .tiff_spacing import spacing_of
from .tiff_whole import check_pages, check_series
from .volume_data import VolumeData, upright_grid

if TYPE_CHECKING:
    import tifffile

_DECODERS = "imagecodecs"


def read_tiff(path: Path) -> VolumeData:
    """Read a TIFF file.

    Raises
    ------
    VolumeError
        If the file is damaged or cut short, has more than three dimensions, or pixels of an unusual kind.
    DependencyMissing
        If tifffile is not installed, or imagecodecs, which some compressions need.
    """
    module = _tifffile()
    try:
        check_pages(path)
        with _quiet(), module.TiffFile(path) as file:
            return _volume_of(file, path)
    except VolumeError as error:
        raise error if f"'{path}'" in str(error) else VolumeError(f"'{path}' {error}") from error
    except (DependencyMissing, MemoryError, PermissionError):
        raise
    except Exception as error:  # a damaged file makes tifffile fail in many ways: struct, index, zlib, ...
        if _DECODERS in str(error):
            raise DependencyMissing(
                f"'{path}' is compressed in a way that needs the package {_DECODERS}: pip install {_DECODERS}"
            ) from error
        raise VolumeError(f"'{path}' could not be read as TIFF, it is damaged or cut short: {error}") from error


def _volume_of(file: tifffile.TiffFile, path: Path) -> VolumeData:
    chosen, notes = _chosen(file)
    for series in chosen:
        check_series(series, path.stat().st_size, _stated_planes(file))
    check_fits(sum(series.nbytes for series in chosen), path)
    read = [pixels_of(series, series.asarray(), file.is_imagej) for series in chosen]
    array = read[0][0] if len(read) == 1 else np.concatenate([pixels for pixels, _ in read])
    about_pixels = dict.fromkeys(note for _, said in read for note in said)
    spacing = spacing_of(file, chosen[0], len(array))
    grid = upright_grid(spacing.spacing_mm or (1, 1, 1))
    notes = (*notes, *about_pixels, *spacing.notes, *_about_calibration(file))
    return VolumeData(array, grid, path.stem, spacing.spacing_mm is not None, notes)


def _chosen(file: tifffile.TiffFile) -> tuple[list[tifffile.TiffPageSeries], tuple[str, ...]]:
    """The images that are the scan: all of one layout, as some programs store slices one by one; else the largest."""
    if not file.series:
        raise VolumeError("holds no image.")
    layouts = {(each.shape, each.axes, str(each.dtype), int(each.keyframe.photometric)) for each in file.series}
    if len(layouts) == 1 and file.series[0].ndim - ("S" in file.series[0].axes) == 2:
        return list(file.series), ()
    largest = max(file.series, key=lambda each: int(each.size))
    if len(file.series) == 1:
        return [largest], ()
    return [largest], (f"The file holds {len(file.series)} images of different layouts; the largest was read.",)


def _stated_planes(file: tifffile.TiffFile) -> int | None:
    if not file.imagej_metadata:
        return None
    stated = file.imagej_metadata.get("images")
    return int(stated) if stated else None


def _about_calibration(file: tifffile.TiffFile) -> tuple[str, ...]:
    stated = file.imagej_metadata or {}
    if "c0" not in stated or (stated["c0"], stated.get("c1", 1)) == (0, 1):
        return ()
    return (
        f"ImageJ shows the grey values as {stated['c0']:g} + {stated.get('c1', 1):g} x value; "
        "the values themselves were read.",
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without tifffile's own lines: what matters of them is said in our own words."""
    logger = logging.getLogger("tifffile")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def _tifffile() -> ModuleType:
    try:
        import tifffile
    except ImportError as error:
        raise DependencyMissing("TIFF files need tifffile: pip install tifffile") from error
    return tifffile
