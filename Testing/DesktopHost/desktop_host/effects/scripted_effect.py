"""The C++ adaptor that calls a Python effect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QCursor, QIcon
from PySide6.QtWidgets import QWidget

from ..pythonqt.conversion import to_python, unwrap
from ..pythonqt.runtime import call_python, complain
from ..scripts import class_from_folder_module, publish
from ..widgets.base import implements
from .abstract_effect import qSlicerSegmentEditorAbstractEffect
from .label_effect import LabelEffectMixin

_MISSING = object()


class ScriptedEffectMixin:
    """Everything that the three scripted adaptors share."""

    _instance: Any = None
    _source = ""
    # class whose methods run where the Python effect has none
    _plain: type[Any]

    def pythonSource(self) -> str:
        return self._source

    def self(self) -> Any:
        return self._instance

    def setName(self, name: str) -> None:
        self._name = name

    def setPythonSource(self, source: str) -> bool:
        if not source.endswith((".py", ".pyc")):
            return False
        name = Path(source).name.split(".")[0]
        class_name = name if name.endswith("Effect") else f"{name}Effect"
        folder = Path(source).parent.name
        kind = call_python(class_from_folder_module, folder, Path(source), class_name)
        if kind is None:
            complain(f"setPythonSource: class {class_name} was not found in {source}")
            return False
        instance = call_python(kind, to_python(self))
        if instance is None:
            return False
        self._instance, self._source = instance, source
        publish(folder, instance)
        return True

    def _python(self, method: str, *arguments: Any) -> Any:
        """Call the Python method, or say that it is missing."""
        function: Callable[..., Any] | None = getattr(self._instance, method, None)
        if function is None:
            return _MISSING
        return call_python(function, *(to_python(value) for value in arguments))

    def icon(self) -> QIcon:
        found = unwrap(self._python("icon"))
        return found if isinstance(found, QIcon) else QIcon()

    def helpText(self) -> str:
        found = self._python("helpText")
        if found is _MISSING or found is None:
            return ""
        if not isinstance(found, str):
            complain(f"{self._source}: Function 'helpText' is expected to return a string!")
            return ""
        return found

    def clone(self) -> Any:
        found = unwrap(self._python("clone"))
        if isinstance(found, qSlicerSegmentEditorAbstractEffect):
            return found
        complain(f"{self._source}: clone: Failed to call mandatory clone method!")
        return None

    def activate(self) -> None:
        self._plain.activate(self)
        self._python("activate")

    def deactivate(self) -> None:
        self._plain.deactivate(self)
        self._python("deactivate")

    def setupOptionsFrame(self) -> None:
        self._plain.setupOptionsFrame(self)
        self._python("setupOptionsFrame")

    def createCursor(self, view: QWidget) -> QCursor:
        found = self._python("createCursor", view)
        if found is _MISSING or found is None:
            found = self._plain.createCursor(self, view)
        cursor: QCursor = unwrap(found)
        return cursor

    def processInteractionEvents(self, interactor: Any, event: int, view: QWidget) -> bool:
        found = self._python("processInteractionEvents", interactor, event, view)
        if found is _MISSING or found is None:
            return bool(self._plain.processInteractionEvents(self, interactor, event, view))
        if not isinstance(found, bool):
            complain(f"{self._source} - function 'processInteractionEvents' is expected to return a boolean")
            return False
        return found

    def processViewNodeEvents(self, node: Any, event: int, view: QWidget) -> None:
        if self._python("processViewNodeEvents", node, event, view) is _MISSING:
            self._plain.processViewNodeEvents(self, node, event, view)

    def setMRMLDefaults(self) -> None:
        self._plain.setMRMLDefaults(self)
        self._python("setMRMLDefaults")

    def referenceGeometryChanged(self) -> None:
        self._python("referenceGeometryChanged")

    def sourceVolumeNodeChanged(self) -> None:
        self._python("sourceVolumeNodeChanged")

    def masterVolumeNodeChanged(self) -> None:
        self._python("masterVolumeNodeChanged")

    def layoutChanged(self) -> None:
        self._python("layoutChanged")

    def interactionNodeModified(self, node: Any) -> None:
        if self._python("interactionNodeModified", node) is _MISSING:
            self._plain.interactionNodeModified(self, node)

    def updateGUIFromMRML(self) -> None:
        if self.active():  # type: ignore[attr-defined]
            self._plain.updateGUIFromMRML(self)
            self._python("updateGUIFromMRML")

    def updateMRMLFromGUI(self) -> None:
        self._plain.updateMRMLFromGUI(self)
        self._python("updateMRMLFromGUI")

    def cleanup(self) -> None:
        self._python("cleanup")


@implements()
class qSlicerSegmentEditorScriptedEffect(ScriptedEffectMixin, qSlicerSegmentEditorAbstractEffect):
    """Adaptor of an effect without a brush."""

    _plain = qSlicerSegmentEditorAbstractEffect

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "UnnamedScriptedEffect"


@implements()
class qSlicerSegmentEditorAbstractLabelEffect(LabelEffectMixin, qSlicerSegmentEditorAbstractEffect):
    """Base of effects that edit the selected segment's labels."""


@implements()
class qSlicerSegmentEditorScriptedLabelEffect(ScriptedEffectMixin, qSlicerSegmentEditorAbstractLabelEffect):
    """Adaptor of a label effect."""

    _plain = qSlicerSegmentEditorAbstractLabelEffect

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "UnnamedScriptedEffect"
