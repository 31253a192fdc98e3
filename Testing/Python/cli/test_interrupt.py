"""Ctrl-C ends a command with 130 and one line, however early it comes."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal to one process")

_PATIENCE_S = 600

# tells when the command's own file is being read, and stops at a chosen import until the signal has come
_WATCHER = """
import signal, sys

class Watcher:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            print("there", flush=True)
            while True:
                signal.pause()
        return None

"""
_COMMAND = (
    _WATCHER
    + """
from RWTHSAMLib.cli.main import main
sys.meta_path.insert(0, Watcher())
sys.argv = ["rwthsam", *{words!r}]
sys.exit(main())
"""
)
_PAGE = (
    _WATCHER
    + """
import runpy
sys.meta_path.insert(0, Watcher())
sys.argv = ["RWTHSAMWeb", *{words!r}]
runpy.run_module("RWTHSAMWeb", run_name="__main__")
"""
)
_READS = ("argparse", "RWTHSAMLib.cli.auto_command", "numpy", "RWTHSAMLib.volumes.read", "SimpleITK")
_OTHERS = {
    "segment {folder}/scan.nrrd {folder}/scan.nrrd -o {folder}/cell.seg.nrrd": ("RWTHSAMLib.record.record_file",),
    "auto {folder}/scan.nrrd -o {folder}/cell.seg.nrrd": ("slicer",),
    "propagate {folder}/scan.nrrd {folder}/scan.nrrd -o {folder}/cell.seg.nrrd": ("RWTHSAMLib.record.record_file",),
    "measure {folder}/scan.nrrd {folder}/scan.nrrd -o {folder}/cell.csv": ("slicer",),
    "export {folder}/scan.nrrd -o {folder}/cell.stl": ("vtkmodules",),
    "phantom {folder}/made.nrrd": ("RWTHSAMLib.volumes.phantom",),
    "models": ("RWTHSAMLib.models.catalogue",),
    "web --no-browser": ("argparse", "numpy", "aiohttp", "trame_server", "vtkmodules", "RWTHSAMWeb.app"),
}
if find_spec("zarr") is not None:  # not of Python 3.10
    _OTHERS["convert {folder}/scan.nrrd {folder}/scan.ome.zarr"] = ("dask", "zarr", "yaozarrs")
_CASES = [
    *(
        ("unroll {folder}/scan.nrrd -o {folder}/flat.nrrd --center 24 24 --inner 2 --outer 20", module)
        for module in (*_READS, "scipy")
    ),
    *((command, module) for command, modules in _OTHERS.items() for module in modules),
]


@pytest.fixture
def a_folder_with_a_scan(tmp_path: Path) -> Path:
    from RWTHSAMLib.cli.main import main

    assert main(["phantom", str(tmp_path / "scan.nrrd"), "--shape", "20", "48", "48"]) == 0
    return tmp_path


@pytest.mark.parametrize(("command", "module"), _CASES, ids=[f"{each.split()[0]}-{module}" for each, module in _CASES])
def test_an_interrupt_during_imports_ends_with_130_and_one_line(a_folder_with_a_scan, command, module) -> None:
    words = command.format(folder=a_folder_with_a_scan).split()
    assert_interrupted(_COMMAND.format(module=module, words=words), module)
    assert [each.name for each in a_folder_with_a_scan.iterdir()] == ["scan.nrrd"]


@pytest.mark.parametrize("module", ["argparse", "numpy", "vtkmodules"])
def test_an_interrupt_while_the_page_is_started_as_a_module_ends_with_130_and_one_line(module) -> None:
    assert_interrupted(_PAGE.format(module=module, words=["--no-browser"]), module)


def assert_interrupted(program: str, module: str) -> None:
    """Run a program to the import of a module, interrupt it there, and look at how it ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != "there":
        pytest.fail(f"This command does not import {module} any more: {process.communicate()[1]}")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=_PATIENCE_S)
    assert process.returncode == 130 and "Traceback" not in said
    assert said.strip().splitlines()[-1] == "rwthsam: interrupted"


def test_an_interrupt_that_a_library_makes_an_error_of_is_one_still(capsys) -> None:
    from RWTHSAMLib.cli import main as cli

    interrupts = cli._Interrupts()
    with pytest.raises(KeyboardInterrupt):
        interrupts(signal.SIGINT, None)
    assert cli._run(["models", "fetch", "no such model"], interrupts) == 130
    assert capsys.readouterr().err.strip() == "rwthsam: interrupted"
