"""The desktop host of these tests, see Testing/DesktopHost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(_REPOSITORY / "Testing" / "DesktopHost"))

from desktop_host.host import Host  # noqa: E402
from desktop_host.testing.fixtures import host, started_host  # noqa: E402, F401

from RWTHSAMLib.core.system.user_folder import data_folder  # noqa: E402


@pytest.fixture(scope="module")
def the_started_host() -> Iterator[Host]:
    """A host as Slicer is without other extensions."""
    with started_host() as started:
        yield started


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Unsaved work of these tests is offered to nobody else, nor that of others here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RWTHSAM_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(autouse=True)
def no_voxel_size_is_known() -> Iterator[None]:
    """No test gives scans of another one their voxel size."""
    yield
    (data_folder() / "voxel-sizes.json").unlink(missing_ok=True)


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
