"""The module's choice "Click | Automatic": what a left click in a slice view does."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from ...mrml.session.workspace import AnnotationMode
from .connections import Connections
from .shared_session import SharedSession


class ModeChoice:
    """Buttons ``clickModeButton`` and ``automaticModeButton`` of the module's form, and the sections of each.

    Clicks that only select belong to the panel that shows what was found: elsewhere, in a Segment Editor of its own,
    a click always prompts. So the mode ends with the panel's time and comes back with it.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    shared : SharedSession
    use_effect : callable
        Chooses the effect SAM, which passes clicks on.
    """

    def __init__(self, ui: SimpleNamespace, shared: SharedSession, use_effect: Callable[[], None]) -> None:
        self.ui, self._shared, self._use_effect = ui, shared, use_effect
        self._mode_at_exit: AnnotationMode = shared.session.mode
        self._signals = Connections()
        self._signals.connect(ui.clickModeButton, "clicked(bool)", self._on_click)
        self._signals.connect(ui.automaticModeButton, "clicked(bool)", self._on_automatic)
        self.refresh()

    def enter(self) -> None:
        """The module is shown: go on in the mode in which it was left."""
        if self._mode_at_exit != self._shared.session.mode:
            self._shared.session.set_mode(self._mode_at_exit)

    def exit(self) -> None:
        """Another module is shown."""
        self._mode_at_exit = self._shared.session.mode
        self._shared.session.set_mode("click")

    def close(self) -> None:
        """End every connection."""
        self._signals.close()

    def refresh(self) -> None:
        """Show the session's mode."""
        is_automatic = self._shared.session.mode == "automatic"
        self.ui.clickModeButton.checked = not is_automatic
        self.ui.automaticModeButton.checked = is_automatic
        self.ui.automaticSection.setVisible(is_automatic)
        self.ui.propagationSection.setVisible(not is_automatic)

    def _on_click(self) -> None:
        self._choose("click")

    def _on_automatic(self) -> None:
        self._choose("automatic")

    def _choose(self, mode: AnnotationMode) -> None:
        self._shared.session.set_mode(mode)
        self._use_effect()
