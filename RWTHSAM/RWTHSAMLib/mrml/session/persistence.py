"""A session's state in the scene, so that a saved scene brings unsubmitted prompts and all choices back.

One hidden singleton node holds it all as text: the profile, the chosen class, the window, the prompts that are not
submitted yet, and the choices for automatic masks, propagation and volume rendering. Volume and segmentation are node
references. What was submitted is kept by the segmentation itself, see `record_tag`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import slicer

from ...core.image import Window
from ...core.profile import SegmentationProfile, parse_profile
from ...core.settings.automatic_run import AutomaticChoices, parse_choices
from ...core.settings.propagation_run import PropagationChoices, parse_propagation
from ...core.settings.rendering import RenderingChoices, parse_rendering
from ...errors import InputError
from ...record.record_file import PromptFile, parse_prompt_file
from ...record.steps import PromptedSlice

_SINGLETON_TAG = "RWTHSAMSession"
_NODE_CLASS = "vtkMRMLScriptedModuleNode"
_VOLUME, _SEGMENTATION = "RWTHSAM.Volume", "RWTHSAM.Segmentation"


@dataclass(frozen=True, eq=False)
class SessionState:
    """What is kept of a session.

    Attributes
    ----------
    pending : tuple of PromptedSlice
        Prompts that still have temporary masks.
    """

    volume_node: slicer.vtkMRMLVolumeNode | None
    segmentation_node: slicer.vtkMRMLSegmentationNode | None
    profile: SegmentationProfile
    class_id: str
    window: Window | None
    pending: tuple[PromptedSlice, ...] = ()
    automatic: AutomaticChoices = AutomaticChoices()
    propagation: PropagationChoices = PropagationChoices()
    rendering: RenderingChoices = RenderingChoices()


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
        pending=_parse_slices(node.GetParameter("pending")),
        automatic=_parse_automatic(node.GetParameter("automatic")),
        propagation=_parse_propagation(node.GetParameter("propagation")),
        rendering=_parse_rendering(node.GetParameter("rendering")),
    )


def without_unfinished(slices: tuple[PromptedSlice, ...]) -> tuple[PromptedSlice, ...]:
    """Those with a positive prompt: negative points alone describe nothing that could be done again."""
    return tuple(each for each in slices if each.prompts.can_segment)


def _node(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLScriptedModuleNode | None:
    return scene.GetSingletonNode(_SINGLETON_TAG, _NODE_CLASS)


def _refer(node: slicer.vtkMRMLScriptedModuleNode, role: str, target: slicer.vtkMRMLNode | None) -> None:
    target_id = target.GetID() if target is not None else None
    if node.GetNodeReferenceID(role) != target_id:
        node.SetNodeReferenceID(role, target_id)


def _texts(state: SessionState) -> dict[str, str]:
    return {
        "profile": state.profile.to_json(),
        "class": state.class_id,
        "window": json.dumps([state.window.lower, state.window.upper]) if state.window else "",
        "pending": _slices_text(state.pending),
        "automatic": state.automatic.to_json() if state.automatic != AutomaticChoices() else "",
        "propagation": state.propagation.to_json() if state.propagation != PropagationChoices() else "",
        "rendering": state.rendering.to_json() if state.rendering != RenderingChoices() else "",
    }


def _slices_text(slices: tuple[PromptedSlice, ...]) -> str:
    kept = without_unfinished(slices)
    return PromptFile(kept).to_json() if kept else ""


def _parse_slices(text: str | None) -> tuple[PromptedSlice, ...]:
    if not text:
        return ()
    try:
        return parse_prompt_file(text).slices
    except InputError:
        return ()


def _parse_automatic(text: str | None) -> AutomaticChoices:
    try:
        return parse_choices(text) if text else AutomaticChoices()
    except InputError:
        return AutomaticChoices()


def _parse_propagation(text: str | None) -> PropagationChoices:
    try:
        return parse_propagation(text) if text else PropagationChoices()
    except InputError:
        return PropagationChoices()


def _parse_rendering(text: str | None) -> RenderingChoices:
    try:
        return parse_rendering(text) if text else RenderingChoices()
    except InputError:
        return RenderingChoices()


def _parse_window(text: str | None) -> Window | None:
    try:
        lower, upper = json.loads(text or "null")
        return Window(float(lower), float(upper))
    except (TypeError, ValueError):
        return None
