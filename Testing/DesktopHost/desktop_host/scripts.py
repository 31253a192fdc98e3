"""Loading Python sources as modules, the way Slicer does it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


def load_source_as_module(name: str, source: Path) -> ModuleType:
    """Execute a file as module ``name``; the module replaces one of that name."""
    spec = importlib.util.spec_from_file_location(name, source)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def class_from_folder_module(folder: str, source: Path, class_name: str) -> type | None:
    """Class of a scripted plugin: from the module named as its folder, else from the file executed as that module."""
    known = sys.modules.get(folder)
    if known is None or not hasattr(known, class_name):
        known = load_source_as_module(folder, source)
    return getattr(known, class_name, None)


def publish(name: str, value: Any) -> None:
    """Set ``slicer.<name>``."""
    setattr(sys.modules["slicer"], name, value)
