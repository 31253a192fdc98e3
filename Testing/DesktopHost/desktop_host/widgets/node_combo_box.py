"""The box that chooses a node of the scene."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QInputDialog, QWidget

from .base import implements
from .observing import Observers

_SCENE_EVENTS = ("NodeAddedEvent", "NodeRemovedEvent", "EndCloseEvent", "EndImportEvent", "EndBatchProcessEvent")


@implements(
    hideChildNodeTypes=list, interactionNodeSingletonTag="", selectNodeUponCreation=True, sizeAdjustPolicy=0,
    editEnabled=False,
)  # fmt: skip
class qMRMLNodeComboBox(QWidget):
    """Chooses a node by type and attributes; can make, rename and remove nodes."""

    currentNodeChanged_vtkMRMLNode = Signal(object)
    currentNodeChanged_bool = Signal(bool)
    currentNodeIDChanged = Signal(str)
    currentNodeRenamed = Signal(str)
    nodeActivated = Signal(object)
    nodeAdded = Signal(object)
    nodeAddedByUser = Signal(object)
    nodeAddedByUserAction = Signal(object)
    nodeAboutToBeRemoved = Signal(object)
    nodeAboutToBeEdited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._types: list[str] = []
        self._attributes: list[tuple[str, str, Any]] = []
        self._labels: dict[str, str] = {}
        self._flags = {"showHidden": False, "showChildNodeTypes": True, "noneEnabled": False}
        self._actions_enabled = {"add": True, "remove": True, "rename": False}
        self._texts = {"noneDisplay": "None", "baseName": ""}
        self._current: Any = None
        self._shown: list[Any] = []
        self._combo = QComboBox(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._combo)
        self._combo.activated.connect(self._on_activated)
        self._observers = Observers(self)
        self._refresh()

    # scene
    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        if scene is self._scene:
            return
        events = [(getattr(scene, name, name) if scene else name, self._on_scene) for name in _SCENE_EVENTS]
        self._observers.watch(self._scene, scene, *events)
        self._scene = scene
        self._refresh()

    def _on_scene(self, scene: Any, event: int | str, node: Any) -> None:
        if scene.IsBatchProcessing():
            return
        self._refresh()
        if event == scene.NodeAddedEvent and node is not None and node in self._nodes():
            self.nodeAdded.emit(node)

    def _nodes(self) -> list[Any]:
        if self._scene is None:
            return []
        found = []
        for kind in self._types:
            for index in range(self._scene.GetNumberOfNodesByClass(kind)):
                node = self._scene.GetNthNodeByClass(index, kind)
                if node not in found and self._shows(node, kind):
                    found.append(node)
        return found

    def _shows(self, node: Any, kind: str) -> bool:
        if node.GetHideFromEditors() and not self._flags["showHidden"]:
            return False
        if not self._flags["showChildNodeTypes"] and node.GetClassName() != kind:
            return False
        for wanted, name, value in self._attributes:
            if node.IsA(wanted):
                found = node.GetAttribute(name)
                if found is None or (value is not None and found != str(value)):
                    return False
        return True

    def _refresh(self) -> None:
        before, nodes = self._shown, self._nodes()
        self._shown = nodes
        self.setEnabled(self._scene is not None)
        self._fill(nodes)
        if self._current is not None and self._current not in nodes:
            self._select(self._neighbour(before, nodes))
        elif self._current is None and nodes and not before and not self._has_other_items():
            # Qt's own combo box takes the first item only if nothing else stands in it
            self._select(nodes[0])

    def _neighbour(self, before: list[Any], nodes: list[Any]) -> Any:
        """What stands in the row of a removed node, else the last node: what Qt's combo box makes of it."""
        row = before.index(self._current) if self._current in before else len(nodes)
        return nodes[min(row, len(nodes) - 1)] if nodes else None

    def _has_other_items(self) -> bool:
        return self._flags["noneEnabled"] or any(self._actions_enabled.values())

    def _fill(self, nodes: list[Any]) -> None:
        combo = self._combo
        combo.blockSignals(True)
        combo.clear()
        if self._flags["noneEnabled"]:
            combo.addItem(self._texts["noneDisplay"], "none")
        for node in nodes:
            combo.addItem(node.GetName() or "", node.GetID())
        kinds = self._types if self._actions_enabled["add"] and self._scene is not None else []
        for kind in kinds:
            combo.addItem(f"Create new {self.nodeTypeLabel(kind)}", f"add {kind}")
        if self._current is not None and self._actions_enabled["rename"]:
            combo.addItem("Rename current node…", "rename")
        if self._current is not None and self._actions_enabled["remove"]:
            combo.addItem("Delete current node", "remove")
        self._show_current()
        combo.blockSignals(False)

    def _show_current(self) -> None:
        wanted = self._current.GetID() if self._current is not None else "none"
        index = self._combo.findData(wanted)
        self._combo.setCurrentIndex(index)

    def _on_activated(self, index: int) -> None:
        data = self._combo.itemData(index)
        self._show_current()
        if data == "none":
            self.setCurrentNode(None)
        elif data == "remove":
            self.removeCurrentNode()
        elif data == "rename":
            self.renameCurrentNode()
        elif data.startswith("add "):
            node = self.addNode(data.removeprefix("add "))
            self.nodeAddedByUserAction.emit(node)
        else:
            self.setCurrentNodeID(data)
        if self._current is not None:
            self.nodeActivated.emit(self._current)

    # current node
    def currentNode(self) -> Any:
        # looked up by its id in C++: gone at once with the node, even while the scene closes
        return self._current if self._current is not None and self._current.GetScene() is not None else None

    def currentNodeID(self) -> str:
        node = self.currentNode()
        return node.GetID() if node is not None else ""

    currentNodeId = currentNodeID

    def setCurrentNode(self, node: Any) -> None:
        if isinstance(node, str):
            self.setCurrentNodeID(node)
            return
        self._select(node if node is not None and node in self._nodes() else None)

    def setCurrentNodeID(self, node_id: str) -> None:
        self.setCurrentNode(self._scene.GetNodeByID(node_id) if self._scene is not None and node_id else None)

    def setCurrentNodeIndex(self, index: int) -> None:
        nodes = self._nodes()
        self._select(nodes[index] if 0 <= index < len(nodes) else None)

    def _select(self, node: Any) -> None:
        if node is self._current:
            return
        self._observers.watch(self._current, node, ("ModifiedEvent", self._on_current_modified))
        self._current = node
        self._fill(self._nodes())
        self.currentNodeChanged_vtkMRMLNode.emit(node)
        self.currentNodeChanged_bool.emit(node is not None)
        self.currentNodeIDChanged.emit(node.GetID() if node is not None else "")

    def _on_current_modified(self, node: Any, _event: str, _data: Any) -> None:
        index = self._combo.findData(node.GetID())
        if index >= 0 and self._combo.itemText(index) != node.GetName():
            self._combo.setItemText(index, node.GetName() or "")
            self.currentNodeRenamed.emit(node.GetName() or "")

    def nodeCount(self) -> int:
        return len(self._nodes())

    def nodeFromIndex(self, index: int) -> Any:
        nodes = self._nodes()
        return nodes[index] if 0 <= index < len(nodes) else None

    def addNode(self, kind: str = "") -> Any:
        kind = kind or (self._types[0] if self._types else "")
        if self._scene is None or not kind:
            return None
        node = self._scene.CreateNodeByClass(kind)
        node.UnRegister(None)
        node.SetName(self._scene.GetUniqueNameByString(self._texts["baseName"] or self.nodeTypeLabel(kind)))
        for wanted, name, value in self._attributes:
            if node.IsA(wanted):
                node.SetAttribute(name, "" if value is None else str(value))
        node = self._scene.AddNode(node)
        self.nodeAddedByUser.emit(node)
        if self.selectNodeUponCreation():  # type: ignore[attr-defined]
            self.setCurrentNode(node)
        return node

    def removeCurrentNode(self) -> None:
        if self._current is not None:
            self.nodeAboutToBeRemoved.emit(self._current)
            self._scene.RemoveNode(self._current)

    def renameCurrentNode(self) -> None:
        if self._current is None:
            return
        name, ok = QInputDialog.getText(self, "Rename", "New name:", text=self._current.GetName())
        if ok:
            self._current.SetName(name)

    def editCurrentNode(self) -> None:
        if self._current is not None:
            self.nodeAboutToBeEdited.emit(self._current)

    # what is shown
    def nodeTypes(self) -> list[str]:
        return self._types

    def setNodeTypes(self, types: list[str]) -> None:
        self._types = list(types)
        self._refresh()

    def addAttribute(self, kind: str, name: str, value: Any = None) -> None:
        self.removeAttribute(kind, name)
        self._attributes.append((kind, name, value))
        self._refresh()

    def removeAttribute(self, kind: str, name: str) -> None:
        self._attributes = [a for a in self._attributes if a[:2] != (kind, name)]
        self._refresh()

    def nodeTypeLabel(self, kind: str) -> str:
        if kind in self._labels or self._scene is None:
            return self._labels.get(kind, kind)
        return self._scene.GetTypeDisplayNameByClassName(kind) or kind.removeprefix("vtkMRML").removesuffix("Node")

    def setNodeTypeLabel(self, label: str, kind: str) -> None:
        self._labels[kind] = label
        self._refresh()

    def _set_flag(self, name: str, value: bool) -> None:
        self._flags[name] = value
        self._refresh()

    def _set_action(self, name: str, value: bool) -> None:
        self._actions_enabled[name] = value
        self._refresh()

    def _set_text(self, name: str, value: str) -> None:
        self._texts[name] = value
        self._refresh()


def _add_accessors() -> None:
    """Plain switches: a getter and a setter each."""

    def add(read: str, write: str, store: str, name: str, change: str) -> None:
        setattr(qMRMLNodeComboBox, read, lambda self: getattr(self, store)[name])
        setattr(qMRMLNodeComboBox, write, lambda self, value: getattr(self, change)(name, value))

    for flag in ("showHidden", "showChildNodeTypes", "noneEnabled"):
        add(flag, f"set{flag[0].upper()}{flag[1:]}", "_flags", flag, "_set_flag")
    for action in ("add", "remove", "rename"):
        add(f"{action}Enabled", f"set{action.capitalize()}Enabled", "_actions_enabled", action, "_set_action")
    for text in ("noneDisplay", "baseName"):
        add(text, f"set{text[0].upper()}{text[1:]}", "_texts", text, "_set_text")


_add_accessors()
