"""A step of a job as it would be typed on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import numpy as np

from ...core.json_document import Json
from ...errors import JobError

SEGMENTATION, SCAN = "segmentation", "volume"


class StepParser(argparse.ArgumentParser):
    """A command's parser that raises `JobError` instead of ending the program."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong."""
        raise JobError(message)


def named_options(parser: StepParser) -> dict[str, argparse.Action]:
    """By the names that options have in a job: without dashes before them."""
    found = {}
    for action in parser._actions:
        if not action.option_strings and action.dest != SCAN:
            found[action.dest] = action
        for word in action.option_strings:
            is_opposite = isinstance(action, argparse.BooleanOptionalAction) and word.startswith("--no-")
            if word.startswith("--") and not is_opposite:
                found[word[2:]] = action
    return found


def words_of(parser: StepParser, options: Mapping[str, Json], scan: str, segmentation: Path | None) -> list[str]:
    """The step as it would be typed.

    Parameters
    ----------
    parser : StepParser
    options : mapping of str to Json
        By the names of `named_options`.
    scan : str
        What is worked on.
    segmentation : Path, optional
        What steps before this one have made, for a step that takes one and names none.

    Raises
    ------
    JobError
        If a file is missing that the command needs, or an option has another kind of value.
    """
    words: list[str] = []
    rest = dict(options)
    for action in (each for each in parser._actions if not each.option_strings):
        if action.dest == SCAN:
            words.append(scan)
        elif action.dest == SEGMENTATION and rest.get(SEGMENTATION) is None:
            rest.pop(SEGMENTATION, None)
            if segmentation is None:
                raise JobError("no step before it makes a segmentation: name one by 'segmentation'.")
            words.append(str(segmentation))
        else:
            value = rest.pop(action.dest, None)
            if not isinstance(value, str):
                raise JobError(f"{action.dest}: expected the name of a file, got {value!r}.")
            words.append(value)
    known = named_options(parser)
    for name, value in rest.items():
        words += _typed(f"--{name}", known[name], value)
    return words


def _typed(flag: str, action: argparse.Action, value: Json) -> list[str]:
    """An option as it would be typed."""
    if value is None:
        return []
    if action.nargs == 0 or isinstance(action, argparse.BooleanOptionalAction):
        if not isinstance(value, bool):
            raise JobError(f"{flag[2:]}: expected true or false, got {value!r}.")
        if value:
            return [flag]
        return [f"--no-{flag[2:]}"] if isinstance(action, argparse.BooleanOptionalAction) else []
    repeats = isinstance(action, argparse._AppendAction)
    is_one = isinstance(value, list) and action.nargs is not None and not any(isinstance(each, list) for each in value)
    if repeats and not is_one:
        every = value if isinstance(value, list) else [value]
        return [word for each in every for word in _one(flag, action, each)]
    return _one(flag, action, value)


def _one(flag: str, action: argparse.Action, value: Json) -> list[str]:
    if action.nargs is None:
        if isinstance(value, (list, dict, bool)):
            raise JobError(f"{flag[2:]}: expected one value, got {value!r}.")
        if action.type is Path and not isinstance(value, str):
            raise JobError(f"{flag[2:]}: expected the name of a file, got {value!r}.")
        return [f"{flag}={_word(value)}"]
    values = value if isinstance(value, list) else [value]
    if any(isinstance(each, (list, dict, bool)) for each in values):
        raise JobError(f"{flag[2:]}: expected a list of single values, got {value!r}.")
    return [flag, *map(_word, values)]


def _word(value: Json) -> str:
    """A value as it would be typed: argparse takes a negative number with an exponent for an option.

    YAML has only numbers with a point: ``-1e-5`` comes as a text.
    """
    text = str(value)
    if not text.startswith("-"):
        return text
    try:
        return np.format_float_positional(float(text), trim="-")
    except ValueError:
        return text
