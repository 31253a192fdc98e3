"""The one PythonQt of this process: facts of the line, known classes, and the errors that callbacks printed."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass, field
from typing import Any

from ..facts import Facts
from .meta import all_facts
from .wrapped import Wrapped


class CriticalMessage(Exception):
    """What Slicer writes into its error log with ``qCritical``."""


@dataclass
class Runtime:
    """State that every wrapper shares."""

    facts: Facts
    # base of the wrapper classes that the registry makes
    wrapper_base: type[Wrapped]
    # C++ class name -> wrapper class, PySide6 class
    wrapper_classes: dict[str, type[Wrapped]] = field(default_factory=dict)
    class_names: dict[type, str] = field(default_factory=dict)
    implementations: dict[str, type] = field(default_factory=dict)
    # exceptions that real Slicer would only have printed
    errors: list[BaseException] = field(default_factory=list)
    # what was printed to stderr by connect() and its like
    complaints: list[str] = field(default_factory=list)


_current: Runtime | None = None


def start(facts: Facts, wrapper_base: type[Wrapped]) -> Runtime:
    """Make the process's runtime; a second call replaces the facts."""
    global _current
    # before any other use of meta objects
    all_facts()
    _current = Runtime(facts, wrapper_base)
    return _current


def current() -> Runtime:
    """The runtime, once the host has started."""
    if _current is None:
        raise RuntimeError("the desktop host has not started")
    return _current


def print_exception(error: BaseException) -> None:
    """What PythonQt does with an exception that leaves a callback: print, remember, carry on."""
    current().errors.append(error)
    traceback.print_exception(error, file=sys.stderr)


def complain(text: str) -> None:
    """A message of PythonQt or of Slicer on stderr."""
    current().complaints.append(text)
    print(text, file=sys.stderr)


def critical(text: str) -> None:
    """A message of ``qCritical``: Slicer's error log shows it in red, a test that ends with one fails."""
    current().errors.append(CriticalMessage(text))
    print(text, file=sys.stderr)


def call_python(function: Any, *arguments: Any) -> Any:
    """Call into user code as C++ does: exceptions are printed and None comes back."""
    try:
        return function(*arguments)
    except Exception as error:
        print_exception(error)
        return None
