"""Modules that texts name, such as programs that tests give to other processes, are where they are said to be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDERS = ("RWTHSAM", "RWTHSAMProfiles", "RWTHSAMWeb", "Testing", "Training", "Utilities")
PACKAGES = {"RWTHSAMLib": "RWTHSAM", "RWTHSAMProfilesLib": "RWTHSAMProfiles", "RWTHSAMWeb": "."}
NAMED = re.compile(r"(?:from |import |-m |\"-m\", \")((?:RWTHSAMLib|RWTHSAMProfilesLib|RWTHSAMWeb)(?:\.\w+)*)")


def named_modules(repository: Path) -> dict[str, Path]:
    """Names of our modules in any line of any Python file, also within texts, and a file that has them."""
    return {
        found[1]: path
        for folder in FOLDERS
        for path in (repository / folder).rglob("*.py")
        for found in NAMED.finditer(path.read_text("utf-8"))
    }


def is_there(repository: Path, name: str) -> bool:
    package, *inner = name.split(".")
    place = repository / PACKAGES[package] / package
    path = place.joinpath(*inner)
    return path.is_dir() or path.with_suffix(".py").is_file()


def test_every_module_that_is_named_is_there(repository: Path) -> None:
    named = named_modules(repository)
    assert len(named) > 100
    missing = {name: str(path) for name, path in named.items() if not is_there(repository, name)}
    assert missing == {}


@pytest.mark.parametrize("name", ["RWTHSAMLib.inference.worker", "RWTHSAMWeb.nothing"])
def test_a_module_that_moved_is_missed(repository: Path, name: str) -> None:
    assert not is_there(repository, name)
