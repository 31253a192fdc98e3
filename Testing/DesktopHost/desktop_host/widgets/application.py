"""``slicer.app`` and what it hands out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import vtk
from PySide6.QtCore import QCoreApplication, QObject, QProcessEnvironment, QSettings, Signal
from PySide6.QtWidgets import QApplication, QMainWindow

from ..errors import HostLimit
from ..pythonqt import signals
from .base import implements

_DOCUMENTATION = "https://slicer.readthedocs.io/en/latest/"


@implements()
class qSlicerApplication(QApplication):
    """The application object."""

    startupCompleted = Signal()
    renderPaused = Signal(bool)
    mrmlSceneChanged = Signal(object)
    urlReceived = Signal(str)
    usageEventLogged = Signal(str, str)

    def configure(self, folder: Path, line: str, testing: bool) -> None:
        """What the host decides before anything else exists."""
        self._folder, self._line, self._testing = folder, line, testing
        self._environment = QProcessEnvironment.systemEnvironment()
        self._pauses = 0
        self._io: Any = None
        self.main_window: Any = None
        self._layout: Any = None
        self._modules: Any = None
        self._scene: Any = None
        self._logic: Any = None
        self._settings = QSettings(str(folder / "Slicer.ini"), QSettings.Format.IniFormat)
        self.setApplicationName("Slicer")
        self.setOrganizationName("NA-MIC")
        self.setApplicationVersion(self._version())

    def _version(self) -> str:
        return {"5.6": "5.6.2", "5.8": "5.8.1", "5.10": "5.10.0", "5.12": "5.12.3", "5.13": "5.13.0"}[self._line]

    def connect_parts(self, scene: Any, logic: Any, io: Any, layout: Any, modules: Any) -> None:
        """The parts that exist once the scene does; ``layout`` may be None."""
        self._scene, self._logic, self._io, self._layout, self._modules = scene, logic, io, layout, modules
        self.mrmlSceneChanged.emit(scene)

    def forget_connections(self) -> None:
        """Python receivers do not outlive their host, the application object does."""
        signals.forget(self)

    # parts
    def mrmlScene(self) -> Any:
        return self._scene

    def applicationLogic(self) -> Any:
        return self._logic

    def moduleLogic(self, name: str) -> Any:
        module = self._modules.module(name)
        return module.logic() if module is not None else None

    def moduleManager(self) -> Any:
        return self._modules

    def coreIOManager(self) -> Any:
        return self._io

    def ioManager(self) -> Any:
        return self._io

    def layoutManager(self) -> Any:
        return self._layout

    def settings(self) -> QSettings:
        return self._settings

    def userSettings(self) -> QSettings:
        return self._settings

    def revisionUserSettings(self) -> QSettings:
        return self._settings

    def testingEnabled(self) -> bool:
        return self._testing

    # rendering
    def setRenderPaused(self, paused: bool) -> None:
        self._pauses = max(0, self._pauses + (1 if paused else -1))
        if self._layout is not None:
            self._layout.setRenderPaused(paused)
        self.renderPaused.emit(paused)

    def pauseRender(self) -> None:
        self.setRenderPaused(True)

    def resumeRender(self) -> None:
        self.setRenderPaused(False)

    def processEvents(self) -> None:  # type: ignore[override]
        QCoreApplication.processEvents()

    # environment and folders
    def startupEnvironment(self) -> QProcessEnvironment:
        return self._environment

    def environment(self) -> QProcessEnvironment:
        return QProcessEnvironment.systemEnvironment()

    def setEnvironmentVariable(self, key: str, value: str) -> None:
        os.environ[key] = value

    def slicerHome(self) -> str:
        return str(self._folder)

    def temporaryPath(self) -> str:
        return self._made("Temp")

    def setTemporaryPath(self, path: str) -> None:
        raise HostLimit(f"the desktop host keeps its temporary files in {self._folder}")

    def cachePath(self) -> str:
        return self._made("Cache")

    def defaultScenePath(self) -> str:
        return self._made("Scene")

    def slicerSharePath(self) -> str:
        return f"share/Slicer-{self.majorVersion()}.{self.minorVersion()}"

    def slicerUserSettingsFilePath(self) -> str:
        return self._settings.fileName()

    def extensionsInstallPath(self) -> str:
        return self._made("Extensions")

    def startupWorkingPath(self) -> str:
        return str(Path.cwd())

    def launcherExecutableFilePath(self) -> str:
        return sys.executable

    def _made(self, name: str) -> str:
        (self._folder / name).mkdir(parents=True, exist_ok=True)
        return (self._folder / name).as_posix()

    # identity
    def majorVersion(self) -> int:
        return int(self._version().split(".")[0])

    def minorVersion(self) -> int:
        return int(self._version().split(".")[1])

    mainApplicationMajorVersion, mainApplicationMinorVersion = majorVersion, minorVersion

    def mainApplicationPatchVersion(self) -> int:
        return int(self._version().split(".")[2])

    def mainApplicationName(self) -> str:
        return "Slicer"

    def mainApplicationDisplayName(self) -> str:
        return "3D Slicer"

    def revision(self) -> str:
        return "0"

    repositoryRevision = mainApplicationRevision = revision

    def isInstalled(self) -> bool:
        return True

    def releaseType(self) -> str:
        return "Stable" if self._line != "5.13" else "Experimental"

    def os(self) -> str:
        return {"linux": "linux", "darwin": "macosx"}.get(sys.platform, "win")

    def platform(self) -> str:
        return f"{self.os()}-amd64"

    def arch(self) -> str:
        return "amd64"

    def applicationLocaleName(self) -> str:
        return "en-US"

    def documentationBaseUrl(self) -> str:
        return _DOCUMENTATION

    def moduleDocumentationUrl(self, name: str) -> str:
        return f"{_DOCUMENTATION}user_guide/modules/{name.lower()}.html"

    def logUsageEvent(self, component: str, event: str) -> None:
        self.usageEventLogged.emit(component, event)

    def showConsoleMessage(self, message: str, error: bool = True) -> None:
        print(message, file=sys.stderr if error else sys.stdout)


@implements()
class qSlicerMainWindow(QMainWindow):
    """The main window: module panel left, views right."""

    initialWindowShown = Signal()


def quiet_vtk() -> None:
    """VTK's warnings on stderr instead of in a window."""
    output = vtk.vtkOutputWindow()
    output.SetDisplayModeToAlwaysStdErr()
    vtk.vtkOutputWindow.SetInstance(output)


class EventLog(QObject):
    """Parent of what must die before the application."""
