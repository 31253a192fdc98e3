"""Voxel sizes that a person has given, by the scan's fingerprint: the same file comes with them the next time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np

from ...core.json_document import Node, read_document, to_text
from ...core.system.atomic_file import replacing
from ...core.system.user_folder import data_folder
from ...core.voxel_size import GivenSize, read_size, read_spacing, size_entry
from ...errors import InputError, SettingsError
from ...volumes.fingerprint import fingerprint

_MOST_SCANS = 1000


class VoxelSizeMemory:
    """A small file of voxel sizes.

    Parameters
    ----------
    path : Path
        Made when first needed; one that nobody understands counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def usual(cls) -> VoxelSizeMemory:
        """The one that page and Slicer share."""
        return cls(data_folder() / "voxel-sizes.json")

    def of(self, array_kji: np.ndarray) -> GivenSize | None:
        """The size that was given to a scan with these voxels, or None."""
        return self._read().get(fingerprint(array_kji))

    def keep(self, array_kji: np.ndarray, given: GivenSize) -> None:
        """Remember the size of a scan; what cannot be written is asked for again."""
        digest = fingerprint(array_kji)
        kept = [*(each for each in self._read().items() if each[0] != digest), (digest, given)]
        with suppress(InputError, OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._path) as unfinished:
                unfinished.write_text(to_text({key: size_entry(size) for key, size in kept[-_MOST_SCANS:]}), "utf-8")

    def _read(self) -> dict[str, GivenSize]:
        try:
            entries = read_document(self._path, SettingsError).entries() if self._path.exists() else {}
            return {key: _given(each) for key, each in entries.items()}
        except InputError:
            return {}


def _given(node: Node) -> GivenSize:
    if isinstance(node.value, list):  # as it was written before the day was
        return GivenSize(read_spacing(node))
    return read_size(node)
