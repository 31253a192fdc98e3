"""An effect that stamps a cube of voxels where the user clicks."""

import qt
import slicer
import vtk
import vtkSegmentationCorePython as vtkSegmentationCore  # noqa: F401
from SegmentEditorEffects import *  # noqa: F403
from slicer.i18n import tr as _


class SegmentEditorEffect(AbstractScriptedSegmentEditorEffect):  # noqa: F405
    """Left click adds, Ctrl+left click removes, Return selects the next segment."""

    def __init__(self, scriptedEffect):
        scriptedEffect.name = "Host example"
        scriptedEffect.title = _("Host example")
        scriptedEffect.perSegment = True
        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)  # noqa: F405
        self.events = []

    def clone(self):
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        cloned = effects.qSlicerSegmentEditorScriptedEffect(None)
        cloned.setPythonSource(__file__.replace("\\", "/"))
        return cloned

    def helpText(self):
        return "<html>" + _("Click to stamp a cube.") + "</html>"

    def setupOptionsFrame(self):
        self.sizeSpinBox = qt.QSpinBox()
        self.sizeSpinBox.objectName = "HostExampleSize"
        self.sizeSpinBox.minimum = 0
        self.sizeSpinBox.maximum = 9
        self.scriptedEffect.addLabeledOptionsWidget(_("Half size:"), self.sizeSpinBox)
        self.sizeSpinBox.connect("valueChanged(int)", self.updateMRMLFromGUI)

    def setMRMLDefaults(self):
        self.scriptedEffect.setParameterDefault("HalfSize", 1)

    def updateGUIFromMRML(self):
        blocked = self.sizeSpinBox.blockSignals(True)
        self.sizeSpinBox.value = self.scriptedEffect.integerParameter("HalfSize")
        self.sizeSpinBox.blockSignals(blocked)

    def updateMRMLFromGUI(self):
        self.scriptedEffect.setParameter("HalfSize", self.sizeSpinBox.value)

    def processInteractionEvents(self, callerInteractor, eventId, viewWidget):
        if viewWidget.className() != "qMRMLSliceWidget":
            return False
        self.events.append(eventId)
        if eventId == vtk.vtkCommand.LeftButtonPressEvent:
            self.stamp(callerInteractor.GetEventPosition(), viewWidget, bool(callerInteractor.GetControlKey()))
            return True
        return eventId == vtk.vtkCommand.LeftButtonReleaseEvent

    def stamp(self, xy, viewWidget, remove):
        labelmap = self.scriptedEffect.defaultModifierLabelmap()
        ijk = self.xyToIjk(xy, viewWidget, labelmap, None)
        half = self.scriptedEffect.integerParameter("HalfSize")
        extent = labelmap.GetExtent()
        voxels = vtk.util.numpy_support.vtk_to_numpy(labelmap.GetPointData().GetScalars())
        voxels = voxels.reshape([extent[2 * axis + 1] - extent[2 * axis] + 1 for axis in (2, 1, 0)])
        low = [max(ijk[axis] - extent[2 * axis] - half, 0) for axis in range(3)]
        high = [ijk[axis] - extent[2 * axis] + half + 1 for axis in range(3)]
        voxels[low[2] : high[2], low[1] : high[1], low[0] : high[0]] = 1
        labelmap.Modified()
        mode = slicer.qSlicerSegmentEditorAbstractEffect
        self.scriptedEffect.saveStateForUndo()
        self.scriptedEffect.modifySelectedSegmentByLabelmap(
            labelmap, mode.ModificationModeRemove if remove else mode.ModificationModeAdd
        )
