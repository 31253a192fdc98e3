"""Pieces of real scans: repeatable, never a label file, never a held-out slice."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.errors import VolumeError
from Training.data.real import SCANS, is_held_out, make_real_slice


@pytest.fixture
def real_scans(assets, monkeypatch):
    monkeypatch.setenv("RWTHSAM_ASSETS", str(assets))


def test_a_seed_always_gives_the_same_piece(real_scans):
    for seed in range(4):
        one, other = make_real_slice(seed, 96), make_real_slice(seed, 96)
        assert one.image.tobytes() == other.image.tobytes() and one.scan == other.scan


def test_pieces_come_from_all_scans_and_from_no_held_out_slice(real_scans):
    pieces = [make_real_slice(seed, 64) for seed in range(60)]
    assert {piece.scan for piece in pieces} == set(SCANS)
    assert not any(is_held_out(piece.slice_index) for piece in pieces)
    assert all(piece.image.shape == (64, 64) and piece.image.dtype == np.uint8 for piece in pieces)
    assert np.median([piece.image.std() for piece in pieces]) > 10


def test_neither_labels_nor_the_judged_slice_are_among_the_scans():
    assert not [name for name in SCANS if "egmentation" in name or "mask" in name or "spleen" in name]
    assert "battery_slice_1.tif" not in SCANS and "ellipse_dent.tif" not in SCANS


def test_without_a_folder_it_is_said_what_is_needed(monkeypatch):
    monkeypatch.delenv("RWTHSAM_ASSETS", raising=False)
    with pytest.raises(VolumeError, match="set RWTHSAM_ASSETS"):
        make_real_slice(0)
