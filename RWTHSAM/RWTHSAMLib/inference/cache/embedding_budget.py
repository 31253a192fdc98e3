"""What preparing many slices takes, told before it begins."""

from __future__ import annotations

from dataclasses import dataclass

from ...models.catalogue import ModelEntry
from ...models.rwthsam_net.frame import MULTIPLE_PX
from ...models.rwthsam_net.settings import NetSettings
from ..backends.net_backend import LONGEST_PX
from ..embedding import PIXELS_PER_FEATURE
from ..preprocess import input_size_of
from .embedding_cache import CacheSettings

# of SAM's embeddings; every network of the catalogue has as many
_FEATURE_CHANNELS = 256
_EARLY_CHANNELS = {"vit_tiny": 160, "vit_b": 768, "vit_l": 1024, "vit_h": 1280}
_FINER_CHANNELS = 32 * 4 * 4 + 64 * 2 * 2
"""Of SAM 2.1: its finer features, counted as if they were as coarse as the others."""
_BYTES_A_NUMBER, _BYTES_A_HALF = 4, 2
_LARGEST_HEADER = 4096


def embedding_bytes(entry: ModelEntry, shape_yx: tuple[int, int]) -> int:
    """Bytes of the embedding of a slice of that shape.

    SAM's is as large whatever the slice, SAM-HQ also keeps what the encoder saw early and SAM 2.1 what it saw finer;
    RWTHSAM-Net's grows with the slice.
    """
    if entry.is_own:
        return _own_bytes(shape_yx)
    side = entry.input_size // PIXELS_PER_FEATURE
    others = {"sam_hq": _EARLY_CHANNELS.get(entry.architecture, 0), "sam2_1": _FINER_CHANNELS}.get(entry.family, 0)
    return _BYTES_A_NUMBER * (_FEATURE_CHANNELS + others) * side * side


def _own_bytes(shape_yx: tuple[int, int]) -> int:
    seen = shape_yx if max(shape_yx) <= LONGEST_PX else input_size_of(shape_yx, LONGEST_PX)
    rows, columns = (-(-side // MULTIPLE_PX) * MULTIPLE_PX for side in seen)
    sizes = NetSettings()
    numbers = (sizes.embedding_channels * rows * columns) // 4 + (sizes.context_channels * rows * columns) // 64
    return _BYTES_A_HALF * numbers


@dataclass(frozen=True)
class EmbeddingBudget:
    """Embeddings of some slices against the limits of the cache.

    Attributes
    ----------
    count : int
        Slices.
    bytes_each : int
    settings : CacheSettings
    """

    count: int
    bytes_each: int
    settings: CacheSettings

    @classmethod
    def of(
        cls, entry: ModelEntry, shape_kji: tuple[int, int, int], array_axis: int, settings: CacheSettings
    ) -> EmbeddingBudget:
        """Of all slices of a scan along an axis of its array."""
        rows, columns = (size for axis, size in enumerate(shape_kji) if axis != array_axis)
        return cls(shape_kji[array_axis], embedding_bytes(entry, (rows, columns)), settings)

    @property
    def total_bytes(self) -> int:
        """Of all of them."""
        return self.count * self.bytes_each

    @property
    def kept(self) -> int:
        """How many stay known at least: in memory, or in the folder where there is one."""
        settings = self.settings
        on_disk = settings.disk_bytes // (self.bytes_each + _LARGEST_HEADER) if settings.folder is not None else 0
        return min(self.count, max(settings.memory_bytes // self.bytes_each, on_disk))

    @property
    def text(self) -> str:
        """For people: what it takes, where it goes, and what does not fit."""
        text = f"What is prepared for {self.count} slices takes {_size(self.total_bytes)}"
        if self.kept == self.count:
            stays = "is kept on the disk for the next time" if self.settings.folder else "goes with the program"
            return f"{text} and {stays}."
        return f"{text}. Only {self.kept} of them stay {self._limits}; the others are prepared again when looked at."

    @property
    def _limits(self) -> str:
        settings = self.settings
        of_memory = f"in the {_size(settings.memory_bytes)} of memory"
        if settings.folder is None:
            return f"{of_memory} that are lent for it"
        return f"{of_memory} and {_size(settings.disk_bytes)} of the disk that are lent for it"


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
