"""A learned classifier as a step of a job."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from batch_parts import labels_of, rows_of, write_job

pytest.importorskip("sklearn", reason="needs scikit-learn (install the 'learn' extra)")

from RWTHSAMLib.batch.job import read_job
from RWTHSAMLib.cli.batch.command import planned
from RWTHSAMLib.cli.main import main
from RWTHSAMLib.errors import JobError


@pytest.fixture
def learned(study: Path) -> Path:
    """The study with a classifier that was learned on its first scan: bright and dark things."""
    grey = sitk.GetArrayFromImage(sitk.ReadImage(str(study / "scans/one.nrrd")))
    labels = sitk.GetImageFromArray(np.where(grey > 200, 1, np.where(grey < 60, 2, 0)).astype(np.uint8))
    labels.SetSpacing((0.1, 0.1, 0.2))
    sitk.WriteImage(labels, str(study / "painted.nii.gz"))
    words = ["learn", str(study / "scans/one.nrrd"), str(study / "painted.nii.gz"), "-o", str(study / "c.zip")]
    assert main([*words, "--background", "--trees", "5", "--most-voxels", "300", "--scales", "1"]) == 0
    return study


def test_every_scan_is_classified_and_what_follows_takes_its_classes(learned: Path, tmp_path: Path) -> None:
    job = write_job(learned, [{"classify": {"classifier": "c.zip"}}, "measure"])
    assert main(["batch", "--in-process", str(job)]) == 0
    for name in ("one", "two"):
        alone = tmp_path / f"{name}-alone.seg.nrrd"
        assert (
            main(["classify", str(learned / f"scans/{name}.nrrd"), "-c", str(learned / "c.zip"), "-o", str(alone)]) == 0
        )
        found = labels_of(learned / f"results/{name}/{name}.seg.nrrd")
        assert np.array_equal(found, labels_of(alone)) and {*np.unique(found)} == {0, 1, 2}
        assert (learned / f"results/{name}/{name}-measurements.csv").read_text().count("\n") == 3
    assert main(["batch", "--in-process", str(job)]) == 0
    assert {row["tasks_computed"] for row in rows_of(learned).values()} == {"0"}


def test_another_classifier_is_asked_again(learned: Path) -> None:
    job = write_job(learned, [{"classify": {"classifier": "c.zip"}}])
    assert main(["batch", "--in-process", str(job)]) == 0
    words = ["learn", str(learned / "scans/one.nrrd"), str(learned / "painted.nii.gz"), "-o", str(learned / "c.zip")]
    assert main([*words, "--background", "--trees", "3", "--most-voxels", "300", "--scales", "1"]) == 0
    assert main(["batch", "--in-process", str(job)]) == 0
    assert {row["tasks_computed"] for row in rows_of(learned).values()} == {"1"}


def test_a_class_that_the_classifier_does_not_know_is_told_of_before_work_begins(learned: Path) -> None:
    dark = {"to": "Core", "otsu": "dark"}
    wrong = {
        "quality": {"core": "Pin"},
        "measure": {"class": ["Segment_1", "Pin"]},
        "export": {"class": "Pin", "format": "stl"},
        "threshold": {"class": "Pin", **dark},
        "threshold, overwriting": {"class": "Segment_1", "overwrite": "Pin", **dark},
    }
    for step, options in ((words.partition(",")[0], options) for words, options in wrong.items()):
        job = write_job(learned, [{"classify": {"classifier": "c.zip"}}, {step: options}])
        with pytest.raises(JobError, match=rf"^'{step}' of the 2nd step.* no (class|segment) 'Pin'.*Segment_2"):
            planned(read_job(job))


def test_a_class_that_a_threshold_makes_is_known_to_the_steps_behind_it(learned: Path) -> None:
    threshold = {"class": "Segment_1", "to": "Core", "otsu": "dark"}
    steps = [{"classify": {"classifier": "c.zip"}}, {"threshold": threshold}, {"quality": {"core": "Core"}}]
    assert len(planned(read_job(write_job(learned, steps)))) == 2
    steps[2] = {"quality": {"core": "Pin"}}
    with pytest.raises(JobError, match=r"no class 'Pin'; there are Segment_1, Segment_2, Core"):
        planned(read_job(write_job(learned, steps)))


def test_a_classifier_that_is_none_is_told_of_before_work_begins(learned: Path) -> None:
    def said(**options: str) -> str:
        with pytest.raises(JobError) as caught:
            planned(read_job(write_job(learned, [{"classify": options}])))
        return str(caught.value)

    (learned / "bad.zip").write_bytes(b"PK nothing")
    assert "holds no classifier of 'rwthsam learn'" in said(classifier="bad.zip")
    assert "'classifier' of 'classify' of the 1st step: there is no file" in said(classifier="none.zip")
    assert "-c/--classifier" in said()
