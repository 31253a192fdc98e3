"""Reading and writing files: scripted readers and writers beside the real storage nodes."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import vtk
from PySide6.QtCore import QObject, Signal

from ..pythonqt.conversion import to_python
from ..pythonqt.runtime import call_python, complain
from .base import implements

# file type -> node class, suffixes
_NATIVE: dict[str, tuple[str, tuple[str, ...]]] = {
    "SegmentationFile": ("vtkMRMLSegmentationNode", (".seg.nrrd", ".seg.nhdr", ".nrrd", ".nii.gz", ".nii")),
    "VolumeFile": ("vtkMRMLScalarVolumeNode", (".nrrd", ".nhdr", ".nii.gz", ".nii", ".mha", ".mhd", ".tif", ".tiff")),
    "ModelFile": ("vtkMRMLModelNode", (".vtk", ".vtp", ".stl", ".ply", ".obj")),
    "TransformFile": ("vtkMRMLLinearTransformNode", (".h5", ".tfm", ".mat")),
    "MarkupsFile": ("vtkMRMLMarkupsFiducialNode", (".mrk.json", ".fcsv")),
    "TableFile": ("vtkMRMLTableNode", (".tsv", ".csv")),
    "TextFile": ("vtkMRMLTextNode", (".txt",)),
}
_SCENE_SUFFIXES = (".mrml", ".mrb")


def extension_patterns(descriptions: list[str] | tuple[str, ...]) -> list[str]:
    """``["Profile (*.json *.js)"]`` -> ``["*.json", "*.js"]``."""
    return [word for text in descriptions for group in re.findall(r"\(([^)]*)\)", text) for word in group.split()]


def matching_suffix(path: str, descriptions: list[str] | tuple[str, ...]) -> str:
    """Longest pattern's suffix that the path ends with; empty when none does."""
    suffixes = [pattern.lstrip("*") for pattern in extension_patterns(descriptions)]
    fitting = [suffix for suffix in suffixes if path.lower().endswith(suffix.lower())]
    return max(fitting, key=len, default="")


class _Io(QObject):
    """Common part of scripted readers and writers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        import slicer

        self.instance: Any = None
        self._messages = slicer.vtkMRMLMessageCollection()

    def attach(self, kind: type) -> bool:
        """Make the Python side."""
        self._pythonqt_keep = to_python(self)
        self.instance = call_python(kind, self._pythonqt_keep)
        return self.instance is not None

    def self(self) -> Any:
        return self.instance

    def userMessages(self) -> Any:
        return self._messages

    def _python(self, method: str, *arguments: Any) -> Any:
        function = getattr(self.instance, method, None)
        return call_python(function, *arguments) if function is not None else None

    def description(self) -> str:
        return str(self._python("description") or "")

    def fileType(self) -> str:
        return str(self._python("fileType") or "")


@implements(loadedNodes=list)
class qSlicerScriptedFileReader(_Io):
    """A reader written in Python."""

    def extensions(self) -> list[str]:
        return list(self._python("extensions") or ())

    def canLoadFile(self, path: str) -> bool:
        if hasattr(self.instance, "canLoadFile"):
            return self._python("canLoadFile", path) is True
        return bool(matching_suffix(path, self.extensions()))

    def canLoadFileConfidence(self, path: str) -> float:
        if hasattr(self.instance, "canLoadFileConfidence"):
            return float(self._python("canLoadFileConfidence", path) or 0.0)
        if not self.canLoadFile(path):
            return 0.0
        return 0.5 + 0.01 * len(matching_suffix(path, self.extensions()))

    def supportedNameFilters(self, path: str, _longest: Any = None) -> list[str]:
        return [f"*{matching_suffix(path, self.extensions())}"] if matching_suffix(path, self.extensions()) else []

    def load(self, properties: dict[str, Any]) -> bool:
        self.setLoadedNodes([])  # type: ignore[attr-defined]
        self._messages.ClearMessages()
        found = self._python("load", properties)
        if not isinstance(found, bool):
            complain(f"{self.description()}: function 'load' is expected to return a boolean")
            return False
        return found


@implements(writtenNodes=list)
class qSlicerScriptedFileWriter(_Io):
    """A writer written in Python."""

    def extensions(self, node: Any) -> list[str]:
        return list(self._python("extensions", node) or ())

    def canWriteObject(self, node: Any) -> bool:
        return self._python("canWriteObject", node) is True

    def canWriteObjectConfidence(self, node: Any) -> float:
        if hasattr(self.instance, "canWriteObjectConfidence"):
            return float(self._python("canWriteObjectConfidence", node) or 0.0)
        return 0.5 if self.canWriteObject(node) else 0.0

    def write(self, properties: dict[str, Any]) -> bool:
        self.setWrittenNodes([])  # type: ignore[attr-defined]
        self._messages.ClearMessages()
        found = self._python("write", properties)
        if not isinstance(found, bool):
            complain(f"{self.description()}: function 'write' is expected to return a boolean")
            return False
        return found


@implements(defaultMaximumFileNameLength=100, defaultSceneFileType="MRML Scene (.mrml)")
class qSlicerIOManager(QObject):
    """Chooses the reader or writer of a file."""

    newFileLoaded = Signal(dict)
    fileSaved = Signal(dict)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers: dict[str, Any] = {}
        self._writers: dict[str, Any] = {}
        self._scene: Any = None

    def setMRMLScene(self, scene: Any) -> None:
        self._scene = scene

    # scripted plugins
    def register_scripted(self, module: Any) -> None:
        """Readers and writers that a module's file defines."""
        source = sys.modules[module.name()]
        for store, suffix, made in (
            (self._readers, "FileReader", qSlicerScriptedFileReader),
            (self._writers, "FileWriter", qSlicerScriptedFileWriter),
        ):
            kind = getattr(source, f"{module.name()}{suffix}", None)
            if kind is not None:
                plugin = made(self)
                if plugin.attach(kind):
                    store[module.name()] = plugin

    def forget_scripted(self, name: str) -> None:
        """Drop a module's plugins."""
        self._readers.pop(name, None)
        self._writers.pop(name, None)

    # asking
    def _confidences(self, path: str) -> list[tuple[float, str]]:
        found = [(r.canLoadFileConfidence(path), r.fileType()) for r in self._readers.values()]
        for kind, (_node, suffixes) in _NATIVE.items():
            longest = max((len(s) for s in suffixes if path.lower().endswith(s)), default=0)
            if longest:
                found.append((0.5 + 0.01 * longest, kind))
        if path.lower().endswith(_SCENE_SUFFIXES):
            found.append((0.55, "SceneFile"))
        return sorted((entry for entry in found if entry[0] > 0), reverse=True, key=lambda e: e[0])

    def fileType(self, path: str) -> str:
        found = self._confidences(path)
        return found[0][1] if found else "NoFile"

    def fileTypes(self, path: str) -> list[str]:
        return [kind for _confidence, kind in self._confidences(path)]

    def registeredFileReaderCount(self, kind: str) -> int:
        return sum(bool(r.fileType() == kind) for r in self._readers.values()) + (kind in _NATIVE)

    def registeredFileWriterCount(self, kind: str) -> int:
        return sum(bool(w.fileType() == kind) for w in self._writers.values()) + (kind in _NATIVE)

    def fileDescriptions(self, path: str) -> list[str]:
        return [r.description() for r in self._readers.values() if r.canLoadFileConfidence(path) > 0]

    def fileWriterExtensions(self, node: Any) -> list[str]:
        found = [e for w in self._writers.values() if w.canWriteObject(node) for e in w.extensions(node)]
        for kind, suffixes in _NATIVE.values():
            if node is not None and node.IsA(kind):
                found += [f"({'*'}{suffix})" for suffix in suffixes]
        return found

    def fileWriterFileType(self, node: Any, _format: str = "") -> str:
        scripted: list[tuple[float, str]] = sorted(
            ((w.canWriteObjectConfidence(node), w.fileType()) for w in self._writers.values()), reverse=True
        )
        if scripted and scripted[0][0] > 0:
            return scripted[0][1]
        return next((t for t, (kind, _s) in _NATIVE.items() if node is not None and node.IsA(kind)), "NoFile")

    # loading
    def loadNodes(self, kind: str, properties: dict[str, Any], loaded: Any = None, messages: Any = None) -> bool:
        path = str(properties.get("fileName", ""))
        readers = sorted(
            (r for r in self._readers.values() if r.fileType() == kind),
            key=lambda r: r.canLoadFileConfidence(path),
            reverse=True,
        )
        for reader in readers:
            if reader.canLoadFileConfidence(path) <= 0:
                continue
            done = reader.load(properties)
            if messages is not None:
                messages.AddMessages(reader.userMessages())
            if done:
                self._report([self._scene.GetNodeByID(i) for i in reader.loadedNodes()], loaded, kind, path)
                return True
        if kind == "SceneFile":
            return self.loadScene(path, bool(properties.get("clear", True)))
        return self._load_native(kind, properties, path, loaded, messages)

    def _load_native(self, kind: str, properties: dict[str, Any], path: str, loaded: Any, messages: Any) -> bool:
        if kind not in _NATIVE or not Path(path).is_file():
            if messages is not None:
                messages.AddMessage(vtk.vtkCommand.ErrorEvent, f"No reader found for {kind}: {path}")
            return False
        node_class = _NATIVE[kind][0]
        if kind == "VolumeFile" and properties.get("labelmap"):
            node_class = "vtkMRMLLabelMapVolumeNode"
        name = properties.get("name") or Path(path).name.split(".")[0]
        node = self._scene.AddNewNodeByClass(node_class, self._scene.GetUniqueNameByString(name))
        storage = node.CreateDefaultStorageNode()
        storage.UnRegister(None)
        self._scene.AddNode(storage)
        storage.SetFileName(path)
        if not storage.ReadData(node):
            self._scene.RemoveNode(node)
            return False
        node.SetAndObserveStorageNodeID(storage.GetID())
        node.CreateDefaultDisplayNodes()
        if kind == "VolumeFile" and properties.get("show", True):
            self._show_volume(node)
        self._report([node], loaded, kind, path)
        return True

    def _show_volume(self, node: Any) -> None:
        import slicer

        slicer.util.setSliceViewerLayers(background=node, fit=True)

    def _report(self, nodes: list[Any], loaded: Any, kind: str, path: str) -> None:
        for node in nodes:
            if loaded is not None and node is not None:
                loaded.AddItem(node)
        self.newFileLoaded.emit({"fileType": kind, "fileName": path})

    def loadFile(self, path: str, messages: Any = None) -> bool:
        kind = self.fileType(path)
        return kind != "NoFile" and self.loadNodes(kind, {"fileName": path}, None, messages)

    def loadScene(self, path: str, clear: bool = True, _messages: Any = None) -> bool:
        if path.lower().endswith(".mrb"):
            return bool(self._scene.ReadFromMRB(path, clear))
        self._scene.SetURL(path)
        return bool(self._scene.Connect() if clear else self._scene.Import())

    # saving
    def saveNodes(self, kind: str, properties: dict[str, Any], messages: Any = None, _scene: Any = None) -> bool:
        node = self._scene.GetNodeByID(str(properties.get("nodeID", "")))
        path = str(properties["fileName"])
        if kind == "SceneFile":
            return self.saveScene(path, None)
        writers = sorted(
            (w for w in self._writers.values() if w.fileType() == kind),
            key=lambda w: w.canWriteObjectConfidence(node),
            reverse=True,
        )
        for writer in writers:
            if writer.canWriteObjectConfidence(node) > 0:
                done: bool = writer.write(properties)
                if messages is not None:
                    messages.AddMessages(writer.userMessages())
                if done:
                    self.fileSaved.emit(properties)
                return done
        return self._save_native(node, path, properties)

    def _save_native(self, node: Any, path: str, properties: dict[str, Any]) -> bool:
        if node is None:
            return False
        if node.GetStorageNode() is None and not node.AddDefaultStorageNode():
            return False
        storage = node.GetStorageNode()
        storage.SetFileName(path)
        storage.SetUseCompression(int(properties.get("useCompression", 1)))
        done = bool(storage.WriteData(node))
        if done:
            self.fileSaved.emit(properties)
        return done

    def saveScene(self, path: str, _screenshot: Any = None, _messages: Any = None) -> bool:
        if path.lower().endswith(".mrb"):
            return bool(self._scene.WriteToMRB(path, None))
        self._scene.SetURL(path)
        self._scene.SetRootDirectory(str(Path(path).parent))
        return bool(self._scene.Commit(path))

    def addDefaultStorageNodes(self) -> None:
        for index in range(self._scene.GetNumberOfNodes()):
            node = self._scene.GetNthNode(index)
            if node.IsA("vtkMRMLStorableNode") and node.GetSaveWithScene() and node.GetStorageNode() is None:
                node.AddDefaultStorageNode()

    def forceFileNameValidCharacters(self, name: str) -> str:
        return re.sub(r"[^A-Za-z0-9 _.()$!~#'%^{}\-]", "_", name)
