"""C++ signatures as Qt normalises them: ``"setValue(double)"``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Signature:
    """Name and argument types of one overload."""

    name: str
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}({','.join(self.arguments)})"


@cache
def parse(text: str) -> Signature:
    """Read ``name(type,type)``; commas inside ``<>`` belong to the type."""
    name, _, rest = text.partition("(")
    return Signature(name.strip(), tuple(_split(rest.rpartition(")")[0])))


def _split(arguments: str) -> list[str]:
    parts: list[str] = []
    depth, start = 0, 0
    for position, character in enumerate(arguments):
        depth += (character in "<[(") - (character in ">])")
        if character == "," and depth == 0:
            parts.append(arguments[start:position])
            start = position + 1
    tail = arguments[start:]
    if tail.strip():
        parts.append(tail)
    return [normalised_type(part) for part in parts]


@cache
def normalised_type(text: str) -> str:
    """A type without ``const``, reference and needless blanks, as ``QMetaObject::normalizedType`` gives it."""
    text = " ".join(text.split())
    # "const char*" stays: it is another type than "char*"
    if text.startswith("const ") and not text.endswith("*"):
        text = text[len("const ") :].rstrip("&").strip()
    text = re.sub(r"\s*([*&<>,:])\s*", r"\1", text)
    return text.strip()


def normalised(text: str) -> str:
    """A whole signature in Qt's normal form."""
    return str(parse(text))
