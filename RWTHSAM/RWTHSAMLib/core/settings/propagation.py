"""When a mask may go on to the next slice, and when its object has ended."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ...errors import SettingsError
from ..number_check import check_number
from ..value_range import Range

TEXTS: dict[str, str] = {
    "most_growth": "The object ends where its area would grow by more than this factor from slice to slice.",
    "least_overlap": "The object ends where it overlaps less with the slice before (IoU), unless it shrinks inside it.",
    "least_contained": "Share of a mask that must lie in the one before for it to count as shrinking inside it.",
    "least_area": "The object ends where its area would shrink below this share of the slice before.",
    "least_predicted_iou": "The object ends where the model itself rates its mask lower.",
    "least_contrast": "The object ends where it differs less from its surroundings, as a share of the first slice.",
    "doubtful_below": "Slices with a lower score, from 0 to 1, are listed as doubtful.",
    "most_skipped": "So many bad slices in a row are filled in; they are doubtful where their neighbours do not agree.",
    "edge_reach": "So far the edge is moved to the first mask's grey value there, in 256ths of a slice; 0: not at all.",
    "padding_px": "How many pixels a mask may reach beyond the box of the one before.",
}
"""What each rule does, in one sentence."""

_LIMITS = {
    "most_growth": (1.0, 10.0),
    "least_contrast": (-10.0, 1.0),
    "most_skipped": (0, 100),
    "edge_reach": (0.0, 20.0),
    "padding_px": (1, 1000),
}


@dataclass(frozen=True)
class PropagationRules:
    """What a step from slice to slice must keep to; whatever breaks a rule ends the object there.

    A mask may shrink faster than it may grow: where an object ends in a tip it becomes smaller inside its old outline,
    where a mask leaks it becomes larger.

    Attributes
    ----------
    most_growth : float
        Largest area, as a multiple of the slice before.
    least_overlap : float
        Smallest IoU with the mask before, unless the new one lies inside it.
    least_contained : float
        Share of a mask that must lie in the one before for it to count as inside.
    least_area : float
        Smallest area of a mask that lies inside, as a share of the one before.
    least_predicted_iou : float
        Of the model's own rating.
    least_contrast : float
        Smallest difference between object and surroundings, as a share of that on the slice it began with; below 0
        the surroundings have become darker where they were brighter, or the other way round.
    doubtful_below : float
        Slices with a lower score, 0 to 1, are on the list of doubtful ones.
    most_skipped : int
        How many slices in a row may fail before the object counts as ended; skipped ones are filled in.
    edge_reach : float
        How far the edge of a mask is moved to the grey value at which the first mask has it, in 256ths of the slice's
        longer side, in which the model draws masks; 0: not at all.
    padding_px : int
        How far a mask may reach beyond the box of the one before.
    grey : Range, optional
        Grey values of the object; by default those of the mask that it began with, and somewhat more.

    Raises
    ------
    SettingsError
        If a number is out of its range; the message names it.
    """

    most_growth: float = 1.3
    least_overlap: float = 0.6
    least_contained: float = 0.8
    least_area: float = 0.15
    least_predicted_iou: float = 0.6
    least_contrast: float = 0.05
    doubtful_below: float = 0.5
    most_skipped: int = 2
    edge_reach: float = 2.0
    padding_px: int = 3
    grey: Range | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.name != "grey":
                lowest, highest = _LIMITS.get(each.name, (0.0, 1.0))
                check_number(each.name, getattr(self, each.name), lowest, highest, isinstance(each.default, int))
        ends = (self.grey.lower, self.grey.upper) if self.grey is not None else (None, None)
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            raise SettingsError(f"grey: expected from-to, got {ends[0]:g} to {ends[1]:g}.")
