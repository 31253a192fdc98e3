"""A SAM network as two plain modules with tensors in and out, the same for every family and every backend.

Imported only where torch is at hand.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class EncoderModule(nn.Module):
    """Image encoder.

    Parameters
    ----------
    network : torch.nn.Module
        A network of segment-anything, segment-anything-hq or MobileSAM.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.image_encoder = network.image_encoder

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Features (b, 256, 64, 64) of pixels (b, 3, 1024, 1024); SAM-HQ adds (b, 64, 64, channels)."""
        encoded = self.image_encoder(pixels)
        if isinstance(encoded, tuple):
            features, interm = encoded
            # the decoder reads the first of them only: after the first global attention block
            return features, interm[0]
        return (encoded,)


class DecoderModule(nn.Module):
    """Prompt encoder and mask decoder.

    All four masks are returned, the single one first and then the three of an ambiguous prompt, so that one graph
    serves both. SAM-HQ's high-quality mask is added to each of them, as upstream does with the one it selects.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.prompt_encoder = network.prompt_encoder
        self.mask_decoder = network.mask_decoder
        self.register_buffer("image_pe", network.prompt_encoder.get_dense_pe().detach(), persistent=False)

    @property
    def is_hq(self) -> bool:
        """Whether the decoder needs the encoder's intermediate features."""
        return hasattr(self.mask_decoder, "hf_token")

    def forward(
        self,
        features: Tensor,
        point_coords: Tensor,
        point_labels: Tensor,
        mask_input: Tensor,
        has_mask: Tensor,
        interm: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Masks of prompts.

        Parameters
        ----------
        features : Tensor
            (1, 256, 64, 64).
        point_coords, point_labels : Tensor
            (b, n, 2) and (b, n) float32; labels 1, 0, 2 and 3 for box corners, -1 for padding.
        mask_input, has_mask : Tensor
            (b, 1, 256, 256) logits and (1,) float32, 1 to use them, 0 not to.
        interm : Tensor, optional
            (1, 64, 64, channels), for SAM-HQ.

        Returns
        -------
        tuple of Tensor
            Logits (b, 4, 256, 256) and predicted IoU (b, 4).
        """
        sparse = self._embed_points(point_coords, point_labels)
        dense = self._embed_mask(mask_input, has_mask)
        if not self.is_hq:
            masks, predicted_iou = self.mask_decoder.predict_masks(
                image_embeddings=features,
                image_pe=self.image_pe,
                sparse_prompt_embeddings=sparse,
                dense_prompt_embeddings=dense,
            )
            return masks, predicted_iou
        assert interm is not None
        masks, predicted_iou = self.mask_decoder.predict_masks(
            image_embeddings=features,
            image_pe=self.image_pe,
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            hq_features=self._hq_features(features, interm),
        )
        return masks[:, :4] + masks[:, 4:], predicted_iou[:, :4]

    def _hq_features(self, features: Tensor, interm: Tensor) -> Tensor:
        early: Tensor = self.mask_decoder.compress_vit_feat(interm.permute(0, 3, 1, 2))
        return self.mask_decoder.embedding_encoder(features) + early

    def _embed_points(self, coords: Tensor, labels: Tensor) -> Tensor:
        """As the prompt encoder does it, written without assignments into slices, which graphs cannot hold."""
        encoder = self.prompt_encoder
        embedded: Tensor = encoder.pe_layer.forward_with_coords(coords + 0.5, encoder.input_image_size)
        labels = labels[..., None]
        embedded = torch.where(labels == -1, encoder.not_a_point_embed.weight.expand_as(embedded), embedded)
        for value, point in enumerate(encoder.point_embeddings):
            embedded = embedded + point.weight * (labels == value)
        return embedded

    def _embed_mask(self, mask_input: Tensor, has_mask: Tensor) -> Tensor:
        nothing = self.prompt_encoder.no_mask_embed.weight.reshape(1, -1, 1, 1)
        given: Tensor = self.prompt_encoder.mask_downscaling(mask_input)
        return has_mask * given + (1 - has_mask) * nothing
