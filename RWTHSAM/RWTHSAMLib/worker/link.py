"""The host's end of the connection to an inference process; nothing here waits unless it is told how long.

Bytes that the other side does not take at once stay in an outbox and leave with the next `pump`. So a host whose
worker is busy importing PyTorch, or sits behind a slow tunnel, is never held up.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque

from ..core.system.message import Message, MessageParser, pack
from ..errors import InferenceError
from .handshake import HELLO_SIZE, PROOF_SIZE, HostHandshake

# a choice: both sides are on this computer, and answer at once
_HANDSHAKE_TIMEOUT_S = 10.0
_RECEIVE_LIMIT = 64 << 20
"""Bytes taken in one go, so that one `pump` stays short."""
_SOCKET_BUFFER = 4 << 20


class Link:
    """A connection that becomes `is_open` once both sides have proven that they know the key.

    Parameters
    ----------
    connection : socket.socket
        Connected, or with a connect under way.
    key : bytes
        Shared secret.
    """

    def __init__(self, connection: socket.socket, key: bytes) -> None:
        connection.setblocking(False)
        _tune(connection)
        self._socket = connection
        self._handshake: HostHandshake | None = HostHandshake(key)
        self._greeting = bytearray()
        self._answered = False
        self._deadline = time.monotonic() + _HANDSHAKE_TIMEOUT_S
        self._outbox: deque[memoryview] = deque()
        self._parser = MessageParser()
        self._failure: str | None = None
        self._moved_bytes = 0

    @property
    def moved_bytes(self) -> int:
        """How many bytes have come, or left the outbox after the other side had to make room for them.

        A message that goes at once does not count: the system takes some for a process that stands still, too.
        """
        return self._moved_bytes

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._handshake is None and self._failure is None

    @property
    def failure(self) -> str | None:
        """Why the connection has ended; None while it lasts."""
        return self._failure

    def fileno(self) -> int:
        """The socket, for a host that wants to be woken by its event loop; -1 once closed."""
        return self._socket.fileno()

    def send(self, message: Message, budget_s: float = 0.01) -> None:
        """Queue a message and send what goes at once, trying for no longer than `budget_s`."""
        self._outbox.extend(pack(message))
        self._flush(budget_s)

    def pump(self) -> list[Message]:
        """Send what waits, go on with the handshake, and return the messages that have come in whole."""
        if self._failure is not None:
            return []
        try:
            if self._handshake is not None:
                self._shake_hands()
            if self._handshake is not None or self._failure is not None:
                return []
            waiting = self._outbox_bytes
            self._flush(0.0)
            self._moved_bytes += waiting - self._outbox_bytes
            return self._receive()
        except InferenceError as error:
            self._fail(str(error))
        return []

    def wait(self, timeout_s: float, writing: bool = False) -> bool:
        """Whether the socket became ready within `timeout_s`."""
        if self._failure is not None:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_WRITE if writing else selectors.EVENT_READ)
            return bool(selector.select(max(0.0, timeout_s)))

    def close(self) -> None:
        """End the connection; what has not been sent is dropped."""
        self._failure = self._failure or "The connection was closed."
        self._outbox.clear()
        self._socket.close()

    def _shake_hands(self) -> None:
        if time.monotonic() > self._deadline:
            return self._fail("No inference process answered the handshake.")
        needed = PROOF_SIZE if self._answered else HELLO_SIZE
        self._greeting += self._take(needed - len(self._greeting))
        if self._failure is None and len(self._greeting) == needed:
            received, self._greeting = bytes(self._greeting), bytearray()
            self._check_proof(received) if self._answered else self._answer(received)

    def _answer(self, hello: bytes) -> None:
        assert self._handshake is not None
        answer = self._handshake.answer(hello)
        if answer is None:
            return self._fail("The other side is no inference process of this version of RWTHSAM.")
        self._answered = True
        self._outbox.append(memoryview(answer))
        self._flush(0.01)

    def _check_proof(self, proof: bytes) -> None:
        assert self._handshake is not None
        if not self._handshake.accepts(proof):
            return self._fail("The inference process does not know the key.")
        self._handshake = None

    def _take(self, count: int) -> bytes:
        try:
            data = self._socket.recv(count)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            if not self.wait(0.0):  # a connect still under way is no failure yet
                return b""
            self._fail(f"The inference process cannot be reached: {error}.")
            return b""
        if not data:
            self._fail("The inference process closed the connection during the handshake: is the key right?")
        return data

    @property
    def _outbox_bytes(self) -> int:
        return sum(len(each) for each in self._outbox)

    def _flush(self, budget_s: float) -> None:
        deadline = time.monotonic() + budget_s
        while self._outbox and self._failure is None:
            try:
                sent = self._socket.send(self._outbox[0])
            except (BlockingIOError, InterruptedError):
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self.wait(remaining, writing=True):
                    return
            except OSError as error:
                self._fail(f"The connection to the inference process broke: {error}.")
            else:
                rest = self._outbox.popleft()[sent:]
                if rest:
                    self._outbox.appendleft(rest)

    def _receive(self) -> list[Message]:
        messages: list[Message] = []
        received = 0
        while received < _RECEIVE_LIMIT:
            try:
                count = self._socket.recv_into(self._parser.space())
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                self._fail(f"The connection to the inference process broke: {error}.")
                break
            if not count:
                self._fail("The inference process closed the connection.")
                break
            received += count
            self._moved_bytes += count
            message = self._parser.filled(count)
            if message is not None:
                messages.append(message)
        return messages

    def _fail(self, why: str) -> None:
        self._failure = self._failure or why
        self._socket.close()


def _tune(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BUFFER)
