"""The module's panel: what is chosen in it, in the scene and in the session stays the same thing."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Protocol, TypeVar

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ...record.record_file import write_prompt_file
from ..app.annotation_mode import ModeChoice
from ..app.connections import Connections
from ..app.shared_session import SharedSession, segmentation_of
from ..saving import ask_where
from .automatic.panel import AutomaticPanel
from .editor_section import EditorSection
from .measurement_panel import MeasurementPanel
from .model_panel import ModelPanel
from .profile_row import ProfileRow
from .propagation.panel import PropagationPanel
from .rendering_panel import RenderingPanel
from .scan_panel import ScanPanel
from .threshold_panel import ThresholdPanel
from .unsaved_row import UnsavedRow

Listener = TypeVar("Listener", bound=Callable[[], object])

_AFTER_THE_SESSION = -1.0
"""Priority of scene observers: the session takes up a loaded scene first."""


class Parameters(Protocol):
    """The module's parameter node."""

    parameterNode: slicer.vtkMRMLScriptedModuleNode
    inputVolume: slicer.vtkMRMLScalarVolumeNode | None
    outputSegmentation: slicer.vtkMRMLSegmentationNode | None
    profile: slicer.vtkMRMLTextNode | None

    def connectParametersToGui(self, mapping: dict[str, object]) -> int:
        """Bind widgets by the names of parameters."""

    def disconnectGui(self, tag: int) -> None:
        """Release them."""


class MainPanel(VTKObservationMixin):
    """Everything in the form ``RWTHSAM.ui``.

    Changes of nodes, in the scene or by a selector, are followed at the next tick of the shared session and never in
    the middle of what caused them.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name; it has no scene yet.
    shared : SharedSession
    parameters : callable
        Gives the module's parameter node, which a closed scene takes away.

    Attributes
    ----------
    automatic : AutomaticPanel
        The section for objects that are found without prompts.
    propagation : PropagationPanel
        The section for objects that go through the volume.
    threshold : ThresholdPanel
        The section for the fine structure inside a class.
    rendering : RenderingPanel
        The section for the volume rendering.
    measurement : MeasurementPanel
        The section for the classes in numbers.
    """

    def __init__(self, ui: SimpleNamespace, shared: SharedSession, parameters: Callable[[], Parameters]) -> None:
        VTKObservationMixin.__init__(self)
        self.ui, self._shared, self._make_parameters = ui, shared, parameters
        self._parameters: Parameters | None = None
        self._gui_tag: int | None = None
        self._is_entered = False
        self._is_stale = False
        self._followed: tuple[slicer.vtkMRMLNode | None, slicer.vtkMRMLNode | None] = (None, None)
        self._signals = Connections()
        self._profile = ProfileRow(ui, shared)
        self._model = ModelPanel(ui, shared)
        self._scan = ScanPanel(ui, shared)
        self._unsaved = UnsavedRow(ui, shared)
        self._editor = EditorSection(ui.segmentEditor, shared)
        self._mode = ModeChoice(ui, shared, self._editor.use_sam)
        self.automatic = AutomaticPanel(ui.automaticSection, shared)
        self.propagation = PropagationPanel(ui.propagationSection, shared)
        self.threshold = ThresholdPanel(ui.thresholdSection, shared)
        self.rendering = RenderingPanel(ui.renderingSection, shared)
        self.measurement = MeasurementPanel(ui.measurementSection, shared)
        self._signals.connect(ui.savePromptsButton, "clicked(bool)", self._on_save_prompts)
        sections = (self.automatic, self.propagation, self.threshold, self.rendering, self.measurement)
        self._sections = (self, self._model, self._scan, self._unsaved, *sections)
        self.refresh()
        self._listen(False)  # until the module is shown

    # life

    def enter(self) -> None:
        """The module is shown."""
        self._is_entered = True
        self._shared.stay_awake(self)
        self._listen(True)
        self._hold_parameters()
        self._editor.enter()
        self._mode.enter()
        self._model.look_again()
        self._unsaved.look_again()
        self.settle()

    def exit(self) -> None:
        """Another module is shown."""
        if self._is_entered:
            self._is_entered = False
            self._mode.exit()
            self._editor.exit()
            self._drop_parameters()
            self._listen(False)
            self._shared.may_rest(self)

    def close(self) -> None:
        """Leave nothing behind: the panel ends."""
        self.exit()
        self._listen(False)
        parts = (self._signals, self._profile, self._model, self._scan, self._unsaved, self._mode, self._editor)
        for part in parts:
            part.close()
        for panel in (self.automatic, self.propagation, self.threshold, self.rendering, self.measurement):
            panel.close()

    def refresh(self) -> None:
        """Show what follows from the session and is in no other section."""
        session = self._shared.session
        self._mode.refresh()
        self.ui.savePromptsButton.enabled = session.volume_node is not None and bool(session.provenance.steps)

    def _listen(self, listens: bool) -> None:
        """Follow session and scene, or leave them alone while nobody sees the panel."""
        shared = self._shared
        for each in self._sections:
            _listen_last(shared.session.on_change, each.refresh, listens)
        _listen_last(shared.after_poll, self.settle, listens)
        self.removeObservers()
        if listens:
            self._observe_scene()
            for each in self._sections:
                each.refresh()

    # nodes

    def settle(self) -> None:
        """Follow what was chosen since the last tick."""
        self._profile.refresh()
        if self._parameters is None or slicer.mrmlScene.IsBatchProcessing():
            return
        if (
            self._parameters.parameterNode.GetScene() is None
        ):  # somebody deleted it: what was chosen goes on in a new one
            self._hold_parameters()
        if not self._is_stale and self._session_nodes() not in (self._followed, (None, None)):
            self._take_up_session(self._parameters)  # a script, or the session itself, chose something
        if self._is_stale:
            self._follow(self._parameters)

    def _follow(self, parameters: Parameters) -> None:
        self._is_stale = False
        self._shared.classes.use(parameters.profile)
        volume, segmentation = parameters.inputVolume, parameters.outputSegmentation
        if not self._asks_for_new(volume, segmentation):
            segmentation = segmentation_of(volume, segmentation)
        self._shared.work_on(volume, segmentation)
        if volume is not None and segmentation is None and not self._shared.problem:
            self._shared.session.attempt(lambda: self._shared.session.set_segmentation(None))
            segmentation = self._shared.session.segmentation_node
        size = self._shared.session.voxel_size
        if size.is_known_otherwise and not self._shared.problem:
            self._shared.session.attempt(size.give_known)
        if segmentation is not parameters.outputSegmentation:
            parameters.outputSegmentation = segmentation
        self._is_stale = False
        self._editor.edit(volume, segmentation)
        self._followed = self._session_nodes()

    def _asks_for_new(
        self, volume: slicer.vtkMRMLVolumeNode | None, segmentation: slicer.vtkMRMLSegmentationNode | None
    ) -> bool:
        """Whether "Create new segmentation" was chosen: the scan is the same, and its segmentation still exists."""
        followed_volume, followed_segmentation = self._followed
        if segmentation is not None or volume is None or volume is not followed_volume:
            return False
        return followed_segmentation is not None and followed_segmentation.GetScene() is not None

    def _session_nodes(self) -> tuple[slicer.vtkMRMLNode | None, slicer.vtkMRMLNode | None]:
        session = self._shared.session
        return (session.volume_node, session.segmentation_node) if session.volume_node is not None else (None, None)

    def _observe_scene(self) -> None:
        scene = slicer.mrmlScene
        for event, react in (
            (scene.StartCloseEvent, self._on_scene_closing),
            (scene.EndCloseEvent, self._on_scene_changed),
            (scene.EndImportEvent, self._on_scene_imported),
            (scene.NodeRemovedEvent, self._on_node_removed),
        ):
            self.addObserver(scene, event, react, priority=_AFTER_THE_SESSION)

    def _hold_parameters(self) -> None:
        self._drop_parameters()
        self._parameters = self._make_parameters()
        # by name: the form also holds buttons of the segment editor, which come and go
        selectors = {
            "inputVolume": self.ui.inputVolumeSelector,
            "outputSegmentation": self.ui.outputSegmentationSelector,
            "profile": self.ui.profileSelector,
        }
        self._gui_tag = self._parameters.connectParametersToGui(selectors)
        self.addObserver(self._parameters, vtk.vtkCommand.ModifiedEvent, self._on_parameters)
        self._take_up_session(self._parameters)
        self._is_stale = True

    def _drop_parameters(self) -> None:
        if self._parameters is not None and self._gui_tag is not None:
            self._parameters.disconnectGui(self._gui_tag)
            self.removeObserver(self._parameters, vtk.vtkCommand.ModifiedEvent, self._on_parameters)
        self._parameters = None

    def _take_up_session(self, parameters: Parameters) -> None:
        """Work that goes on elsewhere, or came back with a scene, is what the panel shows."""
        session = self._shared.session
        if session.volume_node is not None:
            parameters.inputVolume = session.volume_node
            parameters.outputSegmentation = session.segmentation_node

    def _on_parameters(self, _caller: object, _event: str) -> None:
        self._is_stale = True

    def _on_node_removed(self, _caller: object, _event: str) -> None:
        self._is_stale = True

    def _on_scene_closing(self, _caller: object, _event: str) -> None:
        self._drop_parameters()

    def _on_scene_changed(self, _caller: object, _event: str) -> None:
        if self._is_entered:
            self._hold_parameters()
            self._editor.enter()

    def _on_scene_imported(self, _caller: object, _event: str) -> None:
        session = self._shared.session
        if session.volume_node is not None:
            self._editor.keep(session.volume_node, session.segmentation_node)
        self._on_scene_changed(_caller, _event)

    # results

    def _on_save_prompts(self) -> None:
        session = self._shared.session
        button, filters = self.ui.savePromptsButton, _("Prompts (*.json)")
        path = ask_where(button, _("Save prompts"), session, "prompts.json", filters)
        if path is not None:
            session.attempt(lambda: write_prompt_file(session.prompt_file(), path))


def _listen_last(listeners: list[Listener], mine: Listener, listens: bool) -> None:
    """Be the last one of some listeners, or none of them."""
    if mine in listeners:
        listeners.remove(mine)
    if listens:
        listeners.append(mine)
