"""The engine of a session: a client, and which model it was told to load."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import StateError
from ...worker.client import EngineClient, EngineSpec, EngineStatus, Reply, Request


class SessionEngine:
    """An `EngineClient` that knows what it was told to load, and can be started again.

    Parameters
    ----------
    client : EngineClient
    changed : callable
        Called without arguments where it is started again.

    Attributes
    ----------
    client : EngineClient
        What computes.
    """

    def __init__(self, client: EngineClient, changed: Callable[[], None]) -> None:
        self.client, self._changed = client, changed
        self._spec: EngineSpec | None = None

    @property
    def spec(self) -> EngineSpec | None:
        """What it was told to load last."""
        return self._spec

    @property
    def model_name(self) -> str | None:
        """The model that was chosen, by its name in the catalogue."""
        return self._spec.model if self._spec is not None else None

    def wake(self) -> None:
        """Start the engine again if it has failed for a reason that may have passed."""
        if self.client.status.can_restart and self._spec is not None:
            self.client.load(self._spec)
            self._changed()

    def require_ready(self, what_waits: str) -> None:
        """Raise `StateError` unless a model is loaded; `what_waits` says for what: "masks can be propagated"."""
        self.wake()
        if self.client.status.phase != "ready":
            raise StateError(f"No model is loaded yet: {what_waits} once it is.")

    # as the client

    @property
    def status(self) -> EngineStatus:
        """Present phase and its description."""
        return self.client.status

    def load(self, spec: EngineSpec) -> None:
        """Begin to load a network; a loaded one is released first."""
        self._spec = spec
        self.client.load(spec)

    def unload(self) -> None:
        """Release the network: another one was chosen, which cannot be loaded yet."""
        self._spec = None
        self.client.unload()

    def send(self, request: Request) -> None:
        """Queue a request."""
        self.client.send(request)

    def cancel(self, request_id: int) -> None:
        """Withdraw a request."""
        self.client.cancel(request_id)

    def share_done(self, request_id: int) -> float:
        """How far a request is, 0 to 1, as far as is known."""
        return self.client.share_done(request_id)

    def poll(self) -> list[Reply]:
        """Replies that have arrived since the last call."""
        return self.client.poll()

    def close(self) -> None:
        """Release everything; safe to call twice."""
        self.client.close()
