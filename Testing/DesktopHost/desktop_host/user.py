"""A user's hands: real Qt mouse and key events into real views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import vtk
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from .pythonqt.conversion import unwrap

_BUTTONS = {
    "left": Qt.MouseButton.LeftButton,
    "middle": Qt.MouseButton.MiddleButton,
    "right": Qt.MouseButton.RightButton,
}
_MODIFIERS = {
    "shift": Qt.KeyboardModifier.ShiftModifier,
    "ctrl": Qt.KeyboardModifier.ControlModifier,
    "alt": Qt.KeyboardModifier.AltModifier,
}
_KEYS = {
    "Return": Qt.Key.Key_Return,
    "Escape": Qt.Key.Key_Escape,
    "Delete": Qt.Key.Key_Delete,
    "Space": Qt.Key.Key_Space,
    "Tab": Qt.Key.Key_Tab,
    "Backspace": Qt.Key.Key_Backspace,
    "Left": Qt.Key.Key_Left,
    "Right": Qt.Key.Key_Right,
    "Up": Qt.Key.Key_Up,
    "Down": Qt.Key.Key_Down,
}
_PATIENCE_MS = 60_000


def modifiers(names: str) -> Any:
    """``"ctrl+shift"`` as Qt's flags."""
    found = Qt.KeyboardModifier.NoModifier
    for name in filter(None, names.lower().split("+")):
        found |= _MODIFIERS[name]
    return found


class Played(Protocol):
    """What a user needs of the host."""

    application: Any
    main_window: Any

    def process_events(self) -> None:
        """Let Qt work."""

    def check(self) -> None:
        """Raise the first exception that a callback printed."""


class User:
    """Clicks, drags and types."""

    def __init__(self, host: Played) -> None:
        self._host = host

    # where
    def view(self, name: str) -> Any:
        """The slice widget (host side) called Red, Yellow or Green."""
        found = self._host.application.layoutManager().sliceWidget(name)
        if found is None:
            raise ValueError(f"no slice view is called {name!r}")
        return found

    def show_slice_of(self, view: str, volume: Any, ijk: tuple[float, float, float]) -> None:
        """Move a slice view to the plane through a voxel."""
        self.view(view).mrmlSliceNode().JumpSliceByOffsetting(*self.ras_of(volume, ijk))
        self._host.process_events()

    def ras_of(self, volume: Any, ijk: tuple[float, float, float]) -> tuple[float, float, float]:
        """World place of a voxel's centre, parent transforms included."""
        matrix = vtk.vtkMatrix4x4()
        volume.GetIJKToRASMatrix(matrix)
        ras = list(matrix.MultiplyPoint((*ijk, 1.0))[:3])
        node = volume.GetParentTransformNode()
        if node is not None:
            to_world = vtk.vtkGeneralTransform()
            node.GetTransformToWorld(to_world)
            ras = list(to_world.TransformPoint(ras))
        return ras[0], ras[1], ras[2]

    def pixel_of(self, view: str, ras: tuple[float, float, float]) -> QPoint:
        """Widget pixel of a world place (origin top left)."""
        widget = self.view(view)
        inverse = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(widget.mrmlSliceNode().GetXYToRAS(), inverse)
        x, y = inverse.MultiplyPoint((*ras, 1.0))[:2]
        canvas = widget.sliceView().canvas
        x, y = x / canvas.pixel_ratio, y / canvas.pixel_ratio
        point = QPoint(round(x), canvas.height() - 1 - round(y))
        if not canvas.rect().contains(point):
            raise ValueError(f"{ras} lies outside of the view {view}: pixel {point.x()}, {point.y()}")
        return point

    # mouse
    def click(self, view: str, ras: tuple[float, float, float], button: str = "left", keys: str = "") -> None:
        """Press and release at a world place."""
        canvas, point = self.view(view).sliceView().canvas, self.pixel_of(view, ras)
        self._move(canvas, point)
        QTest.mousePress(canvas, _BUTTONS[button], modifiers(keys), point)
        QTest.mouseRelease(canvas, _BUTTONS[button], modifiers(keys), point)
        self._settle()

    def double_click(self, view: str, ras: tuple[float, float, float], button: str = "left", keys: str = "") -> None:
        """Press, release, double click, release: what a window system sends."""
        self.click(view, ras, button, keys)
        canvas, point = self.view(view).sliceView().canvas, self.pixel_of(view, ras)
        QTest.mouseDClick(canvas, _BUTTONS[button], modifiers(keys), point)
        QTest.mouseRelease(canvas, _BUTTONS[button], modifiers(keys), point)
        self._settle()

    def click_voxel(
        self, view: str, volume: Any, ijk: tuple[float, float, float], button: str = "left", keys: str = ""
    ) -> None:
        """Show the slice through a voxel and click at its centre."""
        self.show_slice_of(view, volume, ijk)
        self.click(view, self.ras_of(volume, ijk), button, keys)

    def drag(
        self,
        view: str,
        start_ras: tuple[float, float, float],
        end_ras: tuple[float, float, float],
        button: str = "left",
        keys: str = "",
        steps: int = 5,
    ) -> None:
        """Press, move in steps, release."""
        canvas = self.view(view).sliceView().canvas
        start, end = self.pixel_of(view, start_ras), self.pixel_of(view, end_ras)
        self._move(canvas, start)
        QTest.mousePress(canvas, _BUTTONS[button], modifiers(keys), start)
        for step in range(1, steps + 1):
            between = start + (end - start) * (step / steps)
            self._move(canvas, QPoint(between), _BUTTONS[button], keys)
        QTest.mouseRelease(canvas, _BUTTONS[button], modifiers(keys), end)
        self._settle()

    def move(self, view: str, ras: tuple[float, float, float]) -> None:
        """Move the pointer without a button."""
        self._move(self.view(view).sliceView().canvas, self.pixel_of(view, ras))
        self._settle()

    def wheel(self, view: str, ras: tuple[float, float, float], steps: int = 1, keys: str = "") -> None:
        """Turn the wheel over a world place; positive steps are away from the user."""
        canvas, point = self.view(view).sliceView().canvas, self.pixel_of(view, ras)
        self._move(canvas, point)
        for _ in range(abs(steps)):
            turn = QPoint(0, 120 if steps > 0 else -120)
            where, everywhere = QPointF(point), QPointF(canvas.mapToGlobal(point))
            button, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
            event = QWheelEvent(where, everywhere, QPoint(), turn, button, modifiers(keys), phase, False)
            QApplication.sendEvent(canvas, event)
        self._settle()

    def _move(self, canvas: Any, point: QPoint, button: Any = None, keys: str = "") -> None:
        held = button or Qt.MouseButton.NoButton
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(point),
            QPointF(canvas.mapToGlobal(point)),
            Qt.MouseButton.NoButton,
            held,
            modifiers(keys),
        )
        QApplication.sendEvent(canvas, event)

    # keyboard
    def press(self, key: str, view: str | None = None) -> None:
        """A key with its modifiers, such as ``"Ctrl+Shift+K"`` or ``"Return"``.

        With a view's name the view has the focus; without, the key goes to the main window, as a shortcut does.
        """
        target = self.view(view).sliceView().canvas if view else self._host.main_window
        *names, last = key.split("+")
        target.setFocus()
        if last not in _KEYS and len(last) != 1:
            raise ValueError(f"no key is called {last!r}; known are single characters and {', '.join(_KEYS)}")
        code = _KEYS.get(last) or Qt.Key(ord(last.upper()))
        QTest.keyClick(target, code, modifiers("+".join(names)))
        self._settle()

    # widgets
    def push(self, button: Any) -> None:
        """Click a button (wrapped or not) with the mouse, only if a user could."""
        target = unwrap(button)
        if not target.isEnabled():
            raise RuntimeError(f"button {target.objectName() or target.text()!r} is disabled")
        QTest.mouseClick(target, Qt.MouseButton.LeftButton)
        self._settle()

    def type_into(self, field: Any, text: str) -> None:
        """Replace a field's text by typing."""
        target = unwrap(field)
        target.selectAll()
        QTest.keyClicks(target, text)
        self._settle()

    @contextmanager
    def answering(self, answer: Callable[[Any], Any]) -> Iterator[list[Any]]:
        """Answer the next modal dialog as soon as it stands; it must come.

        Parameters
        ----------
        answer : callable
            Gets the dialog (host side) and must close it.
        """
        seen: list[Any] = []
        problems: list[Exception] = []
        timer = QTimer()

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if dialog is None or seen:
                return
            seen.append(dialog)
            timer.stop()
            try:
                answer(dialog)
            except Exception as problem:
                problems.append(problem)
                dialog.close()
            QTimer.singleShot(_PATIENCE_MS, dialog, lambda: give_up(dialog))

        def give_up(dialog: Any) -> None:
            # else a test would wait for ever
            if dialog.isVisible():
                problems.append(AssertionError(f"the answer left {dialog.windowTitle()!r} open"))
                dialog.done(0)

        timer.timeout.connect(look)
        timer.start(20)
        yield seen
        timer.stop()
        if problems:
            raise problems[0]
        if not seen:
            raise AssertionError("no dialog appeared")

    def _settle(self) -> None:
        self._host.process_events()
        self._host.check()
