"""Requests and replies of `client` as messages of `core.system.message`, and back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from .. import errors
from ..core.automatic_mask import FoundMask, Judgement
from ..core.image import SliceImage
from ..core.mask import Candidate, Mask, PackedMask, Segmentation
from ..core.prompts import BoxPrompt, PointPrompt, Prompt, Prompts, StrokePrompt
from ..core.propagation_step import Edge, Look, Seed, Step, StepJudgement
from ..core.settings.automatic import MODES, AutomaticSettings
from ..core.system.message import Fields, JsonValue, Message
from ..core.value_range import Range
from ..core.word_check import one_of
from ..errors import InferenceError, RwthSamError
from ..inference.cache.embedding_cache import CacheSettings
from .client import (
    PHASES,
    AutomaticRequest,
    EmbedRequest,
    EngineSpec,
    EngineStatus,
    Reply,
    Request,
    SegmentRequest,
    StepRequest,
)

_JUDGED = tuple(each.name for each in dataclasses.fields(StepJudgement) if each.type != "bool")
_SAID = ("follows", "is_absent")


def load_message(generation: int, spec: EngineSpec, cache: CacheSettings) -> Message:
    """Order to load a network."""
    fields: Fields = {
        "generation": generation,
        "model": spec.model,
        "weights": None if spec.weights is None else str(spec.weights),
        "device": spec.device,
        "backend": spec.backend,
        "precision": spec.precision,
        "cache": {
            "memory_bytes": cache.memory_bytes,
            "disk_bytes": cache.disk_bytes,
            "folder": None if cache.folder is None else str(cache.folder),
        },
    }
    return Message("load", fields)


def spec_of(message: Message) -> EngineSpec:
    """The network that a load message names."""
    weights = message.fields.get("weights")
    return EngineSpec(
        message.text("model"),
        Path(weights) if isinstance(weights, str) else None,
        device=message.text("device"),
        backend=message.text("backend"),
        precision=message.text("precision"),
    )


def cache_settings_of(message: Message) -> CacheSettings:
    """The limits of the embedding cache that a load message names."""
    cache = Message("cache", message.mapping("cache"))
    folder = cache.fields.get("folder")
    return CacheSettings(
        cache.number("memory_bytes"), Path(folder) if isinstance(folder, str) else None, cache.number("disk_bytes")
    )


def status_message(generation: int, status: EngineStatus) -> Message:
    """What the worker is doing, for the load order of that number."""
    fields: Fields = {
        "generation": generation,
        "phase": status.phase,
        "text": status.text,
        "device": status.device,
        "weights_sha256": status.weights_sha256,
        "batch": status.batch,
    }
    return Message("status", fields)


def status_of(message: Message) -> EngineStatus:
    """Status in a status message."""
    phase = one_of("The inference process's phase", message.text("phase"), PHASES, InferenceError)
    digest, batch = message.text("weights_sha256"), message.number("batch") if "batch" in message.fields else 1
    return EngineStatus(phase, message.text("text"), message.text("device"), digest, batch)


def request_message(request: Request) -> Message:
    """A request; its pixels are not copied."""
    if isinstance(request, EmbedRequest):
        return Message("embed", {"id": request.request_id, "for_clicks": request.for_clicks}, (request.image.pixels,))
    if isinstance(request, AutomaticRequest):
        fields: Fields = {"id": request.request_id, "mode": request.mode, "settings": request.settings.to_json()}
        return Message("automatic", fields, (request.image.pixels,))
    if isinstance(request, StepRequest):
        arrays = (request.image.pixels, request.values_yx, request.previous.pixels)
        return Message("step", {"id": request.request_id, **_step_fields(request)}, arrays)
    fields = {"id": request.request_id, "prompts": _prompts_fields(request.prompts)}
    return Message("segment", fields, (request.image.pixels,))


def request_of(message: Message) -> Request:
    """Request in an embed, segment, step or automatic message.

    Raises
    ------
    RwthSamError
        `ImageError`, `PromptError` or `SettingsError` where the words are refused, `InferenceError` where the message
        is damaged.
    """
    expected = 3 if message.kind == "step" else 1
    if len(message.arrays) != expected:
        raise InferenceError(f"Message '{message.kind}' needs {expected} arrays, not {len(message.arrays)}.")
    image, number = SliceImage(message.arrays[0]), message.number("id")
    if message.kind == "embed":
        return EmbedRequest(number, image, message.fields.get("for_clicks") is True)
    if message.kind == "step":
        return _step_request(message, number, image)
    if message.kind == "automatic":
        mode = one_of("The mode of automatic masks", message.text("mode"), MODES, InferenceError)
        return AutomaticRequest(number, image, AutomaticSettings.parse(message.text("settings")), mode)
    return SegmentRequest(number, image, _prompts(message.mapping("prompts")))


def reply_message(reply: Reply) -> Message:
    """The end of a request."""
    fields: Fields = {"id": reply.request_id}
    if reply.error is not None:
        fields |= {"error": type(reply.error).__name__, "text": str(reply.error)}
        return Message("reply", fields)
    if reply.found is not None:
        fields["found"] = [_found_fields(each) for each in reply.found]
        return Message("reply", fields, tuple(np.frombuffer(each.mask.data, np.uint8) for each in reply.found))
    if reply.step is not None:
        judgement = reply.step.judgement
        numbers: list[JsonValue] = [float(getattr(judgement, name)) for name in _JUDGED]
        said = {name: int(getattr(judgement, name)) for name in _SAID}
        fields["step"] = {**_place_fields(reply.step.mask), "judgement": numbers, **said}
        return Message("reply", fields, (reply.step.mask.pixels,))
    if reply.segmentation is None:
        return Message("reply", fields)
    candidates = reply.segmentation.candidates
    fields |= {"chosen": reply.segmentation.chosen, "candidates": [_candidate_fields(each) for each in candidates]}
    arrays = [array for each in candidates for array in (each.mask.pixels, each.logits)]
    return Message("reply", fields, tuple(arrays))


def reply_of(message: Message) -> Reply:
    """Reply in a reply message."""
    number = message.number("id")
    if "error" in message.fields:
        return Reply(number, error=error_named(message.text("error"), message.text("text")))
    if "found" in message.fields:
        found = zip(message.items("found"), message.arrays, strict=True)
        return Reply(number, found=tuple(_found_mask(fields, data) for fields, data in found))
    if "step" in message.fields:
        return Reply(number, step=_step(message))
    if "candidates" not in message.fields:
        return Reply(number)
    described = message.items("candidates")
    if len(message.arrays) != 2 * len(described):
        raise InferenceError("A segmentation needs a mask and logits for each of its candidates.")
    pairs = zip(message.arrays[0::2], message.arrays[1::2], strict=True)
    candidates = [_candidate(fields, *pair) for fields, pair in zip(described, pairs, strict=True)]
    return Reply(number, segmentation=Segmentation(tuple(candidates), message.number("chosen")))


def error_named(name: str, text: str) -> RwthSamError:
    """Error of this project's tree by its class name; any other name becomes an `InferenceError`."""
    found = getattr(errors, name, None)
    if isinstance(found, type) and issubclass(found, RwthSamError):
        return found(text)
    return InferenceError(text)


def _prompts_fields(prompts: Prompts) -> Fields:
    tile: JsonValue = [int(value) for value in prompts.tile_xyxy] if prompts.tile_xyxy is not None else []
    return {
        "candidate": prompts.candidate,
        "items": [_prompt_fields(item) for item in prompts.items],
        "replaces": prompts.replaces,
        "tile": tile,
    }


def _prompt_fields(prompt: Prompt) -> JsonValue:
    if isinstance(prompt, BoxPrompt):
        return {"box": [int(value) for value in prompt.box_xyxy]}
    if isinstance(prompt, StrokePrompt):
        places: list[JsonValue] = [int(number) for point in prompt.points_xy for number in point]
        return {
            "stroke": places,
            "half_width": _number_or_none(prompt.half_width_px),
            "positive": bool(prompt.positive),
        }
    return {"point": [int(prompt.x), int(prompt.y)], "positive": bool(prompt.positive)}


def _prompts(fields: Fields) -> Prompts:
    message = Message("prompts", fields)
    tile = message.items("tile") if "tile" in fields else []
    corners = _whole_numbers(tile, 4) if tile else None
    return Prompts(
        tuple(_prompt(item) for item in message.items("items")),
        message.number("candidate"),
        bool(fields.get("replaces")),
        (corners[0], corners[1], corners[2], corners[3]) if corners else None,
    )


def _prompt(value: JsonValue) -> Prompt:
    fields = value if isinstance(value, dict) else {}
    message = Message("prompt", fields)
    if "box" in fields:
        return BoxPrompt(*_whole_numbers(message.items("box"), 4))
    if "stroke" in fields:
        return _stroke(message, positive=bool(fields.get("positive")))
    x, y = _whole_numbers(message.items("point"), 2)
    return PointPrompt(x, y, positive=bool(fields.get("positive")))


def _stroke(message: Message, positive: bool) -> StrokePrompt:
    values, half_width = message.items("stroke"), message.fields.get("half_width")
    numbers = _whole_numbers(values, len(values))
    if len(numbers) % 2 or not isinstance(half_width, int | float | None):
        raise InferenceError(f"A line needs pairs of whole numbers, and a width or none, not {message.fields!r}.")
    return StrokePrompt(tuple(zip(numbers[::2], numbers[1::2], strict=True)), _number_or_none(half_width), positive)


def _whole_numbers(values: list[JsonValue], count: int) -> list[int]:
    numbers = [value for value in values if isinstance(value, int)]
    if len(values) != count or len(numbers) != count:
        raise InferenceError(f"A prompt needs {count} whole numbers, not {values!r}.")
    return numbers


def _candidate_fields(candidate: Candidate) -> JsonValue:
    return {**_place_fields(candidate.mask), "predicted_iou": float(candidate.predicted_iou)}


def _candidate(value: JsonValue, pixels: np.ndarray, logits: np.ndarray) -> Candidate:
    fields = value if isinstance(value, dict) else {}
    predicted_iou = fields.get("predicted_iou")
    if not isinstance(predicted_iou, (int, float)):
        raise InferenceError("A candidate needs a predicted IoU.")
    return Candidate(_mask(Message("candidate", fields), pixels), float(predicted_iou), logits)


def _place_fields(mask: Mask) -> Fields:
    return {
        "shape_yx": [int(value) for value in mask.shape_yx],
        "origin_xy": [int(value) for value in mask.origin_xy],
    }


def _mask(place: Message, pixels: np.ndarray) -> Mask:
    if pixels.ndim != 2 or pixels.dtype != np.bool_:
        raise InferenceError("A mask needs bool pixels in two dimensions.")
    rows, columns = _whole_numbers(place.items("shape_yx"), 2)
    x, y = _whole_numbers(place.items("origin_xy"), 2)
    return Mask((rows, columns), (x, y), pixels)


def _found_fields(found: FoundMask) -> JsonValue:
    judgement = found.judgement
    return {
        "shape_yx": [int(value) for value in found.mask.shape_yx],
        "bounds_xyxy": [int(value) for value in found.mask.bounds_xyxy],
        "area": int(found.mask.area),
        "scores": [float(found.predicted_iou), float(found.stability_score)],
        "judgement": [judgement.contrast, judgement.edge_gradient, judgement.image_share],
    }


def _found_mask(value: JsonValue, data: np.ndarray) -> FoundMask:
    message = Message("found", value if isinstance(value, dict) else {})
    rows, columns = _whole_numbers(message.items("shape_yx"), 2)
    x0, y0, x1, y1 = _whole_numbers(message.items("bounds_xyxy"), 4)
    mask = PackedMask((rows, columns), (x0, y0, x1, y1), message.number("area"), data.tobytes())
    predicted_iou, stability = _numbers(message.items("scores"), 2)
    return FoundMask(mask, predicted_iou, stability, Judgement(*_numbers(message.items("judgement"), 3)))


def _numbers(values: list[JsonValue], count: int) -> list[float]:
    numbers = [float(value) for value in values if isinstance(value, (int, float))]
    if len(values) != count or len(numbers) != count:
        raise InferenceError(f"A mask that was found needs {count} numbers, not {values!r}.")
    return numbers


def _step_fields(request: StepRequest) -> Fields:
    seed = request.seed
    return {
        **_place_fields(request.previous),
        "seed": [_number_or_none(value) for value in (seed.grey.lower, seed.grey.upper, seed.contrast)],
        "opening_px": int(seed.opening_px),
        "rated": [_number_or_none(seed.rated)],
        "multimask": int(seed.multimask),
        "mask_prompt": int(seed.mask_prompt),
        "inner_grey": [_number_or_none(value) for value in (seed.inner_grey.lower, seed.inner_grey.upper)],
        "edge": [] if seed.edge is None else [float(seed.edge.level), float(seed.edge.is_dark), float(seed.edge.reach)],
        "look": [float(each) for each in (seed.look.grey_tolerance, seed.look.sharpness, *seed.look.grey_quantiles)],
        "surroundings": [float(each) for each in seed.look.surroundings],
        "padding_px": int(request.padding_px),
    }


def _step_request(message: Message, number: int, image: SliceImage) -> StepRequest:
    _, values, pixels = message.arrays
    if values.shape != image.shape_yx:
        raise InferenceError(f"Values of shape {values.shape} are not those of a picture of {image.shape_yx}.")
    lower, upper, contrast = _numbers_or_none(message.items("seed"), "two grey values and a contrast", 3)
    inner = Range(*_numbers_or_none(message.items("inner_grey"), "two inner grey values", 2))
    edge, opening_px = _edge(message.items("edge")), message.number("opening_px")
    (rated,) = _numbers_or_none(message.items("rated"), "a rating", 1)
    multimask, mask_prompt = (bool(message.number(name)) for name in ("multimask", "mask_prompt"))
    look = _look(message.items("look"), message.items("surroundings"))
    seed = Seed(Range(lower, upper), contrast, edge, opening_px, inner, rated, multimask, mask_prompt, look)
    return StepRequest(number, image, values, _mask(message, pixels), seed, message.number("padding_px"))


def _numbers_or_none(values: list[JsonValue], what: str, count: int) -> list[float | None]:
    if len(values) != count or not all(value is None or isinstance(value, (int, float)) for value in values):
        raise InferenceError(f"A seed needs {what}, each may be missing, not {values!r}.")
    return [float(value) if isinstance(value, (int, float)) else None for value in values]


def _edge(values: list[JsonValue]) -> Edge | None:
    numbers = [float(value) for value in values if isinstance(value, (int, float))]
    if len(numbers) != len(values) or len(values) not in (0, 3):
        raise InferenceError(f"An edge needs a grey value, its side and a reach, not {values!r}.")
    return Edge(numbers[0], bool(numbers[1]), numbers[2]) if numbers else None


def _look(values: list[JsonValue], surroundings: list[JsonValue]) -> Look:
    numbers = [float(value) for value in values if isinstance(value, (int, float))]
    if len(numbers) != len(values) or len(numbers) < 2:
        raise InferenceError(f"A look needs how far grey values may be off, a sharpness and quantiles, not {values!r}.")
    tolerance, sharpness, *quantiles = numbers
    return Look(tuple(quantiles), tolerance, sharpness, tuple(_numbers(surroundings, 3)) if surroundings else ())


def _number_or_none(value: float | None) -> float | None:
    return None if value is None else float(value)


def _step(message: Message) -> Step:
    if len(message.arrays) != 1:
        raise InferenceError("A step needs one mask.")
    described = Message("step", message.mapping("step"))
    numbers = _numbers(described.items("judgement"), len(_JUDGED))
    follows, is_absent = (bool(described.number(name)) for name in _SAID)
    judgement = StepJudgement(**dict(zip(_JUDGED, numbers, strict=True)), follows=follows, is_absent=is_absent)
    return Step(_mask(described, message.arrays[0]), judgement)
