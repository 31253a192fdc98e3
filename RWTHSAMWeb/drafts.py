"""What is being typed into fields that are checked with every character: taken while it is valid, else a draft."""

from __future__ import annotations

from typing import NamedTuple

from RWTHSAMLib.core.json_document import Json
from RWTHSAMLib.errors import RwthSamError


class Refused(NamedTuple):
    """What was typed into a field that was left, why it cannot be, and what the field held before."""

    typed: str
    why: str
    before: str


def why_of(error: RwthSamError) -> str:
    """What is wrong with a setting, as a sentence for beside its field: without the setting's name in files."""
    text = str(error)
    _, colon, reason = text.partition(": ")
    sentence = reason if colon else text
    return sentence[:1].upper() + sentence[1:]


class Drafts:
    """Texts that are not valid yet, why, and what their fields held before somebody began to type."""

    def __init__(self) -> None:
        self._wrong: dict[str, tuple[str, str]] = {}
        self._before: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._wrong)

    def begin(self, name: str, text: str) -> None:
        """Somebody types into a field that holds a text; the first one since it was left counts."""
        self._before.setdefault(name, text)

    def refuse(self, name: str, text: str, why: str) -> None:
        """Keep what was typed, and why it cannot be."""
        self._wrong[name] = text, why

    def accept(self, *names: str) -> None:
        """What is in these fields is valid."""
        for name in names:
            self._wrong.pop(name, None)

    def leave(self, name: str) -> Refused | None:
        """What is refused of what was typed into a field since it was reached; it goes back to what it held before.

        Of '5.5' for a whole number the '5' was valid for a moment, and nobody meant it.
        """
        before, wrong = self._before.pop(name, None), self._wrong.pop(name, None)
        return None if before is None or wrong is None else Refused(*wrong, before)

    def clear(self) -> None:
        """Forget all of them."""
        self._wrong.clear()
        self._before.clear()

    def shown(self, name: str, text: str) -> dict[str, Json]:
        """What a field that holds a text shows."""
        text, error = self._wrong.get(name, (text, ""))
        return {"value": text, "error": error}
