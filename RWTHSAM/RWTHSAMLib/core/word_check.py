"""The one reader of choices between words: files, page, forms and command line have theirs checked here."""

from __future__ import annotations

from collections.abc import Iterable
from reprlib import repr as short
from typing import TypeVar

from ..errors import RwthSamError, SettingsError

Word = TypeVar("Word", bound=str)


def one_of(name: str, value: object, words: Iterable[Word], error: type[RwthSamError] = SettingsError) -> Word:
    """One of the words that a choice has, typed as such.

    Parameters
    ----------
    name : str
        Of the setting, or its place within a document; begins the message.
    value : object
        What was given.
    words : iterable of str
        The allowed ones, such as `automatic_settings.MODES`.
    error : type
        What is raised.

    Raises
    ------
    RwthSamError
        Of type `error`, if it is none of them; the message names them all.
    """
    allowed = tuple(words)
    for word in allowed:
        if word == value:
            return word
    raise error(f"{name}: expected one of {', '.join(each or repr(each) for each in allowed)}, got {short(value)}.")
