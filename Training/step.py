"""One step: slices are encoded once, prompts are given to several targets of each, round by round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from RWTHSAMLib.models.rwthsam_net.decoder import interleaved
from RWTHSAMLib.models.rwthsam_net.network import RwthSamNet

from .clicks import damaged
from .data.sample import Sample
from .losses import best_of, iou_of, mask_loss, rating_loss
from .neighbours import Followed, followed
from .prompting import Prompter, chosen_targets, padded
from .settings import TrainingSettings

_DAMAGED_SHARE, _FORGETFUL_SHARE = 0.08, 0.15
_SURE_LOGIT = 4.0


@dataclass(frozen=True)
class StepFigures:
    """What a step gave, for the learning curve.

    Attributes
    ----------
    loss : float
    first_iou, best_iou, last_iou : float
        True IoU of the candidate that would be shown, of the best one, and of the mask after the last prompt.
    rating_error : float
        Mean distance of predicted and true IoU.
    """

    loss: float
    first_iou: float
    best_iou: float
    last_iou: float
    rating_error: float


class Step:
    """Prompts and losses of one batch.

    Parameters
    ----------
    network : RwthSamNet
    samples : sequence of Sample
        Of one size.
    settings : TrainingSettings
    random : numpy.random.Generator
    """

    def __init__(
        self,
        network: RwthSamNet,
        samples: Sequence[Sample],
        settings: TrainingSettings,
        random: np.random.Generator,
    ) -> None:
        self._network, self._random, self._settings = network, random, settings
        self._device = next(network.parameters()).device
        self._samples = samples
        self._prompters = [
            [Prompter(target, random) for target in chosen_targets(each.targets, settings.prompts_per_slice, random)]
            for each in samples
        ]
        truth = np.stack([[each.target.mask for each in row] for row in self._prompters])
        self._shape_yx = truth.shape[-2:]
        self._truth = _split(torch.from_numpy(truth).to(self._device).float())[:, :, None]

    def run(self) -> tuple[Tensor, StepFigures]:
        """The loss, ready for `backward`, and its figures."""
        pixels, context = self._network.encoder(self._grey())
        for each in self._each():
            each.begin()
        fine, coarse, rated = self._decode(pixels, context, self._prompters, None, (1, 2, 3))
        each_loss, true = mask_loss(fine, self._truth), iou_of(fine, self._truth)
        first = best_of(each_loss) + rating_loss(rated, true)
        shown = rated.argmax(-1, keepdim=True)
        figures = [true.gather(-1, shown).mean(), true.amax(-1).mean()]
        mask, found = _picked(coarse, shown), _picked(fine, shown)
        if self._random.random() < self._settings.followed_share:
            last, last_true, last_rated = self._followed(pixels, context)
        else:
            last, last_true, last_rated = self._later(pixels, context, mask.detach(), found.detach())
        error = ((rated - true).abs().mean() + (last_rated - last_true).abs().mean()) / 2
        loss = first + last
        numbers = torch.stack([loss.detach(), *figures, last_true.mean(), error.detach()]).tolist()
        return loss, StepFigures(*numbers)

    def _later(self, pixels: Tensor, context: Tensor, mask: Tensor, found: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Loss, true and predicted IoU after the last round, drawn evenly from the second on."""
        if self._random.random() < _DAMAGED_SHARE:
            mask, found = self._damaged()
        rounds = int(self._random.integers(1, self._settings.most_rounds))
        for _ in range(rounds - 1):
            self._correct(found)
            with torch.no_grad():
                fine, coarse, _ = self._decode(pixels.detach(), context.detach(), self._prompters, mask, (0,))
            mask, found = coarse[:, :, 0], fine[:, :, 0]
        self._correct(found)
        forgets = self._random.random() < _FORGETFUL_SHARE
        fine, _, rated = self._decode(pixels, context, self._prompters, None if forgets else mask, (0,))
        return _of_one_mask(fine, self._truth, rated)

    def _followed(self, pixels: Tensor, context: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same of targets that are followed from the slice before."""
        asked = [[followed(each.target, self._random) for each in row] for row in self._prompters]
        mask, _ = self._given(np.stack([[each.before for each in row] for row in asked]))
        truth = torch.from_numpy(np.stack([[each.mask for each in row] for row in asked])).to(self._device).float()
        fine, _, rated = self._decode(pixels, context, asked, mask, (0,))
        return _of_one_mask(fine, _split(truth)[:, :, None], rated)

    def _each(self) -> list[Prompter]:
        return [each for row in self._prompters for each in row]

    def _grey(self) -> Tensor:
        images = torch.from_numpy(np.stack([each.image for each in self._samples])[:, None])
        return images.to(self._device).float().div(255).contiguous(memory_format=torch.channels_last)

    def _correct(self, found: Tensor) -> None:
        masks = self._joined(found > 0).cpu().numpy().reshape(-1, *self._shape_yx)
        for each, mask in zip(self._each(), masks, strict=True):
            each.go_on(mask)

    def _damaged(self) -> tuple[Tensor, Tensor]:
        return self._given(
            np.stack([[damaged(each.target.mask, self._random) for each in row] for row in self._prompters])
        )

    def _given(self, masks: np.ndarray) -> tuple[Tensor, Tensor]:
        """Masks (n, t, h, w) that did not come from the network, as its answers would be: coarse and fine."""
        found = (torch.from_numpy(masks).to(self._device).float() * 2 - 1) * _SURE_LOGIT
        return functional.avg_pool2d(found, 2), _split(found)

    def _decode(
        self,
        pixels: Tensor,
        context: Tensor,
        asked: Sequence[Sequence[Prompter]] | Sequence[Sequence[Followed]],
        mask: Tensor | None,
        wanted: tuple[int, ...],
    ) -> tuple[Tensor, Tensor, Tensor]:
        slices, prompts = len(asked), len(asked[0])
        coords, labels = padded([each.points for row in asked for each in row])
        boxes = np.stack([each.box_xyxy for row in asked for each in row])
        shape = (slices, prompts)
        given = mask is not None
        if mask is None:
            mask = pixels.new_zeros((*shape, *pixels.shape[2:]), dtype=torch.float32)
        fine, coarse, rated = self._network.decoder(
            pixels,
            context,
            self._tensor(coords).reshape(*shape, -1, 2),
            self._tensor(labels).reshape(*shape, -1),
            self._tensor(boxes).reshape(*shape, 4),
            mask.float(),
            torch.full(shape, float(given), device=self._device),
            torch.tensor(wanted, device=self._device),
        )
        return fine.flatten(-2).float(), coarse.float(), rated.float()

    def _joined(self, fine: Tensor) -> Tensor:
        """(n, t, 4, p) as the slice: (n, t, h, w)."""
        rows, columns = self._shape_yx
        return interleaved(fine.reshape(*fine.shape[:2], 1, -1, rows // 2, columns // 2))[:, :, 0]

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self._device)


def _of_one_mask(fine: Tensor, truth: Tensor, rated: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Loss, true and predicted IoU of the one mask for all prompts."""
    true = iou_of(fine, truth)
    return mask_loss(fine, truth).mean() + rating_loss(rated, true), true, rated


def _split(masks: Tensor) -> Tensor:
    """Masks (n, t, h, w) as the decoder answers them, (n, t, 4, h / 2 * w / 2): losses need no order of pixels."""
    return functional.pixel_unshuffle(masks[:, :, None], 2).flatten(-2)


def _picked(masks: Tensor, which: Tensor) -> Tensor:
    """One of the candidates (n, t, m, h, w) for each prompt by (n, t, 1): (n, t, h, w)."""
    place = which[..., None, None].expand(-1, -1, -1, *masks.shape[-2:])
    return masks.gather(2, place)[:, :, 0]
