"""The disk tier of the embedding cache: one checked file an embedding, in a folder with a limit.

A file is a magic, the SHA-256 of what follows, and a message of `core.system.message` (JSON header, raw float32 or
float16 arrays). Nothing in it can run code; a file that is cut short, altered or foreign is dropped and counts as
absent. Several processes may share the folder: files appear whole, by renaming, and any may vanish at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from ...core.system.message import JsonValue, Message, MessageParser, pack
from ...errors import InferenceError
from ..embedding import Embedding

_MAGIC = b"RWTHSAM embedding 2\n"
_SUFFIX = ".embedding"
_TEMPORARY = ".part"
_ABANDONED_AFTER_S = 3600.0
"""A choice: nobody writes one file for an hour."""
_KEPT_SHARE = 0.9
"""Share of the limit that is left after making room, so that not every write has to."""


class EmbeddingFolder:
    """Embeddings in a folder, the least recently used of which leave first.

    Parameters
    ----------
    folder : Path
        Made when the first embedding is written.
    limit_bytes : int
        Most that the folder may hold.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._bytes: int | None = None

    def read(self, key: str) -> Embedding | None:
        """The embedding of that key, or None where there is none or its file is damaged."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        try:
            embedding = _parse(content)
        except InferenceError:
            path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # marks it as used
        return embedding

    def write(self, key: str, embedding: Embedding) -> None:
        """Store an embedding; a folder that cannot be written to is no reason to stop."""
        parts = _formatted(embedding)
        size = sum(part.nbytes for part in parts)
        if size > self._limit_bytes:
            return
        path = self._path(key)
        try:
            self._make_room(size)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, parts)
            self._bytes = (self._bytes or 0) + size
        except OSError:
            self._bytes = None

    def size_bytes(self) -> int:
        """Bytes that the embeddings on disk take."""
        return sum(size for _, size, _ in self._files())

    def _make_room(self, size: int) -> None:
        if self._bytes is None:
            self._bytes = self.size_bytes()
            self._drop_abandoned()
        if self._bytes + size <= self._limit_bytes:
            return
        files = sorted(self._files())
        self._bytes = sum(size for _, size, _ in files)
        for _, old_size, path in files:
            if self._bytes + size <= self._limit_bytes * _KEPT_SHARE:
                break
            path.unlink(missing_ok=True)
            self._bytes -= old_size

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._folder.glob(f"??/*{_SUFFIX}"):
            with contextlib.suppress(OSError):
                stat = path.stat()
                yield stat.st_mtime, stat.st_size, path

    def _drop_abandoned(self) -> None:
        for path in self._folder.glob(f"??/*{_TEMPORARY}"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_AFTER_S:
                    path.unlink()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}{_SUFFIX}"


def write_atomically(path: Path, parts: list[memoryview]) -> None:
    """Write a file that is there whole or not at all."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_TEMPORARY}")
    try:
        with temporary.open("wb") as file:
            file.writelines(parts)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _formatted(embedding: Embedding) -> list[memoryview]:
    sizes: dict[str, JsonValue] = {
        "original_size": [int(value) for value in embedding.original_size],
        "input_size": [int(value) for value in embedding.input_size],
        "pixels_per_logit": int(embedding.pixels_per_logit),
    }
    body = pack(Message("embedding", sizes, embedding.arrays))
    return [memoryview(_MAGIC), memoryview(_checksum(body)), *body]


def _parse(content: bytes) -> Embedding:
    start = len(_MAGIC) + hashlib.sha256().digest_size
    body = memoryview(content)[start:]
    if content[: len(_MAGIC)] != _MAGIC or content[len(_MAGIC) : start] != _checksum([body]):
        raise InferenceError("The file of an embedding is damaged.")
    message = _message_in(body)
    if message.kind != "embedding" or not message.arrays:
        raise InferenceError("The file holds no embedding.")
    return Embedding(
        message.arrays,
        _two_numbers(message.items("original_size")),
        _two_numbers(message.items("input_size")),
        message.number("pixels_per_logit"),
    )


def _message_in(body: memoryview) -> Message:
    parser = MessageParser()
    while len(body):
        space = parser.space()
        count = min(len(space), len(body))
        space[:count] = body[:count]
        message, body = parser.filled(count), body[count:]
        if message is not None:
            return message
    raise InferenceError("The file of an embedding ends too early.")


def _two_numbers(values: list[JsonValue]) -> tuple[int, int]:
    numbers = [value for value in values if isinstance(value, int)]
    if len(numbers) != 2:
        raise InferenceError("The file of an embedding has no sizes.")
    return numbers[0], numbers[1]


def _checksum(parts: list[memoryview]) -> bytes:
    content = hashlib.sha256()
    for part in parts:
        content.update(part)
    return content.digest()
