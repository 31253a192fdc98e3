"""Embeddings that were computed before: in memory, and in a folder that outlives the process.

An embedding is found by its content: the picture, the weights, the model, the precision and the backend that made it.
So a cache never serves the wrong slice, volume, window or network, and two volumes with equal slices share. Values
are stored as float32, bit for bit: a mask does not depend on whether its embedding was computed or found.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from ...errors import SettingsError
from ...models.weights import cache_folder
from ..embedding import Embedding
from .embedding_folder import EmbeddingFolder

# to be raised whenever the same slice would be kept otherwise
_LAYOUT_VERSION = 2


@dataclass(frozen=True)
class CacheSettings:
    """Limits of the embedding cache.

    Attributes
    ----------
    memory_bytes : int
        Most that is held in memory; a slice takes 4 MiB (SAM-HQ: 16 MiB and more; RWTHSAM-Net: 11 MiB at 728 pixels).
    folder : Path, optional
        Where the disk tier lives; None: no disk tier.
    disk_bytes : int
        Most that the folder may hold.

    Raises
    ------
    SettingsError
        If a limit is negative.
    """

    memory_bytes: int = 512 << 20
    folder: Path | None = None
    disk_bytes: int = 8 << 30

    def __post_init__(self) -> None:
        if self.memory_bytes < 0 or self.disk_bytes < 0:
            raise SettingsError(
                f"The cache's limits are 0 or more bytes, not {self.memory_bytes} (memory), {self.disk_bytes} (disk)."
            )

    @classmethod
    def usual(cls, disk_bytes: int = 8 << 30) -> CacheSettings:
        """Memory, and a folder beside the fetched weights that later sessions read too; 0 bytes mean no folder."""
        return cls(folder=cache_folder() / "embeddings" if disk_bytes else None, disk_bytes=disk_bytes)


def embedding_key(image_digest: str, weights_sha256: str, model: str, backend: str, precision: str) -> str:
    """Name, 64 hexadecimal digits, of all that an embedding depends on."""
    parts = [_LAYOUT_VERSION, image_digest, weights_sha256, model, backend, precision]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class EmbeddingCache:
    """Memory in front of a folder; the least recently used embedding leaves first.

    Parameters
    ----------
    settings : CacheSettings, optional
        Default: memory only.
    """

    def __init__(self, settings: CacheSettings | None = None) -> None:
        self.settings = settings or CacheSettings()
        self._memory: OrderedDict[str, Embedding] = OrderedDict()
        self._memory_bytes = 0
        folder = self.settings.folder
        self._disk = EmbeddingFolder(folder, self.settings.disk_bytes) if folder is not None else None

    @property
    def memory_bytes(self) -> int:
        """Bytes held in memory."""
        return self._memory_bytes

    def get(self, key: str) -> Embedding | None:
        """The embedding of that key, or None; one found on disk comes into memory."""
        found = self._memory.get(key)
        if found is not None:
            self._memory.move_to_end(key)
        elif self._disk is not None and (found := self._disk.read(key)) is not None:
            self._keep(key, found)
        return found

    def put(self, key: str, embedding: Embedding) -> None:
        """Remember an embedding in both tiers."""
        self._keep(key, embedding)
        if self._disk is not None:
            self._disk.write(key, embedding)

    def forget_memory(self) -> None:
        """Empty the memory tier."""
        self._memory.clear()
        self._memory_bytes = 0

    def _keep(self, key: str, embedding: Embedding) -> None:
        old = self._memory.pop(key, None)
        self._memory_bytes += embedding.nbytes - (old.nbytes if old is not None else 0)
        self._memory[key] = embedding
        # the newest stays, whatever the limit: its decode comes next
        while self._memory_bytes > self.settings.memory_bytes and len(self._memory) > 1:
            self._memory_bytes -= self._memory.popitem(last=False)[1].nbytes
