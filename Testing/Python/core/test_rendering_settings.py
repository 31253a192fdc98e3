"""Choices for the volume rendering are checked and kept as text."""

from __future__ import annotations

import pytest

from RWTHSAMLib.core.settings.rendering import MOST_VOXELS, RenderingSettings, SegmentLook
from RWTHSAMLib.errors import SettingsError


@pytest.mark.parametrize(
    "choices",
    [
        RenderingSettings(),
        RenderingSettings(True, "instance", 0.0, 1.0, 0.5, {"can": SegmentLook(False, 0.25)}, "half", "i"),
        RenderingSettings(cut="quarter", crop_ijk=(0, 5, 1, 1, 2, 99), most_voxels=MOST_VOXELS["fine"]),
    ],
)
def test_choices_come_back_from_their_text(choices: RenderingSettings) -> None:
    assert RenderingSettings.parse(choices.to_json()) == choices


def test_a_segment_that_nobody_chose_a_look_for_is_fully_seen() -> None:
    choices = RenderingSettings().with_look("can", SegmentLook(opacity=0.5))
    assert choices.look_of("core") == SegmentLook(visible=True, opacity=1.0)
    assert choices.look_of("can").opacity == 0.5


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"grey_opacity": -0.1}, "grey_opacity: expected 0 to 1, got -0.1"),
        ({"color_by": "mood"}, "color_by: expected one of class, instance, got 'mood'"),
        ({"cut": "third"}, "cut: expected one of none, half, quarter"),
        ({"cut_axis": "z"}, "cut_axis: expected one of k, j, i"),
        ({"most_voxels": 10}, "most_voxels: expected 1000 or more, got 10"),
        ({"crop_ijk": (4, 3, 0, 1, 0, 1)}, "crop_ijk: expected from-to"),
    ],
)
def test_what_is_out_of_range_is_refused_and_named(wrong: dict, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        RenderingSettings(**wrong)


@pytest.mark.parametrize(
    "text", ["[]", "null", '{"shown": 1}', RenderingSettings().to_json().replace("0.15", '"much"')]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        RenderingSettings.parse(text)
