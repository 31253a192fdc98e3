"""The desktop host of these tests: one runs for each test file, the scene is empty for each test."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(_REPOSITORY / "Testing" / "DesktopHost"))

from desktop_host import HostSettings  # noqa: E402
from desktop_host.host import Host  # noqa: E402

# the line of all desktop tests of a process: classes are looked up once
LINE = os.environ.get("RWTHSAM_SLICER_LINE", "5.12")


@pytest.fixture(scope="module")
def the_started_host() -> Iterator[Host]:
    """A host with its main window, the example module loaded and its effect registered."""
    host = Host(HostSettings(line=LINE)).start()
    host.load_module(_REPOSITORY / "Testing" / "DesktopHost" / "example_module" / "HostExample.py")
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


@pytest.fixture(scope="session")
def real_weights(converted_weights: Path) -> Path:
    """Trained weights of MobileSAM's architecture, converted already."""
    return converted_weights


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where the tests put their screenshots."""
    folder = _REPOSITORY / "Testing" / "output" / "desktop"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
