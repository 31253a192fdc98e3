"""What can be taken away."""

from __future__ import annotations

import re
from pathlib import Path

from RWTHSAMLib.batch.job_of_session import save_job
from RWTHSAMLib.core.profile import write_profile
from RWTHSAMLib.core.settings.export import FORMATS
from RWTHSAMLib.core.settings.measurement import MeasureSettings
from RWTHSAMLib.core.settings.typed import with_texts
from RWTHSAMLib.errors import SettingsError, StateError
from RWTHSAMLib.mrml.nodes import volumes
from RWTHSAMLib.mrml.nodes.storage import SUFFIX, save_segmentation
from RWTHSAMLib.record.record_file import write_prompt_file

from .. import jobs
from ..app_context import AppContext
from .automatic import AutomaticActions


class ResultActions:
    """Panel 6: each method writes into a folder and returns the file."""

    def __init__(self, context: AppContext, automatic: AutomaticActions) -> None:
        self._context, self._automatic = context, automatic

    def segmentation(self, folder: Path) -> Path:
        """All classes as a ``.seg.nrrd``."""
        node = self._context.session.segmentation_node
        if node is None:
            raise StateError("There is no segmentation yet: load a scan first.")
        self._check_in_memory("A download of the segmentation", "export {labels} -o OUT.nii.gz makes one file of them")
        return save_segmentation(node, folder / f"{self._scan_name}{SUFFIX}")

    def prompts(self, folder: Path) -> Path:
        """Everything that was submitted, as a prompt file that the command line replays."""
        path = folder / f"{self._scan_name}.prompts.json"
        write_prompt_file(self._context.session.prompt_file(), path)
        return path

    def profile(self, folder: Path) -> Path:
        """The classes."""
        profile = self._context.session.profile
        path = folder / f"{file_stem(profile.name)}.json"
        write_profile(profile, path)
        return path

    async def job(self, folder: Path) -> Path:
        """Model, settings and rules as a job for `rwthsam batch`; with the files that it names as a ZIP archive."""
        files = folder / "files"
        save_job(self._context.session, files / f"{self._scan_name}-job.yaml", self._automatic.slices_of_job())
        return await jobs.packed(files, f"{self._scan_name}-job")

    async def exported(self, format_name: str, folder: Path) -> Path:
        """All classes as a labelmap or as surfaces; several files come as a ZIP archive."""
        self._check_in_memory(
            "An export", f"export {{labels}} -o {self._scan_name}-export --format {format_name} makes it"
        )
        source, files = self.segmentation(folder), folder / "files"
        with self._context.busy(f"Exporting {FORMATS[format_name].title} ..."):
            notes = await jobs.run_command("export", source, "-o", files, "--format", format_name)
            path = await jobs.packed(files, f"{self._scan_name}-{format_name}")
        if notes:
            self._context.remark_on(path.name, " ".join(notes))
        return path

    async def report(self, folder: Path) -> Path:
        """Pictures, numbers and provenance as one HTML page."""
        self._check_in_memory("A report", f"report {{labels}} {{scan}} -o {self._scan_name}-report.html makes it")
        window, title = self._context.session.window, self._context.session.require_volume().GetName()
        words: list[object] = ["--title", title]
        words += ["--window", window.lower, window.upper] if window is not None else []
        return await self._from_files("report", folder, "-report.html", "Writing the report ...", words)

    async def measurements(self, folder: Path) -> Path:
        """Every class and its connected parts in numbers, as a CSV file."""
        self._check_in_memory(
            "Measuring", f"measure {{labels}} {{scan}} -o {self._scan_name}-measurements.csv --parts does it"
        )
        words: list[object] = ["--parts", "--least-voxels", self._context.state.least_voxels]
        return await self._from_files("measure", folder, "-measurements.csv", "Measuring ...", words)

    def set_least_voxels(self, text: str | None) -> None:
        """Leave parts that are smaller out of the measurements."""
        self._context.attempt(lambda: self._set_least_voxels(text or ""))

    def _set_least_voxels(self, text: str) -> None:
        try:
            choices = with_texts(MeasureSettings(), {"least_voxels": text})
        except SettingsError as error:
            raise SettingsError(str(error).removeprefix("least_voxels: ").capitalize()) from error
        self._context.state.least_voxels = choices.least_voxels

    async def _from_files(self, command: str, folder: Path, ending: str, doing: str, words: list[object]) -> Path:
        """What a command makes of segmentation and scan, in a process of its own."""
        source, scan = self.segmentation(folder), folder / f"{self._scan_name}.nrrd"
        data = volumes.volume_data_of(self._context.session.require_volume())
        path = folder / f"{self._scan_name}{ending}"
        unit: list[object] = [] if data.unit_known else ["--no-unit"]
        with self._context.busy(doing):
            await jobs.write_scan(data, scan)
            notes = await jobs.run_command(command, source, scan, "-o", path, *words, *unit)
        if notes:
            self._context.remark_on(path.name, " ".join(notes))
        return path

    def _check_in_memory(self, what: str, command: str = "") -> None:
        """Raise `StateError` where the scan stays on the disk, with the command that does it from there."""
        instead = f", and rwthsam {command}" if command else ""
        self._context.session.workspace.check_in_memory(what, f"the classes are in '{{labels}}'{instead}")

    @property
    def _scan_name(self) -> str:
        node = self._context.session.volume_node
        return file_stem(node.GetName() if node else "segmentation")


def file_stem(name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "rwthsam"
