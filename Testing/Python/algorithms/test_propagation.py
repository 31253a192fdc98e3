"""From one mask on real scans to the object in the volume, without leaking, even from a bad mask."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")
ndimage = pytest.importorskip("scipy.ndimage")

from RWTHSAMLib.algorithms.propagation.neighbourhood import deepest_pixel  # noqa: E402
from RWTHSAMLib.algorithms.propagation.propagate import Propagation  # noqa: E402
from RWTHSAMLib.algorithms.propagation.tracks import PropagatedObject  # noqa: E402
from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.core.mask import Mask, dice  # noqa: E402
from RWTHSAMLib.core.prompts import PointPrompt, Prompts  # noqa: E402
from RWTHSAMLib.core.settings.propagation import PropagationSettings  # noqa: E402
from RWTHSAMLib.core.window import Window  # noqa: E402
from RWTHSAMLib.errors import StateError  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402

BODY_HU = -500
LAST, NEAR = 33, 4
"""The last slice, and as many to either side as the short tests go."""
LUNGS = {"right": 5, "left": 6}


class Chest:
    """A real chest CT with its labels."""

    def __init__(self, volumes: Path, weights: Path) -> None:
        itk = pytest.importorskip("SimpleITK")
        self.values = itk.GetArrayFromImage(itk.ReadImage(str(volumes / "CTChest4.nrrd")))
        self.labels = itk.GetArrayFromImage(itk.ReadImage(str(volumes / "CTChest4_Segmentation.seg.nrrd")))
        self.weights = weights

    @cached_property
    def published(self) -> SamEngine:
        """MobileSAM at the size it was trained for: what one click means."""
        return SamEngine.load("mobile_sam_vit_t", self.weights)

    @cached_property
    def quick(self) -> SamEngine:
        """The same at half the size, which is encoded in a quarter of the time: enough to go on from a mask."""
        return SamEngine.load("mobile_sam_vit_t_512", self.weights, precision="f32")

    @cached_property
    def body(self) -> np.ndarray:
        """Everything inside the skin, bool (k, j, i)."""
        dense = ndimage.label(self.values > BODY_HU)[0]
        largest = dense == np.bincount(dense[dense > 0]).argmax()
        return np.array([ndimage.binary_fill_holes(each) for each in largest])

    def picture(self, k: int) -> SliceImage:
        return SliceImage.from_values(self.values[k], Window(-1350, 150))

    def lung(self, side: str) -> tuple[np.ndarray, int]:
        """Its voxels, and the slice where it is largest."""
        truth = self.labels == LUNGS[side]
        return truth, int(truth.sum(axis=(1, 2)).argmax())

    def clicked(self, side: str) -> dict[int, Mask]:
        """The mask of one click."""
        truth, k = self.lung(side)
        x, y = deepest_pixel(Mask.from_array(truth[k]))
        return {k: self.published.segment(self.picture(k), Prompts((PointPrompt(x, y),))).best.mask}

    def propagated(
        self, keyframes: dict[int, Mask], rules: PropagationSettings | None = None, first: int = 0, last: int = LAST
    ) -> PropagatedObject:
        engine = self.published if (first, last) == (0, LAST) else self.quick
        return Propagation(engine, self.picture, lambda k: self.values[k], rules).run(keyframes, first, last)

    def within(self, k: int, reach: int) -> tuple[int, int]:
        """First and last slice at most so far from a slice."""
        return max(0, k - reach), min(LAST, k + reach)

    def voxels(self, found: PropagatedObject) -> np.ndarray:
        whole = np.zeros(self.values.shape, bool)
        for each in found.slices:
            whole[each.index] = each.mask.to_array()
        return whole


@pytest.fixture(scope="module")
def chest(volumes: Path, converted_weights: Path, quick_weights: Path) -> Chest:
    assert converted_weights == quick_weights
    return Chest(volumes, converted_weights)


# the whole chest is encoded with the long tests, at the published size: each slice takes a second
@pytest.fixture(params=[NEAR, pytest.param(LAST, marks=pytest.mark.long)], ids=["near", "whole"])
def reach(request: pytest.FixtureRequest) -> int:
    """How many slices an object may go from the prompted one."""
    return request.param


@pytest.mark.parametrize("side", LUNGS)
def test_a_lung_from_one_click(chest: Chest, side: str, reach: int) -> None:
    truth, k = chest.lung(side)
    first, last = chest.within(k, reach)
    found = chest.propagated(chest.clicked(side), first=first, last=last)
    truth = among(truth, first, last)
    assert dice(chest.voxels(found), truth) >= 0.95
    assert not (chest.voxels(found) & ~chest.body).any()
    first, last = np.flatnonzero(truth.any(axis=(1, 2)))[[0, -1]]
    assert abs(found.slices[0].index - first) <= 2 and abs(found.slices[-1].index - last) <= 2


def among(voxels: np.ndarray, first: int, last: int) -> np.ndarray:
    """Those on some slices, bool (k, j, i)."""
    found = np.zeros_like(voxels)
    found[first : last + 1] = voxels[first : last + 1]
    return found


WORSE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "wide": lambda mask: ndimage.binary_dilation(mask, iterations=2),
    "narrow": lambda mask: ndimage.binary_erosion(mask, iterations=2),
    "beside": lambda mask: np.roll(mask, 2, axis=1),
}


@pytest.mark.parametrize("side", LUNGS)
@pytest.mark.parametrize("how", WORSE)
def test_a_bad_mask_does_not_leak(chest: Chest, side: str, how: str, reach: int) -> None:
    truth, k = chest.lung(side)
    first, last = chest.within(k, reach)
    bad = WORSE[how](truth[k])
    assert 0.88 < dice(bad, truth[k]) < 0.95
    found = chest.propagated({k: Mask.from_array(bad)}, first=first, last=last)
    assert dice(chest.voxels(found), among(truth, first, last)) >= 0.9
    assert not (chest.voxels(found) & ~chest.body).any()


def test_between_given_slices_both_sides_count(chest: Chest) -> None:
    truth, k = chest.lung("left")
    first, last = k, k + 12
    found = chest.propagated({each: Mask.from_array(truth[each]) for each in (first, last)}, first=first, last=last)
    assert [each.index for each in found.slices] == list(range(first, last + 1))
    assert dice(chest.voxels(found), among(truth, first, last)) >= 0.95
    assert found.slices[0].score == found.slices[-1].score == 1


def test_a_key_that_contradicts_the_others_makes_the_slices_before_it_doubtful(chest: Chest) -> None:
    truth, k = chest.lung("left")
    other = np.zeros_like(truth[k])
    other[60:64, 60:64] = True
    keyframes = {k: Mask.from_array(truth[k]), k + NEAR: Mask.from_array(other)}
    found = chest.propagated(keyframes, first=k, last=k + NEAR)
    assert found.doubtful


def test_a_range_is_kept(chest: Chest) -> None:
    _, k = chest.lung("right")
    found = chest.propagated(chest.clicked("right"), first=k - 1, last=k + 2)
    assert [each.index for each in found.slices] == [k - 1, k, k + 1, k + 2]


@pytest.mark.parametrize("keyframes", [{}, {40: Mask((128, 128), (5, 5), np.ones((4, 4), bool))}])
def test_masks_have_to_be_there_and_inside(chest: Chest, keyframes: dict[int, Mask]) -> None:
    with pytest.raises(StateError, match="Expected masks on slices from 0 to 33"):
        chest.propagated(keyframes)
