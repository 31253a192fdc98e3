"""What each class of Slicer, CTK and Qt shows to Python in one release line."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parent / "data" / "facts.json.gz"


# values that the C++ sources write as an expression
_EXPRESSIONS = {"EXIT_SUCCESS": 0, "EXIT_FAILURE": 1, "Qt::UserRole + 1": 257}


def _numbers(values: dict[str, int | str | None]) -> dict[str, int]:
    """Enum values as numbers; those that the facts do not know are left out."""
    found = {name: _EXPRESSIONS.get(value) if isinstance(value, str) else value for name, value in values.items()}
    return {name: number for name, number in found.items() if number is not None}


@dataclass(frozen=True)
class Property:
    """A Q_PROPERTY of a Slicer or CTK class."""

    name: str
    type: str
    read: str | None
    write: str | None
    notify: str | None


@dataclass(frozen=True)
class SlicerClass:
    """A Qt class of Slicer or CTK as PythonQt sees it."""

    name: str
    namespace: str | None
    constructible: bool
    bases: tuple[str, ...]
    properties: dict[str, Property]
    signals: tuple[str, ...]
    slots: tuple[str, ...]
    statics: tuple[str, ...]
    enums: dict[str, dict[str, int]]
    flags: dict[str, str] = field(default_factory=dict)
    unreachable: frozenset[str] = frozenset()
    via: str | None = None
    kit: str = ""


@cache
def raw() -> dict[str, Any]:
    """The facts file as it is."""
    found: dict[str, Any] = json.loads(gzip.decompress(_FILE.read_bytes()))
    return found


class Facts:
    """The facts of one release line."""

    def __init__(self, line: str) -> None:
        # the facts call the development line by its branch
        self.line = "main" if line == "5.13" else line
        self._slicer: dict[str, SlicerClass] = {}
        for name, entry in raw()["slicer_classes"].items():
            if self.line in entry.get("lines", (self.line,)):
                self._slicer[name] = self._read(name, entry)

    @property
    def slicer_classes(self) -> dict[str, SlicerClass]:
        """Every class of Slicer and CTK in this line."""
        return self._slicer

    @property
    def qt_classes(self) -> dict[str, Any]:
        """Qt's own classes: constructors, static, methods, enums."""
        found: dict[str, Any] = raw()["qt_classes"]
        return found

    @property
    def designer_widgets(self) -> dict[str, bool]:
        """Widgets that Qt's designer knows, and whether they are containers."""
        found: dict[str, bool] = raw()["designer_widgets"]
        return found

    def _read(self, name: str, entry: dict[str, Any]) -> SlicerClass:
        missing = {key for key, lines in entry.get("missing_in", {}).items() if self.line in lines}
        extra = [key for key, lines in entry.get("only_in", {}).items() if self.line in lines]
        properties = {
            prop: Property(prop, *rest)
            for prop, rest in entry.get("props", {}).items()
            if f"properties: {prop}" not in missing
        }
        signals = self._kept(entry.get("signals", ()), ("signals",), missing, extra)
        slots = self._kept(entry.get("slots", ()), ("slots", "invokables"), missing, extra)
        decorators = entry.get("decorators", ())
        return SlicerClass(
            name=name,
            namespace=entry.get("ns"),
            constructible=bool(entry.get("ctor")) or any(kind == "constructor" for kind, _ in decorators),
            bases=tuple(entry.get("mro", ())),
            properties=properties,
            signals=signals,
            slots=slots + tuple(sig for kind, sig in decorators if kind == "method"),
            statics=tuple(sig for kind, sig in decorators if kind == "static"),
            enums={enum: _numbers(values) for enum, values in entry.get("enums", {}).items()},
            flags={flag: enum for enum, flag in entry.get("flags", ())},
            unreachable=frozenset(entry.get("unreachable", ())),
            via=entry.get("via"),
            kit=entry.get("kit", ""),
        )

    @staticmethod
    def _kept(
        signatures: list[str] | tuple[str, ...], kinds: tuple[str, ...], missing: set[str], extra: list[str]
    ) -> tuple[str, ...]:
        kept = [sig for sig in signatures if not any(f"{kind}: {sig}" in missing for kind in kinds)]
        for key in extra:
            kind, _, sig = key.partition(": ")
            if kind in kinds and "(" in sig:
                kept.append(sig)
        return tuple(kept)
