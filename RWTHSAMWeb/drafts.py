"""What is being typed into fields that are checked with every character: taken while it is valid, else a draft."""

from __future__ import annotations

from RWTHSAMLib.core.json_document import Json


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

    def leave(self, name: str) -> str | None:
        """What the field held before, if what was typed into it since is refused: it goes back to that.

        Of '5.5' for a whole number the '5' was valid for a moment, and nobody meant it.
        """
        before = self._before.pop(name, None)
        return before if self._wrong.pop(name, None) is not None else None

    def clear(self) -> None:
        """Forget all of them."""
        self._wrong.clear()
        self._before.clear()

    def shown(self, name: str, text: str) -> dict[str, Json]:
        """What a field that holds a text shows."""
        text, error = self._wrong.get(name, (text, ""))
        return {"value": text, "error": error}
