"""What all processes of one test run share on disk, so that it is made once: weights and converted networks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from filelock import FileLock

RUN_VARIABLE = "RWTHSAM_TEST_RUN"
"""Names the run's folder; whoever starts several pytest processes for one run sets it for all of them."""


def run_folder() -> Path:
    """The folder of this run."""
    return Path(os.environ[RUN_VARIABLE])


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """A file or folder of the run, made by the first process that asks for it while the others wait.

    Parameters
    ----------
    name : str
        Relative to the run's folder.
    make : callable
        Is given the path to fill; what it leaves there when it fails is never taken for whole.
    """
    path = run_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        if not path.exists():
            unfinished = path.with_name(f"unfinished-{path.name}")
            _remove(unfinished)
            make(unfinished)
            unfinished.replace(path)
    return path


def share_graphs(cache: Path) -> Path:
    """Let a cache folder's converted networks be those of the run; all else in it stays its own.

    Where links cannot be made (Windows without the right to), its networks are converted anew, which is slower only.
    """
    graphs = run_folder() / "openvino"
    graphs.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    with suppress(OSError) if os.name == "nt" else suppress(FileExistsError):
        (cache / "openvino").symlink_to(graphs, target_is_directory=True)
    return cache


def convert_once(name: str, weights: Path) -> Path:
    """The weights file of a model whose network is converted for OpenVINO, where that is installed.

    Parameters
    ----------
    name : str
        Of the model in the catalogue.
    weights : Path
    """
    made_once(f"converted/{name}-{weights.stem}", lambda unfinished: _convert(name, weights, unfinished))
    return weights


def _convert(name: str, weights: Path, done: Path) -> None:
    # in a process of its own: PyTorch brings a compiler (LLVM) that ends a process in which Mesa has loaded its own
    subprocess.run([sys.executable, __file__, name, str(weights)], check=True)
    done.touch()


def _convert_here(name: str, weights: Path) -> None:
    from RWTHSAMLib.errors import DependencyMissing
    from RWTHSAMLib.models.openvino_runtime import import_openvino

    try:
        import_openvino()
        import torch  # noqa: F401
    except (ImportError, DependencyMissing):
        return
    from RWTHSAMLib.inference.backends.openvino_graphs import graphs_of
    from RWTHSAMLib.models.catalogue import model
    from RWTHSAMLib.models.loading import load_network

    with patch.dict(os.environ, {"RWTHSAM_CACHE": str(run_folder() / "converting")}):
        share_graphs(run_folder() / "converting")
        graphs_of(load_network(model(name), weights), weights, model(name))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


if __name__ == "__main__":
    _convert_here(sys.argv[1], Path(sys.argv[2]))
