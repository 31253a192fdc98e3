"""The table of the slowest tests is made from the reports of two runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def slowest_tests(repository: Path):
    """Function that runs the script."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(repository / "Utilities" / "slowest_tests.py"), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True)

    return run


@pytest.fixture
def a_report(tmp_path: Path):
    """Function that writes a JUnit report of tests and their seconds."""

    def write(name: str, **seconds: float) -> Path:
        cases = "".join(f'<testcase classname="work.test_a" name="{n}" time="{s}"/>' for n, s in seconds.items())
        (tmp_path / name).write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
        return tmp_path / name

    return write


def test_the_slowest_come_first_and_all_are_summed(slowest_tests, a_report) -> None:
    lines = slowest_tests(a_report("library.xml", a=1, b=30.04), a_report("desktop.xml", c=9), "--count", 2).stdout
    assert lines.splitlines()[2:] == ["| test_a.py::b | 30.0 |", "| test_a.py::c | 9.0 |", "| **all 3** | **40** |"]


def test_files_are_added_up(slowest_tests, a_report) -> None:
    lines = slowest_tests(a_report("library.xml", a=1, b=30.04), "--files").stdout.splitlines()
    assert lines[2:] == ["| test_a.py | 31.0 |", "| **all 1** | **31** |"]


def test_those_of_an_earlier_run_are_compared_and_missing_ones_named(slowest_tests, a_report) -> None:
    before = a_report("before.xml", b=100, gone=50, a=1)
    lines = slowest_tests(a_report("now.xml", a=1, b=2), "--before", before, "--count", 2).stdout.splitlines()
    assert lines[-3:] == [
        "| test_a.py::b | 100.0 | 2.0 |",
        "| test_a.py::gone | 50.0 | not run |",
        "| **all 3** | **151** | **3** |",
    ]


def test_a_report_that_is_not_there_is_said(slowest_tests, tmp_path: Path) -> None:
    done = slowest_tests(tmp_path / "none.xml")
    assert done.returncode == 2 and "there is no report" in done.stderr and "Traceback" not in done.stderr
