"""What the browser may send to an action, told by the action's own annotations."""

from __future__ import annotations

import inspect
import math
import random
import typing
from collections.abc import Callable
from typing import Annotated, Literal

import pytest

pytest.importorskip("trame_slicer", reason="needs the page's libraries (install the 'web' extra)")

from RWTHSAMLib.errors import RwthSamError, SettingsError  # noqa: E402
from RWTHSAMWeb.actions import Actions  # noqa: E402
from RWTHSAMWeb.arguments import Between, OneOf, Pair, Position, checked, value_as  # noqa: E402
from RWTHSAMWeb.detected_table import DetectedTable  # noqa: E402
from RWTHSAMWeb.state.page_values import OF_THE_PAGE, color_of, initial  # noqa: E402

NUMBERS = [0, -1, 1, 2**31, 2**63, -(2**63), 1e308, math.nan, math.inf, -math.inf, 0.5]
TEXTS = ["", "x", "__class__", "\0", "\ud800", "²", "9" * 5000, "x" * 100_000, "nan", "1e999", "../..", "<script>"]
LISTS = [[], [[]], [None], [1], [1, 2, 3], ["a"] * 2000, {}, {"a": 1}, b"bytes"]
HOSTILE = [None, True, False, *NUMBERS, *TEXTS, *LISTS]


def an_action(
    count: int, name: str, place: Position, share: Annotated[float, Between(0, 1)], ends: Pair, on: bool,
    kind: Annotated[str, OneOf(("a", "b"))] | None, word: Literal["x", "y"] = "x",
) -> None:  # fmt: skip
    """Takes one of each."""


GOOD = [3, "n", 0, 0.5, [1, 2.5], True, None]


def test_what_fits_comes_as_it_was_declared() -> None:
    assert checked(an_action, GOOD) == [3, "n", 0, 0.5, (1.0, 2.5), True, None]
    assert checked(an_action, [3.0, 5, 7, 1, (0, 1), False, "b", "y"]) == [3, "5", 7, 1.0, (0.0, 1.0), False, "b", "y"]


WRONG: dict[int, list[object]] = {
    0: ["3", 2.5, True, None, math.nan, 10**400],
    1: [None, ["n"], "a\0", "\ud800", "x" * 5000],
    2: [-1],
    3: [1.5, math.nan, math.inf],
    4: [[1], [1, 2, 3], "12", [1, None]],
    5: [1, "true", None],
    6: ["c", 1, ""],
}


@pytest.mark.parametrize(("position", "wrong"), [(at, each) for at, several in WRONG.items() for each in several])
def test_what_does_not_fit_is_refused_in_a_sentence(position: int, wrong: object) -> None:
    with pytest.raises(SettingsError, match=r"an_action, \w+: expected .*\."):
        checked(an_action, [*GOOD[:position], wrong, *GOOD[position + 1 :]])


@pytest.mark.parametrize("given", [[], GOOD[:-1], [*GOOD, "x", 1], "abcdefg", {"count": 1}, None, 5])
def test_a_wrong_number_of_arguments_is_refused(given: object) -> None:
    with pytest.raises(SettingsError):
        checked(an_action, given)
    with pytest.raises(SettingsError):
        checked(an_action, GOOD, {"word": "y"})


def public_methods() -> list[Callable[..., object]]:
    panels = typing.get_type_hints(Actions).values()
    found = [each for panel in panels for _, each in inspect.getmembers(panel, inspect.isfunction)]
    return [each for each in found if not each.__name__.startswith("_")]


@pytest.mark.parametrize("seed", range(3))
def test_no_action_has_an_argument_that_cannot_be_checked(seed: int) -> None:
    """Every method of every panel, thrown every kind of value at: converted or refused, never anything else."""
    print(f"seed {seed}")
    dice = random.Random(seed)
    own = {
        "hover",
        "page_opened",
        "receive",
        "open_file",
        "folder_of_classes",
        "begin",
        "shown",
        "connect",
        "tick",
        "node_in_use",
        "take_up",
    }
    methods = [each for each in public_methods() if each.__name__ not in own]
    assert len(methods) > 60
    for method in methods:
        if any(name in ("folder", "format_name") for name in inspect.signature(method).parameters):
            continue  # downloads, which no call of the page reaches with arguments of its own
        for _ in range(40):
            given = [object(), *(dice.choice(HOSTILE) for _ in range(dice.randint(0, 5)))]
            bare = _without_self(method)
            try:
                checked(bare, given[1:])
            except SettingsError as refused:
                assert str(refused).isprintable()


def _without_self(method: Callable[..., object]) -> Callable[..., object]:
    return method.__get__(object())


@pytest.mark.parametrize("key", OF_THE_PAGE)
def test_every_value_that_the_page_may_set_is_checked(key: str) -> None:
    for each in HOSTILE:
        try:
            value_as(OF_THE_PAGE[key], each, key)
        except SettingsError as refused:
            assert str(refused).isprintable()


def test_what_the_page_begins_with_is_allowed() -> None:
    for key, value in initial().items():
        if key in OF_THE_PAGE:
            value_as(OF_THE_PAGE[key], value, key)


def test_a_column_that_is_not_there_leaves_the_table_as_it_was() -> None:
    table = DetectedTable()
    for wrong in ("x", "", "__class__"):
        with pytest.raises(RwthSamError, match="no column"):
            table.sort(wrong)
    assert (table.sort_by, table.descending, table.page) == ("volume", True, 0) and table.in_order(()) == []


@pytest.mark.parametrize("wrong", ["", "#12345", "#gggggg", "red", "#1234567", "#12 456"])
def test_a_colour_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(RwthSamError, match="#RRGGBB"):
        color_of(wrong)
