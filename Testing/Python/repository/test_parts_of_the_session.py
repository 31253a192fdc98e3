"""The parts of a session: each is listed once, and none reaches into another or knows the session."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def session_folder(repository: Path) -> Path:
    return repository / "RWTHSAM" / "RWTHSAMLib" / "mrml" / "session"


@pytest.fixture(scope="session")
def session_trees(session_folder: Path) -> dict[str, ast.Module]:
    """Every file of the session, parsed, by its name."""
    return {
        file.relative_to(session_folder).as_posix(): ast.parse(file.read_text(encoding="utf-8"))
        for file in session_folder.rglob("*.py")
    }


def parts_in(tree: ast.Module) -> list[str]:
    """Classes that are parts of a session."""
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    return [each.name for each in classes if "SessionPart" in map(ast.unparse, each.bases)]


def parts_listed_in(tree: ast.Module) -> list[str]:
    """Classes that ``add_part`` is given."""
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    added = [each.args[0] for each in calls if ast.unparse(each.func) == "self.add_part"]
    return [ast.unparse(each.func) for each in added if isinstance(each, ast.Call)]


def private_names_of_others(tree: ast.Module) -> list[str]:
    """Where a private name of something else than the own object or class is used or imported."""
    attributes = [each for each in ast.walk(tree) if isinstance(each, ast.Attribute) and is_private(each.attr)]
    imports = [each for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    return [
        *(ast.unparse(each) for each in attributes if ast.unparse(each.value) not in ("self", "cls")),
        *(alias.name for each in imports for alias in each.names if is_private(alias.name)),
    ]


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_every_part_is_listed_once(session_trees: dict[str, ast.Module]) -> None:
    parts = sorted(name for tree in session_trees.values() for name in parts_in(tree))
    assert sorted(parts_listed_in(session_trees["session.py"])) == parts


def test_no_part_reaches_into_private_names_of_another(session_trees: dict[str, ast.Module]) -> None:
    found = {file: private_names_of_others(tree) for file, tree in session_trees.items()}
    assert {file: names for file, names in found.items() if names} == {}


def test_no_part_knows_the_session(session_trees: dict[str, ast.Module]) -> None:
    imports = {
        file: [each.module for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
        for file, tree in session_trees.items()
    }
    assert [file for file, modules in imports.items() if "session" in modules] == []
    assert [file for file, tree in session_trees.items() if "weakref.proxy" in ast.unparse(tree)] == []


def test_parts_that_are_not_listed_or_reach_into_others_would_be_seen() -> None:
    tree = ast.parse(
        "from .other import _helper\n"
        "class Toy(SessionPart):\n"
        "    def look(self):\n"
        "        return self._prompting._slices and self._own\n"
    )
    assert parts_in(tree) == ["Toy"] and parts_listed_in(tree) == []
    assert private_names_of_others(tree) == ["self._prompting._slices", "_helper"]
