"""Random weights of every model, and upstream's own predictors driven through the same chain of prompts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from torch import nn

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Segmentation, dice
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.inference.backends.torch_backend import TorchBackend
from RWTHSAMLib.inference.engine import SamEngine
from RWTHSAMLib.models.catalogue import model
from RWTHSAMLib.models.loading import build_network, load_network

PREDICTORS = {
    "sam": "segment_anything",
    "medsam": "segment_anything",
    "sam_hq": "segment_anything_hq",
    "mobile_sam": "mobile_sam",
    "sam2_1": "sam2.sam2_image_predictor",
}

CLICK = Prompts((PointPrompt(40, 30),))
BOX = Prompts((BoxPrompt(20, 15, 70, 60),))
CHAINS = {
    "one click": CLICK,
    "refined by a click inside and one outside": CLICK.adding(PointPrompt(60, 44)).adding(PointPrompt(5, 8, False)),
    "a box": BOX,
    "a box refined by a negative click": BOX.adding(PointPrompt(30, 50, False)),
    "a click, then a box": CLICK.adding(BoxPrompt(20, 15, 70, 60)),
    "the third candidate, refined": CLICK.choosing(2).adding(PointPrompt(10, 40)),
}
"""Prompts for images of at least 71 x 61 pixels."""


@contextmanager
def quick_initialisation() -> Iterator[None]:
    """Skip the careful initialisation of large networks: it takes minutes, and what it fills in is replaced anyway."""
    with suppress(ImportError):  # it takes these functions when it is first imported, and keeps them
        import_module("sam2.modeling.sam2_base")
    kept = {name: getattr(nn.init, name) for name in ("kaiming_uniform_", "trunc_normal_", "xavier_uniform_")}
    try:
        for name in kept:
            setattr(nn.init, name, lambda tensor, *_, **__: tensor)
        yield
    finally:
        for name, function in kept.items():
            setattr(nn.init, name, function)


def save_arbitrary_weights(name: str, path: Path) -> Path:
    """A state dict with a model's own shapes and seeded numbers: to load and run, not to look at."""
    torch.manual_seed(5)
    with quick_initialisation():
        state = build_network(model(name)).state_dict()
    for key, value in state.items():
        if value.ndim > 1:
            value.uniform_(-0.05, 0.05)
        elif value.is_floating_point():  # normalising layers keep the numbers in a usual range; tiny ones cost time
            value.fill_(0.0 if key.endswith(("bias", "running_mean")) else 1.0)
    torch.save({"model": state} if model(name).family == "sam2_1" else state, path)
    return path


def save_initial_weights(name: str, path: Path, seed: int = 7) -> Path:
    """A state dict as training would begin with it; its masks are spots and stripes, neither empty nor full."""
    torch.manual_seed(seed)
    torch.save(build_network(model(name)).state_dict(), path)
    return path


def tiny_network(seed: int = 7, input_size: int = 1024, decoder_layers: int = 1) -> nn.Module:
    """A SAM with an encoder of one narrow block and decoders of full width: for tests of what is around a network.

    Parameters
    ----------
    input_size : int
        Side of the square of pixels that it looks at, a multiple of 16.
    decoder_layers : int
        Of the decoder's transformer; SAM has 2.
    """
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    torch.manual_seed(seed)
    side = input_size // 16
    return Sam(
        image_encoder=ImageEncoderViT(img_size=input_size, depth=1, embed_dim=16, num_heads=1, window_size=8),
        prompt_encoder=PromptEncoder(256, (side, side), (input_size, input_size), 16),
        mask_decoder=MaskDecoder(
            transformer_dim=256,
            transformer=TwoWayTransformer(depth=decoder_layers, embedding_dim=256, num_heads=8, mlp_dim=64),
        ),
    ).eval()


def tiny_hq_network(seed: int = 7, input_size: int = 256) -> nn.Module:
    """A SAM-HQ with an encoder of two narrow blocks, the second of which looks at the whole slice.

    Parameters
    ----------
    input_size : int
        Side of the square of pixels that it looks at, a multiple of 16.
    """
    from segment_anything_hq.modeling import ImageEncoderViT, MaskDecoderHQ, PromptEncoder, Sam, TwoWayTransformer

    torch.manual_seed(seed)
    side = input_size // 16
    return Sam(
        image_encoder=ImageEncoderViT(
            img_size=input_size, depth=2, embed_dim=16, num_heads=1, window_size=8, global_attn_indexes=(1,)
        ),
        prompt_encoder=PromptEncoder(256, (side, side), (input_size, input_size), 16),
        mask_decoder=MaskDecoderHQ(
            transformer_dim=256,
            transformer=TwoWayTransformer(depth=1, embedding_dim=256, num_heads=8, mlp_dim=64),
            vit_dim=16,
        ),
    ).eval()


def tiny_sam2_network(seed: int = 7) -> nn.Module:
    """A SAM 2.1 with a narrow encoder of one block a stage; upstream's predictor takes 1024 pixels only."""
    from importlib.resources import files

    from hydra.utils import instantiate
    from omegaconf import OmegaConf

    torch.manual_seed(seed)
    path = files("sam2").joinpath("configs/sam2.1/sam2.1_hiera_t.yaml")
    parts = OmegaConf.create(path.read_text(encoding="utf-8")).model
    parts.image_encoder.trunk.update(embed_dim=16, stages=[1, 1, 2, 1], global_att_blocks=[3])
    parts.image_encoder.neck.backbone_channel_list = [128, 64, 32, 16]
    # as upstream builds it for single pictures
    parts.sam_mask_decoder_extra_args = {"dynamic_multimask_via_stability": True}
    network: nn.Module = instantiate(parts, _recursive_=True)
    return network.eval()


def tiny_engine(network: nn.Module) -> SamEngine:
    """An engine over a network that is in no catalogue, in PyTorch on the CPU."""
    return SamEngine(TorchBackend(network, "cpu"), model("sam_vit_b"), "0" * 64)


class Upstream:
    """``SamPredictor`` of the package that a network comes from.

    Parameters
    ----------
    network : torch.nn.Module
        Ready for inference.
    family : str
        Of the catalogue.
    """

    def __init__(self, network: nn.Module, family: str) -> None:
        module = import_module(PREDICTORS[family])
        self.predictor = (module.SAM2ImagePredictor if family == "sam2_1" else module.SamPredictor)(network)
        self._encoded: SliceImage | None = None

    @classmethod
    def load(cls, name: str, path: Path) -> Upstream:
        """That of a model of the catalogue, with the weights of a file."""
        network = load_network(model(name), path)
        network.image_encoder.img_size = model(name).input_size  # the predictor asks for it
        return cls(network, model(name).family)

    def masks(self, image: SliceImage, prompts: Prompts) -> np.ndarray:
        """Masks (n, rows, columns), the best first; every step is fed the logits of the one before."""
        self._encode(image)
        logits = None
        for count in range(1, len(prompts) + 1):
            masks, scores, low = self.predictor.predict(
                **upstream_arguments(prompts.first(count)), mask_input=logits, multimask_output=count == 1
            )
            order = np.argsort(-scores, kind="stable")
            chosen = order[min(prompts.candidate, len(order) - 1) if count == 1 else 0]
            logits = low[chosen][None]
        return masks[order]

    def masks_at_once(self, image: SliceImage, prompts: Prompts) -> np.ndarray:
        """The one mask (1, rows, columns) for all prompts together."""
        self._encode(image)
        return self.predictor.predict(**upstream_arguments(prompts), multimask_output=False)[0]

    def _encode(self, image: SliceImage) -> None:
        if image is not self._encoded:
            self.predictor.set_image(image.rgb())
            self._encoded = image


def upstream_arguments(prompts: Prompts) -> dict[str, np.ndarray | None]:
    """Points and box as ``SamPredictor.predict`` takes them."""
    points = prompts.points
    return {
        "point_coords": np.array([(each.x, each.y) for each in points]) if points else None,
        "point_labels": np.array([int(each.positive) for each in points]) if points else None,
        "box": np.array(prompts.box.box_xyxy) if prompts.box else None,
    }


def masks_of(answer: Segmentation) -> np.ndarray:
    """Masks (n, rows, columns) of an answer, in its order."""
    return np.array([each.mask.to_array() for each in answer.candidates])


def worst_dice(found: np.ndarray, expected: np.ndarray) -> float:
    """Smallest Dice over masks (n, rows, columns) in the same order."""
    assert found.shape == expected.shape
    return min(dice(one, other) for one, other in zip(found, expected, strict=True))
