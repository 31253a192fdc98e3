"""The decoder: prompts on an embedded slice in, masks of the slice's size and their predicted IoU out.

At an eighth of the resolution it understands what is meant; from there comes, for every place, how the embeddings of
the half-resolution pixels are to be judged. Pixels that look like those that were clicked on are found wherever they
are by their similarity. Each half-resolution pixel answers for its four pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .blocks import MixBlock, larger
from .judge import Judge
from .prompt_look import Looks, PromptLook
from .prompt_maps import MAP_COUNT, prompt_maps
from .settings import KEY_COUNT, NetSettings

# part of the network's design, chosen before its training; other values want other weights (`settings.FORMAT`)
_COARSER, _PER_PLACE = 4, 4
_MILD = 0.5
_TRUSTED, _TRUST = 2, 8.0
_LOOK_MAPS, _LOOKS = 4, 3 + 2 * KEY_COUNT


class Decoder(nn.Module):
    """Prompts to masks.

    Parameters
    ----------
    settings : NetSettings
    """

    def __init__(self, settings: NetSettings) -> None:
        super().__init__()
        trunk, fine, coarse = settings.trunk_channels, settings.hidden_channels, settings.coarse_channels
        pixel, masks = settings.pixel_channels, settings.hypotheses + 1
        self.look = PromptLook(settings)
        self.from_context = nn.Conv2d(settings.context_channels, trunk, 1)
        self.from_maps = nn.Conv2d(MAP_COUNT + _LOOK_MAPS, trunk, 1)
        self.before = MixBlock(trunk, 5, 1)
        self.to_coarse = nn.Conv2d(trunk, coarse, _COARSER, stride=_COARSER)
        self.at_coarse = nn.Sequential(MixBlock(coarse), MixBlock(coarse))
        self.from_coarse = nn.Conv2d(coarse, trunk, 1)
        self.after = MixBlock(trunk, 5)
        self.norm = nn.GroupNorm(1, trunk)
        self.to_fine = nn.Conv2d(trunk, fine, 1)
        self.from_pixels = nn.Parameter(torch.randn(pixel, fine) * pixel**-0.5)
        self.from_looks = nn.Parameter(torch.randn(_LOOKS, fine) * 0.3)
        self.answer = nn.Parameter(torch.randn(masks, KEY_COUNT, fine) * fine**-0.5)
        self.answer_bias = nn.Parameter(torch.zeros(masks, 1))
        self.trust = nn.Parameter(torch.randn(masks, _TRUSTED, trunk) * 0.01)
        self.trust_bias = nn.Parameter(torch.zeros(masks, _TRUSTED, 1))
        self.judge = Judge(settings)

    def forward(
        self,
        pixels: Tensor,
        context: Tensor,
        points_xy: Tensor,
        labels: Tensor,
        box_xyxy: Tensor,
        mask: Tensor,
        has_mask: Tensor,
        wanted: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Answer t prompts on each of n slices.

        Parameters
        ----------
        pixels, context : torch.Tensor
            From the encoder, (n, embedding_channels, h / 2, w / 2) and (n, context_channels, h / 8, w / 8).
        points_xy : torch.Tensor
            (n, t, k, 2), float32, pixels of the slice.
        labels : torch.Tensor
            (n, t, k), float32: 1 positive, 0 negative, -1 no point.
        box_xyxy : torch.Tensor
            (n, t, 4), float32; x_max below x_min says that there is none.
        mask : torch.Tensor
            (n, t, h / 2, w / 2), float32: logits of the mask before.
        has_mask : torch.Tensor
            (n, t), float32: 1 where `mask` is to be refined, else 0.
        wanted : torch.Tensor
            (m,), int64: 0 is the mask for all prompts together, 1, 2 and 3 are candidates for a first prompt.

        Returns
        -------
        fine : torch.Tensor
            (n, t, m, 4, h / 2, w / 2): logits of each half-resolution pixel's four pixels, row by row.
        coarse : torch.Tensor
            (n, t, m, h / 2, w / 2): their mean, to be given back as `mask`.
        predicted_iou : torch.Tensor
            (n, t, m).
        """
        slices, prompts = points_xy.shape[0], points_xy.shape[1]
        rows, columns = mask.shape[2], mask.shape[3]
        maps = prompt_maps(
            points_xy.flatten(0, 1),
            labels.flatten(0, 1),
            box_xyxy.flatten(0, 1),
            mask.flatten(0, 1),
            has_mask.flatten(),
        )
        looks = self.look(pixels, context, points_xy, labels, maps)
        trunk = self._understand(context, maps, looks, prompts)
        hidden = self._weigh(pixels, trunk, looks, torch.tanh(_MILD * mask) * has_mask[:, :, None, None])
        chosen, bias = self.answer.index_select(0, wanted), self.answer_bias.index_select(0, wanted)
        answers = torch.bmm(chosen.flatten(0, 1).expand(slices * prompts, -1, -1), hidden)
        fine = answers.reshape(slices, prompts, -1, KEY_COUNT, rows, columns) + bias[:, :, None, None]
        fine = fine + self._by_keys(trunk, looks.near_keys.flatten(0, 1), wanted).reshape(fine.shape)
        coarse = fine.mean(3).flatten(0, 1)
        rated = self.judge(coarse.detach(), trunk, wanted)
        return fine, coarse.reshape(slices, prompts, -1, rows, columns), rated.reshape(slices, prompts, -1)

    def _understand(self, context: Tensor, maps: Tensor, looks: Looks, prompts: int) -> Tensor:
        """What is meant, (n * t, trunk, h / 8, w / 8)."""
        place = self.from_context(context)[:, None].expand(-1, prompts, -1, -1, -1).flatten(0, 1)
        seen = self.from_maps(torch.cat((maps, looks.near_context), 1))
        x = self.before(seen + place * (1 + looks.trunk_scale) + looks.trunk_shift)
        x = x + larger(self.from_coarse(self.at_coarse(self.to_coarse(x))), _COARSER)
        normed: Tensor = self.norm(self.after(x))
        return normed

    def _weigh(self, pixels: Tensor, trunk: Tensor, looks: Looks, known: Tensor) -> Tensor:
        """What the answers are made of, (n * t, hidden, h / 2 * w / 2).

        Half-resolution arrays are the large ones: all of them have places last, so that none is transposed.
        """
        weights = self.from_pixels.t() * (1 + looks.hidden_scale)
        near = torch.cat((torch.stack((*looks.near_pixels, known.flatten(2)), 2), looks.near_keys), 2).flatten(0, 1)
        meant = larger(self.to_fine(trunk), _PER_PLACE).flatten(2)
        around = torch.baddbmm(meant, self.from_looks.t().expand(near.shape[0], -1, -1), near)
        own = torch.baddbmm(
            around.reshape(pixels.shape[0], -1, pixels[0, 0].numel()),
            weights.flatten(1, 2),
            pixels[:, : self.from_pixels.shape[0]].flatten(2),
        )
        return functional.relu(own).reshape(around.shape)

    def _by_keys(self, trunk: Tensor, near_keys: Tensor, wanted: Tensor) -> Tensor:
        """What single pixels' likeness to the points says, as far as it is to be trusted at each place.

        (n * t, m, 4, h / 2 * w / 2).
        """
        weights, bias = self.trust.index_select(0, wanted), self.trust_bias.index_select(0, wanted)
        trust = _TRUST * (torch.matmul(weights.flatten(0, 1), trunk.flatten(2)) + bias.flatten(0, 1))
        trust = larger(trust.unflatten(2, trunk.shape[2:]), _PER_PLACE).flatten(2).unflatten(1, (-1, _TRUSTED))
        positive, negative = near_keys[:, None].split(KEY_COUNT, 2)
        said: Tensor = trust[:, :, :1] * positive + trust[:, :, 1:] * negative
        return said


def interleaved(fine: Tensor) -> Tensor:
    """Answers in the slice's size: (n, t, m, 4, h / 2, w / 2) to (n, t, m, h, w)."""
    return functional.pixel_shuffle(fine, 2)[:, :, :, 0]
