"""An object that was found, as a table and the slices show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ....algorithms.automatic.detected_objects import DetectedObject, DetectedObjects
from ....core.color import Color, palette_color
from ....core.profile import SegmentationProfile
from .automatic_kept import Review, ReviewState

# choices for the eye: more colours are not told apart; grey is what no class has
_COLORS = 12
_NO_CLASS_COLOR = (0.6, 0.6, 0.6)


@dataclass(frozen=True, eq=False)
class ReviewedObject:
    """An object that was found, as a row of a table shows it.

    Attributes
    ----------
    object : DetectedObject
    state : str
        ``"open"``, ``"accepted"``, ``"rejected"`` or ``"submitted"``.
    color : tuple of float
        On the slices: its own, or that of the class that a rule gives it while rules are shown.
    is_selected : bool
    class_id : str, optional
        The class that it was submitted to, else the one that the profile's rules give it.
    neighbours : frozenset of int
        Numbers of the objects beside or in it.
    """

    object: DetectedObject
    state: ReviewState
    color: Color
    is_selected: bool
    class_id: str | None
    neighbours: frozenset[int]


def reviewed(
    objects: DetectedObjects,
    reviews: Mapping[int, Review],
    selection: tuple[int, ...],
    profile: SegmentationProfile,
    shows_rules: bool,
) -> Iterator[ReviewedObject]:
    """Rows of all objects of a run, the largest first; with `shows_rules` in the colours of their classes."""
    beside = objects.neighbours()
    for each in objects.objects:
        proposed, review = profile.automatic.class_of(each.measured), reviews.get(each.number, Review())
        yield ReviewedObject(
            object=each,
            state=review.state,
            color=_class_color(profile, proposed) if shows_rules else palette_color((each.number - 1) % _COLORS),
            is_selected=each.number in selection,
            class_id=review.class_id or proposed,
            neighbours=beside[each.number],
        )


def _class_color(profile: SegmentationProfile, class_id: str | None) -> Color:
    return profile.require_class(class_id).color if class_id is not None else _NO_CLASS_COLOR
