"""Names of pieces of work: equal where the same input, settings and program would give the same again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from .. import __version__
from ..core.json_document import Json

# raised whenever the same settings give other results, or a piece is written otherwise
_PIECES_VERSION = 1
_SAMPLE_BYTES = 1 << 16


def key_of(kind: str, facts: Json) -> str:
    """The key of a piece: SHA-256 of what it is made of, and of the program.

    Parameters
    ----------
    kind : str
        What is done.
    facts : Json
        Everything that its result depends on.
    """
    text = json.dumps([__version__, _PIECES_VERSION, kind, facts], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def input_facts(path: Path) -> Json:
    """What tells a file or folder from another, and from itself after it was changed; None where there is none.

    Of a file: size, time of the last change, and its first and last 64 KiB. A folder is its files: thousands of
    slices or chunks are not read for it.
    """
    if path.is_dir():
        listed = hashlib.sha256()
        for each in sorted(each for each in path.rglob("*") if each.is_file()):
            about = each.stat()
            listed.update(f"{each.relative_to(path).as_posix()}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
        return ["folder", listed.hexdigest()]
    if not path.is_file():
        return None
    about = path.stat()
    return ["file", about.st_size, about.st_mtime_ns, _ends_sha256(path, about.st_size)]


def content_sha256(path: Path) -> str:
    """SHA-256 of a whole file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _ends_sha256(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        digest.update(file.read(_SAMPLE_BYTES))
        if size > _SAMPLE_BYTES:
            file.seek(max(_SAMPLE_BYTES, size - _SAMPLE_BYTES))
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()
