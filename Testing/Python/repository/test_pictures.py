"""The documentation's pictures say which controls they show; tests hold them to what there is."""

from __future__ import annotations

from pathlib import Path

import pictures
import pytest

RENDERINGS = {"rendering-cell", "rendering-inside", "report", "propagation-reliability"}
"""What shows results alone, and no control."""


def test_every_picture_of_controls_has_their_names_beside_it() -> None:
    shown = {each.stem for each in pictures.IMAGES.glob("*.png")}
    assert shown - {each.stem for each in pictures.IMAGES.glob("*.txt")} == RENDERINGS


def test_a_picture_of_other_controls_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "IMAGES", tmp_path)
    monkeypatch.delenv(pictures.UPDATE_VARIABLE, raising=False)
    taken = tmp_path / "taken.png"
    taken.write_bytes(b"picture")
    with pytest.raises(AssertionError, match="make pictures"):
        pictures.hold(taken, ["Submit"], "page")
    monkeypatch.setenv(pictures.UPDATE_VARIABLE, "1")
    pictures.hold(taken, ["Submit", "Can 12 voxels"], "page")
    monkeypatch.delenv(pictures.UPDATE_VARIABLE)
    pictures.hold(taken, ["Can 1,345 voxels", "Submit", "Submit"], "page")
    with pytest.raises(AssertionError, match=r"\['Undo'\] are new"):
        pictures.hold(taken, ["Can 1 voxels", "Submit", "Undo"], "page")
