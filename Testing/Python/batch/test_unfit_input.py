"""Scans that do not suit their record, profile or store: one clear line each, before work where it can be known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from batch_parts import rows_of, write_job, write_scan  # noqa: E402

from RWTHSAMLib.cli.main import main  # noqa: E402
from RWTHSAMLib.core.profile import profile_of_names, write_profile  # noqa: E402


@pytest.fixture
def a_record(study: Path) -> dict:
    """A step that does a record again, of a class on the last slice of a scan of three."""
    point = {"class": "core", "axis": "k", "index": 2, "prompts": [{"point": [30, 30, 2], "label": 1}]}
    document = {"format": "rwthsam-prompts", "version": 1, "slices": [point], "window": [0, 255]}
    (study / "record.json").write_text(json.dumps(document))
    return {"segment": {"prompts": "record.json"}}


def said_of(job: Path, capsys, *options: str, code: int) -> str:
    """What a command says of the scan 'two' alone, or of the job."""
    assert main(["batch", str(job), *options]) == code
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    lines = [line for line in (said.out + said.err).splitlines() if line.startswith(("two: ", "rwthsam: "))]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("step", ["segment", "propagate"])
def test_a_scan_that_is_smaller_than_its_record_is_a_line_of_the_dry_run_and_of_the_run(study, a_record, capsys, step):
    write_scan(study / "scans/two.nrrd", slices=2)
    (study / "scans/one.nrrd").unlink()
    job = write_job(study, [{step: a_record["segment"]}])
    assert "Slice k=2 does not exist: the volume has 2" in said_of(job, capsys, "--dry-run", code=3)
    if step == "segment":  # the other one loads its network before
        assert "Slice k=2 does not exist" in said_of(job, capsys, "--in-process", code=3)
        assert rows_of(study)["two"]["state"] == "failed"


def test_a_profile_that_some_scans_lack_is_said_before_work(study, a_record, capsys) -> None:
    write_profile(profile_of_names("Cell", ["Core"]), study / "one.json")
    job = write_job(study, [a_record], profile="{name}.json")
    assert "there is no file" in said_of(job, capsys, code=2) and not (study / "results").exists()


def test_a_profile_without_a_class_of_the_record_is_said_before_work(study, a_record, capsys) -> None:
    for name, class_name in (("one", "Core"), ("two", "Can")):
        write_profile(profile_of_names("Cell", [class_name]), study / f"{name}.json")
    job = write_job(study, [a_record], profile="{name}.json")
    said = said_of(job, capsys, code=2)
    assert "two.nrrd" in said and "has no class 'core'" in said and not (study / "results").exists()


def test_a_class_that_the_prompts_or_their_profile_lack_is_said_before_work(study, a_record, capsys) -> None:
    write_profile(profile_of_names("Cell", ["Core", "Can"]), study / "cell.json")
    prompts = {**a_record["segment"], "profile": "cell.json"}
    for steps in (
        [{"segment": prompts}, {"quality": {"core": "Pin"}}],
        [{"propagate": {**prompts, "order": "Pin"}}],
        [{"propagate": {**prompts, "overwrite": "Pin"}}],
    ):
        said = said_of(write_job(study, steps), capsys, code=2)
        assert "no class 'Pin'; there are Core, Can" in said and not (study / "results").exists()
    assert "expected classes that are prompted (Core)" in said_of(
        write_job(study, [{"propagate": {**prompts, "order": "Can"}}]), capsys, code=2
    )


@pytest.mark.parametrize(
    ("spoilt", "content", "is_told_before", "reason"),
    [
        ("zarr.json", None, True, "still being written"),
        ("0/c/0/0/0", b"no chunk", False, "damaged, or still being written"),
    ],
    ids=["a store that is being written", "a chunk that cannot be decoded"],
)
def test_a_store_that_is_not_whole_is_a_line(study, auto, capsys, spoilt, content, is_told_before, reason) -> None:
    pytest.importorskip("zarr")
    assert main(["convert", str(study / "scans/two.nrrd"), str(study / "stores/two.ome.zarr")]) == 0
    place = study / "stores/two.ome.zarr" / spoilt
    place.unlink() if content is None else place.write_bytes(content)
    job = write_job(study, [auto], scans="stores/*.ome.zarr")
    capsys.readouterr()
    if is_told_before:
        assert reason in said_of(job, capsys, "--dry-run", code=3)
    assert reason in said_of(job, capsys, "--in-process", code=3)
    assert reason in rows_of(study)["two"]["message"]
