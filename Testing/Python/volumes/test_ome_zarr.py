"""OME-Zarr comes in with its voxels, its place and its levels; stores that are not whole are named."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

if sys.version_info < (3, 11):
    pytest.skip("zarr 3 needs Python 3.11", allow_module_level=True)
zarr = pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra)")

from scan_files import grey_values  # noqa: E402

from RWTHSAMLib.core.voxel_grid import LPS_TO_RAS  # noqa: E402
from RWTHSAMLib.errors import VolumeError  # noqa: E402
from RWTHSAMLib.volumes.ome_zarr import read as reading  # noqa: E402
from RWTHSAMLib.volumes.ome_zarr.metadata import VERSIONS  # noqa: E402
from RWTHSAMLib.volumes.ome_zarr.read import open_ome_zarr  # noqa: E402
from RWTHSAMLib.volumes.open import open_volume  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402

GREY = grey_values((6, 10, 12), "u2")
LEVELS = (GREY, GREY[::2, ::2, ::2], GREY[::4, ::4, ::4])
MICROMETRES = {"z": 4.0, "y": 3.0, "x": 2.0}


def multiscale(axes: str = "zyx", unit: str | None = "micrometer", count: int = 3, **more: Any) -> dict[str, Any]:
    """As other programs write it: each level twice as coarse, its voxels in the middle of those of the one before."""
    kinds = {"t": "time", "c": "channel"}
    about = [{"name": axis, "type": kinds.get(axis, "space")} for axis in axes]
    for each in about:
        each |= {"unit": unit} if unit and each["type"] == "space" else {}
    datasets = []
    for level in range(count):
        scale = [MICROMETRES[axis] * 2**level if axis in MICROMETRES else 1.0 for axis in axes]
        moved = [MICROMETRES[axis] * (10 + (2**level - 1) / 2) if axis in MICROMETRES else 0.0 for axis in axes]
        places = [{"type": "scale", "scale": scale}, {"type": "translation", "translation": moved}]
        datasets.append({"path": str(level), "coordinateTransformations": places})
    return {"axes": about, "datasets": datasets, **more}


def write_store(
    path: Path,
    version: str = "0.5",
    about: Mapping[str, Any] | None = None,
    levels: tuple[np.ndarray, ...] = LEVELS,
    **more: Any,
) -> Path:
    """A store of any metadata and arrays."""
    group = zarr.create_group(str(path), zarr_format=2 if version == "0.4" else 3)
    for level, values in enumerate(levels):
        chunks = tuple(min(count, 4) for count in values.shape)
        group.create_array(str(level), data=values, chunks=chunks)
    image = about or multiscale(count=len(levels))
    if version == "0.4":
        group.attrs.update({"multiscales": [{"version": "0.4", **image}], **more})
    else:
        group.attrs.update({"ome": {"version": version, "multiscales": [image], **more}})
    return path


@pytest.fixture(params=VERSIONS)
def a_store(request, tmp_path) -> Path:
    return write_store(tmp_path / "cell.ome.zarr", request.param)


def test_voxels_and_place_come_from_the_store(a_store) -> None:
    data = read_volume(a_store)
    assert np.array_equal(data.array_kji, GREY) and data.array_kji.dtype == np.uint16
    assert (data.name, data.unit_known, data.notes) == ("cell", True, ())
    assert data.spacing_mm == pytest.approx((0.002, 0.003, 0.004))
    assert LPS_TO_RAS @ data.ijk_to_ras @ [0, 0, 0, 1] == pytest.approx([0.02, 0.03, 0.04, 1])


def test_every_level_covers_the_same_place(a_store) -> None:
    finest, *others = open_ome_zarr(a_store)
    for level, each in enumerate(others, 1):
        assert np.array_equal(each.read().array_kji, LEVELS[level])
        corner = np.array([-0.5, -0.5, -0.5, 1])
        assert each.ijk_to_ras @ corner == pytest.approx(finest.ijk_to_ras @ corner)


def test_a_level_can_be_chosen_by_its_folder(a_store) -> None:
    data = read_volume(a_store / "1")
    assert np.array_equal(data.array_kji, LEVELS[1]) and data.name == "cell"
    assert data.spacing_mm == pytest.approx((0.004, 0.006, 0.008))


def test_the_finest_level_that_leaves_memory_is_opened_and_named(a_store, monkeypatch) -> None:
    monkeypatch.setattr(reading, "usable_bytes", lambda: 4 * LEVELS[1].nbytes)
    data = read_volume(a_store)
    assert np.array_equal(data.array_kji, LEVELS[1])
    (note,) = data.notes
    assert note.startswith("Of the scan level 1 was opened, for all of it takes 0.0 MB: 2 x 2 x 2 voxels of the scan ")


def test_the_level_that_was_worked_on_is_opened_whatever_memory_there_is(a_store, monkeypatch) -> None:
    for memory in (10**12, 4 * LEVELS[2].nbytes):
        monkeypatch.setattr(reading, "usable_bytes", lambda memory=memory: memory)
        for level, values in enumerate(LEVELS):
            data = read_volume(a_store, values.shape)
            assert np.array_equal(data.array_kji, values)
            assert [f"level {level} was opened, the one that was worked on" in each for each in data.notes] == (
                [True] if level else []
            )
    assert read_volume(a_store, (1, 2, 3)).array_kji.shape == LEVELS[2].shape


def test_part_of_a_scan_reads_no_other_chunks(a_store) -> None:
    last_chunk = "0/c/1/2/2" if (a_store / "zarr.json").is_file() else "0/1.2.2"
    assert (a_store / last_chunk).is_file()
    (a_store / last_chunk).write_bytes(b"damaged")
    (volume, *_) = open_ome_zarr(a_store)
    assert np.array_equal(volume.array_kji[:4, :4, :4].compute(), GREY[:4, :4, :4])


def test_an_archive_is_read_as_the_folder_is(a_store, tmp_path) -> None:
    inside = shutil.make_archive(str(tmp_path / "one"), "zip", a_store)
    beside = shutil.make_archive(str(tmp_path / "two"), "zip", a_store.parent, a_store.name)
    for archive, name in ((inside, "cell.ozx"), (beside, "cell.ome.zarr.zip")):
        path = Path(archive).rename(tmp_path / name)
        data = read_volume(path)
        assert np.array_equal(data.array_kji, GREY) and data.name == "cell"


def test_a_folder_with_a_store_alone_is_that_scan(a_store, tmp_path) -> None:
    for each in (read_volume(tmp_path), open_volume(tmp_path).read()):
        assert np.array_equal(each.array_kji, GREY) and each.name == "cell"
    shutil.copytree(a_store, tmp_path / "other.zarr")
    with pytest.raises(VolumeError, match=r"It holds 'cell\.ome\.zarr', 'other\.zarr': choose the file"):
        read_volume(tmp_path)


def test_a_store_beside_slices_is_left_out_and_named(a_store, tmp_path) -> None:
    tifffile = pytest.importorskip("tifffile")
    for number in range(3):
        tifffile.imwrite(tmp_path / f"{number}.tif", GREY[number], photometric="minisblack")
    data = read_volume(tmp_path)
    assert data.array_kji.shape == (3, 10, 12)
    assert data.notes[-1] == "Beside the slices the folder holds 'cell.ome.zarr', which were not read."


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("axes", "values"),
    [
        ("xyz", GREY.transpose(2, 1, 0)),
        ("czyx", GREY[None]),
        ("tczyx", GREY[None, None]),
        ("tzyx", GREY[None]),
        ("zyx", GREY.astype(">u2")),
        ("zyx", GREY % 2 == 1),
        ("zyx", GREY.astype("f2")),
    ],
    ids=["xyz", "one channel", "one time and channel", "one time", "big-endian", "bits", "half floats"],
)
def test_axes_and_numbers_are_brought_into_order(tmp_path, version, axes, values) -> None:
    about = multiscale(axes, count=1)
    data = read_volume(write_store(tmp_path / "a.zarr", version, about, (np.ascontiguousarray(values),)))
    expected = GREY % 2 if values.dtype == bool else GREY
    assert np.array_equal(data.array_kji, expected) and data.notes == ()
    assert data.array_kji.dtype.isnative and data.array_kji.dtype in (np.uint16, np.uint8, np.float32)
    assert data.spacing_mm == pytest.approx((0.002, 0.003, 0.004))
    lazy = open_volume(tmp_path / "a.zarr").array_kji
    assert np.array_equal(lazy[3, 2:7, -1].compute(), expected[3, 2:7, -1])


def test_an_image_of_two_axes_is_one_slice(tmp_path) -> None:
    data = read_volume(write_store(tmp_path / "a.zarr", about=multiscale("yx", count=1), levels=(GREY[0],)))
    assert np.array_equal(data.array_kji, GREY[:1])
    assert data.spacing_mm == pytest.approx((0.002, 0.003, 0.002))


def test_of_several_channels_the_first_is_read_and_that_is_said(tmp_path) -> None:
    values = np.stack([GREY, GREY + 1])
    data = read_volume(write_store(tmp_path / "a.zarr", about=multiscale("czyx", count=1), levels=(values,)))
    assert np.array_equal(data.array_kji, GREY)
    assert data.notes == ("The file holds 2 channels; the first was read.",)


@pytest.mark.parametrize(
    ("unit", "size_mm", "note"),
    [
        ("nanometer", 2e-6, ()),
        ("millimeter", 2.0, ()),
        (None, 2.0, ("The store gives no unit of its voxel size.",)),
        ("parsec", 2.0, ("The store gives its voxel size in 'parsec', no unit of length that is known.",)),
    ],
)
def test_units_are_heeded(tmp_path, unit, size_mm, note) -> None:
    data = read_volume(write_store(tmp_path / "a.zarr", about=multiscale(unit=unit)))
    assert data.spacing_mm[0] == pytest.approx(size_mm)
    assert (data.unit_known, data.notes) == (not note, note)


def test_what_is_said_of_all_levels_comes_after_what_is_said_of_one(tmp_path) -> None:
    shared = [{"type": "scale", "scale": [2.0, 2.0, 2.0]}, {"type": "translation", "translation": [1.0, 0.0, 0.0]}]
    about = multiscale(coordinateTransformations=shared)
    data = read_volume(write_store(tmp_path / "a.zarr", about=about))
    assert data.spacing_mm == pytest.approx((0.004, 0.006, 0.008))
    assert data.ijk_to_ras[2, 3] == pytest.approx(2 * 0.04 + 0.001)


def test_a_series_of_one_image_is_that_image(a_store, tmp_path) -> None:
    outer = zarr.create_group(str(tmp_path / "series.zarr"), zarr_format=3 if (a_store / "zarr.json").is_file() else 2)
    outer.attrs["bioformats2raw.layout"] = 3
    shutil.move(a_store, tmp_path / "series.zarr/0")
    assert np.array_equal(read_volume(tmp_path / "series.zarr").array_kji, GREY)
    shutil.copytree(tmp_path / "series.zarr/0", tmp_path / "series.zarr/1")
    with pytest.raises(VolumeError, match="holds 2 images: choose the folder of one of them"):
        read_volume(tmp_path / "series.zarr")


def without(name: str) -> Callable[[Path], None]:
    def remove(store: Path) -> None:
        there = store / name
        shutil.rmtree(there) if there.is_dir() else there.unlink()

    return remove


def writing(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda store: store.joinpath(name).write_bytes(content) and None


def saying(**ome: Any) -> Callable[[Path], None]:
    """Change what OME's metadata say."""

    def change(store: Path) -> None:
        about = json.loads((store / "zarr.json").read_text(encoding="utf-8"))
        about["attributes"]["ome"].update(ome)
        (store / "zarr.json").write_text(json.dumps(about), encoding="utf-8")

    return change


NO_SCALE = {**multiscale(), "datasets": [{"path": "0", "coordinateTransformations": []}]}
NO_SIZE = multiscale(count=1)
NO_SIZE["datasets"][0]["coordinateTransformations"][0]["scale"] = [0.0, 1.0, 1.0]
SPOILED = {
    "no metadata": (without("zarr.json"), "no zarr.json or .zgroup. It may be still being written"),
    "half of the metadata": (writing("zarr.json", b'{"zarr_format": 3, "node_'), "damaged, or still being written"),
    "no multiscales": (saying(multiscales=[]), "no OME-Zarr image"),
    "a plate": (saying(multiscales=None, plate={}), "holds a plate of many images"),
    "an unknown version": (saying(version="0.7"), r"version 0\.7, expected 0\.4 or 0\.5"),
    "no version": (saying(version=None, multiscales=[{"datasets": [{"path": "0"}]}]), "version before 0.4"),
    "no scale": (saying(multiscales=[NO_SCALE]), r"not as OME-Zarr 0\.5 has it, at datasets\.0"),
    "a size of 0": (saying(multiscales=[NO_SIZE]), "voxel sizes of .*expected numbers above 0"),
    "a level that is missing": (without("1"), "not complete: its level '1' is missing"),
    "a level without its metadata": (without("2/zarr.json"), "level '2'"),
    "metadata of a level that are no JSON": (writing("0/zarr.json", b"{"), "level '0'.*damaged"),
    "too few axes": (saying(multiscales=[multiscale("yx")]), "3 dimensions, but the store names 2 axes"),
    "a chunk that cannot be decoded": (writing("0/c/1/1/1", b"no chunk"), "level '0'.*damaged, or still being written"),
    "a chunk of no bytes": (writing("0/c/0/0/0", b""), "level '0'.*damaged, or still being written"),
}


@pytest.mark.parametrize(("spoil", "said"), SPOILED.values(), ids=SPOILED)
def test_a_store_that_is_not_whole_or_not_understood_is_named(tmp_path, spoil, said) -> None:
    store = write_store(tmp_path / "cell.ome.zarr")
    spoil(store)
    with pytest.raises(VolumeError, match=said) as error:
        read_volume(store)
    assert str(store) in str(error.value)
    with pytest.raises(VolumeError) as error_when_opened:
        open_volume(store).read()
    assert str(error_when_opened.value) == str(error.value)


def test_chunks_that_are_not_there_are_counted(tmp_path) -> None:
    store = write_store(tmp_path / "cell.ome.zarr")
    without("0/c/1")(store)
    data = read_volume(store)
    assert not data.array_kji[4:].any()
    assert data.notes == (
        "9 of 18 chunks are not in the store and count as 0: they hold nothing else, or the store is still being "
        "written.",
    )


def test_several_points_in_time_are_refused(tmp_path) -> None:
    store = write_store(tmp_path / "a.zarr", about=multiscale("tzyx", count=1), levels=(np.stack([GREY, GREY]),))
    with pytest.raises(VolumeError, match="2 along 't', expected slices, rows and columns"):
        read_volume(store)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)], ids=["empty", "no", "of nothing"])
def test_an_archive_that_is_none_is_named(tmp_path, content) -> None:
    (tmp_path / "a.ozx").write_bytes(content)
    with pytest.raises(VolumeError, match=r"a\.ozx' is (empty|no ZIP|an archive without)"):
        read_volume(tmp_path / "a.ozx")
