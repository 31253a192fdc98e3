"""The desktop host of these tests, see Testing/DesktopHost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(_REPOSITORY / "Testing" / "DesktopHost"))

from desktop_host.testing.fixtures import host, the_started_host  # noqa: E402, F401


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
