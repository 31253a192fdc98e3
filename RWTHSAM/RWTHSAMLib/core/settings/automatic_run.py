"""What a person sets for automatic masks: how they are found, and which of them are shown."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import SettingsError
from ..json_document import Node, parse_document
from ..mask import Bounds
from ..value_range import Range
from .automatic import AutomaticSettings, Mode
from .codec import Settings
from .setting import Option, setting


@dataclass(frozen=True)
class AutomaticRunSettings(Settings):
    """Settings of a run, and filters of its result."""

    generator: AutomaticSettings = setting(AutomaticSettings(), "How masks are found.", key="settings")
    mode: Mode = setting(
        "adaptive",
        "Which points are asked: only where it pays, or all.",
        label="Points",
        options=(
            Option("adaptive", "Adaptive", "ask where it pays"),
            Option("exhaustive", "Exhaustive", "ask every point"),
        ),
    )
    min_slices: int = setting(
        1, "Objects that go through fewer slices are left out.", 1, 1_000_000_000, label="Fewest slices"
    )
    grey: Range = setting(
        Range(),
        "Objects whose mean grey value lies outside are left out, as the background usually is.",
        label="Mean grey",
    )
    region_xyxy: Bounds | None = setting(
        None,
        "First column and row, last column and row of the slices; objects whose middle lies outside are left out.",
        label="Region",
    )
    hide_doubtful: bool = setting(
        True, "Whether objects that hardly differ from their surroundings are left out.", label="Hide doubtful objects"
    )

    @classmethod
    def parse_kept(cls, text: str) -> AutomaticRunSettings:
        """Settings that a scene keeps; 0.1.0 kept with them whether other classes are overwritten.

        Raises
        ------
        SettingsError
            See `parse`.
        """
        members = parse_document(text, SettingsError).members()
        return cls.of(Node({key: value for key, value in members.items() if key != "overwrite"}, "", SettingsError))

    def wants(self, mean_grey: float, middle_xy: tuple[float, float], is_doubtful: bool) -> bool:
        """Whether an object with these properties shall be offered.

        Parameters
        ----------
        mean_grey : float
            Mean of its voxels, in the scan's grey values.
        middle_xy : tuple of float
            Middle of the object in pixels (column, row) of its slices.
        is_doubtful : bool
        """
        if (self.hide_doubtful and is_doubtful) or mean_grey not in self.grey:
            return False
        if self.region_xyxy is None:
            return True
        (x, y), (x0, y0, x1, y1) = middle_xy, self.region_xyxy
        return x0 <= x <= x1 and y0 <= y <= y1
