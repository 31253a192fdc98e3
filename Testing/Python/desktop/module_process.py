"""A host in a process of its own that starts with one module and runs its own tests, as Slicer does it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
_HOST = REPOSITORY / "Testing" / "DesktopHost"
_PATIENCE_S = 400

_SCRIPT = """
import sys, unittest
sys.path.insert(0, {host!r})
from pathlib import Path
from desktop_host import HostSettings
from desktop_host.host import Host

host = Host(HostSettings(line={line!r}, main_window={window})).start()
for folder in {folders!r}:
    host.load_module(Path(folder))
heavy = [name for name in ("torch", "openvino", "timm", "mobile_sam") if name in sys.modules]
assert not heavy, heavy
host.complete_startup()
host.show_module({module!r})
import slicer
test = getattr(sys.modules[{module!r}], "{module}Test")
test().runTest()  # Reload and Test
# what slicer.testing.runUnitTest does for a test that CMake declares
suite = unittest.TestLoader().loadTestsFromName({module!r})
result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
assert result.wasSuccessful() and result.testsRun > 1
host.check()
assert not host.complaints, host.complaints
host.unload_module({module!r})
host.stop()
print("survived")
"""


def run_own_tests(module: str, line: str, window: bool) -> str:
    """Run a module's own tests; what was printed."""
    # a module is loaded after those that it depends on
    folders = [str(REPOSITORY / each) for each in ("RWTHSAM", "RWTHSAMProfiles")]
    script = _SCRIPT.format(host=str(_HOST), line=line, window=window, folders=folders, module=module)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=_PATIENCE_S)
    assert done.returncode == 0 and "survived" in done.stdout, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def declared_unit_tests() -> set[str]:
    """Modules whose file CMake declares as a unit test, with and without a main window."""
    found = set()
    for module in ("RWTHSAM", "RWTHSAMProfiles"):
        text = (REPOSITORY / module / "CMakeLists.txt").read_text("utf-8")
        if re.search(r"slicer_add_python_unittest\(SCRIPT \$\{MODULE_NAME\}\.py\)", text):
            found.add(module)
    text = (REPOSITORY / "Testing" / "Python" / "CMakeLists.txt").read_text("utf-8")
    listed = re.search(r"foreach\(module IN ITEMS ([\w ]+)\)", text)
    return found & set(listed.group(1).split()) if listed else set()
