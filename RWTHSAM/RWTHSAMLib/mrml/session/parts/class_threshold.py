"""A narrowing that a person is choosing: the slices in view show what would be left, the classes stay as they are."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import slicer

from ....errors import RwthSamError, StateError
from ...nodes import labelmaps
from ...nodes.geometry import VolumeGeometry
from ...previews.mask import Preview
from .threshold import UNSUBMITTED, Narrowing, narrow, narrowed_on_slice, source_now, threshold_of

if TYPE_CHECKING:
    from ..session import Session


class ClassNarrowing:
    """The narrowing under consideration of a session, if there is one.

    Parameters
    ----------
    session : Session

    Attributes
    ----------
    error : RwthSamError, optional
        Why nothing can be shown.
    shown_pixels : int
        Of all slices in view together.
    """

    def __init__(self, session: Session) -> None:
        # weakly: a cycle through a scene's observers would be taken apart by the garbage collector in any order
        self._session: Session = weakref.proxy(session)
        self._wanted: Narrowing | None = None
        self._preview: Preview | None = None
        self._seen: tuple[object, ...] = ()
        self._threshold: tuple[tuple[object, ...], float | None] = ((), None)
        self.error: RwthSamError | None = None
        self.shown_pixels = 0

    @property
    def wanted(self) -> Narrowing | None:
        """What is under consideration."""
        return self._wanted

    @property
    def preview_node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The hidden segmentation that shows what would be left, or None while there is nothing to show."""
        return self._preview.node if self._preview is not None else None

    @property
    def source(self) -> str:
        """What would be narrowed: see `narrowing.source_now`."""
        return source_now(self._session)

    @property
    def source_name(self) -> str:
        """That in words."""
        if self.source == UNSUBMITTED:
            return "the temporary mask"
        return f"'{self._session.profile.require_class(self.source).name}'"

    def consider(self, wanted: Narrowing | None) -> None:
        """Show what this would leave, or nothing."""
        self._wanted, self._seen, self.error = wanted, (), None
        if wanted is None:
            self._clear()
        self._session.changed()

    def apply(self) -> int:
        """Narrow; one undo step. Returns how many voxels are left.

        Raises
        ------
        StateError
            If nothing is under consideration, a class has no voxel, or nothing would be left.
        """
        if self._wanted is None:
            raise StateError("Nothing is being narrowed: choose what to keep first.")
        count = narrow(self._session, self._wanted)
        self.consider(None)
        return count

    def leave_volume(self) -> None:
        """Drop everything that belongs to the volume."""
        self._wanted, self._seen, self.error = None, (), None
        self._clear()
        self._preview = None

    def forget(self) -> None:
        """The scan has other voxels, or lies elsewhere: what is shown is found anew at the next look at the views."""
        self._seen, self._threshold = (), ((), None)
        self._clear()
        self._preview = None

    def follow_views(self) -> bool:
        """Show what lies on the slices in view; called again and again, cheap where nothing has changed.

        True if what is known has changed.
        """
        node, volume = self._session.segmentation_node, self._session.volume_node
        if self._wanted is None or volume is None:
            return False
        views = self._session.slice_nodes()
        stamp = (
            self._wanted,
            *labelmaps.stamps(node),
            *self._unsubmitted_stamp(),
            *(each.GetMTime() for each in views),
        )
        if stamp == self._seen:
            return False
        self._seen = stamp
        before, self.error = (self.error, self.shown_pixels), None
        try:
            self._show(self._wanted)
        except RwthSamError as error:
            self._clear()
            self.error = error
        return before != (self.error, self.shown_pixels)

    def _show(self, wanted: Narrowing) -> None:
        chosen = (wanted.source, wanted.outside, wanted.inside, wanted.choices.otsu is None)
        known = (*chosen, *labelmaps.stamps(self._session.segmentation_node), *self._unsubmitted_stamp())
        if self._threshold[0] != known:
            self._threshold = known, threshold_of(self._session, wanted)
        volume = self._session.require_volume()
        geometry = VolumeGeometry.of(volume)
        keys = {geometry.slice_shown(view) for view in self._session.slice_nodes()}
        masks = {
            key: narrowed_on_slice(self._session, wanted, key, self._threshold[1]) for key in keys if key is not None
        }
        self._clear()
        self._preview = self._preview or Preview(self._session.scene, volume, outlined=False)
        for key, mask in masks.items():
            self._preview.show(key, mask)
        self.shown_pixels = sum(mask.area for mask in masks.values())

    def _unsubmitted_stamp(self) -> tuple[object, ...]:
        """Something that is equal as long as the temporary masks and the propagated object are the same."""
        if self._wanted is None or self._wanted.source != UNSUBMITTED:
            return ()
        return (
            *((plane, id(mask)) for plane, mask in self._session.prompting.masks.items()),
            id(self._session.propagation.result),
        )

    def _clear(self) -> None:
        self.shown_pixels = 0
        if self._preview is not None:
            self._preview.clear()
