"""Base classes of scripted modules, with the members of Slicer's own."""

from __future__ import annotations

import importlib
import logging
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ctk
import qt
import slicer
from slicer.i18n import tr as _

__all__ = [
    "ScriptedLoadableModule",
    "ScriptedLoadableModuleWidget",
    "ScriptedLoadableModuleLogic",
    "ScriptedLoadableModuleTest",
]


def _name_without(instance: object, suffix: str) -> str:
    name = type(instance).__name__
    return name[: -len(suffix)] if name.endswith(suffix) else name


class ScriptedLoadableModule:
    """What the application asks before it shows a module."""

    def __init__(self, parent: Any) -> None:
        super().__init__()
        self.parent = parent
        self.moduleName = type(self).__name__
        parent.title = ""
        parent.categories = []
        parent.dependencies = []
        parent.contributors = ["unknown"]
        parent.helpText = ""
        parent.acknowledgementText = ""
        icons = [self.resourcePath(f"Icons/{self.moduleName}{suffix}") for suffix in (".svg", ".png")]
        found = [icon for icon in icons if Path(icon).is_file()]
        if found:
            parent.icon = qt.QIcon(found[0])
        if not hasattr(slicer, "selfTests"):
            slicer.selfTests = {}
        slicer.selfTests[self.moduleName] = self.runTest

    def resourcePath(self, filename: str) -> str:
        return str(Path(self.parent.path).parent / "Resources" / filename)

    def getDefaultModuleDocumentationLink(self, docPage: str | None = None) -> str:
        if docPage:
            url = slicer.app.documentationBaseUrl + docPage
        else:
            url = slicer.app.moduleDocumentationUrl(self.moduleName)
        text = _("For more information, see the {url_start}online documentation{url_end}.")
        link: str = "<p>" + text.format(url_start=f'<a href="{url}">', url_end="</a>") + "</p>"
        return link

    def runTest(self, msec: int = 100, **kwargs: Any) -> None:
        module = importlib.import_module(type(self).__module__)
        testClass = getattr(module, f"{self.moduleName}Test", None)
        if testClass is None:
            raise AssertionError(f"Test case class not found: {module.__name__}.{self.moduleName}Test")
        testCase = testClass()
        testCase.messageDelay = msec
        testCase.runTest(**kwargs)


class ScriptedLoadableModuleWidget:
    """A module's panel."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__()
        self.moduleName = _name_without(self, "Widget")
        self.developerMode = slicer.util.settingsValue("Developer/DeveloperMode", False, converter=slicer.util.toBool)
        if parent:
            self.parent = parent
        else:
            self.parent = slicer.qMRMLWidget()
            self.parent.setLayout(qt.QVBoxLayout())
            self.parent.setMRMLScene(slicer.mrmlScene)
        self.layout = self.parent.layout()
        if not parent:
            self.setup()
            self.parent.show()
        slicer.app.moduleManager().connect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def resourcePath(self, filename: str) -> str:
        return str(Path(slicer.util.modulePath(self.moduleName)).parent / "Resources" / filename)

    def cleanup(self) -> None:
        pass

    def _onModuleAboutToBeUnloaded(self, moduleName: str) -> None:
        if moduleName != self.moduleName:
            return
        self.cleanup()
        slicer.app.moduleManager().disconnect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def setupDeveloperSection(self) -> None:
        if not self.developerMode:
            return
        self.reloadCollapsibleButton = ctk.ctkCollapsibleButton()
        self.reloadCollapsibleButton.text = "Reload && Test"
        self.layout.addWidget(self.reloadCollapsibleButton)
        row = qt.QHBoxLayout(self.reloadCollapsibleButton)
        self.reloadButton = self._developerButton(row, "Reload", self.onReload)
        self.reloadAndTestButton = self._developerButton(row, "Reload and Test", self.onReloadAndTest)
        self.editSourceButton = self._developerButton(row, "Edit", self.onEditSource)
        self.restartButton = self._developerButton(row, "Restart Slicer", slicer.app.restart)

    def _developerButton(self, row: Any, text: str, action: Callable[[], object]) -> Any:
        button = qt.QPushButton(text)
        button.connect("clicked()", action)
        row.addWidget(button)
        return button

    def setup(self) -> None:
        self.setupDeveloperSection()

    def onReload(self) -> None:
        print(f"Reloading module: {self.moduleName}")
        slicer.util.reloadScriptedModule(self.moduleName)

    def onTest(self, **kwargs: Any) -> None:
        with slicer.util.tryWithErrorDisplay("Test failed."):
            slicer.selfTests[self.moduleName](**kwargs)

    def onReloadAndTest(self, **kwargs: Any) -> None:
        with slicer.util.tryWithErrorDisplay("Reload and Test failed."):
            self.onReload()
            slicer.selfTests[self.moduleName](**kwargs)

    def onEditSource(self) -> None:
        qt.QDesktopServices.openUrl(qt.QUrl("file:///" + slicer.util.modulePath(self.moduleName)))


class ScriptedLoadableModuleLogic:
    """A module's work, usable without a panel."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__()
        self.moduleName = _name_without(self, "Logic")
        self.isSingletonParameterNode = True

    def getParameterNode(self) -> Any:
        if self.isSingletonParameterNode:
            node = slicer.mrmlScene.GetSingletonNode(self.moduleName, "vtkMRMLScriptedModuleNode")
            if node:
                # closing the scene removes attributes
                if node.GetAttribute("ModuleName") != self.moduleName:
                    node.SetAttribute("ModuleName", self.moduleName)
                return node
        else:
            known = self.getAllParameterNodes()
            if known:
                return known[0]
        return slicer.mrmlScene.AddNode(self.createParameterNode())

    def getAllParameterNodes(self) -> list[Any]:
        count = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLScriptedModuleNode")
        nodes = [slicer.mrmlScene.GetNthNodeByClass(i, "vtkMRMLScriptedModuleNode") for i in range(count)]
        return [node for node in nodes if node.GetAttribute("ModuleName") == self.moduleName]

    def createParameterNode(self) -> Any:
        if slicer.mrmlScene is None:
            return None
        node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
        node.UnRegister(None)
        if self.isSingletonParameterNode:
            node.SetSingletonTag(self.moduleName)
        node.SetAttribute("ModuleName", self.moduleName)
        node.SetName(slicer.mrmlScene.GenerateUniqueName(self.moduleName))
        return node


class ScriptedLoadableModuleTest(unittest.TestCase):
    """A module's self test."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.moduleTestNames: list[str] = []
        super().__init__(*args, **kwargs)
        super(unittest.TestCase, self).__init__()
        self.enableScreenshots = False
        self.screenshotScaleFactor = 1.0
        if not self.moduleTestNames:
            self.moduleTestNames = [n for n in dir(self) if "test" in n and callable(getattr(self, n))]

    def delayDisplay(self, message: str, requestedDelay: int | None = None, msec: int | None = None) -> None:
        delay = getattr(self, "messageDelay", None)
        for given in (msec, requestedDelay):
            delay = given if delay is None else delay
        slicer.util.delayDisplay(message, 100 if delay is None else delay)

    def takeScreenshot(self, name: str, description: str, type: int = -1) -> None:
        if self.enableScreenshots:
            self.delayDisplay(f"Screenshot {name}: {description}")

    def setUp(self) -> None:
        pass

    def tearDown(self) -> None:
        pass

    def runTest(self) -> None:
        if not self.moduleTestNames:
            logging.warning("No test is defined in %s", type(self).__name__)
            return
        self.setUpClass()
        for name in self.moduleTestNames:
            self.setUp()
            logging.info("Running %s", name)
            getattr(self, name)()
            self.tearDown()
        self.tearDownClass()
