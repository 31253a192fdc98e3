"""Scans that are longer than the renderer's textures, and scans of a slice or two, are seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from scene_parts import NeighbourhoodEngine  # noqa: E402

from RWTHSAMLib.mrml.nodes.volumes import add_volume  # noqa: E402
from RWTHSAMLib.mrml.session.session import Session  # noqa: E402
from RWTHSAMLib.mrml.views.pictures import screenshot_of  # noqa: E402
from RWTHSAMLib.mrml.views.renderer_limit import most_texels_of_an_axis  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData  # noqa: E402


@pytest.fixture
def seen(a_stage):
    """Function that renders a scan of a bright block in air and returns the session's notice and the picture."""
    scene, view = a_stage
    session = Session(scene, NeighbourhoodEngine())

    def render(shape_kji: tuple[int, int, int]) -> tuple[str, np.ndarray]:
        values = np.random.default_rng(0).integers(0, 40, shape_kji).astype(np.uint8)
        values[..., shape_kji[2] // 4 : shape_kji[2] // 2] = 220
        session.set_volume(add_volume(scene, VolumeData(values, np.eye(4), "scan", True)))
        session.rendering.set_settings(replace(session.rendering.settings, shown=True, rest_opacity=1.0))
        session.rendering.finish()
        view.look_from((100, 200, 300), (0, 0, 1))
        return session.rendering.notice, screenshot_of(view.window)

    yield render
    session.close()
    while (node := scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")) is not None:
        scene.RemoveNode(node)


@pytest.fixture
def sample_distances_mm(a_stage):
    """How far apart each picture was sampled along a ray."""
    window, found = a_stage[1].window, []
    props = window.GetRenderers().GetFirstRenderer().GetViewProps()

    def look(*_):
        every = (props.GetItemAsObject(index) for index in range(props.GetNumberOfItems()))
        mappers = [each.GetMapper() for each in every if each.IsA("vtkVolume")]
        assert not any(each.GetLockSampleDistanceToInputSpacing() for each in mappers)
        found.extend(each.GetSampleDistance() for each in mappers)

    observer = window.AddObserver("StartEvent", look)
    yield found
    window.RemoveObserver(observer)


def is_anything_drawn(picture: np.ndarray) -> bool:
    return bool((np.abs(picture.astype(int) - picture[0, 0]).sum(axis=-1) > 20).any())


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_scan_longer_than_the_renderer_takes_is_drawn_with_less_detail_and_says_so(seen, axis) -> None:
    longest = most_texels_of_an_axis()
    shape = [40, 40, 40]
    shape[axis] = longest + 1
    notice, picture = seen(tuple(shape))
    assert is_anything_drawn(picture)
    assert f"at most {longest} voxels along an axis" in notice and "million" not in notice


def test_a_scan_as_long_as_the_renderer_takes_is_drawn_whole(seen) -> None:
    notice, picture = seen((40, 40, most_texels_of_an_axis()))
    assert is_anything_drawn(picture) and not notice


@pytest.mark.parametrize("shape", [(1, 40, 40), (2, 40, 40), (40, 1, 40), (40, 40, 1)])
def test_a_scan_of_one_or_two_slices_is_seen(seen, shape) -> None:
    notice, picture = seen(shape)
    assert is_anything_drawn(picture) and not notice


def test_one_slice_is_sampled_no_more_often_than_two(seen, sample_distances_mm) -> None:
    for count in (2, 1):
        sample_distances_mm.clear()
        seen((count, 40, 40))
        assert len(sample_distances_mm) == 1 and 0.02 < sample_distances_mm[0] < 0.5
