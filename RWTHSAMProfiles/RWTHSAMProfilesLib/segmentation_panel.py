"""From a profile to segments and back."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import slicer
from slicer.i18n import tr as _

from RWTHSAMLib.desktop.app.connections import Connections
from RWTHSAMLib.errors import RwthSamError
from RWTHSAMLib.mrml.nodes.profile_from_segmentation import AppliedProfile

from .field_message import FieldMessage
from .profiles_logic import ProfilesLogic


class SegmentationPanel:
    """Buttons that apply a profile to a segmentation, make one of it, or make it of one.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    connections : Connections
    logic : ProfilesLogic
    profile_node : callable
        Returns the chosen profile node, or None where there is none to use.
    on_new_profile : callable
        Called with a profile node that was made here.
    """

    def __init__(
        self,
        ui: SimpleNamespace,
        connections: Connections,
        logic: ProfilesLogic,
        profile_node: Callable[[], slicer.vtkMRMLTextNode | None],
        on_new_profile: Callable[[slicer.vtkMRMLTextNode], None],
    ) -> None:
        self._ui = ui
        self._logic = logic
        self._profile_node = profile_node
        self._on_new_profile = on_new_profile
        self.message = FieldMessage(ui.segmentationMessage)
        connections.connect(ui.applyButton, "clicked(bool)", self._apply)
        connections.connect(ui.createSegmentationButton, "clicked(bool)", self._create)
        connections.connect(ui.fromSegmentationButton, "clicked(bool)", self._make_profile)
        for selector in (ui.segmentationSelector, ui.scanSelector):
            connections.connect(selector, "currentNodeChanged(vtkMRMLNode*)", self._node_chosen)

    def refresh(self) -> None:
        """Enable what can be done."""
        has_profile = self._profile_node() is not None
        has_segmentation = self._ui.segmentationSelector.currentNode() is not None
        self._ui.applyButton.setEnabled(has_profile and has_segmentation)
        self._ui.fromSegmentationButton.setEnabled(has_segmentation)
        self._ui.createSegmentationButton.setEnabled(has_profile and self._ui.scanSelector.currentNode() is not None)

    def _node_chosen(self, _node: slicer.vtkMRMLNode | None) -> None:
        self.message.clear()
        self.refresh()

    def _apply(self, _checked: bool) -> None:
        self._attempt(lambda: describe(self._logic.applyProfile(self._profile_node(), self._segmentation())))

    def _create(self, _checked: bool) -> None:
        def create() -> str:
            node = self._logic.createSegmentation(self._profile_node(), self._ui.scanSelector.currentNode())
            self._ui.segmentationSelector.setCurrentNode(node)
            return _("Created '{name}'.").format(name=node.GetName())

        self._attempt(create)

    def _make_profile(self, _checked: bool) -> None:
        def make() -> str:
            node = self._logic.profileFromSegmentation(self._segmentation())
            self._on_new_profile(node)
            return _("Created the profile '{name}'.").format(name=node.GetName())

        self._attempt(make)

    def _attempt(self, action: Callable[[], str]) -> None:
        try:
            said = action()
        except RwthSamError as error:
            self.message.show(error)
        else:
            self.message.tell(said)

    def _segmentation(self) -> slicer.vtkMRMLSegmentationNode:
        return self._ui.segmentationSelector.currentNode()


def describe(applied: AppliedProfile) -> str:
    """What applying a profile did, in a sentence or three."""
    said = []
    if applied.added:
        said.append(_("Added: {names}.").format(names=", ".join(applied.added)))
    if applied.renamed:
        pairs = ", ".join(f"{old} → {new}" for old, new in applied.renamed)
        said.append(_("Renamed: {names}.").format(names=pairs))
    if applied.kept:
        said.append(_("Not in this profile, left as they are: {names}.").format(names=", ".join(applied.kept)))
    return " ".join(said) or _("Every class has its segment; colors and locks are those of the profile.")
