"""Both ends of an inference connection prove that they know the same key, without sending it.

The worker speaks first, whoever opened the connection::

    worker -> host   greeting (16 bytes), nonce (32)
    host -> worker   nonce (32), HMAC-SHA256(key, "host" + both nonces) (32)
    worker -> host   HMAC-SHA256(key, "worker" + both nonces) (32)

`multiprocessing.connection` does the same, but its handshake, like its ``send_bytes``, blocks until the other side
answers; a host's event loop must not. Hence steps on bytes here, to be fed by any socket (HMAC: RFC 2104).
"""

from __future__ import annotations

import hmac
import secrets

from ..core.system.message import PROTOCOL_VERSION

NONCE_SIZE = 32
PROOF_SIZE = 32
GREETING = f"RWTHSAM worker {PROTOCOL_VERSION}".encode().ljust(16)
HELLO_SIZE = len(GREETING) + NONCE_SIZE
ANSWER_SIZE = NONCE_SIZE + PROOF_SIZE


class WorkerHandshake:
    """The worker's side: send `hello`, receive `ANSWER_SIZE` bytes, send what `accept` returns."""

    def __init__(self, key: bytes) -> None:
        self._key, self._nonce = key, secrets.token_bytes(NONCE_SIZE)

    @property
    def hello(self) -> bytes:
        """First bytes of the connection."""
        return GREETING + self._nonce

    def accept(self, answer: bytes) -> bytes | None:
        """Proof for the host, or None where the host does not know the key."""
        host_nonce, proof = answer[:NONCE_SIZE], answer[NONCE_SIZE:]
        if not hmac.compare_digest(proof, _proof(self._key, b"host", self._nonce, host_nonce)):
            return None
        return _proof(self._key, b"worker", self._nonce, host_nonce)


class HostHandshake:
    """The host's side: receive `HELLO_SIZE` bytes, send the `answer`, see if it `accepts` `PROOF_SIZE` more."""

    def __init__(self, key: bytes) -> None:
        self._key, self._nonce, self._worker_nonce = key, secrets.token_bytes(NONCE_SIZE), b""

    def answer(self, hello: bytes) -> bytes | None:
        """Bytes for the worker, or None where it is no worker of this version."""
        if hello[: len(GREETING)] != GREETING:
            return None
        self._worker_nonce = hello[len(GREETING) :]
        return self._nonce + _proof(self._key, b"host", self._worker_nonce, self._nonce)

    def accepts(self, proof: bytes) -> bool:
        """Whether the worker knows the key."""
        return hmac.compare_digest(proof, _proof(self._key, b"worker", self._worker_nonce, self._nonce))


def _proof(key: bytes, role: bytes, worker_nonce: bytes, host_nonce: bytes) -> bytes:
    return hmac.digest(key, role + worker_nonce + host_nonce, "sha256")
