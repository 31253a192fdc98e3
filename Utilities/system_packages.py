"""Check the system libraries that rendering and browser tests need, and install them where that is allowed.

VTK ends the process where libX11 or EGL is missing, so they are looked for before anything is rendered.

    python Utilities/system_packages.py            # what rendering needs
    python Utilities/system_packages.py --browser  # and a Chromium for the browser tests

Exit status 0: everything is there. 1: something is missing and could not be installed; the line to run is printed.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import subprocess
import sys

RENDERING = {
    "libX11.so.6": ["libx11-6"],
    "libEGL.so.1": ["libegl1", "libegl-mesa0", "libgl1-mesa-dri"],
    "libXcursor.so.1": ["libxcursor1"],
}
QT = {
    "libxkbcommon.so.0": ["libxkbcommon0"],
    "libdbus-1.so.3": ["libdbus-1-3"],
    "libfontconfig.so.1": ["libfontconfig1"],
    "libGL.so.1": ["libgl1"],
    "libglib-2.0.so.0": ["libglib2.0-0"],
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_PACKAGES = ["chromium", "fonts-dejavu-core"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browser", action="store_true", help="also what the browser and desktop tests need")
    with_tests = parser.parse_args().browser
    if not sys.platform.startswith("linux"):
        return 0
    missing = missing_packages(with_tests)
    if missing and may_install():
        install(missing)
        missing = missing_packages(with_tests)
    if missing:
        print(f"Missing on this machine: {' '.join(missing)}. Install it, then run this again:", file=sys.stderr)
        print(f"  sudo apt-get install -y --no-install-recommends {' '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


def missing_packages(with_tests: bool) -> list[str]:
    """Debian packages whose library does not load or whose program is not found."""
    libraries = {**RENDERING, **(QT if with_tests else {})}
    packages = [package for library, names in libraries.items() if not loads(library) for package in names]
    if with_tests and not any(shutil.which(browser) for browser in BROWSERS):
        packages += BROWSER_PACKAGES
    return packages


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def may_install() -> bool:
    """Whether apt-get works here without asking for a password."""
    if shutil.which("apt-get") is None:
        return False
    return os.geteuid() == 0 or _succeeds(["sudo", "-n", "true"])


def install(packages: list[str]) -> None:
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"Installing {' '.join(packages)}", flush=True)
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        # a failure shows in what is missing afterwards
        subprocess.run([*prefix, "apt-get", *command], env=environment, check=False, stdout=subprocess.DEVNULL)


def _succeeds(command: list[str]) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(command, capture_output=True).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
