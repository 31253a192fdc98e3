"""A record is done again on a scan that is read slab by slab: the voxels are those of one in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")
pytest.importorskip("dask", reason="needs dask (install the 'ome-zarr' extra)")

from scene_parts import SHAPE_KJI, BrightRegions, known_answer  # noqa: E402

from RWTHSAMLib.core.extent import Extent  # noqa: E402
from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.mask import Segmentation  # noqa: E402
from RWTHSAMLib.core.oblique_plane import ObliquePlane, plane_through  # noqa: E402
from RWTHSAMLib.core.placed_masks import placed  # noqa: E402
from RWTHSAMLib.core.profile import profile_of_names  # noqa: E402
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts  # noqa: E402
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings  # noqa: E402
from RWTHSAMLib.core.slices import AXES, SliceKey  # noqa: E402
from RWTHSAMLib.core.voxel_grid import VoxelGrid  # noqa: E402
from RWTHSAMLib.core.window import Window  # noqa: E402
from RWTHSAMLib.mrml.nodes import segments  # noqa: E402
from RWTHSAMLib.mrml.nodes.standalone import new_scene  # noqa: E402
from RWTHSAMLib.mrml.nodes.volumes import add_volume, facts_of  # noqa: E402
from RWTHSAMLib.mrml.session.replay import ReplayedScan, replay, replay_from_disk  # noqa: E402
from RWTHSAMLib.record.record_file import SegmentationRecord  # noqa: E402
from RWTHSAMLib.record.steps import (  # noqa: E402
    Keyframe,
    MadeWith,
    PromptedSlice,
    RecordedPropagation,
    RecordedVoxels,
)
from RWTHSAMLib.volumes.class_ledger import ClassLedger  # noqa: E402
from RWTHSAMLib.volumes.lazy_volume import lazy_volume_of  # noqa: E402
from RWTHSAMLib.volumes.oblique import grey_on  # noqa: E402
from RWTHSAMLib.volumes.slices_on_disk import SlicesOnDisk  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData  # noqa: E402

PROFILE = profile_of_names("Cell", ["Can", "Core", "Tab", "Gap"])
IDS = tuple(each.id for each in PROFILE.classes)
WINDOW = Window(0, 1000)


class KnownMasks(BrightRegions):
    """The engine as a replay uses it."""

    def segment(self, image: SliceImage, prompts: Prompts) -> Segmentation:
        return known_answer(image, prompts)


def a_scan_of(values: np.ndarray) -> VolumeData:
    return VolumeData(values, np.diag([0.5, 0.6, 0.7, 1.0]), "scan", True)


def on_disk(scan: VolumeData) -> SlicesOnDisk:
    """The same scan, of which three slices are read at a time."""
    volume = lazy_volume_of(scan, Path("scan"))
    return SlicesOnDisk(volume, 2 * 3 * scan.array_kji[0].nbytes)


def a_plane(normal: tuple[float, float, float]) -> ObliquePlane:
    """Through the middle of a scan."""
    grid = VoxelGrid(np.diag([0.5, 0.6, 0.7, 1.0]), SHAPE_KJI)
    plane = plane_through(grid, np.array(normal), np.array([3.0, 3.0, 2.0]))
    assert plane is not None
    return plane


def random_steps(rng: np.random.Generator) -> list[PromptedSlice | RecordedVoxels | RecordedPropagation]:
    return [_random_step(rng) for _ in range(8)]


def _random_step(rng: np.random.Generator) -> PromptedSlice | RecordedVoxels | RecordedPropagation:
    class_id, *others = rng.permutation(IDS).tolist()
    kept, spared = tuple(others[: rng.integers(3)]), tuple(others[rng.integers(1, 4) :])
    rules = {"kept": kept, "spared": tuple(each for each in spared if each not in kept)}
    if rng.random() < 0.2:
        extent = Extent.between((1, 2, 1), (7, 8, 5))
        voxels, lost = (rng.random(extent.shape_kji) < 0.3 for _ in range(2))
        masks, gone = (placed(each, extent, SHAPE_KJI) for each in (voxels, lost))
        return RecordedVoxels(masks, class_id, "a test", bool(rng.integers(2)), lost=gone, **rules)
    axis = AXES[rng.integers(3)]
    key = SliceKey(axis, int(rng.integers(SHAPE_KJI[AXES.index(axis)])))
    rows, columns = key.shape_yx(SHAPE_KJI)
    (x0, x1), (y0, y1) = (sorted(rng.integers(0, most, 2).tolist()) for most in (columns, rows))
    if rng.random() < 0.2:
        point = Prompts((PointPrompt(x0, y0),))
        return RecordedPropagation(axis, (Keyframe(key.index, point),), PropagationRunSettings(), class_id, **rules)
    prompts = Prompts((BoxPrompt(x0, y0, x1, y1),), replaces=bool(rng.integers(2)))
    if rng.random() < 0.2:
        plane = a_plane((0.3, 0.2, 0.9))
        return PromptedSlice(plane, Prompts((BoxPrompt(3, 2, 9, 8),), replaces=prompts.replaces), class_id, **rules)
    return PromptedSlice(key, prompts, class_id, **rules)


@pytest.mark.parametrize("seed", range(12))
def test_random_steps_give_the_voxels_that_they_give_in_memory(seed) -> None:
    rng = np.random.default_rng(seed)
    print("seed", seed)
    scan = a_scan_of(rng.integers(0, 1000, SHAPE_KJI).astype(np.int16))
    scene = new_scene()
    volume = add_volume(scene, scan)
    node = segments.create_segmentation(scene, volume, PROFILE)
    record = SegmentationRecord(tuple(random_steps(rng)), MadeWith(window=WINDOW), facts_of(volume))
    expected = replay(volume, node, record, lambda _: KnownMasks())
    ledger = ClassLedger(IDS, SHAPE_KJI)
    seen = ReplayedScan(on_disk(scan), scan.grid, facts_of(volume))
    assert replay_from_disk(seen, ledger, record, lambda _: KnownMasks()) == expected
    labels = np.concatenate([*ledger.slabs(2 * SHAPE_KJI[1] * SHAPE_KJI[2])])
    for class_id, (layer, label) in zip(IDS, ledger.places(), strict=True):
        held = segments.mask_of_class_kji(node, class_id, volume)
        assert np.array_equal(labels[..., layer] == label, held), class_id
        assert ledger.counts[class_id] == np.count_nonzero(held)


@pytest.mark.parametrize("shape", [SHAPE_KJI, (*SHAPE_KJI, 3)], ids=["grey", "colour"])
@pytest.mark.parametrize("normal", [(0.3, 0.2, 0.9), (0.9, 0.1, 0.2), (0.1, -0.7, 0.7)])
def test_a_plane_through_a_scan_on_disk_shows_what_it_shows_in_memory(shape, normal) -> None:
    values = np.random.default_rng(3).integers(0, 255, shape).astype(np.uint8)
    plane = a_plane(normal)
    read = grey_on(on_disk(a_scan_of(values)), plane)
    assert read.dtype == grey_on(values, plane).dtype
    assert read == pytest.approx(grey_on(values, plane), abs=1e-3 if len(shape) == 3 else 1)
