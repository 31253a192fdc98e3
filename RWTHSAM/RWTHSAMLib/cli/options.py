"""What several commands share."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from ..core.settings.codec import Settings
from ..core.settings.setting import Setting, settings_of
from ..core.value_range import Range
from ..errors import DependencyMissing, VolumeError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Commands = object

_Kind = TypeVar("_Kind", bound=Settings)

SEGMENTATION = ".seg.nrrd"
_METAVARS: dict[object, str] = {int: "N", float: "X", str: "NAME"}


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


def add_settings(
    parser: argparse._ActionsContainer,
    kind: type[Settings],
    *names: str,
    flags: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Add an option for settings, with the help, limits and default that stand at their fields.

    Parameters
    ----------
    parser : argparse.ArgumentParser or a group of one
    kind : type
    names : str
        Of fields; all that can be typed if none is named.
    flags : mapping of str to str
        Options that are not called as their field is.
    """
    known = settings_of(kind)
    for name in names or (name for name, each in known.items() if _is_typed(each)):
        each = known[name]
        flag = flags.get(name, f"--{name.replace('_', '-')}")
        parser.add_argument(flag, dest=name, default=argparse.SUPPRESS, help=_help(each), **_reading(each))


def given_settings(given: argparse.Namespace, settings: _Kind) -> _Kind:
    """The settings with what was given on the command line.

    Raises
    ------
    SettingsError
        If a value is beyond its limits; the message names it.
    """
    known = settings_of(type(settings))
    return replace(settings, **{name: _value(known[name], each) for name, each in vars(given).items() if name in known})


def _is_typed(setting: Setting) -> bool:
    kind = setting.kind
    return bool(setting.words) or kind in (bool, Range, tuple[str, ...], *_METAVARS)


def _help(setting: Setting) -> str:
    default = setting.default
    is_said = isinstance(default, (int, float, str)) and not isinstance(default, bool)
    usual = f"{default:g}" if isinstance(default, float) else default
    if setting.kind is Range or setting.kind == Range | None:
        return f"{setting.help} An end may be 'open'.".replace("%", "%%")
    return f"{setting.help} Default: {usual}.".replace("%", "%%") if is_said else setting.help.replace("%", "%%")


def _reading(setting: Setting) -> dict[str, Any]:
    """How argparse reads it."""
    kind = setting.kind
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction if setting.default else "store_true"}
    if setting.words:
        return {"choices": setting.words, "type": type(setting.words[0])}
    if kind is Range:
        return {"nargs": 2, "type": end_of_range, "metavar": ("LO", "HI")}
    if kind == tuple[str, ...]:
        return {"nargs": "+", "metavar": "NAME"}
    return {"type": kind, "metavar": "MM" if setting.name.endswith("_mm") else _METAVARS[kind]}


def end_of_range(text: str) -> float | None:
    """A number, or the word ``open``."""
    return None if text == "open" else float(text)


def _value(setting: Setting, given: object) -> object:
    if isinstance(given, list):
        return Range(*given) if setting.kind is Range else tuple(given)
    return given
