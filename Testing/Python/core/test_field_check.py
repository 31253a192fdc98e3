"""Fields that are named while the program runs are checked against the types they are declared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Literal

import pytest

from RWTHSAMLib.core.field_check import fits, with_fields
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.settings.export import ExportSettings
from RWTHSAMLib.core.settings.measurement import MeasureSettings
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings
from RWTHSAMLib.core.settings.rendering import RenderingSettings, SegmentLook
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.errors import SettingsError

ALL_SETTINGS = [
    AutomaticRunSettings(),
    AutomaticSettings(),
    ExportSettings(),
    MeasureSettings(),
    ThresholdSettings(),
    PropagationRunSettings(),
    PropagationSettings(),
    RenderingSettings(),
    SegmentLook(),
]


@dataclass(frozen=True)
class Sample:
    """A field of each kind that settings have."""

    count: int = 1
    share: float = 0.5
    shown: bool = True
    name: str = ""
    side: Literal["left", "right"] = "left"
    last: int | None = None
    corner: tuple[int, float] = (0, 0.0)
    names: tuple[str, ...] = ()
    span: Range | None = None
    looks: Mapping[str, SegmentLook] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", 3),
        ("share", 1),
        ("share", 0.25),
        ("shown", False),
        ("name", "can"),
        ("side", "right"),
        ("last", 7),
        ("last", None),
        ("corner", (2, 0.5)),
        ("names", ()),
        ("names", ("can", "core")),
        ("span", Range(1, None)),
        ("looks", {"can": SegmentLook()}),
    ],
)
def test_a_value_of_the_declared_type_is_taken(name: str, value: object) -> None:
    assert getattr(with_fields(Sample(), {name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("count", 2.5, "count: expected a whole number, got 2.5"),
        ("count", True, "count: expected a whole number, got True"),
        ("count", "3", "count: expected a whole number, got '3'"),
        ("share", "half", "share: expected a number, got 'half'"),
        ("share", False, "share: expected a number, got False"),
        ("shown", 1, "shown: expected true or false, got 1"),
        ("name", None, "name: expected text, got None"),
        ("side", "middle", "side: expected one of left, right, got 'middle'"),
        ("side", ["left"], "side: expected one of left, right, got "),
        ("last", "", "last: expected a whole number or nothing, got ''"),
        ("corner", (1, 2, 3), "corner: expected "),
        ("corner", [1, 2.0, 3.0], "corner: expected "),
        ("names", "can", "names: expected "),
        ("names", ("can", 3), "names: expected "),
        ("span", (1, 2), "span: expected Range or nothing, got "),
        ("height", 3, "height: no such setting; there are count, share, shown, "),
    ],
)
def test_any_other_value_is_refused_by_its_name(name: str, value: object, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        with_fields(Sample(), {name: value})
    assert str(caught.value).startswith(said)


def test_the_settings_own_limits_hold_too() -> None:
    with pytest.raises(SettingsError, match="points_per_side: expected 1 to 256, got 0"):
        with_fields(AutomaticSettings(), {"points_per_side": 0})


def test_the_other_fields_stay() -> None:
    assert with_fields(Sample(count=4), {"share": 0.1}) == Sample(count=4, share=0.1)


@pytest.mark.parametrize("settings", ALL_SETTINGS, ids=lambda each: type(each).__name__)
def test_every_setting_of_the_project_takes_its_own_default(settings) -> None:
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    assert with_fields(settings, values) == settings


@pytest.mark.parametrize("settings", ALL_SETTINGS, ids=lambda each: type(each).__name__)
def test_no_setting_of_the_project_takes_just_anything(settings) -> None:
    for each in fields(settings):
        assert each.default is not MISSING or each.default_factory is not MISSING
        with pytest.raises(SettingsError, match=f"^{each.name}: expected "):
            with_fields(settings, {each.name: object()})


def test_a_list_counts_as_a_tuple() -> None:
    assert with_fields(Sample(), {"names": ["can", "core"]}).names == ("can", "core")


def test_a_truth_value_is_no_number() -> None:
    assert not fits(True, int) and not fits(True, float) and fits(True, bool)
