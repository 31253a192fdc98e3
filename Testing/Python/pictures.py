"""Pictures of the documentation: made by tests, and held by them to the controls that are there.

Beside each picture lies a text with the names of the controls that it shows, without what is scrolled out of it. A test
that comes by what a picture shows compares the names; ``make pictures`` takes pictures and names anew.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[2] / "Docs" / "images"
UPDATE_VARIABLE, _NAMES = "RWTHSAM_UPDATE_PICTURES", "names"
"""Set to ``names``, it leaves the pictures as they are, for a control that has another name and looks the same."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def names_text(names: Iterable[str]) -> str:
    """The names of controls, each once, in their order; numbers in them are what is worked on, and no names."""
    return "\n".join(sorted({_NUMBER.sub("0", " ".join(each.split())) for each in names})) + "\n"


def are_taken() -> bool:
    """Whether pictures are taken anew, and not compared."""
    return os.environ.get(UPDATE_VARIABLE, "") not in ("", _NAMES)


def are_shown(names: Iterable[str], name: str) -> bool:
    """Whether the documentation's picture of that name shows these controls, or is to be taken anew."""
    return bool(os.environ.get(UPDATE_VARIABLE)) or names_text(names).splitlines() == _shown(name)


def hold(picture: Path | None, names: Iterable[str], name: str) -> None:
    """Compare a picture that was just taken with the documentation's of that name, or take its place.

    Parameters
    ----------
    picture : Path, optional
        None where another test takes it, which takes longer.
    names : iterable of str
        Of the controls that it shows.
    name : str
        Without an ending.

    Raises
    ------
    AssertionError
        If the documentation's shows other controls.
    """
    text = names_text(names)
    if os.environ.get(UPDATE_VARIABLE):
        if picture is not None and are_taken():
            shutil.copyfile(picture, IMAGES / f"{name}.png")
        _kept(name).write_text(text, encoding="utf-8")
        return
    shown, now = _shown(name), text.splitlines()
    assert shown == now, (
        f"Docs/images/{name}.png shows other controls than there are: {sorted({*now} - {*shown})} are new, "
        f"{sorted({*shown} - {*now})} are gone. Run 'make pictures', look at it, and commit it with its text."
    )


def _kept(name: str) -> Path:
    return IMAGES / f"{name}.txt"


def _shown(name: str) -> list[str]:
    return _kept(name).read_text(encoding="utf-8").splitlines() if _kept(name).is_file() else []
