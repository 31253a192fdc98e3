"""The schemas that ship say the same as the readers."""

from __future__ import annotations

import importlib.util
import json
from importlib.resources import files

import documents as d
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from RWTHSAMLib.core.profile import default_profile, parse_profile
from RWTHSAMLib.errors import ProfileError, PromptError
from RWTHSAMLib.record.record_file import parse_prompt_file


@pytest.fixture(scope="module")
def the_writer(repository):
    """``Utilities/update_schemas.py``."""
    path = repository / "Utilities" / "update_schemas.py"
    spec = importlib.util.spec_from_file_location("update_schemas", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["job", "profile", "prompts"])
def test_a_schema_says_of_settings_what_their_fields_say(the_writer, name):
    text = (files("RWTHSAMLib") / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert text == the_writer.text_of(the_writer.with_settings(name, _schema(name))), "run 'make schemas'"


def _schema(name: str) -> dict:
    return json.loads((files("RWTHSAMLib") / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def the_schemas() -> dict[str, Draft202012Validator]:
    schemas = {name: _schema(name) for name in ("profile", "prompts")}
    registry = Registry().with_resources([(each["$id"], Resource.from_contents(each)) for each in schemas.values()])
    return {name: Draft202012Validator(schema, registry=registry) for name, schema in schemas.items()}


@pytest.mark.parametrize("name", ["job", "profile", "prompts"])
def test_a_schema_is_itself_valid(name):
    Draft202012Validator.check_schema(_schema(name))


@pytest.mark.parametrize("document", d.GOOD_PROFILES.values(), ids=d.GOOD_PROFILES)
def test_schema_and_reader_take_a_good_profile(the_schemas, document):
    the_schemas["profile"].validate(document)
    parse_profile(json.dumps(document))


@pytest.mark.parametrize("document", d.BAD_PROFILES.values(), ids=d.BAD_PROFILES)
def test_schema_and_reader_refuse_a_bad_profile(the_schemas, document):
    assert not the_schemas["profile"].is_valid(document)
    with pytest.raises(ProfileError):
        parse_profile(json.dumps(document))


@pytest.mark.parametrize("document", d.GOOD_PROMPTS.values(), ids=d.GOOD_PROMPTS)
def test_schema_and_reader_take_good_prompts(the_schemas, document):
    the_schemas["prompts"].validate(document)
    parse_prompt_file(json.dumps(document))


@pytest.mark.parametrize("document", d.BAD_PROMPTS.values(), ids=d.BAD_PROMPTS)
def test_schema_and_reader_refuse_bad_prompts(the_schemas, document):
    assert not the_schemas["prompts"].is_valid(document)
    with pytest.raises(PromptError):
        parse_prompt_file(json.dumps(document))


@pytest.mark.parametrize("document", d.BAD_PROFILES_BEYOND_THE_SCHEMA.values(), ids=d.BAD_PROFILES_BEYOND_THE_SCHEMA)
def test_the_reader_refuses_profiles_that_the_schema_cannot_judge(document):
    with pytest.raises(ProfileError):
        parse_profile(json.dumps(document))


@pytest.mark.parametrize("document", d.BAD_PROMPTS_BEYOND_THE_SCHEMA.values(), ids=d.BAD_PROMPTS_BEYOND_THE_SCHEMA)
def test_the_reader_refuses_prompts_that_the_schema_cannot_judge(document):
    with pytest.raises(PromptError):
        parse_prompt_file(json.dumps(document))


def test_what_is_written_is_valid(the_schemas):
    the_schemas["profile"].validate(json.loads(default_profile().to_json()))
    for document in d.GOOD_PROMPTS.values():
        the_schemas["prompts"].validate(json.loads(parse_prompt_file(json.dumps(document)).to_json()))


def test_the_example_profiles_are_valid(the_schemas, repository):
    examples = sorted((repository / "RWTHSAM" / "Resources" / "Profiles").glob("*.json"))
    assert len(examples) >= 2
    for path in examples:
        the_schemas["profile"].validate(json.loads(path.read_text(encoding="utf-8")))
