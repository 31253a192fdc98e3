"""Fields of the page: what is refused names its field, and gives way to what was there before it was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import pytest
from trame.app import get_server

from RWTHSAMLib.errors import ImageError, SettingsError
from RWTHSAMWeb.app_context import AppContext
from RWTHSAMWeb.arguments import Between, checked
from RWTHSAMWeb.drafts import Drafts, Refused, why_of
from RWTHSAMWeb.field_words import of_field
from RWTHSAMWeb.state import page_values

LABEL = "Smallest part"


@pytest.fixture
def context(request: pytest.FixtureRequest) -> AppContext:
    """The page's, with no browser in front of it."""
    server = get_server(request.node.name, client_type="vue3")
    server.state.update(page_values.initial())
    return AppContext(server)


@pytest.fixture
def refusing(context: AppContext) -> Callable[[str], Callable[[str], None]]:
    """Function that makes the action of a field, which refuses whatever is typed with a reason."""

    def make(reason: str) -> Callable[[str], None]:
        def refuse() -> None:
            raise ImageError(reason)

        return of_field(LABEL, lambda typed: context.attempt(refuse))

    return make


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("Expected 1 to 9, got -3.", "Smallest part: expected 1 to 9, got -3."),
        ("There is no slice '99'.", "Smallest part: There is no slice '99'."),
        ("Smallest part: expected 1 to 9.", "Smallest part: expected 1 to 9."),
    ],
)
def test_a_refused_value_names_its_field_once(context: AppContext, refusing, reason: str, said: str) -> None:
    refusing(reason)("-3")
    assert context.state.notice == said


def test_what_no_field_has_asked_for_names_none(context: AppContext, refusing) -> None:
    refusing("Expected 1 to 9.")("-3")
    context.refuse("The disk is full.")
    assert context.state.notice == "The disk is full."


def test_a_value_of_another_kind_names_its_field_and_no_function() -> None:
    def set_least(number: Annotated[int, Between(1, 9)]) -> None: ...

    with pytest.raises(SettingsError, match=r"^Smallest part: expected 1 to 9, got 12\.$"):
        checked(of_field(LABEL, set_least), [12])


def test_a_draft_gives_way_to_what_was_there_before_somebody_typed() -> None:
    drafts = Drafts()
    drafts.begin("points", "32")
    drafts.accept("points")  # 5
    drafts.begin("points", "5")
    drafts.refuse("points", "5.5", "Expected a whole number.")
    assert drafts and drafts.shown("points", "5") == {"value": "5.5", "error": "Expected a whole number."}
    assert drafts.leave("points") == Refused("5.5", "Expected a whole number.", "32")
    assert not drafts and drafts.shown("points", "32") == {"value": "32", "error": ""}


def test_what_is_valid_when_it_is_left_stays() -> None:
    drafts = Drafts()
    drafts.begin("points", "32")
    drafts.accept("points")
    assert drafts.leave("points") is None
    drafts.begin("points", "5")
    drafts.refuse("points", "x", "Expected a whole number.")
    assert drafts.leave("points") == Refused("x", "Expected a whole number.", "5")


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("4", "First slice: expected a whole number or nothing, got 'X'. It is 4 again."),
        ("", "First slice: expected a whole number or nothing, got 'X'. It is empty again."),
    ],
)
def test_what_gives_way_when_its_field_is_left_is_told_until_it_is_right(
    context: AppContext, held: str, said: str
) -> None:
    why = why_of(SettingsError("first: expected a whole number or nothing, got 'X'."))
    context.gave_way("first slice", why, held)
    assert context.state.notice == said
    context.is_right("another field")
    assert context.state.notice == said
    context.is_right("first slice")
    assert context.state.notice == "" and context.state.messages[0]["text"] == said
