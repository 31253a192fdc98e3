"""The list of what people may read is whole, and free of words that only a developer understands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

NOT_PLAIN = re.compile(r"sitk::|vtk[A-Z]\w+:|NoneType|least voxels|computer that runs this\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def texts(repository: Path) -> dict[str, str]:
    """Every text, and the file that says it."""
    command = [sys.executable, str(repository / "Utilities" / "user_texts.py")]
    printed = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    found, name = {}, ""
    for line in printed.splitlines():
        if line.startswith("  "):
            found[line[6:].strip()] = name
        else:
            name = line.rpartition("/")[2]
    return found


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("Load a scan to begin.", "describe.py"),
        ("There is no weights file '{}' for {}.", "weights.py"),
        ("Choose the window from the histogram of the whole scan.", "RWTHSAM.ui"),
        ("let objects that are prompted on some slices go through the volume", "propagate_command.py"),
        ("The object ends where its area would grow by more than this factor from slice to slice.", "propagation.py"),
    ],
)
def test_what_is_said_in_every_part_is_listed(texts: dict[str, str], text: str, file: str) -> None:
    assert texts.get(text) == file


def test_docstrings_are_not_among_them(texts: dict[str, str]) -> None:
    assert "A session's state in plain words." not in texts and "What a status tells of." not in texts


def test_no_text_speaks_as_a_library_does(texts: dict[str, str]) -> None:
    assert [text for text in texts if NOT_PLAIN.search(text)] == []
