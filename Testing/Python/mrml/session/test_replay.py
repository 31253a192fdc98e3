"""A recorded segmentation gives, slice by slice, the voxels that its masks name, on every voxel grid."""

from __future__ import annotations

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from scene_parts import SHAPE_KJI, NeighbourhoodEngine, known_answer  # noqa: E402

from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.mask import Segmentation  # noqa: E402
from RWTHSAMLib.core.profile import profile_of_names  # noqa: E402
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts  # noqa: E402
from RWTHSAMLib.core.slices import SliceKey  # noqa: E402
from RWTHSAMLib.errors import InputError  # noqa: E402
from RWTHSAMLib.mrml.nodes import segments  # noqa: E402
from RWTHSAMLib.mrml.nodes.volumes import add_volume  # noqa: E402
from RWTHSAMLib.mrml.session.replay import replay  # noqa: E402
from RWTHSAMLib.mrml.session.session import Session  # noqa: E402
from RWTHSAMLib.record.record_file import SegmentationRecord  # noqa: E402
from RWTHSAMLib.record.steps import MadeWith, PromptedSlice  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData  # noqa: E402

PROFILE = profile_of_names("Cell", ["Can", "Core"])
AXIAL = PromptedSlice(SliceKey("k", 3), Prompts((BoxPrompt(2, 1, 6, 5),)), "can")
SAGITTAL = PromptedSlice(SliceKey("i", 4), Prompts((BoxPrompt(3, 2, 8, 4),)), "core")
CORONAL = PromptedSlice(SliceKey("j", 9), Prompts((PointPrompt(6, 3),), candidate=1), "core")


class KnownMasks:
    """The engine's one method that a replay needs, with masks that are known in advance."""

    def __init__(self) -> None:
        self.images: list[SliceImage] = []

    def segment(self, image: SliceImage, prompts: Prompts) -> Segmentation:
        self.images.append(image)
        return known_answer(image, prompts)


@pytest.fixture
def replayed(a_scene, a_volume):
    """Function that replays slices on the small volume and gives the voxels of both classes."""

    def run(*slices: PromptedSlice, engine: KnownMasks | None = None) -> tuple[np.ndarray, np.ndarray]:
        node = segments.create_segmentation(a_scene, a_volume, PROFILE)
        replay(a_volume, node, SegmentationRecord(slices), lambda _: engine or KnownMasks())
        can, core = (segments.mask_of_class_kji(node, each.id, a_volume) for each in PROFILE.classes)
        return can, core

    return run


def box_kji(k: slice | int, j: slice | int, i: slice | int) -> np.ndarray:
    mask = np.zeros(SHAPE_KJI, bool)
    mask[k, j, i] = True
    return mask


def test_a_box_on_each_axis_fills_its_voxels_on_any_grid(a_scene, a_volume_of, any_ijk_to_ras) -> None:
    volume = a_volume_of(any_ijk_to_ras)
    node = segments.create_segmentation(a_scene, volume, PROFILE)
    done = replay(volume, node, SegmentationRecord((AXIAL, SAGITTAL, CORONAL)), lambda _: KnownMasks())
    can = segments.mask_of_class_kji(node, "can", volume)
    core = segments.mask_of_class_kji(node, "core", volume)
    later = box_kji(slice(2, 5), slice(3, 9), 4) | box_kji(slice(1, 6), 9, slice(4, 9))
    assert np.array_equal(core, later)
    assert np.array_equal(can, box_kji(3, slice(1, 6), slice(2, 7)) & ~later)
    assert [each.voxels for each in done] == [25, 18, 25]


def test_later_masks_overwrite_earlier_ones(replayed) -> None:
    crossing = box_kji(3, slice(3, 6), 4)
    assert replayed(AXIAL, SAGITTAL)[1][crossing].all()
    assert replayed(SAGITTAL, AXIAL)[0][crossing].all()


def test_a_slice_that_comes_twice_adds_up(replayed) -> None:
    beside = PromptedSlice(AXIAL.slice, Prompts((BoxPrompt(8, 8, 9, 9),)), "can")
    can, _ = replayed(AXIAL, beside)
    assert np.count_nonzero(can) == 25 + 4


def test_replaying_twice_gives_the_same_voxels(replayed) -> None:
    first, second = replayed(AXIAL, SAGITTAL, CORONAL), replayed(AXIAL, SAGITTAL, CORONAL)
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_the_model_sees_the_slice_that_was_recorded(replayed) -> None:
    engine = KnownMasks()
    replayed(AXIAL, SAGITTAL, CORONAL, engine=engine)
    slices, rows, columns = SHAPE_KJI
    assert [image.shape_yx for image in engine.images] == [(rows, columns), (slices, rows), (slices, columns)]


@pytest.fixture
def a_photograph(a_scene):
    """A stack of colour pictures of 8 bits, whose extremes a window would clip."""
    values = np.random.default_rng(6).integers(0, 256, (*SHAPE_KJI, 3)).astype(np.uint8)
    return add_volume(a_scene, VolumeData(values, np.eye(4), "photograph", True))


def test_a_colour_photograph_is_seen_as_it_was_when_it_was_prompted(a_scene, a_photograph) -> None:
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_volume(a_photograph)
    prompted, window = session.image_of(AXIAL.slice), session.window
    session.close()
    engine, node = KnownMasks(), segments.create_segmentation(a_scene, a_photograph, PROFILE)
    replay(a_photograph, node, SegmentationRecord((AXIAL,), MadeWith(window=window)), lambda _: engine)
    assert [each.digest for each in engine.images] == [prompted.digest]


@pytest.mark.parametrize(
    "wrong",
    [
        PromptedSlice(SliceKey("k", SHAPE_KJI[0]), AXIAL.prompts, "can"),
        PromptedSlice(SliceKey("k", 3), Prompts((PointPrompt(SHAPE_KJI[2], 0),)), "can"),
        PromptedSlice(SliceKey("k", 3), AXIAL.prompts, "tab"),
    ],
    ids=["no such slice", "outside the slice", "no such class"],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(wrong, a_scene, a_volume) -> None:
    node = segments.create_segmentation(a_scene, a_volume, PROFILE)
    engine = KnownMasks()
    with pytest.raises(InputError):
        replay(a_volume, node, SegmentationRecord((AXIAL, wrong)), lambda _: engine)
    assert not segments.mask_of_class_kji(node, "can", a_volume).any()
    assert engine.images == []


def test_progress_counts_the_slices(a_scene, a_volume) -> None:
    node, said = segments.create_segmentation(a_scene, a_volume, PROFILE), []
    replay(
        a_volume,
        node,
        SegmentationRecord((AXIAL, SAGITTAL)),
        lambda _: KnownMasks(),
        progress=lambda *each: said.append(each),
    )
    assert said == [(1, 2), (2, 2)]
