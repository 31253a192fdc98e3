"""A small scripted module that shows what the desktop host runs; it thresholds a volume into a segment."""

from pathlib import Path
from typing import Annotated, Optional

import slicer
import vtk
from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import *  # noqa: F403
from slicer.util import VTKObservationMixin


class HostExample(ScriptedLoadableModule):  # noqa: F405
    """Title and registration of the effect."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)  # noqa: F405
        self.parent.title = _("Host Example")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Segmentations"]
        self.parent.contributors = ["desktop host"]
        self.parent.helpText = _("Thresholds a volume.") + self.getDefaultModuleDocumentationLink()
        slicer.app.connect("startupCompleted()", self.registerEffect)

    def registerEffect(self):
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        instance = effects.qSlicerSegmentEditorScriptedEffect(None)
        source = Path(__file__).parent / "SegmentEditorHostExampleLib" / "SegmentEditorEffect.py"
        instance.setPythonSource(source.as_posix())
        instance.self().register()


@parameterNodeWrapper
class HostExampleParameters:
    """What the panel shows."""

    # Slicer connects no selector to a union that is written with |
    inputVolume: Optional[vtkMRMLScalarVolumeNode] = None  # noqa: UP045
    segmentation: Optional[vtkMRMLSegmentationNode] = None  # noqa: UP045
    threshold: Annotated[float, WithinRange(0, 2000)] = 500
    invert: bool = False
    label: str = "cell"


class HostExampleWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):  # noqa: F405
    """The panel."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)  # noqa: F405
        VTKObservationMixin.__init__(self)
        self.logic = None
        self._parameters = None
        self._guiTag = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)  # noqa: F405
        panel = slicer.util.loadUI(self.resourcePath("UI/HostExample.ui"))
        self.layout.addWidget(panel)
        self.ui = slicer.util.childWidgetVariables(panel)
        panel.setMRMLScene(slicer.mrmlScene)
        self.logic = HostExampleLogic()
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.ui.applyButton.connect("clicked(bool)", self.onApply)
        self.initialize()

    def cleanup(self):
        self.removeObservers()

    def enter(self):
        self.initialize()

    def exit(self):
        self.drop()

    def onSceneStartClose(self, caller, event):
        self.drop()

    def onSceneEndClose(self, caller, event):
        if self.parent.isEntered:
            self.initialize()

    def drop(self):
        if self._parameters is not None:
            self._parameters.disconnectGui(self._guiTag)
            self.removeObserver(self._parameters, vtk.vtkCommand.ModifiedEvent, self.check)
        self._parameters = None

    def initialize(self):
        self.drop()
        self._parameters = HostExampleParameters(self.logic.getParameterNode())
        self._guiTag = self._parameters.connectGui(self.ui)
        self.addObserver(self._parameters, vtk.vtkCommand.ModifiedEvent, self.check)
        self.check()

    def check(self, caller=None, event=None):
        self.ui.applyButton.enabled = self._parameters.inputVolume is not None
        self.ui.applyButton.toolTip = _("Ready") if self.ui.applyButton.enabled else _("Choose a volume")

    def onApply(self):
        with slicer.util.tryWithErrorDisplay(_("Failed."), waitCursor=True):
            self._parameters.segmentation = self.logic.process(self._parameters)


class HostExampleLogic(ScriptedLoadableModuleLogic):  # noqa: F405
    """The work."""

    def process(self, parameters):
        volume = parameters.inputVolume
        segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        segmentation.CreateDefaultDisplayNodes()
        segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        segmentation.GetSegmentation().AddEmptySegment(parameters.label, parameters.label, [0.2, 0.8, 0.2])
        mask = slicer.util.arrayFromVolume(volume) >= parameters.threshold
        if parameters.invert:
            mask = ~mask
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype("uint8"), segmentation, parameters.label, volume)
        return segmentation


class HostExampleFileReader:
    """Reads a line of text into a text node; refuses files that do not begin with its word."""

    def __init__(self, parent):
        self.parent = parent

    def description(self):
        return "Host example"

    def fileType(self):
        return "HostExampleFile"

    def extensions(self):
        return ["Host example (*.host.txt)"]

    def canLoadFileConfidence(self, path):
        if not self.parent.supportedNameFilters(path):
            return 0.0
        with Path(path).open(encoding="utf-8") as file:
            return 0.9 if file.read(12) == "host example" else 0.0

    def load(self, properties):
        text = Path(properties["fileName"]).read_text(encoding="utf-8")
        if not text.startswith("host example"):
            self.parent.userMessages().AddMessage(vtk.vtkCommand.ErrorEvent, _("This is no host example."))
            return False
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode", properties.get("name", "Example"))
        node.SetText(text)
        self.parent.loadedNodes = [node.GetID()]
        return True


class HostExampleFileWriter:
    """Writes a text node."""

    def __init__(self, parent):
        self.parent = parent

    def description(self):
        return "Host example"

    def fileType(self):
        return "HostExampleFile"

    def extensions(self, obj):
        return ["Host example (*.host.txt)"]

    def canWriteObject(self, obj):
        return bool(obj and obj.IsA("vtkMRMLTextNode"))

    def write(self, properties):
        node = slicer.mrmlScene.GetNodeByID(properties["nodeID"])
        Path(properties["fileName"]).write_text(node.GetText(), encoding="utf-8")
        self.parent.writtenNodes = [node.GetID()]
        return True


class HostExampleTest(ScriptedLoadableModuleTest):  # noqa: F405
    """Self test."""

    def setUp(self):
        slicer.mrmlScene.Clear()

    def test_threshold(self):
        import numpy as np

        voxels = np.zeros((4, 5, 6), dtype="int16")
        voxels[1:3, 1:4, 2:5] = 1000
        volume = slicer.util.addVolumeFromArray(voxels)
        parameters = HostExampleParameters(HostExampleLogic().getParameterNode())
        parameters.inputVolume = volume
        segmentation = HostExampleLogic().process(parameters)
        mask = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "cell", volume)
        self.assertEqual(int(mask.sum()), 2 * 3 * 3)
        self.delayDisplay("Test passed", 50)
