"""The network as one file: a zip archive of its weights for PyTorch and of its graphs for OpenVINO.

Weights are rounded to half precision once, before either is made, so both are the same network.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.system.checked_archive import packed_arrays, read_archive, unpacked_arrays, write_archive
from ...errors import WeightsMismatch, WeightsNotFound
from .settings import NetSettings

_WEIGHTS = "weights.npz"
GRAPHS = ("encoder", "decoder")


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
    parts = {_WEIGHTS: packed_arrays({name: np.asarray(each, np.float16) for name, each in content.weights.items()})}
    for name, (xml, constants) in content.graphs.items():
        parts |= {f"{name}.xml": xml, f"{name}.bin": constants}
    write_archive(path, {"settings": content.settings.as_json(), "about": content.about}, parts)


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
    manifest, parts = read_archive(path, WeightsMismatch, "weights of RWTHSAM-Net")
    settings, about = manifest.get("settings"), manifest.get("about")
    names = {_WEIGHTS, *(f"{name}.{ending}" for name in GRAPHS for ending in ("xml", "bin"))}
    if not isinstance(settings, dict) or not isinstance(about, dict) or parts.keys() != names:
        raise WeightsMismatch(f"'{path}' holds no weights of RWTHSAM-Net: take it anew.")
    found = NetSettings.from_json(settings)
    graphs = {name: (parts[f"{name}.xml"], parts[f"{name}.bin"]) for name in GRAPHS}
    return WeightsFile(found, about, unpacked_arrays(parts[_WEIGHTS], WeightsMismatch, path), graphs)
