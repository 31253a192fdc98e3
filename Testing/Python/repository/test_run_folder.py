"""What the processes of a run share is made once, and never taken for whole when its making failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from run_folder import RUN_VARIABLE, made_once, share_graphs

_ASKS = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from run_folder import made_once
made_once("thing", lambda unfinished: (print("made", flush=True), unfinished.write_text("whole")))
print(made_once("thing", None).read_text())
"""


@pytest.fixture(autouse=True)
def a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty folder of a run."""
    monkeypatch.setenv(RUN_VARIABLE, str(tmp_path))
    return tmp_path


def test_processes_that_ask_at_the_same_time_make_a_thing_once(repository: Path) -> None:
    command = [sys.executable, "-c", _ASKS, str(repository / "Testing" / "Python")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [each.communicate()[0].split() for each in started]
    assert sorted(answers) == [["made", "whole"], ["whole"], ["whole"]]


def test_what_was_half_made_is_made_anew(a_run: Path) -> None:
    def breaks_off(unfinished: Path) -> None:
        unfinished.write_text("ha", encoding="utf-8")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        made_once("thing", breaks_off)
    assert not (a_run / "thing").exists()
    assert made_once("thing", lambda unfinished: unfinished.write_text("whole")).read_text() == "whole"


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_caches_share_converted_networks_and_nothing_else(a_run: Path) -> None:
    one, other = share_graphs(a_run / "one"), share_graphs(a_run / "other")
    (one / "openvino" / "graph.bin").write_bytes(b"converted")
    (one / "embedding").write_bytes(b"own")
    assert (other / "openvino" / "graph.bin").read_bytes() == b"converted"
    assert not (other / "embedding").exists()
    assert share_graphs(one) == one
