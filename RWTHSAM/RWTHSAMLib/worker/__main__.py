"""The inference process: ``python -m RWTHSAMLib.worker.__main__``.

Started by a host, it connects back to it and ends with it. Started by a person with ``--listen PORT``, it serves one
host after the other on this machine's loopback address; a host elsewhere reaches it through a tunnel::

    RWTHSAM_WORKER_KEY=... python -m RWTHSAMLib.worker.__main__ --listen 7440
    ssh -L 7440:localhost:7440 the-machine-with-the-gpu

One thread receives, so that a host never waits for a computation to take its message; one computes and answers.
"""

from __future__ import annotations

import argparse
import gc
import os
import secrets
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..core.system.message import Message, MessageParser, pack
from ..errors import Cancelled, InferenceError, OutOfMemory, RwthSamError, StateError
from ..inference import job
from ..inference.cache.embedding_cache import CacheSettings, EmbeddingCache
from .answering import reply_to
from .client import EngineSpec, EngineStatus, Reply, Request
from .handshake import ANSWER_SIZE, WorkerHandshake
from .mailbox import Mailbox
from .messages import cache_settings_of, reply_message, request_of, spec_of, status_message
from .process import HOST_VARIABLE

if TYPE_CHECKING:
    from ..inference.engine import SamEngine

KEY_VARIABLE = "RWTHSAM_WORKER_KEY"
_HANDSHAKE_TIMEOUT_S = 5.0


class Connection:
    """The worker's end: authenticated, blocking."""

    def __init__(self, connection: socket.socket, key: bytes) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket = connection
        self._parser = MessageParser()
        self._sending = threading.Lock()
        self._shake_hands(WorkerHandshake(key))

    def receive(self) -> Message | None:
        """The next message, waiting for it; None once the host is gone."""
        while True:
            try:
                count = self._socket.recv_into(self._parser.space())
            except OSError:
                count = 0
            if not count:
                return None
            message = self._parser.filled(count)
            if message is not None:
                return message

    def send(self, message: Message) -> None:
        """Say something; nobody may listen any more."""
        try:
            with self._sending:
                for buffer in pack(message):
                    self._socket.sendall(buffer)
        except OSError:
            pass  # the receiving thread notices the end and acts on it

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _shake_hands(self, handshake: WorkerHandshake) -> None:
        self._socket.settimeout(_HANDSHAKE_TIMEOUT_S)
        try:
            self._socket.sendall(handshake.hello)
            proof = handshake.accept(self._receive_exactly(ANSWER_SIZE))
            if proof is None:
                raise InferenceError("A host with a wrong key was refused.")
            self._socket.sendall(proof)
        except OSError as error:
            raise InferenceError(f"The handshake with the host failed: {error}.") from error
        self._socket.settimeout(None)

    def _receive_exactly(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            more = self._socket.recv(size - len(received))
            if not more:
                raise InferenceError("The host closed the connection during the handshake.")
            received += more
        return received


class Worker:
    """Serve one host until it is gone.

    Parameters
    ----------
    connection : Connection
        To the host.
    at_the_end : callable, optional
        Called by the receiving thread once the host is gone.
    """

    def __init__(self, connection: Connection, at_the_end: Callable[[], None] | None = None) -> None:
        self._connection = connection
        self._at_the_end = at_the_end
        self._mailbox = Mailbox()
        self._cache: EmbeddingCache | None = None
        self._engine: SamEngine | None = None
        self._failure: RwthSamError = StateError("No model is loaded: choose a model and its weights first.")

    def run(self) -> None:
        """Take orders and answer them."""
        threading.Thread(target=self._receive, name="receive", daemon=True).start()
        while (order := self._mailbox.take()) is not None:
            if isinstance(order, Message):
                self._load(order)
            else:
                self._serve(order)

    def _receive(self) -> None:
        try:
            while (message := self._connection.receive()) is not None:
                self._sort(message)
        except InferenceError:
            traceback.print_exc()  # no messages: nothing more can be understood
        self._mailbox.close()
        if self._at_the_end is not None:
            self._at_the_end()

    def _sort(self, message: Message) -> None:
        if message.kind == "load":
            self._mailbox.put_load(message)
        elif message.kind == "cancel":
            self._mailbox.withdraw(message.number("id"))
        elif message.kind == "ping":
            self._connection.send(Message("pong"))
        elif message.kind in ("segment", "embed", "step", "automatic"):
            try:
                self._mailbox.put(request_of(message))
            except RwthSamError as error:
                self._connection.send(reply_message(Reply(message.number("id"), error=error)))

    def _load(self, order: Message) -> None:
        generation = order.number("generation")

        def say(text: str) -> None:
            self._connection.send(status_message(generation, EngineStatus("loading", text)))

        self._engine = None
        gc.collect()  # gives the old network's memory back before the new one asks for more
        try:
            with job.running(job.Job(say, self._mailbox.interrupted)):
                self._engine = _load_engine(spec_of(order), self._cache_for(cache_settings_of(order)))
            engine = self._engine
            status = EngineStatus("ready", engine.description, engine.device, engine.weights_sha256, engine.batch)
        except Cancelled:
            return  # a newer load waits
        except Exception as error:  # whatever fails, the host must hear of it
            self._failure = _as_ours(error)
            status = EngineStatus("failed", str(self._failure))
        self._connection.send(status_message(generation, status))

    def _cache_for(self, settings: CacheSettings) -> EmbeddingCache:
        if self._cache is None or self._cache.settings != settings:
            self._cache = EmbeddingCache(settings)
        return self._cache

    def _serve(self, request: Request) -> None:
        number = request.request_id
        requests = [request, *self._mailbox.take_along(self._engine.batch - 1 if self._engine is not None else 0)]
        self._tell("begun", requests)

        def progress(done: int, total: int) -> None:
            self._connection.send(Message("progress", {"id": number, "done": done, "total": total}))

        try:
            with job.running(job.Job(lambda text: None, self._mailbox.interrupted, progress, self._serve_in_between)):
                replies = self._compute(requests)
        except Cancelled:
            self._mailbox.put_back()
            self._tell("put_back", requests)
            return
        except Exception as error:  # whatever fails, the host must hear of it
            failure = _as_ours(error)
            replies = [Reply(each.request_id, error=failure) for each in requests]
        for reply in replies:
            self._connection.send(reply_message(reply))

    def _tell(self, what: str, requests: Sequence[Request]) -> None:
        for each in requests:
            self._connection.send(Message(what, {"id": each.request_id}))

    def _serve_in_between(self) -> None:
        while (request := self._mailbox.take_in_between()) is not None:
            self._serve(request)
            self._mailbox.end_in_between()

    def _compute(self, requests: Sequence[Request]) -> list[Reply]:
        """Replies to one request, or to several requests for embeddings."""
        if self._engine is None:
            raise self._failure
        if len(requests) == 1:
            return [reply_to(self._engine, requests[0])]
        self._engine.embed_many([each.image for each in requests])
        return [Reply(each.request_id) for each in requests]


def serve_host(address: str) -> None:
    """Connect back to the host that started this process, and end with it."""
    port, _, key = address.partition(":")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is meant for the host
    _end_with_parent()
    connection = Connection(socket.create_connection(("127.0.0.1", int(port))), bytes.fromhex(key))
    Worker(connection, at_the_end=lambda: os._exit(0)).run()


def serve_many(port: int, key: str) -> None:
    """Serve one host after the other on 127.0.0.1."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        print(f"RWTHSAM inference process on 127.0.0.1:{listener.getsockname()[1]}, key {key}", flush=True)
        while True:
            try:
                connection = Connection(listener.accept()[0], key.encode())
            except InferenceError as error:
                print(error, file=sys.stderr, flush=True)
                continue
            Worker(connection).run()
            connection.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the process."""
    parser = argparse.ArgumentParser(prog="python -m RWTHSAMLib.worker.__main__", description=__doc__.split("\n")[0])
    parser.add_argument("--listen", type=int, metavar="PORT", help="serve hosts on 127.0.0.1; 0 takes a free port")
    listen = parser.parse_args(arguments).listen
    host = os.environ.pop(HOST_VARIABLE, None)
    if listen is not None:
        serve_many(listen, os.environ.pop(KEY_VARIABLE, "") or secrets.token_urlsafe(24))
    elif host is not None:
        serve_host(host)
    else:
        parser.error("this process is started by RWTHSAM; to start one for hosts elsewhere, give --listen PORT")


def _load_engine(spec: EngineSpec, cache: EmbeddingCache) -> SamEngine:
    from ..inference.engine import SamEngine
    from ..models.catalogue import model

    job.say("Importing the inference libraries")
    if not model(spec.model).is_own:  # this project's own network needs no PyTorch
        _check_between_torch_modules()
    job.say(f"Loading {model(spec.model).title}")
    return SamEngine.load(
        spec.model, spec.weights, device=spec.device, backend=spec.backend, precision=spec.precision, cache=cache
    )


_hooked = False


def _check_between_torch_modules() -> None:
    """Let a long forward pass stop at the next of its some hundred modules."""
    global _hooked
    if _hooked:
        return
    try:
        from torch.nn.modules.module import register_module_forward_pre_hook
    except ImportError:
        return  # the engine says so in better words
    register_module_forward_pre_hook(lambda module, inputs: job.check())
    _hooked = True


def _as_ours(error: Exception) -> RwthSamError:
    if isinstance(error, RwthSamError):
        return error
    traceback.print_exc()
    if isinstance(error, MemoryError):
        return OutOfMemory(f"The memory does not suffice: {error}")
    return InferenceError(f"{type(error).__name__}: {error}")


def _end_with_parent() -> None:
    """End also where a forked sibling keeps the connection open after the host is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(0)

    threading.Thread(target=watch, name="parent", daemon=True).start()


if __name__ == "__main__":
    main()
