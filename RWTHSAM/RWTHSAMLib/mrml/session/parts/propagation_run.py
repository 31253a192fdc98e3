"""A propagation under way: its steps are taken by the engine, one of each way at a time, while a person does others."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np

from ....algorithms.propagation.tracks import PropagatedObject, PropagationTracks, StepTask
from ....core.image import SliceImage
from ....core.mask import Mask
from ....core.slices import Axis, SliceKey
from ....core.system.counted import counted
from ....errors import Cancelled, RwthSamError
from ....worker.client import EmbedRequest, EngineClient, Reply, StepRequest
from ..pace import Pace, remaining_text
from ..requests import next_request_id

# one is computed, one waits, so that the engine is not idle while an answer travels
_MOST_UNDER_WAY = 2
# a choice: a piece fits between two pictures of a view
_PIECE_S = 0.01


@dataclass(frozen=True)
class PropagationProgress:
    """How far a propagation is.

    Attributes
    ----------
    done : int
        Slices that the object has so far.
    share : float
        0 to 1, if the object went on to the last slice everywhere.
    remaining_s : float, optional
        Estimate from the pace so far, once anything is done.
    is_running : bool
        False where it was stopped before its end.
    is_followed : bool
        Whether the object is known, and only how far it can be believed is not.
    """

    done: int
    share: float
    remaining_s: float | None
    is_running: bool
    is_followed: bool = False

    @property
    def text(self) -> str:
        """How far it is, in words."""
        checking = ", checking the way back" if self.is_followed else ""
        return f"{counted(self.done, 'slice')}{checking}{remaining_text(self.remaining_s)}"


class PropagationRun:
    """One propagation through slices along an axis.

    Parameters
    ----------
    client : EngineClient
        Its replies come back through `take`.
    image_of, values_of : callable
        A slice as the model shall see it, and its grey values.
    axis : str
    count : int
        How many slices there are.
    tracks : PropagationTracks
    padding_px : int
        See `PropagationSettings`.
    now_s : callable
        A clock.

    Attributes
    ----------
    axis : str
    error : RwthSamError, optional
        Why the run ended early.
    result : PropagatedObject, optional
        Known at the end, and after `stop`.
    """

    def __init__(
        self,
        client: EngineClient,
        image_of: Callable[[SliceKey], SliceImage],
        values_of: Callable[[SliceKey], np.ndarray],
        axis: Axis,
        count: int,
        tracks: PropagationTracks,
        padding_px: int,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._image_of, self._values_of, self._now_s = client, image_of, values_of, now_s
        self.axis, self._count, self._tracks, self._padding_px = axis, count, tracks, padding_px
        self._under_way: dict[int, StepTask] = {}
        self._embedding: dict[int, int] = {}
        self._is_running = False
        self._pace = Pace(now_s)
        self._making: Generator[None, None, PropagatedObject] | None = None
        self.error: RwthSamError | None = None
        self.result: PropagatedObject | None = None

    @property
    def progress(self) -> PropagationProgress:
        """How far it is."""
        share = self._tracks.share
        remaining_s = self._pace.remaining_s(share) if self._is_running else None
        is_followed = self._tracks.is_followed
        return PropagationProgress(len(self._tracks.masks), share, remaining_s, self._is_running, is_followed)

    @property
    def is_finished(self) -> bool:
        """Whether the object is known; whoever stopped on the way back has it whole."""
        return self.result is not None and self._tracks.is_followed

    @property
    def masks(self) -> dict[int, Mask]:
        """The object's pixels, or what is known of them so far, by the index of the slice."""
        if self.result is not None:
            return {each.index: each.mask for each in self.result.slices}
        return self._tracks.masks

    def go(self) -> None:
        """Begin, or go on after `stop`."""
        self.error, self.result, self._making = None, None, None
        self._is_running = True
        self._pace.begin(self._tracks.share)
        self._go_on()

    def stop(self) -> None:
        """End here; what is known of the object is its result."""
        self._is_running, self._making = False, None
        self._withdraw()
        if self.result is None:
            self.result = self._tracks.result()

    def drop(self) -> None:
        """End here without a result."""
        self._is_running, self._making = False, None
        self._withdraw()

    def take(self, replies: Sequence[Reply]) -> bool:
        """Use what the engine answered, and go on; True if anything is known that was not known before."""
        learned = False
        for reply in replies:
            self._embedding.pop(reply.request_id, None)
            task = self._under_way.pop(reply.request_id, None)
            if task is not None and reply.step is not None:
                self._tracks.take(task, reply.step)
                learned = True
            elif task is not None and not isinstance(reply.error, Cancelled):
                self.stop()
                self.error = reply.error
                return True
        return self._go_on() or learned

    def _go_on(self) -> bool:
        if not self._is_running:
            return False
        tasks = self._tracks.tasks()
        if self._tracks.is_finished:
            return self._make_result()
        if self._client.status.phase == "ready":
            asked = {each.pending for each in self._under_way.values()}
            free = _MOST_UNDER_WAY - len(self._under_way)
            for task in [each for each in tasks if each.pending not in asked][: max(0, free)]:
                self._request(task)
        return False

    def _request(self, task: StepTask) -> None:
        key, request_id = SliceKey(self.axis, task.pending.index), next_request_id()
        self._under_way[request_id] = task
        image, values = self._image_of(key), self._values_of(key)
        self._client.send(StepRequest(request_id, image, values, task.pending.previous, task.seed, self._padding_px))
        self._prefetch(task.index_behind)

    def _prefetch(self, index: int) -> None:
        """Let the engine embed the slice behind the one it looks at, for the moments in which it would be idle."""
        if 0 <= index < self._count and index not in self._embedding.values():
            request_id = next_request_id()
            self._embedding[request_id] = index
            self._client.send(EmbedRequest(request_id, self._image_of(SliceKey(self.axis, index))))

    def _make_result(self) -> bool:
        """Put the object together, for a moment at a time: the front has other things to do."""
        self._making = self._making or self._tracks.make_result()
        until_s = self._now_s() + _PIECE_S
        while self._now_s() < until_s:
            try:
                next(self._making)
            except StopIteration as end:
                self.result, self._making, self._is_running = end.value, None, False
                self._withdraw()
                return True
        return False

    def _withdraw(self) -> None:
        for request_id in (*self._under_way, *self._embedding):
            self._client.cancel(request_id)
        self._under_way.clear()
        self._embedding.clear()
