"""The one check of numbers that people give as settings."""

from __future__ import annotations

from ..errors import SettingsError


def check_number(name: str, value: object, lowest: float, highest: float, whole: bool) -> None:
    """Refuse what is no number, not whole where it should be, or out of range.

    Raises
    ------
    SettingsError
        Names the setting, what was expected and what came.
    """
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise SettingsError(f"{name}: expected a {'whole ' if whole else ''}number, got {value!r}.")
    if not lowest <= value <= highest:
        raise SettingsError(f"{name}: expected {lowest:g} to {highest:g}, got {value:g}.")
