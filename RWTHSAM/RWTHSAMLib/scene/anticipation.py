"""Embeddings that are there before the click.

While nothing else is to be done, the engine embeds what a person is likely to prompt next: the slice that is looked at,
its neighbours in the direction of scrolling, the slices of the other views; and on request a whole volume. Few requests
are under way at any time, so that a newer wish never waits for a long queue; the engine itself lets every click pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..errors import Cancelled, RwthSamError
from ..image import SliceImage
from ..inference.client import EmbedRequest, EngineClient, Reply
from ..oblique_plane import ObliquePlane, Plane
from ..slices import ARRAY_AXIS, SliceKey
from .requests import next_request_id

_REACH_AHEAD, _REACH_BEHIND = 3, 1
# one is computed, one waits, so that the engine is not idle while an answer travels
_MOST_UNDER_WAY = 2


@dataclass(frozen=True)
class Progress:
    """How far the embedding of a whole volume has come, in slices."""

    done: int
    total: int


class Anticipation:
    """Wishes for embeddings of one volume.

    Parameters
    ----------
    client : EngineClient
        Its replies come back through `take`.
    image_of : callable
        The picture of a slice as the model shall see it.

    Attributes
    ----------
    error : RwthSamError, optional
        Why the embedding of the whole volume ended early.
    """

    def __init__(self, client: EngineClient, image_of: Callable[[Plane], SliceImage]) -> None:
        self._client = client
        self._image_of = image_of
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

    def look_at(self, wanted: Sequence[Plane]) -> None:
        """Wish for these slices, the most urgent first; older wishes that are not among them are withdrawn."""
        self._soon, self.error = list(wanted), None
        for request_id, plane in list(self._under_way.items()):
            if plane not in self._soon and plane not in self._all:
                self._client.cancel(request_id)
        self.go_on()

    def embed_all(self, slices: Iterable[Plane]) -> None:
        """Embed these slices in this order whenever nothing more urgent is wished for; none ends it.

        What is embedded stays in the engine's cache, so that a run that was ended goes on where it was.
        """
        self._all, self.error = tuple(slices), None
        self.go_on()

    def go_on(self) -> None:
        """Send what can be sent."""
        while len(self._under_way) < self._limit and self._client.status.phase == "ready":
            plane = self._next()
            if plane is None:
                return
            request_id = next_request_id()
            self._under_way[request_id] = plane
            for_clicks = self._soon[:1] == [plane]
            self._making_ready = request_id if for_clicks else self._making_ready
            self._client.send(EmbedRequest(request_id, self._image_of(plane), for_clicks))

    def take(self, replies: Sequence[Reply]) -> bool:
        """Use what the engine answered; True if anything that is shown has changed."""
        ended = [self._end(reply) for reply in replies if reply.request_id in self._under_way]
        self.go_on()
        return bool(ended)

    def forget(self) -> None:
        """Embed everything anew: the model or the window is another."""
        self._withdraw_all()
        self._embedded.clear()
        self._click_ready = None

    def close(self) -> None:
        """Withdraw every wish."""
        self._soon, self._all = [], ()
        self._withdraw_all()

    @property
    def _limit(self) -> int:
        # the engine takes the newest first: nothing follows the slice looked at before that is there
        return 1 if self._soon and self._soon[0] not in self._embedded else _MOST_UNDER_WAY

    def _next(self) -> Plane | None:
        busy = self._under_way.values()
        done = self._embedded - set(self._soon[:1]) if self._soon[:1] != [self._click_ready] else self._embedded
        wanted = (each for wishes in (self._soon, self._all) for each in wishes)
        return next((each for each in wanted if each not in done and each not in busy), None)

    def _end(self, reply: Reply) -> None:
        plane = self._under_way.pop(reply.request_id)
        if reply.error is None:
            self._embedded.add(plane)
            self._click_ready = plane if reply.request_id == self._making_ready else self._click_ready
        elif not isinstance(reply.error, Cancelled):
            # a click on the slice would say the same; only a run over the volume has nobody else to say it
            self.error = reply.error if plane in self._all else self.error
            self._soon, self._all = [], ()

    def _withdraw_all(self) -> None:
        for request_id in self._under_way:
            self._client.cancel(request_id)
        self._under_way.clear()


def likely_next(
    looked_at: Plane, before: Plane | None, others: Sequence[Plane], shape_kji: Sequence[int]
) -> list[Plane]:
    """Slices and planes in the order in which they are likely to be prompted.

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
    """All slices along an axis, the nearest to a slice first."""
    count = shape_kji[ARRAY_AXIS[start.axis]]
    return [SliceKey(start.axis, index) for index in sorted(range(count), key=lambda each: abs(each - start.index))]
