"""The part of the segment editor that limits where edits go."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QGroupBox, QWidget

from .ctk_ranges import ctkRangeWidget


class MaskingSection(QGroupBox):
    """Editable area, intensity range and overwriting of a segment editor node."""

    _node: Any

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Masking", parent)
        import slicer

        kinds = slicer.vtkMRMLSegmentationNode, slicer.vtkMRMLSegmentEditorNode
        self.set_node(None)
        self._area, self._overwrite = QComboBox(self), QComboBox(self)
        for text, mode in (
            ("Everywhere", kinds[0].EditAllowedEverywhere),
            ("Inside all segments", kinds[0].EditAllowedInsideAllSegments),
            ("Inside all visible segments", kinds[0].EditAllowedInsideVisibleSegments),
            ("Outside all segments", kinds[0].EditAllowedOutsideAllSegments),
            ("Outside all visible segments", kinds[0].EditAllowedOutsideVisibleSegments),
        ):
            self._area.addItem(text, mode)
        for text, mode in (
            ("Overwrite all", kinds[1].OverwriteAllSegments),
            ("Overwrite visible", kinds[1].OverwriteVisibleSegments),
            ("Allow overlap", kinds[1].OverwriteNone),
        ):
            self._overwrite.addItem(text, mode)
        self._by_intensity, self._range = QCheckBox(self), ctkRangeWidget(self)
        form = QFormLayout(self)
        form.addRow("Editable area:", self._area)
        form.addRow("Editable intensity:", self._by_intensity)
        form.addRow("Range:", self._range)
        form.addRow("Modify other segments:", self._overwrite)
        self._area.activated.connect(lambda _i: self._node.SetMaskMode(self._area.currentData()))
        self._overwrite.activated.connect(lambda _i: self._node.SetOverwriteMode(self._overwrite.currentData()))
        self._by_intensity.clicked.connect(lambda on: self._node.SetSourceVolumeIntensityMask(on))
        self._range.valuesChanged.connect(lambda a, b: self._node.SetSourceVolumeIntensityMaskRange(a, b))
        self.hide()

    def set_node(self, node: Any) -> None:
        """Show another node."""
        self._node = node

    def update_from_node(self) -> None:
        """Show what the node says."""
        self._area.setCurrentIndex(self._area.findData(self._node.GetMaskMode()))
        self._overwrite.setCurrentIndex(self._overwrite.findData(self._node.GetOverwriteMode()))
        self._by_intensity.setChecked(bool(self._node.GetSourceVolumeIntensityMask()))
        source = self._node.GetSourceVolumeNode()
        blocked = self._range.blockSignals(True)
        if source is not None and source.GetImageData() is not None:
            self._range.setRange(*source.GetImageData().GetScalarRange())
        self._range.setValues(*self._node.GetSourceVolumeIntensityMaskRange())
        self._range.blockSignals(blocked)
        self._range.setEnabled(self._by_intensity.isChecked())
