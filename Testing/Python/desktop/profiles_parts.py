"""The panel of RWTHSAMProfiles as the tests use it: what it shows, what a person does, and dialogs answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop_host.pythonqt.conversion import unwrap
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

REPOSITORY = Path(__file__).resolve().parents[3]


class Panel:
    """The module's panel.

    Parameters
    ----------
    host : desktop_host.host.Host
    widget : RWTHSAMProfilesWidget
    """

    def __init__(self, host, widget) -> None:
        self.host, self.widget, self.ui, self.logic = host, widget, widget.ui, widget.logic
        self.table = unwrap(self.ui.classTable)

    @property
    def node(self):
        """The chosen profile node."""
        return self.ui.profileSelector.currentNode()

    @property
    def profile(self):
        """What the chosen node holds."""
        return self.logic.profile(self.node)

    @property
    def names(self) -> list[str]:
        """Class names of the node, in order."""
        return [entry.name for entry in self.profile.classes]

    @property
    def rows(self) -> list[str]:
        """Class names that the table shows."""
        return [self.table.item(row, 1).text() for row in range(self.table.rowCount())]

    def new(self, title: str) -> None:
        """Choose an entry of the menu behind New."""
        menu = unwrap(self.ui.newButton.menu())
        next(action for action in menu.actions() if action.text() == title).trigger()
        self.settle()

    def push(self, name: str) -> None:
        """Click a button as a person can: not while it is disabled or out of sight."""
        button = unwrap(getattr(self.ui, name))
        assert button.isVisible(), f"{name} is hidden"
        self.host.user.push(button)

    def enter(self, name: str, text: str) -> None:
        """Replace a field's text by typing; an empty text deletes it."""
        field = unwrap(getattr(self.ui, name))
        assert field.isEnabled(), f"{name} is disabled"
        field.setFocus()
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete) if not text else QTest.keyClicks(field, text)
        self.settle()

    def leave(self, name: str) -> None:
        """End typing with Return."""
        QTest.keyClick(unwrap(getattr(self.ui, name)), Qt.Key.Key_Return)
        self.settle()

    def click_cell(self, row: int, column: int, at_x: int | None = None) -> None:
        """Click into the table."""
        place = self.table.visualItemRect(self.table.item(row, column))
        point = place.center()
        if at_x is not None:
            point.setX(place.left() + at_x)
        QTest.mouseClick(self.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
        self.settle()

    def tick_lock(self, row: int) -> None:
        """Click the check box of a row."""
        style, option = self.table.style(), self.table.visualItemRect(self.table.item(row, 2))
        self.click_cell(row, 2, at_x=3 + style.pixelMetric(style.PixelMetric.PM_IndicatorWidth) // 2)
        assert option.isValid()

    def message(self, name: str) -> str:
        """What a message line says; nothing while it is hidden."""
        label = unwrap(getattr(self.ui, name))
        return label.text() if label.isVisible() else ""

    def can(self, name: str) -> bool:
        """Whether a person can use a widget."""
        return unwrap(getattr(self.ui, name)).isEnabled()

    def settle(self) -> None:
        """Let Qt work, and raise what a callback printed."""
        self.host.process_events()
        self.host.check()


@contextmanager
def answering(answer: Callable[[QWidget], None]) -> Iterator[list[QWidget]]:
    """Answer the next modal dialog as soon as it stands; it must come.

    Parameters
    ----------
    answer : callable
        Gets the dialog, must close it.
    """
    seen: list[QWidget] = []
    problems: list[Exception] = []
    timer = QTimer()

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            return
        timer.stop()
        seen.append(dialog)
        try:
            answer(dialog)
            assert not dialog.isVisible(), f"{type(dialog).__name__} does not take this answer"
        except Exception as problem:
            problems.append(problem)
            dialog.close()

    timer.timeout.connect(look)
    timer.start(20)
    yield seen
    timer.stop()
    if problems:
        raise problems[0]
    assert seen, "no dialog appeared"


def choosing(path: Path) -> Callable[[QWidget], None]:
    """Answer of a file dialog: the path typed into it."""

    def answer(dialog: QWidget) -> None:
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
        dialog.accept()

    return answer
