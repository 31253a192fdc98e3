"""``rwthsam threshold`` of a scan larger than memory: slab by slab, with the voxels and the record of enough memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("dask", reason="needs dask (install the 'ome-zarr' extra)")
pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.algorithms.threshold import from_disk  # noqa: E402
from RWTHSAMLib.cli.main import OK, USAGE, main  # noqa: E402
from RWTHSAMLib.core.extent import Extent  # noqa: E402
from RWTHSAMLib.core.placed_masks import within  # noqa: E402
from RWTHSAMLib.core.profile import SegmentationProfile, profile_of_names  # noqa: E402
from RWTHSAMLib.mrml.nodes import record_tag, segments  # noqa: E402
from RWTHSAMLib.mrml.nodes.labelmaps import segment_voxels_kji  # noqa: E402
from RWTHSAMLib.mrml.nodes.standalone import new_scene  # noqa: E402
from RWTHSAMLib.mrml.nodes.storage import load_segmentation, save_segmentation  # noqa: E402
from RWTHSAMLib.mrml.nodes.volumes import add_volume  # noqa: E402
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter  # noqa: E402
from RWTHSAMLib.volumes import lazy_volume, scan  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData  # noqa: E402
from RWTHSAMLib.volumes.write import write_volume  # noqa: E402

SHAPE_KJI = (40, 18, 20)
WHOLE = Extent.of_shape(SHAPE_KJI)
SEED = 11


def a_profile() -> SegmentationProfile:
    made = profile_of_names("Cell", ["Can", "Core", "Tab", "Gap"])
    return replace(made, classes=tuple(replace(each, locked=each.name == "Gap") for each in made.classes))


@pytest.fixture(scope="module")
def cell(tmp_path_factory) -> Path:
    """A folder with a scan of noise, and classes of it, of which two have voxels in common and one is locked."""
    folder, rng = tmp_path_factory.mktemp("cell"), np.random.default_rng(SEED)
    print("seed", SEED)
    values = (rng.integers(0, 90, SHAPE_KJI) + np.linspace(0, 90, 40)[:, None, None]).astype(np.int16)
    data = VolumeData(values, np.diag([-0.8, -0.9, 1.1, 1.0]), "cell", True)
    write_volume(data, folder / "cell.nrrd")
    scene, profile = new_scene(), profile_of_names("Cell", ["Can", "Core", "Tab", "Gap"])
    volume = add_volume(scene, data)
    node = segments.create_segmentation(scene, volume, profile)
    writer = SegmentWriter(node, volume)
    boxes = {"can": np.s_[3:33, 2:15, 3:], "core": np.s_[10:40, 0:9, 0:12], "tab": np.s_[0:9], "gap": np.s_[20:24]}
    for class_id, box in boxes.items():
        voxels = np.zeros(SHAPE_KJI, bool)
        voxels[box] = True
        spared = [segments.segment_id_of_class(node, "can")] if class_id == "core" else []
        writer.submit(segments.segment_id_of_class(node, class_id), voxels, WHOLE, spared=spared)
    segments.take_classes(node, a_profile())
    save_segmentation(node, folder / "cell.seg.nrrd")
    return folder


def threshold(cell: Path, output: Path, words: str) -> int:
    inputs = [str(cell / name) for name in ("cell.seg.nrrd", "cell.nrrd")]
    return main(["threshold", *inputs, "-o", str(output), *words.split()])


def without_memory(monkeypatch, usable: int = 20_000) -> None:
    """A slice at a time is read, and one or two are worked on together where others decide on them."""
    monkeypatch.setattr(from_disk, "usable_bytes", lambda: 700_000)
    monkeypatch.setattr(scan, "usable_bytes", lambda: usable)
    monkeypatch.setattr(lazy_volume, "usable_bytes", lambda: usable)


def contents(path: Path) -> tuple[dict[str, np.ndarray], list[tuple[object, ...]]]:
    """Voxels of each class, and what the record says that was done."""
    node = load_segmentation(new_scene(), path)
    ids = {segments.class_id_of(node, each): each for each in segments.segment_ids(node)}
    record = record_tag.kept(node)
    steps = [
        (
            *(within(masks, WHOLE).tobytes() for masks in (each.masks, each.lost, each.withheld)),
            (each.class_id, each.source, each.details, each.voxels, each.spared, each.kept),
        )
        for each in record.steps
    ]
    return {name: segment_voxels_kji(node, each, WHOLE) for name, each in ids.items()}, steps


CASES = {
    "otsu": "--class Can --to Shiny --otsu bright",
    "in place": "--class Can --to Can --otsu dark",
    "a rim": "--class Can --to Wall --rim 2.5",
    "smooth": "--class Can --to Flat --grey 60 400 --smooth 1.2",
    "of a locked class": "--class Gap --to Shiny --otsu dark",
    "without specks": "--class Can --to Large --otsu bright --least-voxels 12",
    "all at once": "--class Can --to Tab --grey 40 999 --rim 4 --smooth 0.9 --least-voxels 5 --outside Core",
    "inside": "--class Core --to Both --inside Can --otsu dark",
    "over all others": "--class Core --to Tab --otsu dark --overwrite all",
    "another size": "--class Can --to Wall --rim 2.5 --voxel-size 1 2 3",
}


@pytest.mark.parametrize("words", CASES.values(), ids=CASES)
def test_the_same_is_written_as_with_enough_memory(cell, tmp_path, monkeypatch, capsys, words) -> None:
    assert threshold(cell, tmp_path / "enough.seg.nrrd", words) == OK
    said = capsys.readouterr().err.splitlines()
    without_memory(monkeypatch)
    assert threshold(cell, tmp_path / "limited.seg.nrrd", words) == OK
    assert capsys.readouterr().err.splitlines()[1:] == said[-1:]
    (enough, record), (limited, own_record) = (
        contents(tmp_path / f"{name}.seg.nrrd") for name in ("enough", "limited")
    )
    assert enough.keys() == limited.keys()
    for name, voxels in enough.items():
        assert np.array_equal(limited[name], voxels), name
    assert own_record == record


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("--class Nothing --to Shiny --otsu dark", "no class 'Nothing'"),
        ("--class Can --to Shiny --grey -9 -8", "Nothing is left"),
        ("--class Can --to Gap --otsu dark", "'Gap' is locked"),
        ("--class Can --to Can --grey 0 99 --voxel-size 0 1 1", "0"),
    ],
)
def test_what_cannot_be_done_is_refused_as_with_enough_memory(cell, tmp_path, monkeypatch, capsys, words, reason):
    output = tmp_path / "out.seg.nrrd"
    assert threshold(cell, output, words) == USAGE
    said = capsys.readouterr().err.splitlines()[-1]
    without_memory(monkeypatch)
    assert threshold(cell, output, words) == USAGE
    assert capsys.readouterr().err.splitlines()[-1] == said and reason in said and not output.exists()


def test_a_rim_that_reaches_over_more_than_memory_says_so(cell, tmp_path, monkeypatch, capsys) -> None:
    without_memory(monkeypatch)
    monkeypatch.setattr(from_disk, "usable_bytes", lambda: 200_000)
    assert threshold(cell, tmp_path / "out.seg.nrrd", "--class Can --to Wall --rim 9") == USAGE
    assert "Rim and smoothing reach over 21 slices of 'cell'" in capsys.readouterr().err
    assert not (tmp_path / "out.seg.nrrd").exists()


def test_a_labelmap_without_segments_is_blamed_itself_and_the_way_out_is_one(
    cell: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    labels, made = tmp_path / "packed.seg.nrrd", tmp_path / "LABELS.ome.zarr"
    values = np.zeros(SHAPE_KJI, np.uint8)
    values[5:20, 3:12, 4:15] = 3
    write_volume(VolumeData(values, np.diag([-0.8, -0.9, 1.1, 1.0]), "packed", True), tmp_path / "packed.nrrd")
    (tmp_path / "packed.nrrd").rename(labels)
    words = [str(cell / "cell.nrrd"), "-o", str(tmp_path / "found.csv")]
    assert main(["measure", str(labels), *words]) == OK
    expected = (tmp_path / "found.csv").read_text()
    monkeypatch.setattr(scan, "usable_bytes", lambda: 30_000)
    assert main(["measure", str(labels), *words]) == USAGE
    said = capsys.readouterr().err
    assert f"'{labels}' says nothing of its segments" in said
    labels.rename(tmp_path / "packed.nrrd")  # as is said
    way_out = said.partition("rwthsam convert")[2].partition(",")[0].split()
    assert main(["convert", *(str(made) if each == made.name else each for each in way_out)]) == OK
    assert main(["measure", str(made), *words]) == OK
    assert (tmp_path / "found.csv").read_text() == expected and f",{15 * 9 * 11}," in expected
