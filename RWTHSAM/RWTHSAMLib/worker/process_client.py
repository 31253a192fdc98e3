"""An engine client whose engine lives in another process.

Everything happens inside the host's own calls: `WorkerClient` starts no thread (in desktop Slicer a Python thread
starves while the application idles) and no call waits for the worker. PyTorch is never imported here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..core.system.message import Message
from ..errors import Cancelled, RwthSamError, StateError, WorkerDied
from .client import EngineSpec, EngineStatus, Reply, Request
from .link import Link
from .messages import load_message, reply_of, request_message, status_of
from .process import Endpoint, WorkerSettings, open_endpoint
from .silence_watch import Patience, SilenceWatch

_MOST_TRIES = 2
"""A request, or a load, during which the process died is repeated once."""
_MOST_DEATHS = 3
"""Deaths in a row, with nothing achieved in between, after which the next request starts a new process."""
_KEPT = "Prompts and classes are kept. The next click starts it again, and so does loading the model."


@dataclass
class _Outstanding:
    request: Request
    tries: int = 0
    share_done: float = 0.0


class WorkerClient:
    """Speak to a worker process as to an engine; see `EngineClient` for what the methods promise.

    Parameters
    ----------
    settings : WorkerSettings, optional
        Default: a child process on the interpreter that runs this.
    now_s : callable, optional
        The time in seconds by which a worker that never answers is told; default: the system's monotonic clock.
    """

    def __init__(self, settings: WorkerSettings | None = None, now_s: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings or WorkerSettings()
        self._watch = SilenceWatch(Patience(), now_s)
        self._moved_bytes = 0
        self._endpoint: Endpoint | None = None
        self._link: Link | None = None
        self._spec: EngineSpec | None = None
        self._generation = 0
        self._status = EngineStatus("stopped", "No model is loaded.")
        self._failure: RwthSamError | None = None
        self._outstanding: dict[int, _Outstanding] = {}
        self._replies: list[Reply] = []
        self._in_hand: int | None = None
        self._load_tries = 0
        self._deaths = 0

    @property
    def status(self) -> EngineStatus:
        """Present phase and its description."""
        return replace(self._status, doubt=self._watch.doubt) if self._watch.doubt else self._status

    @property
    def process_id(self) -> int | None:
        """Of the child process, while there is one."""
        return self._endpoint.process_id if self._endpoint is not None else None

    @property
    def in_hand(self) -> int | None:
        """Id of the request that is being computed, as far as is known here."""
        return self._in_hand if self._in_hand in self._outstanding else None

    def fileno(self) -> int:
        """Socket that becomes readable when something has come, -1 while there is none.

        For hosts that can be woken by it (``qt.QSocketNotifier``, ``asyncio.loop.add_reader``); polling suffices.
        """
        return self._link.fileno() if self._link is not None else -1

    def load(self, spec: EngineSpec) -> None:
        """Begin to load a network; a loaded one is released first."""
        self._spec, self._failure = spec, None
        self._generation += 1
        self._load_tries = self._deaths = 0
        if self._watch.doubt:
            self._release()
        if self._link is not None and self._link.is_open:
            self._status = EngineStatus("loading", f"Loading {spec.model}")
            self._send_load()
        elif self._endpoint is None:
            self._start("Starting the inference process")

    def send(self, request: Request) -> None:
        """Queue a request; before `load` has ended it waits, and after the process was given up it starts another."""
        if self._failure is not None and self._spec is not None:
            self.load(self._spec)
        if self._spec is None or self._failure is not None:
            error = self._failure or StateError("No model is loaded: choose a model and its weights first.")
            self._replies.append(Reply(request.request_id, error=error))
            return
        self._outstanding[request.request_id] = _Outstanding(request)
        if self._link is not None:
            self._link.send(request_message(request))

    def cancel(self, request_id: int) -> None:
        """Withdraw a request; its reply carries `Cancelled`, and the worker stops computing it."""
        if self._outstanding.pop(request_id, None) is None:
            return
        self._replies.append(Reply(request_id, error=Cancelled("The request was withdrawn.")))
        if self._link is not None:
            self._link.send(Message("cancel", {"id": request_id}))

    def share_done(self, request_id: int) -> float:
        """How far a request is, 0 to 1, as far as is known."""
        outstanding = self._outstanding.get(request_id)
        return outstanding.share_done if outstanding is not None else 0.0

    def poll(self) -> list[Reply]:
        """Replies that have arrived since the last call."""
        if self._endpoint is not None:
            self._step(self._endpoint)
        replies, self._replies = self._replies, []
        return replies

    def wait(self, timeout_s: float) -> None:
        """Sleep until something has come, or `timeout_s` are over: for scripts, not for a front."""
        if self._link is not None and self._link.is_open:
            self._link.wait(timeout_s)
        else:
            time.sleep(min(timeout_s, 0.02))

    def unload(self) -> None:
        """End the process; requests that are still waiting are cancelled, `load` starts another."""
        waiting = list(self._outstanding)
        self.close()
        self._replies += [Reply(number, error=Cancelled("Another model was chosen.")) for number in waiting]

    def close(self) -> None:
        """End the process; requests that are still waiting get no reply."""
        self._release()
        self._spec, self._failure = None, None
        self._outstanding.clear()
        self._replies.clear()
        self._status = EngineStatus("stopped", "No model is loaded.")

    def _start(self, text: str) -> None:
        try:
            self._endpoint = open_endpoint(self._settings)
        except RwthSamError as error:
            self._give_up(error)
        else:
            self._status = EngineStatus("loading", text)

    def _release(self) -> None:
        if self._link is not None:
            self._link.close()
        if self._endpoint is not None:
            self._endpoint.stop()
        self._link = self._endpoint = self._in_hand = None
        self._watch.begin()
        self._moved_bytes = 0

    def _step(self, endpoint: Endpoint) -> None:
        # the end is looked for first and believed last: what was said before it still counts
        end = endpoint.ended()
        if self._link is None:
            self._link = endpoint.connect()
            if self._link is not None:
                self._send_everything()
        if self._link is not None:
            self._take_messages(self._link)
            self._listen(self._link)
            end = end or self._link.failure
        if end is not None and self._endpoint is endpoint:
            self._after_death(endpoint, end)

    def _send_everything(self) -> None:
        self._send_load()
        for each in self._outstanding.values():
            if self._link is not None:
                self._link.send(request_message(each.request), budget_s=0.0)

    def _send_load(self) -> None:
        if self._link is not None and self._spec is not None:
            self._load_tries += 1
            self._link.send(load_message(self._generation, self._spec, self._settings.cache))

    def _listen(self, link: Link) -> None:
        """Judge whether it may still answer, by what has come until now."""
        if link.moved_bytes != self._moved_bytes:
            self._moved_bytes = link.moved_bytes
            self._watch.heard(is_news=False)
        if self._watch.look(is_awaited=bool(self._outstanding) or self._status.phase == "loading"):
            link.send(Message("ping"), budget_s=0.0)

    def _take_messages(self, link: Link) -> None:
        for message in link.pump():
            self._watch.heard(is_news=message.kind != "pong")
            try:
                self._take(message)
            except RwthSamError as error:
                self._refuse(message, error)

    def _take(self, message: Message) -> None:
        if message.kind == "status" and message.number("generation") == self._generation:
            self._take_status(status_of(message))
        elif message.kind in ("begun", "progress", "put_back", "reply") and message.number("id") in self._outstanding:
            self._take_progress(message, self._outstanding[message.number("id")])

    def _take_progress(self, message: Message, which: _Outstanding) -> None:
        if message.kind == "begun":
            which.tries += 1
            self._in_hand = which.request.request_id
        elif message.kind == "progress":
            which.share_done = message.number("done") / max(1, message.number("total"))
        elif message.kind == "put_back":
            which.tries -= 1
            which.share_done = 0.0
        else:
            reply = reply_of(message)
            del self._outstanding[reply.request_id]
            self._replies.append(reply)
            self._deaths = 0

    def _take_status(self, status: EngineStatus) -> None:
        self._status = status
        if status.phase == "ready":
            self._load_tries = self._deaths = 0

    def _refuse(self, message: Message, error: RwthSamError) -> None:
        """A reply that cannot be understood ends its request with the reason."""
        number = message.fields.get("id")
        if isinstance(number, int) and self._outstanding.pop(number, None) is not None:
            self._replies.append(Reply(number, error=error))

    def _after_death(self, endpoint: Endpoint, why: str) -> None:
        self._release()
        why, details = endpoint.ended() or why, endpoint.log_tail()
        died = WorkerDied(f"{why} Its last words:\n{details}" if details else why)
        self._deaths += 1
        hopeless = [number for number, each in self._outstanding.items() if each.tries >= _MOST_TRIES]
        for number in hopeless:
            del self._outstanding[number]
            self._replies.append(Reply(number, error=died))
            self._deaths = 1
        if self._load_tries >= _MOST_TRIES or self._deaths >= _MOST_DEATHS:
            self._give_up(WorkerDied(f"{why} {_KEPT} Its last words:\n{details}" if details else f"{why} {_KEPT}"))
        else:
            self._start("The inference process ended unexpectedly and is being started again")

    def _give_up(self, error: RwthSamError) -> None:
        self._failure = error
        self._status = EngineStatus("failed", str(error), can_restart=True)
        self._replies += [Reply(number, error=error) for number in self._outstanding]
        self._outstanding.clear()
