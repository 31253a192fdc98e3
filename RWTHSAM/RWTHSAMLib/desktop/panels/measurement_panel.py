"""The module's section "Measurements": the classes in numbers, as a table, plots and files."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _

from ...algorithms.measurement.files import MeasuredScan
from ...algorithms.measurement.quantities import Measured
from ...core.field_check import with_fields
from ...core.settings.measurement import MeasureSettings
from ...core.settings.setting import settings_of
from ...mrml.session.parts.measurement_run import MeasurementRun
from ...mrml.session.session import Session
from ..app.result_views import show_chart, show_table
from ..app.shared_session import SharedSession
from ..saving import ask_where
from .session_panel import SessionPanel
from .setting_widgets import option_values, show_check, show_options

_AXES = option_values(MeasureSettings, "along")
_COLUMNS = ("volume", "phase_fraction", "surface_area", "equivalent_diameter", "grey_mean", "thickness_mean")
# a choice: as many as anybody scrolls through; the file has all
_MOST_ROWS = 500
_PROGRESS_STEPS = 1000


class MeasurementPanel(SessionPanel):
    """The form ``RWTHSAMMeasurement.ui`` over a measurement of the session.

    Parameters
    ----------
    section : ctkCollapsibleButton
        Where the form is put.
    shared : SharedSession
    """

    def __init__(self, section: qt.QWidget, shared: SharedSession) -> None:
        super().__init__(section, shared, "RWTHSAMMeasurement")
        self._measuring = MeasurementRun(shared.session.workspace)
        self._shown: MeasuredScan | None = None
        self._region_names: list[str] = []
        self._model = qt.QStandardItemModel(self.ui.measurementTable)  # dies with the view
        self.ui.measurementTable.setModel(self._model)
        self.ui.measurementTable.verticalHeader().setVisible(False)
        self.ui.measurementTable.verticalHeader().setDefaultSectionSize(22)
        self.ui.measurementProgressBar.maximum = _PROGRESS_STEPS
        settings = settings_of(MeasureSettings)
        show_check(settings["parts"], self.ui.partsBox)
        show_check(settings["thickness"], self.ui.thicknessBox)
        show_options(settings["along"], self.ui.alongBox, self.ui.measurementAlongLabel)
        self._connect()
        shared.after_poll.append(self._go_on)
        self.refresh()

    def close(self) -> None:
        """End every connection, and a measurement under way."""
        super().close()
        if self._go_on in self._shared.after_poll:
            self._shared.after_poll.remove(self._go_on)

    def _connect(self) -> None:
        ui, connect = self.ui, self._signals.connect
        connect(ui.measureButton, "clicked(bool)", self._on_measure)
        connect(ui.stopMeasuringButton, "clicked(bool)", self._on_stop)
        connect(ui.saveMeasurementsButton, "clicked(bool)", self._on_save)
        connect(ui.measurementNodesButton, "clicked(bool)", self._on_nodes)

    def _show(self) -> None:
        ui, measuring = self.ui, self._measuring
        is_running, has_result = measuring.progress is not None, measuring.result is not None
        self._show_regions()
        ui.measureButton.enabled = not is_running and self._shared.session.segmentation_node is not None
        for each in (ui.measurementProgressBar, ui.stopMeasuringButton):
            each.setVisible(is_running)
        ui.measurementProgressBar.value = int((measuring.progress or 0) * _PROGRESS_STEPS)
        for each in (ui.measurementTable, ui.saveMeasurementsButton, ui.measurementNodesButton):
            each.setVisible(has_result)
        if measuring.result is not self._shown:
            self._shown = measuring.result
            self._fill(measuring.result)
        ui.measurementMessage.text = self._words()
        ui.measurementMessage.setVisible(bool(ui.measurementMessage.text))

    def _show_regions(self) -> None:
        names = [each.name for each in self._shared.session.profile.classes]
        if names != self._region_names:
            chosen = self._region()
            self._region_names = names
            self.ui.regionBox.clear()
            for name in (_("Whole scan"), *names):
                self.ui.regionBox.addItem(name)
            self.ui.regionBox.currentIndex = names.index(chosen) + 1 if chosen in names else 0

    def _fill(self, result: MeasuredScan | None) -> None:
        rows = result.rows[:_MOST_ROWS] if result is not None else ()
        names = [name for name in _COLUMNS if result is not None and name in result.columns]
        self._model.clear()
        headings = [_heading(name, result) for name in names] if result is not None else []
        self._model.setHorizontalHeaderLabels([_("Class"), _("Part"), *headings])
        self._model.setRowCount(len(rows))
        for row, each in enumerate(rows):
            for column, text in enumerate(_texts(each, names)):
                self._model.setData(self._model.index(row, column), text, qt.Qt.DisplayRole)
        self.ui.measurementTable.resizeColumnsToContents()

    def _words(self) -> str:
        measuring = self._measuring
        if measuring.error is not None:
            return str(measuring.error)
        if measuring.result is None:
            return ""
        if not measuring.result.rows:
            return _("No class has a voxel.")
        left_out = len(measuring.result.rows) - _MOST_ROWS
        said = [] if measuring.result.unit_known else [_("The scan does not say how large a voxel is.")]
        said += [_("{count} more rows are in the file.").format(count=left_out)] if left_out > 0 else []
        return " ".join(said)

    def _region(self) -> str | None:
        index = self.ui.regionBox.currentIndex
        return self._region_names[index - 1] if 1 <= index <= len(self._region_names) else None

    def _go_on(self) -> bool:
        if self._measuring.poll():
            self.refresh()
        return self._measuring.progress is not None

    def _on_measure(self) -> None:
        ui = self.ui
        choices = with_fields(
            MeasureSettings(parts=ui.partsBox.checked, thickness=ui.thicknessBox.checked),
            {"along": _AXES[ui.alongBox.currentIndex]},
        )
        self.do(lambda session: self._measuring.start(choices, self._region()))

    def _on_stop(self) -> None:
        self.do(lambda session: self._measuring.stop())

    def _on_save(self) -> None:
        button, filters = self.ui.saveMeasurementsButton, _("Table (*.csv);;JSON (*.json)")
        path = ask_where(button, _("Save"), self._shared.session, "measurements.csv", filters)
        if path is not None:
            self.do(lambda session: self._measuring.save(path))

    def _on_nodes(self) -> None:
        def show(session: Session) -> None:
            table, plots = self._measuring.add_to_scene()
            if plots:  # first: only the layout of the table keeps a plot that is shown already
                show_chart(plots[-1])
            show_table(table)

        self.do(show)


def _heading(name: str, result: MeasuredScan) -> str:
    unit = result.unit(name).replace("mm2", "mm\u00b2").replace("mm3", "mm\u00b3")
    words = name.replace("_", " ").capitalize()
    return f"{words} ({unit})" if unit and unit != "grey" else words


def _texts(row: Measured, names: list[str]) -> list[str]:
    values = row.values()
    numbers = ["" if values[name] is None else f"{values[name]:.5g}" for name in names]
    return [row.class_name, str(row.number or _("all")), *numbers]
