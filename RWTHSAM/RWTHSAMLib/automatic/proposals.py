"""Low-resolution masks that may still become records: a quarter of the encoder's frame, 16 bits a pixel."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..automatic_settings import AutomaticSettings
from ..inference.backend import Decoded
from ..inference.embedding import Embedding
from .filters import boxes_xyxy, stability_scores

LOW_SCALE = 4
_STABILITY_MARGIN = 0.03
"""The stability of a small mask differs a little from that in the slice's size, which decides."""


@dataclass
class Proposals:
    """Everything in a crop that passed the first filters.

    Attributes
    ----------
    logits : list of numpy.ndarray
        float16, (256, 256) each.
    predicted_iou : list of float
    point : list of int
        Positions in the grid.
    boxes : numpy.ndarray
        int64, (n, 4), in low-resolution pixels.
    """

    logits: list[np.ndarray] = field(default_factory=list)
    predicted_iou: list[float] = field(default_factory=list)
    point: list[int] = field(default_factory=list)
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), int))

    def __len__(self) -> int:
        return len(self.logits)

    def take(self, decoded: Decoded, points: np.ndarray, embedding: Embedding, settings: AutomaticSettings) -> None:
        """Keep of a batch what the filters let pass.

        Parameters
        ----------
        decoded : Decoded
            Logits (n, 3, 256, 256) and predicted IoU (n, 3).
        points : numpy.ndarray
            (n,) positions in the grid.
        embedding : Embedding
            What was decoded.
        settings : AutomaticSettings
            The thresholds.
        """
        point, which = np.nonzero(decoded.predicted_iou > settings.pred_iou_thresh)
        rows, columns = (-(-size // LOW_SCALE) for size in embedding.input_size)
        logits = decoded.logits[point, which]
        stable = stability_scores(logits[:, :rows, :columns], settings.stability_score_offset)
        passed = stable >= settings.stability_score_thresh - _STABILITY_MARGIN
        masks = logits[passed][:, :rows, :columns] > 0
        self.boxes = np.concatenate([self.boxes, boxes_xyxy(masks)])
        self.logits += list(logits[passed].astype(np.float16))
        self.predicted_iou += decoded.predicted_iou[point, which][passed].tolist()
        self.point += points[point][passed].tolist()
