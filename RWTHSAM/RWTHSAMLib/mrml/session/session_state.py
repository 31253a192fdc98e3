"""A session's state in the scene, so that a saved scene brings unsubmitted prompts and all choices back.

One hidden singleton node holds it all as text: the profile, the chosen class, the window, and what the session's parts
keep, see `SessionPart.kept`. Volume and segmentation are node references. What was submitted is kept by the
segmentation itself, see `record_tag`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import slicer

from ...core.profile import SegmentationProfile, parse_profile
from ...core.window import Window
from ...errors import InputError
from ..nodes.on_disk.scan_on_disk import ScanOnDisk

_SINGLETON_TAG = "RWTHSAMSession"
_NODE_CLASS = "vtkMRMLScriptedModuleNode"
_VOLUME, _SEGMENTATION = "RWTHSAM.Volume", "RWTHSAM.Segmentation"
_Kept = TypeVar("_Kept")


@dataclass(frozen=True, eq=False)
class SessionState:
    """What is kept of a session.

    Attributes
    ----------
    parts : mapping of str to str
        What the session's parts keep.
    on_disk : ScanOnDisk, optional
        Of a scan larger than memory the finest level; a scene keeps no word of it.
    """

    volume_node: slicer.vtkMRMLVolumeNode | None
    segmentation_node: slicer.vtkMRMLSegmentationNode | None
    profile: SegmentationProfile
    class_id: str
    window: Window | None
    parts: Mapping[str, str] = field(default_factory=dict)
    on_disk: ScanOnDisk | None = None


def remember(scene: slicer.vtkMRMLScene, state: SessionState) -> None:
    """Keep a session's state in its node, which is made when first needed."""
    node = _node(scene)
    if node is None:
        node = slicer.vtkMRMLScriptedModuleNode()
        node.SetSingletonTag(_SINGLETON_TAG)
        node.SetModuleName(_SINGLETON_TAG)
        node.SetName("RWTHSAM session")
        node = scene.AddNode(node)
    _refer(node, _VOLUME, state.volume_node)
    _refer(node, _SEGMENTATION, state.segmentation_node)
    for name, text in _texts(state).items():
        if node.GetParameter(name) != text:
            node.SetParameter(name, text)


def recall(scene: slicer.vtkMRMLScene) -> SessionState | None:
    """The state that a scene holds, or None where it holds none that can be used.

    A scene edited by another program may hold texts that no longer parse; those parts are left out.
    """
    node = _node(scene)
    if node is None or not node.GetParameter("profile"):
        return None
    try:
        profile = parse_profile(node.GetParameter("profile"))
    except InputError:
        return None
    class_id = node.GetParameter("class")
    return SessionState(
        volume_node=node.GetNodeReference(_VOLUME),
        segmentation_node=node.GetNodeReference(_SEGMENTATION),
        profile=profile,
        class_id=class_id if profile.class_by_id(class_id) else profile.classes[0].id,
        window=_parse_window(node.GetParameter("window")),
        parts={name: node.GetParameter(name) for name in node.GetParameterNames()},
    )


def parsed_or_default(text: str, parse: Callable[[str], _Kept], default: _Kept) -> _Kept:
    """What a kept text says; the default where it is empty, or another program has damaged it."""
    try:
        return parse(text) if text else default
    except InputError:
        return default


def _node(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLScriptedModuleNode | None:
    return scene.GetSingletonNode(_SINGLETON_TAG, _NODE_CLASS)


def _refer(node: slicer.vtkMRMLScriptedModuleNode, role: str, target: slicer.vtkMRMLNode | None) -> None:
    target_id = target.GetID() if target is not None else None
    if node.GetNodeReferenceID(role) != target_id:
        node.SetNodeReferenceID(role, target_id)


def _texts(state: SessionState) -> dict[str, str]:
    return {
        **state.parts,
        "profile": state.profile.to_json(),
        "class": state.class_id,
        "window": json.dumps([state.window.lower, state.window.upper]) if state.window else "",
    }


def _parse_window(text: str | None) -> Window | None:
    try:
        lower, upper = json.loads(text or "null")
        return Window(float(lower), float(upper))
    except (TypeError, ValueError):
        return None
