"""An engine client that computes inside `poll`: for the command line, scripts and tests."""

from __future__ import annotations

from ..errors import Cancelled, RwthSamError, StateError
from ..inference.engine import SamEngine
from .answering import reply_to
from .client import EngineSpec, EngineStatus, Reply, Request, urgency


class InlineClient:
    """Serve one request per `poll`, in the caller's thread.

    Parameters
    ----------
    engine : SamEngine, optional
        A ready engine; without one, `load` makes it.
    """

    def __init__(self, engine: SamEngine | None = None) -> None:
        self._engine = engine
        self._waiting: list[Request] = []
        self._cancelled: list[int] = []
        self._failure: RwthSamError | None = None

    @property
    def status(self) -> EngineStatus:
        """Present phase and its description."""
        if self._failure is not None:
            return EngineStatus("failed", str(self._failure))
        if self._engine is None:
            return EngineStatus("stopped", "No model is loaded.")
        return EngineStatus("ready", self._engine.description, self._engine.device, self._engine.weights_sha256)

    def load(self, spec: EngineSpec) -> None:
        """Load a network now."""
        self.close()
        try:
            self._engine = SamEngine.load(
                spec.model, spec.weights, device=spec.device, backend=spec.backend, precision=spec.precision
            )
        except RwthSamError as error:
            self._failure = error

    def send(self, request: Request) -> None:
        """Queue a request."""
        self._waiting.append(request)

    def cancel(self, request_id: int) -> None:
        """Withdraw a waiting request."""
        if any(request.request_id == request_id for request in self._waiting):
            self._waiting = [request for request in self._waiting if request.request_id != request_id]
            self._cancelled.append(request_id)

    def share_done(self, request_id: int) -> float:
        """Always 0: a request is done within `poll`."""
        return 0.0

    def poll(self) -> list[Reply]:
        """Answer what was cancelled, and compute one request."""
        replies = [Reply(number, error=Cancelled("The request was withdrawn.")) for number in self._cancelled]
        self._cancelled.clear()
        if self._waiting:
            most_urgent = max(self._waiting, key=urgency)
            self._waiting.remove(most_urgent)
            replies.append(self._answer(most_urgent))
        return replies

    def unload(self) -> None:
        """Forget the engine; what waits is cancelled."""
        self._cancelled += [request.request_id for request in self._waiting]
        self.close()

    def close(self) -> None:
        """Forget the engine and every request."""
        self._engine, self._failure = None, None
        self._waiting.clear()

    def _answer(self, request: Request) -> Reply:
        try:
            return reply_to(self._ready(), request)
        except RwthSamError as error:
            return Reply(request.request_id, error=error)

    def _ready(self) -> SamEngine:
        if self._engine is None:
            raise self._failure or StateError("No model is loaded: choose a model and its weights first.")
        return self._engine
