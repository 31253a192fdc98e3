"""Modules of the application: scripted ones from files, and the C++ ones that have a logic in slicer-core."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from ..pythonqt.conversion import to_python
from ..pythonqt.runtime import call_python, complain
from ..scripts import load_source_as_module
from .base import implements
from .mrml_widgets import qSlicerWidget


class _Module(QObject):
    """What every module answers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name, self._path, self._logic, self._scene = "", "", None, None
        self._widget: Any = None

    def name(self) -> str:
        return self._name

    def path(self) -> str:
        return self._path

    def logic(self) -> Any:
        return self._logic

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        self._scene = scene
        if self._logic is not None and self._logic.GetMRMLScene() is not scene:
            self._logic.SetMRMLScene(scene)

    def isInstalled(self) -> bool:
        return True

    def isBuiltIn(self) -> bool:
        return False

    def slicerWikiUrl(self) -> str:
        return ""

    def defaultDocumentationLink(self) -> str:
        return ""

    def isWidgetRepresentationCreationEnabled(self) -> bool:
        return True

    def logo(self) -> QImage:
        return QImage()

    def widgetRepresentation(self) -> Any:
        if self._widget is None:
            self._widget = self.createNewWidgetRepresentation()
        return self._widget

    def createNewWidgetRepresentation(self) -> Any:
        return None


_DESCRIPTION: dict[str, Any] = {
    "title": "", "categories": list, "contributors": list, "associatedNodeTypes": list, "helpText": "",
    "acknowledgementText": "", "extensions": dict, "icon": QIcon, "hidden": False, "dependencies": list, "index": -1,
}  # fmt: skip


@implements()
class qSlicerLoadableModule(_Module):
    """A C++ module, as far as it has a logic."""

    def start(self, name: str, logic: Any) -> None:
        """Name and logic."""
        self._name, self._logic = name, logic

    def title(self) -> str:
        return self._name

    def isBuiltIn(self) -> bool:
        return True


@implements(**_DESCRIPTION)
class qSlicerScriptedLoadableModule(_Module):
    """A module written in Python."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.instance: Any = None

    def setPythonSource(self, source: Path) -> bool:
        """Load the file and make the instance of its module class."""
        name = source.name.split(".")[0]
        self._name, self._path = name, source.as_posix()
        self.setObjectName(name)
        module = call_python(load_source_as_module, name, source)
        if module is None:
            sys.modules.pop(name, None)
            return False
        kind = getattr(module, name, None)
        if kind is None:
            complain(f"Failed to load scripted module: class {name} was not found in {source}")
            return False
        self.instance = call_python(kind, to_python(self))
        if self.instance is None:
            return False
        setattr(sys.modules["slicer"].modules, f"{name}Instance", self.instance)
        import slicer

        self._logic = slicer.vtkSlicerScriptedLoadableModuleLogic()
        return True

    def setup(self) -> None:
        """Call the Python class's optional ``setup``."""
        function = getattr(self.instance, "setup", None)
        if function is not None:
            call_python(function)

    def createNewWidgetRepresentation(self) -> Any:
        module = sys.modules.get(self._name)
        if module is None or not hasattr(module, f"{self._name}Widget"):
            return None
        widget = qSlicerScriptedLoadableModuleWidget()
        widget.start(self)
        return widget


@implements()
class qSlicerScriptedLoadableModuleWidget(qSlicerWidget):
    """The panel of a scripted module."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        QVBoxLayout(self)
        self._module: Any = None
        self._instance: Any = None
        self._entered = False

    def start(self, module: Any) -> None:
        """Make the Python widget and set it up."""
        self._module = module
        self.setObjectName(f"{module.name()}ModuleWidget")
        self.setMRMLScene(module.mrmlScene())
        # C++ owns the panel, the panel keeps its Python side
        self._pythonqt_keep = to_python(self)
        self._make_instance()

    def _make_instance(self) -> None:
        """An instance of the class that ``sys.modules`` holds now."""
        module = self._module
        kind = getattr(sys.modules[module.name()], f"{module.name()}Widget")
        self._instance = call_python(kind, self._pythonqt_keep)
        if self._instance is None:
            return
        setattr(sys.modules["slicer"].modules, f"{module.name()}Widget", self._instance)
        call_python(self._instance.setup)

    def self(self) -> Any:
        return self._instance

    def moduleName(self) -> str:
        return self._module.name() if self._module is not None else ""

    def setModuleName(self, _name: str) -> None: ...

    def module(self) -> Any:
        return self._module

    def isEntered(self) -> bool:
        return self._entered

    def enter(self) -> None:
        self._entered = True
        self._python("enter")

    def exit(self) -> None:
        self._entered = False
        self._python("exit")

    def setEditedNode(self, node: Any, role: str = "", context: str = "") -> bool:
        found = self._python("setEditedNode", node, role, context)
        if found is not None and not isinstance(found, bool):
            complain("Function 'setEditedNode' is expected to return a boolean")
        return found is True

    def nodeEditable(self, node: Any) -> float:
        found = self._python("nodeEditable", node)
        if found is not None and not isinstance(found, float):
            complain("Function 'nodeEditable' is expected to return a floating point number!")
            return 0.0
        return 0.5 if found is None else found

    def reload(self) -> None:
        self._make_instance()

    def _python(self, method: str, *arguments: Any) -> Any:
        function = getattr(self._instance, method, None)
        return call_python(function, *arguments) if function is not None else None


@implements()
class qSlicerModuleFactoryManager(QObject):
    """Loads modules; ``modulesLoaded`` after all."""

    modulesRegistered = Signal(list)
    modulesLoaded = Signal(list)
    moduleLoaded = Signal(str)
    moduleAboutToBeUnloaded = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.loaded: dict[str, Any] = {}
        self._paths: list[str] = []

    def isLoaded(self, name: str) -> bool:
        return name in self.loaded

    isRegistered = isInstantiated = isLoaded

    def loadedModule(self, name: str) -> Any:
        return self.loaded.get(name)

    moduleInstance = loadedModule

    def loadedModuleNames(self) -> list[str]:
        return list(self.loaded)

    registeredModuleNames = instantiatedModuleNames = loadedModuleNames

    def searchPaths(self) -> list[str]:
        return self._paths

    def setSearchPaths(self, paths: list[str]) -> None:
        self._paths = list(paths)


@implements()
class qSlicerModuleManager(QObject):
    """All loaded modules."""

    moduleLoaded = Signal(str)
    moduleAboutToBeUnloaded = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._factory = qSlicerModuleFactoryManager(self)

    def factoryManager(self) -> qSlicerModuleFactoryManager:
        return self._factory

    def modulesNames(self) -> list[str]:
        return self._factory.loadedModuleNames()

    def module(self, name: str) -> Any:
        return self._factory.loaded.get(name)

    def add(self, module: Any, scene: Any) -> None:
        """Announce a module under ``slicer.modules``."""
        slicer = sys.modules["slicer"]
        module.setParent(self)
        module.setMRMLScene(scene)
        self._factory.loaded[module.name()] = module
        module._pythonqt_keep = to_python(module)
        setattr(slicer.modules, module.name().lower(), module._pythonqt_keep)
        setattr(slicer.moduleNames, module.name(), module.name())
        self._factory.moduleLoaded.emit(module.name())
        self.moduleLoaded.emit(module.name())

    def load_scripted(self, source: Path, scene: Any) -> Any:
        """Load a scripted module's file; None when it fails, as in the module list of Slicer."""
        module = qSlicerScriptedLoadableModule(self)
        if not module.setPythonSource(source):
            complain(f"When loading module {source.stem}: the source {source} can not be loaded")
            return None
        module._scene = scene
        self.add(module, scene)
        module.setup()
        application = QApplication.instance()
        application.coreIOManager().register_scripted(module)  # type: ignore[union-attr]
        return module

    def unload(self, name: str) -> None:
        """Announce the end of a module and drop it."""
        module = self._factory.loaded.get(name)
        if module is None:
            return
        self.moduleAboutToBeUnloaded.emit(name)
        self._factory.moduleAboutToBeUnloaded.emit(name)
        slicer = sys.modules["slicer"]
        for attribute in (f"{name}Instance", f"{name}Widget", name.lower()):
            slicer.modules.__dict__.pop(attribute, None)
        slicer.moduleNames.__dict__.pop(name, None)
        slicer.selfTests.pop(name, None) if hasattr(slicer, "selfTests") else None
        del self._factory.loaded[name]
        application = QApplication.instance()
        application.coreIOManager().forget_scripted(name)  # type: ignore[union-attr]
        if module._widget is not None:
            module._widget.deleteLater()
        module.deleteLater()
