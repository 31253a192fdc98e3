"""Which slices are looked through, start, stop and resume, and how far it is."""

from __future__ import annotations

from types import SimpleNamespace

import slicer
from slicer.i18n import tr as _

from ....batch.job_of_session import save_job
from ....core.slices import ARRAY_AXIS, SliceKey
from ....errors import StateError
from ....mrml.nodes.volume_geometry import VolumeGeometry
from ....mrml.session.session import Session
from ....mrml.session.status import SessionStatus
from ...app.connections import Connect
from ...saving import ask_where
from ..form_part import FormPart

_PROGRESS_STEPS = 1000


class AutomaticRunForm(FormPart):
    """Radio buttons ``...Slice(s)Button``, ``start``, ``stop`` and ``resumeButton`` and ``runProgressBar``."""

    def _set_up(self, ui: SimpleNamespace, connect: Connect) -> None:
        self._seen: tuple[object, ...] = ()
        self._ranged: tuple[object, ...] = ()
        self._is_showing = False
        ui.runProgressBar.maximum = _PROGRESS_STEPS
        connect(ui.startButton, "clicked(bool)", self._on_start)
        connect(ui.stopButton, "clicked(bool)", self._on_stop)
        connect(ui.resumeButton, "clicked(bool)", self._on_resume)
        connect(ui.saveJobButton, "clicked(bool)", self._on_save_job)
        for each in (ui.firstSliceBox, ui.lastSliceBox):
            connect(each, "valueChanged(int)", self._on_range)

    def refresh(self, status: SessionStatus, has_problem: bool) -> None:
        """Show what can be done with a run at present; with a problem in settings or filters none can start."""
        ui, run = self.ui, status.run
        is_running = run is not None and run.is_running
        is_ready = self._shared.session.volume_node is not None and status.engine.phase == "ready"
        ui.startButton.enabled = is_ready and not is_running and not has_problem
        ui.stopButton.enabled = is_running
        ui.stopButton.setVisible(run is None or is_running)
        ui.resumeButton.setVisible(run is not None and not is_running)
        ui.resumeButton.enabled = is_ready
        ui.runProgressBar.setVisible(run is not None)
        if run is not None:
            ui.runProgressBar.value = int(run.share * _PROGRESS_STEPS)
            ui.runProgressBar.format = run.text
        self.follow_view()

    def follow_view(self) -> None:
        """Show which slices the view in use has; called at every tick, cheap where it has not moved."""
        node, volume = self._shared.view_in_use(), self._shared.session.volume_node
        geometry = self._shared.session.geometry if node is not None else None
        seen = (node, node.GetMTime() if node is not None else 0, volume, geometry is None)
        if self._shared.session.mode != "automatic" or seen == self._seen:
            return
        self._seen = seen
        for each in (self.ui.thisSliceButton, self.ui.allSlicesButton, self.ui.rangeButton):
            each.enabled = geometry is not None
        for each in (self.ui.firstSliceBox, self.ui.lastSliceBox):
            each.enabled = geometry is not None
        if geometry is not None:
            self._show_slices(geometry, node, volume)

    def _show_slices(
        self, geometry: VolumeGeometry, node: slicer.vtkMRMLSliceNode, volume: slicer.vtkMRMLVolumeNode
    ) -> None:
        shown, axis = geometry.slice_shown(node), geometry.slice_axis(node)
        count = geometry.shape_kji[ARRAY_AXIS[axis]]
        where = _("{view}, {axis} = {index}").format(
            view=node.GetName(), axis=axis, index=shown.index if shown else "-"
        )
        self.ui.thisSliceButton.text = _("This slice ({where})").format(where=where)
        self.ui.allSlicesButton.text = _("All {count} slices").format(count=count)
        told = _("Look at every slice of the view in use, the visible one first.")
        self.ui.allSlicesButton.toolTip = f"{told} {self._shared.budget_text()}"
        if self._ranged != (volume, axis):  # another row of slices: all of them at first
            self._ranged = (volume, axis)
            self._is_showing = True
            for each, value in ((self.ui.firstSliceBox, 0), (self.ui.lastSliceBox, count - 1)):
                each.maximum = count - 1
                each.value = value
            self._is_showing = False

    def _chosen_slices(self, session: Session) -> list[SliceKey]:
        """The slices to look at."""
        node = self._shared.view_in_use()
        if node is None:
            raise StateError(_("There is no slice view: choose a layout that has one."))
        if self.ui.rangeButton.checked:
            return session.slices_along(node, *sorted((self.ui.firstSliceBox.value, self.ui.lastSliceBox.value)))
        every = session.slices_along(node)
        return every[:1] if self.ui.thisSliceButton.checked else every

    def _slices_of_job(self, session: Session) -> list[SliceKey]:
        """Those from - to, else every slice of the view in use: a look at a single one is no job."""
        node = self._shared.view_in_use()
        if self.ui.rangeButton.checked:
            return self._chosen_slices(session)
        return [] if node is None or session.slice_shown(node) is None else session.slices_along(node)

    def _on_save_job(self) -> None:
        button, filters = self.ui.saveJobButton, _("Job (*.yaml *.json)")
        path = ask_where(button, _("Save as job"), self._shared.session, "job.yaml", filters)
        if path is not None:
            self._do(lambda session: save_job(session, path, self._slices_of_job(session)))

    def _on_range(self) -> None:
        if not self._is_showing:
            self.ui.rangeButton.checked = True

    def _on_start(self) -> None:
        self._do(lambda session: session.automatic.start(self._chosen_slices(session)))

    def _on_stop(self) -> None:
        self._do(lambda session: session.automatic.stop())

    def _on_resume(self) -> None:
        self._do(lambda session: session.automatic.resume())
