"""Profiles as nodes of a real MRML scene, and profiles made from segments."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
from RWTHSAMLib.errors import ProfileError
from RWTHSAMLib.image import Window
from RWTHSAMLib.profile import MAX_CLASSES, SegmentationProfile, default_profile, parse_profile, profile_of_names
from RWTHSAMLib.scene import profile_from_segmentation as from_segments
from RWTHSAMLib.scene import segments
from RWTHSAMLib.scene.profile_node import (
    PROFILE_ATTRIBUTE,
    add_profile_node,
    is_profile_node,
    profile_nodes,
    profile_of,
    set_profile_of,
)
from RWTHSAMLib.scene.standalone import new_scene
from scene_parts import SHAPE_KJI

TERMINOLOGY = "Cells~SCT^1^Part~SCT^2^Can~SCT^^~Regions~^^~^^"


def a_rich_profile() -> SegmentationProfile:
    """Everything a profile can hold, and letters of many kinds."""
    profile = profile_of_names('Zelle "Ä" <1> & 电池', ["Hülle", "Wickel\\", "核"])
    profile = profile.locking("wickel").describing("hulle", TERMINOLOGY)
    return SegmentationProfile(profile.name, profile.classes, Window(-12.5, 4096.25), "sam_hq_vit_b")


@pytest.fixture
def a_node(a_scene):
    """Node with a profile that uses every field."""
    return add_profile_node(a_scene, a_rich_profile())


@pytest.fixture
def a_segmentation(a_scene, a_volume):
    """Segmentation of three classes whose second has voxels."""
    node = segments.create_segmentation(a_scene, a_volume, profile_of_names("three", ["Can", "Core", "Tab"]))
    paint(node, a_volume, "core")
    return node


def paint(node, volume, class_id: str) -> None:
    values = np.zeros(SHAPE_KJI, np.uint8)
    values[2:4, 3:6, 1:9] = 1
    labelmap = segments.labelmaps.labelmap_of(values) if hasattr(segments.labelmaps, "labelmap_of") else None
    image = labelmap or oriented_image(values, volume)
    segment_id = segments.segment_id_of_class(node, class_id)
    assert slicer.vtkSlicerSegmentationsModuleLogic.SetBinaryLabelmapToSegment(image, node, segment_id)


def oriented_image(values_kji: np.ndarray, volume) -> slicer.vtkOrientedImageData:
    image = slicer.vtkSlicerSegmentationsModuleLogic.CreateOrientedImageDataFromVolumeNode(volume)
    image.UnRegister(None)
    image.AllocateScalars(3, 1)
    slicer.vtkMRMLScene  # noqa: B018
    from vtk.util.numpy_support import numpy_to_vtk

    image.GetPointData().SetScalars(numpy_to_vtk(values_kji.ravel(), deep=True))
    return image
