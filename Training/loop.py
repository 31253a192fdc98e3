"""The training loop: steps until it is told to stop, with checkpoints from which it goes on."""

from __future__ import annotations

import contextlib
import csv
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch

from RWTHSAMLib.errors import SettingsError, WeightsMismatch
from RWTHSAMLib.models.rwthsam_net.network import RwthSamNet

from . import checkpoints
from .average import Average
from .data.sample import Sample
from .data.stream import SampleStream, StreamSettings
from .optimiser import NetOptimiser
from .settings import TrainingSettings
from .step import Step, StepFigures

CURVE = "curve.csv"
_LARGEST_GRADIENT = 1.0


@dataclass(frozen=True)
class Limits:
    """When to stop, and what a run has at hand; may differ each time it is resumed.

    Attributes
    ----------
    steps : int, optional
        In all, those of earlier times included.
    minutes : float, optional
        From now on.
    cool_down_steps : int
        So many last steps before `steps` in which the learning rate falls to nothing.
    save_every_min : float
    device : str
    workers : int
        Processes that make slices.
    """

    steps: int | None = None
    minutes: float | None = None
    cool_down_steps: int = 0
    save_every_min: float = 5.0
    device: str = "cpu"
    workers: int = 1


class Training:
    """A run in a folder.

    Parameters
    ----------
    folder : Path
        For checkpoints and the learning curve.
    settings : TrainingSettings
    limits : Limits
    resume : bool
        Whether to go on from the last checkpoint of the folder.
    begin_with : mapping of str to torch.Tensor, optional
        Weights of a network that was trained before.
    first_index : int
        Number of the first slice, so that what was trained before sees others.

    Raises
    ------
    SettingsError
        If the folder has checkpoints and is not resumed, or was begun with other settings.
    WeightsNotFound
        If there is nothing to resume.
    WeightsMismatch
        If the checkpoint or the weights are of another version of the network.
    """

    def __init__(
        self,
        folder: Path,
        settings: TrainingSettings,
        limits: Limits,
        resume: bool = False,
        begin_with: Mapping[str, torch.Tensor] | None = None,
        first_index: int = 0,
    ) -> None:
        self.folder, self.settings, self.limits = folder, settings, limits
        self.step, self.next_index, self.spent_s = 0, first_index, 0.0
        self._stopped = False
        torch.manual_seed(settings.seed)
        self.network = RwthSamNet(settings.net).to(limits.device).to(memory_format=torch.channels_last)
        if begin_with is not None:
            self._begin_with(begin_with)
        if settings.only_ratings:
            self.network.requires_grad_(False)
            self.network.decoder.judge.requires_grad_(True)
        self.average = Average(self.network)
        self._optimiser = NetOptimiser(self.network, settings.learning_rate, settings.weight_decay)
        if resume:
            self._restore(checkpoints.load_last(folder))
        elif any(folder.glob("checkpoint-*.pt")):
            raise SettingsError(f"'{folder}' holds a run already: give --resume to go on with it, or another folder.")

    def run(self) -> None:
        """Train until a limit or a signal; the last state is always written."""
        began = saved = time.monotonic()
        spent_before = self.spent_s
        with self._noticing_signals(), self._stream() as stream, self._curve() as curve:
            batches = iter(lambda: list(islice(iter(stream), self.settings.slices_per_step)), [])
            while not self._is_over(time.monotonic() - began):
                figures = self._advance(next(batches))
                self.next_index = stream.next_index
                self.spent_s = spent_before + time.monotonic() - began
                curve(figures)
                if time.monotonic() - saved > 60 * self.limits.save_every_min:
                    self.save()
                    saved = time.monotonic()
        self.save()

    def save(self) -> Path:
        """Write a checkpoint."""
        state = {
            "settings": self.settings.as_json(),
            "step": self.step,
            "next_index": self.next_index,
            "spent_s": self.spent_s,
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }
        return checkpoints.save(self.folder, self.step, state)

    def _begin_with(self, weights: Mapping[str, torch.Tensor]) -> None:
        try:
            self.network.load_state_dict(weights)
        except RuntimeError as error:
            raise WeightsMismatch(
                "The weights to begin with are of another version of the network: begin without them."
            ) from error

    def _restore(self, state: dict[str, Any]) -> None:
        self.settings.check_same(state["settings"])
        self.step, self.next_index, self.spent_s = state["step"], state["next_index"], state["spent_s"]
        try:
            self.network.load_state_dict(state["network"])
            self.average.network.load_state_dict(state["average"])
            self._optimiser.load_state_dict(state["optimiser"])
        except (RuntimeError, KeyError, ValueError) as error:
            raise WeightsMismatch(
                f"The checkpoint in '{self.folder}' is of another version of the network or of its training: "
                "start in another folder."
            ) from error

    def _advance(self, samples: list[Sample]) -> StepFigures:
        random = np.random.default_rng((self.settings.seed, self.step))
        bf16 = self.limits.device.startswith("cuda")
        with torch.autocast(self.limits.device.split(":")[0], torch.bfloat16, enabled=bf16):
            loss, figures = Step(self.network, samples, self.settings, random).run()
        self.network.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), _LARGEST_GRADIENT)
        if torch.isfinite(norm):  # one bad batch must not spoil hours of work
            self._optimiser.step(self._learning_rate())
            self.average.follow(self.network, self.step)
        self.step += 1
        return figures

    def _learning_rate(self) -> float:
        rate = self.settings.learning_rate * min(1.0, (self.step + 1) / self.settings.warm_up_steps)
        if self.limits.steps is not None and self.limits.cool_down_steps:
            rate *= min(1.0, max(0.0, (self.limits.steps - self.step) / self.limits.cool_down_steps))
        return rate

    def _is_over(self, passed_s: float) -> bool:
        out_of_steps = self.limits.steps is not None and self.step >= self.limits.steps
        out_of_time = self.limits.minutes is not None and passed_s >= 60 * self.limits.minutes
        return self._stopped or out_of_steps or out_of_time

    def _stream(self) -> SampleStream:
        sizes = tuple(size for size in self.settings.sizes_px for _ in range(self.settings.slices_per_step))
        return SampleStream(StreamSettings(sizes, first_index=self.next_index, workers=self.limits.workers))

    @contextlib.contextmanager
    def _curve(self) -> Iterator[Any]:
        """A function that adds a step to the learning curve's file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / CURVE).open("a", newline="") as file:
            writer = csv.writer(file)
            if not file.tell():
                writer.writerow(["step", "spent_s", *StepFigures.__dataclass_fields__])

            def add(figures: StepFigures) -> None:
                numbers = [f"{value:.5f}" for value in asdict(figures).values()]
                writer.writerow([self.step, f"{self.spent_s:.1f}", *numbers])
                file.flush()

            yield add

    @contextlib.contextmanager
    def _noticing_signals(self) -> Iterator[None]:
        """Let the step under way end, and the state be written, when the system or a person asks to stop."""

        def stop(number: int, frame: FrameType | None) -> None:
            self._stopped = True

        before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
