"""CTK's range sliders."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QWidget

from .base import implements


class _Range(QWidget):
    """Two values between two bounds."""

    minimumValueChanged = Signal(float)
    maximumValueChanged = Signal(float)
    valuesChanged = Signal(float, float)
    rangeChanged = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bounds, self._values, self._step, self._decimals = (0.0, 99.0), (0.0, 99.0), 1.0, 2
        self._boxes = (QDoubleSpinBox(self), QDoubleSpinBox(self))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for box in self._boxes:
            layout.addWidget(box)
            box.valueChanged.connect(lambda _v: self.setValues(self._boxes[0].value(), self._boxes[1].value()))
        self._show()

    def minimum(self) -> float:
        return self._bounds[0]

    def maximum(self) -> float:
        return self._bounds[1]

    def setMinimum(self, value: float) -> None:
        self.setRange(value, max(value, self._bounds[1]))

    def setMaximum(self, value: float) -> None:
        self.setRange(min(value, self._bounds[0]), value)

    def setRange(self, minimum: float, maximum: float) -> None:
        self._bounds = (minimum, maximum)
        self.rangeChanged.emit(minimum, maximum)
        self.setValues(*self._values)
        self._show()

    def minimumValue(self) -> float:
        return self._values[0]

    def maximumValue(self) -> float:
        return self._values[1]

    def setMinimumValue(self, value: float) -> None:
        self.setValues(value, max(value, self._values[1]))

    def setMaximumValue(self, value: float) -> None:
        self.setValues(min(value, self._values[0]), value)

    def setValues(self, low: float, high: float) -> None:
        bounded = tuple(min(max(v, self._bounds[0]), self._bounds[1]) for v in sorted((low, high)))
        before, self._values = self._values, (bounded[0], bounded[1])
        self._show()
        if before == self._values:
            return
        if before[0] != self._values[0]:
            self.minimumValueChanged.emit(self._values[0])
        if before[1] != self._values[1]:
            self.maximumValueChanged.emit(self._values[1])
        self.valuesChanged.emit(*self._values)

    def singleStep(self) -> float:
        return self._step

    def setSingleStep(self, step: float) -> None:
        self._step = step
        self._show()

    def _show(self) -> None:
        for box, value in zip(self._boxes, self._values, strict=True):
            blocked = box.blockSignals(True)
            box.setDecimals(self._decimals)
            box.setRange(*self._bounds)
            box.setSingleStep(self._step)
            box.setValue(value)
            box.blockSignals(blocked)


@implements(
    autoSpinBoxWidth=True, spinBoxAlignment=0x82, spinBoxTextAlignment=1, symmetricMoves=False, tickInterval=0.0,
    tracking=True, customSpinBoxesLimitsMin=0.0, customSpinBoxesLimitsMax=0.0,
)  # fmt: skip
class ctkRangeWidget(_Range):
    """A range with spin boxes."""

    minimumValueIsChanging = Signal(float)
    maximumValueIsChanging = Signal(float)

    def reset(self) -> None:
        self.setValues(*self._bounds)

    def decimals(self) -> int:
        return self._decimals

    def setDecimals(self, decimals: int) -> None:
        self._decimals = decimals
        self._show()

    def prefix(self) -> str:
        return self._boxes[0].prefix()

    def setPrefix(self, text: str) -> None:
        for box in self._boxes:
            box.setPrefix(text)

    def suffix(self) -> str:
        return self._boxes[0].suffix()

    def setSuffix(self, text: str) -> None:
        for box in self._boxes:
            box.setSuffix(text)


@implements(
    minimumPosition=0.0, maximumPosition=0.0, orientation=Qt.Orientation.Horizontal, symmetricMoves=False,
    tickInterval=0.0, tickPosition=0, tracking=True,
)  # fmt: skip
class ctkDoubleRangeSlider(_Range):
    """A range slider of floats."""

    minimumPositionChanged = Signal(float)
    maximumPositionChanged = Signal(float)
    positionsChanged = Signal(float, float)
    sliderPressed = Signal()
    sliderReleased = Signal()
