"""What the command line needs of MRML does not load all of VTK: ``import vtk`` takes 50 MB of memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

NEEDS = {
    "segment": (
        "import RWTHSAMLib.cli.segment_command",
        "from RWTHSAMLib.mrml.nodes import record_tag, segments, standalone, storage, volumes",
        "from RWTHSAMLib.mrml.session import replay",
    ),
    "export": ("import RWTHSAMLib.cli.export_command", "import RWTHSAMLib.mrml.results.export"),
    "measure": ("import RWTHSAMLib.cli.measure_command", "import RWTHSAMLib.mrml.results.measurements"),
}


@pytest.mark.parametrize("command", NEEDS)
def test_a_command_loads_only_the_parts_of_vtk_that_it_uses(command: str) -> None:
    pytest.importorskip("slicer", reason="needs MRML (install the 'scene' extra)")
    lines = (*NEEDS[command], "import sys", "print('vtk' in sys.modules, 'torch' in sys.modules)")
    said = subprocess.run([sys.executable, "-c", "; ".join(lines)], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]
