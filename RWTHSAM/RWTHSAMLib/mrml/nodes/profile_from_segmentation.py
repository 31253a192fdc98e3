"""A profile made from the segments that exist, and what applying a profile to them changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import slicer

from ...core.profile import MAX_CLASSES, ProfileClass, SegmentationProfile, fresh_id
from ...errors import ProfileError
from . import segments


def profile_from_segmentation(
    segmentation_node: slicer.vtkMRMLSegmentationNode, name: str | None = None
) -> SegmentationProfile:
    """Profile with one class per segment: name, colour, terminology and lock as the segments have them.

    Segments that stand for no class yet are marked with the id of theirs, so that applying the profile later finds
    them again, whatever it is then called. Nothing else about them changes. Of segments with the same name or the same
    class, as copying a segment makes them, the later ones become classes of their own.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
        Is marked, as said above.
    name : str, optional
        Default: the segmentation's name.

    Raises
    ------
    ProfileError
        If there is no segment, or there are more than a profile can hold. Nothing is marked then.
    """
    segment_ids = segments.segment_ids(segmentation_node)
    if not 1 <= len(segment_ids) <= MAX_CLASSES:
        raise ProfileError(
            f"Segmentation '{segmentation_node.GetName()}' has {len(segment_ids)} segments; "
            f"a profile is made from 1 to {MAX_CLASSES}."
        )
    classes: list[ProfileClass] = []
    for segment_id in segment_ids:
        classes.append(_class_of(segmentation_node, segment_id, classes))
    profile = SegmentationProfile(_plain(name or segmentation_node.GetName(), "Profile"), tuple(classes))
    for segment_id, entry in zip(segment_ids, classes, strict=True):
        if segments.class_id_of(segmentation_node, segment_id) != entry.id:
            segmentation_node.GetSegmentation().GetSegment(segment_id).SetTag(segments.CLASS_ID_TAG, entry.id)
    return profile


def with_classes_of(
    segmentation_node: slicer.vtkMRMLSegmentationNode, profile: SegmentationProfile
) -> SegmentationProfile:
    """A profile, and after its classes those segments that are none of them.

    A segment that has a class's name, in capitals or not and with spaces or underscores, becomes that class.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
        Its segments are marked with the ids of their classes.
    profile : SegmentationProfile

    Raises
    ------
    ProfileError
        If these are more classes than a profile holds.
    """
    if not segments.segment_ids(segmentation_node):
        return profile
    _mark_by_name(segmentation_node, profile)
    known = {each.id for each in profile.classes}
    found = [each for each in profile_from_segmentation(segmentation_node).classes if each.id not in known]
    names = {each.name for each in profile.classes}
    added = [each if each.name not in names else replace(each, name=f"{each.name[:150]} ({each.id})") for each in found]
    return replace(profile, classes=(*profile.classes, *added)) if added else profile


@dataclass(frozen=True)
class AppliedProfile:
    """What applying a profile to a segmentation did; no voxel changed in any case.

    Attributes
    ----------
    added : tuple of str
        Names of classes that had no segment and got an empty one.
    renamed : tuple of (str, str)
        Old and new names.
    kept : tuple of str
        Names of segments that belong to no class of the profile and stayed as they were.
    """

    added: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    kept: tuple[str, ...]


def apply_profile(segmentation_node: slicer.vtkMRMLSegmentationNode, profile: SegmentationProfile) -> AppliedProfile:
    """Apply a profile as `segments.take_classes` does, and say what that changed."""
    before = _names(segmentation_node)
    segments.take_classes(segmentation_node, profile)
    after = _names(segmentation_node)
    in_profile = {entry.id for entry in profile.classes}
    outside = [each for each in after if segments.class_id_of(segmentation_node, each) not in in_profile]
    return AppliedProfile(
        added=tuple(name for segment_id, name in after.items() if segment_id not in before),
        renamed=tuple((name, after[each]) for each, name in before.items() if after[each] != name),
        kept=tuple(after[each] for each in outside),
    )


def _mark_by_name(segmentation_node: slicer.vtkMRMLSegmentationNode, profile: SegmentationProfile) -> None:
    free = {_plain_name(each.name): each.id for each in profile.classes}
    every = segments.segment_ids(segmentation_node)
    for taken in (segments.class_id_of(segmentation_node, each) for each in every):
        free = {name: class_id for name, class_id in free.items() if class_id != taken}
    for each in every:
        segment = segmentation_node.GetSegmentation().GetSegment(each)
        if segments.class_id_of(segmentation_node, each) is None and _plain_name(segment.GetName()) in free:
            segment.SetTag(segments.CLASS_ID_TAG, free.pop(_plain_name(segment.GetName())))


def _plain_name(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


def _class_of(
    segmentation_node: slicer.vtkMRMLSegmentationNode, segment_id: str, others: list[ProfileClass]
) -> ProfileClass:
    segment = segmentation_node.GetSegmentation().GetSegment(segment_id)
    name = _unlike(_plain(segment.GetName(), "Segment"), {each.name for each in others})
    red, green, blue = segment.GetColor()
    entry = ProfileClass(
        id=fresh_id(name, [each.id for each in others] + _claimed_ids(segmentation_node)),
        name=name,
        color=(_unit(red), _unit(green), _unit(blue)),
        terminology=_terminology_of(segment),
        locked=segments.is_locked(segmentation_node, segment_id),
    )
    return _with_id(entry, segments.class_id_of(segmentation_node, segment_id), others)


def _with_id(entry: ProfileClass, class_id: str | None, others: list[ProfileClass]) -> ProfileClass:
    if class_id is None or any(each.id == class_id for each in others):
        return entry
    try:
        return ProfileClass(class_id, entry.name, entry.color, entry.terminology, entry.locked)
    except ProfileError:
        # the tag was written by something else and is no id
        return entry


def _claimed_ids(segmentation_node: slicer.vtkMRMLSegmentationNode) -> list[str]:
    every = (segments.class_id_of(segmentation_node, each) for each in segments.segment_ids(segmentation_node))
    return [class_id for class_id in every if class_id is not None]


def _names(segmentation_node: slicer.vtkMRMLSegmentationNode) -> dict[str, str]:
    segmentation = segmentation_node.GetSegmentation()
    return {each: segmentation.GetSegment(each).GetName() for each in segments.segment_ids(segmentation_node)}


def _terminology_of(segment: slicer.vtkSegment) -> str | None:
    # every new segment calls itself "tissue", which says nothing about a battery
    name = segment.GetTerminologyEntryTagName()
    own, of_new = (segments.tag_of(each, name) or "" for each in (segment, slicer.vtkSegment()))
    return _one_line(own) or None if own != of_new else None


def _plain(text: str | None, otherwise: str) -> str:
    """A name as profiles take it: one line, no spaces at the ends, not endless."""
    return _one_line(text or "")[:200].strip() or otherwise


def _one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def _unlike(name: str, taken: set[str]) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name[:190]} {number}"
    return candidate


def _unit(part: float) -> float:
    return min(1.0, max(0.0, part))
