"""How far parts are from each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_FEW_PLACES = 16
"""Parts with more outermost voxels are looked at one by one: in a noisy class most have one or two."""
_PLACES_AT_ONCE = 100_000


def next_parts(labels_kji: np.ndarray, spacing_mm_kji: tuple[float, float, float]) -> dict[int, tuple[float, int]]:
    """For each part the least distance to another one, in mm between voxel centres, and which that is.

    Of small parts all outermost voxels are looked up in one tree of all such voxels. The nearest part of a large one is
    one whose cell of nearest voxels (Voronoi cell) touches its own: on the way to it no third part can be nearer. So
    the time grows with the voxels, not with the pairs of parts.

    Parameters
    ----------
    labels_kji : numpy.ndarray
        int (k, j, i), 0 outside, from 1 a number for each part.

    Returns
    -------
    dict
        Empty if there are less than two parts. Of parts that are equally near, one is named.
    """
    places, numbers = _rims_mm(labels_kji, spacing_mm_kji)
    present, starts, sizes = np.unique(numbers, return_index=True, return_counts=True)
    if len(present) < 2:
        return {}
    found: dict[int, tuple[float, int]] = {}
    few = sizes <= _FEW_PLACES
    if few.any():
        found.update(_of_small_parts(places, numbers, sizes[np.searchsorted(present, numbers)]))
    if not few.all():
        touching = _touching(labels_kji, spacing_mm_kji)
        rims = {
            int(number): slice(start, start + size) for number, start, size in zip(present, starts, sizes, strict=True)
        }
        for number in present[~few]:
            beside = touching[slice(*np.searchsorted(touching[:, 0], (number, number + 1)))][:, 1]
            rows = np.concatenate([np.arange(rims[int(each)].start, rims[int(each)].stop) for each in beside])
            found[int(number)] = _nearest(places[rims[int(number)]], places[rows], numbers[rows])
    return found


def _of_small_parts(
    places_mm: np.ndarray, numbers: np.ndarray, sizes: np.ndarray
) -> Iterator[tuple[int, tuple[float, int]]]:
    """The next part of each that has few outermost voxels: among one more neighbours, one belongs to another part."""
    from scipy.spatial import cKDTree

    tree = cKDTree(places_mm)
    for size in np.unique(sizes[sizes <= _FEW_PLACES]):
        rows = np.flatnonzero(sizes == size)
        # whole parts at once: their voxels follow each other
        for first in range(0, len(rows), _PLACES_AT_ONCE // size * size):
            own = rows[first : first + _PLACES_AT_ONCE // size * size]
            distances_mm, others = tree.query(places_mm[own], k=min(int(size) + 1, len(places_mm)))
            yield from _best_of(distances_mm, numbers[others], numbers[own], int(size))


def _best_of(
    distances_mm: np.ndarray, others: np.ndarray, own: np.ndarray, size: int
) -> Iterator[tuple[int, tuple[float, int]]]:
    """The nearest other part by part, of (voxels, neighbours) distances, the voxels of a part following each other."""
    distances_mm = np.where(others == own[:, None], np.inf, distances_mm).reshape(len(own) // size, -1)
    best = distances_mm.argmin(axis=1)
    rows = np.arange(len(best))
    nearest = others.reshape(distances_mm.shape)[rows, best]
    for number, distance_mm, other in zip(own[::size], distances_mm[rows, best], nearest, strict=True):
        yield int(number), (float(distance_mm), int(other))


def _nearest(own_mm: np.ndarray, others_mm: np.ndarray, numbers: np.ndarray) -> tuple[float, int]:
    """Least distance from some places to others, and the number of the other one there."""
    from scipy.spatial import cKDTree

    distances_mm = cKDTree(own_mm).query(others_mm)[0]
    best = int(distances_mm.argmin())
    return float(distances_mm[best]), int(numbers[best])


def _touching(labels_kji: np.ndarray, spacing_mm_kji: tuple[float, float, float]) -> np.ndarray:
    """Pairs (n, 2) of parts whose cells of nearest voxels are neighbours along an axis, both ways round, in order."""
    from scipy import ndimage

    nearest = ndimage.distance_transform_edt(
        labels_kji == 0, spacing_mm_kji, return_distances=False, return_indices=True
    )
    cells = labels_kji[tuple(nearest)].astype(np.int64)
    most, pairs = int(cells.max()) + 1, []
    for axis in range(3):
        first = np.moveaxis(cells, axis, 0)[:-1].ravel()
        second = np.moveaxis(cells, axis, 0)[1:].ravel()
        differ = first != second
        pairs.append(np.unique(first[differ] * most + second[differ]))
    every = np.unique(np.concatenate(pairs))
    both = np.unique(np.concatenate([every, every % most * most + every // most]))
    return np.stack([both // most, both % most], axis=1)


def _rims_mm(labels_kji: np.ndarray, spacing_mm_kji: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Places (n, 3) of the parts' outermost voxels and their parts' numbers, ordered by these."""
    from scipy import ndimage

    lowest = ndimage.minimum_filter(labels_kji, footprint=ndimage.generate_binary_structure(3, 1), mode="constant")
    highest = ndimage.maximum_filter(labels_kji, footprint=ndimage.generate_binary_structure(3, 1))
    rim = (labels_kji > 0) & ((lowest != labels_kji) | (highest != labels_kji))
    places, numbers = np.argwhere(rim) * spacing_mm_kji, labels_kji[rim]
    order = np.argsort(numbers, kind="stable")
    return places[order], numbers[order]
