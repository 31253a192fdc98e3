"""Networks that look at a smaller picture than the 1024 pixels they were trained with: faster, with other masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

TRAINED_SIZE = 1024
_PIXELS_PER_FEATURE, _PIXELS_PER_LOGIT = 16, 4


def input_size(network: nn.Module) -> int:
    """Longest side in pixels of the pictures that a network looks at."""
    encoder: Any = network.prompt_encoder
    return int(encoder.input_image_size[0])


def fit_to_input(network: nn.Module, size: int) -> None:
    """Let MobileSAM's network look at square pictures of another size.

    Its encoder (TinyViT; Wu et al. 2022) consists of convolutions and of attention within windows whose size stays,
    so that it takes every multiple of its coarsest window; SAM's prompt encoder and decoder know places as shares of
    the picture. The trained weights are used as they are.

    Parameters
    ----------
    network : torch.nn.Module
        Of MobileSAM, changed in place.
    size : int
        Multiple of 128, in pixels.
    """
    encoder: Any = network.image_encoder
    for part in encoder.modules():
        if hasattr(part, "input_resolution"):
            part.input_resolution = tuple(side * size // TRAINED_SIZE for side in part.input_resolution)
    side = size // _PIXELS_PER_FEATURE

    def forward(pixels: Tensor) -> Tensor:
        tokens = encoder.patch_embed(pixels)
        for layer in encoder.layers:
            tokens = layer(tokens)
        features: Tensor = encoder.neck(tokens.reshape(-1, side, side, tokens.shape[-1]).permute(0, 3, 1, 2))
        return features

    encoder.forward = forward
    prompts: Any = network.prompt_encoder
    prompts.input_image_size = (size, size)
    prompts.image_embedding_size = (side, side)
    prompts.mask_input_size = (size // _PIXELS_PER_LOGIT, size // _PIXELS_PER_LOGIT)
