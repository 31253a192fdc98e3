"""An offscreen VTK render window painted into a Qt widget, whose mouse and keys reach the interactor."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import shiboken6
import vtk
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QCursor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget
from vtk.util.numpy_support import vtk_to_numpy

_BUTTONS = {
    Qt.MouseButton.LeftButton: "Left",
    Qt.MouseButton.MiddleButton: "Middle",
    Qt.MouseButton.RightButton: "Right",
}
_KEY_NAMES = {
    Qt.Key.Key_Return: "Return", Qt.Key.Key_Enter: "KP_Enter", Qt.Key.Key_Escape: "Escape", Qt.Key.Key_Tab: "Tab",
    Qt.Key.Key_Backspace: "BackSpace", Qt.Key.Key_Delete: "Delete", Qt.Key.Key_Space: "space", Qt.Key.Key_Up: "Up",
    Qt.Key.Key_Down: "Down", Qt.Key.Key_Left: "Left", Qt.Key.Key_Right: "Right", Qt.Key.Key_Shift: "Shift_L",
    Qt.Key.Key_Control: "Control_L", Qt.Key.Key_Alt: "Alt_L", Qt.Key.Key_Home: "Home", Qt.Key.Key_End: "End",
    Qt.Key.Key_PageUp: "Prior", Qt.Key.Key_PageDown: "Next", Qt.Key.Key_BracketLeft: "bracketleft",
    Qt.Key.Key_BracketRight: "bracketright", Qt.Key.Key_Comma: "comma", Qt.Key.Key_Period: "period",
    Qt.Key.Key_Slash: "slash", Qt.Key.Key_Minus: "minus", Qt.Key.Key_Plus: "plus", Qt.Key.Key_QuoteLeft: "grave",
}  # fmt: skip

_held = 0
_waiting: weakref.WeakSet[RenderCanvas] = weakref.WeakSet()


@contextmanager
def drawing_held() -> Iterator[None]:
    """Draw what changes meanwhile once, at the next paint afterwards: Slicer draws a view at most 60 times a second."""
    global _held
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        if not _held:
            for canvas in [each for each in _waiting if shiboken6.isValid(each)]:
                canvas.update()
            _waiting.clear()


class RenderCanvas(QWidget):
    """The part of a view that shows pictures and takes input."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.window_vtk = vtk.vtkRenderWindow()
        self.window_vtk.SetOffScreenRendering(1)
        self.window_vtk.ShowWindowOff()
        self.window_vtk.SetMultiSamples(0)
        self.renderer = vtk.vtkRenderer()
        self.window_vtk.AddRenderer(self.renderer)
        # the generic interactor starts no event loop of its own
        self.interactor_vtk = vtk.vtkGenericRenderWindowInteractor()
        self.interactor_vtk.SetRenderWindow(self.window_vtk)
        self.interactor_vtk.EnableRenderOff()
        self.interactor_vtk.Initialize()
        self.paused = 0
        self.enabled = True
        self._stale = True
        self._frame = QImage()
        self.frames_rendered = 0
        # pixels of the picture for one of the window system
        self.pixel_ratio = self.devicePixelRatioF()

    def set_pixel_ratio(self, ratio: float) -> None:
        """Play a screen of another resolution."""
        self.pixel_ratio = ratio
        self._fit()

    def schedule(self) -> None:
        """Render before the next paint."""
        self._stale = True
        self.update()

    def render_now(self) -> None:
        """Render unless paused."""
        if self.paused or not self.enabled or self.width() < 2 or self.height() < 2:
            return
        self._stale = False
        self.window_vtk.Render()
        self.frames_rendered += 1
        self._frame = self._grab()
        self.update()

    def _grab(self) -> QImage:
        width, height = self.window_vtk.GetSize()
        pixels = vtk.vtkUnsignedCharArray()
        self.window_vtk.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, pixels)
        picture = np.ascontiguousarray(vtk_to_numpy(pixels).reshape(height, width, 4)[::-1, :, :3])
        return QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._stale and _held:
            _waiting.add(self)
        elif self._stale:
            self.render_now()
        painter = QPainter(self)
        if self._frame.isNull():
            painter.fillRect(self.rect(), QColor(0, 0, 0))
        else:
            painter.drawImage(self.rect(), self._frame)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        size = [max(round(length * self.pixel_ratio), 2) for length in (self.width(), self.height())]
        self.window_vtk.SetSize(*size)
        self.interactor_vtk.UpdateSize(*size)
        self.interactor_vtk.InvokeEvent(vtk.vtkCommand.ConfigureEvent)
        self.schedule()

    # input, as VTK's own Qt adapter sends it
    def _inform(self, position: QPoint, modifiers: Any, key: str = "\0", repeat: int = 0, symbol: str = "") -> None:
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        interactor = self.interactor_vtk
        x, y = round(position.x() * self.pixel_ratio), round(position.y() * self.pixel_ratio)
        interactor.SetEventInformationFlipY(x, y, int(control), int(shift), key, repeat, symbol or None)
        interactor.SetAltKey(int(bool(modifiers & Qt.KeyboardModifier.AltModifier)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        self._button(event, "PressEvent", 0)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # no press comes with it, a release does
        self._button(event, "DoubleClickEvent", 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._button(event, "ReleaseEvent", 0)

    def _button(self, event: QMouseEvent, what: str, repeat: int) -> None:
        name = _BUTTONS.get(event.button())
        if name is not None:
            self._inform(event.position().toPoint(), event.modifiers(), repeat=repeat)
            self.interactor_vtk.InvokeEvent(f"{name}Button{what}")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._inform(event.position().toPoint(), event.modifiers())
        self.interactor_vtk.InvokeEvent("MouseMoveEvent")

    def wheelEvent(self, event: Any) -> None:
        self._inform(event.position().toPoint(), event.modifiers())
        self.interactor_vtk.InvokeEvent(f"MouseWheel{'Forward' if event.angleDelta().y() > 0 else 'Backward'}Event")

    def enterEvent(self, event: Any) -> None:
        self._inform(event.position().toPoint(), Qt.KeyboardModifier.NoModifier)
        self.interactor_vtk.InvokeEvent("EnterEvent")

    def leaveEvent(self, _event: QEvent) -> None:
        self.interactor_vtk.InvokeEvent("LeaveEvent")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._key(event, "KeyPressEvent")
        if event.text():
            self.interactor_vtk.InvokeEvent("CharEvent")

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._key(event, "KeyReleaseEvent")

    def _key(self, event: QKeyEvent, what: str) -> None:
        key = event.key()
        character = chr(key) if key < 128 else ""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        symbol = _KEY_NAMES.get(Qt.Key(key), character if shift else character.lower())
        x, y = (length / self.pixel_ratio for length in self.interactor_vtk.GetEventPosition())
        where = QPoint(round(x), round(self.height() - 1 - y))
        self._inform(where, event.modifiers(), (event.text() or "\0")[0], 0, symbol)
        self.interactor_vtk.InvokeEvent(what)

    def set_cursor(self, cursor: QCursor | None) -> None:
        """Cursor over the picture; None gives the default back."""
        if cursor is None:
            self.unsetCursor()
        else:
            self.setCursor(cursor)
