"""Embeddings that are there before the click.

While nothing else is to be done, the engine embeds what a person is likely to prompt next: the slice that is looked at,
its neighbours in the direction of scrolling, the slices of the other views; and on request a whole volume. Few requests
are under way at any time, and where there are more, for an engine that embeds several slices together, they are
withdrawn for a newer request, so that it never waits for a long queue; the engine itself lets every click pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import slicer

from ....core.oblique_plane import ObliquePlane, Plane
from ....core.slices import ARRAY_AXIS, SliceKey
from ....errors import Cancelled, RwthSamError, StateError
from ....inference.cache.embedding_budget import EmbeddingBudget
from ....inference.cache.embedding_cache import CacheSettings
from ....models.catalogue import model
from ....worker.client import EmbedRequest, Reply
from ..part import SessionPart
from ..requests import next_request_id
from ..session_engine import SessionEngine
from ..workspace import Workspace

# choices: who goes through slices goes on, and turns back now and then
_REACH_AHEAD, _REACH_BEHIND = 3, 1
# one is computed, one waits, so that the engine is not idle while an answer travels; in a run over a volume "one" is
# as many as the engine computes together
_MOST_UNDER_WAY = 2
# a choice: cutting a slice out of a large volume takes some ms of the views' time
_MOST_AT_A_CALL = 2


@dataclass(frozen=True)
class Progress:
    """How far the embedding of a whole volume has come, in slices."""

    done: int
    total: int


class Prefetch(SessionPart):
    """Embeds slices before they are prompted.

    Parameters
    ----------
    workspace : Workspace
    engine : SessionEngine
        Its replies come back through `take`.

    Attributes
    ----------
    error : RwthSamError, optional
        Why the embedding of the whole volume ended early.
    """

    def __init__(self, workspace: Workspace, engine: SessionEngine) -> None:
        self._workspace, self._engine = workspace, engine
        self._looked_at: Plane | None = None
        self._soon: list[Plane] = []
        self._all: tuple[Plane, ...] = ()
        self._under_way: dict[int, Plane] = {}
        self._embedded: set[Plane] = set()
        # of the one slice that the next click is expected on, more than its embedding is computed ahead
        self._click_ready: Plane | None = None
        self._making_ready: int | None = None
        self.error: RwthSamError | None = None

    @property
    def awaited(self) -> Plane | None:
        """The slice looked at, while its embedding is not there yet."""
        looked_at = self._soon[0] if self._soon else None
        return looked_at if looked_at in self._under_way.values() and looked_at not in self._embedded else None

    @property
    def progress(self) -> Progress | None:
        """Of the whole volume, while it is being embedded."""
        done = sum(each in self._embedded for each in self._all)
        return Progress(done, len(self._all)) if done < len(self._all) else None

    def budget(
        self, slice_node: slicer.vtkMRMLSliceNode, model_name: str, cache: CacheSettings
    ) -> EmbeddingBudget | None:
        """What embeddings of all slices along a view's axis take, or None without a usable scan."""
        geometry = self._workspace.geometry
        if geometry is None:
            return None
        axis = ARRAY_AXIS[geometry.slice_axis(slice_node)]
        return EmbeddingBudget.of(model(model_name), geometry.shape_kji, axis, cache)

    def prepare_view(self, slice_node: slicer.vtkMRMLSliceNode, others: Sequence[slicer.vtkMRMLSliceNode] = ()) -> None:
        """Let the engine embed what is likely to be clicked on next, so that a click is answered at once.

        Parameters
        ----------
        slice_node : vtkMRMLSliceNode
            The view in use.
        others : sequence of vtkMRMLSliceNode
            The other views.
        """
        self._workspace.follow_scan()
        shown = self._workspace.plane_shown(slice_node)
        if shown is not None:
            shape = self._workspace.require_geometry().shape_kji
            elsewhere = [each for each in map(self._workspace.plane_shown, others) if each is not None]
            likely = likely_next(shown, self._looked_at, elsewhere, shape)
            self._look_at([likely[0], *filter(self._workspace.is_at_hand, likely[1:])])
            self._looked_at = shown

    def embed_volume(self, slice_node: slicer.vtkMRMLSliceNode) -> None:
        """Let the engine embed all slices along a view's axis, the visible one first; clicks and views come before.

        What is embedded stays in the engine's cache, so that a run that was ended goes on where it was.

        Raises
        ------
        StateError
            If the view shows no slice of the scan, or no model is loaded.
        """
        self._workspace.follow_scan()
        self._workspace.check_in_memory("Preparing every slice", "each slice is prepared as soon as it is looked at")
        shown = self._workspace.slice_shown(slice_node)
        if shown is None:
            raise StateError("This view shows no slice of the scan: show one first.")
        self._engine.require_ready("the slices can be prepared")
        self._embed_all(outwards_from(shown, self._workspace.require_geometry().shape_kji))
        self._workspace.changed()

    def stop(self) -> None:
        """End the embedding of the volume; what is done stays."""
        self._drop_long_queue()
        self._embed_all(())
        self._workspace.changed()

    def go_on(self) -> None:
        """Send what can be sent, a few slices at a call: cutting them out of a large scan takes the front's time."""
        for _ in range(_MOST_AT_A_CALL):
            plane = self._next()
            if plane is None or len(self._under_way) >= self._limit or self._engine.status.phase != "ready":
                return
            request_id = next_request_id()
            self._under_way[request_id] = plane
            for_clicks = self._soon[:1] == [plane]
            self._making_ready = request_id if for_clicks else self._making_ready
            self._engine.send(EmbedRequest(request_id, self._workspace.image_of(plane), for_clicks))

    def take(self, replies: Sequence[Reply]) -> bool:
        """Use what the engine answered; True if anything that is shown has changed."""
        has_ended = False
        for reply in replies:
            if reply.request_id in self._under_way:
                self._end(reply)
                has_ended = True
        self.go_on()
        return has_ended

    def ask_again(self) -> None:
        """Embed everything anew: the model or the window is another."""
        self._forget()
        self.go_on()

    def forget_voxels(self) -> None:
        """Embed everything anew: the scan has other grey values."""
        self.ask_again()

    def pause(self) -> None:
        """Request nothing: the scan cannot be used at present."""
        self.leave_volume()

    def leave_volume(self) -> None:
        """Drop everything that belongs to the volume."""
        self._soon, self._all, self._looked_at, self.error = [], (), None, None
        self._forget()

    @property
    def problem(self) -> RwthSamError | None:
        """Why the embedding of the whole volume ended early."""
        return self.error

    def _forget(self) -> None:
        self._withdraw_all()
        self._embedded.clear()
        self._click_ready = None

    def _look_at(self, wanted: Sequence[Plane]) -> None:
        """Request these slices, the most urgent first; older requests that are not among them are withdrawn."""
        self._soon, self.error = list(wanted), None
        if any(self._missing(self._soon)):
            self._drop_long_queue()
        for request_id, plane in list(self._under_way.items()):
            if plane not in self._soon and plane not in self._all:
                self._engine.cancel(request_id)
        self.go_on()

    def _embed_all(self, slices: Iterable[Plane]) -> None:
        """Embed these slices in this order whenever nothing more urgent is requested; none ends it."""
        self._all, self.error = tuple(slices), None
        self.go_on()

    @property
    def _limit(self) -> int:
        # the engine takes the newest first: nothing follows the slice looked at before that is there
        if self._soon and self._soon[0] not in self._embedded:
            return 1
        return _MOST_UNDER_WAY * (1 if any(self._missing(self._soon)) else self._engine.status.batch)

    def _next(self) -> Plane | None:
        busy = self._under_way.values()
        wanted = (each for requests in (self._soon, self._all) for each in self._missing(requests))
        return next((each for each in wanted if each not in busy), None)

    def _missing(self, requests: Iterable[Plane]) -> Iterator[Plane]:
        """What of it is not embedded yet; the slice looked at also while it is not ready for clicks."""
        done = self._embedded - set(self._soon[:1]) if self._soon[:1] != [self._click_ready] else self._embedded
        return (each for each in requests if each not in done)

    def _end(self, reply: Reply) -> None:
        plane = self._under_way.pop(reply.request_id)
        if reply.error is None:
            self._embedded.add(plane)
            self._click_ready = plane if reply.request_id == self._making_ready else self._click_ready
        elif not isinstance(reply.error, Cancelled):
            # a click on the slice would say the same; only a run over the volume has nobody else to say it
            self.error = reply.error if plane in self._all else self.error
            self._soon, self._all = [], ()

    def _drop_long_queue(self) -> None:
        """Withdraw what a run over the volume has under way, if a new request would have to wait too long for it."""
        if len(self._under_way) > _MOST_UNDER_WAY:
            self._withdraw_all()

    def _withdraw_all(self) -> None:
        for request_id in self._under_way:
            self._engine.cancel(request_id)
        self._under_way.clear()


def likely_next(
    looked_at: Plane, before: Plane | None, others: Sequence[Plane], shape_kji: Sequence[int]
) -> list[Plane]:
    """Slices and planes of a volume (k, j, i) in the order in which they are likely to be prompted.

    An oblique plane has no neighbours: how far a view scrolls on is known when it has.

    Parameters
    ----------
    looked_at, before : Plane
        What the view in use shows, and what was looked at before it: the way from there is the scroll direction.
    others : sequence of Plane
        What the other views show.
    shape_kji : sequence of int
        Voxels of the volume.
    """
    if isinstance(looked_at, ObliquePlane):
        return [looked_at, *others]
    came_from = before.index if isinstance(before, SliceKey) and before.axis == looked_at.axis else looked_at.index
    step = -1 if came_from > looked_at.index else 1
    offsets = [*(step * n for n in range(_REACH_AHEAD + 1)), *(-step * n for n in range(1, _REACH_BEHIND + 1))]
    count = shape_kji[ARRAY_AXIS[looked_at.axis]]
    near = [looked_at.index + offset for offset in offsets]
    return [*(SliceKey(looked_at.axis, index) for index in near if 0 <= index < count), *others]


def outwards_from(start: SliceKey, shape_kji: Sequence[int]) -> list[Plane]:
    """All slices of a volume (k, j, i) along the axis of one, the nearest to it first."""
    count = shape_kji[ARRAY_AXIS[start.axis]]
    return [SliceKey(start.axis, index) for index in sorted(range(count), key=lambda each: abs(each - start.index))]
