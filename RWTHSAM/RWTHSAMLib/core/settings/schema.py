"""JSON schemas of settings, made of their declared fields."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..json_document import Json
from ..value_range import Range
from .codec import Settings, json_of
from .setting import Setting, settings_of

Schema = dict[str, Json]

RANGE_SCHEMA: Schema = {
    "type": "array",
    "minItems": 2,
    "maxItems": 2,
    "items": {"type": ["number", "null"]},
    "description": "From and to; null leaves an end open. The first is not above the second.",
}
_PLAIN: dict[object, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    Range: RANGE_SCHEMA,
}


def settings_schema(kind: type[Settings]) -> Schema:
    """What `Settings.of` of a class takes."""
    properties: Schema = {}
    if kind.FORMAT:
        properties = {"format": {"const": kind.FORMAT}, "version": {"const": kind.VERSION}}
    properties |= {each.key: _setting_schema(each) for each in settings_of(kind).values()}
    return {"type": "object", "additionalProperties": False, "properties": properties, **kind.TOGETHER}


def _setting_schema(setting: Setting) -> Schema:
    about = setting.about
    limits = {"minimum": about.lowest, "maximum": about.highest, "exclusiveMaximum": about.below}
    schema = _schema_of(setting.hint, {name: value for name, value in limits.items() if value is not None})
    help_text = setting.help
    return {**schema, "description": help_text, "default": json_of(setting.default)}


def _schema_of(hint: Any, limits: Mapping[str, float]) -> Schema:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        (kind,) = (each for each in parts if each is not NoneType)
        return {"anyOf": [_schema_of(kind, limits), {"type": "null"}]}
    if origin is Literal:
        return {"enum": list(parts)}
    if origin is tuple:
        return _array(parts, limits)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema_of(parts[1], {})}
    if isinstance(hint, type) and issubclass(hint, Settings):
        return settings_schema(hint)
    if isinstance(hint, type) and issubclass(hint, tuple):
        return _array(tuple(get_type_hints(hint).values()), {})
    return {**_PLAIN[hint], **limits}


def _array(parts: tuple[object, ...], limits: Mapping[str, float]) -> Schema:
    if len(parts) == 2 and parts[1] is ...:
        return {"type": "array", "items": _schema_of(parts[0], limits)}
    items: list[Json] = [_schema_of(each, limits) for each in parts]
    return {"type": "array", "prefixItems": items, "minItems": len(parts), "maxItems": len(parts)}
