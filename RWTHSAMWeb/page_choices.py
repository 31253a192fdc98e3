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
_THEME = "theme"


class PageChoices:
    """A small file; one that cannot be read or written costs nobody anything but the choice.

    Parameters
    ----------
    file : Path
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def theme(self) -> str:
        """One of `THEMES`, as chosen last; else the system's."""
        with suppress(InputError, OSError):
            chosen = read_document(self._file, InputError).item(_THEME).text()
            return chosen if chosen in THEMES else THEMES[0]
        return THEMES[0]

    def keep_theme(self, theme: str) -> None:
        """Remember it."""
        kept: dict[str, Json] = {_THEME: theme}
        with suppress(InputError, OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_text(self._file, to_text(kept))
