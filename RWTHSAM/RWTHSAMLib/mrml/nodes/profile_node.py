"""Profiles in the scene: a text node holds the JSON of each; it is saved, listed and chosen like any data.

The node's name is the profile's name: renaming the node anywhere in the application renames the profile. A front lets
people choose one with a node selector for `PROFILE_NODE_CLASS` that is filtered by `PROFILE_ATTRIBUTE`.
"""

from __future__ import annotations

from dataclasses import replace

import slicer

from ...core.profile import SegmentationProfile, parse_profile
from ...errors import ProfileError

PROFILE_NODE_CLASS = "vtkMRMLTextNode"
PROFILE_ATTRIBUTE = "RWTHSAM.Profile"
_MARK = "1"


def add_profile_node(scene: slicer.vtkMRMLScene, profile: SegmentationProfile) -> slicer.vtkMRMLTextNode:
    """New node with a profile; where a node has its name already, a number is added to the name."""
    node = scene.CreateNodeByClass(PROFILE_NODE_CLASS)
    node.UnRegister(None)
    taken = {each.GetName() for each in profile_nodes(scene)}
    name = profile.name if _node_name(profile) not in taken else scene.GetUniqueNameByString(profile.name)
    # complete before it enters the scene: selectors ask for the attribute when they hear of the node
    set_profile_of(node, replace(profile, name=name))
    return scene.AddNode(node)


def is_profile_node(node: slicer.vtkMRMLNode | None) -> bool:
    """Whether a node holds a profile, damaged ones included."""
    return node is not None and node.IsA(PROFILE_NODE_CLASS) and node.GetAttribute(PROFILE_ATTRIBUTE) is not None


def profile_nodes(scene: slicer.vtkMRMLScene) -> tuple[slicer.vtkMRMLTextNode, ...]:
    """All profiles of a scene in their order."""
    texts = scene.GetNodesByClass(PROFILE_NODE_CLASS)
    texts.UnRegister(None)
    every = (texts.GetItemAsObject(index) for index in range(texts.GetNumberOfItems()))
    return tuple(node for node in every if is_profile_node(node))


def profile_of(node: slicer.vtkMRMLTextNode) -> SegmentationProfile:
    """The profile that a node holds, under the node's name.

    Raises
    ------
    ProfileError
        If its text is no valid profile: somebody edited it by hand, or a newer version wrote it.
    """
    try:
        profile = parse_profile(node.GetText() or "", (node.GetName() or "").strip() or "Profile")
    except ProfileError as error:
        raise ProfileError(f"The profile '{node.GetName()}' of this scene is damaged. {error}") from error
    return _under_name_of(node, profile)


def set_profile_of(node: slicer.vtkMRMLTextNode, profile: SegmentationProfile) -> None:
    """Put another profile into a node; its observers hear of it once, and not at all if nothing changed."""
    was_modifying = node.StartModify()
    node.SetAttribute(PROFILE_ATTRIBUTE, _MARK)
    node.SetName(_node_name(profile))
    node.SetText(profile.to_json())
    node.EndModify(was_modifying)


def _under_name_of(node: slicer.vtkMRMLTextNode, profile: SegmentationProfile) -> SegmentationProfile:
    if node.GetName() == _node_name(profile):
        return profile
    try:
        return replace(profile, name=(node.GetName() or "").strip())
    except ProfileError:
        # names of nodes may be empty or hold line breaks, those of profiles may not
        return profile


def _node_name(profile: SegmentationProfile) -> str:
    # Slicer names the file within a bundle after the node and writes "&" into the scene file as it is: no XML parser
    # reads that scene again (seen with slicer-core 5.11)
    return profile.name.replace("&", "+")
