"""Keys of single pixels: what looks like the very pixel that was clicked on, in layers thinner than a place."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from RWTHSAMLib.models.rwthsam_net.prompt_look import key_of_points, likeness_of_keys

PLACES = 50


@pytest.fixture
def keys() -> Tensor:
    return torch.randn(2, 4 * 3, PLACES, generator=torch.Generator().manual_seed(7))


def points(count: int) -> tuple[Tensor, Tensor]:
    """Keys of points (2, 3, count, 3), and their labels: positive, negative, none."""
    generator = torch.Generator().manual_seed(count)
    labels = torch.randint(-1, 2, (2, 3, count), generator=generator).float()
    return torch.randn(2, 3, count, 3, generator=generator), labels


def slowly(keys: Tensor, asked: Tensor, counts: Tensor) -> Tensor:
    """Likeness to the nearest point, pair by pair: (2, 3, 4, PLACES)."""
    found = torch.zeros(2, 3, 4, PLACES)
    for n, t, s, p in torch.cartesian_prod(*map(torch.arange, found.shape)).tolist():
        own = keys[n].unflatten(0, (4, 3))[s, :, p]
        apart = [(own - point).square().sum() for point, here in zip(asked[n, t], counts[n, t], strict=True) if here]
        found[n, t, s, p] = torch.exp(-min(apart)) if apart else 0.0
    return found


@pytest.mark.parametrize("count", [1, 3, 4])
def test_the_product_says_what_distances_pair_by_pair_say(keys: Tensor, count: int) -> None:
    asked, labels = points(count)
    signs = (labels == 1).float(), (labels == 0).float()
    expected = torch.cat([slowly(keys, asked, sign) for sign in signs], 2)
    torch.testing.assert_close(likeness_of_keys(keys, asked, signs), expected, atol=1e-5, rtol=1e-4)


def test_a_few_points_stand_for_a_stroke_of_two_looks(keys: Tensor) -> None:
    one, other = torch.tensor([0.0, 0, 0]), torch.tensor([2.0, 1, 0])
    stroke = torch.stack([one] * 9 + [other]).expand(2, 3, -1, -1)
    both = torch.stack((one, other)).expand(2, 3, -1, -1)
    found, expected = (
        likeness_of_keys(keys, each, (torch.ones(each.shape[:3]), torch.zeros(each.shape[:3])))
        for each in (stroke, both)
    )
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_each_pixel_of_a_place_has_its_own_key() -> None:
    at_place = torch.arange(12.0).expand(1, 1, 4, 12)
    corners = torch.tensor([[6.0, 8.0], [7.9, 8.0], [6.0, 9.0], [7.0, 9.5]])[None, None]
    expected = torch.arange(12.0).reshape(4, 3)[None, None]
    torch.testing.assert_close(key_of_points(at_place, corners), expected)
