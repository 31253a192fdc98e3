"""JSON schema of the steps of a job, made of the commands' own parsers."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...core.settings.schema import Schema
from .step_words import SCAN, SEGMENTATION, StepParser, named_options
from .steps import step_parsers

_TYPES = {int: "integer", float: "number"}


def steps_schema() -> Schema:
    """What stands under ``steps``: each a command, or a command with its options."""
    parsers = step_parsers()
    with_options: list[Schema] = [
        {
            "type": "object",
            "additionalProperties": False,
            "required": [name],
            "properties": {name: {"anyOf": [_options_schema(parser), {"type": "null"}]}},
        }
        for name, parser in parsers.items()
    ]
    return {"type": "array", "minItems": 1, "items": {"anyOf": [{"enum": list(parsers)}, *with_options]}}


def _options_schema(parser: StepParser) -> Schema:
    options = named_options(parser)
    needed = [name for name, each in options.items() if not each.option_strings and name not in (SCAN, SEGMENTATION)]
    properties: Schema = {}
    for name, action in options.items():
        # both spellings are read
        for spelling in dict.fromkeys((name, name.replace("-", "_"))):
            properties[spelling] = _option_schema(action)
    return {"type": "object", "additionalProperties": False, "required": [*needed], "properties": properties}


def _option_schema(action: argparse.Action) -> Schema:
    if action.nargs == 0 or isinstance(action, argparse.BooleanOptionalAction):
        return {"type": ["boolean", "null"]}
    one = _value_schema(action)
    if isinstance(action.nargs, int):
        one = {"type": "array", "minItems": action.nargs, "maxItems": action.nargs, "items": one}
    several: Schema = {"type": "array", "items": one}
    kinds = [one, several] if action.nargs == "+" or isinstance(action, argparse._AppendAction) else [one]
    return {"anyOf": [*kinds, {"type": "null"}]}


def _value_schema(action: argparse.Action) -> Schema:
    if action.choices is not None:
        return {"enum": list(action.choices)}
    if action.type is Path:
        return {"type": "string"}
    return {"type": _TYPES.get(action.type, "string")} if action.type in _TYPES else {"type": ["string", "number"]}
