"""The longest files of a run begin first, and all that are named are there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from run_order import LONGEST_FIRST, rank


@dataclass
class Collected:
    """A test of a file."""

    path: Path


def test_every_file_that_is_named_is_there(repository: Path) -> None:
    there = {path.name for path in (repository / "Testing" / "Python").rglob("test_*.py")}
    assert [name for name in LONGEST_FIRST if name not in there] == []
    assert len(set(LONGEST_FIRST)) == len(LONGEST_FIRST)


def test_files_begin_with_the_longest_and_others_keep_their_order() -> None:
    names = ["test_b.py", LONGEST_FIRST[1], "test_a.py", LONGEST_FIRST[0]]
    in_order = [each.path.name for each in sorted((Collected(Path(name)) for name in names), key=rank)]
    assert in_order == [LONGEST_FIRST[0], LONGEST_FIRST[1], "test_b.py", "test_a.py"]
