"""ZIP archives that know their content: a manifest has the SHA-256 of all parts and of itself; none is read changed."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import RwthSamError
from .atomic_file import replacing

_MANIFEST, _SUMS = "manifest.json", "sha256"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_MOST_BYTES = 1 << 31
"""Of all parts unpacked: a file from elsewhere may claim to hold anything."""
# what zipfile, zlib and json raise where bytes are cut or changed; a RuntimeError where they seem to be encrypted, or
# packed by a method or a version that is none
_DAMAGED = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    LookupError,
    TypeError,
    ValueError,
    OverflowError,
    RuntimeError,
    MemoryError,
)


def write_archive(path: Path, manifest: Mapping[str, Any], parts: Mapping[str, bytes]) -> None:
    """Write an archive; the same content gives the same bytes.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    sums = {name: hashlib.sha256(part).hexdigest() for name, part in {_MANIFEST: _text(manifest), **parts}.items()}
    text = _text({**manifest, _SUMS: sums})
    with replacing(path) as unfinished, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {_MANIFEST: text, **parts}.items():
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), part, zipfile.ZIP_DEFLATED)


def read_archive(path: Path, error: type[RwthSamError], what: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest without its sums, and the parts.

    Parameters
    ----------
    path : Path
    error : type
        What is raised.
    what : str
        It should hold, for the message: ``"classifier"``.

    Raises
    ------
    RwthSamError
        Of the given type, if there is no such file, or it is cut, changed or of another kind.
    """
    if not path.is_file():
        raise error(f"There is no file '{path}', expected one that holds a {what}.")
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(each.file_size for each in archive.infolist()) > _MOST_BYTES:
                raise ValueError
            parts = {name: archive.read(name) for name in archive.namelist()}
        manifest = dict(json.loads(parts.pop(_MANIFEST)))
        sums = dict(manifest.pop(_SUMS))
    except _DAMAGED as problem:
        raise error(f"'{path}' holds no {what}, or is damaged.") from problem
    # earlier files sum up parts alone
    known = parts if _MANIFEST not in sums else {_MANIFEST: _text(manifest), **parts}
    if sums != {name: hashlib.sha256(part).hexdigest() for name, part in known.items()}:
        raise error(f"'{path}' has been changed since it was made, or is damaged: make it again.")
    return manifest, parts


def _text(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, indent=1).encode()


def packed_arrays(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Arrays as one part of an archive; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            one = io.BytesIO()
            np.lib.format.write_array(one, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _EARLIEST), one.getvalue())
    return buffer.getvalue()


def unpacked_arrays(packed: bytes, error: type[RwthSamError], path: Path) -> dict[str, np.ndarray]:
    """The arrays of such a part; an error of the given type, which names the file, where they are none."""
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except _DAMAGED as problem:
        raise error(f"'{path}' holds arrays that cannot be read.") from problem
