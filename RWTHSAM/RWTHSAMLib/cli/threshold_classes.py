"""Which classes ``rwthsam threshold`` was told of, among those that a segmentation has."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..core.profile import SegmentationProfile
from ..core.settings.threshold import ThresholdSettings
from ..errors import ProfileError

if TYPE_CHECKING:
    import slicer

    from ..mrml.session.parts.threshold_refinement import ThresholdRefinement


def named_classes(
    node: slicer.vtkMRMLSegmentationNode, given: argparse.Namespace, choices: ThresholdSettings
) -> tuple[SegmentationProfile, ThresholdRefinement]:
    """The classes of a segmentation, with that of the result, and what was asked for by their ids.

    Raises
    ------
    ProfileError
        If a class that is named is not there.
    """
    from ..mrml.nodes.profile_from_segmentation import profile_from_segmentation
    from ..mrml.session.parts.threshold_refinement import ThresholdRefinement

    profile = profile_from_segmentation(node)
    if profile.class_named(given.target) is None:
        profile = profile.adding(given.target)
    ids = {name: _id_of(profile, name) for name in (given.source, given.target, *given.outside, *given.inside)}
    outside, inside = (tuple(ids[each] for each in names) for names in (given.outside, given.inside))
    return profile, ThresholdRefinement(ids[given.source], ids[given.target], choices, outside, inside)


def _id_of(profile: SegmentationProfile, name: str) -> str:
    entry = profile.class_named(name)
    if entry is None:
        known = ", ".join(each.name for each in profile.classes)
        raise ProfileError(f"The segmentation has no class '{name}'; it has {known}.")
    return entry.id
