"""SimpleITK, loaded when it is needed, and without lines of its own in front of the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from ...core.system.optional_package import optional_package


def simpleitk() -> ModuleType:
    """The package.

    Raises
    ------
    DependencyMissing
        If it is not installed.
    """
    return optional_package("SimpleITK", "Volumes and their measurements")


@contextmanager
def quiet() -> Iterator[ModuleType]:
    """The package, with its warnings off: what matters of them is said in our own words."""
    module = simpleitk()
    before = module.ProcessObject.GetGlobalWarningDisplay()
    module.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        yield module
    finally:
        module.ProcessObject.SetGlobalWarningDisplay(before)


def last_line(error: Exception) -> str:
    """ITK's own sentence: it follows source files and addresses."""
    lines = str(error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
