"""CTK's sliders and spin boxes."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget

from .base import implements

_STEPS = 10000


class _Bounded(QWidget):
    """Minimum, maximum, step and value of a float."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._minimum, self._maximum, self._value, self._step, self._decimals = 0.0, 99.0, 0.0, 1.0, 2

    def minimum(self) -> float:
        return self._minimum

    def setMinimum(self, value: float) -> None:
        self._set_range(value, max(value, self._maximum))

    def maximum(self) -> float:
        return self._maximum

    def setMaximum(self, value: float) -> None:
        self._set_range(min(value, self._minimum), value)

    def singleStep(self) -> float:
        return self._step

    def setSingleStep(self, value: float) -> None:
        self._step = value
        self._show()

    def _set_range(self, minimum: float, maximum: float) -> None:
        self._minimum, self._maximum = minimum, maximum
        self._range_set()

    def _range_set(self) -> None:
        self.setValue(self._value)
        self._show()

    def value(self) -> float:
        return self._value

    def setValue(self, value: float) -> None:
        bounded = min(max(value, self._minimum), self._maximum)
        if bounded != self._value:
            self._value = bounded
            self._show()
            self._announce()
        else:
            self._show()

    def _show(self) -> None: ...

    def _announce(self) -> None:
        self.valueChanged.emit(self._value)  # type: ignore[attr-defined]


def _quiet(widget: QWidget, change: Any) -> None:
    blocked = widget.blockSignals(True)
    change()
    widget.blockSignals(blocked)


@implements(tickInterval=0.0, tickPosition=0, handleToolTip="", invertedAppearance=False, invertedControls=False)
class ctkDoubleSlider(_Bounded):
    """A slider of floats."""

    valueChanged = Signal(float)
    sliderMoved = Signal(float)
    sliderPressed = Signal()
    sliderReleased = Signal()
    rangeChanged = Signal(float, float)

    def __init__(self, parent: QWidget | None = None, orientation: Qt.Orientation = Qt.Orientation.Vertical) -> None:
        super().__init__(parent)
        self._tracking, self._page = True, 10.0
        self._slider = QSlider(orientation, self)
        self._slider.setRange(0, _STEPS)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider)
        self._slider.valueChanged.connect(self._on_slider)

    def _on_slider(self, position: int) -> None:
        if math.isfinite(self._maximum - self._minimum):
            self.setValue(self._at(position))

    def _at(self, position: int) -> float:
        return self._minimum + (self._maximum - self._minimum) * position / _STEPS

    def _show(self) -> None:
        span = self._maximum - self._minimum
        if not math.isfinite(span):
            # without bounds there is no place on the slider
            return
        position = round((self._value - self._minimum) / span * _STEPS) if span > 0 else 0
        _quiet(self._slider, lambda: self._slider.setValue(position))

    def sliderPosition(self) -> float:
        return self._value

    def setSliderPosition(self, value: float) -> None:
        self.setValue(value)

    def pageStep(self) -> float:
        return self._page

    def setPageStep(self, value: float) -> None:
        self._page = value

    def hasTracking(self) -> bool:
        return self._tracking

    def setTracking(self, on: bool) -> None:
        self._tracking = on

    def orientation(self) -> Qt.Orientation:
        return self._slider.orientation()

    def setOrientation(self, orientation: Qt.Orientation) -> None:
        self._slider.setOrientation(orientation)


class _WithSpinBox(_Bounded):
    """What the widgets with a spin box inside have in common."""

    decimalsChanged = Signal(int)
    _spin: QDoubleSpinBox

    def decimals(self) -> int:
        return self._decimals

    def setDecimals(self, decimals: int) -> None:
        self._decimals = decimals
        self._show()
        self.decimalsChanged.emit(decimals)

    def prefix(self) -> str:
        return self._spin.prefix()

    def setPrefix(self, text: str) -> None:
        self._spin.setPrefix(text)

    def suffix(self) -> str:
        return self._spin.suffix()

    def setSuffix(self, text: str) -> None:
        self._spin.setSuffix(text)


@implements(
    alignment=1, frame=True, readOnly=False, decimalsOption=0, invertedControls=False, sizeHintPolicy=0, setMode=1
)
class ctkDoubleSpinBox(_WithSpinBox):
    """A spin box of floats."""

    valueChanged = Signal(float)
    valueChanged_QString = Signal(str)
    editingFinished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setting = False
        self._spin = QDoubleSpinBox(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._spin)
        self._spin.valueChanged.connect(self.setValue)
        self._spin.editingFinished.connect(self.editingFinished)
        self._show()

    def _show(self) -> None:
        def change() -> None:
            self._spin.setDecimals(self._decimals)
            self._spin.setRange(self._minimum, self._maximum)
            self._spin.setSingleStep(self._step)
            self._spin.setValue(self._value)

        if hasattr(self, "_spin"):
            _quiet(self._spin, change)

    def _announce(self) -> None:
        self.valueChanged.emit(self._value)
        self.valueChanged_QString.emit(self._spin.text())

    def setValueIfDifferent(self, value: float) -> None:
        self.setValue(value)

    def setValueAlways(self, value: float) -> None:
        before = self._value
        self.setValue(value)
        if before == self._value:
            self._announce()

    def stepUp(self) -> None:
        self.setValue(self._value + self._step)

    def stepDown(self) -> None:
        self.setValue(self._value - self._step)

    def cleanText(self) -> str:
        return self._spin.cleanText()

    def isSettingValue(self) -> bool:
        return self._setting


@implements(
    tickInterval=0.0, tickPosition=0, synchronizeSiblings=3, spinBoxAlignment=2, popupSlider=False,
    invertedAppearance=False, invertedControls=False, pageStep=10.0, tracking=True,
)  # fmt: skip
class ctkSliderWidget(_WithSpinBox):
    """A slider of floats beside its spin box."""

    valueChanged = Signal(float)
    valueIsChanging = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = ctkDoubleSlider(self, Qt.Orientation.Horizontal)
        self._spin = QDoubleSpinBox(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._spin)
        self._slider.valueChanged.connect(self.setValue)
        self._spin.valueChanged.connect(self.setValue)
        self._show()

    def _show(self) -> None:
        if not hasattr(self, "_spin"):
            return

        def spin() -> None:
            self._spin.setDecimals(self._decimals)
            self._spin.setRange(self._minimum, self._maximum)
            self._spin.setSingleStep(self._step)
            self._spin.setValue(self._value)

        _quiet(self._spin, spin)
        _quiet(self._slider, lambda: self._slider._set_range(self._minimum, self._maximum))
        _quiet(self._slider, lambda: self._slider.setValue(self._value))

    def reset(self) -> None:
        self.setValue(self._minimum)

    def isSpinBoxVisible(self) -> bool:
        return not self._spin.isHidden()

    def setSpinBoxVisible(self, shown: bool) -> None:
        self._spin.setVisible(shown)
