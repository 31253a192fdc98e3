"""What worker processes are loaded with, and clients of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from worker_parts import loaded, until

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.worker.client import EngineSpec
from RWTHSAMLib.worker.process_client import WorkerClient


@pytest.fixture(scope="module")
def spec(quick_weights: Path) -> EngineSpec:
    """Trained weights at the smaller input, for which no process has to load PyTorch."""
    return EngineSpec("mobile_sam_vit_t_512", quick_weights, device="cpu", backend="openvino", precision="f32")


@pytest.fixture(scope="module")
def torch_spec(real_weights: Path) -> EngineSpec:
    """The same in PyTorch, which alone computes several slices together."""
    return EngineSpec("mobile_sam_vit_t_512", real_weights, device="cpu", backend="torch")


@pytest.fixture(scope="module")
def quick_spec(tiny_net_weights: Path) -> EngineSpec:
    """A small network without PyTorch, for processes that are started and ended: what they compute does not matter."""
    return EngineSpec("rwthsam_net", tiny_net_weights, device="cpu", backend="openvino", precision="f32")


@pytest.fixture(scope="module")
def an_image() -> SliceImage:
    y, x = np.mgrid[:64, :96]
    return SliceImage((40 + 180 * ((x - 48) ** 2 + (y - 32) ** 2 < 300)).astype(np.uint8))


@pytest.fixture
def a_quick_client(quick_spec: EngineSpec) -> Iterator[WorkerClient]:
    """A loaded client of the small network."""
    client = WorkerClient()
    client.load(quick_spec)
    until(client, loaded(client))
    yield client
    client.close()


@pytest.fixture
def a_new_client() -> Iterator[WorkerClient]:
    client = WorkerClient()
    yield client
    client.close()
