"""Training slices: the same for the same seed, their masks where the structures are."""

from __future__ import annotations

import numpy as np
import pytest

from Training.data.sample import make_sample

SEEDS = range(40)


@pytest.fixture(scope="module")
def samples():
    return [make_sample(seed, 128) for seed in SEEDS]


def test_a_seed_always_gives_the_same_slice():
    for seed in (3, 12, 100_007):
        one, other = make_sample(seed, 96), make_sample(seed, 96)
        assert one.image.tobytes() == other.image.tobytes()
        assert [target.kind for target in one.targets] == [target.kind for target in other.targets]
        for target, twin in zip(one.targets, other.targets, strict=True):
            assert target.mask.tobytes() == twin.mask.tobytes()


def test_every_target_lies_in_the_image_and_is_not_empty(samples):
    for sample in samples:
        assert sample.image.shape == (128, 128) and sample.image.dtype == np.uint8
        assert sample.targets, sample.seed
        for target in sample.targets:
            assert target.mask.shape == sample.image.shape and target.mask.dtype == np.bool_
            assert target.mask.any(), (sample.seed, target.kind)


def test_images_show_something(samples):
    for sample in samples:
        assert sample.image.std() > 1, sample.seed


@pytest.mark.parametrize(("seed", "size"), [(-1, 256), (0, 32)])
def test_a_seed_or_size_out_of_range_is_refused(seed, size):
    with pytest.raises(ValueError, match="seed is 0 or larger"):
        make_sample(seed, size)
