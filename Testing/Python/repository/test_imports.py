"""What tests, benchmarks and tools import from the product is there: no run loads every one of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOTS = {
    "RWTHSAMLib": "RWTHSAM/RWTHSAMLib",
    "RWTHSAMProfilesLib": "RWTHSAMProfiles/RWTHSAMProfilesLib",
    "RWTHSAMWeb": "RWTHSAMWeb",
    "Training": "Training",
}


def file_of(repository: Path, module: str) -> Path | None:
    """The file of a module of the product, or None if there is none."""
    top, *rest = module.split(".")
    path = repository.joinpath(ROOTS[top], *rest)
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()), None)


def names_in(file: Path) -> set[str]:
    """Everything that a file gives a name to."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def imports_of(file: Path) -> Iterator[tuple[str, str]]:
    """Module of the product, and the name that is imported from it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and not node.level and str(node.module).split(".")[0] in ROOTS:
            yield from ((str(node.module), alias.name) for alias in node.names)


@pytest.mark.parametrize("folder", ["Testing", "Utilities", "Training"])
def test_every_name_that_is_imported_from_the_product_is_there(repository: Path, folder: str) -> None:
    known: dict[Path, set[str]] = {}
    missing = set()
    for file in sorted((repository / folder).rglob("*.py")):
        for module, name in imports_of(file):
            source = file_of(repository, module)
            if source is not None and source not in known:
                known[source] = names_in(source)
            if source is None or (name not in known[source] and file_of(repository, f"{module}.{name}") is None):
                missing.add(f"{file.relative_to(repository)}: {module}.{name}")
    assert missing == set()
