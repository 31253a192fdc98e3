"""Voxel grids, and an engine whose masks are known in advance, for the scene tests."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from RWTHSAMLib.algorithms.windings.answer import with_windings
from RWTHSAMLib.core.automatic_mask import FoundMask, Judgement
from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Candidate, Mask, PackedMask, Segmentation
from RWTHSAMLib.core.prompts import BoxPrompt, Prompts, StrokePrompt
from RWTHSAMLib.worker.answering import reply_to
from RWTHSAMLib.worker.client import (
    AutomaticRequest,
    EmbedRequest,
    EngineSpec,
    EngineStatus,
    Reply,
    Request,
    StepRequest,
)

SHAPE_KJI = (7, 11, 13)


def rotation(axis: int, degrees: float) -> np.ndarray:
    """(3, 3) rotation about a coordinate axis."""
    a, b = [n for n in range(3) if n != axis]
    turn = np.eye(3)
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn[a, a], turn[a, b], turn[b, a], turn[b, b] = cosine, -sine, sine, cosine
    return turn


def affine(linear: np.ndarray, origin: tuple[float, float, float] = (0, 0, 0)) -> np.ndarray:
    """(4, 4) matrix of a linear part and an origin."""
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = linear, origin
    return matrix


GEOMETRIES = {
    "identity": affine(np.eye(3)),
    "flipped": affine(np.diag([-1.0, -1.0, 1.0]), (20, 30, -40)),
    "anisotropic": affine(np.diag([0.5, 0.7, 3.0]), (1.5, -2.25, 100)),
    "rotated": affine(rotation(0, 20) @ rotation(2, 33) @ np.diag([1.0, 1.2, 2.0]), (-5, 8, 13)),
    "left-handed": affine(rotation(1, -12) @ np.diag([1.0, 1.0, -2.5]), (3, 2, 1)),
    "permuted": affine(np.array([[0, 0, 2.0], [1.0, 0, 0], [0, -1.5, 0]]), (7, 7, 7)),
}


class NeighbourhoodEngine:
    """An `EngineClient` whose masks are known in advance.

    For prompts the box, or the 3 x 3 pixels round each positive point; without prompts every bright region; for a step
    to the next slice the bright region at the point.
    A real client in every respect but the network, so that scene tests can say which voxels must change.
    """

    def __init__(self) -> None:
        self.waiting: list[Request] = []
        self.steps_taken = 0
        self.phase = "ready"
        self.can_restart = False
        self.doubt = ""

    @property
    def status(self) -> EngineStatus:
        return EngineStatus(self.phase, "Known masks", "the test", can_restart=self.can_restart, doubt=self.doubt)  # type: ignore[arg-type]

    def load(self, spec: EngineSpec) -> None:
        self.phase, self.doubt = "ready", ""

    def send(self, request: Request) -> None:
        self.waiting.append(request)

    def cancel(self, request_id: int) -> None:
        self.waiting = [each for each in self.waiting if each.request_id != request_id]

    def share_done(self, request_id: int) -> float:
        return 0.0

    def poll(self) -> list[Reply]:
        replies = [self._answer(each) for each in self.waiting]
        self.waiting = []
        return replies

    def unload(self) -> None:
        self.close()
        self.phase = "stopped"

    def close(self) -> None:
        self.waiting = []

    def _answer(self, request: Request) -> Reply:
        if isinstance(request, EmbedRequest):
            return Reply(request.request_id)
        if isinstance(request, AutomaticRequest):
            return Reply(request.request_id, found=bright_regions(request.image))
        if isinstance(request, StepRequest):
            self.steps_taken += 1
            return reply_to(BrightRegions(), request)
        return Reply(request.request_id, segmentation=known_answer(request.image, request.prompts))


class BrightRegions:
    """As much of a `SamEngine` as a step asks for."""

    def segment_at_once(self, image: SliceImage, prompts: Prompts, multimask: bool = False) -> Segmentation:
        regions, _ = ndimage.label(image.pixels > 127)
        (point,) = prompts.points
        number = regions[point.y, point.x]
        mask = Mask.from_array((regions == number) & (number > 0))
        return Segmentation((Candidate(mask, 0.95, np.zeros((256, 256), "f4")),))

    def follow(self, image: SliceImage, prompts: Prompts, before: Mask) -> None:
        """It was not trained to be shown the mask before."""


def bright_regions(image: SliceImage) -> tuple[FoundMask, ...]:
    """Regions above the middle of the grey scale, the largest first; one that fills the slice is doubtful."""
    regions, count = ndimage.label(image.pixels > 127)
    masks = sorted((Mask.from_array(regions == n + 1) for n in range(count)), key=lambda each: -each.area)
    share = [each.area / image.pixels.size for each in masks]
    return tuple(
        FoundMask(PackedMask.of(each), 0.9, 0.96, Judgement(3.0, 2.0, part))
        for each, part in zip(masks, share, strict=True)
    )


def known_answer(image: SliceImage, prompts: Prompts) -> Segmentation:
    """Three growing neighbourhoods for a first prompt, one for later ones."""
    sizes = (1, 2, 3) if len(prompts) == 1 else (1,)
    candidates = tuple(
        Candidate(Mask.from_array(_neighbourhood(image, prompts, size)), 1.0 - size / 10, np.zeros((256, 256), "f4"))
        for size in sizes
    )
    answer = Segmentation(candidates, prompts.candidate if len(prompts) == 1 else 0)
    return with_windings(answer, image, prompts.windings)


def _neighbourhood(image: SliceImage, prompts: Prompts, size: int) -> np.ndarray:
    mask = np.zeros(image.shape_yx, bool)
    for item in prompts.for_model.items:
        if isinstance(item, StrokePrompt):
            for x, y in item.points_xy:
                mask[y, x] = item.positive
        elif isinstance(item, BoxPrompt):
            mask[item.y_min : item.y_max + 1, item.x_min : item.x_max + 1] = True
        else:
            rows = slice(max(0, item.y - size), item.y + size + 1)
            mask[rows, max(0, item.x - size) : item.x + size + 1] = item.positive
    return mask
