"""Low-resolution masks that may still become records: as coarse as the model's, 16 bits a pixel."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...core.settings.automatic import AutomaticSettings
from ...inference.backends.backend import Decoded
from ...inference.embedding import Embedding
from .filters import boxes_xyxy, stability_scores

_STABILITY_MARGIN, _STABILITY_MARGIN_OF_OUTLINE = 0.03, 2.0
"""Stability is decided in the slice's size; by how much it may differ here grows with the share of the outline."""


@dataclass
class Proposals:
    """Everything in a crop that passed the first filters.

    Attributes
    ----------
    logits : list of numpy.ndarray
        float16, (h, w) each.
    predicted_iou : list of float
    point : list of int
        Positions in the grid.
    candidate : list of int
        Which of the point's three masks it is.
    boxes : numpy.ndarray
        int64, (n, 4), in low-resolution pixels.
    """

    logits: list[np.ndarray] = field(default_factory=list)
    predicted_iou: list[float] = field(default_factory=list)
    point: list[int] = field(default_factory=list)
    candidate: list[int] = field(default_factory=list)
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), int))

    def __len__(self) -> int:
        return len(self.logits)

    def take(self, decoded: Decoded, points: np.ndarray, embedding: Embedding, settings: AutomaticSettings) -> None:
        """Keep of a batch what the filters let pass.

        Parameters
        ----------
        decoded : Decoded
            Logits (n, 3, h, w) and predicted IoU (n, 3).
        points : numpy.ndarray
            (n,) positions in the grid.
        embedding : Embedding
            What was decoded.
        settings : AutomaticSettings
            The thresholds.
        """
        boxes: list[np.ndarray] = []
        rows, columns = (-(-size // embedding.pixels_per_logit) for size in embedding.input_size)
        # mask by mask: each stays in the processor's cache while it is judged
        for n, m in zip(*np.nonzero(decoded.predicted_iou > settings.pred_iou_thresh), strict=True):
            box = _box_if_stable(decoded.logits[n, m, :rows, :columns], settings)
            if box is not None:
                boxes.append(box)
                self.logits.append(decoded.logits[n, m].astype(np.float16))
                self.predicted_iou.append(float(decoded.predicted_iou[n, m]))
                self.point.append(int(points[n]))
                self.candidate.append(int(m))
        self.boxes = np.concatenate([self.boxes, *boxes])


def _box_if_stable(logits: np.ndarray, settings: AutomaticSettings) -> np.ndarray | None:
    """Box (1, 4) of a mask, or None where it is not stable enough."""
    mask = logits > 0
    stable = stability_scores(logits[None], settings.stability_score_offset)[0]
    margin = _STABILITY_MARGIN + _STABILITY_MARGIN_OF_OUTLINE / np.sqrt(max(int(np.count_nonzero(mask)), 1))
    return boxes_xyxy(mask[None]) if stable >= settings.stability_score_thresh - margin else None
