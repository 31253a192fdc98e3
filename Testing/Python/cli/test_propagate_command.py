"""``rwthsam propagate`` lets a prompted slice become an object, and names the slices to look at."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

import SimpleITK as sitk  # noqa: E402
from command_parts import class_voxels, prompt_file  # noqa: E402

from RWTHSAMLib.cli.main import main  # noqa: E402
from RWTHSAMLib.core.mask import dice  # noqa: E402

SCAN = "CTChest4.nrrd"
QUICK_MODEL = "mobile_sam_vit_t_512"
SEEDS = {"Right lung": 5, "Left lung": 6}


def box(class_name: str, mask_yx: np.ndarray, k: int) -> dict:
    """A tight box round a mask."""
    rows, columns = np.flatnonzero(mask_yx.any(1)), np.flatnonzero(mask_yx.any(0))
    corners = [[int(columns[0]), int(rows[0]), k], [int(columns[-1]), int(rows[-1]), k]]
    return {"axis": "k", "index": k, "class": class_name, "prompts": [{"box": corners}]}


def click(class_name: str, x: int, y: int, k: int, axis: str = "k") -> dict:
    place = {"k": [x, y, k], "j": [x, k, y], "i": [k, x, y]}[axis]
    return {"axis": axis, "index": k, "class": class_name, "prompts": [{"point": place, "label": 1}]}


@pytest.fixture(scope="module")
def labels(volumes) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(volumes / "CTChest4_Segmentation.seg.nrrd")))


@pytest.fixture(scope="module")
def lungs(labels, volumes, quick_weights, tmp_path_factory) -> Path:
    """Both lungs, each from a box on the slice where it is largest, on the slices round it."""
    folder = tmp_path_factory.mktemp("lungs")
    boxes = [
        box(name, labels[largest(labels, label)] == label, largest(labels, label)) for name, label in SEEDS.items()
    ]
    first, last = near(labels)
    output = folder / "lungs.seg.nrrd"
    words = [
        "propagate",
        str(volumes / "CTChest4.nrrd"),
        str(prompt_file(folder / "p.json", boxes)),
        "-o",
        str(output),
    ]
    words += [
        "--weights",
        str(quick_weights),
        "--model",
        QUICK_MODEL,
        "--window",
        "-1350",
        "150",
        "--range",
        str(first),
        str(last),
    ]
    assert main(words) == 0
    return output


def largest(labels: np.ndarray, label: int) -> int:
    """The slice where a lung is largest."""
    return int((labels == label).sum(axis=(1, 2)).argmax())


def near(labels: np.ndarray) -> tuple[int, int]:
    """First and last slice of some round those: each takes a second."""
    slices = [largest(labels, label) for label in SEEDS.values()]
    return min(slices) - 3, max(slices) + 3


def test_lungs_from_a_box_each(lungs, labels) -> None:
    first, last = near(labels)
    for name, label in SEEDS.items():
        voxels, expected = class_voxels(lungs, name, labels.shape[::-1]), labels == label
        assert dice(voxels[first : last + 1], expected[first : last + 1]) >= 0.95
        assert not voxels[:first].any() and not voxels[last + 1 :].any()


def test_the_table_has_a_row_for_each_slice_and_says_which_are_doubtful(lungs, labels) -> None:
    with lungs.with_name("lungs-slices.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name in SEEDS:
        own = [row for row in rows if row["class"] == name]
        assert [int(row["slice"]) for row in own] == list(range(int(own[0]["slice"]), int(own[-1]["slice"]) + 1))
        voxels = class_voxels(lungs, name, labels.shape[::-1])
        for row in own:
            assert row["axis"] == "k" and 0 <= float(row["score"]) <= 1
            assert abs(int(row["area_px"]) - np.count_nonzero(voxels[int(row["slice"])])) <= 20  # the other lung's
            assert int(row["doubtful"]) == (float(row["score"]) < 0.5)


def refused(tmp_path: Path, scan: Path, clicks: list[dict], *options: str) -> int:
    prompts = prompt_file(tmp_path / "p.json", clicks)
    return main(["propagate", str(scan), str(prompts), "-o", str(tmp_path / "o.seg.nrrd"), *options])


def test_a_class_prompted_along_two_axes_is_refused(cell_scan, tmp_path, capsys) -> None:
    assert refused(tmp_path, cell_scan, [click("Lung", 40, 60, 12), click("Lung", 40, 12, 60, "j")]) == 2
    assert "along k and j" in capsys.readouterr().err and not (tmp_path / "o.seg.nrrd").exists()


def test_a_range_without_the_prompted_slice_is_refused(cell_scan, tmp_path, capsys) -> None:
    assert refused(tmp_path, cell_scan, [click("Lung", 40, 60, 12)], "--range", "20", "30") == 2
    said = capsys.readouterr().err
    assert "--range" in said and "12" in said


def test_a_picture_in_color_is_judged_by_its_mean(trained_weights, tmp_path) -> None:
    picture = np.full((96, 96, 3), 200, np.uint8)
    picture[30:60, 30:60] = (40, 10, 10)
    sitk.WriteImage(sitk.GetImageFromArray(picture, isVector=True), str(tmp_path / "color.png"))
    prompts, output = prompt_file(tmp_path / "p.json", [click("Block", 45, 45, 0)]), tmp_path / "o.seg.nrrd"
    words = [
        "propagate",
        str(tmp_path / "color.png"),
        str(prompts),
        "-o",
        str(output),
        "--weights",
        str(trained_weights),
    ]
    assert main(words) == 0
    assert dice(class_voxels(output, "Block", (96, 96, 1))[0], picture[..., 0] == 40) > 0.8


@pytest.fixture(scope="module")
def blocks(trained_weights, tmp_path_factory) -> Path:
    """A dark block through five slices, clicked twice for one class and once for another one."""
    folder = tmp_path_factory.mktemp("blocks")
    grey = np.full((5, 96, 96), 200, np.uint8)
    grey[:, 30:60, 30:60] = 20
    sitk.WriteImage(sitk.GetImageFromArray(grey), str(folder / "blocks.nrrd"))
    clicks = [click("Block", 45, 45, 1), click("Block", 40, 40, 1), click("Same block", 45, 45, 3)]
    return prompt_file(folder / "p.json", clicks)


def propagated(prompts: Path, output: Path, weights: Path, *options: str) -> Path:
    scan = str(prompts.with_name("blocks.nrrd"))
    words = ["propagate", scan, str(prompts), "-o", str(output), "--weights", str(weights), *options]
    assert main(words) == 0
    return output


def counts_said(said: str) -> dict[str, int]:
    lines = [line for line in said.splitlines() if line.endswith(" voxels")]
    return {line.split(":")[0]: int(line.split()[-2]) for line in lines}


SIZE = (96, 96, 5)
NAMES = ("Block", "Same block")


def test_classes_that_overlap_say_so_and_the_counts_are_those_of_the_file(
    blocks, trained_weights, tmp_path, capsys
) -> None:
    output = propagated(blocks, tmp_path / "o.seg.nrrd", trained_weights, "--order", "Same block")
    said = capsys.readouterr()
    voxels = {name: int(np.count_nonzero(class_voxels(output, name, SIZE))) for name in NAMES}
    assert counts_said(said.out) == voxels
    assert voxels["Same block"] > 4000 > 500 > voxels["Block"]
    assert "are in 'Same block' and in 'Block': 'Same block' has them" in said.err


def test_the_file_says_how_it_was_propagated_and_a_replay_gives_the_same_voxels(
    blocks, trained_weights, tmp_path, capsys
) -> None:
    output = propagated(
        blocks, tmp_path / "o.seg.nrrd", trained_weights, "--overwrite", "all", "--range", "1", "4", "--padding-px", "5"
    )
    assert main(["provenance", str(output)]) == 0
    said = capsys.readouterr().out
    assert (
        "'Block': propagated from k = 1 (a mask)" in said and "'Same block': propagated from k = 3 (1 positive)" in said
    )
    record, again = tmp_path / "record.json", tmp_path / "again.seg.nrrd"
    assert main(["provenance", str(output), "-o", str(record)]) == 0
    scan = str(blocks.with_name("blocks.nrrd"))
    assert main(["segment", scan, str(record), "-o", str(again), "--weights", str(trained_weights)]) == 0
    for name in NAMES:
        before, after = class_voxels(output, name, SIZE), class_voxels(again, name, SIZE)
        assert np.array_equal(before, after)
    assert class_voxels(output, "Same block", SIZE)[1:].any(axis=(1, 2)).all()
    assert not class_voxels(output, "Same block", SIZE)[0].any()


def test_each_prompt_is_seen_through_the_window_that_it_was_made_with(
    blocks, trained_weights, tmp_path, capsys
) -> None:
    """The object is followed through the file's window; a replay has the mask itself, which no prompt would give it."""
    steps = [{**click("Block", 45, 45, 1), "kind": "prompts", "made_with": {"window": [150, 255]}}]
    prompts = steps_file(blocks.with_name("windows.json"), steps, window=[0, 255])
    output = propagated(prompts, tmp_path / "o.seg.nrrd", trained_weights)
    assert main(["provenance", str(output)]) == 0
    assert "'Block': propagated from k = 1 (a mask)" in capsys.readouterr().out
    steps[0]["made_with"]["window"] = [5000, 6000]
    unseen = steps_file(blocks.with_name("unseen.json"), steps, window=[0, 255])
    words = [str(blocks.with_name("blocks.nrrd")), str(unseen), "-o", str(tmp_path / "no.seg.nrrd")]
    assert main(["propagate", *words, "--weights", str(trained_weights)]) == 2
    assert "Nothing can be seen where the object is prompted (slice 1)" in capsys.readouterr().err


def steps_file(path: Path, steps: list[dict], **more: object) -> Path:
    path.write_text(json.dumps({"format": "rwthsam-prompts", "version": 2, "steps": steps, **more}), encoding="utf-8")
    return path


def test_steps_that_are_no_prompts_are_said_to_be_left_out_and_alone_are_refused(
    blocks, trained_weights, tmp_path, capsys
) -> None:
    painted = {"kind": "by_hand", "classes": ["Block"], "tool": "Paint", "count": 3}
    both = steps_file(blocks.with_name("both.json"), [painted, {**click("Block", 45, 45, 1), "kind": "prompts"}])
    propagated(both, tmp_path / "o.seg.nrrd", trained_weights, "--range", "1", "1")
    assert "1 step that is no prompts on a slice" in capsys.readouterr().err
    alone = steps_file(blocks.with_name("alone.json"), [painted])
    words = [str(blocks.with_name("blocks.nrrd")), str(alone), "-o", str(tmp_path / "no.seg.nrrd")]
    assert main(["propagate", *words, "--weights", str(trained_weights)]) == 2
    assert "expected a slice with prompts" in capsys.readouterr().err and not (tmp_path / "no.seg.nrrd").exists()


def test_a_prompt_on_a_black_slice_is_refused_beside_good_ones(trained_weights, tmp_path, capsys) -> None:
    grey = np.zeros((5, 96, 96), np.uint8)
    grey[2:], grey[2:, 30:60, 30:60] = 200, 20
    sitk.WriteImage(sitk.GetImageFromArray(grey), str(tmp_path / "scan.nrrd"))
    prompts = prompt_file(tmp_path / "p.json", [click("Block", 45, 45, 3), click("Block", 45, 45, 0)])
    names = [str(tmp_path / "scan.nrrd"), str(prompts), "-o", str(tmp_path / "o.seg.nrrd")]
    assert main(["propagate", *names, "--weights", str(trained_weights)]) == 2
    assert "Nothing can be seen where the object is prompted (slice 0)" in capsys.readouterr().err
    assert not (tmp_path / "o.seg.nrrd").exists()


def test_prompts_of_an_overview_go_to_the_full_resolution(trained_weights, tmp_path, capsys) -> None:
    pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra)")
    grey = np.full((8, 128, 260), 120, np.uint8)
    grey[2:6, 40:80, 60:140] = 230
    sitk.WriteImage(sitk.GetImageFromArray(grey), str(tmp_path / "scan.nrrd"))
    assert main(["convert", str(tmp_path / "scan.nrrd"), str(tmp_path / "scan.ome.zarr")]) == 0
    prompts = prompt_file(
        tmp_path / "overview.json",
        [{"axis": "k", "index": 1, "class": "Bar", "prompts": [{"box": [[30, 20, 1], [69, 39, 1]]}]}],
        volume={"shape_kji": [4, 64, 130]},
    )
    output, level = tmp_path / "bar.seg.nrrd", tmp_path / "scan.ome.zarr/0"
    words = ["propagate", str(level), str(prompts), "-o", str(output), "--weights", str(trained_weights)]
    assert main([*words, "--range", "2", "4"]) == 0
    assert "were made on another level of this scan" in capsys.readouterr().err
    bar = class_voxels(output, "Bar", grey.shape[::-1])
    assert dice(bar[2:5], grey[2:5] == 230) > 0.9
