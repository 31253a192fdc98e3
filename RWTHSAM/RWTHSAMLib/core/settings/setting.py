"""What is said of a setting, once: at its field stand its default, what it does, and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from reprlib import repr as short
from types import MappingProxyType, NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from ...errors import SettingsError
from ..field_check import fits, words_of
from ..value_range import Range

_T = TypeVar("_T")
_ABOUT = "setting"


@dataclass(frozen=True)
class Option:
    """One of the values that forms offer for a setting.

    Attributes
    ----------
    value : object
    text : str
        A word or two for people.
    help : str
        What it means, in half a sentence.
    """

    value: Any
    text: str
    help: str = ""


@dataclass(frozen=True)
class About:
    """What is said of a field beside its name, type and default.

    Attributes
    ----------
    help : str
        What it does, in one sentence for people.
    lowest, highest : float, optional
        Limits, both included.
    below : float, optional
        A number is smaller than this.
    label : str
        Short name in forms; made of the field's name if empty.
    key : str
        Name in files; the field's name if empty.
    options : tuple of Option
        What forms offer, in their order; for words, each of them.
    """

    help: str
    lowest: float | None = None
    highest: float | None = None
    below: float | None = None
    label: str = ""
    key: str = ""
    options: tuple[Option, ...] = ()

    @property
    def metadata(self) -> Mapping[str, object]:
        """For `dataclasses.field`, where a default has to be made anew for each object."""
        return MappingProxyType({_ABOUT: self})


def setting(
    default: _T,
    help: str,  # noqa: A002 - as argparse and others call it
    lowest: float | None = None,
    highest: float | None = None,
    *,
    below: float | None = None,
    label: str = "",
    key: str = "",
    options: tuple[Option, ...] = (),
) -> _T:
    """A field of a `Settings` class, see `About`."""
    return field(default=default, metadata=About(help, lowest, highest, below, label, key, options).metadata)


@dataclass(frozen=True, eq=False)
class Setting:
    """A field of a `Settings` class with all that is known of it.

    Attributes
    ----------
    name : str
    hint : object
        The declared type.
    default : object
    about : About
    """

    name: str
    hint: object
    default: object
    about: About

    @property
    def key(self) -> str:
        """Name in files."""
        return self.about.key or self.name

    @property
    def label(self) -> str:
        """Short name in forms."""
        return self.about.label or self.name.replace("_", " ")

    @property
    def title(self) -> str:
        """The label as a line of a form begins with it."""
        return self.label[:1].upper() + self.label[1:]

    @property
    def help(self) -> str:
        """What it does, in one sentence."""
        return self.about.help

    @property
    def options(self) -> tuple[Option, ...]:
        """What forms offer, in their order."""
        return self.about.options

    @property
    def kind(self) -> object:
        """The declared type, without the None that it may be."""
        kinds = [each for each in get_args(self.hint) if each is not NoneType]
        return kinds[0] if self.may_be_none and len(kinds) == 1 else self.hint

    @property
    def may_be_none(self) -> bool:
        """Whether there may be nothing."""
        return NoneType in get_args(self.hint)

    @property
    def words(self) -> tuple[Any, ...]:
        """The words or numbers to choose from; none if it is no choice."""
        return get_args(self.kind) if get_origin(self.kind) is Literal else ()

    def check(self, value: object) -> None:
        """Refuse a value of another type, or beyond the limits.

        Raises
        ------
        SettingsError
            Names the setting, what was expected and what came.
        """
        if not fits(value, self.hint):
            raise SettingsError(f"{self.name}: expected {words_of(self.hint)}, got {short(value)}.")
        if isinstance(value, Range):
            self._check_range(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and not self._is_within(value):
            raise SettingsError(f"{self.name}: expected {self.limits}, got {_number_text(value)}.")

    @property
    def limits(self) -> str:
        """The limits in words; empty without."""
        lowest, highest, below = self.about.lowest, self.about.highest, self.about.below
        upper = f"{highest:g}" if highest is not None else f"below {below:g}" if below is not None else ""
        if lowest is None:
            return f"{'' if below is not None else 'up to '}{upper}" if upper else "a finite number"
        return f"{lowest:g} to {upper}" if upper else f"{lowest:g} or more"

    def _is_within(self, value: float) -> bool:
        lowest, highest, below = self.about.lowest, self.about.highest, self.about.below
        is_finite = value - value == 0
        return (
            is_finite
            and (lowest is None or lowest <= value)
            and (highest is None or value <= highest)
            and (below is None or value < below)
        )

    def _check_range(self, span: Range) -> None:
        if span.lower is not None and span.upper is not None and not span.lower <= span.upper:
            raise SettingsError(f"{self.name}: expected from-to, got {span.lower:g} to {span.upper:g}.")


def settings_of(kind: Any) -> Mapping[str, Setting]:
    """Every field of a `Settings` class by its name, in the order of their declaration."""
    return _settings_of(kind)


@cache
def _settings_of(kind: Any) -> Mapping[str, Setting]:
    hints = get_type_hints(kind)
    return MappingProxyType(
        {
            each.name: Setting(
                each.name,
                hints[each.name],
                each.default if each.default_factory is MISSING else each.default_factory(),
                each.metadata[_ABOUT],
            )
            for each in fields(kind)
        }
    )


def _number_text(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else short(value)
