"""The shipped file: the same bytes for the same network, and a clear word where it is not what it should be."""

from __future__ import annotations

import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tiny_net import tiny_network

from RWTHSAMLib.core.system.checked_archive import read_archive, write_archive
from RWTHSAMLib.errors import ModelError, WeightsMismatch, WeightsNotFound
from RWTHSAMLib.models.rwthsam_net import export, weights_file


@pytest.fixture
def path(tiny_net_weights: Path, tmp_path: Path) -> Path:
    """A copy of the run's file of `tiny_network`."""
    return Path(shutil.copy(tiny_net_weights, tmp_path / "rwthsam_net.zip"))


def test_weights_come_back_as_they_were_but_for_rounding(path: Path) -> None:
    loaded = export.load(weights_file.read(path)).state_dict()
    for name, weight in tiny_network().state_dict().items():
        torch.testing.assert_close(loaded[name], weight, atol=1e-3, rtol=1e-3)


def test_a_file_written_again_is_the_same(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    weights_file.write(again, weights_file.read(path))
    assert again.read_bytes() == path.read_bytes()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFound, match="gone.zip' are missing"):
        weights_file.read(tmp_path / "gone.zip")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _become_a_text(path: Path) -> None:
    path.write_text("no weights", encoding="utf-8")


def _be_made_by_a_later_version(path: Path) -> None:
    manifest, parts = read_archive(path, WeightsMismatch, "weights")
    manifest["settings"]["format"] = 99
    write_archive(path, manifest, parts)


def _say_something_else(path: Path) -> None:
    _rewrite(path, lambda name, part: part.replace(b'"format"', b'"formal"') if name == "manifest.json" else part)


def _have_another_encoder(path: Path) -> None:
    _rewrite(path, lambda name, part: part + b" " if name == "encoder.xml" else part)


def _rewrite(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, change(name, part))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_cut, "damaged"),
        (_flip_a_byte, "damaged|changed"),
        (_become_a_text, "no weights of RWTHSAM-Net"),
        (_be_made_by_a_later_version, "version 99"),
        (_say_something_else, "changed since it was made"),
        (_have_another_encoder, "changed since it was made"),
    ],
)
def test_a_spoilt_file_is_refused(path: Path, spoil: Callable[[Path], None], message: str) -> None:
    spoil(path)
    with pytest.raises(WeightsMismatch, match=message):
        weights_file.read(path)


@pytest.mark.parametrize("seed", range(4))
def test_a_file_with_any_byte_changed_is_refused_or_holds_the_same(path: Path, seed: int) -> None:
    print("seed", seed)
    rng, whole, expected = random.Random(seed), path.read_bytes(), weights_file.read(path)
    for _ in range(150):
        content = bytearray(whole)
        # headers and directory are a small part of the bytes, but not of what can go wrong
        places = rng.choice((range(len(content)), range(200), range(len(content) - 500, len(content))))
        content[rng.choice(places)] ^= 1 << rng.randrange(8)
        path.write_bytes(content[: rng.randrange(len(content))] if rng.random() < 0.2 else content)
        try:
            found = weights_file.read(path)
        except WeightsMismatch as refused:
            assert path.name in str(refused)
        else:
            assert found.graphs == expected.graphs and found.settings == expected.settings


def test_weights_that_are_no_numbers_are_not_exported(tmp_path: Path) -> None:
    network = tiny_network()
    with torch.no_grad():
        network.decoder.answer_bias.fill_(float("nan"))
    with pytest.raises(ModelError, match="answer_bias"):
        export.export(network, tmp_path / "spoilt.zip", {})
    assert not list(tmp_path.iterdir())
