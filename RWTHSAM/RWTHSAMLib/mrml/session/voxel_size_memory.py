"""Voxel sizes that a person has given, by the scan's fingerprint: the same file comes with them the next time."""

from __future__ import annotations

from pathlib import Path

from ...core.json_document import Json, read_document, to_text
from ...core.system.atomic_file import replacing
from ...core.system.user_folder import data_folder
from ...core.voxel_size import Spacing, checked_spacing
from ...errors import InputError, SettingsError

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

    def of(self, fingerprint: str) -> Spacing | None:
        """The size in mm along i, j and k that was given for a scan, or None."""
        return self._read().get(fingerprint)

    def keep(self, fingerprint: str, spacing_mm_ijk: Spacing) -> None:
        """Remember a size.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        kept = {each: size for each, size in self._read().items() if each != fingerprint}
        latest = [*kept.items(), (fingerprint, spacing_mm_ijk)][-_MOST_SCANS:]
        document: dict[str, Json] = {each: [*size] for each, size in latest}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self._path) as unfinished:
            unfinished.write_text(to_text(document), encoding="utf-8")

    def _read(self) -> dict[str, Spacing]:
        try:
            entries = read_document(self._path, SettingsError).entries() if self._path.exists() else {}
            return {key: checked_spacing([part.number() for part in each.items()]) for key, each in entries.items()}
        except InputError:
            return {}
