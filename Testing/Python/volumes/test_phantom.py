"""Battery phantoms are the same for the same seed, and their labels are true."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.volumes.phantom.cell import PHANTOMS, Phantom, cylindrical_cell, pouch_cell

SHAPE_KJI = (32, 96, 96)


@pytest.fixture(scope="module", params=PHANTOMS.values(), ids=PHANTOMS)
def make(request) -> Callable[..., Phantom]:
    return request.param


@pytest.fixture(scope="module")
def a_phantom(make) -> Phantom:
    return make(SHAPE_KJI, seed=4)


def mean_grey(phantom: Phantom, class_name: str) -> float:
    return float(phantom.grey_kji[phantom.mask_kji(class_name)].mean())


def test_a_seed_decides_everything(make, a_phantom: Phantom) -> None:
    again, other = make(SHAPE_KJI, seed=4), make(SHAPE_KJI, seed=5)
    assert np.array_equal(again.grey_kji, a_phantom.grey_kji)
    assert np.array_equal(again.labels_kji, a_phantom.labels_kji)
    assert not np.array_equal(other.labels_kji, a_phantom.labels_kji)


def test_every_label_is_a_class_of_the_profile(a_phantom: Phantom) -> None:
    assert set(np.unique(a_phantom.labels_kji)) == set(range(len(a_phantom.class_names) + 1))


def test_a_cylindrical_cell_has_its_parts_in_order_of_their_density() -> None:
    phantom = cylindrical_cell(SHAPE_KJI, seed=1)
    assert {"Can", "Cap", "Core", "Cathode", "Anode", "Separator"} <= set(phantom.class_names)
    background = float(phantom.grey_kji[phantom.labels_kji == 0].mean())
    assert mean_grey(phantom, "Can") > mean_grey(phantom, "Anode") > mean_grey(phantom, "Core")
    assert mean_grey(phantom, "Can") > 4 * background


def test_the_core_lies_inside_the_jelly_roll_and_that_inside_the_can() -> None:
    phantom = cylindrical_cell(SHAPE_KJI, seed=2)
    widths = [
        np.ptp(np.argwhere(mask.any(0)), axis=0).max()
        for mask in (phantom.mask_kji("Core"), phantom.jelly_roll_kji, phantom.mask_kji("Can"))
    ]
    assert widths[0] < widths[1] < widths[2]


def test_the_layers_of_a_pouch_cell_are_stacked_along_j() -> None:
    phantom = pouch_cell(SHAPE_KJI, seed=3)
    k, _, i = (size // 2 for size in SHAPE_KJI)
    line = phantom.labels_kji[k, :, i]
    assert np.count_nonzero(np.diff(line)) > 6
    assert len(np.unique(line[len(line) // 2 - 20 : len(line) // 2 + 20])) >= 2


def test_a_part_keeps_its_millimetres_whatever_the_shape() -> None:
    coarse, fine = (cylindrical_cell(shape, seed=1) for shape in ((24, 64, 64), (24, 128, 128)))
    sizes = [np.count_nonzero(each.jelly_roll_kji) * np.prod(each.spacing_mm) for each in (coarse, fine)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.15)


@pytest.mark.parametrize(("shape", "seed"), [((8, 64, 64), 0), ((32, 64), 0), ((32, 64, 64), -1)], ids=str)
def test_sizes_and_seeds_out_of_range_are_refused(shape, seed) -> None:
    with pytest.raises(SettingsError):
        cylindrical_cell(shape, seed)
