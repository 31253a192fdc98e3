"""How far an object is followed, start, stop and discard."""

from __future__ import annotations

from types import SimpleNamespace

from slicer.i18n import tr as _

from ....core.field_check import with_fields
from ....core.settings.propagation_run import PropagationRunSettings
from ....core.settings.setting import settings_of
from ....mrml.session.session import Session
from ...app.connections import Connect
from ..form_part import SettingsFormPart
from ..setting_widgets import show_name
from ..settings_fields import SettingsFields


class PropagationRunForm(SettingsFormPart[PropagationRunSettings]):
    """Direction and range, ``propagate``, ``stopPropagation``, ``discardObject`` and ``fromClassButton``."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        direction = settings_of(PropagationRunSettings)["direction"]
        show_name(direction, ui.directionLabel)
        self._directions = {"backward": ui.backwardButton, "both": ui.bothButton, "forward": ui.forwardButton}
        for option in direction.options:
            self._directions[option.value].text = option.text
            self._directions[option.value].toolTip = option.help
        span = {"first": ui.firstEdit, "last": ui.lastEdit}
        self._fields = SettingsFields(None, span, PropagationRunSettings(), connect, self._on_span)
        connect(ui.backwardButton, "clicked(bool)", self._on_backward)
        connect(ui.bothButton, "clicked(bool)", self._on_both)
        connect(ui.forwardButton, "clicked(bool)", self._on_forward)
        connect(ui.propagateButton, "clicked(bool)", self._on_start)
        connect(ui.stopPropagationButton, "clicked(bool)", self._on_stop)
        connect(ui.discardObjectButton, "clicked(bool)", self._on_discard)
        connect(ui.fromClassButton, "clicked(bool)", self._on_class)

    def refresh(self, problem_elsewhere: str) -> None:
        """Show what is chosen and what can be done; with a problem in a field nothing can start."""
        session, ui = self._shared.session, self.ui
        propagation, choices = session.propagation, session.propagation.settings
        for direction, button in self._directions.items():
            button.checked = direction == choices.direction
        self._fields.show(choices)
        is_ready = session.volume_node is not None and session.status.engine.phase == "ready"
        can_start = is_ready and not self.problem and not problem_elsewhere
        is_running = propagation.progress is not None
        ui.propagateButton.setVisible(not is_running)
        told = _("Follow the object of the prompted slices to their neighbours; at most, all slices are embedded.")
        ui.propagateButton.toolTip = f"{told} {self._shared.budget_text()}".strip()
        ui.propagateButton.enabled = can_start and session.status.has_mask
        ui.stopPropagationButton.setVisible(is_running)
        ui.discardObjectButton.enabled = propagation.is_there
        ui.fromClassButton.enabled = can_start and not propagation.is_there

    def _choose(self, **changes: object) -> None:
        def choose(session: Session) -> None:
            session.propagation.set_settings(with_fields(session.propagation.settings, changes))

        self._do(choose)

    def _on_backward(self) -> None:
        self._choose(direction="backward")

    def _on_both(self) -> None:
        self._choose(direction="both")

    def _on_forward(self) -> None:
        self._choose(direction="forward")

    def _on_span(self) -> None:
        settings = self._fields.read()
        self._do(lambda session: None if settings is None else session.propagation.set_settings(settings))

    def _on_start(self) -> None:
        self._do(lambda session: session.propagation.start())

    def _on_stop(self) -> None:
        self._do(lambda session: session.propagation.stop())

    def _on_discard(self) -> None:
        self._do(lambda session: session.propagation.clear())

    def _on_class(self) -> None:
        self._do(lambda session: session.propagation.start_from_class([self._shared.slice_in_view()]))
