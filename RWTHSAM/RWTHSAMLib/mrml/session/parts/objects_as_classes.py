"""Which objects become which classes, and how that is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ....core.color import palette_color
from ....core.profile import SegmentationProfile
from .reviewed_object import ReviewedObject


def with_class_of_each(
    profile: SegmentationProfile, numbers: Iterable[int]
) -> tuple[SegmentationProfile, dict[str, list[int]]]:
    """The profile with a class more for each object, in its colour, and the number of the object by that class."""
    classes: dict[str, list[int]] = {}
    for number in numbers:
        name = next(each for each in _names(number) if profile.class_named(each) is None)
        profile = profile.adding(name)
        profile = profile.recolouring(profile.classes[-1].id, palette_color(number))
        classes[profile.classes[-1].id] = [number]
    return profile, classes


def classes_by_rules(detected: Iterable[ReviewedObject]) -> dict[str, list[int]]:
    """Numbers of the objects that may be submitted, by the class that the rules give them."""
    classes: dict[str, list[int]] = {}
    for each in detected:
        if each.class_id is not None and each.state in ("open", "accepted"):
            classes.setdefault(each.class_id, []).append(each.object.number)
    return classes


def class_name(profile: SegmentationProfile, row: ReviewedObject) -> str:
    """Name of an object's class; empty where it has none, or one that is gone."""
    entry = profile.class_by_id(row.class_id) if row.class_id is not None else None
    return entry.name if entry is not None else ""


def submit_text(profile: SegmentationProfile, class_ids: Sequence[str], count: int) -> str:
    """What undo says of a submit of so many objects to classes."""
    names = ", ".join(f"'{profile.require_class(each).name}'" for each in class_ids[:3])
    return f"Submit {count_text(count)} to {names}{', ...' if len(class_ids) > 3 else ''}"


def count_text(number: int) -> str:
    """So many objects, in words."""
    return "1 object" if number == 1 else f"{number} objects"


def _names(number: int) -> Iterable[str]:
    """Names for the class of an object, the first one that is free is taken."""
    yield f"Object {number}"
    yield from (f"Object {number} ({copy})" for copy in range(2, 300))
