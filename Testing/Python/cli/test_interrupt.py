"""Ctrl-C ends a command with 130 and one line, however early it comes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal to one process")

_PATIENCE_S = 600

# tells when the command's own file is being read, and stops at a chosen import until the signal has come
_PROGRAM = """
import signal, sys

class Watcher:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            print("there", flush=True)
            while True:
                signal.pause()
        return None

from RWTHSAMLib.cli.main import main
sys.meta_path.insert(0, Watcher())
sys.argv = ["rwthsam", {words}]
sys.exit(main())
"""


@pytest.mark.parametrize(
    "module", ["argparse", "RWTHSAMLib.cli.auto_command", "numpy", "RWTHSAMLib.volumes.read", "SimpleITK", "scipy"]
)
def test_an_interrupt_during_imports_ends_with_130_and_one_line(tmp_path, module) -> None:
    from RWTHSAMLib.cli.main import main

    assert main(["phantom", str(tmp_path / "scan.nrrd"), "--shape", "20", "48", "48"]) == 0
    words = f"'unroll', {str(tmp_path / 'scan.nrrd')!r}, '-o', {str(tmp_path / 'flat.nrrd')!r}"
    words += ", '--center', '24', '24', '--inner', '2', '--outer', '20'"
    program = _PROGRAM.format(module=module, words=words)
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != "there":
        pytest.skip(f"this command does not import {module} any more")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=_PATIENCE_S)
    assert process.returncode == 130 and "Traceback" not in said
    assert said.strip().splitlines()[-1] == "rwthsam: interrupted"
    assert sorted(each.name for each in Path(tmp_path).iterdir()) == ["scan.nrrd"]


def test_an_interrupt_that_a_library_makes_an_error_of_is_one_still(capsys) -> None:
    from RWTHSAMLib.cli import main as cli

    interrupts = cli._Interrupts()
    with pytest.raises(KeyboardInterrupt):
        interrupts(signal.SIGINT, None)
    assert cli._run(["models", "fetch", "no such model"], interrupts) == cli.INTERRUPTED
    assert capsys.readouterr().err.strip() == "rwthsam: interrupted"
