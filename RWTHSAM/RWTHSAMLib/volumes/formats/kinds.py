"""Which kind of file a scan is in, told by the name, else by the first bytes."""

from __future__ import annotations

from pathlib import Path

TIFF = (".tif", ".tiff")
PICTURES = (".png", ".jpg", ".jpeg", ".bmp")
DICOM = (".dcm", ".dicom", ".ima")
NRRD = (".nrrd", ".nhdr")
NIFTI = (".nii.gz", ".nii", ".hdr", ".img", ".img.gz", ".hdr.gz")
METAIMAGE = (".mha", ".mhd")
OME_ZARR = (".ome.zarr", ".zarr", ".ome.zarr.zip", ".zarr.zip", ".ozx")
"""Folders, and archives of one."""
SCANS = (*NRRD, *NIFTI, *METAIMAGE)
SEGMENTATION = (".seg.nrrd",)
ALL = (*SCANS, *TIFF, *PICTURES, *DICOM, *OME_ZARR)

_STORE_FILES = ("zarr.json", ".zgroup", ".zattrs", ".zarray")
_STARTS = (
    (NRRD, b"NRRD000"),
    (TIFF, b"II*\0"),
    (TIFF, b"MM\0*"),
    (TIFF, b"II+\0"),
    (TIFF, b"MM\0+"),
    (PICTURES, b"\x89PNG"),
    (PICTURES, b"\xff\xd8\xff"),
    (PICTURES, b"BM"),
    (NIFTI, b"\x5c\x01\0\0"),
    (NIFTI, b"\0\0\x01\x5c"),
    (NIFTI, b"\x1c\x02\0\0"),
    (NIFTI, b"\0\0\x02\x1c"),
    (METAIMAGE, b"ObjectType"),
    (METAIMAGE, b"NDims"),
)


def has_ending(path: Path, endings: tuple[str, ...]) -> bool:
    """Whether a name ends in one of some endings, in capitals or not."""
    return path.name.lower().endswith(endings)


def kind_of(path: Path) -> tuple[str, ...]:
    """The endings of the kind that a file is of; empty where neither its name nor its first bytes tell.

    A folder is one kind alone: OME-Zarr, by its name or what it begins with.
    """
    if path.is_dir():
        return OME_ZARR if has_ending(path, OME_ZARR) or holds_store(path) else ()
    for kind in (TIFF, PICTURES, DICOM, NRRD, NIFTI, METAIMAGE, OME_ZARR):
        if has_ending(path, kind):
            return kind
    with path.open("rb") as file:
        start = file.read(132)
    if start[128:] == b"DICM":
        return DICOM
    return next((kind for kind, magic in _STARTS if start.startswith(magic)), ())


def holds_store(folder: Path) -> bool:
    """Whether a folder begins as Zarr does, whatever its name."""
    return any((folder / name).is_file() for name in _STORE_FILES)


def is_ome_zarr(path: Path) -> bool:
    """Whether a folder or file that is there is OME-Zarr, by its name or what it begins with."""
    return (path.is_dir() or has_ending(path, OME_ZARR)) and kind_of(path) == OME_ZARR


def name_without_ending(path: Path) -> str:
    """For people."""
    ending = next((each for each in sorted(ALL, key=len, reverse=True) if has_ending(path, (each,))), "")
    return path.name[: len(path.name) - len(ending)] or path.name
