"""The numbers behind the volume rendering: down-sampling, opacities fitted to a scan, connected parts, painting."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from RWTHSAMLib.algorithms.rendering import sampling, tiles
from RWTHSAMLib.algorithms.rendering.grey_ramp import fit_ramp
from RWTHSAMLib.algorithms.rendering.instances import Instances
from RWTHSAMLib.algorithms.rendering.painting import MARGIN, Layer, Opacities, paint
from RWTHSAMLib.core.extent import Extent
from RWTHSAMLib.volumes.phantom.cell import cylindrical_cell
from RWTHSAMLib.volumes.read import read_volume

OPACITIES = Opacities(grey=0.3, edge=0.8, rest=0.2)


def random_mask(random: np.random.Generator, shape: tuple[int, int, int]) -> np.ndarray:
    return ndimage.gaussian_filter(random.random(shape), 1.5) > 0.5


# down-sampling


def test_a_scan_within_the_budget_stays_whole() -> None:
    assert sampling.factors_kji((10, 20, 30), (1.0, 1.0, 1.0), 6000) == (1, 1, 1)


@pytest.mark.parametrize(
    ("shape_kji", "spacing_mm_kji", "expected"),
    [
        ((100, 728, 728), (2.0, 1.0, 1.0), (1, 2, 2)),
        ((512, 512, 512), (1.0, 1.0, 1.0), (3, 3, 3)),
        ((1, 8000, 8000), (5.0, 0.1, 0.1), (1, 2, 2)),
    ],
)
def test_the_closest_voxels_are_thinned_out_first(shape_kji, spacing_mm_kji, expected) -> None:
    factors = sampling.factors_kji(shape_kji, spacing_mm_kji, 16_000_000)
    assert factors == expected
    assert math.prod(sampling.rendered_shape_kji(shape_kji, factors)) <= 16_000_000


@pytest.mark.parametrize("factors", [(1, 1, 1), (2, 3, 1), (4, 4, 4), (9, 1, 2)])
def test_coverage_and_means_are_those_of_each_block(factors: tuple[int, int, int]) -> None:
    random = np.random.default_rng(5)
    mask, values = random.random((9, 10, 11)) < 0.4, random.normal(100, 50, (9, 10, 11)).astype("f4")
    covered, means = sampling.coverage(mask, factors), sampling.block_means(values, factors)
    assert covered.shape == sampling.rendered_shape_kji(mask.shape, factors)
    for place in np.ndindex(*covered.shape):
        block = tuple(slice(n * factor, (n + 1) * factor) for n, factor in zip(place, factors, strict=True))
        assert covered[place] == math.floor(255 * mask[block].mean() + 0.5 + 1e-9)
        assert means[place] == pytest.approx(values[block].mean(), rel=1e-4)


def test_a_thin_foil_is_never_lost() -> None:
    mask = np.zeros((40, 40, 40), bool)
    mask[:, :, 17] = True
    assert (sampling.coverage(mask, (4, 4, 4)).max(axis=2) > 0).all()


def test_tiles_cover_a_volume_once_and_are_found_by_a_box() -> None:
    shape = (40, 200, 100)
    every, counted = tiles.tiles_of(shape), np.zeros(shape, int)
    for tile in every:
        counted[tile.slices_kji()] += 1
    assert (counted == 1).all()
    box = Extent(0, 2, 95, 96, 14, 32)
    assert set(tiles.tiles_touched(box, shape)) == {n for n, tile in enumerate(every) if tile.intersection(box)}


# opacity by grey value


def test_in_a_real_cell_air_is_clear_foils_are_seen_and_metal_is_opaque(volumes: Path) -> None:
    scan = read_volume(volumes / "liion_cell_xct_small_50x182x182_u8.nrrd").array_kji
    opacity = fit_ramp(scan)(scan)
    outside = np.hypot(*(np.indices(scan.shape[1:]) - 91)) > 88
    assert np.mean(opacity[:, outside] > 13) < 0.01
    assert np.median(opacity[scan > 180]) > 200
    jelly_roll = opacity[40, 60:130, 110:140]
    assert 20 < np.median(jelly_roll) < 150


def test_the_phantom_is_no_brick() -> None:
    phantom = cylindrical_cell(seed=11)
    scan = phantom.volume().array_kji
    opacity = fit_ramp(scan)(scan)
    corner = opacity[:, :12, :12]
    assert np.mean(corner > 13) < 0.02
    assert np.mean(opacity > 100) > 0.02


def test_two_peaks_are_parted_between_them() -> None:
    random = np.random.default_rng(1)
    values = np.concatenate([random.normal(1000, 30, 50_000), random.normal(3000, 100, 10_000)])
    ramp = fit_ramp(values)
    assert 1090 < ramp.low < 2000 < ramp.high < 3400


@pytest.mark.parametrize("values", [np.zeros(10), np.full(5, np.nan), np.array([3.0, np.inf, 3.0]), np.empty(0)])
def test_scans_without_contrast_have_a_ramp_too(values: np.ndarray) -> None:
    ramp = fit_ramp(values)
    assert ramp.high > ramp.low
    assert ramp(np.array([np.nan])) == 0


# connected parts


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_parts_found_tile_by_tile_are_those_of_the_whole(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    print("seed", seed)
    monkeypatch.setattr(tiles, "TILE_KJI", (5, 7, 6))
    shape = (17, 20, 23)
    mask = random_mask(np.random.default_rng(seed), shape)
    instances = Instances(shape)
    for tile in tiles.tiles_of(shape):
        instances.add(sampling.coverage(mask[tile.slices_kji()], (1, 1, 1)), tile)
    instances.finish()
    expected, count = ndimage.label(mask)
    found = instances.numbers(Extent.of_shape(shape), Extent.of_shape(shape))
    assert instances.count == count
    assert len(set(zip(found[mask].tolist(), expected[mask].tolist(), strict=True))) == count


# painting


@pytest.mark.parametrize("seed", [4, 5])
def test_a_part_painted_alone_equals_the_same_part_of_the_whole(seed: int) -> None:
    print("seed", seed)
    random = np.random.default_rng(seed)
    shape = (20, 24, 22)
    coverages = [sampling.coverage(random_mask(random, shape), (1, 1, 1)) for _ in range(3)]
    colors = random.integers(0, 256, (3, 3), np.uint8)
    grey, face = random.integers(0, 256, shape, np.uint8), random.random(shape) < 0.1

    def painted(box: Extent) -> np.ndarray:
        outer, inner = box.shifted((MARGIN,) * 3).widened(MARGIN).slices_kji(), box.slices_kji()
        layers = [
            Layer(np.pad(coverage, MARGIN, mode="edge")[outer], color, 0.7)
            for coverage, color in zip(coverages, colors, strict=True)
        ]
        return paint(layers, grey[inner], OPACITIES, face[inner])

    whole = painted(Extent.of_shape(shape))
    ends = [sorted(random.choice(count, 2, replace=False)) for count in shape]
    box = Extent.of(end for side in reversed(ends) for end in side)
    assert np.array_equal(painted(box), whole[box.slices_kji()])


def test_an_edge_is_strongest_on_the_boundary_and_gone_three_voxels_beside_it() -> None:
    mask = np.zeros((12, 12, 24), bool)
    mask[..., 12:] = True
    layer = Layer(np.pad(sampling.coverage(mask, (1, 1, 1)), MARGIN, mode="edge"), np.array([9, 9, 9], np.uint8), 1.0)
    alpha = paint([layer], np.zeros(mask.shape, np.uint8), Opacities(0, 1, 0), None)[6, 6, :, 3].astype(int)
    assert alpha[11] == alpha[12] == alpha.max() > 150
    assert not alpha[:9].any() and not alpha[15:].any()
    assert alpha[9] < alpha[10] < alpha[11]


def test_of_overlapping_classes_the_later_one_is_seen() -> None:
    full = np.full((5 + 2 * MARGIN,) * 3, sampling.FULL, np.uint8)
    red, blue = np.array([255, 0, 0], np.uint8), np.array([0, 0, 255], np.uint8)
    grey = np.full((5, 5, 5), 255, np.uint8)
    for first, second in itertools.permutations((red, blue)):
        painted = paint([Layer(full, first, 1.0), Layer(full, second, 1.0)], grey, OPACITIES, None)
        assert (painted[..., :3] == second).all() and (painted[..., 3] == round(255 * 0.3)).all()
