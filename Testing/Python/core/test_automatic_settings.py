"""The eleven settings of automatic masks: defaults, ranges, files."""

from __future__ import annotations

import pytest

from RWTHSAMLib.core.settings.automatic import PRESETS, AutomaticSettings
from RWTHSAMLib.errors import SettingsError


def test_the_default_preset_is_upstreams_default() -> None:
    assert PRESETS["default"] == AutomaticSettings()
    assert set(PRESETS) == {"few large", "default", "many small"}


def test_a_stricter_threshold_is_stricter_for_the_own_network_too_and_none_stays_none() -> None:
    strict, mild = (AutomaticSettings(pred_iou_thresh=each).for_own_network for each in (0.92, 0.8))
    assert 0 < mild.pred_iou_thresh < strict.pred_iou_thresh < 0.92
    none = AutomaticSettings(pred_iou_thresh=0, stability_score_thresh=0)
    assert none.for_own_network == none


@pytest.mark.parametrize("settings", PRESETS.values(), ids=PRESETS)
def test_what_is_written_is_read_again(settings: AutomaticSettings, tmp_path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(settings.to_json(), encoding="utf-8")
    assert AutomaticSettings.read(path) == settings


def test_what_a_file_does_not_name_keeps_its_default() -> None:
    assert AutomaticSettings.parse('{"points_per_side": 8}') == AutomaticSettings(points_per_side=8)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"points_per_side": 0}', "points_per_side"),
        ('{"points_per_side": 8.5}', "points_per_side"),
        ('{"points_per_side": "8"}', "points_per_side"),
        ('{"points_per_side": true}', "points_per_side"),
        ('{"pred_iou_thresh": 1.5}', "pred_iou_thresh"),
        ('{"box_nms_thresh": -1}', "box_nms_thresh"),
        ('{"points": 8}', "points: no such setting"),
        ('{"format": "rwthsam-profile"}', "rwthsam-automatic-settings"),
        ("[]", "object"),
    ],
)
def test_a_wrong_value_is_named(text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        AutomaticSettings.parse(text)
