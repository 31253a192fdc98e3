"""Voxels of each class are counted as they are."""

from __future__ import annotations

import numpy as np

from RWTHSAMWeb.class_sizes import counts_of

SEED = 5


def test_every_segment_of_every_layer_is_counted() -> None:
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    first, second = (
        random.integers(0, 5, (7, 11, 13)).astype(np.uint8),
        random.integers(0, 3, (4, 5, 6)).astype(np.int16),
    )
    layers = [(first, {"a": 1, "b": 4, "absent": 9}), (second[:, ::2], {"c": 2})]
    assert counts_of(layers) == {
        "a": int((first == 1).sum()),
        "b": int((first == 4).sum()),
        "absent": 0,
        "c": int((second[:, ::2] == 2).sum()),
    }
    assert counts_of([]) == {}
