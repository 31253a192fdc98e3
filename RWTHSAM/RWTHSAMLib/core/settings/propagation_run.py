"""What a person sets for propagation: what a step must keep to, and how far it may go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from ...errors import SettingsError
from .codec import Settings
from .propagation import PropagationSettings
from .setting import Option, setting

Direction = Literal["both", "forward", "backward"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
# beyond the longest scan
_LAST_INDEX = 2**31


@dataclass(frozen=True)
class Limits:
    """Why an object that reaches the first or the last slice to look at ends there, in words."""

    first: str = "the scan begins here"
    last: str = "the scan ends here"


LIMITS_OF_SCAN = Limits()


@dataclass(frozen=True)
class PropagationRunSettings(Settings):
    """What a step must keep to, and the slices that may be reached."""

    rules: PropagationSettings = setting(PropagationSettings(), "When the object ends.")
    direction: Direction = setting(
        "both",
        "From the outermost prompted slices (keyframes) forward to higher numbers, backward to lower ones, or both "
        "ways; between them in any case.",
        options=(
            Option("backward", "Backward", "To slices with lower numbers"),
            Option("both", "Both ways", "To both sides; between prompted slices in any case"),
            Option("forward", "Forward", "To slices with higher numbers"),
        ),
    )
    first: int | None = setting(None, "Slice that it does not go below.", 0, _LAST_INDEX, label="First slice")
    last: int | None = setting(None, "Slice that it does not go beyond.", 0, _LAST_INDEX, label="Last slice")

    def _check(self) -> None:
        if self.first is not None and self.last is not None and self.first > self.last:
            raise SettingsError(f"first, last: expected from-to, got {self.first} to {self.last}.")

    @property
    def range_text(self) -> str:
        """Where the range does not reach the scan's ends, as in ``slices 4 to 12``; else empty."""
        if self.first is None and self.last is None:
            return ""
        if self.last is None:
            return f"from slice {self.first} on"
        return f"up to slice {self.last}" if self.first is None else f"slices {self.first} to {self.last}"

    def limits(self, count: int) -> Limits:
        """What the ends of a `span` are: the scan's, or what was chosen.

        Parameters
        ----------
        count : int
            How many slices there are.
        """
        limits = LIMITS_OF_SCAN
        if self.direction == "forward":
            limits = replace(limits, first="it was followed forward only")
        elif self.first:
            limits = replace(limits, first="the range that was set begins here")
        if self.direction == "backward":
            limits = replace(limits, last="it was followed backward only")
        elif self.last is not None and self.last < count - 1:
            limits = replace(limits, last="the range that was set ends here")
        return limits

    def span(self, keyframes: tuple[int, ...], count: int) -> tuple[int, int]:
        """First and last slice to look at.

        Parameters
        ----------
        keyframes : tuple of int
            Slices with masks, at least one.
        count : int
            How many slices there are.

        Raises
        ------
        SettingsError
            If a keyframe lies beyond what was set.
        """
        first, last = max(0, self.first or 0), min(count - 1, count - 1 if self.last is None else self.last)
        if not first <= min(keyframes) <= max(keyframes) <= last:
            places = ", ".join(map(str, sorted(keyframes)))
            raise SettingsError(
                f"Slices {first} to {last} leave one out that is prompted: take some around the keyframes ({places})."
            )
        return (
            min(keyframes) if self.direction == "forward" else first,
            max(keyframes) if self.direction == "backward" else last,
        )
