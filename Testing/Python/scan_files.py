"""Files of scans as other programs write them, right and wrong, made for tests."""

from __future__ import annotations

import bz2
import gzip
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

SEED = 20
SHAPE_KJI = (6, 9, 11)
NO_VOXELS = b""


def grey_values(shape_kji: tuple[int, ...] = SHAPE_KJI, dtype: str = "<i2") -> np.ndarray:
    """Noise that no compression makes much smaller."""
    return np.random.default_rng(SEED).integers(0, 200, shape_kji).astype(dtype)


def write_nrrd(
    path: Path,
    values: np.ndarray | bytes,
    sizes: Sequence[int] | None = None,
    encoding: str = "raw",
    kind: str = "short",
    data_file: str = "",
    **fields: str,
) -> Path:
    """A NRRD file; underscores in names of fields stand for spaces."""
    if isinstance(values, np.ndarray):
        sizes = sizes or values.shape[::-1]
        values = values.tobytes()
    assert sizes is not None
    packed = {"gzip": gzip.compress, "bzip2": bz2.compress}.get(encoding, bytes)(values)
    lines = ["NRRD0004", f"type: {kind}", f"dimension: {len(sizes)}", f"sizes: {' '.join(map(str, sizes))}"]
    lines += [f"encoding: {encoding}", f"endian: {fields.pop('endian', 'little')}"]
    lines += [f"{name.replace('_', ' ')}: {value}" for name, value in fields.items()]
    header = "\n".join(lines)
    if data_file:
        path.write_text(f"{header}\ndata file: {data_file}\n", encoding="utf-8")
    else:
        path.write_bytes(f"{header}\n\n".encode() + packed)
    return path


def in_space(directions: str = "(1,0,0) (0,2,0) (0,0,3)", **fields: str) -> dict[str, str]:
    """Fields of a NRRD file that say where the voxels lie."""
    return {"space": "left-posterior-superior", "space_directions": directions, "space_origin": "(1,2,3)", **fields}


def nifti_header(
    sizes: Sequence[int] = SHAPE_KJI[::-1],
    datatype: int = 4,
    bitpix: int = 16,
    pixdim: Sequence[float] = (0.5, 0.75, 2.0),
    order: str = "<",
    version: int = 1,
    magic: bytes = b"n+1\0",
    slope: float = 0,
    intercept: float = 0,
    units: int = 2,
    qform: tuple[int, Sequence[float], Sequence[float]] = (0, (0, 0, 0), (0, 0, 0)),
    sform: tuple[int, Sequence[Sequence[float]]] = (0, np.zeros((3, 4))),
) -> bytes:
    """Header of a NIfTI file; `qform` is code, quaternion (b, c, d) and offset, `sform` code and three rows."""
    dim = [len(sizes), *sizes, *[1] * (7 - len(sizes))]
    sizes_mm = [1.0, *pixdim, *[0.0] * (7 - len(pixdim))]
    rows = np.asarray(sform[1], float).ravel()
    if version == 1:
        header = bytearray(352)
        fields: Mapping[int, tuple[str, Sequence[float]]] = {
            0: ("i", [348]),
            40: ("8h", dim),
            70: ("2h", [datatype, bitpix]),
            76: ("8f", sizes_mm),
            108: ("3f", [352 if magic.startswith(b"n+") else 0, slope, intercept]),
            123: ("b", [units]),
            252: ("2h", [qform[0], sform[0]]),
            256: ("6f", [*qform[1], *qform[2]]),
            280: ("12f", rows),
        }
        header[344:348] = magic
    else:
        header = bytearray(544)
        fields = {
            0: ("i", [540]),
            12: ("2h", [datatype, bitpix]),
            16: ("8q", dim),
            104: ("8d", sizes_mm),
            168: ("q", [544]),
            176: ("2d", [slope, intercept]),
            344: ("2i", [qform[0], sform[0]]),
            352: ("6d", [*qform[1], *qform[2]]),
            400: ("12d", rows),
            500: ("i", [units]),
        }
        header[4:12] = b"n+2\0\r\n\x1a\n"
    for offset, (form, values) in fields.items():
        struct.pack_into(order + form, header, offset, *values)
    return bytes(header)


def write_nifti(path: Path, values: np.ndarray | bytes | None = None, **fields: object) -> Path:
    """A NIfTI file, packed where its name ends in .gz."""
    if values is None:
        values = grey_values()
    if isinstance(values, np.ndarray):
        fields.setdefault("sizes", values.shape[::-1])
        values = values.tobytes()
    content = nifti_header(**fields) + values  # type: ignore[arg-type]
    path.write_bytes(gzip.compress(content) if path.name.endswith(".gz") else content)
    return path


def cut(path: Path, to: float | int) -> Path:
    """Keep the beginning of a file: a share of it, or, where negative, all but so many bytes."""
    content = path.read_bytes()
    path.write_bytes(content[:to] if isinstance(to, int) else content[: int(len(content) * to)])
    return path


def write_dicom(path: Path, values_yx: np.ndarray, **fields: object) -> Path:
    """One slice as a DICOM file; names of fields as pydicom has them, None leaves one out."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    about = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
        "SOPInstanceUID": f"1.2.826.0.1.3680043.2.1125.3.{abs(hash(str(path))) % 10**12}",
        "SeriesInstanceUID": "1.2.826.0.1.3680043.2.1125.1",
        "StudyInstanceUID": "1.2.826.0.1.3680043.2.1125.2",
        "Modality": "CT",
        "Rows": values_yx.shape[-2],
        "Columns": values_yx.shape[-1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 8 * values_yx.dtype.itemsize,
        "BitsStored": 8 * values_yx.dtype.itemsize,
        "HighBit": 8 * values_yx.dtype.itemsize - 1,
        "PixelRepresentation": int(values_yx.dtype.kind == "i"),
        "PixelSpacing": [0.75, 0.5],
        "ImagePositionPatient": [10.0, -20.0, 30.0],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelData": values_yx.tobytes(),
        **fields,
    }
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = about["SOPClassUID"]
    dataset.file_meta.MediaStorageSOPInstanceUID = about["SOPInstanceUID"]
    for name, value in about.items():
        if value is not None:
            setattr(dataset, name, value)
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_series(folder: Path, values_kji: np.ndarray, step_mm: float = 2.0, **fields: object) -> list[Path]:
    """A folder of DICOM files, one for each slice; the last slice has the first name."""
    folder.mkdir(exist_ok=True)
    paths = []
    for k, values_yx in enumerate(values_kji):
        path = folder / f"{len(values_kji) - k:03d}.dcm"
        place = {"ImagePositionPatient": [10.0, -20.0, 30.0 + step_mm * k], "InstanceNumber": k + 1}
        paths.append(write_dicom(path, values_yx, **{**place, **fields}))
    return paths
