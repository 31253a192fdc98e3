"""Settings as JSON and back: one reader and one writer, which follow the declared fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from ...errors import SettingsError
from ..field_check import fits, words_of
from ..json_document import Json, Node, parse_document, read_document, to_text
from ..value_range import Range
from .setting import settings_of

_Kind = TypeVar("_Kind", bound="Settings")


@dataclass(frozen=True)
class Settings:
    """What a person sets for one kind of work: values that are checked when they are made, and that never change.

    A class of settings is a frozen dataclass whose fields are declared by `setting.setting`.

    Raises
    ------
    SettingsError
        If a value is of another type or beyond its limits; the message begins with the name of the field.
    """

    FORMAT: ClassVar[str] = ""
    """``format`` of files that hold nothing else; empty if there are none."""
    VERSION: ClassVar[int] = 1
    TOGETHER: ClassVar[Mapping[str, Json]] = MappingProxyType({})
    """JSON schema of what `_check` refuses, as far as a schema can say it."""

    def __post_init__(self) -> None:
        for name, each in settings_of(type(self)).items():
            each.check(getattr(self, name))
        self._check()

    def _check(self) -> None:
        """Refuse values that do not go together."""

    @classmethod
    def of(cls: type[_Kind], node: Node) -> _Kind:
        """Settings of a parsed document; what it does not name has its default.

        Raises
        ------
        InputError
            Of the document's type, with the place within the document: no such setting, or no value for it.
        """
        known = {each.key: each for each in settings_of(cls).values()}
        values: dict[str, Any] = {}
        for key, part in node.entries().items():
            if cls.FORMAT and key in ("format", "version"):
                continue
            if key not in known:
                raise node.error(f"{part.path}: no such setting; there are {', '.join(known)}.")
            values[known[key].name] = _value_of(part, known[key].hint)
        cls._check_header(node)
        try:
            return cls(**values)
        except SettingsError as error:
            raise node.error(node.inside(error)) from error

    @classmethod
    def parse(cls: type[_Kind], text: str | bytes) -> _Kind:
        """Settings of a JSON text, see `of`."""
        return cls.of(parse_document(text, SettingsError))

    @classmethod
    def read(cls: type[_Kind], path: Path) -> _Kind:
        """Settings of a file, see `of`."""
        node = read_document(Path(path), SettingsError)
        try:
            return cls.of(node)
        except SettingsError as error:
            raise SettingsError(f"'{path}': {error}") from error

    def to_dict(self) -> dict[str, Json]:
        """Every setting by its key, as `of` reads it."""
        return {each.key: json_of(getattr(self, name)) for name, each in settings_of(type(self)).items()}

    def to_json(self) -> str:
        """JSON text that `parse` reads."""
        header: dict[str, Json] = {"format": self.FORMAT, "version": self.VERSION} if self.FORMAT else {}
        return to_text({**header, **self.to_dict()})

    @classmethod
    def _check_header(cls, node: Node) -> None:
        members = node.members()
        if cls.FORMAT and (members.get("format", cls.FORMAT), members.get("version", cls.VERSION)) != (
            cls.FORMAT,
            cls.VERSION,
        ):
            node.fail(f'"format": "{cls.FORMAT}" of version {cls.VERSION}')


def json_of(value: object) -> Json:
    """The JSON of a setting's value."""
    if isinstance(value, Settings):
        return value.to_dict()
    if isinstance(value, Range):
        return [value.lower, value.upper]
    if isinstance(value, Mapping):
        return {str(key): json_of(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [json_of(each) for each in value]
    assert value is None or isinstance(value, (bool, int, float, str))
    return value


def _value_of(node: Node, hint: Any) -> object:
    """The value that a declared type wants."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        (kind,) = (each for each in parts if each is not NoneType)
        return None if node.value is None else _value_of(node, kind)
    if origin is Literal:
        return _word_of(node, hint, parts)
    if origin is tuple:
        return _items_of(node, parts)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _value_of(each, parts[1]) for key, each in node.entries().items()}
    if isinstance(hint, type) and issubclass(hint, Settings):
        return hint.of(node)
    if isinstance(hint, type) and issubclass(hint, tuple):  # a named one, such as an extent
        make: Callable[..., object] = hint
        return make(*_items_of(node, tuple(get_type_hints(hint).values())))
    return _PLAIN[hint](node)


def _word_of(node: Node, hint: object, words: tuple[object, ...]) -> object:
    if not fits(node.value, hint):
        node.fail(words_of(hint))
    return next(each for each in words if each == node.value)


def _items_of(node: Node, parts: tuple[object, ...]) -> tuple[object, ...]:
    if len(parts) == 2 and parts[1] is ...:
        return tuple(_value_of(each, parts[0]) for each in node.items())
    items = node.items(len(parts), len(parts))
    return tuple(_value_of(each, part) for each, part in zip(items, parts, strict=True))


def _whole(node: Node) -> int:
    value = node.number("a whole number")
    if not value.is_integer():
        node.fail("a whole number")
    return int(value)


def range_of(node: Node) -> Range:
    """The range of a list ``[from, to]``, either of which may be null."""
    ends = node.items(2, 2, "numbers or nulls, from and to")
    lower, upper = (None if end.value is None else end.number("a number or null") for end in ends)
    return Range(lower, upper)


_PLAIN: dict[object, Callable[[Node], object]] = {
    bool: Node.flag,
    int: _whole,
    float: Node.number,
    str: Node.text,
    Range: range_of,
}
