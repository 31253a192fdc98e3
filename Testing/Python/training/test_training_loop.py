"""The training loop: it learns, goes on as if never stopped, keeps what was done, and refuses what does not fit."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_net import TINY

from RWTHSAMLib.errors import InputError, SettingsError, WeightsMismatch, WeightsNotFound
from Training import checkpoints
from Training.loop import CURVE, Limits, Training
from Training.settings import TrainingSettings

SETTINGS = TrainingSettings(TINY, 3, 1, 2, 3, (64,), warm_up_steps=2)
WAIT_S = 600.0


def trained(folder: Path, steps: int, resume: bool = False, settings: TrainingSettings = SETTINGS) -> Training:
    training = Training(folder, settings, Limits(steps=steps, workers=0), resume)
    training.run()
    return training


def steps_of(folder: Path) -> list[int]:
    with (folder / CURVE).open(newline="") as file:
        return [int(row["step"]) for row in csv.DictReader(file)]


def test_a_resumed_run_is_the_same_as_one_that_never_stopped(tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole", 4)
    trained(tmp_path / "parts", 2)
    parts = trained(tmp_path / "parts", 4, resume=True)
    for name, weight in whole.network.state_dict().items():
        torch.testing.assert_close(parts.network.state_dict()[name], weight, msg=name)
    for name, weight in whole.average.network.state_dict().items():
        torch.testing.assert_close(parts.average.network.state_dict()[name], weight, msg=name)
    assert parts.next_index == whole.next_index == 4
    assert steps_of(tmp_path / "parts") == [1, 2, 3, 4]


def test_every_weight_learns(tmp_path: Path) -> None:
    training = trained(tmp_path, 3)
    fresh = Training(tmp_path / "fresh", SETTINGS, Limits(workers=0)).network.state_dict()
    unchanged = [name for name, weight in training.network.state_dict().items() if torch.equal(weight, fresh[name])]
    assert not unchanged


def test_only_the_rating_learns_where_only_that_is_asked_for(tmp_path: Path) -> None:
    before = trained(tmp_path / "masks", 1).average.network.state_dict()
    settings = replace(SETTINGS, only_ratings=True)
    training = Training(tmp_path / "ratings", settings, Limits(steps=3, workers=0), begin_with=before)
    training.run()
    after = training.average.network.state_dict()
    changed = {name for name, weight in after.items() if not torch.equal(weight, before[name])}
    assert changed == {name for name in before if name.startswith("decoder.judge.")}
    with pytest.raises(SettingsError, match="begun with only_ratings = True"):
        trained(tmp_path / "ratings", 4, resume=True)


def test_only_the_last_two_checkpoints_are_kept(tmp_path: Path) -> None:
    trained(tmp_path, 1)
    trained(tmp_path, 2, resume=True)
    trained(tmp_path, 3, resume=True)
    assert [path.name for path in sorted(tmp_path.glob("*.pt"))] == ["checkpoint-00000002.pt", "checkpoint-00000003.pt"]


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(tmp_path: Path) -> None:
    trained(tmp_path, 1)
    trained(tmp_path, 2, resume=True)
    last = tmp_path / "checkpoint-00000002.pt"
    last.write_bytes(last.read_bytes()[:1000])
    assert checkpoints.load_last(tmp_path)["step"] == 1


def test_another_setting_is_refused_in_a_sentence(tmp_path: Path) -> None:
    trained(tmp_path, 1)
    with pytest.raises(SettingsError, match="begun with prompts_per_slice = 2, and cannot go on with 5"):
        trained(tmp_path, 2, resume=True, settings=replace(SETTINGS, prompts_per_slice=5))


def test_a_checkpoint_of_another_version_of_the_network_is_refused(tmp_path: Path) -> None:
    trained(tmp_path, 1)
    state = checkpoints.load_last(tmp_path)
    del state["network"]["encoder.stem.weight"]
    checkpoints.save(tmp_path, 1, state)
    with pytest.raises(WeightsMismatch, match="another version of the network"):
        trained(tmp_path, 2, resume=True)


def test_a_run_is_not_overwritten_by_a_new_one(tmp_path: Path) -> None:
    trained(tmp_path, 1)
    with pytest.raises(SettingsError, match="holds a run already"):
        trained(tmp_path, 1)


def test_nothing_to_resume_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFound, match="holds no checkpoint"):
        trained(tmp_path, 1, resume=True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_leaves_the_checkpoints_before(tmp_path: Path) -> None:
    training = trained(tmp_path, 1)
    before = sorted(tmp_path.glob("*.pt"))
    training.step = 2
    (tmp_path / "checkpoint-00000002.pt").symlink_to("/dev/full/no")
    with pytest.raises(InputError, match="could not be written"):
        training.save()
    (tmp_path / "checkpoint-00000002.pt").unlink()
    assert sorted(tmp_path.glob("*.pt")) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it first")
def test_a_run_that_is_told_to_stop_writes_what_it_has(tmp_path: Path, repository: Path) -> None:
    command = [sys.executable, "-m", "Training", "train", "--out", str(tmp_path), "--slices", "1", "--workers", "0"]
    run = subprocess.Popen(command, cwd=repository, env={**os.environ, "OMP_NUM_THREADS": "1"})
    deadline = time.monotonic() + WAIT_S
    while not (tmp_path / CURVE).exists() or not steps_of(tmp_path):
        assert run.poll() is None and time.monotonic() < deadline
        time.sleep(0.2)
    run.send_signal(signal.SIGTERM)
    assert run.wait(WAIT_S) == 0
    assert checkpoints.load_last(tmp_path)["step"] == steps_of(tmp_path)[-1]
