"""Slicer module RWTHSAM: segment CT scans of batteries by clicking, with Segment Anything."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Union

import qt
import slicer
import vtk
from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode, vtkMRMLTextNode, vtkMRMLVectorVolumeNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

from RWTHSAMLib.core.field_check import with_fields
from RWTHSAMLib.core.settings.export import Exported, ExportSettings, formats_named
from RWTHSAMLib.core.settings.measurement import MeasureSettings
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.system.file_name import file_word
from RWTHSAMLib.desktop.app import sample_data, shared_session
from RWTHSAMLib.desktop.app.registration import register_effect
from RWTHSAMLib.desktop.app.requirements import missing_for
from RWTHSAMLib.desktop.panels.main_panel import MainPanel
from RWTHSAMLib.errors import InputError, RwthSamError, StateError
from RWTHSAMLib.models.catalogue import model
from RWTHSAMLib.mrml.nodes.profile_node import PROFILE_NODE_CLASS, is_profile_node
from RWTHSAMLib.mrml.nodes.segments import mask_of_class_kji
from RWTHSAMLib.mrml.nodes.volumes import add_volume, volume_data_of
from RWTHSAMLib.mrml.results.export import export_segmentation
from RWTHSAMLib.mrml.results.report import write_report
from RWTHSAMLib.mrml.session.parts.measurement_run import MeasurementRun
from RWTHSAMLib.mrml.session.parts.reviewed_object import ReviewedObject
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.mrml.session.status import SessionStatus
from RWTHSAMLib.record.record_file import write_prompt_file
from RWTHSAMLib.report.compose import ReportSettings
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell
from RWTHSAMLib.worker.client import EngineSpec


class RWTHSAM(ScriptedLoadableModule):
    """What the application knows of the module before it is opened."""

    def __init__(self, parent: slicer.qSlicerScriptedLoadableModule) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("RWTHSAM")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Segmentations", "Markups", "VolumeRendering", "Tables", "Plots"]
        self.parent.contributors = ["RWTHSAM developers (RWTHSAM project)"]
        self.parent.helpText = _(
            "Segment X-ray CT scans of batteries by clicking: choose a scan, click on an object in a slice view, and "
            "submit its mask to a class. The same tool is the effect SAM of the Segment Editor."
        )
        self.parent.acknowledgementText = _(
            "Uses Segment Anything and its descendants; see the list of models for their licences."
        )
        slicer.app.connect("startupCompleted()", self.register)

    def setup(self) -> None:
        """Called when the module is loaded: before any module is shown, or later than the start."""
        self.register()

    def register(self) -> None:
        """Register the Segment Editor effect and the sample data, as far as that was not possible before."""
        register_effect()
        sample_data.register()


@parameterNodeWrapper
class RWTHSAMParameters:
    """What the module's panel works on; saved with the scene.

    Attributes
    ----------
    inputVolume : vtkMRMLScalarVolumeNode or vtkMRMLVectorVolumeNode
        The scan, grey or coloured.
    outputSegmentation : vtkMRMLSegmentationNode
        Where submitted masks go.
    profile : vtkMRMLTextNode
        The classes; none: they are the segments.
    """

    # Slicer knows unions of nodes in this form alone, and the selector offers what is named here
    inputVolume: Union[vtkMRMLScalarVolumeNode, vtkMRMLVectorVolumeNode]  # noqa: UP007
    outputSegmentation: vtkMRMLSegmentationNode
    profile: vtkMRMLTextNode

    if TYPE_CHECKING:  # what the wrapper adds
        parameterNode: slicer.vtkMRMLScriptedModuleNode

        def __init__(self, parameterNode: slicer.vtkMRMLScriptedModuleNode) -> None: ...

        def connectParametersToGui(self, mapping: dict[str, object]) -> int:
            """Bind widgets by the names of parameters."""

        def disconnectGui(self, tag: int) -> None:
            """Release them."""


class RWTHSAMWidget(ScriptedLoadableModuleWidget):
    """The module's panel; what it does is in `MainPanel`."""

    def __init__(self, parent: qt.QWidget | None = None) -> None:
        self.panel: MainPanel | None = None
        self.logic: RWTHSAMLogic | None = None
        ScriptedLoadableModuleWidget.__init__(self, parent)

    def setup(self) -> None:
        """Build the panel."""
        ScriptedLoadableModuleWidget.setup(self)
        self.logic = RWTHSAMLogic()
        form = slicer.util.loadUI(self.resourcePath("UI/RWTHSAM.ui"))
        self.layout.addWidget(form)
        self.layout.addStretch(1)
        self.ui = slicer.util.childWidgetVariables(form)
        # the selectors meet the scene last, when they know which nodes they are for
        self.panel = MainPanel(self.ui, self.logic.sharedSession, self.logic.getParameterNode)
        form.setMRMLScene(slicer.mrmlScene)

    def enter(self) -> None:
        """The module is shown."""
        if self.panel is not None:
            self.panel.enter()

    def exit(self) -> None:
        """Another module is shown."""
        if self.panel is not None:
            self.panel.exit()

    def cleanup(self) -> None:
        """End every connection, observer and process."""
        if self.panel is not None:
            self.panel.close()
            self.panel = None
        if self.logic is not None:
            self.logic.close()


class RWTHSAMLogic(ScriptedLoadableModuleLogic):
    """Everything the panel and the effect can do, for scripts; needs no window.

    All logics, the panel and the effect share one session. `session` has every action, and its `status` says what can
    be done at present; masks are computed in another process, and `waitForMasks` waits for them.

    Examples
    --------
    ::

        logic = slicer.util.getModuleLogic("RWTHSAM")
        logic.loadModel("mobile_sam_vit_t")
        segmentation = logic.workOn(slicer.util.getNode("Scan"))
        logic.session.select_class("core")
        logic.session.add_point(SliceKey("k", 48), 120, 130)
        logic.waitForMasks()
        logic.session.submit()
    """

    def getParameterNode(self) -> RWTHSAMParameters:
        """What the panel works on."""
        return RWTHSAMParameters(ScriptedLoadableModuleLogic.getParameterNode(self))

    @property
    def sharedSession(self) -> shared_session.SharedSession:
        """The shared session; it lasts at least until `close`."""
        return shared_session.join(self)

    @property
    def session(self) -> Session:
        """The shared session: prompts, classes, submit, undo."""
        return self.sharedSession.session

    def loadModel(
        self, name: str, weights: str | Path | None = None, device: str = "auto", timeoutSec: float = 300.0
    ) -> str:
        """Load a model and wait until it is there; returns its description.

        Raises `StateError` with the reason if it cannot be loaded.
        """
        self.sharedSession.spec = EngineSpec(name, Path(weights) if weights is not None else None, device)
        self.session.load_engine(self.sharedSession.spec)
        self._wait(lambda: self.session.status.engine.phase != "loading", timeoutSec)
        engine = self.session.status.engine
        if engine.phase != "ready":
            raise StateError(engine.text)
        return engine.text

    def workOn(
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        segmentationNode: vtkMRMLSegmentationNode | None = None,
    ) -> vtkMRMLSegmentationNode | None:
        """Prompt a scan; returns the segmentation that submits go to.

        If none is given that is the scan's own, or a new one on the scan's grid where it has none yet.

        Raises `StateError` if the segmentation does not fit the scan, `InputError` if one is no such node.
        """
        _checkClass(volumeNode, "vtkMRMLVolumeNode", _("a volume node"))
        _checkClass(segmentationNode, "vtkMRMLSegmentationNode", _("a segmentation node"))
        shared = self.sharedSession
        shared.work_on(volumeNode, shared_session.segmentation_of(volumeNode, segmentationNode))
        if shared.problem:
            raise StateError(shared.problem)
        if volumeNode is not None and shared.session.segmentation_node is None:
            shared.session.set_segmentation(None)
        return shared.session.segmentation_node

    def useProfile(self, profileNode: vtkMRMLTextNode | None) -> None:
        """Choose a profile of the scene; None makes the segments the classes.

        Raises `InputError` if the node is no profile.
        """
        _checkClass(profileNode, PROFILE_NODE_CLASS, _("a profile"))
        if profileNode is not None and not is_profile_node(profileNode):
            raise InputError(_("The node '{name}' is no profile.").format(name=profileNode.GetName()))
        self.sharedSession.classes.use(profileNode)

    def waitForMasks(self, timeoutSec: float = 120.0) -> SessionStatus:
        """Wait until every prompt has its mask; returns the session's status.

        Raises `StateError` if that takes longer, or the model failed.
        """
        self._wait(lambda: self.session.status.level != "busy", timeoutSec)
        status = self.session.status
        if status.level == "error":
            raise StateError(status.text)
        return status

    def waitForObjects(self, timeoutSec: float = 3600.0) -> tuple[ReviewedObject, ...]:
        """Wait until a run of automatic masks has ended; returns what it has detected, the largest object first.

        Raises `StateError` if that takes longer, which leaves the run going, or if it ended early.
        """
        automatic = self.session.automatic
        self._wait(lambda: automatic.progress is None or not automatic.progress.is_running, timeoutSec)
        if automatic.error is not None:
            raise StateError(str(automatic.error))
        return automatic.detected

    def savePrompts(self, path: str | Path) -> None:
        """Write everything that was submitted as a prompt file."""
        write_prompt_file(self.session.prompt_file(), Path(path))

    def exportSegmentation(self, folder: str | Path, formats: Iterable[str] = ("nrrd",), **choices: object) -> Exported:
        """Write the segmentation as labelmaps and surfaces; returns the files and what should be known of them.

        `formats` are names of `export_choices.FORMATS`, `choices` the fields of `ExportSettings`, such as
        ``each_class=True`` or ``frame="RAS"``. Raises `StateError` if there is nothing to export.
        """
        stem = file_word(self.session.require_volume().GetName())
        node = self._requireSegmentation()
        return export_segmentation(
            node, Path(folder), stem, formats_named(formats), with_fields(ExportSettings(), choices)
        )

    def saveReport(self, path: str | Path, title: str | None = None) -> None:
        """Write a page with pictures, numbers and plots of the segmentation.

        Raises `StateError` if there is none.
        """
        scan = volume_data_of(self.session.require_volume())
        choices = ReportSettings(title=title or scan.name, window=self.session.window)
        write_report(self._requireSegmentation(), scan, Path(path), choices)

    def measureSegmentation(self, region: str | None = None, **choices: object) -> MeasurementRun:
        """Measure every class; returns a `MeasurementRun`, with `result`, `save(path)` and `add_to_scene()`.

        `choices` are the fields of `MeasureSettings`, such as ``parts=True``, ``thickness=True`` or ``along="k"``;
        `region` is the class that phase fractions are shares of. Raises `StateError` if nothing was segmented.
        """
        measuring = MeasurementRun(self.session.workspace)
        measuring.start(with_fields(MeasureSettings(), choices), region)
        measuring.finish()
        return measuring

    def close(self) -> None:
        """Stop sharing the session; the last one ends the inference process."""
        shared_session.leave(self)

    def _requireSegmentation(self) -> vtkMRMLSegmentationNode:
        if self.session.segmentation_node is None:
            raise StateError(_("There is no segmentation yet: choose a scan and submit a mask first."))
        return self.session.segmentation_node

    def _wait(self, isDone: Callable[[], bool], timeoutSec: float) -> None:
        end = time.monotonic() + timeoutSec
        while not isDone():
            if time.monotonic() > end:
                raise StateError(_("It takes longer than {count} seconds.").format(count=timeoutSec))
            slicer.app.processEvents()
            time.sleep(0.005)
            self.sharedSession.poll()


def _checkClass(node: object, className: str, what: str) -> None:
    """Raise `InputError` if a script gave something else than such a node or None, for example a node's name."""
    if node is not None and not (isinstance(node, slicer.vtkMRMLNode) and node.IsA(className)):
        given = node.GetClassName() if isinstance(node, slicer.vtkMRMLNode) else repr(node)
        text = _("Expected {what}, got {given}. A node of the scene is found by slicer.util.getNode.")
        raise InputError(text.format(what=what, given=given))


class RWTHSAMFileReader:
    """Makes the phantom that a recipe names: how the module Sample Data gets the samples of this extension."""

    def __init__(self, parent: slicer.qSlicerScriptedFileReader) -> None:
        self.parent = parent

    def description(self) -> str:
        """What dialogs call such files."""
        return _("RWTHSAM phantom")

    def fileType(self) -> str:
        """What scripts call such files."""
        return sample_data.FILE_TYPE

    def extensions(self) -> list[str]:
        """Files that a dialog offers."""
        return [f"RWTHSAM phantom (*{sample_data.SUFFIX})"]

    def canLoadFile(self, path: str) -> bool:
        """Whether a file is called a recipe; no other program writes such files."""
        return sample_data.is_recipe(path)

    def load(self, properties: dict[str, str]) -> bool:
        """Add the phantom to the scene; say why where that fails."""
        try:
            kind = sample_data.kind_in(properties["fileName"])
        except RwthSamError as error:
            self.parent.userMessages().AddMessage(vtk.vtkCommand.ErrorEvent, str(error))
            return False
        self.parent.loadedNodes = [sample_data.add_phantom(kind, properties.get("name")).GetID()]
        return True


class RWTHSAMTest(ScriptedLoadableModuleTest):
    """Runs in the application: Reload and Test, or the module's automated test, which calls each method by its name."""

    def setUp(self) -> None:
        """Begin with an empty scene."""
        slicer.mrmlScene.Clear()

    def test_prompts_wait_for_their_masks(self) -> None:
        """Prompts are kept, can be taken back, and end with the scene, whether a model is there or not."""
        logic = RWTHSAMLogic()
        try:
            logic.workOn(self._addPhantom().volumeNode)
            logic.session.add_point(SliceKey("k", 8), 16, 16)
            logic.session.add_point(SliceKey("k", 8), 4, 4, positive=False)
            self.assertEqual(logic.session.status.prompt_count, 2)
            logic.session.undo()
            self.assertEqual(logic.session.status.prompt_count, 1)
            slicer.mrmlScene.Clear()
            self.assertEqual(logic.session.status.prompt_count, 0)
        finally:
            logic.close()

    def test_the_main_job_on_a_phantom(self) -> None:
        """Click on the core of a cell, submit, compare with the truth, take it back."""
        logic = RWTHSAMLogic()
        spec = logic.sharedSession.spec
        lacking = missing_for(model(spec.model), spec.weights)
        try:
            if lacking:
                reasons = " ".join(each.text for each in lacking)
                print(f"RWTHSAM: masks are not tested, no weights or packages. {reasons}")
            else:
                logic.loadModel(spec.model, spec.weights, spec.device)
                self._segmentCore(logic)
        finally:
            logic.close()

    def _segmentCore(self, logic: RWTHSAMLogic) -> None:
        made = self._addPhantom((64, 128, 128))
        truth = made.phantom.mask_kji("Core")
        k = 32
        rows, columns = truth[k].nonzero()
        segmentation = logic.workOn(made.volumeNode)
        logic.session.select_class("core")
        logic.session.add_point(SliceKey("k", k), int(columns.mean()), int(rows.mean()))
        logic.waitForMasks()
        logic.session.submit()
        found = mask_of_class_kji(segmentation, "core", made.volumeNode)
        self.assertEqual(int(found.sum()), int(found[k].sum()))
        iou = float((found[k] & truth[k]).sum() / (found[k] | truth[k]).sum())
        print(f"RWTHSAM: the core of the phantom has an IoU of {iou:.2f}")
        self.assertGreater(iou, 0.8)
        logic.session.undo()
        self.assertFalse(mask_of_class_kji(segmentation, "core", made.volumeNode).any())

    def _addPhantom(self, shape_kji: tuple[int, int, int] = (16, 32, 32)) -> SimpleNamespace:
        phantom = cylindrical_cell(shape_kji)
        return SimpleNamespace(phantom=phantom, volumeNode=add_volume(slicer.mrmlScene, phantom.volume()))
