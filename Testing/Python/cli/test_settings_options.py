"""Options of commands for settings: their help, reading and refusal come from the fields of the settings."""

from __future__ import annotations

import argparse

import pytest

from RWTHSAMLib.cli.main import main
from RWTHSAMLib.cli.options import add_settings, given_settings
from RWTHSAMLib.core.settings.automatic import PRESETS, AutomaticSettings
from RWTHSAMLib.core.settings.codec import Settings
from RWTHSAMLib.core.settings.export import ExportSettings
from RWTHSAMLib.core.settings.measurement import MeasureSettings
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.settings.setting import settings_of
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.errors import SettingsError

COMMANDS = {
    "auto": AutomaticSettings,
    "propagate": PropagationSettings,
    "threshold": ThresholdSettings,
    "measure": MeasureSettings,
}


def read(words: str, settings: Settings) -> Settings:
    """Settings with the options of a command line."""
    parser = argparse.ArgumentParser()
    add_settings(parser, type(settings))
    return given_settings(parser.parse_args(words.split()), settings)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_says_what_the_fields_say(command: str, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    with pytest.raises(SystemExit):
        main([command, "--help"])
    said = capsys.readouterr().out
    assert [each.help for each in settings_of(COMMANDS[command]).values() if each.help not in said] == []


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ("", PRESETS["many small"], PRESETS["many small"]),
        ("--points-per-side 8 --pred-iou-thresh .5", AutomaticSettings(), AutomaticSettings(8, pred_iou_thresh=0.5)),
        (
            "--grey 5 9.5 --most-skipped 0",
            PropagationSettings(),
            PropagationSettings(grey=Range(5, 9.5), most_skipped=0),
        ),
        ("--otsu dark --rim-mm 2", ThresholdSettings(), ThresholdSettings(otsu="dark", rim_mm=2)),
        ("--parts --connectivity 6 --along j", MeasureSettings(), MeasureSettings(True, 6, along="j")),
        ("--classes Can Core --frame RAS", ExportSettings(), ExportSettings(frame="RAS", classes=("Can", "Core"))),
    ],
)
def test_what_is_given_goes_before_what_was_there(words: str, before: Settings, after: Settings) -> None:
    assert read(words, before) == after


@pytest.mark.parametrize("words", ["--points-per-side 0", "--points-per-side 257", "--pred-iou-thresh nan"])
def test_what_is_beyond_its_limits_is_refused_by_name(words: str) -> None:
    with pytest.raises(SettingsError, match="expected [01] to "):
        read(words, AutomaticSettings())


@pytest.mark.parametrize("words", ["--points-per-side many", "--points-per-side 2.5", "--connectivity 7"])
def test_what_is_no_such_value_is_refused_with_the_usage(words: str) -> None:
    with pytest.raises(SystemExit):
        read(words, AutomaticSettings())
