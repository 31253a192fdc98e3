"""Which of the classes that there are shall be measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...errors import StateError


def names_to_measure(known: Iterable[str], classes: Sequence[str] | None, region: str | None) -> list[str]:
    """Those that were named, or all.

    Parameters
    ----------
    known : iterable of str
        Names of all that there are.
    classes : sequence of str, optional
    region : str, optional
        That phase fractions are shares of.

    Raises
    ------
    StateError
        If one of them is not there; the message names those there are.
    """
    there = list(known)
    wanted = there if classes is None else list(classes)
    missing = [name for name in (*wanted, *([region] if region else [])) if name not in there]
    if missing:
        raise StateError(f"There is no segment '{missing[0]}'; there are {', '.join(there) or 'none'}.")
    return wanted
