"""Which files a report is about, so that others can tell whether theirs are the same."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from .. import __version__
from .content import Provenance

_CHUNK_BYTES = 1 << 20


def about_files(segmentation: Path, scan: Path) -> Provenance:
    """Names, times and SHA-256 of the files, and what made the report."""
    facts = [*_facts("Segmentation", segmentation), *_facts("Scan", scan)]
    made = datetime.now().astimezone().isoformat(" ", "seconds")
    return Provenance((*facts, ("Report", f"RWTHSAM {__version__}, {made}")))


def _facts(name: str, path: Path) -> list[tuple[str, str]]:
    changed = datetime.fromtimestamp(path.stat().st_mtime).astimezone().isoformat(" ", "seconds")
    facts = [(name, f"{path.name}, changed {changed}")]
    if path.is_file():
        facts.append((f"SHA-256 of the {name.lower()}", _sha256(path)))
    return facts


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
