"""``rwthsam segment`` replays prompts: the file it writes holds the voxels, names, colours and class ids."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from command_parts import class_voxels, prompt_file  # noqa: E402
from scipy import ndimage  # noqa: E402

from RWTHSAMLib.cli.main import main  # noqa: E402
from RWTHSAMLib.models.weights import default_model  # noqa: E402

CORE_XY = (288, 288)
CELL_SIZE = (182, 182, 50)
LUNGS = {"right lung": 5, "left lung": 6}
LEAST_LUNG_PIXELS = 40
EVERY = 3
"""Slices of the chest are prompted this far apart: those between show nothing else."""
QUICK = ("--model", "mobile_sam_vit_t_512")


def one_click(class_name: str = "Core") -> dict:
    return {
        "axis": "k",
        "index": 0,
        "class": class_name,
        "prompts": [{"point": [*CORE_XY, 0], "label": 1}],
    }


def in_the_cell(class_name: str = "Core") -> dict:
    """A click in the middle of a slice of the made-up cell."""
    return {"axis": "k", "index": 40, "class": class_name, "prompts": [{"point": [91, 91, 40], "label": 1}]}


def dice(first: np.ndarray, second: np.ndarray) -> float:
    return 2 * np.count_nonzero(first & second) / (np.count_nonzero(first) + np.count_nonzero(second))


def lung_slices(labels_kji: np.ndarray) -> list[dict]:
    """The tight box and the deepest pixel of every large component of either lung, on some slices."""
    slices = []
    for name, label in LUNGS.items():
        for k in range(0, len(labels_kji), EVERY):
            components, count = ndimage.label(labels_kji[k] == label)
            for number in range(1, count + 1):
                mask = components == number
                if np.count_nonzero(mask) >= LEAST_LUNG_PIXELS:
                    slices.append({"axis": "k", "index": k, "class": name, "prompts": _prompts_of(mask, k)})
    return slices


def _prompts_of(mask_yx: np.ndarray, k: int) -> list[dict]:
    rows, columns = np.flatnonzero(mask_yx.any(1)), np.flatnonzero(mask_yx.any(0))
    depth = ndimage.distance_transform_edt(np.pad(mask_yx, 1))[1:-1, 1:-1]
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    corners = [[int(columns[0]), int(rows[0]), k], [int(columns[-1]), int(rows[-1]), k]]
    return [{"box": corners}, {"point": [int(x), int(y), k], "label": 1}]


def test_the_core_of_the_real_slice_is_found(real_weights, volumes, tmp_path, capsys) -> None:
    prompts, output = prompt_file(tmp_path / "p.json", [one_click()]), tmp_path / "out.seg.nrrd"
    scan = volumes / "battery_slice_1.tif"
    assert main(["segment", str(scan), str(prompts), "-o", str(output), "--weights", str(real_weights)]) == 0
    core = class_voxels(output, "Core", (576, 576, 1))
    assert core[0, CORE_XY[1], CORE_XY[0]]
    assert 500 < np.count_nonzero(core) < 0.2 * core.size
    assert "Core: " in capsys.readouterr().out


def test_replaying_twice_gives_the_same_voxels(trained_weights, cell_scan, tmp_path) -> None:
    prompts = prompt_file(tmp_path / "p.json", [in_the_cell("Core")])
    outputs = [tmp_path / f"{n}.seg.nrrd" for n in range(2)]
    for output in outputs:
        assert (
            main(["segment", str(cell_scan), str(prompts), "-o", str(output), "--weights", str(trained_weights)]) == 0
        )
    first, second = (class_voxels(output, "Core", CELL_SIZE) for output in outputs)
    assert first.any() and np.array_equal(first, second)


def test_another_model_than_the_prompts_name_is_said_in_one_line(trained_weights, cell_scan, tmp_path, capsys) -> None:
    name, slices = default_model(trained_weights), [in_the_cell("Core"), in_the_cell("Can")]
    prompts = prompt_file(tmp_path / "p.json", slices, model="sam_vit_h")  # and no hash of weights
    options = ["-o", str(tmp_path / "o.seg.nrrd"), "--weights", str(trained_weights), "--model", name]
    assert main(["segment", str(cell_scan), str(prompts), *options]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "made with" in line]
    assert said == [f"The prompts were made with the model sam_vit_h, not with {name}: expect other masks."]


def test_both_lungs_of_a_chest_scan_agree_with_their_labels(quick_weights, volumes, tmp_path, capsys) -> None:
    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(volumes / "CTChest4_Segmentation.seg.nrrd")))
    prompts = prompt_file(tmp_path / "lungs.json", lung_slices(labels), window=[-1350, 150])
    scan, output = volumes / "CTChest4.nrrd", tmp_path / "lungs.seg.nrrd"
    options = ["-o", str(output), *QUICK, "--weights", str(quick_weights)]
    assert main(["segment", str(scan), str(prompts), *options]) == 0
    for name, label in LUNGS.items():
        found = class_voxels(output, name, (128, 128, 34))
        assert not np.delete(found, range(0, len(found), EVERY), axis=0).any()
        score = dice(found[::EVERY], labels[::EVERY] == label)
        with capsys.disabled():
            print(f"\n3D Dice of the {name}, a box and a click on a slice: {score:.3f}")
        assert score > 0.93  # 0.942 and 0.944 when this was written, with 512 pixels


def test_classes_have_the_names_colours_and_ids_of_the_profile(trained_weights, cell_scan, tmp_path) -> None:
    profile = tmp_path / "profile.json"
    classes = [{"id": "kern", "name": "Core", "color": "#ff8000"}, {"id": "dose", "name": "Can", "color": "#0000ff"}]
    profile.write_text(json.dumps({"format": "rwthsam-profile", "version": 2, "name": "Cell", "classes": classes}))
    prompts, output = prompt_file(tmp_path / "p.json", [in_the_cell("kern")]), tmp_path / "out.seg.nrrd"
    options = ["--profile", str(profile), "--weights", str(trained_weights), "--window", "0", "60000"]
    assert main(["segment", str(cell_scan), str(prompts), "-o", str(output), *options]) == 0
    image = sitk.ReadImage(str(output))
    told = " ".join(image.GetMetaData(key) for key in image.GetMetaDataKeys())
    assert "kern" in told
    assert "1 0.501961 0" in told


@pytest.mark.parametrize(
    ("slices", "more", "said"),
    [
        ([{**in_the_cell(), "index": 50}], {}, "on slice k=50"),
        ([{**in_the_cell(), "prompts": [{"point": [999, 3, 40], "label": 1}]}], {}, "999"),
        ([], {}, "slices"),
    ],
    ids=["no such slice", "outside", "nothing"],
)
def test_prompts_that_do_not_fit_are_refused_and_nothing_is_written(
    slices, more, said, trained_weights, cell_scan, tmp_path, capsys
) -> None:
    prompts, output = prompt_file(tmp_path / "p.json", slices, **more), tmp_path / "out.seg.nrrd"
    assert main(["segment", str(cell_scan), str(prompts), "-o", str(output), "--weights", str(trained_weights)]) == 2
    assert said in capsys.readouterr().err
    assert not output.exists()


def test_an_output_that_is_no_segmentation_is_refused_first(tmp_path, capsys) -> None:
    assert main(["segment", "none.nrrd", "none.json", "-o", str(tmp_path / "out.nrrd")]) == 2
    assert ".seg.nrrd" in capsys.readouterr().err
