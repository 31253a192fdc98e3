"""The project's own network, small enough for tests, and slices for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from RWTHSAMLib.models.rwthsam_net import export
from RWTHSAMLib.models.rwthsam_net.network import RwthSamNet
from RWTHSAMLib.models.rwthsam_net.settings import NetSettings

TINY = NetSettings((8, 8, 16, 32, 32), (1, 1, 1, 1), 8, 16, 3, 8, 16, 16)


def tiny_network(seed: int = 1) -> RwthSamNet:
    torch.manual_seed(seed)
    return RwthSamNet(TINY)


def write_tiny_weights(path: Path) -> None:
    """Write them in a process of its own: PyTorch's compiler ends a process in which Mesa has loaded its own."""
    subprocess.run([sys.executable, __file__, str(path)], check=True)


def noisy_slice(rows: int, columns: int, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (rows, columns), dtype=np.uint8)


if __name__ == "__main__":
    export.export(tiny_network(), Path(sys.argv[1]), {"steps": 0})
