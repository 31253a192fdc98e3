"""Which part of a cell a class is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from ...errors import StateError

Role = Literal["core", "roll", "can", "anode", "cathode"]
ROLES: tuple[Role, ...] = get_args(Role)
_KNOWN: dict[Role, tuple[str, ...]] = {
    "core": ("core", "mandrel", "centre pin", "center pin"),
    "roll": ("jelly roll", "roll", "winding", "windings", "electrode assembly"),
    "can": ("can", "case", "casing", "housing"),
    "anode": ("anode", "negative electrode"),
    "cathode": ("cathode", "positive electrode"),
}


def roles_of(names: Sequence[str], given: Mapping[Role, Sequence[str]]) -> dict[Role, tuple[str, ...]]:
    """The classes that make each part; parts that no class stands for are left out.

    Parameters
    ----------
    names : sequence of str
        Of all classes.
    given : mapping of str to sequence of str
        Classes that somebody named for a part, several of which make one together; else they are known by their names.

    Raises
    ------
    StateError
        If a class that is named is not there.
    """
    found: dict[Role, tuple[str, ...]] = {}
    for role in ROLES:
        wanted = given.get(role) or [each for each in names if _plain(each) in _KNOWN[role]][:1]
        for each in wanted:
            if each not in names:
                raise StateError(f"--{role}: there is no class '{each}'; there are {', '.join(names) or 'none'}.")
        if wanted:
            found[role] = tuple(wanted)
    return found


def is_cell(names: Sequence[str]) -> bool:
    """Whether two parts or more of a cell are known by the names of classes."""
    return len(roles_of(names, {})) > 1


def missing_text(role: Role) -> str:
    """What is said of a part that no class stands for."""
    known = " or ".join(f"'{each.capitalize()}'" for each in _KNOWN[role][:2])
    how = f"called {known}, or named by --{role} of rwthsam quality"
    return f"No class is known as the {role} ({how}): nothing is measured of it."


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").split()).casefold()
