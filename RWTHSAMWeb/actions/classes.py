"""The profile and its classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from RWTHSAMLib.core.profile import SegmentationProfile, default_profile, read_profile, write_profile
from RWTHSAMLib.errors import ProfileError

from .. import state
from ..app_context import AppContext
from ..arguments import OneOf


class ClassActions:
    """Panel 3."""

    def __init__(self, context: AppContext, first: Path | None) -> None:
        self._context = context
        self._first = first

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
        self._change(lambda profile: profile.recolouring(class_id, state.color_of(color)))

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
