"""A can round a core in a scan, pictures of it, and how much of a colour is in them."""

from __future__ import annotations

import itertools

import numpy as np

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile
from RWTHSAMLib.core.settings.rendering import RenderingSettings
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import add_volume, volume_array_kji
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.mrml.views.offscreen_view import OffscreenView
from RWTHSAMLib.mrml.views.pictures import screenshot_of
from RWTHSAMLib.volumes.read import VolumeData

SHAPE_KJI = (24, 40, 40)
CAN, CORE = "RWTHSAM_can", "RWTHSAM_core"
PROFILE = SegmentationProfile(
    "Cell", (ProfileClass("can", "Can", (1.0, 0.0, 0.0)), ProfileClass("core", "Core", (0.0, 0.0, 1.0)))
)
SOLID = RenderingSettings(shown=True, grey_opacity=0.6, edge_opacity=0.9, rest_opacity=0.0)
DIAGONAL = (1.0, 0.9, 0.8)


def radius_px(shape_kji: tuple[int, int, int] = SHAPE_KJI) -> np.ndarray:
    """Distance of each voxel from the middle of its slice."""
    _, j, i = np.indices(shape_kji)
    return np.hypot(j - (shape_kji[1] - 1) / 2, i - (shape_kji[2] - 1) / 2)


def can_voxels() -> np.ndarray:
    return (radius_px() > 12) & (radius_px() < 16)


def core_voxels() -> np.ndarray:
    return radius_px() < 5


def add_cell(scene, ijk_to_ras: np.ndarray | None = None):
    """A scan with a bright can and a bright core in dark noise."""
    values = np.random.default_rng(3).normal(20, 3, SHAPE_KJI)
    values[can_voxels()] = 200
    values[core_voxels()] = 150
    grid = np.eye(4) if ijk_to_ras is None else ijk_to_ras
    return add_volume(scene, VolumeData(values.astype(np.int16), grid, "cell", True))


def add_voxels(session: Session, class_id: str, voxels_kji: np.ndarray, remove: bool = False) -> None:
    """Write voxels, given for the whole scan, into a class: the smallest extent that holds them."""
    node, volume = session.segmentation_node, session.require_volume()
    low, high = np.argwhere(voxels_kji).min(axis=0), np.argwhere(voxels_kji).max(axis=0)
    part = voxels_kji[tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))]
    extent = Extent.of((low[2], high[2], low[1], high[1], low[0], high[0]))
    segment_id = segments.segment_id_of_class(node, class_id)
    writer = SegmentWriter(node, volume)
    if remove:
        writer.remove(segment_id, part, extent)
    else:
        writer.submit(segment_id, part, extent)


def rgba_of(session: Session) -> np.ndarray:
    """The rendered voxels, uint8 (k, j, i, 4), of the node in the scene."""
    return volume_array_kji(session.rendering.volume_node).copy()


def rebuilt_rgba(session: Session) -> np.ndarray:
    """The same, computed from scratch."""
    session.rendering.show(False)
    session.rendering.show(True)
    session.rendering.finish()
    return rgba_of(session)


def picture(session: Session, view: OffscreenView, direction: tuple[float, float, float] = DIAGONAL) -> np.ndarray:
    """The view from a direction, parallel lines as such, with the whole scan in it whatever is seen."""
    session.rendering.finish()
    geometry = VolumeGeometry.of(session.require_volume())
    ends = [(0, count) for count in geometry.shape_kji[::-1]]
    corners = np.array([geometry.ras_of(ijk) for ijk in itertools.product(*ends)])
    camera = view.renderer.GetActiveCamera()
    view.view_node.SetRenderMode(view.view_node.Orthographic)
    camera.SetParallelProjection(True)
    camera.SetFocalPoint(*corners.mean(axis=0))
    camera.SetPosition(*(corners.mean(axis=0) + 200 * np.array(direction)))
    camera.SetViewUp(*((0, 0, 1) if abs(direction[2]) < 2 else (0, 1, 0)))
    view.renderer.ResetCamera(np.stack([corners.min(axis=0), corners.max(axis=0)], axis=1).ravel().tolist())
    return screenshot_of(view.window)


def red_pixels(image: np.ndarray) -> np.ndarray:
    """Where the can is seen: bool (rows, columns)."""
    red, green, blue = np.moveaxis(image.astype(int), 2, 0)
    return (red > green + 40) & (red > blue + 40)


def blue_pixels(image: np.ndarray) -> np.ndarray:
    """Where the core is seen: bool (rows, columns)."""
    red, green, blue = np.moveaxis(image.astype(int), 2, 0)
    return (blue > green + 40) & (blue > red + 40)
