"""Slices that the engine looks through without prompts, one after the other, while a person does something else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ....core.automatic_mask import FoundMask
from ....core.image import SliceImage
from ....core.settings.automatic import AutomaticSettings, Mode
from ....core.slices import SliceKey
from ....errors import Cancelled, RwthSamError
from ....worker.client import AutomaticRequest, EngineClient, Reply
from ..pace import Pace, remaining_text
from ..requests import next_request_id

# one is computed, one waits, so that the engine is not idle while an answer travels
# one is computed, one waits, so that the engine is not idle while an answer travels
_MOST_UNDER_WAY = 2


@dataclass(frozen=True)
class RunProgress:
    """How far a run is.

    Attributes
    ----------
    done, total : int
        Slices.
    share : float
        0 to 1, with what is done of the slices under way.
    remaining_s : float, optional
        Estimate, once anything is done.
    is_running : bool
        False where it was stopped before its end.
    """

    done: int
    total: int
    share: float
    remaining_s: float | None
    is_running: bool

    @property
    def text(self) -> str:
        """How far it is, in words."""
        if not self.is_running:
            return f"Stopped after {self.done} of {self.total} slices"
        return f"{self.done} of {self.total} slices{remaining_text(self.remaining_s)}"


class AutomaticRun:
    """One run over some slices of a volume.

    Parameters
    ----------
    client : EngineClient
        Its replies come back through `take`.
    image_of : callable
        The picture of a slice as the model shall see it.
    slices : sequence of SliceKey
        In this order.
    settings : AutomaticSettings
    mode : str
    now_s : callable
        A clock.

    Attributes
    ----------
    settings : AutomaticSettings
    mode : str
    error : RwthSamError, optional
        Why the run ended early.
    """

    def __init__(
        self,
        client: EngineClient,
        image_of: Callable[[SliceKey], SliceImage],
        slices: Sequence[SliceKey],
        settings: AutomaticSettings,
        mode: Mode,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._image_of = client, image_of
        self.settings, self.mode = settings, mode
        self._total = len(slices)
        self._waiting = list(slices)
        self._under_way: dict[int, SliceKey] = {}
        self._is_running = False
        self._pace = Pace(now_s)
        self.error: RwthSamError | None = None

    @property
    def progress(self) -> RunProgress:
        """How far it is."""
        share = self._share()
        remaining_s = self._pace.remaining_s(share) if self._is_running else None
        return RunProgress(self._done, self._total, share, remaining_s, self._is_running)

    @property
    def is_finished(self) -> bool:
        """Whether every slice is done."""
        return self._done == self._total

    def go(self) -> None:
        """Begin, or go on after `stop`."""
        self.error, self._is_running = None, not self.is_finished
        self._pace.begin(self._share())
        self.go_on()

    def stop(self) -> None:
        """Leave the slices that are not done for later."""
        self._is_running = False
        self._withdraw()

    def go_on(self) -> None:
        """Send what can be sent."""
        while self._is_running and self._waiting and len(self._under_way) < _MOST_UNDER_WAY:
            if self._client.status.phase != "ready":
                return
            request_id, key = next_request_id(), self._waiting.pop(0)
            self._under_way[request_id] = key
            self._client.send(AutomaticRequest(request_id, self._image_of(key), self.settings, self.mode))

    def ask_again(self) -> None:
        """Another model or window: what is under way is asked for anew, what is done stays."""
        self._withdraw()
        self.go_on()

    def take(self, replies: Sequence[Reply]) -> dict[SliceKey, tuple[FoundMask, ...]]:
        """What was found in slices that are done now."""
        found: dict[SliceKey, tuple[FoundMask, ...]] = {}
        for reply in replies:
            key = self._under_way.pop(reply.request_id, None)
            if key is None:
                continue
            if reply.found is not None:
                found[key] = reply.found
            else:
                self._waiting.insert(0, key)
                self._fail(reply.error)
        self._is_running = self._is_running and not self.is_finished
        self.go_on()
        return found

    @property
    def _done(self) -> int:
        return self._total - len(self._waiting) - len(self._under_way)

    def _share(self) -> float:
        under_way = sum(self._client.share_done(number) for number in self._under_way)
        return (self._done + under_way) / max(1, self._total)

    def _fail(self, error: RwthSamError | None) -> None:
        if not isinstance(error, Cancelled):
            self.error = error
            self.stop()

    def _withdraw(self) -> None:
        for request_id in self._under_way:
            self._client.cancel(request_id)
        self._waiting = [*self._under_way.values(), *self._waiting]
        self._under_way.clear()
