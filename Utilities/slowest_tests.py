"""Print the slowest tests of a run and the sum of all, from the reports that Utilities/test.sh leaves.

    python Utilities/slowest_tests.py [REPORT ...] [--files] [--count 20] [--before REPORT ...]

A report is a JUnit XML file; default: those in Testing/output/tests. With an earlier run's reports, those that were the
slowest then are listed too. With --files the seconds of a file's tests are added up, for Testing/Python/run_order.py.
The sum is that of the processes: with two of them, half of it passes on the clock.
"""

from __future__ import annotations

import argparse
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

_REPORTS = Path(__file__).resolve().parents[1] / "Testing" / "output" / "tests"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="*", type=Path, help="JUnit XML files")
    parser.add_argument("--files", action="store_true", help="files instead of tests")
    parser.add_argument("--count", type=int, default=20, help="rows of the table (default: 20)")
    parser.add_argument("--before", nargs="+", type=Path, default=[], help="reports of an earlier run")
    options = parser.parse_args(arguments)
    reports = options.reports or sorted(_REPORTS.glob("*.xml"))
    if missing := [str(path) for path in (*reports, *options.before) if not path.is_file()]:
        parser.error(f"there is no report {', '.join(missing)}")
    if not reports:
        parser.error(f"there is no report in {_REPORTS}; run Utilities/test.sh first, or name one")
    now, before = seconds_of_tests(reports), seconds_of_tests(options.before)
    if options.files:
        now, before = seconds_of_files(now), seconds_of_files(before)
    print("\n".join(table(now, before, options.count)))
    return 0


def seconds_of_tests(reports: Iterable[Path]) -> dict[str, float]:
    """Seconds of each test, with its set-up and tear-down, by ``file::name``; a test in two reports counts in both."""
    seconds: dict[str, float] = {}
    for report in reports:
        for case in ElementTree.parse(report).iter("testcase"):
            name = f"{case.get('classname', '').rpartition('.')[2]}.py::{case.get('name', '')}"
            seconds[name] = seconds.get(name, 0.0) + float(case.get("time") or 0)
    return seconds


def seconds_of_files(seconds: dict[str, float]) -> dict[str, float]:
    """Seconds by file, of seconds by ``file::name``."""
    files: dict[str, float] = {}
    for name, value in seconds.items():
        file = name.partition("::")[0]
        files[file] = files.get(file, 0.0) + value
    return files


def table(now: dict[str, float], before: dict[str, float], count: int) -> list[str]:
    """Lines of a table in Markdown: the slowest now, those that were the slowest before, the sums."""
    lines = ["| test | seconds |", "|---|---:|"]
    lines += [f"| {name} | {now[name]:.1f} |" for name in slowest(now, count)]
    lines += [f"| **all {len(now)}** | **{sum(now.values()):.0f}** |"]
    if before:
        lines += ["", "| slowest before | seconds before | seconds now |", "|---|---:|---:|"]
        for name in slowest(before, count):
            lines.append(f"| {name} | {before[name]:.1f} | {f'{now[name]:.1f}' if name in now else 'not run'} |")
        lines.append(f"| **all {len(before)}** | **{sum(before.values()):.0f}** | **{sum(now.values()):.0f}** |")
    return lines


def slowest(seconds: dict[str, float], count: int) -> list[str]:
    """Names of the slowest, the slowest first; equal ones by name."""
    return sorted(seconds, key=lambda name: (-seconds[name], name))[:count]


if __name__ == "__main__":
    sys.exit(main())
