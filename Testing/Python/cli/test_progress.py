"""Progress is one line in a terminal and a few lines in a log."""

from __future__ import annotations

import io

import pytest

from RWTHSAMLib.batch.run import Progress
from RWTHSAMLib.cli.batch.progress import TaskProgress
from RWTHSAMLib.cli.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO) -> str:
    with ProgressBar(stream) as bar:
        for done in range(0, 1001):
            bar.show(done * 1000, 1_000_000)
    return stream.getvalue()


def test_a_log_has_a_line_for_every_tenth_part() -> None:
    lines = told(io.StringIO()).splitlines()
    assert len(lines) == 11 and lines[0].startswith("  0 %") and lines[-1] == "100 %  1.0 of 1.0 MB"


def test_a_terminal_has_one_line_that_is_drawn_again_and_left_at_the_end() -> None:
    text = told(Terminal())
    assert text.count("\n") == 1 and text.endswith("\n")
    last = text.rstrip("\n").split("\r")[-1]
    assert last == f"[{'#' * 32}] 100 %  1.0 of 1.0 MB "


def test_bytes_without_a_known_end_have_no_bar() -> None:
    stream = Terminal()
    with ProgressBar(stream) as bar:
        bar.show(5_000_000, None)
    assert stream.getvalue() == "\r5.0 MB \n"


@pytest.mark.parametrize(("kind", "lines"), [(io.StringIO, 2), (Terminal, 1)])
def test_the_end_of_a_job_is_told(kind, lines) -> None:
    stream = kind()
    with TaskProgress(stream) as bar:
        bar.show(Progress(1, tasks=3, tasks_done=3))
        bar.show(Progress(1, 1, 1, tasks=3, tasks_done=3))
    assert stream.getvalue().count("\n") == lines
    assert stream.getvalue().rstrip().endswith("1 of 1 scans, 1 failed, 3 of 3 tasks so far")
