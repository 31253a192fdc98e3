"""The settings of automatic masks: defaults, ranges, files."""

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


def test_points_instead_of_a_grid_are_read_and_written() -> None:
    text = '{"points_per_side": null, "point_grids": [[[0.5, 0.25], [0, 1]], [[0.5, 0.5]]], "crop_n_layers": 1}'
    settings = AutomaticSettings.parse(text)
    assert settings.point_grids == (((0.5, 0.25), (0.0, 1.0)), ((0.5, 0.5),))
    assert AutomaticSettings.parse(settings.to_json()) == settings


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"points_per_side": null}', "point_grids gives no points"),
        ('{"point_grids": [[[0.5, 0.5]]]}', "points_per_side: expected nothing"),
        ('{"points_per_side": null, "point_grids": [[[0.5, 0.5]]], "crop_n_layers": 2}', "each of the 2 crop layers"),
        ('{"points_per_side": null, "point_grids": [[[0.5, 0.5]], [[0.5, 0.5]]]}', "got 2 with 2 points"),
        ('{"points_per_side": null, "point_grids": [[]]}', "got 1 with 0 points"),
        ('{"points_per_side": null, "point_grids": []}', "got 0 with 0 points"),
        ('{"points_per_side": null, "point_grids": [[[0.5, 1.5]]]}', "0 to 1"),
        ('{"points_per_side": null, "point_grids": [[[364, 200]]]}', "shares of width and height"),
        ('{"points_per_side": null, "point_grids": [[[0.5]]]}', "point_grids"),
        ('{"points_per_side": null, "point_grids": [[0.5, 0.5]]}', "point_grids"),
        ('{"points_per_side": null, "point_grids": 8}', "point_grids"),
    ],
)
def test_wrong_points_are_named(text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        AutomaticSettings.parse(text)


def test_pixels_become_points_and_a_grid_takes_their_place_again() -> None:
    before = AutomaticSettings(points_per_side=8, crop_n_layers=1)
    own = before.asking([(3, 0), (7, 5)], shape_yx=(10, 20))
    assert own.point_grids == (((3 / 20, 0.0), (7 / 20, 5 / 10)),)
    assert (own.own_point_count, own.points_per_side, own.crop_n_layers) == (2, None, 0)
    grid = own.with_grid
    assert (grid.own_point_count, grid.points_per_side) == (0, AutomaticSettings().points_per_side)
    assert before.with_grid == before


def test_a_pixel_outside_the_slice_is_refused() -> None:
    with pytest.raises(SettingsError, match="0 to 1"):
        AutomaticSettings().asking([(25, 5)], shape_yx=(10, 20))
