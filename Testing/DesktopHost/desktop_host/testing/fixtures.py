"""Fixtures for a ``conftest.py`` to import: one host runs for each test file, the scene is empty for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .. import HostSettings
from ..host import Host

EXAMPLE_MODULE = Path(__file__).resolve().parents[2] / "example_module" / "HostExample.py"

LINE = os.environ.get("DESKTOP_HOST_LINE", "5.12")
"""The line that all tests of a process play: classes are looked up once."""


@pytest.fixture(scope="module")
def the_started_host() -> Iterator[Host]:
    """A host with its main window, the example module loaded and its effect registered."""
    with started_host(EXAMPLE_MODULE) as host:
        yield host


@contextmanager
def started_host(*modules: Path) -> Iterator[Host]:
    """A host with its main window and some modules."""
    host = Host(HostSettings(line=LINE)).start()
    for each in modules:
        host.load_module(each)
    host.complete_startup()
    host.check()
    yield host
    host.stop()


@pytest.fixture
def host(the_started_host: Host) -> Iterator[Host]:
    """The started host with an empty scene; nothing may have been printed by callbacks at the end."""
    the_started_host.close_scene()
    yield the_started_host
    the_started_host.check()
