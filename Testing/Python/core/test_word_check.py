"""A choice between words is read in one place, with one message."""

from __future__ import annotations

import pytest

from RWTHSAMLib.core.json_document import parse_document
from RWTHSAMLib.core.settings.automatic import MODES
from RWTHSAMLib.core.word_check import one_of
from RWTHSAMLib.errors import ProfileError, SettingsError


@pytest.mark.parametrize("word", MODES)
def test_an_allowed_word_is_given_back(word: str) -> None:
    assert one_of("mode", word, MODES) == word


@pytest.mark.parametrize("value", ["", "Adaptive", "adaptive ", None, 3, ["adaptive"]])
def test_anything_else_is_refused_with_all_allowed_words(value: object) -> None:
    with pytest.raises(SettingsError, match="^mode: expected one of adaptive, exhaustive, got "):
        one_of("mode", value, MODES)


def test_the_caller_says_which_error_it_is() -> None:
    with pytest.raises(ProfileError):
        one_of("mode", "fast", MODES, ProfileError)


def test_an_empty_word_can_be_seen_in_the_message() -> None:
    with pytest.raises(SettingsError, match="one of '', paint, got 'draw'"):
        one_of("tool", "draw", ("", "paint"))


def test_a_document_names_the_place_of_a_wrong_word() -> None:
    node = parse_document('{"runs": [{"mode": "fast"}]}', ProfileError).item("runs").items()[0].item("mode")
    with pytest.raises(
        ProfileError, match=r"^'mode' of the 1st item of 'runs': expected one of adaptive, exhaustive, got 'fast'"
    ):
        node.one_of(MODES)


def test_a_document_with_a_number_in_place_of_a_word_is_refused() -> None:
    with pytest.raises(ProfileError, match="^mode: expected one of adaptive, exhaustive, got 3"):
        parse_document('{"mode": 3}', ProfileError).item("mode").one_of(MODES)
