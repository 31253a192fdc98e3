"""Which kind of file a scan is in, told by the name, else by the first bytes."""

from __future__ import annotations

from pathlib import Path

TIFF = (".tif", ".tiff")
PICTURES = (".png", ".jpg", ".jpeg", ".bmp")
DICOM = (".dcm", ".dicom", ".ima")
NRRD = (".nrrd", ".nhdr")
NIFTI = (".nii.gz", ".nii", ".hdr", ".img", ".img.gz", ".hdr.gz")
METAIMAGE = (".mha", ".mhd")
SCANS = (*NRRD, *NIFTI, *METAIMAGE)
SEGMENTATION = (".seg.nrrd",)
ALL = (*SCANS, *TIFF, *PICTURES, *DICOM)

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
    """The endings of the kind that a file is of; empty where neither its name nor its first bytes tell."""
    for kind in (TIFF, PICTURES, DICOM, NRRD, NIFTI, METAIMAGE):
        if has_ending(path, kind):
            return kind
    with path.open("rb") as file:
        start = file.read(132)
    if start[128:] == b"DICM":
        return DICOM
    return next((kind for kind, magic in _STARTS if start.startswith(magic)), ())


def name_without_ending(path: Path) -> str:
    """For people."""
    ending = next((each for each in sorted(ALL, key=len, reverse=True) if has_ending(path, (each,))), "")
    return path.name[: len(path.name) - len(ending)] or path.name
