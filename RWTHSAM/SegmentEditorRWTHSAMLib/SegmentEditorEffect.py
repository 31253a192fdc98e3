"""Segment Editor effect "SAM": click on an object in a slice view, see its mask, submit it to the selected segment."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer
import vtk
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

from RWTHSAMLib.desktop.app import mouse_modes, shared_session
from RWTHSAMLib.desktop.app.cursor import prompt_cursor, show_prompt_cursor
from RWTHSAMLib.desktop.app.help_text import HELP_HTML
from RWTHSAMLib.desktop.app.key_claims import KeyClaim, means_something
from RWTHSAMLib.desktop.app.view_events import key_name, kind_of, pixel_ratio, pointer_event
from RWTHSAMLib.desktop.panels.prompt_panel import PromptPanel

EFFECT_NAME = "SAM"


class SegmentEditorEffect(AbstractScriptedSegmentEditorEffect):
    """Translates the events of slice views into the session's; everything else is done there.

    Parameters
    ----------
    scriptedEffect : qSlicerSegmentEditorScriptedEffect
        One for each segment editor, and one more that they are cloned from.
    """

    def __init__(self, scriptedEffect: slicer.qSlicerSegmentEditorScriptedEffect) -> None:
        scriptedEffect.name = EFFECT_NAME
        scriptedEffect.title = _("SAM")
        scriptedEffect.perSegment = True
        scriptedEffect.requireSegments = True
        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)
        self._shared: shared_session.SharedSession | None = None
        self._panel: PromptPanel | None = None
        self._keys: KeyClaim | None = None
        self._editor: slicer.qMRMLSegmentEditorWidget | None = None
        self._view_in_use = ""

    # what the segment editor asks for

    def clone(self) -> slicer.qSlicerSegmentEditorScriptedEffect:
        """The effect of another segment editor."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        cloned = effects.qSlicerSegmentEditorScriptedEffect(None)
        cloned.setPythonSource(__file__.replace("\\", "/"))
        return cloned

    def icon(self) -> qt.QIcon:
        """The extension's icon."""
        path = Path(__file__).parents[1] / "Resources" / "Icons" / "RWTHSAM.png"
        return qt.QIcon(str(path)) if path.is_file() else qt.QIcon()

    def helpText(self) -> str:
        """Buttons and keys."""
        return HELP_HTML

    def createCursor(self, _viewWidget: slicer.qMRMLWidget) -> qt.QCursor:
        """A crosshair whose middle stays free: what is clicked on remains visible."""
        return prompt_cursor()

    def setupOptionsFrame(self) -> None:
        """Prompts, masks to choose from, submit, undo."""
        self._panel = PromptPanel()
        self.scriptedEffect.addOptionsWidget(self._panel.widget)

    # life

    def activate(self) -> None:
        """Begin to work on the editor's volume and segmentation."""
        self._shared = shared = shared_session.join(self)
        shared.stay_awake(self)
        self._editor = self._find_editor()
        shared.editor.use(self._editor)
        self._work_on_nodes()
        if self._panel is not None:
            self._panel.show_session(shared)
        self._keys = self._keys or KeyClaim(self._is_claimed)
        self._keys.start()
        shared.load_engine_if_possible()

    def deactivate(self) -> None:
        """Give mouse and keys back; prompts stay, as other tools may be used in between."""
        if self._shared is None:  # the editor has ended before
            return
        if self._keys is not None:
            self._keys.stop()
        if self._panel is not None:
            self._panel.show_session(None)
        self._shared.session.cancel_gesture()
        self._shared.may_rest(self)

    def cleanup(self) -> None:
        """Leave nothing behind; the editor ends, or has just ended. Safe to call twice."""
        if self._keys is not None:
            self._keys.stop()
        if self._panel is not None:
            self._panel.close()
            self._panel = None
        if self._shared is not None:
            self._shared.editor.release(self._editor)
            self._shared.may_rest(self)
            self._shared = self._editor = None
            shared_session.leave(self)

    # what happens in the editor

    def setMRMLDefaults(self) -> None:
        """Nothing is kept in the editor's node: prompts belong to the scene's session."""

    def sourceVolumeNodeChanged(self) -> None:
        """Prompts belong to a scan: another one begins without."""
        if self._active is not None:
            self._work_on_nodes()

    def layoutChanged(self) -> None:
        """Claim keys of the views of a new layout."""
        if self._active is not None and self._keys is not None:
            self._keys.start()

    def interactionNodeModified(self, interactionNode: slicer.vtkMRMLInteractionNode) -> None:
        """Stay chosen when the mouse mode changes; in another one than View/Transform mouse and keys are Slicer's."""
        shared = self._active
        if shared is None:
            return
        if not mouse_modes.is_usual(interactionNode):
            shared.session.cancel_gesture()
        else:
            qt.QTimer.singleShot(0, self._show_cursor_again)  # Slicer's tool bar sets the arrow first

    def processInteractionEvents(
        self, callerInteractor: vtk.vtkRenderWindowInteractor, eventId: int, viewWidget: slicer.qMRMLWidget
    ) -> bool:
        """Mouse and keys of a view; True keeps an event from Slicer's own handling."""
        if self._shared is None or viewWidget.className() != "qMRMLSliceWidget":
            return False
        kind, node = kind_of(eventId), viewWidget.mrmlSliceNode()
        if kind == "entered":
            self._view_in_use = node.GetID()
            self._shared.look_at(node)
            return False
        if not mouse_modes.is_usual_in(node):
            self._shared.session.cancel_gesture()
            return False
        if kind == "pointer":
            event = pointer_event(callerInteractor, eventId, node, pixel_ratio(callerInteractor, viewWidget))
            return self._shared.session.pointer(event)
        return kind == "key" and self._press(key_name(callerInteractor))

    def processViewNodeEvents(
        self, callerViewNode: slicer.vtkMRMLAbstractViewNode, _eventId: int, _viewWidget: slicer.qMRMLWidget
    ) -> None:
        """The slice in use has moved: prepare the new one."""
        if self._shared is not None and callerViewNode.GetID() == self._view_in_use:
            self._shared.look_at(callerViewNode)

    # inside

    @property
    def _active(self) -> shared_session.SharedSession | None:
        """Where is worked while this is the chosen effect."""
        return self._shared if self._shared is not None and self.scriptedEffect.active() else None

    def _press(self, key: str) -> bool:
        shared = self._active
        return shared is not None and means_something(shared.session, key) and shared.session.key(key)

    def _is_claimed(self, key: str) -> bool:
        shared = self._active
        return shared is not None and mouse_modes.is_usual_everywhere() and means_something(shared.session, key)

    def _show_cursor_again(self) -> None:
        if self._active is not None and mouse_modes.is_usual_everywhere():
            show_prompt_cursor()

    def _work_on_nodes(self) -> None:
        node = self.scriptedEffect.parameterSetNode()
        if node is not None and self._shared is not None:
            self._shared.work_on(node.GetSourceVolumeNode(), node.GetSegmentationNode())
            self._shared.editor.use(self._editor)

    def _find_editor(self) -> slicer.qMRMLSegmentEditorWidget | None:
        """The segment editor that holds this effect's options."""
        widget = self.scriptedEffect.optionsFrame()
        while widget is not None and widget.className() != "qMRMLSegmentEditorWidget":
            widget = widget.parentWidget()
        return widget
