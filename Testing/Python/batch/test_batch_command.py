"""``rwthsam batch`` does with many scans what the commands do with one, and does nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from batch_parts import EASY, labels_of, rows_of, write_job, write_scan

from RWTHSAMLib.cli.batch import scan_work
from RWTHSAMLib.cli.batch.scan_work import blocks_of
from RWTHSAMLib.cli.main import main
from RWTHSAMLib.volumes import scan


def computed(study: Path) -> dict[str, int]:
    return {name: int(row["tasks_computed"]) for name, row in rows_of(study).items()}


@pytest.mark.parametrize("axis", ["k", "i"])
def test_blocks_of_slices_give_what_the_command_gives_at_once(axis, study, auto, own_weights, tmp_path) -> None:
    (study / "scans/two.nrrd").unlink()
    auto["auto"] |= {"axis": axis, "range": [24, 26] if axis == "i" else [0, 2]}
    assert main(["batch", "--in-process", str(write_job(study, [auto]))]) == 0
    options = [f"--{name}={value}" for name, value in EASY.items() if value is not True]
    first, last = auto["auto"]["range"]
    words = ["auto", str(study / "scans/one.nrrd"), "-o", str(tmp_path / "at-once.seg.nrrd"), *options]
    words += ["--keep-doubtful", "--weights", str(own_weights), "--axis", axis, "--range", str(first), str(last)]
    assert main(words) == 0
    results = study / "results/one"
    at_once = (tmp_path / "at-once-objects.csv").read_text()
    assert (results / "one-objects.csv").read_text() == at_once and at_once.count("\n") > 3
    assert np.array_equal(labels_of(results / "one.seg.nrrd"), labels_of(tmp_path / "at-once.seg.nrrd"))


def test_many_parts_are_linked_level_by_level_to_the_same_objects(tmp_path, auto, monkeypatch) -> None:
    write_scan(tmp_path / "scans/one.nrrd", slices=5)
    assert main(["batch", "--in-process", str(write_job(tmp_path, [auto]))]) == 0
    monkeypatch.setattr(scan_work, "_PARTS_PER_LINK", 2)
    assert main(["batch", "--in-process", str(write_job(tmp_path, [auto], results="tree/{name}"))]) == 0
    # slices are known; five parts become three, two (one stays as it is) and one, and are written
    assert computed(tmp_path) == {"one": 3 + 1 + 1 + 1}
    at_once, tree = tmp_path / "results/one", tmp_path / "tree/one"
    rows = (at_once / "one-objects.csv").read_text()
    assert (tree / "one-objects.csv").read_text() == rows and rows.count("\n") > 3
    assert np.array_equal(labels_of(tree / "one.seg.nrrd"), labels_of(at_once / "one.seg.nrrd"))


def test_steps_go_on_from_each_other_and_a_second_run_computes_nothing(study, auto, capsys) -> None:
    job = write_job(study, [auto, "measure", {"export": {"format": ["nifti", "stl"]}}, "report"])
    assert main(["batch", "--in-process", str(job)]) == 0
    for name in ("one", "two"):
        results = study / "results" / name
        there = {each.name for each in results.iterdir()}
        assert there == {
            f"{name}{end}" for end in (".seg.nrrd", "-objects.csv", "-measurements.csv", "-export", "-report.html")
        }
        assert {each.suffix for each in (results / f"{name}-export").iterdir()} >= {".gz", ".stl"}
    assert "2 of 2 scans done, 0 failed" in capsys.readouterr().out
    # opening, three blocks, linking, writing, and three more steps
    assert computed(study) == {"one": 9, "two": 9}
    assert main(["batch", "--in-process", str(job)]) == 0
    assert computed(study) == {"one": 0, "two": 0}


def test_a_scan_that_memory_has_no_room_for_gives_the_same(study, auto, monkeypatch) -> None:
    (study / "scans/two.nrrd").unlink()
    thickness = {"measure": {"thickness": True, "output": "one-thickness.csv"}}
    steps = [auto, "measure", {"export": {"format": ["nifti"]}}, "report", thickness]
    assert main(["batch", "--in-process", str(write_job(study, steps))]) == 0
    monkeypatch.setattr(scan, "usable_bytes", lambda: 20_000)
    assert main(["batch", "--in-process", str(write_job(study, steps, results="limited/{name}"))]) == 0
    assert "one-export" in (row := rows_of(study)["one"])["outputs"] and "one-report" in row["outputs"]
    enough, limited = study / "results/one", study / "limited/one"
    assert np.array_equal(labels_of(limited / "one.seg.nrrd"), labels_of(enough / "one.seg.nrrd"))
    for name in ("one-objects.csv", "one-measurements.csv", "one-thickness.csv", "one-export/one-label.csv"):
        assert (limited / name).read_text() == (enough / name).read_text()


def test_what_was_damaged_or_changed_is_done_again_and_nothing_else(study, auto) -> None:
    job = write_job(study, [auto, "measure"])
    assert main(["batch", "--in-process", str(job)]) == 0
    before = labels_of(study / "results/one/one.seg.nrrd")
    (study / "results/one/one-measurements.csv").write_text("damaged")
    assert main(["batch", "--in-process", str(job)]) == 0
    assert computed(study) == {"one": 1, "two": 0}
    (study / "results/one/one.seg.nrrd").unlink()
    for each in (study / "job-pieces").rglob("*.json"):
        content = each.read_bytes()
        if b'"found"' in content:
            each.write_bytes(content.replace(b"0.", b"1.", 1))  # still JSON, of other numbers
    assert main(["batch", "--in-process", str(job)]) == 0
    # three blocks, and writing
    assert computed(study) == {"one": 4, "two": 0}
    assert np.array_equal(labels_of(study / "results/one/one.seg.nrrd"), before)


def test_other_settings_do_again_only_what_depends_on_them(study, auto) -> None:
    (study / "scans/two.nrrd").unlink()
    assert main(["batch", "--in-process", str(write_job(study, [auto, "measure"]))]) == 0
    auto["auto"]["min-slices"] = 3
    assert main(["batch", "--in-process", str(write_job(study, [auto, "measure"]))]) == 0
    # objects are written and measured anew, slices are not looked through again
    assert computed(study) == {"one": 2}
    write_scan(study / "scans/one.nrrd", seed=9)
    assert main(["batch", "--in-process", str(write_job(study, [auto, "measure"]))]) == 0
    assert computed(study) == {"one": 7}


def test_a_damaged_scan_is_a_line_and_the_others_are_done(study, auto, capsys) -> None:
    path = study / "scans/one.nrrd"
    path.write_bytes(path.read_bytes()[:-500])
    assert main(["batch", "--in-process", str(write_job(study, [auto, "measure"]))]) == 3
    said = capsys.readouterr()
    assert "1 of 2 scans done, 1 failed" in said.out and "Traceback" not in said.out + said.err
    row = rows_of(study)["one"]
    assert row["state"] == "failed" and "one.nrrd" in row["message"] and "\n" not in row["message"]
    assert rows_of(study)["two"]["state"] == "done"
    document = json.loads((study / "job-summary.json").read_text())
    assert [each["state"] for each in document["scans"]] == ["failed", "done"] and document["failed"] == 1
    write_scan(path)
    assert main(["batch", "--in-process", str(study / "job.json")]) == 0
    assert computed(study)["two"] == 0


def test_a_full_disk_is_a_line_and_later_only_the_rest_is_done(study, auto, a_small_disk, capsys) -> None:
    job = write_job(study, [auto, "measure"], results=f"{a_small_disk.folder}/{{name}}")
    with a_small_disk.with_room_for(4096):
        assert main(["batch", "--in-process", str(job)]) == 3
    rows = rows_of(study)
    assert {row["state"] for row in rows.values()} == {"failed"}
    assert all("could not be written" in row["message"] for row in rows.values()), rows
    assert main(["batch", "--in-process", str(job)]) == 0
    # seven in all; where only the size of files can be limited, pieces do not fit either
    assert all(count < 7 for count in computed(study).values())


def test_a_record_is_replayed_on_every_scan(study, own_weights) -> None:
    prompts = {
        "format": "rwthsam-prompts",
        "version": 1,
        "slices": [{"axis": "k", "index": 2, "class": "core", "points": [[32, 32, 2, 1]]}],
    }
    (study / "prompts.json").write_text(json.dumps(prompts))
    step = {"prompts": "prompts.json", "weights": str(own_weights)}
    job = write_job(study, [{"segment": step}, {"threshold": {"class": "core", "to": "light", "grey": [200, 255]}}])
    assert main(["batch", "--in-process", str(job)]) == 0, rows_of(study)
    for name in ("one", "two"):
        assert labels_of(study / f"results/{name}/{name}.seg.nrrd").any()
        assert labels_of(study / f"results/{name}/{name}-threshold.seg.nrrd").any()


def test_a_dry_run_says_what_would_be_done_and_does_nothing(study, auto, capsys) -> None:
    (study / "scans/two.nrrd").write_bytes(b"NRRD0004\n")
    job = write_job(study, [auto, "measure"])
    before = sorted(study.rglob("*"))
    assert main(["batch", "--dry-run", "--workers", "2", str(job)]) == 3
    assert sorted(study.rglob("*")) == before
    said = capsys.readouterr().out
    assert "one: auto of 3 slices in 3 tasks, measure" in said and "two.nrrd" in said
    # opening, three blocks, linking and writing, and measuring; of the damaged scan what is known of it
    assert "7 tasks" in said and "3 slices of" in said and "2 workers" in said


def test_a_store_is_looked_through_in_whole_chunks_and_gives_what_its_file_gives(study, auto) -> None:
    pytest.importorskip("zarr")
    (study / "scans/two.nrrd").unlink()
    write_scan(study / "scans/one.nrrd", slices=4)
    assert main(["convert", str(study / "scans/one.nrrd"), str(study / "scans/store.ome.zarr")]) == 0
    job = write_job(study, [auto], scans=["scans/*.nrrd", "scans/*.zarr"], slices_per_task=None)
    assert main(["batch", "--in-process", str(job)]) == 0
    assert computed(study) == {"one": 3, "store": 3}
    tables = [(study / "results" / name / f"{name}-objects.csv").read_text() for name in ("one", "store")]
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("asked", "blocks"),
    [
        ((0, 9, 100, 1, None), [(0, 7), (8, 9)]),
        ((3, 9, 100, 4, None), [(3, 7), (8, 9)]),
        ((0, 99, 100, 64, None), [(0, 63), (64, 99)]),
        ((0, 5, 1 << 29, 64, None), [(0, 1), (2, 3), (4, 5)]),
        ((5, 5, 1 << 40, 1, None), [(5, 5)]),
        ((1, 5, 100, 64, 2), [(1, 1), (2, 3), (4, 5)]),
    ],
)
def test_blocks_are_whole_chunks_as_long_as_they_fit(asked, blocks) -> None:
    assert blocks_of(*asked) == blocks


def test_a_job_is_run_by_one_process_at_a_time(study, auto, capsys) -> None:
    from RWTHSAMLib.core.system.file_lock import try_lock

    (study / "job-pieces").mkdir()
    with try_lock(study / "job-pieces/lock"):
        assert main(["batch", "--in-process", str(write_job(study, [auto]))]) == 2
    assert "Another process is at this job" in capsys.readouterr().err
