"""Finished pieces of work on disk, each under its key: whole or not there, and known to be undamaged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.system.atomic_file import write_bytes
from ..core.system.file_lock import try_lock
from ..errors import JobError
from .keys import content_sha256


@dataclass(frozen=True)
class Pieces:
    """A folder of pieces.

    A piece is a file of two lines: SHA-256 of the second, and JSON.

    Attributes
    ----------
    folder : Path
        On a disk that all processes see.
    """

    folder: Path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no other process work on the same pieces.

        Raises
        ------
        JobError
            If another one does.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = try_lock(self.folder / "lock")
        if lock is None:
            raise JobError(f"Another process is at this job: '{self.folder}' is in use. Wait for it, or end it.")
        with lock:
            yield

    def path(self, key: str) -> Path:
        """Where a piece is or will be."""
        return self.folder / key[:2] / f"{key}.json"

    def read(self, key: str) -> Any:
        """What was kept under a key; None if nothing is, or it is damaged and has to be done again."""
        try:
            digest, _, text = self.path(key).read_bytes().partition(b"\n")
        except OSError:
            return None
        if hashlib.sha256(text).hexdigest().encode() != digest:
            return None
        return json.loads(text)

    def write(self, key: str, value: object) -> None:
        """Keep a piece.

        Parameters
        ----------
        key : str
        value : object
            As `json` takes it, numbers that are none included.

        Raises
        ------
        InputError
            If it cannot be written; then nothing is there.
        """
        text = json.dumps(value).encode()
        write_bytes(self.path(key), hashlib.sha256(text).hexdigest().encode() + b"\n" + text)


def file_facts(path: Path) -> list[dict[str, object]]:
    """What is remembered of a result, a file or a folder of files, to know later whether it is still there."""
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    return [
        {
            "path": str(each),
            "size": each.stat().st_size,
            "mtime_ns": each.stat().st_mtime_ns,
            "sha256": content_sha256(each),
        }
        for each in files
    ]


def is_as_it_was(facts: dict[str, Any]) -> bool:
    """Whether a file of `file_facts` is there unchanged; its content is read only where its time is another."""
    path = Path(facts["path"])
    try:
        about = path.stat()
        if about.st_size != facts["size"]:
            return False
        return bool(about.st_mtime_ns == facts["mtime_ns"] or content_sha256(path) == facts["sha256"])
    except OSError:
        return False
