"""The network as one file: a zip archive of its weights for PyTorch and of its graphs for OpenVINO.

Weights are rounded to half precision once, before either is made, so both are the same network.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.system.atomic_file import replacing
from ...errors import WeightsMismatch, WeightsNotFound
from .settings import NetSettings

_MANIFEST, _WEIGHTS = "manifest.json", "weights.npz"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
GRAPHS = ("encoder", "decoder")
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


@dataclass(frozen=True, eq=False)
class WeightsFile:
    """What the file holds.

    Attributes
    ----------
    settings : NetSettings
    about : dict
        Of the training: steps, time, what it was trained on.
    weights : dict of str to numpy.ndarray
        float16, by the names of PyTorch's state dict.
    graphs : dict of str to (bytes, bytes)
        Of ``"encoder"`` and ``"decoder"``: OpenVINO's XML and its weights.
    """

    settings: NetSettings
    about: dict[str, Any]
    weights: dict[str, np.ndarray]
    graphs: dict[str, tuple[bytes, bytes]]

    @property
    def follows(self) -> bool:
        """Whether it was trained to find objects again from the mask of the slice before."""
        return bool(self.about.get("settings", {}).get("followed_share"))


def write(path: Path, content: WeightsFile) -> None:
    """Write the file; the same content gives the same bytes.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    parts = {_WEIGHTS: _packed(content.weights)}
    for name, (xml, constants) in content.graphs.items():
        parts |= {f"{name}.xml": xml, f"{name}.bin": constants}
    manifest = {
        "settings": content.settings.as_json(),
        "about": content.about,
        "sha256": {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()},
    }
    parts = {_MANIFEST: json.dumps(manifest, indent=1).encode(), **parts}
    with replacing(path) as unfinished, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), part, zipfile.ZIP_DEFLATED)


def read(path: Path) -> WeightsFile:
    """Read the file.

    Raises
    ------
    WeightsNotFound
        If there is none.
    WeightsMismatch
        If it is cut, changed, of another kind or of another version.
    """
    if not path.is_file():
        raise WeightsNotFound(f"The network's weights '{path}' are missing: install RWTHSAM anew.")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(parts.pop(_MANIFEST))
        settings, sums = manifest["settings"], manifest["sha256"]
        about = dict(manifest["about"])
    except _DAMAGED as error:
        raise WeightsMismatch(f"'{path}' holds no weights of RWTHSAM-Net, or is damaged: take it anew.") from error
    found = NetSettings.from_json(settings)
    wanted = {_WEIGHTS, *(f"{name}.{ending}" for name in GRAPHS for ending in ("xml", "bin"))}
    if sums.keys() != wanted or any(hashlib.sha256(parts.get(name, b"")).hexdigest() != sums[name] for name in wanted):
        raise WeightsMismatch(f"'{path}' has been changed since it was made: take it anew.")
    graphs = {name: (parts[f"{name}.xml"], parts[f"{name}.bin"]) for name in GRAPHS}
    return WeightsFile(found, about, _unpacked(parts[_WEIGHTS]), graphs)


def _packed(arrays: dict[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            one = io.BytesIO()
            np.lib.format.write_array(one, np.asarray(array, np.float16), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _EARLIEST), one.getvalue())
    return buffer.getvalue()


def _unpacked(packed: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
