"""What stands at the field of a setting is what files, schemas and forms go by."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from RWTHSAMLib.core.json_document import Node
from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.settings.codec import Settings, json_of
from RWTHSAMLib.core.settings.export import ExportSettings
from RWTHSAMLib.core.settings.measurement import MeasureSettings
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings
from RWTHSAMLib.core.settings.rendering import RenderingSettings, SegmentLook
from RWTHSAMLib.core.settings.schema import settings_schema
from RWTHSAMLib.core.settings.setting import Setting, settings_of
from RWTHSAMLib.core.settings.threshold import ThresholdSettings
from RWTHSAMLib.core.settings.typed import text_fields, texts_of, with_texts
from RWTHSAMLib.core.value_range import Range
from RWTHSAMLib.errors import ProfileError, SettingsError

EVERY = (
    AutomaticRunSettings,
    AutomaticSettings,
    ExportSettings,
    MeasureSettings,
    ThresholdSettings,
    PropagationRunSettings,
    PropagationSettings,
    RenderingSettings,
    SegmentLook,
)
each_kind = pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
NUMBERS = [
    pytest.param(kind, each, id=f"{kind.__name__}.{each.name}")
    for kind in EVERY
    for each in settings_of(kind).values()
    if each.kind in (int, float)
]


def taken(kind: type[Settings], document: object) -> bool:
    """Whether the schema takes a document; the reader must judge alike."""
    by_schema = Draft202012Validator(settings_schema(kind)).is_valid(document)
    try:
        kind.parse(json.dumps(document))
    except SettingsError:
        by_reader = False
    else:
        by_reader = True
    assert by_schema == by_reader, document
    return by_reader


def values_of(setting: Setting) -> st.SearchStrategy[Any]:
    """Numbers within the limits, and whatever else a setting may be."""
    lowest, highest = setting.about.lowest or 0, setting.about.highest or setting.about.below or 10**6
    numbers: dict[object, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(int(lowest), int(highest)),
        float: st.floats(lowest, highest, exclude_max=setting.about.below is not None),
        Range: st.lists(st.none() | st.floats(-1e6, 1e6), min_size=2, max_size=2).filter(
            lambda ends: None in ends or ends[0] <= ends[1]
        ),
    }
    if setting.words:
        found = st.sampled_from(setting.words)
    else:
        found = numbers.get(setting.kind, st.just(json_of(setting.default)))
    return found | st.none() if setting.may_be_none else found


@st.composite
def documents(draw: st.DrawFn, kind: type[Settings]) -> dict[str, Any]:
    """Some settings of a class, as JSON."""
    known = list(settings_of(kind).values())
    named = draw(st.lists(st.sampled_from(known), unique=True))
    document = {each.key: draw(values_of(each)) for each in named}
    first, last = document.get("first"), document.get("last")
    if first is not None and last is not None:
        document["first"], document["last"] = sorted((first, last))
    if document.get("points_per_side", 0) is None:
        document["point_grids"] = draw(st.just([[[0.5, 0.25]]]))
        document["crop_n_layers"] = 0
    return document


@each_kind
def test_every_setting_says_what_it_does(kind: type[Settings]) -> None:
    for each in settings_of(kind).values():
        assert each.help.endswith(".") and len(each.help) < 160, each.name
        each.check(each.default)


@each_kind
def test_the_defaults_are_written_read_and_valid(kind: type[Settings]) -> None:
    assert kind.parse(kind().to_json()) == kind() == kind.parse("{}")
    Draft202012Validator.check_schema(settings_schema(kind))
    assert taken(kind, kind().to_dict())


@each_kind
@given(data=st.data())
def test_whatever_is_within_the_limits_comes_back(kind: type[Settings], data: st.DataObject) -> None:
    document = data.draw(documents(kind))
    assert taken(kind, document)
    settings = kind.parse(json.dumps(document))
    assert kind.parse(settings.to_json()) == settings
    written = settings.to_dict()
    assert {name: written[name] for name in document} == document


@pytest.mark.parametrize(("kind", "setting"), NUMBERS)
def test_a_number_beyond_its_limits_is_refused_by_its_name(kind: type[Settings], setting: Setting) -> None:
    about = setting.about
    beyond = [about.lowest - 1] if about.lowest is not None else []
    beyond += [about.highest + 1] if about.highest is not None else [about.below] if about.below is not None else []
    assert beyond
    for value in beyond:
        assert not taken(kind, {setting.key: value})
        with pytest.raises(SettingsError, match=f"^{setting.name}: expected "):
            kind(**{setting.name: setting.kind(value)})


@each_kind
@pytest.mark.parametrize("wrong", ["x", [1], {"a": 1}, 1e400, True, None], ids=repr)
def test_schema_and_reader_agree_on_values_of_another_type(kind: type[Settings], wrong: object) -> None:
    if wrong == 1e400:  # JSON has no infinity
        for each in settings_of(kind).values():
            if each.kind is float:
                with pytest.raises(SettingsError, match=f"^{each.name}: expected "):
                    kind(**{each.name: wrong})
        return
    for each in settings_of(kind).values():
        taken(kind, {each.key: wrong})


@each_kind
def test_a_misspelt_setting_is_told_with_those_that_there_are(kind: type[Settings]) -> None:
    assert not taken(kind, {"opacty": 1})
    with pytest.raises(
        SettingsError, match="opacty: no such setting; there are " + next(iter(settings_of(kind).values())).key
    ):
        kind.parse('{"opacty": 1}')


def test_a_value_within_a_document_is_named_by_its_place() -> None:
    part = Node({"rules": {"most_growth": 99}}, "'choices' of the 3rd step", ProfileError)
    with pytest.raises(
        ProfileError, match="^'most_growth' of 'rules' of 'choices' of the 3rd step: expected 1 to 10, got 99"
    ):
        PropagationRunSettings.of(part)


@each_kind
def test_a_form_has_a_field_for_every_number_and_two_for_a_range(kind: type[Settings]) -> None:
    count = sum({int: 1, float: 1, Range: 2}.get(each.kind, 0) for each in settings_of(kind).values())
    assert len(text_fields(kind)) == count == len(texts_of(kind()))
    assert with_texts(kind(), texts_of(kind())) == kind()


def test_a_text_that_nobody_changed_keeps_all_digits() -> None:
    settings = AutomaticSettings(crop_overlap_ratio=1 / 3)
    shown = texts_of(settings)
    assert len(shown["crop_overlap_ratio"]) < len(str(1 / 3))
    changed = with_texts(settings, {**shown, "points_per_side": " 16 "})
    assert changed == AutomaticSettings(points_per_side=16, crop_overlap_ratio=1 / 3)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"rim_mm": "0,5", "smooth_mm": ".25"}, ThresholdSettings(rim_mm=0.5, smooth_mm=0.25)),
        ({"rim_mm": ""}, ThresholdSettings()),
        ({"grey_lower": "-5"}, ThresholdSettings(grey=Range(-5, None))),
        ({"grey_lower": "", "grey_upper": " "}, ThresholdSettings()),
        ({"grey_lower": "1", "grey_upper": "2,5"}, ThresholdSettings(grey=Range(1, 2.5))),
    ],
)
def test_what_a_person_types_is_read_as_it_is_meant(texts: dict[str, str], expected: ThresholdSettings) -> None:
    assert with_texts(ThresholdSettings(), texts) == expected


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"rim_mm": "wide"}, "rim_mm: expected a number or nothing, got 'wide'"),
        ({"rim_mm": "nan"}, "rim_mm: expected a number or nothing, got 'nan'"),
        ({"rim_mm": "-1"}, "rim_mm: expected 1e-09 to 1e"),
        ({"smooth_mm": ""}, "smooth_mm: expected a number, got ''"),
        ({"least_voxels": "2.5"}, "least_voxels: expected a whole number, got '2.5'"),
        ({"least_voxels": "9" * 4000}, "least_voxels: expected 1 to 1e[+]12, got 9"),
        ({"grey_lower": "5", "grey_upper": "4"}, "grey_upper: expected 5 or more, got 4"),
        ({"grey_lower": "x" * 5000}, "grey_lower: expected a number or nothing, got 'x{40}[.]"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_field(texts: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=f"^{said}"):
        with_texts(ThresholdSettings(), texts)


def test_the_words_of_a_choice_are_said_once() -> None:
    for kind in EVERY:
        for each in settings_of(kind).values():
            if each.words:
                assert each.words == get_args(each.kind) and each.default in (None, *each.words)
