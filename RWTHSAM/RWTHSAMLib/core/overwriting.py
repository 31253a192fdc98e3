"""Whether a submit takes voxels from other classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import SettingsError
from .json_document import Json, parse_document, to_text

OverwriteMode = Literal["none", "all", "chosen"]
OVERWRITE_MODES: tuple[OverwriteMode, ...] = ("none", "all", "chosen")


@dataclass(frozen=True)
class Overwriting:
    """Which other classes lose the voxels that a class is given; the rest keep theirs, and the class goes without.

    Attributes
    ----------
    mode : str
        ``"none"``, ``"all"``, or ``"chosen"``: those of `class_ids` alone.
    class_ids : tuple of str
        Kept while another mode is chosen.
    """

    mode: OverwriteMode = "none"
    class_ids: tuple[str, ...] = ()

    def takes_from(self, class_id: str | None) -> bool:
        """Whether a class loses voxels; None is a segment that belongs to no class."""
        return self.mode == "all" or (self.mode == "chosen" and class_id in self.class_ids)

    def to_json(self) -> str:
        """What `parse` reads."""
        class_ids: list[Json] = [*self.class_ids]
        return to_text({"mode": self.mode, "classes": class_ids})

    @classmethod
    def parse(cls, text: str) -> Overwriting:
        """Read what `to_json` wrote.

        Raises
        ------
        SettingsError
            If it is nothing of the kind.
        """
        node = parse_document(text, SettingsError)
        node.only("mode", "classes")
        class_ids = tuple(each.text() for each in node.item("classes").items())
        return cls(node.item("mode").one_of(OVERWRITE_MODES), class_ids)
