"""Tests lie in folders that are named as the packages they test."""

from __future__ import annotations

from pathlib import Path

BESIDE_THE_LIBRARY = {"benchmarks", "repository", "training", "web"}


def test_every_folder_of_tests_is_named_as_a_package(repository: Path) -> None:
    packages = {each.parent.name for each in (repository / "RWTHSAM/RWTHSAMLib").glob("*/__init__.py")}
    folders = {each.parent.name for each in (repository / "Testing/Python").glob("*/test_*.py")}
    assert folders - packages == BESIDE_THE_LIBRARY and packages - folders == set()
