"""``rwthsam segment`` with networks of random weights: runs where there are no real weights and scans.

The masks mean nothing, but they are the engine's, so the file must hold exactly them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")
sitk = pytest.importorskip("SimpleITK", reason="needs SimpleITK (install the 'volume' extra)")
torch = pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")
pytest.importorskip("mobile_sam", reason="needs mobile_sam (install the 'torch' extra)")

from RWTHSAMLib.cli.main import main  # noqa: E402
from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402
from RWTHSAMLib.models.catalogue import model  # noqa: E402
from RWTHSAMLib.models.loading import build_network  # noqa: E402
from RWTHSAMLib.record.record_file import read_prompt_file  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402

BACKEND_OF = {"mobile_sam_vit_t_512": "torch", "rwthsam_net": "openvino"}
SHAPE_KJI = (20, 40, 48)
SLICES = [
    {"axis": "k", "index": 9, "class": "Roll", "prompts": [{"point": [24, 20, 9], "label": 1}]},
    {"axis": "j", "index": 20, "class": "can", "candidate": 1, "points": [[5, 20, 12, 1]]},
    {"axis": "i", "index": 30, "class": "Roll", "box": [[30, 5, 4], [30, 35, 15]]},
]
CLASSES = [
    {"id": "roll-1", "name": "Roll", "color": "#ff8000"},
    {"id": "can", "name": "Can", "color": [0, 0, 1], "locked": True},
]


@pytest.fixture(scope="module", params=BACKEND_OF)
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def random_weights(name: str, tmp_path_factory, tiny_net_weights: Path) -> Path:
    if name == "rwthsam_net":
        return tiny_net_weights
    path = tmp_path_factory.mktemp("weights") / "random.pt"
    torch.manual_seed(7)
    torch.save(build_network(model(name)).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def load(name: str, random_weights: Path) -> Callable[[], SamEngine]:
    return lambda: SamEngine.load(name, random_weights, backend=BACKEND_OF[name], device="cpu", precision="f32")


@pytest.fixture(scope="module")
def a_scan(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("scan") / "cell.nrrd"
    assert main(["phantom", str(path), "--seed", "2", "--shape", *map(str, SHAPE_KJI)]) == 0
    return path


@pytest.fixture(scope="module")
def a_prompt_file(tmp_path_factory) -> Path:
    profile = {"format": "rwthsam-profile", "version": 2, "name": "Cell", "classes": CLASSES}
    document = {"format": "rwthsam-prompts", "version": 1, "window": [0, 30000], "slices": SLICES, "profile": profile}
    path = tmp_path_factory.mktemp("prompts") / "prompts.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def segmented(name, a_scan, a_prompt_file, random_weights, tmp_path_factory):
    """Function that replays the prompts, with an empty cache, into a new file."""

    def run() -> Path:
        folder = tmp_path_factory.mktemp("run")
        options = ["--model", name, "--weights", str(random_weights), "--backend", BACKEND_OF[name]]
        options += ["--device", "cpu", "--precision", "f32"]
        output = folder / "out.seg.nrrd"
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("RWTHSAM_CACHE", str(folder / "cache"))
            assert main(["segment", str(a_scan), str(a_prompt_file), "-o", str(output), *options]) == 0
        return output

    return run


@pytest.fixture(scope="module")
def a_segmentation(segmented) -> Path:
    return segmented()


def labels_of(path: Path) -> dict[str, np.ndarray]:
    """Voxels of each class id on the scan's grid, as SimpleITK finds them in the file."""
    image = sitk.ReadImage(str(path))
    i, j, k = (int(each) for each in image.GetMetaData("Segmentation_ReferenceImageExtentOffset").split())
    inside, whole = sitk.GetArrayFromImage(image), np.zeros(SHAPE_KJI, int)
    whole[k : k + inside.shape[0], j : j + inside.shape[1], i : i + inside.shape[2]] = inside
    found = {}
    for number in range(2):
        tags = dict(tag.split(":", 1) for tag in image.GetMetaData(f"Segment{number}_Tags").split("|") if ":" in tag)
        found[tags["RWTHSAM.ClassId"]] = whole == int(image.GetMetaData(f"Segment{number}_LabelValue"))
    return found


def masks_of_the_engine(engine: SamEngine, scan: Path, prompts: Path) -> np.ndarray:
    """Class number of every voxel, 0 where none: one slice after the other, later ones overwrite."""
    recorded, array_kji = read_prompt_file(prompts), read_volume(scan).array_kji
    labels = np.zeros(array_kji.shape, int)
    for each in recorded.slices:
        image = SliceImage.from_values(each.slice.take(array_kji), recorded.made_with.window)
        mask = engine.segment(image, each.prompts).best.mask.to_array()
        each.slice.take(labels)[mask] = 2 if each.class_id == "can" else 1
    return labels


def test_the_file_holds_the_engine_s_masks(a_segmentation, a_scan, a_prompt_file, load) -> None:
    found = labels_of(a_segmentation)
    expected = masks_of_the_engine(load(), a_scan, a_prompt_file)
    assert np.count_nonzero(expected == 1) and np.count_nonzero(expected == 2)
    assert np.array_equal(found["roll-1"], expected == 1)
    assert np.array_equal(found["can"], expected == 2)


def test_replaying_twice_gives_the_same_voxels(a_segmentation, segmented) -> None:
    first, second = labels_of(a_segmentation), labels_of(segmented())
    assert first["roll-1"].any()
    assert all(np.array_equal(first[class_id], second[class_id]) for class_id in ("roll-1", "can"))


def test_the_file_holds_names_colours_and_grid(a_segmentation, a_scan) -> None:
    image, scan = sitk.ReadImage(str(a_segmentation)), sitk.ReadImage(str(a_scan))
    assert [image.GetMetaData(f"Segment{number}_Name") for number in range(2)] == ["Roll", "Can"]
    colors = [[float(part) for part in image.GetMetaData(f"Segment{n}_Color").split()] for n in range(2)]
    assert colors[0] == pytest.approx([1, 128 / 255, 0], abs=1e-3)
    assert colors[1] == pytest.approx([0, 0, 1])
    assert image.GetSpacing() == pytest.approx(scan.GetSpacing())
    assert image.GetDirection() == pytest.approx(scan.GetDirection())


def test_weights_of_another_model_are_refused(a_scan, a_prompt_file, random_weights, tmp_path, capsys) -> None:
    output = tmp_path / "out.seg.nrrd"
    options = ["--model", "sam_vit_b", "--weights", str(random_weights)]
    assert main(["segment", str(a_scan), str(a_prompt_file), "-o", str(output), *options]) == 2
    said = capsys.readouterr().err
    assert random_weights.name in said and "SAM ViT-B" in said
    assert not output.exists()
