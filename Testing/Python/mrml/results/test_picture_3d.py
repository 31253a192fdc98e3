"""Surfaces drawn without a window show the classes' colours, and what is inside when they are cut open."""

from __future__ import annotations

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from scene_parts import GEOMETRIES  # noqa: E402

from RWTHSAMLib.core.extent import Extent  # noqa: E402
from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile  # noqa: E402
from RWTHSAMLib.mrml.nodes import segments  # noqa: E402
from RWTHSAMLib.mrml.nodes.labelled_segments import labelled_classes  # noqa: E402
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter  # noqa: E402
from RWTHSAMLib.mrml.results.closed_surfaces import surface_of_segment  # noqa: E402
from RWTHSAMLib.mrml.results.picture_3d import NoRenderer, render_surfaces  # noqa: E402

PROFILE = SegmentationProfile(
    "nested", (ProfileClass("shell", "Shell", (1.0, 0.0, 0.0)), ProfileClass("core", "Core", (0.0, 0.0, 1.0)))
)
SHAPE_KJI = (30, 30, 30)
SIZE_PX = (240, 200)


@pytest.fixture(params=["identity", "left-handed"])
def nested(a_scene, a_volume_of, request):
    """Surfaces of a red shell round a blue core."""
    volume = a_volume_of(GEOMETRIES[request.param], SHAPE_KJI)
    node = segments.create_segmentation(a_scene, volume, PROFILE)
    shell = np.zeros(SHAPE_KJI, bool)
    shell[3:27, 3:27, 3:27] = True
    core = np.zeros(SHAPE_KJI, bool)
    core[10:20, 10:20, 10:20] = True
    for class_id, mask in (("shell", shell & ~core), ("core", core)):
        segment_id = segments.segment_id_of_class(node, class_id)
        SegmentWriter(node, volume).submit(segment_id, mask, Extent(0, 29, 0, 29, 0, 29))
    return [surface_of_segment(node, each, entry, 0.5) for each, entry in labelled_classes(node).items()]


def drawn(surfaces, cut_open: bool) -> np.ndarray:
    try:
        return render_surfaces(surfaces, SIZE_PX, cut_open).astype(int)
    except NoRenderer as error:
        pytest.skip(str(error))


def pixels_of(picture: np.ndarray, channel: int) -> int:
    """Opaque pixels in which one of red, green and blue stands out."""
    others = [each for each in range(3) if each != channel]
    return int(
        np.count_nonzero((picture[..., channel] > picture[..., others].max(axis=-1) + 40) & (picture[..., 3] > 250))
    )


def test_from_outside_only_the_shell_is_seen_before_an_empty_background(nested) -> None:
    picture = drawn(nested, cut_open=False)
    assert picture.shape == (SIZE_PX[1], SIZE_PX[0], 4)
    assert pixels_of(picture, 0) > 0.15 * picture[..., 0].size and pixels_of(picture, 2) == 0
    assert not picture[0, :, 3].any() and not picture[-1, :, 3].any()


def test_cut_open_the_core_is_seen_within_the_shell(nested) -> None:
    picture = drawn(nested, cut_open=True)
    assert pixels_of(picture, 2) > 0.005 * picture[..., 0].size
    rows, columns = np.nonzero(picture[..., 2] > picture[..., 0] + 40)
    red = np.nonzero(picture[..., 0] > picture[..., 2] + 40)
    assert red[1].min() < columns.min() and columns.max() < red[1].max() and red[0].max() > rows.max()
