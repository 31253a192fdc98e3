"""Choosing a terminology entry: context, category, type, modifier, all from the real logic."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QListWidget, QListWidgetItem, QWidget

from .base import implements
from .mrml_widgets import qMRMLWidget

_DATA = Qt.ItemDataRole.UserRole


@implements(overrideSectionVisible=True, regionSectionVisible=True)
class qSlicerTerminologyNavigatorWidget(qMRMLWidget):
    """Categories, types and modifiers of the loaded terminologies; regions and the name section are not drawn."""

    selectionValidityChanged = Signal(bool)
    typeDoubleClicked = Signal()
    colorDoubleClicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._modifier = QComboBox(self), QComboBox(self)
        self._categories, self._types = QListWidget(self), QListWidget(self)
        self._context.setObjectName("ComboBox_Terminology")
        self._categories.setObjectName("tableWidget_Category")
        self._types.setObjectName("tableWidget_Type")
        form = QFormLayout(self)
        form.addRow(QLabel("Terminology:"), self._context)
        form.addRow(QLabel("Category:"), self._categories)
        form.addRow(QLabel("Type:"), self._types)
        form.addRow(QLabel("Modifier:"), self._modifier)
        self._context.addItems(self._contexts())
        self._context.currentIndexChanged.connect(lambda _i: self._show_categories())
        self._categories.currentItemChanged.connect(lambda *_items: self._show_types())
        self._types.currentItemChanged.connect(lambda *_items: self._show_modifiers())
        self._types.itemDoubleClicked.connect(lambda _item: self.typeDoubleClicked.emit())
        self._show_categories()

    def _logic(self) -> Any:
        import slicer

        return slicer.modules.terminologies.logic()

    def _contexts(self) -> list[str]:
        import vtk

        names = vtk.vtkStringArray()
        self._logic().GetLoadedTerminologyNames(names)
        return [names.GetValue(index) for index in range(names.GetNumberOfValues())]

    def _show_categories(self) -> None:
        import slicer

        self._categories.clear()
        name = self._context.currentText()
        for index in range(self._logic().GetNumberOfCategoriesInTerminology(name)):
            category = slicer.vtkSlicerTerminologyCategory()
            if self._logic().GetNthCategoryInTerminology(name, index, category):
                _add(self._categories, category)
        self._categories.setCurrentRow(0)

    def _show_types(self) -> None:
        import slicer

        self._types.clear()
        category, name = _chosen(self._categories), self._context.currentText()
        count = self._logic().GetNumberOfTypesInTerminologyCategory(name, category) if category is not None else 0
        for index in range(count):
            kind = slicer.vtkSlicerTerminologyType()
            if self._logic().GetNthTypeInTerminologyCategory(name, category, index, kind):
                _add(self._types, kind)
        self.selectionValidityChanged.emit(False)

    def _show_modifiers(self) -> None:
        import slicer

        self._modifier.clear()
        category, kind = _chosen(self._categories), _chosen(self._types)
        if kind is not None and kind.GetHasModifiers():
            self._modifier.addItem("", None)
            name = self._context.currentText()
            for index in range(self._logic().GetNumberOfTypeModifiersInTerminologyType(name, category, kind)):
                modifier = slicer.vtkSlicerTerminologyType()
                if self._logic().GetNthTypeModifierInTerminologyType(name, category, kind, index, modifier):
                    self._modifier.addItem(modifier.GetCodeMeaning(), modifier)
        self._modifier.setEnabled(self._modifier.count() > 1)
        self.selectionValidityChanged.emit(kind is not None)

    def terminologyEntry(self, entry: Any) -> bool:
        category, kind = _chosen(self._categories), _chosen(self._types)
        if entry is None or category is None or kind is None:
            return False
        import slicer

        entry.Copy(slicer.vtkSlicerTerminologyEntry())
        entry.SetTerminologyContextName(self._context.currentText())
        entry.GetCategoryObject().Copy(category)
        entry.GetTypeObject().Copy(kind)
        if self._modifier.currentData() is not None:
            entry.GetTypeModifierObject().Copy(self._modifier.currentData())
        return True

    def setTerminologyEntry(self, entry: Any) -> bool:
        context = self._context.findText(entry.GetTerminologyContextName() or "")
        if context >= 0:
            self._context.setCurrentIndex(context)
        found = _select(self._categories, entry.GetCategoryObject()) and _select(self._types, entry.GetTypeObject())
        wanted = entry.GetTypeModifierObject().GetCodeMeaning() if entry.GetTypeModifierObject() is not None else None
        self._modifier.setCurrentIndex(max(self._modifier.findText(wanted or ""), 0))
        return found

    def nameFromTerminology(self, entry: Any) -> str:
        kind, modifier = entry.GetTypeObject(), entry.GetTypeModifierObject()
        parts = [part.GetCodeMeaning() for part in (modifier, kind) if part is not None and part.GetCodeMeaning()]
        return " ".join(parts)

    def recommendedColorFromTerminology(self, entry: Any) -> QColor:
        return QColor(*entry.GetTypeObject().GetRecommendedDisplayRGBValue())


def _add(rows: QListWidget, code: Any) -> None:
    item = QListWidgetItem(code.GetCodeMeaning())
    item.setData(_DATA, code)
    rows.addItem(item)


def _chosen(rows: QListWidget) -> Any:
    item = rows.currentItem()
    return item.data(_DATA) if item is not None else None


def _select(rows: QListWidget, code: Any) -> bool:
    for row in range(rows.count()):
        item = rows.item(row)
        if item.data(_DATA).GetCodeValue() == code.GetCodeValue():
            rows.setCurrentItem(item)
            return True
    return False
