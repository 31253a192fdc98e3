"""Names with placeholders: ``results/{name}`` is another folder for each scan."""

from __future__ import annotations

import string
from collections.abc import Mapping

from ..errors import JobError

PLACEHOLDERS = {
    "name": "the scan's name without its ending",
    "folder": "the name of the folder that the scan is in",
    "results": "the folder of the scan's results",
}


def check_placeholders(pattern: str, place: str, known: tuple[str, ...] = ("name", "folder")) -> None:
    """Raise `JobError` where a pattern names something that is not known of a scan."""
    for name in _names_in(pattern, place):
        if name not in known:
            listed = ", ".join(f"{{{each}}} ({PLACEHOLDERS[each]})" for each in known)
            raise JobError(f"{place}: there is no placeholder {{{name}}} in '{pattern}'; there are {listed}.")


def filled(pattern: str, values: Mapping[str, str], place: str) -> str:
    """The pattern with what is known of one scan.

    Raises
    ------
    JobError
        If it names something else.
    """
    check_placeholders(pattern, place, tuple(values))
    return pattern.format_map(values)


def _names_in(pattern: str, place: str) -> list[str]:
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise JobError(
            f"{place}: '{pattern}' has a brace without its other one: write {{{{ or }}}} for a brace itself."
        ) from error
    for _, name, layout, conversion in parts:
        if name is not None and (layout or conversion):
            raise JobError(f"{place}: '{pattern}' says more of {{{name}}} than its name: leave that out.")
    return [name for _, name, _, _ in parts if name is not None]
