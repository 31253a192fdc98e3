"""Measuring the classes of a session in steps, so that a front goes on meanwhile."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

import slicer

from ....algorithms.measurement.files import MeasuredScan, write_along, write_measurements
from ....core.settings.measurement import MeasureSettings
from ....errors import RwthSamError, StateError
from ...results import measurements
from ..workspace import Workspace

# a choice: a piece fits between two pictures of a view
_PIECE_S = 0.02


class MeasurementRun:
    """The last measurement of a session, or one under way.

    Parameters
    ----------
    workspace : Workspace

    Attributes
    ----------
    progress : float, optional
        0 to 1 while it goes on.
    result : MeasuredScan, optional
        What was measured last.
    error : RwthSamError, optional
        Why the last one came to nothing.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._steps: Generator[float, None, MeasuredScan] | None = None
        self.progress: float | None = None
        self.result: MeasuredScan | None = None
        self.error: RwthSamError | None = None

    def start(self, choices: MeasureSettings, region: str | None = None) -> None:
        """Measure all classes as they are now; `poll` goes on with it.

        Parameters
        ----------
        choices : MeasureSettings
        region : str, optional
            Name of the class that phase fractions are shares of; the whole scan by default.

        Raises
        ------
        StateError
            If nothing was segmented yet.
        """
        node = self._workspace.segmentation_node
        if node is None:
            raise StateError("There is no segmentation yet: choose a scan and submit a mask first.")
        volume = self._workspace.require_volume()
        self._steps = measurements.measure_segmentation(node, volume, choices, region=region)
        self.progress, self.result, self.error = 0.0, None, None
        self._workspace.changed()

    def stop(self) -> None:
        """End it; nothing is kept."""
        self._steps, self.progress = None, None
        self._workspace.changed()

    def poll(self) -> bool:
        """Measure for a moment; True if anything that is shown has changed. One step of a large class takes longer."""
        if self._steps is None:
            return False
        end_s = time.monotonic() + _PIECE_S
        try:
            while time.monotonic() < end_s:
                self.progress = next(self._steps)
        except StopIteration as end:
            self._steps, self.progress, self.result = None, None, end.value
        except RwthSamError as error:
            self._steps, self.progress, self.error = None, None, error
        return True

    def finish(self) -> MeasuredScan:
        """Wait for the result.

        Raises
        ------
        RwthSamError
            If there is none.
        """
        while self._steps is not None:
            self.poll()
        if self.error is not None:
            raise self.error
        return self._require_result()

    def save(self, path: Path) -> tuple[Path, ...]:
        """Write the result as CSV or JSON, and beside a CSV file what is known slice by slice; returns the files.

        Raises
        ------
        StateError
            If nothing was measured.
        InputError
            If the name ends otherwise, or the file cannot be written.
        """
        result = self._require_result()
        write_measurements(result, path)
        if not result.along or not path.name.lower().endswith(".csv"):
            return (path,)
        beside = path.with_name(f"{path.stem}-along-{result.along[0].axis}.csv")
        write_along(result, beside)
        return path, beside

    def add_to_scene(self) -> tuple[slicer.vtkMRMLTableNode, tuple[slicer.vtkMRMLPlotChartNode, ...]]:
        """Put the result into the scene: a table, and a plot of whatever there is to plot.

        Raises
        ------
        StateError
            If nothing was measured.
        """
        result, scene = self._require_result(), self._workspace.scene
        table = measurements.table_node(scene, result)
        in_parts = dict.fromkeys(each.class_name for each in result.rows if each.number)
        plots = [measurements.volume_histogram(scene, result, name) for name in in_parts]
        known = {name for each in result.along for name in each.values}
        wanted = [name for name in ("thickness_mean", "area") if name in known]
        plots += [measurements.along_plot(scene, result, name) for name in wanted]
        return table, tuple(plots)

    def _require_result(self) -> MeasuredScan:
        if self.result is None:
            raise StateError("Nothing was measured yet: measure first.")
        return self.result
