"""What several commands share."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DependencyMissing, VolumeError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Commands = object


SEGMENTATION = ".seg.nrrd"


def note(text: str) -> None:
    """Tell a person something that is not the command's result."""
    print(text, file=sys.stderr, flush=True)


def require(module: str, what_for: str, extra: str) -> None:
    """Raise `DependencyMissing` unless a module is installed.

    Parameters
    ----------
    module : str
        As it is imported.
    what_for : str
        What needs it, for the message.
    extra : str
        The optional part of this distribution that brings it.
    """
    if importlib.util.find_spec(module) is None:
        raise DependencyMissing(f"{what_for} needs the package '{module}': pip install 'rwthsam[{extra}]'")


def check_output(path: Path) -> None:
    """Raise `VolumeError` unless it is the name of a segmentation."""
    if not path.name.endswith(SEGMENTATION):
        raise VolumeError(f"The output is a segmentation and ends in '{SEGMENTATION}', not '{path.name}'.")
