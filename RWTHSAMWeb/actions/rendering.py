"""The 3D view: surfaces, the volume rendering of the classes, and pictures of it."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np

from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.core.field_check import with_fields
from RWTHSAMLib.core.settings.rendering import COLORS_BY, CUTS, MOST_VOXELS, RenderingSettings, SegmentLook
from RWTHSAMLib.core.system.atomic_file import write_bytes
from RWTHSAMLib.errors import Cancelled, StateError
from RWTHSAMLib.mrml.session.parts.rendering import SegmentRendering
from RWTHSAMLib.mrml.views.pictures import save_png, save_turn, screenshot_of, turn

from ..app_context import AppContext
from ..arguments import Between, OneOf, Pair
from ..state import page_values, session_values
from .result import file_stem

_TURN_PICTURES, _TURN_SECONDS = 36, 5.0
_OPACITIES = ("grey_opacity", "edge_opacity", "rest_opacity")
_DETAILS = tuple(map(str, MOST_VOXELS.values()))
_FIRST_SIDE = {"i": 0, "j": 2, "k": 4}
Share = Annotated[float, Between(0, 1)]


class RenderingActions:
    """Panel 7."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._was_seen = False
        self._turn_percent = -1
        self._is_stopped = False
        self._folder = tempfile.TemporaryDirectory(prefix="rwthsam-turn-", ignore_cleanup_errors=True)
        self._turn_file: Path | None = None

    def connect(self) -> None:
        """Follow the rendering; session and host must be there."""
        self._rendering.updated.append(self._updated)

    def shown(self) -> page_values.Json:
        """The part of the page's state that this answers for."""
        if not self._rendering.settings.shown:
            self._was_seen = False
        return {
            **session_values.of_rendering(self._context.session),
            "render_seen": self._was_seen,
            "render_turn_percent": self._turn_percent,
            "render_turn_ready": self._turn_file is not None,
        }

    def set_surfaces(self, shown: bool) -> None:
        """Show the classes' surfaces, or not."""
        self._context.state.surfaces = bool(shown)

    def show(self, shown: bool) -> None:
        """Switch the volume rendering on or off; on, it takes the place of the surfaces, which would hide it."""
        if shown:
            self._context.state.surfaces = False
        self._choose(replace(self._settings, shown=bool(shown)))

    def color_by(self, what: Annotated[str, OneOf(COLORS_BY)] | None) -> None:
        """A colour for each class, or for each connected part."""
        if what:
            self._change(color_by=what)

    def set_opacity(self, name: Annotated[str, OneOf(_OPACITIES)], value: Share) -> None:
        """How opaque grey values, edges or what is in no class are."""
        self._change(**{name: value})

    def set_visible(self, segment_id: str) -> None:
        """Hide a class, or show it again."""
        look = self._look_of(segment_id)
        self._choose(self._settings.with_look(segment_id, replace(look, visible=not look.visible)))

    def set_segment_opacity(self, segment_id: str, value: Share) -> None:
        """How opaque a class is."""
        look = self._look_of(segment_id)
        self._choose(self._settings.with_look(segment_id, replace(look, opacity=value)))

    def set_cut(self, cut: Annotated[str, OneOf(CUTS)] | None) -> None:
        """Take away nothing, or the half or the quarter that faces whoever looks; the volume is shown for it."""
        if cut and cut != "none" and not self._settings.shown:
            self.show(True)
        if cut:
            self._cut_open(cut=cut)

    def set_cut_axis(self, axis: Annotated[str, OneOf(_FIRST_SIDE)] | None) -> None:
        """Along which axis of the scan."""
        if axis:
            self._cut_open(cut_axis=axis)

    def set_cropped(self, cropped: bool) -> None:
        """Show a part of the scan, or all."""
        if self._context.session.volume_node is not None:
            self._choose(replace(self._settings, crop_ijk=self._rendering.whole_extent if cropped else None))

    def set_crop_range(self, axis: Annotated[str, OneOf(_FIRST_SIDE)], ends: Pair) -> None:
        """Which voxels along an axis are seen."""
        whole, side = self._rendering.whole_extent, _FIRST_SIDE[axis]
        crop = list(self._settings.crop_ijk or whole)
        crop[side : side + 2] = sorted(round(min(max(each, whole[side]), whole[side + 1])) for each in ends)
        self._choose(replace(self._settings, crop_ijk=Extent(*crop)))

    def set_detail(self, most_voxels: Annotated[str, OneOf(_DETAILS)] | None) -> None:
        """How many voxels are drawn at most."""
        if most_voxels:
            self._change(most_voxels=int(most_voxels))

    def picture(self, folder: Path) -> Path:
        """What the 3D view shows, as a PNG file in a folder."""
        return save_png(screenshot_of(self._context.host.volume_window), folder / f"{self._name}_3d.png")

    def start_turn(self) -> None:
        """Let the 3D view turn once and keep that as a GIF."""
        if self._turn_percent < 0:
            self._turn_percent, self._is_stopped, self._turn_file = 0, False, None
            self._context.start(self._turn())

    def stop_turn(self) -> None:
        """End it; nothing is kept."""
        self._is_stopped = True

    def turn_file(self, folder: Path) -> Path:
        """The last turn, as a GIF in a folder."""
        if self._turn_file is None:
            raise StateError("There is no turntable yet: record one first.")
        path = folder / self._turn_file.name
        write_bytes(path, self._turn_file.read_bytes())
        return path

    # inside

    @property
    def _rendering(self) -> SegmentRendering:
        return self._context.session.rendering

    @property
    def _settings(self) -> RenderingSettings:
        return self._rendering.settings

    @property
    def _name(self) -> str:
        node = self._context.session.volume_node
        return file_stem(node.GetName() if node else "view")

    def _change(self, **values: object) -> None:
        self._context.session.attempt(lambda: self._rendering.set_settings(with_fields(self._settings, values)))
        self._context.refresh()

    def _cut_open(self, **values: object) -> None:
        if self._context.session.volume_node is not None:
            values["cut_low"] = self._rendering.sides_towards(self._context.host.camera_ras)
        self._change(**values)

    def _look_of(self, segment_id: str) -> SegmentLook:
        node = self._context.session.segmentation_node
        if node is None or node.GetSegmentation().GetSegment(segment_id) is None:
            raise StateError("There is no such class in the segmentation.")
        return self._settings.look_of(segment_id)

    def _choose(self, choices: RenderingSettings) -> None:
        self._context.session.attempt(lambda: self._rendering.set_settings(choices))
        self._context.refresh()

    def _updated(self) -> None:
        self._was_seen = True
        self._context.host.fit_3d_once()
        self._context.host.render()

    async def _turn(self) -> None:
        pictures: list[np.ndarray] = []
        turning = turn(self._context.host.volume_window, _TURN_PICTURES)
        try:
            for picture in turning:
                if self._is_stopped:
                    raise Cancelled("The turntable was stopped.")
                pictures.append(picture)
                self._turn_percent = round(100 * len(pictures) / _TURN_PICTURES)
                self._context.refresh()
                await asyncio.sleep(0.01)  # others want the event loop between two pictures
            path = Path(self._folder.name) / f"{self._name}_turntable.gif"
            self._turn_file = await asyncio.to_thread(save_turn, pictures, path, _TURN_SECONDS)
        finally:
            turning.close()  # gives the camera back
            self._turn_percent = -1
            self._context.host.render()
