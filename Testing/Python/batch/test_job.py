"""What is wrong with a job is said in one line before any work begins."""

from __future__ import annotations

import json
import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from RWTHSAMLib.batch.job import job_of, read_job
from RWTHSAMLib.batch.scans import scans_of
from RWTHSAMLib.cli.batch.command import planned
from RWTHSAMLib.cli.batch.steps import check_steps
from RWTHSAMLib.cli.main import main
from RWTHSAMLib.core.json_document import parse_document
from RWTHSAMLib.core.profile import profile_of_names
from RWTHSAMLib.errors import JobError


def job_text(**changed: object) -> str:
    document = {"format": "rwthsam-job", "version": 1, "scans": "scans/*.nrrd", "steps": ["measure"], **changed}
    return json.dumps({key: value for key, value in document.items() if value is not None})


def schema_of_jobs() -> Draft202012Validator:
    return Draft202012Validator(json.loads((files("RWTHSAMLib") / "schemas/job.schema.json").read_text("utf-8")))


def refused(study: Path, text: str, name: str = "job.json") -> str:
    """What the command says of a job, in one line."""
    (study / name).write_text(text)
    before = sorted(study.rglob("*"))
    with pytest.raises(JobError) as caught:
        planned(read_job(study / name))
    assert sorted(study.rglob("*")) == before and "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"stepps": []}, "stepps: unknown key"),
        ({"version": 2}, '"format": "rwthsam-job" of version 1'),
        ({"format": None}, "format: missing"),
        ({"scans": 5}, "scans: expected a list of patterns"),
        ({"scans": "no/*.nrrd"}, "the 1st scan: there is no file or folder"),
        ({"steps": []}, "at least 1 steps"),
        ({"steps": [{"auto": {}, "measure": {}}]}, "the 1st step: expected one command"),
        ({"steps": ["dance"]}, "'dance' of the 1st step: there is no such step; there are auto, segment"),
        (
            {"steps": [{"auto": {"pionts": 3}}]},
            "'pionts' of 'auto' of the 1st step: there is no such setting",
        ),
        ({"steps": [{"auto": {"axis": "x"}}]}, "'auto' of the 1st step: argument --axis: invalid choice"),
        ({"steps": [{"auto": {"range": [1.5, 2]}}]}, "invalid int value"),
        ({"steps": [{"auto": {"range": 1}}]}, "expected 2 arguments"),
        ({"steps": [{"auto": {"keep-doubtful": "yes"}}]}, "keep-doubtful: expected true or false"),
        ({"steps": [{"auto": {"preset": ["a"]}}]}, "preset: expected one value"),
        ({"steps": [{"auto": {"points-per-side": 0}}]}, "points_per_side"),
        ({"steps": [{"auto": {"rules": "none.json"}}]}, "'rules' of 'auto' of the 1st step: there is no file"),
        ({"steps": ["auto"], "profile": "none.json"}, "'rules' of 'auto' of the 1st step: there is no file"),
        ({"steps": [{"auto": {"output": "{names}.seg.nrrd"}}]}, "there is no placeholder {names}"),
        ({"steps": [{"auto": {"output": "../x.seg.nrrd"}}]}, "in the scan's folder of results"),
        ({"steps": [{"auto": {"output": "x.nrrd"}}]}, "ends in '.seg.nrrd'"),
        (
            {"steps": ["auto", {"segment": {"prompts": "none.json"}}]},
            "'prompts' of 'segment' of the 2nd step: ",
        ),
        ({"steps": [{"segment": {}}]}, "prompts: expected the name of a file"),
        ({"steps": ["measure"]}, "no step before it makes a segmentation"),
        ({"steps": ["auto", "auto"]}, "already written by 'auto' of the 1st step"),
        ({"results": "results"}, "would have the same folder"),
        ({"results": "{name"}, "brace"),
        ({"results": "{name!r}"}, "more of {name} than its name"),
        ({"results": "{size}"}, "there is no placeholder {size}"),
        ({"slices_per_task": 0}, "1 or larger"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(study: Path, changed: dict, said: str) -> None:
    assert said in refused(study, job_text(**{"steps": ["auto"], **changed}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps: [auto]\nsteps: [auto]\n", "the key 'steps' is given twice in one object in line 2"),
        ("steps: &a [auto]\nscans: *a\n", "anchors and aliases"),
        ("steps: [auto\n", "not YAML"),
        ("scans: 2026-01-01\n", "put it into quotation marks"),
        ("5: 6\n", "is no text"),
        ("scans: !!python/object:os.system x\n", "not YAML"),
        ("a: .nan\n", "not a number"),
        ("", "expected an object"),
    ],
)
def test_what_yaml_can_say_and_json_cannot_is_refused(study: Path, text: str, said: str) -> None:
    assert said in refused(study, text, "job.yaml")


def test_the_jobs_of_the_documentation_are_jobs(repository: Path, tmp_path: Path) -> None:
    text = (repository / "Docs/batch.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(examples) >= 3
    for each in examples:
        (tmp_path / "job.yaml").write_text(each, encoding="utf-8")
        check_steps(read_job(tmp_path / "job.yaml"))
        schema_of_jobs().validate(json.loads(read_job(tmp_path / "job.yaml").to_json()))


@pytest.mark.parametrize(
    "changed",
    [
        {"stepps": []},
        {"version": 2},
        {"steps": []},
        {"steps": ["dance"]},
        {"steps": [{"auto": {}, "measure": {}}]},
        {"steps": [{"auto": {"pionts": 3}}]},
        {"steps": [{"auto": {"axis": "x"}}]},
        {"steps": [{"auto": {"range": [1.5, 2]}}]},
        {"steps": [{"auto": {"keep-doubtful": "yes"}}]},
        {"steps": [{"segment": {}}]},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(changed: dict) -> None:
    assert schema_of_jobs().is_valid(json.loads(job_text()))
    assert not schema_of_jobs().is_valid(json.loads(job_text(**changed)))


def test_the_scripts_of_the_documentation_are_python(repository: Path) -> None:
    text = (repository / "Docs/batch.md").read_text(encoding="utf-8")
    script = (repository / "Docs/examples/on_slurm.py").read_text(encoding="utf-8")
    for each in (script, *re.findall(r"```python\n(.*?)```", text, re.DOTALL)):
        compile(each, "example", "exec")


def test_yaml_and_json_say_the_same(study: Path) -> None:
    (study / "job.yaml").write_text(
        "format: rwthsam-job\nversion: 1\nscans: scans/*.nrrd\nsteps:\n  - auto: {range: [0, 1]}\n  - measure\n"
    )
    (study / "job.json").write_text(job_text(steps=[{"auto": {"range": [0, 1]}}, "measure"]))
    assert read_job(study / "job.yaml") == read_job(study / "job.json")


def test_a_job_that_is_written_is_read_as_it_was(study: Path) -> None:
    job = job_of(parse_document(job_text(results="out/{folder}-{name}", slices_per_task=3), JobError), study)
    assert job_of(parse_document(job.to_json(), JobError), study) == job


def test_a_profile_without_rules_is_told_before_work(study: Path) -> None:
    (study / "plain.json").write_text(profile_of_names("Plain", ["A"]).to_json())
    assert "no rules" in refused(study, job_text(steps=["auto"], profile="plain.json"))


def test_a_scan_that_two_patterns_name_is_done_once(study: Path) -> None:
    job = job_of(parse_document(job_text(scans=["scans/*.nrrd", "scans/one.nrrd"]), JobError), study)
    assert [each.name for each in scans_of(job)] == ["one", "two"]


def test_names_with_brackets_and_braces_are_names(study: Path) -> None:
    shutil.move(study / "scans/one.nrrd", study / "scans/a{b} [1].nrrd")
    (study / "job.json").write_text(job_text(scans="scans/a{b} [1].nrrd", steps=["auto", "measure"]))
    ((scan, steps),) = planned(read_job(study / "job.json"))
    assert scan.results == study / "results" / "a{b} [1]"
    assert steps[1].given.segmentation == scan.results / "a{b} [1].seg.nrrd"


def test_parts_of_a_store_are_no_scans(tmp_path: Path) -> None:
    (tmp_path / "scans/s.ome.zarr/0").mkdir(parents=True)
    for each in ("scans/s.ome.zarr/zarr.json", "scans/s.ome.zarr/0/zarr.json"):
        (tmp_path / each).write_text("{}")
    job = job_of(parse_document(job_text(scans="scans/**"), JobError), tmp_path)
    assert "s.ome.zarr" in {each.path.name for each in scans_of(job)}
    assert not any("s.ome.zarr" in each.path.parent.name for each in scans_of(job))


def test_results_within_the_scan_are_refused(tmp_path: Path) -> None:
    (tmp_path / "scans/slices").mkdir(parents=True)
    said = refused(tmp_path, job_text(scans="scans/slices", results="scans/{name}/results", steps=["auto"]))
    assert "lies in the scan itself" in said


def test_a_bad_job_is_one_line_and_exit_code_2(study: Path, capsys: pytest.CaptureFixture) -> None:
    (study / "job.json").write_text(job_text(steps=["dance"]))
    assert main(["batch", str(study / "job.json")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("rwthsam: ") and said.count("\n") == 1
