"""CTK's combo boxes, path fields and the rest that modules use."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QDir, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTextBrowser,
    QToolButton,
    QWidget,
)

from .base import implements

_FILES, _DIRS, _WRITABLE = 2, 1, 32


@implements(defaultText="", defaultIcon=QIcon, elideMode=3, scrollWheelEffect=1, forceDefault=False)
class ctkComboBox(QComboBox):
    """A combo box with a default text."""

    returnRelease = Signal()

    def currentUserDataAsString(self) -> str:
        data = self.currentData()
        return "" if data is None else str(data)

    def setCurrentUserDataAsString(self, text: str) -> None:
        for index in range(self.count()):
            if str(self.itemData(index)) == text:
                self.setCurrentIndex(index)
                return


@implements()
class ctkCheckableComboBox(QComboBox):
    """A combo box whose items have check boxes."""

    checkedIndexesChanged = Signal()
    returnRelease = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model().rowsInserted.connect(self._make_checkable)
        self.model().dataChanged.connect(lambda *_args: self.checkedIndexesChanged.emit())

    def _make_checkable(self, _parent: QModelIndex, first: int, last: int) -> None:
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        for row in range(first, last + 1):
            model.item(row).setCheckable(True)
            model.item(row).setCheckState(Qt.CheckState.Unchecked)

    def checkableModel(self) -> QAbstractItemModel:
        return self.model()

    def checkedIndexes(self) -> list[QModelIndex]:
        model = self.model()
        indexes = [model.index(row, 0) for row in range(model.rowCount())]
        return [index for index in indexes if self.checkState(index) == Qt.CheckState.Checked]

    def checkState(self, index: QModelIndex) -> Qt.CheckState:
        return Qt.CheckState(self.model().data(index, Qt.ItemDataRole.CheckStateRole) or 0)

    def setCheckState(self, index: QModelIndex, state: Qt.CheckState) -> None:
        self.model().setData(index, state, Qt.ItemDataRole.CheckStateRole)

    def allChecked(self) -> bool:
        return len(self.checkedIndexes()) == self.count()

    def noneChecked(self) -> bool:
        return not self.checkedIndexes()


@implements(
    filters=_FILES | _DIRS, label="", minimumContentsLength=0, nameFilters=list, options=0, settingKey="",
    sizeAdjustPolicy=0, showHistoryButton=True, showBrowseButton=True,
)  # fmt: skip
class ctkPathLineEdit(QWidget):
    """A path with a history and a browse button."""

    validInputChanged = Signal(bool)
    currentPathChanged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo = QComboBox(self)
        self._combo.setEditable(True)
        self._combo.setSizePolicy(self._combo.sizePolicy().Policy.Expanding, self._combo.sizePolicy().Policy.Fixed)
        self._button = QToolButton(self)
        self._button.setText("…")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._combo, 1)
        layout.addWidget(self._button)
        self._button.clicked.connect(self.browse)
        self._combo.editTextChanged.connect(self._announce)

    def _stored_changed(self, name: str) -> None:
        if name == "showBrowseButton":
            self._button.setVisible(self.showBrowseButton())  # type: ignore[attr-defined]

    def _announce(self, _text: str) -> None:
        self.currentPathChanged.emit(self.currentPath())
        self.validInputChanged.emit(Path(self.currentPath()).exists())

    def currentPath(self) -> str:
        return self._combo.currentText()

    def setCurrentPath(self, path: str) -> None:
        if path != self.currentPath():
            self._combo.setEditText(path)

    def comboBox(self) -> QComboBox:
        return self._combo

    def addCurrentPathToHistory(self) -> None:
        if self.currentPath() and self._combo.findText(self.currentPath()) < 0:
            self._combo.insertItem(0, self.currentPath())

    def retrieveHistory(self) -> None: ...

    def browse(self) -> None:
        wanted = self.filters()  # type: ignore[attr-defined]
        name_filter = ";;".join(self.nameFilters())  # type: ignore[attr-defined]
        if wanted & _FILES and wanted & _WRITABLE:
            path, _kind = QFileDialog.getSaveFileName(self, "", self.currentPath(), name_filter)
        elif wanted & _FILES:
            path, _kind = QFileDialog.getOpenFileName(self, "", self.currentPath(), name_filter)
        else:
            path = QFileDialog.getExistingDirectory(self, "", self.currentPath())
        if path:
            self.setCurrentPath(path)


@implements(acceptMode=0, caption="", elideMode=1, options=0, icon=QIcon)
class ctkDirectoryButton(QWidget):
    """A button that chooses a folder."""

    directoryChanged = Signal(str)
    directorySelected = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._directory, self._text = ".", ""
        self._button = QPushButton(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._button)
        self._button.clicked.connect(self.browse)

    def directory(self) -> str:
        return self._directory

    def setDirectory(self, folder: str) -> None:
        # the start value stays relative; QDir compares places, not texts
        if QDir(folder) == QDir(self._directory):
            return
        folder = QDir(folder).absolutePath()
        self._directory = folder
        self._button.setText(self._text or folder)
        self.directoryChanged.emit(folder)

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        self._text = text
        self._button.setText(text or self._directory)

    def browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "", self._directory)
        if folder:
            self.setDirectory(folder)
            self.directorySelected.emit(folder)


@implements(orientations=3, sizeGripInside=True, sizeGripMargins=QSize)
class ctkExpandableWidget(QFrame):
    """A frame that the user can make larger."""

    def updateSizeHint(self) -> None:
        self.updateGeometry()


@implements(showSearchIcon=False, searchIcon=QIcon, clearIcon=QIcon)
class ctkSearchBox(QLineEdit):
    """A line edit for searching."""


@implements(dontShowAgain=False, dontShowAgainSettingsKey="", dontShowAgainVisible=False, dontShowAgainButtonRoles=list)
class ctkMessageBox(QMessageBox):
    """A message box that can be silenced."""

    def addDontShowAgainButtonRole(self, role: QMessageBox.ButtonRole) -> None:
        self.dontShowAgainButtonRoles().append(role)  # type: ignore[attr-defined]

    def onFinished(self, _result: int) -> None: ...


@implements(
    disableMouseScroll=True, collapsed=False, showDetailsText="Show details...", hideDetailsText="Hide details."
)
class ctkFittedTextBrowser(QTextBrowser):
    """A text browser as high as its text."""

    def setCollapsibleText(self, text: str) -> None:
        self.setText(text)

    def setCollapsibleHtml(self, text: str) -> None:
        self.setHtml(text)

    def setCollapsiblePlainText(self, text: str) -> None:
        self.setPlainText(text)

    def collapsibleText(self) -> str:
        return self.toHtml()
