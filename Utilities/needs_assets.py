"""List the tests that a bare clone skips: those that ask for MobileSAM's weights or real scans.

    python Utilities/needs_assets.py [--tests]

They should be comparisons with MobileSAM and tests on real scans only: whatever needs just some trained network takes
the fixture ``trained_weights``, which is this project's own. Nothing is run, tests are only collected.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

ASSETS = ("assets", "volumes", "real_weights", "converted_weights")
"""Fixtures of ``RWTHSAM_ASSETS``, the most specific last."""
TESTS = Path(__file__).resolve().parents[1] / "Testing" / "Python"


class Collector:
    """Keeps, by file, the names of tests and the most specific fixture of the assets that each asks for."""

    def __init__(self) -> None:
        self.found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.count = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.count += 1
            asked = [name for name in ASSETS if name in getattr(item, "fixturenames", ())]
            if asked:
                self.found[item.path.relative_to(TESTS).as_posix()][item.name] = asked[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", action="store_true", help="name every test, not only files")
    options = parser.parse_args()
    collector = Collector()
    # the desktop's tests need a process of their own, see test.sh; none of them asks for assets by a fixture of its own
    with redirect_stdout(StringIO()) as said:
        done = pytest.main(["--collect-only", "-qq", "-m", "", str(TESTS)], plugins=[collector])
    if done != pytest.ExitCode.OK:
        print(f"The tests could not be collected ({done!r}):\n{said.getvalue()}", file=sys.stderr)
        return 1
    for file, tests in sorted(collector.found.items()):
        asked = sorted(set(tests.values()))
        print(f"{file:55} {len(tests):4} {', '.join(asked)}")
        for name in tests if options.tests else ():
            print(f"    {name}")
    print(f"{sum(map(len, collector.found.values()))} of {collector.count} tests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
