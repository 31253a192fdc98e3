"""Pictures of the 3D view: one, or a turn round the object, a picture at a time so that the window goes on."""

from __future__ import annotations

from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import qt
import slicer
import vtk
from slicer.i18n import tr as _

from ...errors import StateError
from ...mrml.session.session import Session
from ...mrml.views.pictures import save_png, save_turn, save_turn_pictures, screenshot_of, turn
from ..app.connections import Connect
from ..saving import ask_where
from .form_part import FormPart

# choices: ten degrees a picture, a turn slow enough to look at
_TURN_PICTURES, _TURN_SECONDS = 36, 5.0


class PictureButtons(FormPart):
    """``savePictureButton`` and ``saveTurnButton``."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        self._turn: Generator[np.ndarray, None, None] | None = None
        self._pictures: list[np.ndarray] = []
        self._path = Path()
        connect(ui.savePictureButton, "clicked(bool)", self._on_picture)
        connect(ui.saveTurnButton, "clicked(bool)", self._on_turn)
        self._shared.after_poll.append(self.go_on)

    @property
    def share(self) -> float | None:
        """How far a turn is, 0 to 1; None while there is none."""
        return len(self._pictures) / _TURN_PICTURES if self._turn is not None else None

    def refresh(self) -> None:
        """Show what can be done."""
        has_scan = self._shared.session.volume_node is not None
        self.ui.savePictureButton.enabled = has_scan and self._turn is None
        self.ui.saveTurnButton.enabled = has_scan
        self.ui.saveTurnButton.text = _("Save turn...") if self._turn is None else _("Stop turning")

    def close(self) -> None:
        """End a turn, and no longer wait for the next picture."""
        self._end()
        if self.go_on in self._shared.after_poll:
            self._shared.after_poll.remove(self.go_on)

    def go_on(self) -> bool:
        """Take the next picture of a turn; True while there are more."""
        if self._turn is None:
            return False
        picture = next(self._turn, None)
        if picture is not None:
            self._pictures.append(picture)
        else:
            pictures, path = self._pictures, self._path
            self._end()
            self._do(lambda session: _save(pictures, path))
        self._shared.session.changed()
        return self._turn is not None

    def _end(self) -> None:
        if self._turn is not None:
            self._turn.close()  # the camera goes back to where it was
        self._turn, self._pictures = None, []

    def _on_picture(self) -> None:
        path = self._ask(self.ui.savePictureButton, "3d.png", _("Picture (*.png)"))
        if path is not None:
            self._do(lambda session: save_png(screenshot_of(_window()), path))

    def _on_turn(self) -> None:
        if self._turn is not None:
            self._end()
            self.refresh()
            return
        # an animation needs Pillow, which Slicer does not bring; nothing is installed for it
        kinds = [_("Animation (*.gif)")] if find_spec("PIL") is not None else []
        filters = ";;".join([*kinds, _("Pictures (*.png)")])
        path = self._ask(self.ui.saveTurnButton, "turn.gif" if kinds else "turn.png", filters)
        if path is not None:
            self._do(lambda session: self._begin(session, path))

    def _begin(self, _session: Session, path: Path) -> None:
        self._turn, self._pictures, self._path = turn(_window(), _TURN_PICTURES), [], path
        self._shared.wake()

    def _ask(self, button: qt.QPushButton, ending: str, filters: str) -> Path | None:
        return ask_where(button, _("Save"), self._shared.session, ending, filters)


def _save(pictures: list[np.ndarray], path: Path) -> None:
    if path.suffix.lower() == ".gif":
        save_turn(pictures, path, _TURN_SECONDS)
    else:
        save_turn_pictures(pictures, path.parent, path.stem)


def _window() -> vtk.vtkRenderWindow:
    """What the first 3D view is drawn into.

    Raises
    ------
    StateError
        If no 3D view is shown.
    """
    layout = slicer.app.layoutManager()
    widget = layout.threeDWidget(0) if layout is not None and layout.threeDViewCount else None
    if widget is None:
        raise StateError(_("There is no 3D view: choose a layout with one."))
    return widget.threeDView().renderWindow()
