"""The type checker sees every line of the product, and lint runs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PRODUCT = ("RWTHSAM", "RWTHSAMProfiles", "RWTHSAMWeb")


def test_the_whole_product_is_type_checked(repository: Path) -> None:
    options = _section((repository / "pyproject.toml").read_text(encoding="utf-8"), "tool.mypy")
    files = re.findall(r'"([^"]+)"', re.search(r"^files = \[(.*?)\]", options, re.MULTILINE | re.DOTALL)[1])
    assert set(PRODUCT) <= set(files)
    assert "strict = true" in options and "exclude" not in options


def test_lint_checks_types_without_exclusions(repository: Path) -> None:
    assert "\t.venv/bin/mypy\n" in (repository / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("project", [".", "Testing/DesktopHost"])
def test_an_import_that_leads_nowhere_is_an_error(repository: Path, project: str) -> None:
    """Only named packages may be missing or untyped; with all of them a misspelt relative import would pass."""
    options = _section((repository / project / "pyproject.toml").read_text(encoding="utf-8"), "tool.mypy")
    assert "strict = true" in options and "ignore_missing_imports" not in options


def test_nothing_is_left_to_be_written_later(repository: Path) -> None:
    folders = (*PRODUCT, "Training", "Utilities", "Testing/DesktopHost/desktop_host")
    unfinished = re.compile(r"raise NotImplementedError|\b(TODO|FIXME|XXX)\b")
    paths = [path for folder in folders for path in (repository / folder).rglob("*.py")]
    assert not [path for path in paths if unfinished.search(path.read_text(encoding="utf-8"))]


def test_no_file_of_the_product_is_left_out(repository: Path) -> None:
    ignoring = re.compile(r"^# *(mypy: *ignore-errors|type: *ignore)", re.MULTILINE)
    paths = [path for folder in PRODUCT for path in (repository / folder).rglob("*.py")]
    assert len(paths) > 300
    assert not [path for path in paths if ignoring.search(path.read_text(encoding="utf-8"))]


def _section(text: str, name: str) -> str:
    return text.partition(f"[{name}]\n")[2].partition("\n[")[0]
