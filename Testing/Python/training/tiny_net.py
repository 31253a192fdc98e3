"""A network small enough for tests, and slices for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from RWTHSAMLib.models.rwthsam_net import export, weights_file
from RWTHSAMLib.models.rwthsam_net.network import RwthSamNet
from RWTHSAMLib.models.rwthsam_net.settings import NetSettings
from RWTHSAMLib.models.rwthsam_net.weights_file import WeightsFile

TINY = NetSettings((8, 8, 16, 32, 32), (1, 1, 1, 1), 8, 16, 8, 16, 16)


def tiny_network(seed: int = 1) -> RwthSamNet:
    torch.manual_seed(seed)
    return RwthSamNet(TINY)


def tiny_weights(folder: Path) -> tuple[Path, WeightsFile]:
    path = folder / "rwthsam_net.zip"
    export.export(tiny_network(), path, {"steps": 0})
    return path, weights_file.read(path)


def noisy_slice(rows: int, columns: int, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (rows, columns), dtype=np.uint8)
