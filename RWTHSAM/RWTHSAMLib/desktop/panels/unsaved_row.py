"""The module's row about work that a Slicer which has ended had not saved: shown only while there is some."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

from slicer.i18n import tr as _

from ...errors import RwthSamError
from ...record.unsaved_work import LeftWork
from ..app.connections import Connections
from ..app.shared_session import SharedSession


class UnsavedRow:
    """Widgets ``unsaved...`` and the buttons beside it of the module's form.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    shared : SharedSession
    """

    def __init__(self, ui: SimpleNamespace, shared: SharedSession) -> None:
        self.ui, self._shared = ui, shared
        self._offers: tuple[LeftWork, ...] = ()
        self._looked_for: object = None
        self._signals = Connections()
        self._signals.connect(ui.restoreUnsavedButton, "clicked(bool)", self._on_restore)
        self._signals.connect(ui.discardUnsavedButton, "clicked(bool)", self._on_discard)
        self._show()

    def close(self) -> None:
        """End every connection."""
        self._signals.close()

    def look_again(self) -> None:
        """Look on the disk, as when the module is shown: another program may have ended meanwhile."""
        self._shared.autosave.sweep()
        self._look()

    def refresh(self) -> None:
        """Look on the disk if another scan was chosen."""
        if self._shared.session.volume_node is not self._looked_for:
            self._look()

    def _look(self) -> None:
        self._looked_for = self._shared.session.volume_node
        try:
            self._offers = self._shared.autosave.offers()
        except RwthSamError:  # the scan cannot be used at present
            self._offers = ()
        self._show()

    def _show(self) -> None:
        self.ui.unsavedFrame.setVisible(bool(self._offers))
        if self._offers:
            scan = self._offers[0].project.scan.facts.name or _("a scan")
            told = _("Work on '{scan}' of {time} was not saved when the program ended.")
            more = len(self._offers) - 1
            text = told.format(scan=scan, time=_time_text(self._offers[0].project.saved))
            self.ui.unsavedLabel.text = text + (" " + _("There is more: {count}.").format(count=more) if more else "")

    def _on_restore(self) -> None:
        left = self._offers[0]
        self._shared.session.attempt(lambda: self._shared.autosave.restore(left))
        self._look()

    def _on_discard(self) -> None:
        self._shared.autosave.discard(self._offers[0])
        self._look()


def _time_text(saved: str) -> str:
    try:
        return datetime.fromisoformat(saved).astimezone().strftime("%d %B %Y, %H:%M")
    except ValueError:
        return saved
