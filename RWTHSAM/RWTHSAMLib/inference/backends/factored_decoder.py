"""SAM's mask decoder for many single points of one slice: what does not depend on the point is computed once.

For each point the decoder's transformer adds to the 4096 image tokens two mixtures of seven token vectors per head, and
normalises after each. An image token is therefore at any time a scaled copy of a token that all points share, plus a
weighted sum of at most 113 vectors:

    token[n] = scale[n] * shared[n] + weights[:, n] @ vectors + offset

Linear maps of it follow from the maps of the shared token, known for the whole slice, and from those of the few
vectors; its norm follows from their inner products. Only the last upscaling, whose input has passed a nonlinearity, is
left to compute as it stands, and only for points whose masks are rated high enough, which is known before. A point
costs 1.0 GFLOP in place of 3.6, or less; the result is that of the plain decoder up to rounding.

The network is that of Kirillov et al., Segment Anything (2023), as in ``TwoWayTransformer`` and ``MaskDecoder`` of
segment-anything. Imported only where torch is at hand.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from ...models.input_size import TRAINED_SIZE, input_size

CHANNELS = 256
SIDE = 64
PIXELS = SIDE * SIDE
PROMPT_TOKENS = 7
"""One for the predicted IoU, four for masks, the point, and the padding that stands where a box could be."""
_DEPTH = 2
_STRIP = 4 * SIDE
"""Image tokens that are upscaled at once: their fine pixels fit into the processor's cache."""


class Shared(NamedTuple):
    """What all points of a slice share; h heads of d channels, n = 4096 image tokens, all float32.

    Attributes
    ----------
    k0, v0, q0 : Tensor
        Projections of the image tokens before the first layer: (h, d, n), (h, n, d) and (h, d, n).
    norm0 : Tensor
        (h, d, n): twice the inner products of the shared tokens with the columns of the map that is added to them.
    k1, v1, q1 : Tensor
        Projections of the shared part of the tokens after the first layer, as above.
    k1_fixed, q1_fixed : Tensor
        (h, d, n): what the positional encoding and biases add to them.
    norm1_first, norm1_second : Tensor
        (h, d, n): as `norm0` for the second layer: with what the first layer added, and with what the second does.
    k2, v2, k2_fixed : Tensor
        As above for the tokens after the second layer.
    squares : Tensor
        (3, n): squared norms of the shared part in both layers, and twice its inner product with the second's offset.
    """

    k0: Tensor
    v0: Tensor
    q0: Tensor
    norm0: Tensor
    k1: Tensor
    v1: Tensor
    q1: Tensor
    k1_fixed: Tensor
    q1_fixed: Tensor
    norm1_first: Tensor
    norm1_second: Tensor
    k2: Tensor
    v2: Tensor
    k2_fixed: Tensor
    squares: Tensor


class _ImageTokens(NamedTuple):
    """Image tokens of some points: ``scale * shared + weights.T @ vectors + offset``; see the module's text.

    Attributes
    ----------
    scale : Tensor
        (b, 1, n).
    weights, vectors : Tensor
        (b, m, n) and (b, m, 256).
    offset : Tensor
        (256,).
    """

    scale: Tensor
    weights: Tensor
    vectors: Tensor
    offset: Tensor

    def scores(self, tokens: Tensor, projection: nn.Linear, shared: Tensor, fixed: Tensor) -> Tensor:
        """Inner products (b, h * t, n) of prompt tokens (b, h, t, d) with a projection of the image tokens."""
        low = _rows(tokens @ _by_head(projection.weight, tokens.shape[1])) @ self.vectors.transpose(1, 2)
        return low @ self.weights + _by_point(_with_all(tokens, fixed) + self.scale * _with_all(tokens, shared))

    def mixed(self, attention: Tensor, projection: nn.Linear, shared: Tensor) -> Tensor:
        """A projection of the image tokens, mixed with weights (b, h * t, n) that add up to 1: (b, t, h * d)."""
        heads = shared.shape[0]
        low = (attention @ self.weights.transpose(1, 2)) @ self.vectors + self.offset
        own = _unrows(attention * self.scale, heads) @ shared
        return _joined(own + _unrows(low, heads) @ _by_head(projection.weight, heads).transpose(1, 2)) + projection.bias


def can_be_factored(network: nn.Module) -> bool:
    """Whether these modules compute what the network's decoder does: plain SAM's, of two layers, for 1024 pixels."""
    decoder: Any = network.mask_decoder
    is_plain = not hasattr(decoder, "hf_token") and len(decoder.transformer.layers) == _DEPTH
    return is_plain and input_size(network) == TRAINED_SIZE


class SlicePart(nn.Module):
    """What all points of a slice share.

    Parameters
    ----------
    network : torch.nn.Module
        Of segment-anything or MobileSAM.
    """

    decoder: Any
    no_mask: Any
    positions: Tensor

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.decoder = network.mask_decoder
        encoder: Any = network.prompt_encoder
        self.no_mask = encoder.no_mask_embed
        positions = encoder.get_dense_pe().detach().reshape(CHANNELS, PIXELS)
        self.register_buffer("positions", positions, persistent=False)

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        """The tensors of `Shared` for features (1, 256, 64, 64), and one more for `MaskPart`.

        That is the first upscaling of the shared part of the tokens after the second layer, (256, n): 4 pixels of 64
        channels, the mean over channels removed.
        """
        first, second = self.decoder.transformer.layers
        tokens = features.reshape(CHANNELS, PIXELS) + self.no_mask.weight.reshape(CHANNELS, 1)
        into_first, into_second = (each.cross_attn_image_to_token for each in (first, second))
        base = _centred(tokens + _column(into_first.out_proj.bias), 0)
        scaled = _column(first.norm4.weight) * base
        added = _centred(_column(first.norm4.weight) * _centred(into_first.out_proj.weight, 0), 0)
        again = _centred(scaled, 0)
        last = _column(second.norm4.weight) * again
        offset = _second_offset(first, second)
        shared = Shared(
            **self._before(tokens, base),
            **self._between(scaled),
            norm1_first=_image_heads(2 * added.T @ again, into_first),
            norm1_second=_image_heads(2 * _centred(into_second.out_proj.weight, 0).T @ again, into_second),
            **self._after(last),
            squares=torch.stack([base.square().sum(0), again.square().sum(0), 2 * offset @ again]),
        )
        return *shared, _first_upscaling(self.decoder)[0] @ last

    def _before(self, tokens: Tensor, base: Tensor) -> dict[str, Tensor]:
        layer = self.decoder.transformer.layers[0]
        seen, into = layer.cross_attn_token_to_image, layer.cross_attn_image_to_token
        placed = tokens + self.positions
        return {
            "k0": _image_heads(_projected(seen.k_proj, placed), seen),
            "v0": _image_heads(_projected(seen.v_proj, tokens), seen).transpose(1, 2),
            "q0": _image_heads(_projected(into.q_proj, placed), into),
            "norm0": _image_heads(2 * _centred(into.out_proj.weight, 0).T @ base, into),
        }

    def _between(self, scaled: Tensor) -> dict[str, Tensor]:
        first, second = self.decoder.transformer.layers
        seen, into = second.cross_attn_token_to_image, second.cross_attn_image_to_token
        fixed = self.positions + _column(first.norm4.bias)
        return {
            "k1": _image_heads(seen.k_proj.weight @ scaled, seen),
            "v1": _image_heads(seen.v_proj.weight @ scaled, seen).transpose(1, 2),
            "q1": _image_heads(into.q_proj.weight @ scaled, into),
            "k1_fixed": _image_heads(_projected(seen.k_proj, fixed), seen),
            "q1_fixed": _image_heads(_projected(into.q_proj, fixed), into),
        }

    def _after(self, last: Tensor) -> dict[str, Tensor]:
        seen = self.decoder.transformer.final_attn_token_to_image
        fixed = self.positions + _column(self.decoder.transformer.layers[1].norm4.bias)
        return {
            "k2": _image_heads(seen.k_proj.weight @ last, seen),
            "v2": _image_heads(seen.v_proj.weight @ last, seen).transpose(1, 2),
            "k2_fixed": _image_heads(_projected(seen.k_proj, fixed), seen),
        }


class PointPart(nn.Module):
    """How masks of single positive points are rated, given what the points share, and what the masks follow from.

    Parameters
    ----------
    network : torch.nn.Module
        Of segment-anything or MobileSAM.
    """

    prompt_encoder: Any
    decoder: Any

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.prompt_encoder = network.prompt_encoder
        self.decoder = network.mask_decoder

    def forward(self, coords: Tensor, *shared: Tensor) -> tuple[Tensor, ...]:
        """Look at points.

        Parameters
        ----------
        coords : Tensor
            (b, 2) float32, x and y in pixels of the 1024 frame.
        *shared : Tensor
            `Shared`, from `SlicePart`.

        Returns
        -------
        tuple of Tensor
            Predicted IoU (b, 3), without the single mask of unambiguous prompts; prompt tokens (b, 7, 256); and
            scale, weights and vectors of the image tokens.
        """
        known = Shared(*shared)
        prompt = self._prompt_tokens(coords)
        tokens, image, values = self._first_layer(prompt, known)
        tokens, image = self._second_layer(tokens, prompt, image, values, known)
        tokens = self._last_attention(tokens, prompt, image, known)
        rated = self.decoder.iou_prediction_head(tokens[:, 0])[:, 1:]
        return rated, tokens, image.scale, image.weights, image.vectors

    def _prompt_tokens(self, coords: Tensor) -> Tensor:
        encoder, decoder = self.prompt_encoder, self.decoder
        place = encoder.pe_layer.forward_with_coords(coords[:, None] + 0.5, encoder.input_image_size)
        asked = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])
        before, after = (each.expand(coords.shape[0], -1, -1) for each in (asked, encoder.not_a_point_embed.weight))
        return torch.cat([before, place + encoder.point_embeddings[1].weight, after], dim=1)

    def _first_layer(self, prompt: Tensor, known: Shared) -> tuple[Tensor, _ImageTokens, Tensor]:
        """Prompt tokens, image tokens, and the values (b, h, t, d) that these have taken in."""
        layer = self.decoder.transformer.layers[0]
        seen, into = layer.cross_attn_token_to_image, layer.cross_attn_image_to_token
        tokens = layer.norm1(layer.self_attn(q=prompt, k=prompt, v=prompt))
        attention = _with_all(_queries(seen, seen.q_proj, tokens + prompt), known.k0).softmax(dim=-1)
        answer = _with_all(attention.transpose(0, 1), known.v0).transpose(0, 1)
        tokens = _after_attention(layer, tokens, seen.out_proj(_joined(answer)))
        weights = _by_point(_with_all(_queries(into, into.k_proj, tokens + prompt), known.q0).softmax(dim=2))
        values = _token_heads(into.v_proj(tokens), into)
        vectors = _added_vectors(values, into)
        square = known.squares[0] + _own_product(weights, vectors, _by_point(_with_all(values, known.norm0)))
        scale = 1 / torch.sqrt(square / CHANNELS + layer.norm4.eps)
        return tokens, _ImageTokens(scale, weights * scale, vectors * layer.norm4.weight, layer.norm4.bias), values

    def _second_layer(
        self, tokens: Tensor, prompt: Tensor, image: _ImageTokens, values: Tensor, known: Shared
    ) -> tuple[Tensor, _ImageTokens]:
        layer = self.decoder.transformer.layers[1]
        seen, into = layer.cross_attn_token_to_image, layer.cross_attn_image_to_token
        asking = tokens + prompt
        tokens = layer.norm1(tokens + layer.self_attn(q=asking, k=asking, v=tokens))
        queries = _queries(seen, seen.q_proj, tokens + prompt)
        attention = image.scores(queries, seen.k_proj, known.k1, known.k1_fixed).softmax(dim=-1)
        tokens = _after_attention(layer, tokens, seen.out_proj(image.mixed(attention, seen.v_proj, known.v1)))
        queries = _queries(into, into.k_proj, tokens + prompt)
        weights = _over_tokens(image.scores(queries, into.q_proj, known.q1, known.q1_fixed), into.num_heads)
        return tokens, self._added_again(image, values, weights, _token_heads(into.v_proj(tokens), into), known)

    def _added_again(
        self, image: _ImageTokens, values: Tensor, weights: Tensor, own: Tensor, known: Shared
    ) -> _ImageTokens:
        """Image tokens that have taken in values (b, h, t, d) once more, normalised; `values` were those before."""
        first, layer = self.decoder.transformer.layers
        vectors, old = _added_vectors(own, layer.cross_attn_image_to_token), _centred(image.vectors, 2)
        offset = _second_offset(first, layer)
        square = image.scale * (image.scale * known.squares[1] + known.squares[2]) + offset.square().sum()
        linear = image.scale * _by_point(_with_all(values, known.norm1_first)) + 2 * (old @ offset)[..., None]
        square = square + _own_product(image.weights, old, linear)
        linear = image.scale * _by_point(_with_all(own, known.norm1_second)) + 2 * (vectors @ offset)[..., None]
        linear = linear + 2 * (vectors @ old.transpose(1, 2)) @ image.weights
        square = square + _own_product(weights, vectors, linear)
        scale = 1 / torch.sqrt(square / CHANNELS + layer.norm4.eps)
        constant = offset.expand(vectors.shape[0], 1, -1)
        return _ImageTokens(
            image.scale * scale,
            torch.cat([image.weights * scale, weights * scale, scale], dim=1),
            torch.cat([old, vectors, constant], dim=1) * layer.norm4.weight,
            layer.norm4.bias,
        )

    def _last_attention(self, tokens: Tensor, prompt: Tensor, image: _ImageTokens, known: Shared) -> Tensor:
        transformer = self.decoder.transformer
        seen = transformer.final_attn_token_to_image
        queries = _queries(seen, seen.q_proj, tokens + prompt)
        attention = image.scores(queries, seen.k_proj, known.k2, known.k2_fixed).softmax(dim=-1)
        tokens = tokens + seen.out_proj(image.mixed(attention, seen.v_proj, known.v2))
        return torch.as_tensor(transformer.norm_final_attn(tokens))


class MaskPart(nn.Module):
    """Masks of points that `PointPart` has looked at.

    Parameters
    ----------
    network : torch.nn.Module
        Of segment-anything or MobileSAM.
    """

    decoder: Any

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.decoder = network.mask_decoder

    def forward(self, tokens: Tensor, scale: Tensor, weights: Tensor, vectors: Tensor, upscaled: Tensor) -> Tensor:
        """Logits (b, 3, 256, 256) of what `PointPart` gave and the last tensor of `SlicePart`."""
        weight, bias = _first_upscaling(self.decoder)
        constant = _column(weight @ self.decoder.transformer.layers[1].norm4.bias + bias)
        low, wanted = weight @ vectors.transpose(1, 2), self._mask_vectors(tokens)
        strips = []
        for first in range(0, PIXELS, _STRIP):
            some = slice(first, first + _STRIP)
            fine = low @ weights[..., some] + scale[..., some] * upscaled[:, some] + constant
            strips.append(_as_pictures(wanted[:, None] @ self._finest(fine)))
        return torch.cat(strips, dim=2)

    def _finest(self, fine: Tensor) -> Tensor:
        """(b, 16, 32, n) pixels before the masks are told apart; `fine` is the first upscaling, (b, 256, n)."""
        _, norm, _, last, _ = self.decoder.output_upscaling
        fine = fine.reshape(-1, 4, CHANNELS // 4, _STRIP)
        fine = fine / torch.sqrt(fine.square().mean(dim=2, keepdim=True) + norm.eps)
        fine = gelu(fine * _column(norm.weight) + _column(norm.bias))
        finest = gelu(_upscaling_matrix(last) @ fine + _column(last.bias.repeat(4)))
        return finest.reshape(-1, 16, CHANNELS // 8, _STRIP)

    def _mask_vectors(self, tokens: Tensor) -> Tensor:
        """(b, 3, 32)."""
        heads: Any = self.decoder.output_hypernetworks_mlps
        return torch.stack([heads[n](tokens[:, 1 + n]) for n in (1, 2, 3)], dim=1)


def _after_attention(layer: Any, tokens: Tensor, answer: Tensor) -> Tensor:
    """The second half of what a layer does with the prompt tokens."""
    tokens = layer.norm2(tokens + answer)
    return torch.as_tensor(layer.norm3(tokens + layer.mlp(tokens)))


def _added_vectors(values: Tensor, attention: Any) -> Tensor:
    """(b, h * t, 256): what a token of a head adds to an image token that attends to it alone, without its mean."""
    heads = _by_head(_centred(attention.out_proj.weight, 0).T, values.shape[1])
    return _rows(values @ heads)


def _own_product(weights: Tensor, vectors: Tensor, linear: Tensor) -> Tensor:
    """Squared norm (b, 1, n) of mixtures of vectors, plus the weighted sum of `linear` (b, m, n)."""
    products = (vectors @ vectors.transpose(1, 2)) @ weights
    return (weights * (products + linear)).sum(dim=1, keepdim=True)


def _second_offset(first: Any, second: Any) -> Tensor:
    """(256,): what every image token has in common before the second layer normalises it, without its mean."""
    return _centred(first.norm4.bias + second.cross_attn_image_to_token.out_proj.bias, 0)


def _first_upscaling(decoder: Any) -> tuple[Tensor, Tensor]:
    """Matrix (256, 256) and vector (256,): 4 pixels of 64 channels, whose mean is removed."""
    convolution = decoder.output_upscaling[0]
    weight = _upscaling_matrix(convolution).reshape(4, -1, CHANNELS)
    bias = convolution.bias - convolution.bias.mean()
    return _centred(weight, 1).reshape(CHANNELS, CHANNELS), bias.repeat(4)


def _upscaling_matrix(convolution: Any) -> Tensor:
    """A transposed convolution of 2 x 2 as a matrix (4 * channels out, channels in)."""
    weight: Tensor = convolution.weight
    return weight.permute(2, 3, 1, 0).reshape(-1, weight.shape[0])


def _as_pictures(masks: Tensor) -> Tensor:
    """(b, 3, rows, 256) of (b, 16, 3, n), where the 16 are rows and columns of the first upscaling, then the second."""
    parts = masks.reshape(-1, 2, 2, 2, 2, 3, _STRIP // SIDE, SIDE)
    return parts.permute(0, 5, 6, 1, 3, 7, 2, 4).reshape(-1, 3, 4 * (_STRIP // SIDE), 4 * SIDE)


def _queries(attention: Any, projection: nn.Linear, tokens: Tensor) -> Tensor:
    """(b, h, t, d), scaled as attention wants it."""
    heads = _token_heads(projection(tokens), attention)
    return heads / math.sqrt(heads.shape[-1])


def _over_tokens(scores: Tensor, heads: int) -> Tensor:
    """Softmax of (b, h * t, n) over the tokens of each head."""
    return _rows(_unrows(scores, heads).softmax(dim=2))


def _token_heads(projected: Tensor, attention: Any) -> Tensor:
    return projected.reshape(
        -1, PROMPT_TOKENS, attention.num_heads, projected.shape[-1] // attention.num_heads
    ).transpose(1, 2)


def _joined(heads: Tensor) -> Tensor:
    """(b, t, h * d) of (b, h, t, d)."""
    return heads.transpose(1, 2).reshape(-1, PROMPT_TOKENS, heads.shape[1] * heads.shape[3])


def _with_all(tokens: Tensor, shared: Tensor) -> Tensor:
    """Products (h, b, t, m) of prompt tokens (b, h, t, d) with what all points share (h, d, m): one for each head."""
    heads, count = shared.shape[0], tokens.shape[2]
    return (tokens.transpose(0, 1).reshape(heads, -1, tokens.shape[3]) @ shared).reshape(
        heads, -1, count, shared.shape[2]
    )


def _by_point(products: Tensor) -> Tensor:
    """(b, h * t, m) of (h, b, t, m)."""
    return _rows(products.transpose(0, 1))


def _rows(heads: Tensor) -> Tensor:
    """(b, h * t, m) of (b, h, t, m)."""
    return heads.reshape(-1, heads.shape[1] * heads.shape[2], heads.shape[3])


def _unrows(rows: Tensor, heads: int) -> Tensor:
    """(b, h, t, m) of (b, h * t, m)."""
    return rows.reshape(-1, heads, rows.shape[1] // heads, rows.shape[2])


def _image_heads(projected: Tensor, attention: Any) -> Tensor:
    """(h, d, n) of (h * d, n)."""
    return projected.reshape(attention.num_heads, -1, PIXELS)


def _by_head(weight: Tensor, heads: int) -> Tensor:
    """(h, d, 256) of (h * d, 256)."""
    return weight.reshape(heads, -1, weight.shape[1])


def _projected(projection: Any, columns: Tensor) -> Tensor:
    return torch.as_tensor(projection.weight @ columns + _column(projection.bias))


def _centred(values: Tensor, dim: int) -> Tensor:
    return values - values.mean(dim=dim, keepdim=True)


def _column(values: Tensor) -> Tensor:
    return values[:, None]
