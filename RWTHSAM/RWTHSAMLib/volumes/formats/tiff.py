"""TIFF files: one slice or a stack, plain, ImageJ, OME or BigTIFF."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...core.system.optional_package import optional_package
from ...errors import DependencyMissing, VolumeError
from ..memory import check_fits
from ..volume_data import VolumeData, upright_grid
from ..voxel_values import turned
from .tiff_pixels import pixels_of
from .tiff_spacing import spacing_of
from .tiff_whole import check_pages, check_series

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
    with opened_tiff(path) as file:
        chosen, notes = chosen_series(file, path)
        check_fits(sum(series.nbytes for series in chosen), path)
        read = [pixels_of(series, series.asarray(), file.is_imagej) for series in chosen]
        array = read[0][0] if len(read) == 1 else np.concatenate([pixels for pixels, _ in read])
        about_pixels = tuple(dict.fromkeys(note for _, said in read for note in said))
        return described(file, chosen, array, path, (*notes, *about_pixels))


@contextmanager
def opened_tiff(path: Path) -> Iterator[tifffile.TiffFile]:
    """A file whose pages are all there; what goes wrong while it is open is told of it. For errors see `read_tiff`."""
    with told_of(path):
        module = optional_package("tifffile", "TIFF files")
        check_pages(path)
        with quiet(), module.TiffFile(path) as file:
            yield file


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Say of which file it is that something is wrong."""
    try:
        yield
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


def chosen_series(file: tifffile.TiffFile, path: Path) -> tuple[list[tifffile.TiffPageSeries], tuple[str, ...]]:
    """The images that are the scan, looked through; and what is to be said of the others."""
    chosen, notes = _chosen(file)
    for series in chosen:
        check_series(series, path.stat().st_size, _stated_planes(file))
    return chosen, notes


def described(
    file: tifffile.TiffFile,
    chosen: list[tifffile.TiffPageSeries],
    array: np.ndarray,
    path: Path,
    notes: tuple[str, ...],
) -> VolumeData:
    """The scan of an array (k, j, i, ...), with the voxel size that the file states.

    Raises
    ------
    VolumeError
        If the file states several.
    """
    spacing = spacing_of(file, chosen[0], len(array))
    grid = upright_grid(spacing.spacing_mm or (1, 1, 1))
    _check_one_spacing(file, chosen, spacing.spacing_mm)
    notes = (*notes, *spacing.notes, *_about_calibration(file), *_about_orientation(chosen))
    return VolumeData(array, grid, path.stem, spacing.spacing_mm is not None, notes)


def _chosen(file: tifffile.TiffFile) -> tuple[list[tifffile.TiffPageSeries], tuple[str, ...]]:
    """The images that are the scan: all of one layout, as some programs store slices one by one; else the largest."""
    if not file.series:
        raise VolumeError("holds no image.")
    if len(file.series) == 1:
        return list(file.series), ()
    groups: dict[object, list[tifffile.TiffPageSeries]] = defaultdict(list)
    for number, each in enumerate(file.series):
        is_slice = each.ndim - ("S" in each.axes) == 2
        # slices belong together, stacks are a scan each
        place = -1 if is_slice else number
        groups[(place, each.shape, each.axes, str(each.dtype), int(each.keyframe.photometric))].append(each)
    chosen = max(groups.values(), key=lambda group: sum(int(each.size) for each in group))
    others = [each for each in file.series if each not in chosen]
    _refuse_other_slices(chosen, others)
    if not others:
        return chosen, ()
    if any(each.shape == chosen[0].shape and each.dtype == chosen[0].dtype for each in others):
        return chosen, (f"The file holds {len(file.series)} images; the first of the largest was read.",)
    return chosen, (f"The file holds {len(file.series)} images of different layouts; the largest was read.",)


def _refuse_other_slices(chosen: list[tifffile.TiffPageSeries], others: list[tifffile.TiffPageSeries]) -> None:
    """Raise `VolumeError` where a stack would miss slices only because their numbers are of another type."""
    size = _rows_and_columns(chosen[0])
    count = sum(int(each.size) for each in chosen) // (size[0] * size[1])
    odd = [each for each in others if _rows_and_columns(each) == size and len(each.pages) < count]
    if odd and count > 1:
        kinds = ", ".join(sorted({str(each.dtype) for each in (chosen[0], *odd)}))
        raise VolumeError(
            f"holds {len(odd)} more pictures of the size of its {count} slices, but of another kind ({kinds}): "
            "save the slices of one scan as one kind."
        )


def _rows_and_columns(series: tifffile.TiffPageSeries) -> tuple[int, int]:
    return int(series.keyframe.imagelength), int(series.keyframe.imagewidth)


def _stated_planes(file: tifffile.TiffFile) -> int | None:
    if not file.imagej_metadata:
        return None
    stated = file.imagej_metadata.get("images")
    return int(stated) if stated else None


def _check_one_spacing(
    file: tifffile.TiffFile, chosen: list[tifffile.TiffPageSeries], first_mm: tuple[float, float, float] | None
) -> None:
    for each in chosen[1:]:
        other_mm = spacing_of(file, each, len(chosen)).spacing_mm
        if (other_mm is None) != (first_mm is None) or not np.allclose(other_mm or 0, first_mm or 0, rtol=1e-3, atol=0):
            raise VolumeError("holds slices whose pixels are of different sizes: keep only those of one scan.")


def _about_orientation(chosen: list[tifffile.TiffPageSeries]) -> tuple[str, ...]:
    tag = chosen[0].keyframe.tags.get("Orientation")
    return turned(tag.value) if tag is not None else ()


def _about_calibration(file: tifffile.TiffFile) -> tuple[str, ...]:
    stated = file.imagej_metadata or {}
    if "c0" not in stated or (stated["c0"], stated.get("c1", 1)) == (0, 1):
        return ()
    return (
        f"ImageJ shows the grey values as {stated['c0']:g} + {stated.get('c1', 1):g} x value; "
        "the values themselves were read.",
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Without tifffile's own lines: what matters of them is said in our own words."""
    logger = logging.getLogger("tifffile")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
