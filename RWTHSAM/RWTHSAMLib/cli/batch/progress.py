"""How far a job is."""

from __future__ import annotations

from ...batch.run import Progress
from ..progress import ProgressLine


class TaskProgress(ProgressLine):
    """Show scans and tasks that are done."""

    def show(self, progress: Progress) -> None:
        """Draw the line anew; in a terminal after each task."""
        share = progress.scans_done / progress.scans
        if progress.scans == 1 and not progress.scans_done and progress.tasks:
            share = progress.tasks_done / progress.tasks
        self.draw(share, _text(progress), is_news=self._is_terminal or progress.scans_done == progress.scans)


def _text(progress: Progress) -> str:
    failed = f", {progress.scans_failed} failed" if progress.scans_failed else ""
    return (
        f"{progress.scans_done} of {progress.scans} scans{failed}, "
        f"{progress.tasks_done} of {progress.tasks} tasks so far"
    )
