"""Equal scans have equal fingerprints, others do not."""

from __future__ import annotations

import numpy as np
import pytest

from RWTHSAMLib.volumes.fingerprint import fingerprint


@pytest.fixture
def a_scan() -> np.ndarray:
    return np.arange(70 * 30 * 90, dtype=np.int64).reshape(70, 30, 90) % 251


def test_the_number_type_does_not_matter(a_scan) -> None:
    assert fingerprint(a_scan) == fingerprint(a_scan.astype(np.float32)) == fingerprint(np.asfortranarray(a_scan))


@pytest.mark.parametrize("other", [lambda a: a + 1, lambda a: a[::-1], lambda a: a[:, :, :-1]])
def test_other_values_order_or_size_are_another_scan(a_scan, other) -> None:
    assert fingerprint(other(a_scan)) != fingerprint(a_scan)


def test_a_photo_has_one_too(a_scan) -> None:
    photo = np.stack([a_scan] * 3, axis=-1)
    assert fingerprint(photo) != fingerprint(a_scan) and len(fingerprint(photo)) == 64
