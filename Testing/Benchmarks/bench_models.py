"""Networks, scans and sessions that the benchmark's rows share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.models.catalogue import model
from RWTHSAMLib.models.input_size import TRAINED_SIZE, fit_to_input
from RWTHSAMLib.models.loading import build_network, load_network
from RWTHSAMLib.worker.inline import InlineClient

if TYPE_CHECKING:
    from RWTHSAMLib.mrml.session.session import Session

SMALL = "mobile_sam_vit_t"
SIDE = 728
CLICK = Prompts((PointPrompt(SIDE // 2, SIDE // 2),))
UPSTREAM = {"mobile_sam": "mobile_sam", "sam": "segment_anything"}


@dataclass
class Bench:
    """What the rows measure with.

    Attributes
    ----------
    folder : Path
        For weights that are made up, and for the cache.
    trained : Path, optional
        Weights of MobileSAM; without them random ones, on which the work takes as long.
    quick : bool
        Few repeats.
    """

    folder: Path
    trained: Path | None = None
    quick: bool = False

    def repeats(self, usual: int) -> int:
        """How often to measure."""
        return max(2, usual // 4) if self.quick else usual

    def weights_of(self, name: str) -> Path:
        """A weights file of a model."""
        if name.startswith(SMALL) and self.trained is not None:
            return self.trained
        import torch

        path = self.folder / f"{name}.pt"
        if not path.exists():
            torch.manual_seed(1)
            torch.save(build_network(model(name)).state_dict(), path)
        return path

    def engine(self, name: str = SMALL) -> SamEngine:
        """Ours, with its own choice of device, backend and precision."""
        return SamEngine.load(name, self.weights_of(name))

    def predictor(self, name: str = SMALL) -> Any:
        """Upstream's ``SamPredictor`` in PyTorch, f32, on the CPU."""
        network = load_network(model(name), self.weights_of(name))
        return import_module(UPSTREAM[model(name).family]).SamPredictor(network)

    def floor_s(self, name: str, part: str) -> float:
        """Least seconds for one forward of the encoder or decoder at the machine's matrix rate."""
        return forward_flops(name, part) / self.flops_per_s

    @cached_property
    def flops_per_s(self) -> float:
        """Of f32 matrix products, as PyTorch reaches it with all its threads."""
        import time

        import torch

        matrix, best = torch.rand(2048, 2048), float("inf")
        for _ in range(8):
            started = time.perf_counter()
            matrix @ matrix
            best = min(best, time.perf_counter() - started)
        return 2 * 2048**3 / best


def forward_flops(name: str, part: str) -> float:
    """FLOPs of one forward of ``"encoder"`` or ``"decoder"``, counted by PyTorch without computing anything."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from RWTHSAMLib.inference.backends.sam_modules import DecoderModule, EncoderModule

    network, size = build_network(model(name)).eval().to("meta"), model(name).input_size
    if size != TRAINED_SIZE:
        fit_to_input(network, size)
    with torch.device("meta"):
        features, mask = torch.zeros(1, 256, size // 16, size // 16), torch.zeros(1, 1, size // 4, size // 4)
        points = (features, torch.zeros(1, 2, 2), torch.zeros(1, 2), mask, torch.zeros(1))
        module, inputs = (
            (EncoderModule(network), (torch.zeros(1, 3, size, size),))
            if part == "encoder"
            else (DecoderModule(network), points)
        )
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            module(*inputs)
    return float(counter.get_total_flops())


def new_slices(seed: int = 0, side: int = SIDE) -> Iterator[SliceImage]:
    """Endless different slices, so that no cache helps."""
    rng = np.random.default_rng(seed)
    smooth = np.add.outer(np.arange(side), np.arange(side)) % 200
    for number in itertools.count():
        yield SliceImage((smooth + rng.integers(0, 50, smooth.shape) + number % 5).clip(0, 255).astype(np.uint8))


def session_on(array_kji: np.ndarray, engine: SamEngine) -> Session:
    """A session on a scan in a scene of its own, ready to be clicked on."""
    from RWTHSAMLib.mrml.nodes.standalone import new_scene
    from RWTHSAMLib.mrml.nodes.volumes import add_volume
    from RWTHSAMLib.mrml.session.session import Session
    from RWTHSAMLib.volumes.volume_data import VolumeData

    scene = new_scene()
    session = Session(scene, InlineClient(engine))
    session.set_volume(add_volume(scene, VolumeData(array_kji, np.eye(4), "scan", True)))
    session.set_window(Window(0, 255))
    return session


def upstream_click(predictor: Any) -> None:
    """Upstream's answer to `CLICK` on the slice that is set."""
    predictor.predict(point_coords=CLICK.point_coords_xy(), point_labels=CLICK.point_labels(), multimask_output=True)
