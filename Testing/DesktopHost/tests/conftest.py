"""The host that is tested."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from desktop_host.testing.fixtures import host, the_started_host  # noqa: E402, F401


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where the tests put their screenshots."""
    folder = Path(__file__).resolve().parents[1] / "output"
    folder.mkdir(exist_ok=True)
    return folder
