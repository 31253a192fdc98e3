"""Profile nodes and their files.

Slicer's own storage node ties them, so that "modified" and "saved" mean what they say.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import slicer

from ...core.profile import SegmentationProfile, parse_profile, read_profile
from ...core.system.atomic_file import replacing
from ...errors import InputError
from .profile_node import add_profile_node, is_profile_node, profile_of, set_profile_of

_STORAGE_CLASS = "vtkMRMLTextStorageNode"


def load_profile_node(scene: slicer.vtkMRMLScene, path: Path, name: str | None = None) -> slicer.vtkMRMLTextNode:
    """New node with the profile of a file.

    Parameters
    ----------
    scene : vtkMRMLScene
        Gets the node.
    path : pathlib.Path
        JSON file of version 2 or of RWTH-SAM.
    name : str, optional
        Default: the profile's own name.

    Raises
    ------
    ProfileError
        If the file is no valid profile, or the name no valid name; the scene is as before then.
    """
    profile = read_profile(path)
    if name is not None:
        profile = replace(profile, name=name)
    node = add_profile_node(scene, profile)
    storage = _storage_of(node)
    storage.SetFileName(str(path))
    profile = profile_of(node)
    # the file's own text counts as saved; the node is then marked as modified exactly if writing would change the file
    storage.ReadData(node)
    set_profile_of(node, profile)
    return node


def save_profile_node(node: slicer.vtkMRMLTextNode, path: Path) -> None:
    """Write a node's profile, version 2, and remember the file; it is either old or new, never half of each.

    Raises
    ------
    ProfileError
        If the node's text is no valid profile.
    InputError
        If the file cannot be written.
    """
    profile = _profile_to_write(node)
    set_profile_of(node, profile)
    storage = _storage_of(node)
    before = storage.GetFileName()
    try:
        with replacing(path) as unfinished:
            storage.SetFileName(str(unfinished))
            if not storage.WriteData(node) or unfinished.read_text("utf-8") != node.GetText():
                raise InputError(f"'{path}' could not be written: check that the disk has free space.")
    except InputError:
        storage.SetFileName(before)
        raise
    storage.SetFileName(str(path))


def path_of(node: slicer.vtkMRMLTextNode) -> Path | None:
    """The file that a node was read from or written to."""
    storage = node.GetStorageNode()
    return Path(storage.GetFullNameFromFileName()) if storage is not None and storage.GetFileName() else None


def _profile_to_write(node: slicer.vtkMRMLTextNode) -> SegmentationProfile:
    # an export of the application works on a copy in another scene, which has neither our mark nor the node's name
    return profile_of(node) if is_profile_node(node) else parse_profile(node.GetText() or "")


def _storage_of(node: slicer.vtkMRMLTextNode) -> slicer.vtkMRMLTextStorageNode:
    storage = node.GetStorageNode()
    if storage is None:
        storage = node.GetScene().AddNewNodeByClass(_STORAGE_CLASS)
        node.SetAndObserveStorageNodeID(storage.GetID())
    return storage
