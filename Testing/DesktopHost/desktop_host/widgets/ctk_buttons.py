"""CTK's buttons and collapsible boxes."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QColorDialog,
    QGroupBox,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QWidget,
)

from .base import implements

_HEADER_HEIGHT = 24


@implements(collapsedHeight=0, flat=False, contentsFrameShape=0, contentsFrameShadow=16, contentsLineWidth=1)
class ctkCollapsibleButton(QAbstractButton):
    """A header bar that shows and hides its children."""

    contentsCollapsed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._collapsed = False
        self.setCheckable(True)
        self.setChecked(True)
        self.setContentsMargins(4, _HEADER_HEIGHT + 2, 4, 4)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Minimum)
        self.toggled.connect(lambda checked: self.setCollapsed(not checked))

    def collapsed(self) -> bool:
        return self._collapsed

    def setCollapsed(self, collapsed: bool) -> None:
        if collapsed == self._collapsed:
            return
        self._collapsed = collapsed
        self.setChecked(not collapsed)
        for child in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            child.setVisible(not collapsed)
        self.setMaximumHeight(_HEADER_HEIGHT if collapsed else 16777215)
        self.contentsCollapsed.emit(collapsed)

    def hitButton(self, position) -> bool:  # type: ignore[no-untyped-def]
        return QRect(0, 0, self.width(), _HEADER_HEIGHT).contains(position)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        inner = layout.totalSizeHint() if layout is not None and not self._collapsed else QSize(120, _HEADER_HEIGHT)
        return QSize(max(inner.width(), 120), max(inner.height(), _HEADER_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        if layout is None or self._collapsed:
            return QSize(80, _HEADER_HEIGHT)
        return layout.totalMinimumSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        header = QRect(0, 0, self.width(), _HEADER_HEIGHT)
        painter.fillRect(header, self.palette().button().color().darker(108))
        option = QStyleOption()
        option.initFrom(self)
        option.rect = QRect(6, 6, 12, 12)
        arrow = QStyle.PrimitiveElement
        shape = arrow.PE_IndicatorArrowRight if self._collapsed else arrow.PE_IndicatorArrowDown
        self.style().drawPrimitive(shape, option, painter, self)
        painter.setPen(self.palette().buttonText().color())
        text = header.adjusted(24, 0, -4, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic, self.text())
        painter.setPen(self.palette().mid().color())
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


@implements(collapsedHeight=0)
class ctkCollapsibleGroupBox(QGroupBox):
    """A group box whose title hides its children."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.toggled.connect(self._show_children)

    def collapsed(self) -> bool:
        return not self.isChecked()

    def setCollapsed(self, collapsed: bool) -> None:
        self.setChecked(not collapsed)

    def _show_children(self, shown: bool) -> None:
        for child in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            child.setVisible(shown)


@implements(dialogOptions=0)
class ctkColorPickerButton(QPushButton):
    """A button that shows a colour and changes it."""

    colorChanged = Signal(QColor)
    colorNameChanged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = QColor(0, 0, 0)
        self._display_name = True
        self.clicked.connect(self.changeColor)
        self._redraw()

    def color(self) -> QColor:
        return self._color

    def setColor(self, color: QColor) -> None:
        if color == self._color:
            return
        self._color = QColor(color)
        self._redraw()
        self.colorChanged.emit(self._color)
        self.colorNameChanged.emit(self._color.name())

    def colorName(self) -> str:
        return self._color.name()

    def setColorName(self, name: str) -> None:
        self.setColor(QColor(name))

    def displayColorName(self) -> bool:
        return self._display_name

    def setDisplayColorName(self, shown: bool) -> None:
        self._display_name = shown
        self._redraw()

    def changeColor(self) -> None:
        chosen = QColorDialog.getColor(self._color, self)
        if chosen.isValid():
            self.setColor(chosen)

    def _redraw(self) -> None:
        swatch = QPixmap(16, 16)
        swatch.fill(self._color)
        self.setIcon(QIcon(swatch))
        self.setText(self._color.name() if self._display_name else "")


@implements(buttonTextAlignment=0x84, iconAlignment=0x81, elideMode=3)
class ctkPushButton(QPushButton):
    """A push button with aligned text."""


@implements(
    indicatorAlignment=0x81,
    checkBoxControlsButton=True,
    checkBoxControlsButtonToggleState=True,
    checkBoxUserCheckable=True,
)
class ctkCheckablePushButton(ctkPushButton):
    """A push button with a check box of its own."""

    checkBoxToggled = Signal(bool)
    checkStateChanged = Signal(Qt.CheckState)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = Qt.CheckState.Unchecked

    def checkState(self) -> Qt.CheckState:
        return self._state

    def setCheckState(self, state: Qt.CheckState) -> None:
        if state == self._state:
            return
        self._state = state
        if self.checkBoxControlsButtonToggleState():  # type: ignore[attr-defined]
            self.setCheckable(state == Qt.CheckState.Checked)
        self.checkStateChanged.emit(state)
        self.checkBoxToggled.emit(state == Qt.CheckState.Checked)


@implements()
class ctkMenuButton(QPushButton):
    """A push button with a menu at its side."""


@implements(indicatorIcon=QIcon, indicatorIconSize=QSize)
class ctkCheckBox(QCheckBox):
    """A check box with icons."""
