"""Lines along windings: drawn once, then taken further from winding to winding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np

from ....algorithms.windings.next_winding import next_stroke, stroke_along
from ....algorithms.windings.pitch import winding_distance_px
from ....core.image import SliceImage
from ....core.oblique_plane import Plane
from ....core.prompts import StrokePrompt
from ....errors import SettingsError, StateError
from ..part import SessionPart
from ..workspace import Workspace
from .prompting import Prompting

_FARTHEST_PX = 200.0
"""A choice: what lies farther apart is drawn by hand."""
_WITHOUT_NEIGHBOURS_PX = 20.0
"""Winding distance that is assumed where nothing repeats beside a line."""


class WindingTracing(SessionPart):
    """Traces windings in a session.

    Parameters
    ----------
    workspace : Workspace
    prompting : Prompting
        Gets the lines as prompts.
    """

    def __init__(self, workspace: Workspace, prompting: Prompting) -> None:
        self._workspace, self._prompting = workspace, prompting
        self._given_px: float | None = None
        self._measured_px: float | None = None
        self._last: tuple[Plane, StrokePrompt] | None = None

    @property
    def distance_px(self) -> float | None:
        """From a winding to the next one in pixels: what was given, else what was measured beside the last line."""
        return self._given_px if self._given_px is not None else self._measured_px

    @property
    def given_px(self) -> float | None:
        """The distance that was given."""
        return self._given_px

    @property
    def measured_px(self) -> float | None:
        """The distance that was measured beside the last line."""
        return self._measured_px

    @property
    def can_repeat(self) -> bool:
        """Whether there is a line to take further."""
        return self._last is not None

    def set_distance(self, distance_px: float | None) -> None:
        """Give the distance of windings; None has it measured beside each line.

        Raises
        ------
        SettingsError
            If it is not within 2 and 200 pixels.
        """
        if distance_px is not None and not 2 <= distance_px <= _FARTHEST_PX:
            raise SettingsError(f"winding distance: expected 2 to {_FARTHEST_PX:g} pixels, got {distance_px:g}.")
        self._given_px = distance_px
        self._workspace.changed()

    def set_distance_text(self, text: str) -> None:
        """As `set_distance`, for what was typed; nothing typed means measured.

        Raises
        ------
        SettingsError
            If it is no number of pixels within 2 and 200.
        """
        typed = text.strip().replace(",", ".")
        try:
            distance_px = float(typed) if typed else None
        except ValueError:
            raise SettingsError(f"winding distance: expected a number of pixels or nothing, got '{typed}'.") from None
        self.set_distance(distance_px)

    def kept(self) -> dict[str, str]:
        """The distance that was given."""
        return {"winding_distance_px": "" if self._given_px is None else repr(self._given_px)}

    def take_up(self, kept: Mapping[str, str]) -> None:
        """Give it again."""
        self._given_px = None
        with suppress(SettingsError):
            self.set_distance_text(kept.get("winding_distance_px") or "")

    def trace(self, plane: Plane, path_xy: Sequence[tuple[int, int]], positive: bool = True) -> None:
        """Add the winding along a line to the slice's mask, or take it from it; one undo step.

        Parameters
        ----------
        plane : SliceKey or ObliquePlane
        path_xy : sequence of (int, int)
            Pixels on the winding, in the order of drawing.

        Raises
        ------
        PromptError
            If the line is shorter than two pixels.
        """
        self._workspace.follow_scan()
        image = self._workspace.image_of(plane)
        half_width = (self._distance_beside(image, path_xy) or _WITHOUT_NEIGHBOURS_PX) / 2
        self._add(
            plane, stroke_along(np.asarray(path_xy, float), image.shape_yx, half_width, positive), "Trace winding"
        )

    def draw(self, plane: Plane, path_xy: Sequence[tuple[int, int]]) -> None:
        """Show a line that is still being drawn; `trace` ends that."""
        self._prompting.draw_stroke(plane, path_xy)

    def again(self, outwards: bool) -> None:
        """The last line once more, on the next winding; after a submit it begins the next mask.

        Parameters
        ----------
        outwards : bool
            Away from the middle of the windings, else towards it.

        Raises
        ------
        StateError
            If no line was drawn yet.
        PromptError
            If nothing repeats beside it, or the next winding lies beyond the slice.
        """
        self._workspace.follow_scan()
        if self._last is None:
            raise StateError("Draw a line along a winding first: it is taken further from there.")
        plane, stroke = self._last
        step = next_stroke(self._workspace.image_of(plane).grey_pixels, stroke, outwards, self._given_px)
        self._add(plane, step, "Trace next winding")

    def forget_voxels(self) -> None:
        """The scan has other voxels: the distance of windings is measured beside the next line."""
        self._measured_px = None

    def leave_volume(self) -> None:
        """Forget the last line and what was measured beside it."""
        self._last, self._measured_px = None, None

    def _add(self, plane: Plane, stroke: StrokePrompt, text: str) -> None:
        self._prompting.add(plane, stroke, text)
        self._last = plane, stroke
        self._workspace.changed()

    def _distance_beside(self, image: SliceImage, path_xy: Sequence[tuple[int, int]]) -> float | None:
        if self._given_px is None and len(path_xy) > 1:
            self._measured_px = winding_distance_px(image.grey_pixels, np.asarray(path_xy, float))
        return self.distance_px
