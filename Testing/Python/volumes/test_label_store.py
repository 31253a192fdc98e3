"""Classes on the disk: chunks that change, coarser levels that follow, and counts that are true after any end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_disk import PAGE_BYTES, SmallDisk

pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra)")

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.voxel_grid import VoxelGrid
from RWTHSAMLib.errors import InputError
from RWTHSAMLib.volumes.formats.color_table import NamedLabel
from RWTHSAMLib.volumes.ome_zarr.label_store import LabelStore, create_label_store, open_label_store
from RWTHSAMLib.volumes.ome_zarr.labels import read_labels

CLASSES = (NamedLabel(0, "Core", (1.0, 0.0, 0.0), "core"), NamedLabel(0, "Can", (0.0, 0.0, 1.0), "can"))
SHAPES = ((70, 33, 90), (23, 33, 30), (8, 11, 10))
"""Of levels that merge 3 x 1 x 3 and 3 x 3 x 3 voxels, some left over."""


def grids_of(in_the_middle: bool) -> list[VoxelGrid]:
    """Of the levels: their first voxel lies in the middle of those that it is made of, or on the first of them."""
    found = []
    for steps in ((1, 1, 1), (3, 1, 3), (9, 3, 9)):
        matrix = np.diag([0.5 * steps[2], 0.5 * steps[1], 0.5 * steps[0], 1.0])
        if in_the_middle:
            matrix[:3, 3] = [0.5 * (each - 1) / 2 for each in steps[::-1]]
        found.append(VoxelGrid(matrix, SHAPES[len(found)]))
    return found


@pytest.fixture(params=[True, False], ids=["in the middle", "on the first"])
def grids(request) -> list[VoxelGrid]:
    return grids_of(request.param)


@pytest.fixture
def a_store(tmp_path: Path, grids: list[VoxelGrid]) -> LabelStore:
    """An empty store of two classes."""
    store = create_label_store(tmp_path / "a.ome.zarr", grids, "cell", True)
    store.labels_for(CLASSES)
    return store


def written_at_random(store: LabelStore, seed: int = 5) -> np.ndarray:
    """Write some blocks of labels; returns what all of the voxels should have then."""
    print(f"seed {seed}")
    random, whole = np.random.default_rng(seed), np.zeros(SHAPES[0], np.uint16)
    for _ in range(8):
        ends = [sorted(random.integers(0, count, 2)) for count in SHAPES[0][::-1]]
        extent = Extent(*(int(each) for pair in ends for each in pair))
        labels = random.integers(1, 3, extent.shape_kji) * (random.random(extent.shape_kji) < 0.1)
        store.write(extent, labels)
        whole[extent.slices_kji()] = labels
    return whole


def most_of_the_labelled(finer: np.ndarray, steps: tuple[int, int, int], firsts: tuple[int, int, int]) -> int:
    part = finer[tuple(slice(max(0, at), at + step) for at, step in zip(firsts, steps, strict=True))]
    counts = np.bincount(part.ravel(), minlength=3)[1:]
    return int(np.argmax(counts)) + 1 if counts.any() else 0


def test_every_level_has_what_most_labelled_voxels_have(a_store: LabelStore, grids: list[VoxelGrid]) -> None:
    finer = written_at_random(a_store)
    assert np.array_equal(a_store.read(grids[0].extent), finer)
    # one that lies on the first of three is nearest to those around that one
    back = 0 if grids[1].ijk_to_ras[0, 3] else 1
    for level, steps in ((1, (3, 1, 3)), (2, (3, 3, 3))):
        coarser = a_store.read(grids[level].extent, level)
        for place in np.ndindex(*SHAPES[level]):
            firsts = tuple(at * step - (back if step > 1 else 0) for at, step in zip(place, steps, strict=True))
            ends = tuple(step - max(0, -at) for at, step in zip(firsts, steps, strict=True))
            inside = tuple(max(0, at) for at in firsts)
            assert coarser[place] == most_of_the_labelled(finer, ends, inside), place
        finer = coarser


def test_counts_and_names_are_kept_and_another_program_reads_them(a_store: LabelStore, grids) -> None:
    whole = written_at_random(a_store)
    a_store.keep_record("how it came about")
    again = open_label_store(a_store.path, grids)
    assert again.voxels == {label: np.count_nonzero(whole == label) for label in (1, 2)}
    assert again.record == "how it came about" and again.label_of("can") == 2
    data, named = read_labels(a_store.path)
    assert np.array_equal(data.array_kji, whole) and [each.name for each in named.values()] == ["Core", "Can"]
    assert VoxelGrid(data.ijk_to_ras, SHAPES[0]).fits(grids[0])


def test_counts_are_true_after_a_write_that_was_cut_short(a_store: LabelStore, grids, monkeypatch) -> None:
    written_at_random(a_store)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LabelStore, "_follow", killed)
    with pytest.raises(KeyboardInterrupt):
        a_store.write(Extent(0, 9, 0, 9, 0, 9), np.full((10, 10, 10), 2))
    monkeypatch.undo()
    again = open_label_store(a_store.path, grids)
    whole = again.read(grids[0].extent)
    assert (whole[:10, :10, :10] == 2).all() and (again.read(grids[1].extent, 1)[:3, :10, :3] == 2).all()
    assert again.voxels == {label: np.count_nonzero(whole == label) for label in (1, 2)}


def test_a_new_class_gets_a_label_of_its_own_and_a_renamed_one_keeps_its(a_store: LabelStore, grids) -> None:
    a_store.labels_for([NamedLabel(0, "Kern", (1.0, 0.0, 0.0), "core"), NamedLabel(0, "Tab", (0.0, 1.0, 0.0), "tab")])
    named = open_label_store(a_store.path, grids).named
    assert {label: each.name for label, each in named.items()} == {1: "Kern", 2: "Can", 3: "Tab"}


def test_counts_are_true_where_the_disk_became_full_in_between(a_small_disk: SmallDisk, grids) -> None:
    print("seed 6")
    store, random = (
        create_label_store(a_small_disk.folder / "a.ome.zarr", grids, "cell", True),
        np.random.default_rng(6),
    )
    store.labels_for(CLASSES)
    labels = random.integers(1, 3, SHAPES[0])
    with a_small_disk.with_room_for(8 * PAGE_BYTES), pytest.raises(InputError, match="could not be written"):
        store.write(grids[0].extent, labels)
    whole = store.read(grids[0].extent)
    assert whole.any() and not whole.all()
    assert store.voxels == {label: np.count_nonzero(whole == label) for label in (1, 2)}
    store.write(grids[0].extent, labels)
    assert np.array_equal(store.read(grids[0].extent), labels)
    assert store.voxels == {label: np.count_nonzero(labels == label) for label in (1, 2)}
    assert (store.read(grids[2].extent, 2) > 0).all()
