"""The module's section "Through the volume": from prompted slices to an object, and which of its slices to look at."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _

from ....mrml.session.parts.object_propagation import ObjectPropagation
from ...app.shared_session import SharedSession
from ..session_panel import SessionPanel
from .doubtful_table import DoubtfulTable
from .run_form import PropagationRunForm
from .settings_form import PropagationSettingsForm
from .slice_strip import SliceStrip

_PROGRESS_STEPS = 1000


class PropagationPanel(SessionPanel):
    """The form ``RWTHSAMPropagation.ui`` over the session's propagation.

    Parameters
    ----------
    section : ctkCollapsibleButton
        Where the form is put.
    shared : SharedSession
    """

    def __init__(self, section: qt.QWidget, shared: SharedSession) -> None:
        super().__init__(section, shared, "RWTHSAMPropagation")
        connect, ui = self._signals.connect, self.ui
        ui.propagationProgressBar.maximum = _PROGRESS_STEPS
        self._run = PropagationRunForm(ui, shared, self.do, connect)
        self._rules = PropagationSettingsForm(ui, shared, self.do, connect)
        self._strip = SliceStrip(ui, shared, self.do, connect)
        self._doubtful = DoubtfulTable(ui, shared, self.do, connect)
        self.refresh()

    def _is_in_use(self) -> bool:
        return self._shared.session.mode == "click"

    def _show(self) -> None:
        ui, propagation = self.ui, self._shared.session.propagation
        self._rules.refresh()
        self._run.refresh(self._rules.problem)
        self._strip.refresh()
        self._doubtful.refresh()
        progress = propagation.progress
        ui.propagationProgressBar.setVisible(progress is not None)
        if progress is not None:
            ui.propagationProgressBar.value = int(progress.share * _PROGRESS_STEPS)
        ui.propagationMessage.text = _words(propagation)
        ui.propagationMessage.setVisible(bool(ui.propagationMessage.text))
        problem = self._run.problem or self._rules.problem
        ui.propagationProblem.text = problem
        ui.propagationProblem.setVisible(bool(problem))


def _words(propagation: ObjectPropagation) -> str:
    progress, result = propagation.progress, propagation.result
    if propagation.error is not None:
        return str(propagation.error)
    if progress is not None:
        return progress.text
    if result is None:
        return ""
    where = _("Object on {span}.").format(span=propagation.span)
    ends = (_("Ends at {index}: {reason}.").format(index=each.index, reason=each.reason) for each in result.ends)
    return "\n".join((where, *ends))
