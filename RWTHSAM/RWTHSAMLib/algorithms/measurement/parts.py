"""The connected parts of a class."""

from __future__ import annotations

import numpy as np

from ...core.settings.measurement import Connectivity

_NEIGHBOURS: dict[int, int] = {6: 1, 18: 2, 26: 3}


def label_parts(mask_kji: np.ndarray, connectivity: Connectivity = 26, least_voxels: int = 1) -> np.ndarray:
    """Number the connected parts, the largest first.

    Parameters
    ----------
    mask_kji : numpy.ndarray
        bool (k, j, i).
    connectivity : int
        6: voxels that share a face are connected; 18: or an edge; 26: or a corner.
    least_voxels : int
        Smaller parts are left out.

    Returns
    -------
    numpy.ndarray
        int32 (k, j, i), 0 where there is no part.
    """
    return counted_parts(mask_kji, connectivity, least_voxels)[0]


def counted_parts(
    mask_kji: np.ndarray, connectivity: Connectivity = 26, least_voxels: int = 1
) -> tuple[np.ndarray, int]:
    """`label_parts`, and how many parts were left out."""
    from scipy import ndimage

    labels, count = ndimage.label(mask_kji, structure_of(connectivity), output=np.int32)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    order = np.argsort(-sizes, kind="stable")
    renumbered = np.zeros(count + 1, np.int32)
    kept = order[sizes[order] >= least_voxels]
    renumbered[kept + 1] = np.arange(1, len(kept) + 1)
    numbered: np.ndarray = renumbered[labels]
    return numbered, count - len(kept)


def structure_of(connectivity: Connectivity) -> np.ndarray:
    """Bool (3, 3, 3): which voxels around the middle one are connected with it."""
    from scipy import ndimage

    structure: np.ndarray = ndimage.generate_binary_structure(3, _NEIGHBOURS[connectivity])
    return structure
