"""How far parts are from each other."""

from __future__ import annotations

import numpy as np


def next_parts(labels_kji: np.ndarray, spacing_mm_kji: tuple[float, float, float]) -> dict[int, tuple[float, int]]:
    """For each part the least distance to another one, in mm between voxel centres, and which that is.

    The nearest part is one whose cell of nearest voxels (Voronoi cell) touches the part's own: on the way to it no
    third part can be nearer. So distances are computed between touching cells only.

    Parameters
    ----------
    labels_kji : numpy.ndarray
        int (k, j, i), 0 outside, from 1 a number for each part.

    Returns
    -------
    dict
        Empty if there are less than two parts.
    """
    from scipy import ndimage

    nearest = ndimage.distance_transform_edt(
        labels_kji == 0, spacing_mm_kji, return_distances=False, return_indices=True
    )
    cells = labels_kji[tuple(nearest)]
    rims = _rims_mm(labels_kji, spacing_mm_kji)
    found: dict[int, tuple[float, int]] = {}
    for first, second in _touching(cells):
        distance_mm = _distance_mm(rims[first], rims[second])
        for own, other in ((first, second), (second, first)):
            if own not in found or distance_mm < found[own][0]:
                found[own] = (distance_mm, other)
    return found


def _touching(cells: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of different numbers that are neighbours along an axis, the smaller one first."""
    pairs = []
    for axis in range(3):
        first = np.moveaxis(cells, axis, 0)[:-1].ravel()
        second = np.moveaxis(cells, axis, 0)[1:].ravel()
        differ = first != second
        pairs.append(np.sort(np.stack([first[differ], second[differ]], axis=1), axis=1))
    every = np.unique(np.concatenate(pairs), axis=0)
    return [(int(a), int(b)) for a, b in every if a and b]


def _rims_mm(labels_kji: np.ndarray, spacing_mm_kji: tuple[float, float, float]) -> dict[int, np.ndarray]:
    """Places (n, 3) of each part's outermost voxels."""
    from scipy import ndimage

    lowest = ndimage.minimum_filter(labels_kji, footprint=ndimage.generate_binary_structure(3, 1), mode="constant")
    highest = ndimage.maximum_filter(labels_kji, footprint=ndimage.generate_binary_structure(3, 1))
    rim = (labels_kji > 0) & ((lowest != labels_kji) | (highest != labels_kji))
    places, numbers = np.argwhere(rim) * spacing_mm_kji, labels_kji[rim]
    order = np.argsort(numbers, kind="stable")
    present, starts = np.unique(numbers[order], return_index=True)
    return dict(zip(present.tolist(), np.split(places[order], starts[1:]), strict=True))


def _distance_mm(first: np.ndarray, second: np.ndarray) -> float:
    from scipy.spatial import cKDTree

    few, many = sorted((first, second), key=len)
    return float(cKDTree(many).query(few)[0].min())
