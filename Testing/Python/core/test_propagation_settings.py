"""Choices for propagation are checked, kept as text, and say which slices may be looked at."""

from __future__ import annotations

import pytest

from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.settings.propagation_run import Limits, PropagationRunSettings
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.errors import SettingsError

COUNT = 100


@pytest.mark.parametrize(
    "choices",
    [
        PropagationRunSettings(),
        PropagationRunSettings(PropagationSettings(most_growth=2.5, most_skipped=0), "backward", 3, None),
        PropagationRunSettings(PropagationSettings(grey=Range()), "forward", None, 7),
        PropagationRunSettings(PropagationSettings(grey=Range(-5.5, 20))),
    ],
)
def test_choices_come_back_from_their_text(choices: PropagationRunSettings) -> None:
    assert PropagationRunSettings.parse(choices.to_json()) == choices


def test_a_text_of_an_older_version_gets_defaults_for_rules_that_it_lacks() -> None:
    text = '{"rules": {"most_growth": 1.5, "grey": null}, "direction": "both", "first": null, "last": null}'
    assert PropagationRunSettings.parse(text) == PropagationRunSettings(PropagationSettings(most_growth=1.5))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "expected an object"),
        ('{"rules": {"grey": null}, "direction": "up", "first": null, "last": null}', "direction"),
        ('{"rules": {"grey": null, "most_growth": 99}, "direction": "both", "first": null, "last": null}', "most_gr"),
        ('{"rules": {"grey": [1]}, "direction": "both", "first": null, "last": null}', "grey"),
        ('{"rules": {"grey": [5, 1]}, "direction": "both", "first": null, "last": null}', "from-to"),
        ('{"rules": {"grey": null}, "direction": "both", "first": 8, "last": 2}', "first, last"),
    ],
)
def test_other_texts_are_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        PropagationRunSettings.parse(text)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (PropagationRunSettings(), (0, 99)),
        (PropagationRunSettings(direction="forward"), (30, 99)),
        (PropagationRunSettings(direction="backward"), (0, 40)),
        (PropagationRunSettings(first=10, last=300), (10, 99)),
        (PropagationRunSettings(last=0), None),
        (PropagationRunSettings(first=31), None),
    ],
)
def test_the_span_reaches_from_the_given_slices_as_far_as_chosen(
    choices: PropagationRunSettings, expected: tuple[int, int] | None
) -> None:
    if expected is not None:
        assert choices.span((30, 40), COUNT) == expected
    else:
        with pytest.raises(SettingsError, match="around the keyframes"):
            choices.span((30, 40), COUNT)


@pytest.mark.parametrize(
    ("choices", "first", "last"),
    [
        (PropagationRunSettings(), "the scan begins here", "the scan ends here"),
        (PropagationRunSettings(first=0, last=COUNT - 1), "the scan begins here", "the scan ends here"),
        (PropagationRunSettings(first=10, last=300), "the range that was set begins here", "the scan ends here"),
        (PropagationRunSettings(last=90), "the scan begins here", "the range that was set ends here"),
        (PropagationRunSettings(direction="forward", first=10), "it was followed forward only", "the scan ends here"),
        (PropagationRunSettings(direction="backward"), "the scan begins here", "it was followed backward only"),
    ],
)
def test_the_ends_of_the_span_say_whether_they_are_the_scans_or_were_set(
    choices: PropagationRunSettings, first: str, last: str
) -> None:
    assert choices.limits(COUNT) == Limits(first, last)
