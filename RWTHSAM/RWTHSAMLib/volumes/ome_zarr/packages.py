"""The packages that OME-Zarr needs, loaded when they are needed."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from ...core.system.optional_package import optional_package
from ...errors import DependencyMissing

_WHAT, _PACKAGE = "OME-Zarr files", "'rwthsam[ome-zarr]'"


def zarr() -> ModuleType:
    """Reads and writes chunks.

    Raises
    ------
    DependencyMissing
        If it is not installed, or this Python is older than zarr 3 takes.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - the rest of the project runs on it
        raise DependencyMissing(f"{_WHAT} need Python 3.11 or newer, this is {sys.version.split()[0]}.")
    return optional_package("zarr", _WHAT, _PACKAGE)


def models(version: str) -> Any:
    """Models of the metadata of a version (``yaozarrs.v05``); see `zarr`."""
    return optional_package(f"yaozarrs.v{version.replace('.', '')}", _WHAT, _PACKAGE)


def check_all(version: str) -> None:
    """Raise `DependencyMissing` where anything is not there that writing needs: before, not after hours of it."""
    zarr()
    models(version)
    dask_array()


def validation_error() -> Any:
    """What the models raise for metadata that are not as the version has them."""
    return optional_package("pydantic", _WHAT, _PACKAGE).ValidationError


def dask_array() -> ModuleType:
    """Arrays that are computed chunk by chunk; see `zarr`."""
    return optional_package("dask.array", _WHAT, _PACKAGE)
