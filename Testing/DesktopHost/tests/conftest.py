"""The host that is tested."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from desktop_host.testing.editors import add_volume, close_editor, make_editor  # noqa: E402
from desktop_host.testing.fixtures import host, the_started_host  # noqa: E402, F401


@pytest.fixture
def an_editor(host):  # noqa: F811
    """A segment editor on a small isotropic volume."""
    editor = make_editor(host, add_volume())
    yield editor
    close_editor(editor)


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where the tests put their screenshots."""
    folder = Path(__file__).resolve().parents[1] / "output"
    folder.mkdir(exist_ok=True)
    return folder
