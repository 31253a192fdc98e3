"""How many voxels of what was to be written other segments have kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...core.extent import Extent
from ...core.packed_voxels import PackedVoxels


class KeptVoxels:
    """Counts them over blocks that may overlap; a voxel that comes with two of them counts once."""

    def __init__(self) -> None:
        self._blocks: dict[str, list[tuple[Extent, PackedVoxels]]] = {}

    @property
    def counts(self) -> dict[str, int]:
        """By the id of the segment that has kept them."""
        return {each: sum(packed.count for _, packed in blocks) for each, blocks in self._blocks.items()}

    def add(self, voxels_kji: np.ndarray, extent: Extent, held: Mapping[str, np.ndarray]) -> None:
        """Count a block.

        Parameters
        ----------
        voxels_kji : numpy.ndarray
            Bool (k, j, i): what was to be written within an extent.
        extent : Extent
        held : mapping of str to numpy.ndarray
            What each segment that keeps its voxels has there, bool (k, j, i).
        """
        for segment_id, inside in held.items():
            if (kept := voxels_kji & inside).any():
                blocks = self._blocks.setdefault(segment_id, [])
                for other, packed in blocks:
                    _leave_out(kept, extent, other, packed)
                blocks.append((extent, PackedVoxels.of(kept)))


def _leave_out(kept_kji: np.ndarray, extent: Extent, other: Extent, packed: PackedVoxels) -> None:
    """Take out of a block's voxels those that a block before it had."""
    common = extent.intersection(other)
    if common is not None and packed.any:
        kept_kji[common.slices_kji(extent.first_ijk)] &= ~packed.to_array()[common.slices_kji(other.first_ijk)]
