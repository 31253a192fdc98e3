"""What a person has chosen about the page itself, remembered from one start to the next.

The browser cannot remember it: each start has another port, and with it another origin.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from RWTHSAMLib.core.json_document import Json, read_document, to_text
from RWTHSAMLib.core.system.atomic_file import write_text
from RWTHSAMLib.errors import InputError

THEMES = ("system", "light", "dark")
_THEME, _STAY = "theme", "notices_stay"


class PageChoices:
    """A small file; one that cannot be read or written costs nobody anything but the choice.

    Parameters
    ----------
    file : Path
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def notices_stay(self) -> bool:
        """Whether messages stay until they are closed."""
        return self._read().get(_STAY) is True

    @property
    def theme(self) -> str:
        """One of `THEMES`, as chosen last; else the system's."""
        chosen = self._read().get(_THEME)
        return next((each for each in THEMES if each == chosen), THEMES[0])

    def keep(self, *, theme: str | None = None, notices_stay: bool | None = None) -> None:
        """Remember what is given."""
        given: dict[str, Json] = {_THEME: theme, _STAY: notices_stay}
        kept = {**self._read(), **{name: value for name, value in given.items() if value is not None}}
        with suppress(InputError, OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_text(self._file, to_text(kept))

    def _read(self) -> dict[str, Json]:
        with suppress(InputError, OSError):
            return read_document(self._file, InputError).members()
        return {}
