"""A segmentation says how it was made, and what it says gives the same voxels again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.main import USAGE, main  # noqa: E402
from RWTHSAMLib.core.settings.automatic import AutomaticSettings  # noqa: E402
from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings  # noqa: E402
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings  # noqa: E402
from RWTHSAMLib.core.slices import SliceKey  # noqa: E402
from RWTHSAMLib.models.weights import default_model, file_sha256  # noqa: E402
from RWTHSAMLib.mrml.nodes import segments  # noqa: E402
from RWTHSAMLib.mrml.nodes.record_tag import kept  # noqa: E402
from RWTHSAMLib.mrml.nodes.standalone import new_scene  # noqa: E402
from RWTHSAMLib.mrml.nodes.storage import load_segmentation, save_segmentation  # noqa: E402
from RWTHSAMLib.mrml.nodes.volumes import add_volume  # noqa: E402
from RWTHSAMLib.mrml.session.session import Session  # noqa: E402
from RWTHSAMLib.record.record_file import read_prompt_file  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402
from RWTHSAMLib.volumes.write import write_volume  # noqa: E402
from RWTHSAMLib.worker.client import EngineSpec  # noqa: E402
from RWTHSAMLib.worker.inline import InlineClient  # noqa: E402


def answered(session: Session) -> Session:
    for _ in range(20):
        session.poll()
    assert session.status.has_mask
    return session


def through_the_volume(session: Session) -> None:
    """An object from one slice on to its neighbours."""
    session.propagation.set_settings(PropagationRunSettings(first=40, last=44))
    session.add_point(SliceKey("k", 42), 91, 91)
    answered(session).propagation.start()
    while session.propagation.progress is not None:
        session.poll()
    session.submit()


def without_prompts(session: Session) -> None:
    """Objects that the model finds by itself."""
    session.select_class(session.profile.classes[0].id)
    settings = AutomaticSettings(points_per_side=4, pred_iou_thresh=0.5, stability_score_thresh=0.5)
    session.automatic.set_settings(AutomaticRunSettings(settings, hide_doubtful=False))
    session.automatic.start([SliceKey("k", 46)])
    while session.automatic.progress is not None:
        session.poll()
    session.automatic.submit([each.object.number for each in session.automatic.detected])


@pytest.fixture(scope="module")
def made(trained_weights, cell_scan, tmp_path_factory) -> Path:
    """A segmentation that somebody made by clicking, saved with its record."""
    session = Session(new_scene(), InlineClient())
    session.set_volume(add_volume(session.scene, read_volume(cell_scan)))
    session.load_engine(EngineSpec(default_model(trained_weights), trained_weights))
    first, second = (each.id for each in session.profile.classes[:2])
    session.select_class(first)
    session.add_point(SliceKey("k", 40), 91, 91)
    answered(session).add_point(SliceKey("k", 40), 60, 91)
    answered(session).submit()
    session.select_class(second)
    session.set_box(SliceKey("j", 90), (10, 5), (170, 49))
    answered(session).submit()
    through_the_volume(session)
    without_prompts(session)
    path = save_segmentation(session.segmentation_node, tmp_path_factory.mktemp("made") / "cell.seg.nrrd")
    session.close()
    return path


def voxels(path: Path, volume) -> dict[str, np.ndarray]:
    scene = new_scene()
    node, volume_node = load_segmentation(scene, path), add_volume(scene, volume)
    ids = {segments.class_id_of(node, each) for each in segments.segment_ids(node)}
    return {each: segments.mask_of_class_kji(node, each, volume_node) for each in ids}


def test_the_record_says_what_it_was_made_with(made, trained_weights, capsys) -> None:
    assert main(["provenance", str(made)]) == 0
    said = capsys.readouterr().out
    for words in (
        "Program: RWTHSAM",
        f"Model: {default_model(trained_weights)}",
        f"Weights (SHA-256): {file_sha256(trained_weights)}",
        "OpenVINO",
        "Submitted: 20",
    ):
        assert words in said
    steps = [line for line in said.splitlines() if line[:1].isdigit()]
    kinds = ("slice k = 40", "slice j = 90, a box", "propagated from k = 42", "slice k = 42", "automatic masks")
    assert len(steps) == len(kinds) and all(kind in step for kind, step in zip(kinds, steps, strict=True))


def test_the_extracted_prompts_give_the_same_voxels(made, trained_weights, cell_scan, tmp_path, capsys) -> None:
    prompts, again = tmp_path / "prompts.json", tmp_path / "again.seg.nrrd"
    assert main(["provenance", str(made), "-o", str(prompts)]) == 0
    scan = cell_scan
    assert main(["segment", str(scan), str(prompts), "-o", str(again), "--weights", str(trained_weights)]) == 0
    assert "may differ" not in capsys.readouterr().err
    before, after = voxels(made, read_volume(scan)), voxels(again, read_volume(scan))
    assert sum(each.sum() for each in before.values()) > 100
    for class_id, expected in before.items():
        assert np.array_equal(after[class_id], expected)
    record = kept(load_segmentation(new_scene(), again))
    assert record.steps == read_prompt_file(prompts).steps and all(each.time for each in record.steps)


def test_a_replay_on_another_scan_runs_and_says_what_differs(
    made, trained_weights, cell_scan, tmp_path, capsys
) -> None:
    prompts, again = tmp_path / "prompts.json", tmp_path / "again.seg.nrrd"
    assert main(["provenance", str(made), "-o", str(prompts)]) == 0
    scan = read_volume(cell_scan)
    darker = replace(scan, array_kji=(scan.array_kji * 0.9).astype(scan.array_kji.dtype))
    write_volume(darker, tmp_path / "darker.nrrd")
    words = ["segment", str(tmp_path / "darker.nrrd"), str(prompts), "-o", str(again)]
    assert main([*words, "--weights", str(trained_weights)]) == 0
    said = capsys.readouterr().err
    assert "another scan: this one has other grey values" in said
    assert "when it was recorded" in said and "kept voxel by voxel" in said and "left out" in said
    assert len(kept(load_segmentation(new_scene(), again)).steps) == 4


def test_the_report_lists_how_it_was_made(made, trained_weights, cell_scan, tmp_path) -> None:
    assert main(["report", str(made), str(cell_scan), "-o", str(tmp_path / "report.html")]) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    steps = page[page.index('<ol class="steps">') :].split("<li>")[1:]
    assert len(steps) == 5 and "propagated from k = 42" in steps[2] and default_model(trained_weights) in page


def test_another_engine_is_said(made, trained_weights, cell_scan, tmp_path, capsys) -> None:
    prompts = tmp_path / "prompts.json"
    assert main(["provenance", str(made), "-o", str(prompts)]) == 0
    document = json.loads(prompts.read_text())
    changed = {**document, "engine": "MobileSAM on another machine.", "steps": document["steps"][:1]}
    prompts.write_text(json.dumps(changed))
    words = ["segment", str(cell_scan), str(prompts), "-o", str(tmp_path / "again.seg.nrrd")]
    assert main([*words, "--weights", str(trained_weights)]) == 0
    assert "MobileSAM on another machine." in capsys.readouterr().err


def test_a_segmentation_without_a_record_says_so(tmp_path, capsys) -> None:
    labels = str(tmp_path / "cell.seg.nrrd")
    assert main(["phantom", str(tmp_path / "cell.nrrd"), "--shape", "24", "64", "64", "--labels", labels]) == 0
    assert main(["provenance", labels]) == USAGE
    assert "does not say" in capsys.readouterr().err
