"""Real MRML scenes, volumes with every kind of geometry, and a session on them."""

from __future__ import annotations

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from rendering_parts import PROFILE, SOLID, add_cell, add_voxels, can_voxels, core_voxels  # noqa: E402
from scene_parts import GEOMETRIES, SHAPE_KJI, NeighbourhoodEngine  # noqa: E402

from RWTHSAMLib.mrml.nodes.standalone import new_scene  # noqa: E402
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry, align_slice_node  # noqa: E402
from RWTHSAMLib.mrml.nodes.volumes import add_volume  # noqa: E402
from RWTHSAMLib.mrml.session.session import Session  # noqa: E402
from RWTHSAMLib.mrml.views.offscreen_view import OffscreenView  # noqa: E402
from RWTHSAMLib.volumes.read import VolumeData  # noqa: E402


@pytest.fixture
def a_scene():
    """Empty MRML scene."""
    return new_scene()


@pytest.fixture(params=GEOMETRIES.values(), ids=GEOMETRIES.keys())
def any_ijk_to_ras(request) -> np.ndarray:
    """Voxel grids that scanners and registration make."""
    return request.param


@pytest.fixture
def a_volume_of(a_scene):
    """Function that adds a volume with a given grid."""

    def add(ijk_to_ras: np.ndarray, shape_kji: tuple[int, int, int] = SHAPE_KJI):
        values = np.arange(np.prod(shape_kji), dtype=np.int16).reshape(shape_kji)
        return add_volume(a_scene, VolumeData(values, ijk_to_ras, "scan", True))

    return add


@pytest.fixture
def a_volume(a_volume_of):
    """Small volume of rising grey values, anisotropic and rotated."""
    return a_volume_of(GEOMETRIES["rotated"])


@pytest.fixture
def a_session(a_scene, a_volume):
    """Session on the small volume with the engine of known masks."""
    session = Session(a_scene, NeighbourhoodEngine())
    session.set_volume(a_volume)
    yield session
    session.close()


@pytest.fixture
def a_view(a_scene):
    """Function that adds a slice view of a given orientation, 200 x 200 pixels."""

    def add(orientation: str = "Axial", name: str = "Red"):
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(a_scene, True)
        node = a_scene.CreateNodeByClass("vtkMRMLSliceNode")
        node.UnRegister(None)
        node.SetName(name)
        node.SetLayoutName(name)
        node = a_scene.AddNode(node)
        node.SetOrientation(orientation)
        node.SetDimensions(200, 200, 1)
        node.SetFieldOfView(60, 60, 1)
        return node

    return add


@pytest.fixture
def a_view_of(a_view):
    """Function that adds a slice view of one slice along k of a volume."""

    def add(volume, k: int):
        view = a_view()
        align_slice_node(view, volume)
        view.JumpSliceByOffsetting(*VolumeGeometry.of(volume).ras_of((0, 0, k)))
        return view

    return add


@pytest.fixture
def an_aligned_view(a_view_of, a_volume):
    """Slice view that shows slice k = 3 of the small volume."""
    return a_view_of(a_volume, 3)


@pytest.fixture(scope="module")
def a_stage():
    """A scene with a 3D view; graphics contexts are slow to make."""
    scene = new_scene()
    view = OffscreenView(scene, (300, 240))
    yield scene, view
    view.close()


@pytest.fixture
def a_3d_view(a_stage):
    """The 3D view of `a_cell`, 300 x 240 pixels."""
    return a_stage[1]


@pytest.fixture
def a_cell(a_stage):
    """Session on a can round a core, both segmented."""
    scene = a_stage[0]
    session = Session(scene, NeighbourhoodEngine())
    session.set_profile(PROFILE)
    session.set_volume(add_cell(scene))
    session.set_segmentation(None)
    add_voxels(session, "can", can_voxels())
    add_voxels(session, "core", core_voxels())
    yield session
    session.close()
    for class_name in ("vtkMRMLScalarVolumeNode", "vtkMRMLSegmentationNode"):
        while (node := scene.GetFirstNodeByClass(class_name)) is not None:
            scene.RemoveNode(node)


@pytest.fixture
def a_rendered_cell(a_cell):
    """The same, rendered."""
    a_cell.rendering.set_settings(SOLID)
    a_cell.rendering.finish()
    return a_cell
