"""Tables and boxes of segments."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QItemSelection, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from .base import implements
from .ctk_buttons import ctkMenuButton
from .mrml_widgets import qMRMLWidget
from .node_combo_box import qMRMLNodeComboBox
from .observing import Observers

_VISIBLE, _COLOR, _OPACITY, _NAME = range(4)


def segment_ids(node: Any) -> list[str]:
    """Ids of a segmentation node's segments in order; empty for None."""
    if node is None or node.GetSegmentation() is None:
        return []
    segmentation = node.GetSegmentation()
    return [segmentation.GetNthSegmentID(index) for index in range(segmentation.GetNumberOfSegments())]


def color_icon(color: tuple[float, float, float]) -> QIcon:
    """A swatch."""
    swatch = QPixmap(14, 14)
    swatch.fill(QColor.fromRgbF(*color))
    return QIcon(swatch)


def eye_icon(is_open: bool) -> QIcon:
    """An eye, crossed out where it is closed; drawn, because few fonts have one."""
    picture = QPixmap(16, 16)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#404040"), 1.3))
    painter.drawEllipse(QRectF(1, 4, 14, 8))
    painter.setBrush(QColor("#404040"))
    painter.drawEllipse(QRectF(6, 6, 4, 4))
    if not is_open:
        painter.drawLine(2, 14, 14, 2)
    painter.end()
    return QIcon(picture)


def segmentation_events() -> list[int]:
    """Events of a vtkSegmentation after which tables show something else."""
    import slicer

    kind = slicer.vtkSegmentation
    return [kind.SegmentAdded, kind.SegmentRemoved, kind.SegmentModified, kind.SegmentsOrderModified]


def _display_modified_event(node: Any) -> int:
    event: int = node.DisplayModifiedEvent
    return event


@implements(
    selectionMode=1, filterBarVisible=False, textFilter="", useTerminologySelector=True, statusColumnVisible=False,
    useTerminologySelectorSettingsKey="", terminologySelectorOptionVisible=False, terminologySelectorAutoDisable=True,
    jumpToSelectedSegmentEnabled=False, layerColumnVisible=False,
)  # fmt: skip
class qMRMLSegmentsTableView(qMRMLWidget):
    """The segments of a segmentation: visibility, colour, opacity, name."""

    selectionChanged = Signal(QItemSelection, QItemSelection)
    segmentAboutToBeModified = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self._hidden: list[str] = []
        self._read_only = False
        self._filter = QLineEdit(self)
        self._filter.setPlaceholderText("Filter segments…")
        self._filter.hide()
        self._table = QTableWidget(0, 4, self)
        self._table.setHorizontalHeaderLabels(["", "", "Opacity", "Name"])
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.verticalHeader().hide()
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column in (_VISIBLE, _COLOR):
            self._table.setColumnWidth(column, 28)
        self._table.setColumnWidth(_OPACITY, 60)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._filter)
        layout.addWidget(self._table)
        self._observers = Observers(self)
        self._table.selectionModel().selectionChanged.connect(self.selectionChanged)
        self._table.cellClicked.connect(self._on_clicked)
        self._table.itemChanged.connect(self._on_edited)

    def segmentationNode(self) -> Any:
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        if node is self._node:
            return
        self._observers.clear()
        self._node = node
        if node is not None:
            for event in segmentation_events():
                self._observers.add(node.GetSegmentation(), event, self._on_modified)
            self._observers.add(node, "ModifiedEvent", self._on_modified)
            self._observers.add(node, _display_modified_event(node), self._on_modified)
        self._refresh()

    def _on_modified(self, _caller: Any, _event: str, _data: Any) -> None:
        self._refresh()

    def displayedSegmentIDs(self) -> list[str]:
        wanted = self.textFilter().lower()  # type: ignore[attr-defined]
        return [i for i in segment_ids(self._node) if i not in self._hidden and wanted in self._name(i).lower()]

    def _name(self, segment_id: str) -> str:
        return self._node.GetSegmentation().GetSegment(segment_id).GetName() or ""

    def _refresh(self) -> None:
        selected = self.selectedSegmentIDs()
        ids = self.displayedSegmentIDs()
        table = self._table
        blocked = table.blockSignals(True)
        table.selectionModel().blockSignals(True)
        table.setRowCount(len(ids))
        for row, segment_id in enumerate(ids):
            self._fill(row, segment_id)
        table.selectionModel().blockSignals(False)
        table.blockSignals(blocked)
        if self.selectedSegmentIDs() != selected:
            self.setSelectedSegmentIDs([i for i in selected if i in ids])

    def _fill(self, row: int, segment_id: str) -> None:
        segment = self._node.GetSegmentation().GetSegment(segment_id)
        display = self._node.GetDisplayNode()
        visible = display is None or bool(display.GetSegmentVisibility(segment_id))
        opacity = display.GetSegmentOpacity2DFill(segment_id) if display else 1.0
        texts = ("", "", f"{opacity:.2f}", segment.GetName() or "")
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, segment_id)
            if column != _NAME or self._read_only:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            self._table.setItem(row, column, item)
            if column == _VISIBLE:
                item.setIcon(eye_icon(visible))
            if column == _COLOR:
                item.setIcon(color_icon(segment.GetColor()))

    def _on_clicked(self, row: int, column: int) -> None:
        display = self._node.GetDisplayNode() if self._node else None
        if column == _VISIBLE and display is not None:
            segment_id = self.segmentIDForRow(row)
            display.SetSegmentVisibility(segment_id, not display.GetSegmentVisibility(segment_id))
            self._refresh()

    def _on_edited(self, item: QTableWidgetItem) -> None:
        if item.column() == _NAME and self._node is not None:
            segment_id = item.data(Qt.ItemDataRole.UserRole)
            self.segmentAboutToBeModified.emit(segment_id)
            self._node.GetSegmentation().GetSegment(segment_id).SetName(item.text())

    def tableWidget(self) -> QTableWidget:
        return self._table

    def segmentCount(self) -> int:
        return len(self.displayedSegmentIDs())

    def rowForSegmentID(self, segment_id: str) -> int:
        ids = self.displayedSegmentIDs()
        return ids.index(segment_id) if segment_id in ids else -1

    def segmentIDForRow(self, row: int) -> str:
        item = self._table.item(row, _NAME)
        return item.data(Qt.ItemDataRole.UserRole) if item else ""

    def selectedSegmentIDs(self) -> list[str]:
        rows = sorted({index.row() for index in self._table.selectionModel().selectedRows()})
        return [self.segmentIDForRow(row) for row in rows]

    def setSelectedSegmentIDs(self, ids: list[str]) -> None:
        model, rows = self._table.selectionModel(), [self.rowForSegmentID(i) for i in ids]
        flags = model.SelectionFlag
        selection = QItemSelection()
        for row in (r for r in rows if r >= 0):
            selection.select(self._table.model().index(row, 0), self._table.model().index(row, _NAME))
        model.select(selection, flags.ClearAndSelect)

    def clearSelection(self) -> None:
        self._table.clearSelection()

    def setHideSegments(self, ids: list[str]) -> None:
        self._hidden = list(ids)
        self._refresh()

    def hideSegments(self) -> list[str]:
        return self._hidden

    def isReadOnly(self) -> bool:
        return self._read_only

    readOnly = isReadOnly

    def setReadOnly(self, on: bool) -> None:
        self._read_only = on
        self._refresh()

    def _stored_changed(self, name: str) -> None:
        if name == "filterBarVisible":
            self._filter.setVisible(self.filterBarVisible())  # type: ignore[attr-defined]
        self._table.setSelectionMode(QAbstractItemView.SelectionMode(self.selectionMode()))  # type: ignore[attr-defined]
        self._refresh()


def _add_columns() -> None:
    def add(name: str, column: int) -> None:
        setter = f"set{name[0].upper()}{name[1:]}"
        setattr(qMRMLSegmentsTableView, name, lambda self: not self._table.isColumnHidden(column))
        setattr(qMRMLSegmentsTableView, setter, lambda self, on: self._table.setColumnHidden(column, not on))

    add("visibilityColumnVisible", _VISIBLE)
    add("colorColumnVisible", _COLOR)
    add("opacityColumnVisible", _OPACITY)
    qMRMLSegmentsTableView.headerVisible = lambda self: not self._table.horizontalHeader().isHidden()  # type: ignore
    qMRMLSegmentsTableView.setHeaderVisible = lambda self, on: self._table.horizontalHeader().setVisible(on)  # type: ignore


_add_columns()


@implements(noneEnabled=False, multiSelection=False, horizontalLayout=False, selectNodeUponCreation=True)
class qMRMLSegmentSelectorWidget(qMRMLWidget):
    """Chooses a segmentation and one of its segments."""

    currentNodeChanged_vtkMRMLNode = Signal(object)
    currentNodeChanged_bool = Signal(bool)
    currentSegmentChanged = Signal(str)
    segmentSelectionChanged = Signal(list)
    nodeAboutToBeEdited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nodes = qMRMLNodeComboBox(self)
        self._nodes.setNodeTypes(["vtkMRMLSegmentationNode"])
        self._nodes.setAddEnabled(False)  # type: ignore[attr-defined]
        self._segments = QComboBox(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._nodes)
        layout.addWidget(self._segments)
        self._observers = Observers(self)
        self._nodes.currentNodeChanged_vtkMRMLNode.connect(self._on_node)
        self._segments.currentIndexChanged.connect(lambda _i: self._announce())

    def _scene_set(self, scene: Any) -> None:
        self._nodes.setMRMLScene(scene)

    def _on_node(self, node: Any) -> None:
        self._observers.clear()
        if node is not None:
            for event in segmentation_events():
                self._observers.add(node.GetSegmentation(), event, self._on_modified)
        self._refresh()
        self.currentNodeChanged_vtkMRMLNode.emit(node)
        self.currentNodeChanged_bool.emit(node is not None)

    def _on_modified(self, _caller: Any, _event: str, _data: Any) -> None:
        self._refresh()

    def _refresh(self) -> None:
        current = self.currentSegmentID()
        self._segments.blockSignals(True)
        self._segments.clear()
        if self.noneEnabled():  # type: ignore[attr-defined]
            self._segments.addItem("None", "")
        for segment_id in segment_ids(self.currentNode()):
            self._segments.addItem(
                self.currentNode().GetSegmentation().GetSegment(segment_id).GetName() or "", segment_id
            )
        self._segments.setCurrentIndex(max(self._segments.findData(current), 0 if self._segments.count() else -1))
        self._segments.blockSignals(False)
        if self.currentSegmentID() != current:
            self._announce()

    def _announce(self) -> None:
        self.currentSegmentChanged.emit(self.currentSegmentID())
        self.segmentSelectionChanged.emit(self.selectedSegmentIDs())

    def _stored_changed(self, _name: str) -> None:
        self._refresh()

    def currentNode(self) -> Any:
        return self._nodes.currentNode()

    def currentNodeID(self) -> str:
        return self._nodes.currentNodeID()

    def setCurrentNode(self, node: Any) -> None:
        self._nodes.setCurrentNode(node)

    def setCurrentNodeID(self, node_id: str) -> None:
        self._nodes.setCurrentNodeID(node_id)

    def currentSegmentID(self) -> str:
        return self._segments.currentData() or ""

    def setCurrentSegmentID(self, segment_id: str) -> None:
        self._segments.setCurrentIndex(self._segments.findData(segment_id))

    def selectedSegmentIDs(self) -> list[str]:
        return [self.currentSegmentID()] if self.currentSegmentID() else []

    def setSelectedSegmentIDs(self, ids: list[str]) -> None:
        self.setCurrentSegmentID(ids[0] if ids else "")

    def segmentIDs(self) -> list[str]:
        return segment_ids(self.currentNode())

    def segmentationNodeSelectorVisible(self) -> bool:
        return not self._nodes.isHidden()

    def setSegmentationNodeSelectorVisible(self, shown: bool) -> None:
        self._nodes.setVisible(shown)

    def editEnabled(self) -> bool:
        return bool(self._nodes.editEnabled())  # type: ignore[attr-defined]

    def setEditEnabled(self, on: bool) -> None:
        self._nodes.setEditEnabled(on)  # type: ignore[attr-defined]


@implements(locked=False)
class qMRMLSegmentationShow3DButton(ctkMenuButton):
    """Shows a segmentation in 3D."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self.setText("Show 3D")
        self.setCheckable(True)
        self.toggled.connect(self._on_toggled)

    def segmentationNode(self) -> Any:
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        self._node = node
        shown = node is not None and node.GetSegmentation().ContainsRepresentation("Closed surface")
        blocked = self.blockSignals(True)
        self.setChecked(bool(shown))
        self.blockSignals(blocked)

    def _on_toggled(self, shown: bool) -> None:
        if self._node is None:
            return
        if shown:
            self._node.CreateClosedSurfaceRepresentation()
            if self._node.GetDisplayNode():
                self._node.GetDisplayNode().SetVisibility3D(True)
        else:
            self._node.RemoveClosedSurfaceRepresentation()
