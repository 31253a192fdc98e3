"""The volume rendering of a session: off until asked for, then in step with scan, classes and choices."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import slicer

from ....core.extent import Extent
from ....core.settings.rendering import RenderingSettings, Sides
from ....core.word_check import one_of
from ....worker.client import Reply
from ...nodes.volume_geometry import VolumeGeometry
from ...nodes.volumes import volume_array_kji
from ...previews.rendering_nodes import RenderingNodes
from ...previews.rendering_volume import RenderedVolume, seen_segments, voxel_stamps
from ...views.renderer_limit import most_texels_of_an_axis
from ..part import SessionPart
from ..session_state import parsed_or_default
from ..workspace import Workspace

# choices for the feel: a piece of work fits between two pictures of a view, work begins when a hand rests, and figures
# can be read
_SLICE_S = 0.025
_QUIET_S = 0.3
_TOLD_EVERY_S = 0.25


class SegmentRendering(SessionPart):
    """The classes of a session as one coloured, partly transparent volume in the 3D views.

    Parameters
    ----------
    workspace : Workspace

    Attributes
    ----------
    updated : list of callable
        Called without arguments whenever the picture has become another one.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._settings = RenderingSettings()
        self._rendered: RenderedVolume | None = None
        self._nodes: RenderingNodes | None = None
        self._made_for: tuple[object, ...] = ()
        self._box_stamp = 0
        self._still_since_s: float | None = None
        self._seen_stamps: dict[object, int] = {}
        self._steps_at_most = 0
        self._told_s = 0.0
        self.updated: list[Callable[[], None]] = []

    # what is chosen and what is there

    @property
    def settings(self) -> RenderingSettings:
        """What is seen, and how."""
        return self._settings

    def set_settings(self, choices: RenderingSettings) -> None:
        """Choose otherwise; only what looks different then is computed."""
        if choices == self._settings:
            return
        self._settings = choices
        if not choices.shown:
            self._drop()
        elif self._nodes is not None:
            self._crop()
        self._workspace.changed()

    def show(self, shown: bool = True) -> None:
        """Switch the rendering on or off."""
        self.set_settings(replace(self._settings, shown=shown))

    @property
    def is_up_to_date(self) -> bool:
        """Whether the picture shows the present state, or there is none to show."""
        if not self._settings.shown or self._workspace.volume_node is None:
            return True
        if self._rendered is None or self._steps_at_most or self._has_new_voxels():
            return False
        return self._rendered.looks_so(seen_segments(self._workspace.segmentation_node, self._settings), self._settings)

    @property
    def progress(self) -> float | None:
        """Share of the present computation that is done, 0 to 1; None while there is none."""
        if self._rendered is None or not self._steps_at_most:
            return None
        return 1 - min(1.0, self._rendered.steps_left / self._steps_at_most)

    @property
    def notice(self) -> str:
        """What the picture leaves out, in words; empty where it shows every voxel."""
        geometry = self._workspace.geometry
        if self._rendered is None or self._rendered.is_whole or geometry is None:
            return ""
        k, j, i = self._rendered.factors
        shape = geometry.shape_kji
        drawn = f"Down-sampled: {i} x {j} x {k} voxels of the scan (i x j x k) are drawn as one, because "
        longest = most_texels_of_an_axis()
        reasons = []
        if max(shape) > longest:
            reasons.append(f"this computer's renderer takes at most {longest} voxels along an axis")
        millions = shape[0] * shape[1] * shape[2] / 1e6
        if millions * 1e6 > self._settings.most_voxels:
            most = self._settings.most_voxels / 1e6
            reasons.append(f"it has {millions:.3g} million and this detail draws at most {most:.3g} million")
        return f"{drawn}{', and '.join(reasons)}."

    @property
    def rendered(self) -> RenderedVolume | None:
        """The computed voxels, while the rendering is on."""
        return self._rendered

    @property
    def volume_node(self) -> slicer.vtkMRMLVectorVolumeNode | None:
        """The RGBA volume in the scene, while the rendering is on."""
        return self._nodes.volume_node if self._nodes is not None else None

    @property
    def roi_node(self) -> slicer.vtkMRMLMarkupsROINode | None:
        """The box that the rendering is cropped to, while it is."""
        return self._nodes.roi_node if self._nodes is not None else None

    def sides_towards(self, place_ras: Sequence[float]) -> Sides:
        """The axes along which a place, such as a camera's, lies on the side of the low indices, seen from the middle.

        Raises
        ------
        StateError
            If there is no scan.
        """
        geometry = VolumeGeometry.of(self._workspace.require_volume())
        at_ijk = np.linalg.inv(geometry.ijk_to_ras) @ np.array([*place_ras, 1.0])
        middle_ijk = (np.array(geometry.shape_kji[::-1]) - 1) / 2
        low = (name for name, at, middle in zip("ijk", at_ijk[:3], middle_ijk, strict=True) if at < middle)
        return one_of("sides", "".join(low), get_args(Sides))

    def show_box(self, shown: bool) -> None:
        """Show the cropping box with handles to drag in the 3D view, or hide it."""
        if self._nodes is not None:
            self._nodes.show_box(shown)

    @property
    def whole_extent(self) -> Extent:
        """All voxels of the scan.

        Raises
        ------
        StateError
            If there is no scan.
        """
        return Extent.of_shape(VolumeGeometry.of(self._workspace.require_volume()).shape_kji)

    # life

    def take(self, replies: Sequence[Reply]) -> bool:
        """Follow the scene for some milliseconds; True if something that fronts show has changed."""
        if not self._is_wanted():
            return False
        self._follow_box()
        if self._has_new_voxels() and not self._rests():
            return False
        return self._go_on(time.monotonic() + _SLICE_S)

    def finish(self) -> None:
        """Compute everything that is left, for scripts and pictures."""
        if self._is_wanted():
            self._follow_box()
            self._go_on(float("inf"))

    def leave_volume(self) -> None:
        """Drop everything that belongs to the scan; the next one is shown from scratch, and whole."""
        self._drop()
        if self._settings.crop_ijk is not None or self._settings.looks:
            self._settings = replace(self._settings, crop_ijk=None, looks={})

    def kept(self) -> dict[str, str]:
        """What was chosen."""
        return {"rendering": self._settings.to_json() if self._settings != RenderingSettings() else ""}

    def take_up(self, kept: Mapping[str, str]) -> None:
        """Choose it again."""
        self.set_settings(parsed_or_default(kept.get("rendering", ""), RenderingSettings.parse, RenderingSettings()))

    # inside

    def _is_wanted(self) -> bool:
        volume = self._workspace.volume_node
        if not self._settings.shown or volume is None or volume.GetImageData() is None:
            self._drop()
            return False
        wanted = (volume.GetID(), volume.GetImageData().GetMTime(), self._settings.most_voxels)
        if self._rendered is None or self._nodes is None or not self._nodes.are_there or wanted != self._made_for:
            self._drop()
            self._make(volume)
            self._made_for = wanted
        return True

    def _make(self, volume: slicer.vtkMRMLVolumeNode) -> None:
        spacing_mm = VolumeGeometry.of(volume).spacing_mm_ijk
        self._rendered = RenderedVolume(
            volume_array_kji(volume), spacing_mm[::-1], self._settings.most_voxels, most_texels_of_an_axis()
        )
        self._rendered.read_segments(self._workspace.segmentation_node)
        self._nodes = RenderingNodes(volume, self._rendered.image, self._rendered.factors)
        self._steps_at_most = 1
        self._crop()

    def _drop(self) -> None:
        if self._nodes is not None:
            self._nodes.remove()
        self._rendered, self._nodes, self._made_for, self._steps_at_most = None, None, (), 0

    def _has_new_voxels(self) -> bool:
        return self._rendered is not None and self._rendered.has_new_voxels(self._workspace.segmentation_node)

    def _rests(self) -> bool:
        """Whether the voxels have been left alone for a moment, so that nothing is computed in vain."""
        stamps, now_s = voxel_stamps(self._workspace.segmentation_node), time.monotonic()
        if self._still_since_s is None or stamps != self._seen_stamps:
            self._still_since_s, self._seen_stamps = now_s, stamps
        return now_s - self._still_since_s >= _QUIET_S

    def _go_on(self, until_s: float) -> bool:
        rendered, nodes = self._rendered, self._nodes
        assert rendered is not None and nodes is not None
        node = self._workspace.segmentation_node
        if rendered.has_new_voxels(node):
            self._still_since_s = None
            rendered.read_segments(node)
        rendered.look(seen_segments(node, self._settings), self._settings)
        nodes.follow_geometry()
        self._steps_at_most = max(self._steps_at_most, rendered.steps_left)
        if not self._steps_at_most:
            return False
        while rendered.step():
            if time.monotonic() > until_s:
                return self._is_time_to_tell()
        self._steps_at_most = 0
        nodes.show()
        for listener in list(self.updated):
            listener()
        return True

    def _is_time_to_tell(self) -> bool:
        now_s = time.monotonic()
        if now_s - self._told_s < _TOLD_EVERY_S:
            return False
        self._told_s = now_s
        return True

    def _crop(self) -> None:
        if self._nodes is not None:
            self._nodes.crop(self._settings.crop_ijk)
            self._box_stamp = self._roi_stamp()

    def _follow_box(self) -> None:
        """Take over a box that somebody dragged."""
        if self._nodes is None or self._roi_stamp() == self._box_stamp:
            return
        self._box_stamp = self._roi_stamp()
        dragged = self._nodes.box_ijk()
        if dragged is not None and dragged != self._settings.crop_ijk:
            self._settings = replace(self._settings, crop_ijk=dragged)
            self._workspace.changed()

    def _roi_stamp(self) -> int:
        return self.roi_node.GetMTime() if self.roi_node is not None else 0
