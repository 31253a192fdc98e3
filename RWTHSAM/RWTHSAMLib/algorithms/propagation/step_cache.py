"""Steps that were taken, so that a correction on one slice repeats only what depends on it."""

from __future__ import annotations

import hashlib

import numpy as np

from ...core.mask import Mask, PackedMask
from ...core.propagation_step import Seed, Step, StepJudgement
from .track import PendingStep

_Key = tuple[int, bytes, Seed, int]


class StepCache:
    """Remembers steps by what they depend on: slice, mask before, seed and padding.

    The picture of a slice is not among it: whoever shows the model other pictures, or loads another model, takes a
    new cache.
    """

    def __init__(self) -> None:
        self._steps: dict[_Key, tuple[PackedMask | None, tuple[int, int], StepJudgement]] = {}

    def put(self, pending: PendingStep, seed: Seed, padding_px: int, step: Step) -> None:
        """Remember what a step gave."""
        packed = None if step.mask.is_empty else PackedMask.of(step.mask)
        self._steps[_key(pending, seed, padding_px)] = (packed, step.mask.shape_yx, step.judgement)

    def get(self, pending: PendingStep, seed: Seed, padding_px: int) -> Step | None:
        """What it gave, or None if it was not taken before."""
        known = self._steps.get(_key(pending, seed, padding_px))
        if known is None:
            return None
        packed, shape_yx, judgement = known
        mask = packed.unpack() if packed is not None else Mask(shape_yx, (0, 0), np.zeros((0, 0), bool))
        return Step(mask, judgement)


def _key(pending: PendingStep, seed: Seed, padding_px: int) -> _Key:
    return pending.index, _digest(pending.previous), seed, padding_px


def _digest(mask: Mask) -> bytes:
    place = repr((mask.shape_yx, mask.origin_xy, mask.pixels.shape)).encode()
    return hashlib.blake2b(place + np.packbits(mask.pixels).tobytes(), digest_size=16).digest()
