"""What a table of parts does not have, because it was too small."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.json_document import Json
from ...core.system.counted import counted


@dataclass(frozen=True)
class PartsLeftOut:
    """Parts of a class that are smaller than was asked for; its own row counts their voxels nevertheless.

    Attributes
    ----------
    class_name : str
    parts : int
    voxels : int
        Of all of them together.
    """

    class_name: str
    parts: int
    voxels: int

    @property
    def text(self) -> str:
        """In words."""
        verb = "is" if self.parts == 1 else "are"
        parts, voxels = counted(self.parts, "smaller part"), counted(self.voxels, "voxel")
        return f"{parts} of '{self.class_name}' ({voxels}) {verb} left out of the table."

    def to_dict(self) -> Json:
        """For JSON."""
        return {"class": self.class_name, "parts": self.parts, "voxels": self.voxels}
