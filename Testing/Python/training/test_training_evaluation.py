"""Evaluation: a network that is always right reaches 1, and the commands write what they promise."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_net import TINY

from RWTHSAMLib.models.rwthsam_net.prompt_arrays import PromptArrays
from RWTHSAMLib.models.rwthsam_net.runners import Answer, EncodedSlice
from RWTHSAMLib.models.rwthsam_net.weights_file import read
from Training import checkpoints
from Training.__main__ import main
from Training.data.sample import Target
from Training.data.sample_making import make_sample
from Training.data.stream import HELD_OUT_FROM
from Training.evaluate import CLICKS, evaluate
from Training.held_out import HeldOut, made, phantoms
from Training.loop import Limits, Training
from Training.settings import TrainingSettings

SQUARE = np.pad(np.ones((10, 10), bool), 11)


class Oracle:
    """Knows the target; of three candidates the second is right and rated best."""

    def __init__(self, truth: np.ndarray) -> None:
        self._truth = truth

    def encode(self, pixels: np.ndarray) -> EncodedSlice:
        return EncodedSlice(np.zeros((1, 16, 16, 1)), np.zeros((1, 1, 4, 4)), (32, 32))

    def decode(self, encoded: EncodedSlice, prompts: PromptArrays, mask: np.ndarray | None = None) -> Answer:
        if mask is not None:
            return Answer(self._truth[None], np.zeros((1, 16, 16)), np.array([1.0]))
        three = np.stack((~self._truth, self._truth, ~self._truth))
        return Answer(three, np.zeros((3, 16, 16)), np.array([0.0, 1.0, 0.0]))


def test_a_network_that_is_right_gets_full_marks() -> None:
    line = np.stack((np.linspace(11, 20, 30), np.full(30, 15.0)), 1)
    shown = HeldOut("made", np.zeros((32, 32), np.uint8), (Target("square", SQUARE, line),))
    (figures,) = evaluate(Oracle(SQUARE), [shown])["made", "square"]
    assert figures.after_clicks == [1.0] * CLICKS[-1]
    assert figures.after_strokes == [1.0, 1.0]
    assert figures.best_of_three == 1.0
    assert max(figures.rating_errors) == 0


def test_held_out_slices_are_those_of_seeds_that_no_stream_gives() -> None:
    (first,) = made(1, 64)
    np.testing.assert_array_equal(first.image, make_sample(HELD_OUT_FROM, 64).image)
    assert len({each.kind for each in first.targets}) == len(first.targets)


def test_phantoms_are_looked_at_where_electrodes_are() -> None:
    kinds = {target.kind for each in phantoms(1) for target in each.targets}
    assert {"cathode", "anode", "can", "roll"} <= kinds


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    settings = TrainingSettings(TINY, 3, 1, 2, 3, (64,), warm_up_steps=2)
    Training(tmp_path / "run", settings, Limits(steps=1, workers=0)).run()
    return tmp_path / "run"


@pytest.fixture
def weights(run_folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "rwthsam_net.zip"
    assert main(["export", "--run", str(run_folder), "--out", str(path)]) == 0
    return path


def test_exported_weights_are_trained_further_with_slices_they_never_saw(weights: Path, tmp_path: Path) -> None:
    further = tmp_path / "further"
    few = ["--steps", "0", "--workers", "0", "--slices", "1"]
    assert main(["train", "--out", str(further), "--begin-with", str(weights), "--first-slice", "70", *few]) == 0
    state = checkpoints.load_last(further)
    assert state["next_index"] == 70
    for name, array in read(weights).weights.items():
        torch.testing.assert_close(state["network"][name], torch.from_numpy(array).float(), msg=name)


def test_a_run_is_evaluated_exported_and_evaluated_again_without_pytorch(
    run_folder: Path, weights: Path, tmp_path: Path
) -> None:
    few = ["--made", "1", "--phantoms", "0", "--size", "64"]
    before, after = tmp_path / "before", tmp_path / "after"
    assert main(["evaluate", "--run", str(run_folder), "--out", str(before), *few]) == 0
    assert main(["evaluate", "--weights", str(weights), "--out", str(after), *few]) == 0
    for folder in (before, after):
        with (folder / "figures.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["source"] for row in rows} == {"made"}
        assert all(0 <= float(row[f"clicks {n}"]) <= 1 for row in rows for n in CLICKS)
        assert (folder / "answers.png").exists()
    assert (before / "curve.png").exists()


def test_what_is_to_be_measured_must_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--out", str(tmp_path)]) == 2
    assert "either --run or --weights" in capsys.readouterr().err
