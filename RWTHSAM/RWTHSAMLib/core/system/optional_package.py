"""Packages that not every installation has, loaded when they are needed."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from ...errors import DependencyMissing


def optional_package(module: str, what_for: str, package: str = "") -> ModuleType:
    """A module of such a package.

    Parameters
    ----------
    module : str
        As it is imported.
    what_for : str
        What needs it, in the plural, for the message: ``"TIFF files"``.
    package : str, optional
        What pip calls it, where that is another name.

    Raises
    ------
    DependencyMissing
        If it is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        name = package or module
        raise DependencyMissing(f"{what_for} need the package {name}: pip install {name}") from error
