"""How the parts of the segment editor stand."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QPushButton,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .masking import MaskingSection
from .node_combo_box import qMRMLNodeComboBox
from .segments import qMRMLSegmentationShow3DButton, qMRMLSegmentsTableView


class EditorActions(Protocol):
    """What the editor does when its widgets are used."""

    def _on_segmentation_chosen(self, node: Any) -> None: ...

    def _on_source_chosen(self, node: Any) -> None: ...

    def _on_segment_chosen(self) -> None: ...

    def _on_add(self) -> None: ...

    def _on_effect_button(self, button: QToolButton) -> None: ...

    def _show_history(self) -> None: ...

    def undo(self) -> None: ...

    def redo(self) -> None: ...


class EditorLayout(QWidget):
    """Makes the widgets of the editor and connects them to what it does."""

    _logic: Any

    def _build(self, actions: EditorActions) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._segmentations = self._selector("vtkMRMLSegmentationNode")
        self._sources = self._selector("vtkMRMLScalarVolumeNode")
        self._sources.setAddEnabled(False)  # type: ignore[attr-defined]
        form = QFormLayout()
        self._form = form
        form.addRow("Segmentation:", self._segmentations)
        form.addRow("Source volume:", self._sources)
        layout.addLayout(form)
        layout.addLayout(self._segment_row(actions))
        self._table = qMRMLSegmentsTableView(self)
        self._table.setMinimumHeight(110)
        layout.addWidget(self._table)
        layout.addWidget(self._effects_box(actions))
        layout.addWidget(self._options_box())
        self._masking = MaskingSection(self)
        layout.addWidget(self._masking)
        layout.addLayout(self._undo_row(actions))
        self._segmentations.currentNodeChanged_vtkMRMLNode.connect(actions._on_segmentation_chosen)
        self._sources.currentNodeChanged_vtkMRMLNode.connect(actions._on_source_chosen)
        self._table.selectionChanged.connect(lambda *_a: actions._on_segment_chosen())

    def _selector(self, kind: str) -> qMRMLNodeComboBox:
        box = qMRMLNodeComboBox(self)
        box.setNoneEnabled(True)  # type: ignore[attr-defined]
        box.setNodeTypes([kind])
        return box

    def _segment_row(self, actions: EditorActions) -> QHBoxLayout:
        row = QHBoxLayout()
        self._add, self._remove = QPushButton("Add", self), QPushButton("Remove", self)
        self._show3d = qMRMLSegmentationShow3DButton(self)
        for button in (self._add, self._remove, self._show3d):
            row.addWidget(button)
        self._add.clicked.connect(actions._on_add)
        self._remove.clicked.connect(lambda: self._logic.RemoveSelectedSegment())
        return row

    def _effects_box(self, actions: EditorActions) -> QGroupBox:
        self._effect_box = QGroupBox("Effects", self)
        self._effect_grid = QGridLayout(self._effect_box)
        self._effect_grid.setSpacing(2)
        self._buttons = QButtonGroup(self)
        self._buttons.setExclusive(True)
        self._buttons.buttonClicked.connect(actions._on_effect_button)
        return self._effect_box

    def _options_box(self) -> QGroupBox:
        self._options = QGroupBox("", self)
        box = QVBoxLayout(self._options)
        self._help = QTextBrowser(self._options)
        self._help.setMaximumHeight(56)
        self._option_frames = QVBoxLayout()
        box.addWidget(self._help)
        box.addLayout(self._option_frames)
        self._options.hide()
        return self._options

    def _undo_row(self, actions: EditorActions) -> QHBoxLayout:
        row = QHBoxLayout()
        self._undo_button, self._redo_button = QPushButton("Undo", self), QPushButton("Redo", self)
        self._undo_button.clicked.connect(actions.undo)
        self._redo_button.clicked.connect(actions.redo)
        row.addWidget(self._undo_button)
        row.addWidget(self._redo_button)
        actions._show_history()
        return row


def add_visibilities(kind: type) -> None:
    """Properties that show or hide one part."""

    def add(name: str, *parts: str) -> None:
        def write(self: Any, on: bool) -> None:
            for part in parts:
                widget = getattr(self, part)
                widget.setVisible(on)
                label = self._form.labelForField(widget)
                if label is not None:
                    label.setVisible(on)

        setattr(kind, name, lambda self: not getattr(self, parts[0]).isHidden())
        setattr(kind, f"set{name[0].upper()}{name[1:]}", write)

    add("segmentationNodeSelectorVisible", "_segmentations")
    add("sourceVolumeNodeSelectorVisible", "_sources")
    add("masterVolumeNodeSelectorVisible", "_sources")
    add("show3DButtonVisible", "_show3d")
    add("addRemoveSegmentButtonsVisible", "_add", "_remove")
