"""The profile and its classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np

from RWTHSAMLib.core.field_check import with_fields
from RWTHSAMLib.core.profile import SegmentationProfile, default_profile, read_profile, write_profile
from RWTHSAMLib.errors import ProfileError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.views.class_look import ClassLook, fill_masks, look_of, set_look

from ..app_context import AppContext
from ..arguments import Between, OneOf
from ..class_sizes import ClassSizes
from ..state import page_values


class ClassActions:
    """Panel 3."""

    def __init__(self, context: AppContext, first: Path | None) -> None:
        self._context = context
        self._first = first
        self._sizes = ClassSizes(context.refresh)

    def shown(self) -> page_values.Json:
        """The part of the page's state that this answers for."""
        session, node = self._context.session, self._context.session.segmentation_node
        voxel_mm3 = float(np.prod(session.voxel_size.spacing_mm_ijk or (0, 0, 0)))
        held = {} if node is None else {segments.class_id_of(node, each): each for each in segments.segment_ids(node)}
        looks: dict[str, page_values.Json] = {}
        for each in session.profile.classes:
            segment_id = held.get(each.id)
            look = ClassLook() if node is None or segment_id is None else look_of(node, segment_id)
            text = _size_text(self._sizes.voxels.get(segment_id or "", 0), voxel_mm3)
            looks[each.id] = {"visible": look.visible, "opacity": look.opacity, "size": text}
        return {"class_looks": looks}

    def follow(self) -> None:
        """Count what has changed, and let masks that have come meanwhile look as was chosen."""
        session = self._context.session
        self._sizes.follow(session.segmentation_node, session.workspace.on_disk)
        shown = self._context.state
        fill_masks(self._context.session.scene, float(shown.mask_fill), bool(shown.mask_outlines))

    def set_visible(self, class_id: str, visible: bool) -> None:
        """Show or hide a class in all views."""
        self._look(class_id, visible=visible)

    def set_opacity(self, class_id: str, opacity: Annotated[float, Between(0, 1)]) -> None:
        """Let a class be seen through."""
        self._look(class_id, opacity=opacity)

    def set_fill(self, fill: Annotated[float, Between(0, 1)]) -> None:
        """Let all masks on the slices be filled more or less."""
        self._context.state.mask_fill = fill
        self._draw()

    def set_outlines(self, outlines_only: bool) -> None:
        """Show masks on the slices as outlines, or filled again."""
        self._context.state.mask_outlines = outlines_only
        self._draw()

    def _draw(self) -> None:
        """Let the views show how masks look now."""
        self.follow()
        self._context.host.render()
        self._context.refresh()

    def _look(self, class_id: str, **changes: object) -> None:
        session = self._context.session
        session.profile.require_class(class_id)
        node = session.segmentation_node
        segment_id = None if node is None else segments.segment_id_of_class(node, class_id)
        if node is not None and segment_id is not None:
            set_look(node, segment_id, with_fields(look_of(node, segment_id), changes))
        self._draw()

    def begin(self) -> None:
        """Open the profile that was named at the start."""
        if self._first is not None:
            self._context.state.profile_path = str(self._first)
            self.open_path()

    def select(self, class_id: str) -> None:
        """Choose the class that submits and the native tools add to."""
        self._do(lambda: self._context.session.select_class(class_id))

    def select_nth(self, position: int) -> None:
        """Choose a class by its position in the list; nothing happens beyond its end."""
        classes = self._context.session.profile.classes
        if 0 <= position < len(classes):
            self.select(classes[position].id)

    def add(self) -> None:
        """Add a class with the typed name, and choose it."""
        name = str(self._context.state.class_new_name or "").strip()
        if not name:
            return

        def add() -> None:
            profile = self._profile.adding(name)
            self._context.session.set_profile(profile)
            self._context.session.select_class(profile.classes[-1].id)
            self._context.state.class_new_name = ""

        self._do(add)

    def rename(self, class_id: str, name: str) -> None:
        """Give a class another name; its voxels stay its own."""
        is_other = name.strip() != self._profile.require_class(class_id).name
        self._context.state.class_editing = ""
        if is_other:
            self._change(lambda profile: profile.renaming(class_id, name.strip()))

    def recolour(self, class_id: str, color: str) -> None:
        """Give a class another colour."""
        self._change(lambda profile: profile.recolouring(class_id, page_values.color_of(color)))

    def lock(self, class_id: str, locked: bool) -> None:
        """Protect a class's voxels, or no longer."""
        self._change(lambda profile: profile.locking(class_id, bool(locked)))

    def use_default(self) -> None:
        """Use the battery profile that comes with RWTHSAM."""
        self._do(lambda: self._context.session.class_list.use(default_profile(), "Default profile"))

    def open_path(self) -> None:
        """Read the profile whose path was typed."""
        self._do(lambda: self._open(self._typed_path()))

    def save_path(self) -> None:
        """Write the profile to the path that was typed."""

        def save() -> None:
            write_profile(self._profile, self._typed_path())
            self._context.notice(f"Saved to {self._typed_path()}.", "success")

        self._do(save)

    async def receive(self, paths: list[Path]) -> None:
        """Use an uploaded profile."""
        self._do(lambda: self._open(paths[0]))

    def move(self, class_id: str, step: Annotated[int, OneOf((-1, 1))]) -> None:
        """Move a class up or down in the list."""
        self._do(lambda: self._context.session.class_list.move(class_id, step))

    def delete(self, class_id: str) -> None:
        """Delete a class with its voxels; undo brings both back."""
        self._do(lambda: self._context.session.class_list.delete(class_id))

    def _open(self, path: Path) -> None:
        self._context.session.class_list.use(read_profile(path), f"Open profile '{path.name}'")

    @property
    def _profile(self) -> SegmentationProfile:
        return self._context.session.profile

    def _typed_path(self) -> Path:
        text = str(self._context.state.profile_path or "").strip()
        if not text:
            raise ProfileError("Type the path of a profile file (JSON) first.")
        return Path(text).expanduser()

    def _change(self, change: Callable[[SegmentationProfile], SegmentationProfile]) -> None:
        self._do(lambda: self._context.session.set_profile(change(self._profile)))

    def _do(self, action: Callable[[], None]) -> None:
        self._context.attempt(action)


def _size_text(voxels: int, voxel_mm3: float) -> str:
    """``"12,345 voxels, 3.21 mm³"``, with three digits at least."""
    if not voxels:
        return "no voxels"
    volume_mm3 = voxels * voxel_mm3
    volume = f"{volume_mm3:,.0f}" if volume_mm3 >= 100 else f"{volume_mm3:.3g}"
    return f"{voxels:,} voxel{'s' if voxels > 1 else ''}, {volume} mm³"
