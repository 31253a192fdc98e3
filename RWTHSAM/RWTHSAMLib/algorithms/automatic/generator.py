"""Automatic masks of a slice.

The algorithm is that of segment-anything's ``SamAutomaticMaskGenerator`` (Kirillov et al. 2023), turned round so that
work is only done for masks that survive: candidates are judged at low resolution, and the best of them are brought to
the slice's size one after the other until each is either kept or known to be a copy of a better one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ...core.automatic_mask import FoundMask, MaskRecord
from ...core.image import SliceImage, grey_of
from ...core.mask import Mask, PackedMask
from ...core.settings.automatic import MODES, AutomaticSettings, Mode
from ...core.word_check import one_of
from ...inference import job
from ...inference.embedding import Embedding
from ...inference.engine import SamEngine
from .crops import Crop, crops_of, grid_xy
from .filters import boxes_xyxy, is_cut_by_crop, stability_scores, without_small_regions
from .judgement import SliceJudge
from .non_maximum_suppression import box_iou, least_box_iou, non_maximum_suppression
from .point_order import Adaptive, Exhaustive, PointOrder
from .proposals import Proposals

_BOX_TOLERANCE_LOW = 1.5
"""How far a side of a box may lie elsewhere in the slice's size, in low-resolution pixels."""
_POINTS_BETWEEN_BREATHS = 16
"""After so many points whoever is in a greater hurry may use the engine: on a slow processor about a second."""


def automatic_masks(
    engine: SamEngine,
    image: SliceImage,
    settings: AutomaticSettings | None = None,
    mode: Mode = "adaptive",
) -> tuple[MaskRecord, ...]:
    """Masks of everything in a slice, the best rated first; none is a normal result.

    The present job (see `inference.job`) hears of the progress in points, and others may use the engine in between.

    Parameters
    ----------
    engine : SamEngine
        Of any family, on any device.
    image : SliceImage
        The slice as the model shall see it.
    settings : AutomaticSettings, optional
        Default: SAM's own; thresholds are on SAM's scale whatever the model.
    mode : str
        ``"exhaustive"`` tries every point of the grid and finds what segment-anything finds; ``"adaptive"`` leaves out
        points that earlier masks make pointless. Points that the settings give are all tried in either mode.

    Raises
    ------
    SettingsError
        If the mode is unknown.
    Cancelled
        If the present job is interrupted, see `inference.job`.
    """
    settings = settings or AutomaticSettings()
    if engine.entry.is_own:
        settings = settings.for_own_network
    one_of("mode", mode, MODES)
    crops = crops_of(image.shape_yx, settings)
    sizes = [len(grid_xy(crop, settings)) for crop in crops]
    records: list[MaskRecord] = []
    for number, crop in enumerate(crops):
        before = sum(sizes[:number])

        def report(settled: int, before: int = before) -> None:
            job.progress(before + settled, sum(sizes))

        proposals, embedding = _proposals(engine, crop.cut(image), crop, settings, mode, report)
        records += _records(engine, proposals, embedding, crop, image.shape_yx, settings)
    if len(crops) > 1:
        # masks of smaller parts are finer: they come first
        finest = np.array([-each.crop_xywh[2] * each.crop_xywh[3] for each in records], float)
        records = _suppressed(records, finest, settings.crop_nms_thresh)
    if settings.min_mask_region_area > 0:
        records = _without_small_regions(records, settings)
    return tuple(sorted(records, key=lambda each: -each.predicted_iou))


def found_masks(engine: SamEngine, image: SliceImage, settings: AutomaticSettings, mode: Mode) -> tuple[FoundMask, ...]:
    """As `automatic_masks`, judged and packed."""
    records = automatic_masks(engine, image, settings, mode)
    judge = SliceJudge(grey_of(image.pixels, 2))
    return tuple(
        FoundMask(PackedMask.of(each.mask), each.predicted_iou, each.stability_score, judge.judge(each.mask))
        for each in records
    )


def _proposals(
    engine: SamEngine,
    image: SliceImage,
    crop: Crop,
    settings: AutomaticSettings,
    mode: Mode,
    report: Callable[[int], None],
) -> tuple[Proposals, Embedding]:
    embedding = engine.embed(image)
    points_xy = grid_xy(crop, settings)
    found = Proposals()
    order = _order(points_xy, embedding, mode if settings.point_grids is None else "exhaustive")
    for batch in order.batches(settings.points_per_batch, found):
        for start in range(0, len(batch), _POINTS_BETWEEN_BREATHS):
            job.check()
            some = batch[start : start + _POINTS_BETWEEN_BREATHS]
            decoded = engine.backend.decode_points(embedding, points_xy[some], settings.pred_iou_thresh)
            found.take(decoded, some, embedding, settings)
            report(order.settled + start + len(some))
            job.give_way()
    return found, embedding


def _order(points_xy: np.ndarray, embedding: Embedding, mode: Mode) -> PointOrder:
    if mode == "exhaustive":
        return Exhaustive(points_xy)
    (rows, columns), per_logit = embedding.input_size, embedding.pixels_per_logit
    shape_low = (-(-rows // per_logit), -(-columns // per_logit))
    return Adaptive(points_xy, embedding.logits_per_pixel_xy, shape_low)


def _records(
    engine: SamEngine,
    found: Proposals,
    embedding: Embedding,
    crop: Crop,
    shape_yx: tuple[int, int],
    settings: AutomaticSettings,
) -> list[MaskRecord]:
    """Greedy non-maximum suppression, the best rated first, looking closely only at what may be kept."""
    points_xy = grid_xy(crop, settings)
    kept: list[MaskRecord] = []
    kept_boxes = np.zeros((0, 4), int)
    scale_xyxy = np.tile(1 / embedding.logits_per_pixel_xy, 2)
    tolerance = max(1.0, _BOX_TOLERANCE_LOW * float(scale_xyxy.max()))
    for position in np.argsort(-np.array(found.predicted_iou), kind="stable"):
        job.check()
        likely_box = found.boxes[position] * scale_xyxy
        if (least_box_iou(likely_box, kept_boxes, tolerance) > settings.box_nms_thresh).any():
            continue  # a copy of a better one, wherever exactly its sides are
        point_xy = points_xy[found.point[position]]
        full = engine.backend.full_logits(embedding, found.logits[position], point_xy, found.candidate[position])
        looked_at = _looked_at(full, settings)
        if looked_at is None:
            continue
        mask_yx, stability, box = looked_at
        is_copy = (box_iou(box, kept_boxes) > settings.box_nms_thresh).any()
        if is_copy or is_cut_by_crop(box, crop, shape_yx):
            continue
        kept_boxes = np.vstack([kept_boxes, box])
        mask = _uncropped(Mask.from_array(mask_yx), crop, shape_yx)
        crop_xywh = (crop.x0, crop.y0, crop.x1 - crop.x0, crop.y1 - crop.y0)
        place_xy = (float(point_xy[0] + crop.x0), float(point_xy[1] + crop.y0))
        kept.append(MaskRecord(mask, found.predicted_iou[position], stability, place_xy, crop_xywh))
    return kept


def _looked_at(full: np.ndarray, settings: AutomaticSettings) -> tuple[np.ndarray, float, np.ndarray] | None:
    """Mask, stability and box in the crop's size; None where the mask is empty or not stable enough."""
    stability = float(stability_scores(full[None], settings.stability_score_offset)[0])
    mask = full > 0
    if stability < settings.stability_score_thresh or not mask.any():
        return None
    return mask, stability, boxes_xyxy(mask[None])[0]


def _uncropped(mask: Mask, crop: Crop, shape_yx: tuple[int, int]) -> Mask:
    x, y = mask.origin_xy
    return Mask(shape_yx, (x + crop.x0, y + crop.y0), mask.pixels)


def _without_small_regions(records: Sequence[MaskRecord], settings: AutomaticSettings) -> list[MaskRecord]:
    cleaned = [without_small_regions(each.mask, settings.min_mask_region_area) for each in records]
    changed = [replace(each, mask=mask) for each, (mask, _) in zip(records, cleaned, strict=True)]
    # of two copies the one that needed no cleaning is better
    scores = np.array([float(not was_changed) for _, was_changed in cleaned])
    return _suppressed(changed, scores, max(settings.box_nms_thresh, settings.crop_nms_thresh))


def _suppressed(records: Sequence[MaskRecord], scores: np.ndarray, threshold: float) -> list[MaskRecord]:
    if not records:
        return []
    boxes = np.array([each.mask.bounds_xyxy for each in records])
    return [records[position] for position in non_maximum_suppression(boxes, scores, threshold)]
