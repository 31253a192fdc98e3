"""Volumes to disk, for other programs."""

from __future__ import annotations

from pathlib import Path

from ..core.system.atomic_file import replacing
from ..core.system.quiet import quiet_libraries
from ..errors import VolumeError
from .formats.kinds import SEGMENTATION
from .formats.sitk import simpleitk
from .itk_image import itk_image
from .unknown_unit import forget_unit
from .volume_data import VolumeData
from .whole_file import check_whole

ENDINGS = (".nrrd", ".nii.gz", ".nii", ".mha")


def write_volume(data: VolumeData, path: Path, compressed: bool = True) -> None:
    """Write a volume of grey values or labels; the file is either old or new, never half of each.

    Where the size of a voxel is not known the file does not state one as known: see `unknown_unit`.

    Parameters
    ----------
    data : VolumeData
        Any number type that the format knows.
    path : Path
        Ends in .nrrd, .nii.gz, .nii or .mha.
    compressed : bool
        Smaller and slower; names in .gz are always so.

    Raises
    ------
    VolumeError
        If the name ends otherwise, or the format cannot hold the volume.
    InputError
        If the file cannot be written.
    """
    check_ending(path)
    image = itk_image(data.array_kji, data.grid)
    with replacing(path, check_whole) as unfinished:
        try:
            with quiet_libraries():
                simpleitk().WriteImage(image, str(unfinished), compressed)
        except RuntimeError as error:
            raise VolumeError(f"'{path}' could not be written: {_reason(error)}") from error
        if not data.unit_known:
            forget_unit(unfinished)


def _reason(error: RuntimeError) -> str:
    """ITK's own sentence, which follows source files and addresses, and what usually is behind it."""
    return f"{str(error).strip().splitlines()[-1].strip()} (check that the disk has free space)."


def check_ending(path: Path) -> None:
    """Raise `VolumeError` unless `write_volume` knows the format, or for a name that is taken for a segmentation."""
    if path.name.lower().endswith(SEGMENTATION):
        raise VolumeError(f"'{path.name}' is a name for segmentations: give grey values another, such as cell.nrrd.")
    if not path.name.lower().endswith(ENDINGS):
        raise VolumeError(f"A volume file ends in {', '.join(ENDINGS)}, but '{path.name}' does not.")
