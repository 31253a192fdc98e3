"""SAM 2.1's network for single pictures, as two plain modules with tensors in and out.

Its memory of earlier frames, made for videos, is left out. Imported only where torch is at hand.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Sam2EncoderModule(nn.Module):
    """Image encoder, with what the decoder does to its finer features whatever the prompts.

    Parameters
    ----------
    network : torch.nn.Module
        ``SAM2Base`` of the package ``sam2``.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.image_encoder = network.image_encoder
        self.to_finest = network.sam_mask_decoder.conv_s0
        self.to_finer = network.sam_mask_decoder.conv_s1
        self.no_memory = network.no_mem_embed

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Features (b, 256, 64, 64), (b, 32, 256, 256) and (b, 64, 128, 128) of pixels (b, 3, 1024, 1024)."""
        finest, finer, coarse = self.image_encoder(pixels)["backbone_fpn"]
        return coarse + self.no_memory.reshape(1, -1, 1, 1), self.to_finest(finest), self.to_finer(finer)


class Sam2DecoderModule(nn.Module):
    """Prompt encoder and mask decoder; all four masks are returned, the single one first."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.prompt_encoder = network.sam_prompt_encoder
        self.mask_decoder = network.sam_mask_decoder
        self.register_buffer("image_pe", network.sam_prompt_encoder.get_dense_pe().detach(), persistent=False)

    def forward(
        self,
        features: Tensor,
        point_coords: Tensor,
        point_labels: Tensor,
        mask_input: Tensor,
        has_mask: Tensor,
        finest: Tensor,
        finer: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Masks of prompts.

        Parameters
        ----------
        features, finest, finer : Tensor
            As the encoder gives them, of one picture.
        point_coords, point_labels : Tensor
            (b, n, 2) and (b, n) float32; labels 1, 0, 2 and 3 for box corners; a point of padding is added.
        mask_input, has_mask : Tensor
            (b, 1, 256, 256) logits and (1,) float32, 1 to use them, 0 not to.

        Returns
        -------
        tuple of Tensor
            Logits (b, 4, 256, 256) and predicted IoU (b, 4).
        """
        encoder = self.prompt_encoder
        sparse, nothing = encoder(points=(point_coords, point_labels), boxes=None, masks=None)
        given = encoder.mask_downscaling(mask_input)
        masks, predicted_iou, *_ = self.mask_decoder.predict_masks(
            image_embeddings=features,
            image_pe=self.image_pe,
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=has_mask * given + (1 - has_mask) * nothing,
            repeat_image=True,
            high_res_features=[finest, finer],
        )
        return masks, predicted_iou


def steadier(logits: Tensor, predicted_iou: Tensor) -> int:
    """Which of four masks stands for all prompts together.

    The single one, unless its outline is unsteady; then the best rated of the other three, as upstream's image
    predictor chooses.

    Parameters
    ----------
    logits, predicted_iou : Tensor
        (4, h, w) and (4,).
    """
    outline = 0.05
    sure, possible = (logits[0] > outline).sum(), (logits[0] > -outline).sum()
    is_steady = not possible or float(sure / possible) >= 0.98
    return 0 if is_steady else 1 + int(torch.argmax(predicted_iou[1:]))
