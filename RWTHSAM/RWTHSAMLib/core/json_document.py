"""JSON from strangers: read with limits, and taken apart with messages that name the place within the document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Union

from ..errors import InputError
from .word_check import Word, one_of

Json = Union[None, bool, int, float, str, list["Json"], dict[str, "Json"]]  # noqa: UP007 (recursive)

# limits against damaged and hostile files, far above what this program writes
MAX_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 1 << 18
MAX_DEPTH = 32
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class Node:
    """A value within a document, and where it stands.

    Attributes
    ----------
    value : Json
        What was parsed.
    path : str
        In words: ``"'color' of the 3rd class ('Core')"``; empty for the whole document.
    error : type
        What is raised where the value does not fit.
    """

    value: Json
    path: str = ""
    error: type[InputError] = InputError

    def fail(self, expected: str) -> NoReturn:
        """Raise the document's error: what was expected here, and what came."""
        raise self.error(f"{self.path or 'The document'}: expected {expected}, got {describe(self.value)}.")

    def item(self, key: str) -> Node:
        """Value under a key.

        Raises
        ------
        InputError
            If there is none, or this is no object.
        """
        found = self.optional(key)
        if found is None:
            raise self.error(f"{self._below(key)}: missing.")
        return found

    def optional(self, key: str) -> Node | None:
        """Value under a key; None where it is absent or null."""
        value = self.members().get(key)
        return None if value is None else Node(value, self._below(key), self.error)

    def members(self) -> dict[str, Json]:
        """All keys and values of an object."""
        if not isinstance(self.value, dict):
            self.fail("an object {...}")
        return self.value

    def entries(self) -> dict[str, Node]:
        """All keys of an object, each with its value, which may be null, and its place."""
        return {key: Node(value, self._below(key), self.error) for key, value in self.members().items()}

    def only(self, *keys: str) -> None:
        """Raise unless every key is one of these."""
        for key in self.members():
            if key not in keys:
                raise self.error(
                    f"{self._below(key)}: unknown key, expected {', '.join(keys)}. "
                    "Check the spelling; a newer version of RWTHSAM may have written it."
                )

    def items(self, at_least: int = 0, at_most: int | None = None, of: str = "items") -> list[Node]:
        """Members of a list."""
        if not isinstance(self.value, list):
            self.fail(f"a list of {of}")
        count = len(self.value)
        if count < at_least or (at_most is not None and count > at_most):
            self.fail(f"{_range_text(at_least, at_most)} {of}")
        return [Node(value, item_path(self.path, index, value), self.error) for index, value in enumerate(self.value)]

    def text(self, expected: str = "text") -> str:
        """A string."""
        if not isinstance(self.value, str):
            self.fail(expected)
        return self.value

    def one_of(self, words: Iterable[Word]) -> Word:
        """One of the words of a choice."""
        return one_of(self.path or "The document", self.value, words, self.error)

    def flag(self) -> bool:
        """A truth value; numbers do not count."""
        if not isinstance(self.value, bool):
            self.fail("true or false")
        return self.value

    def number(self, expected: str = "a number") -> float:
        """A finite number; truth values do not count."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            self.fail(expected)
        return float(self.value)

    def whole(self, expected: str = "a whole number, 0 or larger") -> int:
        """A whole number that is not negative; 3.0 counts, as in JSON it is the same number as 3."""
        value = self.number(expected)
        if value < 0 or not value.is_integer():
            self.fail(expected)
        return int(value)

    def inside(self, problem: object) -> str:
        """What is wrong with a part of this value, said as ``"key: what"``, with this value's place."""
        part, separator, what = str(problem).partition(": ")
        return f"{self._below(part)}: {what}" if separator else f"{self.path or 'The document'}: {problem}"

    def _below(self, key: str) -> str:
        return path_below(self.path, key)


def path_below(path: str, key: str) -> str:
    """Where the value under a key stands, in words; `path` is where the object stands that has it."""
    if not path:
        return key
    return f"{_quoted(key)} of {_quoted(path)}"


def item_path(path: str, index: int, value: Json = None) -> str:
    """Where an item of a list stands, in words, with its name if it has one; `path` is where the list stands."""
    key, _, whole = path.partition(" of ")
    key, name = key.strip("'"), value.get("name") if isinstance(value, dict) else None
    number, kind = _ordinal(index + 1), _KINDS.get(key)
    item = f"the {number} {kind}" if kind else f"the {number} item" + (f" of {_quoted(key)}" if key else "")
    called = f" ('{name[:_SHOWN_CHARACTERS]}')" if isinstance(name, str) and name else ""
    return item + called + (f" of {whole}" if whole else "")


_KINDS = {
    "classes": "class",
    "objects": "object",
    "points": "point",
    "prompts": "prompt",
    "rules": "rule",
    "scans": "scan",
    "slices": "slice",
    "steps": "step",
}
"""What the items of a list are called in messages."""


def _quoted(path: str) -> str:
    return path if " " in path or path.startswith("'") else f"'{path}'"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def read_document(path: Path, error: type[InputError], max_bytes: int = MAX_BYTES) -> Node:
    """Read and parse a JSON file.

    Raises
    ------
    InputError
        Of type `error`, with the file's name in front: no such file, too large, not UTF-8, or as `parse_document`.
    """
    path = Path(path)
    try:
        if not path.is_file():
            raise error(f"there is no such file{' (it is a folder)' if path.is_dir() else ''}.")
        return parse_document(_limited_bytes(path, error, max_bytes), error, max_bytes)
    except OSError as failure:
        raise error(f"'{path}': could not be read: {failure.strerror or failure}.") from failure
    except InputError as failure:
        raise error(f"'{path}': {failure}") from failure


def parse_document(text: str | bytes, error: type[InputError], max_bytes: int = MAX_BYTES) -> Node:
    """Parse JSON strictly.

    Parameters
    ----------
    text : str or bytes
        Bytes are UTF-8, with or without a byte order mark.
    error : type
        What is raised.
    max_bytes : int
        Longer texts are refused unread.

    Raises
    ------
    InputError
        Of type `error`: too large, not UTF-8, not JSON, NaN or infinite numbers, a key given twice, nested too deeply.
    """
    if len(text) > max_bytes:
        raise error(f"larger than {max_bytes // 1024**2} MiB, so this is not such a file.")
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        value: Json = json.loads(
            decoded, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole, object_pairs_hook=_no_twins
        )
    except UnicodeDecodeError as failure:
        raise error("not UTF-8 text: save it as UTF-8, or choose another file.") from failure
    except json.JSONDecodeError as failure:
        raise error(f"not JSON: {failure.msg} in line {failure.lineno}, column {failure.colno}.") from failure
    except RecursionError as failure:
        raise error("nested too deeply, so this is not such a file.") from failure
    except _Refused as failure:
        raise error(str(failure)) from failure
    _check_tree(value, error)
    return Node(value, "", error)


def to_text(value: Json) -> str:
    """Indented JSON; lists of plain numbers stay on one line, so that a person can read and edit them."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    # a raw line break cannot stand within a JSON string, so this matches lists only
    numbers = re.compile(r"\[\n\s+([-+.\deE]+(?:,\n\s+[-+.\deE]+)*)\n\s+\]")
    return numbers.sub(lambda match: "[" + re.sub(r"\s+", " ", match[1]) + "]", text) + "\n"


def describe(value: Json) -> str:
    """A value in a few words, for messages."""
    if isinstance(value, dict):
        return f"an object with {_keys_text(value)}"
    if isinstance(value, list) and (len(value) > 6 or any(isinstance(part, (list, dict, str)) for part in value)):
        return f"a list of {len(value)}"
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= _SHOWN_CHARACTERS else shown[:_SHOWN_CHARACTERS] + "..."


def seems_to_be(value: Json) -> str:
    """What kind of JSON file this probably is, for people who chose the wrong one."""
    keys = set(value) if isinstance(value, dict) else set()
    if isinstance(value, dict) and isinstance(value.get("format"), str):
        named = {
            "rwthsam-profile": "a segmentation profile",
            "rwthsam-prompts": "a prompt file",
            "rwthsam-project": "a project",
        }
        return named.get(str(value["format"]), f"a file of format {describe(value['format'])}")
    for telling, kind in _TELLING_KEYS:
        if telling <= keys:
            return kind
    return describe(value)


_TELLING_KEYS: tuple[tuple[set[str], str], ...] = (
    ({"markups"}, "a Slicer markups file"),
    ({"SegmentationCategoryTypeContextName"}, "a Slicer terminology"),
    ({"AnatomicContextName"}, "a Slicer anatomic context"),
    ({"annotations", "categories"}, "a COCO annotation file"),
    ({"type", "features"}, "a GeoJSON file"),
    ({"nbformat", "cells"}, "a Jupyter notebook"),
    ({"$schema", "properties"}, "a JSON schema"),
    ({"classes"}, "a profile of RWTH-SAM"),
)


class _Refused(Exception):
    """JSON that Python would take but this project does not."""


def _refuse_constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is not a number: expected finite numbers only.")


def _finite(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise _Refused(f"{digits[:_SHOWN_CHARACTERS]} is too large: expected finite numbers only.")
    return value


def _whole(digits: str) -> int:
    # Python's own limit on digits raises a plain ValueError, and float() of a huge integer an OverflowError
    if len(digits) > 18:
        raise _Refused(f"{digits[:_SHOWN_CHARACTERS]}... is too large a number.")
    return int(digits)


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for key, value in pairs:
        if key in members:
            raise _Refused(f"the key {describe(key)} is given twice in one object: keep one of them.")
        members[key] = value
    return members


def _check_tree(document: Json, error: type[InputError]) -> None:
    level = [document]
    for _ in range(MAX_DEPTH):
        if any(isinstance(value, str) and not value.isascii() and _has_half_character(value) for value in level):
            raise error("half of a character (a lone surrogate such as \\ud800) in a text: save it as UTF-8.")
        level = [part for value in level for part in _parts(value)]
    if level:
        raise error(f"nested more than {MAX_DEPTH} levels deep, so this is not such a file.")


def _parts(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _has_half_character(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _limited_bytes(path: Path, error: type[InputError], max_bytes: int) -> bytes:
    size = path.stat().st_size
    if size > max_bytes:
        raise error(f"{size / 1024**2:.1f} MiB, larger than {max_bytes // 1024**2} MiB, so this is not such a file.")
    read = bytearray()
    with path.open("rb") as file:
        # some at a time: Python sets as much memory aside as might be read
        while len(read) <= max_bytes and (some := file.read(_CHUNK_BYTES)):
            read += some
    return bytes(read)


def _keys_text(value: dict[str, Json]) -> str:
    keys = ", ".join(describe(key) for key in list(value)[:5])
    more = ", ..." if len(value) > 5 else ""
    return f"the keys {keys}{more}" if value else "no keys"


def _range_text(at_least: int, at_most: int | None) -> str:
    if at_most is None:
        return f"at least {at_least}"
    return str(at_least) if at_least == at_most else f"{at_least} to {at_most}"
