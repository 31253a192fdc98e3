"""What a person chose for propagation: the rules, and how far it may go."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Literal

from ...errors import SettingsError
from ..field_check import with_fields
from ..json_document import Json, Node, parse_document, to_text
from ..value_range import Range
from ..word_check import one_of
from .propagation import PropagationRules

Direction = Literal["both", "forward", "backward"]
DIRECTIONS: tuple[Direction, ...] = ("both", "forward", "backward")


@dataclass(frozen=True)
class PropagationChoices:
    """Rules of a propagation, and the slices that it may reach.

    Attributes
    ----------
    rules : PropagationRules
    direction : str
        From the outermost given slices: ``"forward"`` to higher indices, ``"backward"`` to lower ones, or ``"both"``.
        Between given slices it goes in any case.
    first, last : int, optional
        Slices that it does not go beyond.

    Raises
    ------
    SettingsError
        If a value is out of range; the message names it.
    """

    rules: PropagationRules = PropagationRules()
    direction: Direction = "both"
    first: int | None = None
    last: int | None = None

    def __post_init__(self) -> None:
        one_of("direction", self.direction, DIRECTIONS)
        if self.first is not None and self.last is not None and self.first > self.last:
            raise SettingsError(f"first, last: expected from-to, got {self.first} to {self.last}.")

    def span(self, given: tuple[int, ...], count: int) -> tuple[int, int]:
        """First and last slice to look at.

        Parameters
        ----------
        given : tuple of int
            Slices with masks, at least one.
        count : int
            How many slices there are.

        Raises
        ------
        SettingsError
            If a given slice lies beyond what was chosen.
        """
        first, last = max(0, self.first or 0), min(count - 1, count - 1 if self.last is None else self.last)
        if not first <= min(given) <= max(given) <= last:
            places = ", ".join(map(str, sorted(given)))
            raise SettingsError(
                f"first, last: expected slices around the given ones ({places}), got {first} to {last}."
            )
        return (
            min(given) if self.direction == "forward" else first,
            max(given) if self.direction == "backward" else last,
        )

    def to_json(self) -> str:
        """JSON text that `parse_propagation` reads."""
        return to_text(self.to_document())

    def to_document(self) -> dict[str, Json]:
        """JSON object that `propagation_of` reads."""
        document: dict[str, Json] = asdict(self)
        grey = self.rules.grey
        document["rules"] = {**asdict(self.rules), "grey": None if grey is None else [grey.lower, grey.upper]}
        return document


def parse_propagation(text: str) -> PropagationChoices:
    """Choices of a JSON text, as a saved scene holds it; rules that it does not name have their defaults.

    Raises
    ------
    SettingsError
        If it is no such text.
    """
    return propagation_of(parse_document(text, SettingsError))


def propagation_of(node: Node) -> PropagationChoices:
    """Choices of a parsed document, see `parse_propagation`."""
    return PropagationChoices(
        _rules(node.item("rules")),
        node.item("direction").one_of(DIRECTIONS),
        _index(node.optional("first")),
        _index(node.optional("last")),
    )


def _rules(node: Node) -> PropagationRules:
    values: dict[str, object] = {}
    for each in fields(PropagationRules):
        given = node.optional(each.name)
        if given is not None and each.name != "grey":
            values[each.name] = given.whole() if isinstance(each.default, int) else given.number()
    grey = node.optional("grey")
    values["grey"] = None if grey is None else Range(*(_end(each) for each in grey.items(2, 2)))
    return with_fields(PropagationRules(), values)


def _index(node: Node | None) -> int | None:
    return None if node is None else node.whole()


def _end(node: Node) -> float | None:
    return None if node.value is None else node.number()
