"""The one door to segmentation: a network that embeds slices and answers prompts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..core.image import SliceImage
from ..core.mask import Candidate, Mask, Segmentation
from ..core.prompts import Prompts
from ..errors import OutOfMemory, PromptError
from ..models.catalogue import ModelEntry, model
from ..models.weights import file_sha256, find_weights
from .backends.backend import Backend, Decoded
from .cache.embedding_cache import EmbeddingCache, embedding_key
from .embedding import Embedding
from .postprocess import mask_of
from .tiled import leaves, part_of, placed, prompts_within

# choices: the steps of a long track, 64 MB at most
_REMEMBERED_STEPS, _REMEMBERED_BYTES = 64, 64 << 20
_TOO_LITTLE_MEMORY = "the GPU's memory did not suffice"
_Result = TypeVar("_Result")


class SamEngine:
    """A loaded model.

    Use `load`; the constructor is for backends of one's own.

    Parameters
    ----------
    backend : Backend
    entry : ModelEntry
    weights_sha256 : str
    cache : EmbeddingCache, optional
        Default: a memory tier of its own.
    remark : str
        Why this device and backend were chosen.
    fall_back : callable, optional
        Makes a backend on the CPU, for when the device's memory does not suffice.
    """

    def __init__(
        self,
        backend: Backend,
        entry: ModelEntry,
        weights_sha256: str,
        *,
        cache: EmbeddingCache | None = None,
        remark: str = "",
        fall_back: Callable[[], Backend] | None = None,
    ) -> None:
        self.backend = backend
        self.entry = entry
        self.weights_sha256 = weights_sha256
        self._cache = cache if cache is not None else EmbeddingCache()
        self._remark = remark
        self._fall_back = fall_back
        self._steps: OrderedDict[tuple[str, Prompts], Segmentation] = OrderedDict()

    @classmethod
    def load(
        cls,
        model_name: str,
        weights: Path | None = None,
        *,
        device: str = "auto",
        backend: str = "auto",
        precision: str = "auto",
        cache: EmbeddingCache | None = None,
    ) -> SamEngine:
        """Load a model of the catalogue.

        Parameters
        ----------
        weights : Path, optional
            Default: ``RWTHSAM_WEIGHTS``, then the cache folder.
        device : str
            ``"auto"``, ``"cuda"``, ``"mps"`` or ``"cpu"``.
        backend : str
            ``"auto"``, ``"torch"`` or ``"openvino"``.
        precision : str
            ``"auto"``, ``"f32"``, ``"f16"`` or ``"bf16"``.

        Raises
        ------
        ModelError
            If the name is unknown, or the weights are missing or of another model.
        SettingsError
            If device, backend or precision cannot be had.
        DependencyMissing
            If what the model needs is not installed: OpenVINO for RWTHSAM-Net, else PyTorch and the model's package.
        """
        entry = model(model_name)
        path = find_weights(entry, weights)
        if entry.is_own:
            from .backends.net_choice import make_net_backend

            ready, remark, fall_back = make_net_backend(path, device, backend, precision)
        else:
            from .backends.sam_choice import make_sam_backend

            ready, remark, fall_back = make_sam_backend(entry, path, device, backend, precision)
        return cls(ready, entry, file_sha256(path), cache=cache, remark=remark, fall_back=fall_back)

    @property
    def device(self) -> str:
        """Where it computes, for people: "the CPU with OpenVINO"."""
        place = {"cuda": "the GPU", "mps": "the Apple GPU", "cpu": "the CPU"}[self.backend.device]
        return f"{place} with {'OpenVINO' if self.backend.name == 'openvino' else 'PyTorch'}"

    @property
    def description(self) -> str:
        """What is loaded, where it computes and why, in one sentence."""
        reason = f" ({self._remark})" if self._remark else ""
        return f"{self.entry.title} on {self.device}, {self.backend.precision}{reason}."

    @property
    def batch(self) -> int:
        """How many slices are worth embedding together."""
        return self.backend.batch

    def embed(self, image: SliceImage, for_clicks: bool = False) -> Embedding:
        """The embedding of a slice, computed unless it is known.

        Parameters
        ----------
        for_clicks : bool
            Also compute what every first click on the slice needs.

        Raises
        ------
        OutOfMemory
            If memory does not suffice, on the CPU either.
        """
        found = self._cache.get(self._embedding_key(image))
        if found is None:
            found = self._with_fall_back(lambda: self.backend.encode(image))
            # asked for anew: the backend may have become another one
            self._cache.put(self._embedding_key(image), found)
        if for_clicks:
            self._with_fall_back(lambda: self.backend.prepare(found))
        return found

    def embed_many(self, images: Sequence[SliceImage]) -> None:
        """Compute the embeddings of slices unless they are known, several together where that is faster.

        Raises
        ------
        OutOfMemory
            If memory does not suffice, on the CPU either.
        """
        unknown = {each.digest: each for each in images if self._cache.get(self._embedding_key(each)) is None}
        waiting = list(unknown.values())
        while waiting:
            # as many as suit the backend at hand: it may become another one
            found = self._with_fall_back(lambda: self.backend.encode_many(waiting[: self.batch]))
            for image, embedding in zip(waiting[: len(found)], found, strict=True):
                self._cache.put(self._embedding_key(image), embedding)
            del waiting[: len(found)]

    def segment(self, image: SliceImage, prompts: Prompts) -> Segmentation:
        """The model's answer to the prompts of a slice.

        The first prompt alone gives up to three candidates, the best first. Each further prompt refines one mask: all
        prompts so far are sent with the low-resolution logits of the mask before. The answer depends on image and
        prompts only, not on the way there. Lines along windings are left to `algorithms.windings.answer`.

        Raises
        ------
        PromptError
            If there is no point and no box, or one lies outside the slice.
        OutOfMemory
            If memory does not suffice.
        """
        asked = prompts.for_model
        _check(image, asked)
        return self._ask(image, asked)

    def _ask(self, image: SliceImage, prompts: Prompts) -> Segmentation:
        """The model's answer."""
        tile = prompts.tile_xyxy
        if tile is None:
            return self._step(image, prompts)
        found = self._step(part_of(image, tile), prompts_within(prompts, tile))
        needs_whole = any(leaves(each.mask, tile, image.shape_yx) for each in found.candidates)
        whole = self._step(image, replace(prompts, tile_xyxy=None)) if needs_whole else None
        return placed(found, tile, image.shape_yx, whole)

    def segment_at_once(self, image: SliceImage, prompts: Prompts, multimask: bool = False) -> Segmentation:
        """One mask for all prompts together, decoded in one pass; nothing of it is remembered.

        For prompts that nobody refines: `segment` goes from prompt to prompt, as a person does.

        Parameters
        ----------
        image : SliceImage
        prompts : Prompts
        multimask : bool
            Whether the candidates of a first prompt are wanted instead of the one mask of a refinement.

        Raises
        ------
        PromptError
            If there is no prompt, or one lies outside the slice.
        OutOfMemory
            If memory does not suffice.
        """
        embedding = self._embedding_for(image, prompts)
        decoded = self._with_fall_back(lambda: self.backend.decode(embedding, prompts, None, multimask=multimask))
        return _segmentation_of(decoded, embedding)

    def follow(self, image: SliceImage, prompts: Prompts, before: Mask) -> Segmentation | None:
        """One mask for an object that had the mask `before` on a slice beside this one; nothing of it is remembered.

        None where the network was not trained for that: a mask before makes it insist on objects that have ended.

        Raises
        ------
        PromptError
            If there is no prompt, or one lies outside the slice.
        OutOfMemory
            If memory does not suffice.
        """
        embedding = self._embedding_for(image, prompts)
        decoded = self._with_fall_back(lambda: self.backend.follow(embedding, prompts, before))
        return None if decoded is None else _segmentation_of(decoded, embedding)

    def close(self) -> None:
        """Release the network and everything remembered."""
        self._steps.clear()
        self._cache.forget_memory()
        self.backend.release()

    def _embedding_key(self, image: SliceImage) -> str:
        backend = self.backend
        place = f"{backend.name}-{backend.device}"
        return embedding_key(image.digest, self.weights_sha256, self.entry.name, place, backend.precision)

    def _embedding_for(self, image: SliceImage, prompts: Prompts) -> Embedding:
        """The embedding of a slice, for prompts that were checked."""
        _check(image, prompts)
        return self.embed(image)

    def _step(self, image: SliceImage, prompts: Prompts) -> Segmentation:
        """Answer to all prompts, from the answer to all but the last."""
        if len(prompts) == 1 and prompts.candidate:
            # which candidate is shown does not change what the network says
            answer = self._step(image, prompts.choosing(0))
            return replace(answer, chosen=min(prompts.candidate, len(answer.candidates) - 1))
        key = (image.digest, prompts)
        if key not in self._steps:
            before = self._step(image, prompts.first(len(prompts) - 1)).best.logits if len(prompts) > 1 else None
            embedding = self.embed(image)
            decoded = self._with_fall_back(
                lambda: self.backend.decode(embedding, prompts, before, multimask=before is None)
            )
            self._steps[key] = _segmentation_of(decoded, embedding)
            while len(self._steps) > _REMEMBERED_STEPS or _logits_bytes(self._steps.values()) > _REMEMBERED_BYTES:
                self._steps.popitem(last=False)
        self._steps.move_to_end(key)
        return self._steps[key]

    def _with_fall_back(self, compute: Callable[[], _Result]) -> _Result:
        try:
            return compute()
        except OutOfMemory:
            if self._fall_back is None:
                raise
            self.backend.release()
            self.backend, self._fall_back = self._fall_back(), None
            self._remark = _TOO_LITTLE_MEMORY
            return compute()


def _logits_bytes(steps: Iterable[Segmentation]) -> int:
    """Bytes of the largest part of what is remembered: a network of fine masks has logits of megabytes."""
    return sum(each.logits.nbytes for step in steps for each in step.candidates)


def _check(image: SliceImage, prompts: Prompts) -> None:
    if not len(prompts):
        raise PromptError("There is no prompt: give a point or a box.")
    prompts.check_inside(image.shape_yx)


def _segmentation_of(decoded: Decoded, embedding: Embedding) -> Segmentation:
    best_first = np.argsort(-decoded.predicted_iou, kind="stable")
    candidates = tuple(
        Candidate(_mask(decoded, n, embedding), float(decoded.predicted_iou[n]), decoded.logits[n]) for n in best_first
    )
    return Segmentation(candidates)


def _mask(decoded: Decoded, number: int, embedding: Embedding) -> Mask:
    if decoded.masks is not None:
        return Mask.from_array(decoded.masks[number])
    return mask_of(decoded.logits[number], embedding)
