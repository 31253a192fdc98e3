"""The page that draws the architecture speaks of files that are there, and of the order that is checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "Docs/architecture.md").read_text(encoding="utf-8")


def test_every_file_that_it_names_is_there(repository: Path, page: str) -> None:
    named = set(re.findall(r"`([\w./-]+/[\w./-]*|[\w./-]+/[\w.-]+\.py)`", page))
    assert len(named) > 30
    roots = (repository / "RWTHSAM/RWTHSAMLib", repository)
    assert {each for each in named if not any((root / each).exists() for root in roots)} == set()


def test_its_packages_stand_in_the_order_that_is_checked(repository: Path, page: str) -> None:
    contract = (repository / "pyproject.toml").read_text(encoding="utf-8").split("[[tool.importlinter.contracts]]")[1]
    checked = re.findall(r'"RWTHSAMLib\.(\w+)",', contract)
    drawn = re.search(r"nodes --> (.*)", page)
    assert drawn is not None
    assert drawn[1].split(" --> ") == [each for each in checked[checked.index("mrml") + 1 :] if each != "errors"]


def test_every_package_of_the_library_is_drawn(repository: Path, page: str) -> None:
    packages = {each.parent.name for each in (repository / "RWTHSAM/RWTHSAMLib").glob("*/__init__.py")}
    drawn = page[page.index("```mermaid") : page.index("```\n\nAn arrow")]
    assert {each for each in packages if each not in drawn} == set()
