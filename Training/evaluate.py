"""How good a network is: Dice after simulated clicks and strokes on what it was not trained on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from RWTHSAMLib.core.mask import dice
from RWTHSAMLib.core.system.csv_file import write_rows
from RWTHSAMLib.models.rwthsam_net.prompt_arrays import PromptArrays
from RWTHSAMLib.models.rwthsam_net.runners import Answer, EncodedSlice, Runner

from .clicks import deepest_pixel_xy, larger_error
from .data.sample import Target
from .held_out import HeldOut
from .prompting import NO_BOX, iou, padded

CLICKS = (1, 3, 5, 10)
_STROKE_POINTS, _STROKE_SHARE = 10, 0.25


@dataclass
class TargetFigures:
    """What was measured on one target.

    Attributes
    ----------
    best_of_three : float
        Dice of the best candidate of the first click.
    after_clicks : list of float
        Dice of the shown mask after 1, 2, ... clicks.
    after_strokes : list of float
        Dice after one and two strokes of a quarter of the centre line; empty without such a line.
    rating_errors : list of float
        Distances of predicted and true IoU, of everything that was answered.
    """

    best_of_three: float = 0.0
    after_clicks: list[float] = field(default_factory=list)
    after_strokes: list[float] = field(default_factory=list)
    rating_errors: list[float] = field(default_factory=list)


class _Asking:
    """A target that is asked for prompt by prompt, as the product does."""

    def __init__(self, runner: Runner, encoded: EncodedSlice, target: Target, figures: TargetFigures) -> None:
        self._runner, self._encoded, self._target, self._figures = runner, encoded, target, figures
        self._points: list[np.ndarray] = []
        self._low: np.ndarray | None = None
        self.found = np.zeros(target.mask.shape, bool)

    def ask(self, points_xy: np.ndarray, positive: bool) -> Answer:
        """Give points more, of one sign, and look at the answer."""
        self._points.append(np.column_stack((points_xy, np.full(len(points_xy), float(positive)))))
        coords, labels = padded([np.concatenate(self._points).astype(np.float32)])
        arrays = PromptArrays(coords[None], labels[None], NO_BOX[None, None])
        answer = self._runner.decode(self._encoded, arrays, self._low)
        shown = int(answer.predicted_iou.argmax())
        self.found, self._low = answer.masks[shown], answer.low_logits[shown]
        true = [iou(each, self._target.mask) for each in answer.masks]
        self._figures.rating_errors += [abs(a - b) for a, b in zip(answer.predicted_iou.tolist(), true, strict=True)]
        return answer


def figures_of(runner: Runner, encoded: EncodedSlice, target: Target) -> TargetFigures:
    """Click, and stroke where there is a centre line, on one target."""
    figures = TargetFigures()
    clicking = _Asking(runner, encoded, target, figures)
    for number in range(CLICKS[-1]):
        region, positive = larger_error(target.mask, clicking.found)
        if region.any():
            answer = clicking.ask(np.array([deepest_pixel_xy(region)]), positive)
            if not number:
                figures.best_of_three = max(dice(each, target.mask) for each in answer.masks)
        figures.after_clicks.append(dice(clicking.found, target.mask))
    if target.centre_line_xy is not None and len(target.centre_line_xy) > _STROKE_POINTS:
        figures.after_strokes = _stroke(_Asking(runner, encoded, target, figures), target)
    return figures


def _stroke(asking: _Asking, target: Target) -> list[float]:
    """Two strokes of a quarter of the centre line each, at its beginning and in its middle."""
    line, scores = np.asarray(target.centre_line_xy), []
    for start in (0.0, 0.5):
        along = start + _STROKE_SHARE * np.linspace(0, 1, _STROKE_POINTS)
        asking.ask(line[(along * (len(line) - 1)).round().astype(int)], True)
        scores.append(dice(asking.found, target.mask))
    return scores


def evaluate(runner: Runner, held_out: Iterable[HeldOut]) -> dict[tuple[str, str], list[TargetFigures]]:
    """Figures by source and kind."""
    found: dict[tuple[str, str], list[TargetFigures]] = {}
    for each in held_out:
        encoded = runner.encode(each.image)
        for target in each.targets:
            found.setdefault((each.source, target.kind), []).append(figures_of(runner, encoded, target))
    return found


def write_table(found: dict[tuple[str, str], list[TargetFigures]], path: Path) -> list[list[str]]:
    """Write the figures as CSV; gives its rows."""
    head = ["source", "kind", "targets", "best of three", *(f"clicks {n}" for n in CLICKS), "stroke 1", "stroke 2"]
    rows = [[*head, "rating error"]]
    for (source, kind), figures in sorted(found.items()):
        clicks = [_mean([each.after_clicks[n - 1] for each in figures]) for n in CLICKS]
        strokes = [_mean([each.after_strokes[n] for each in figures if each.after_strokes]) for n in range(2)]
        best, errors = _mean([each.best_of_three for each in figures]), [e for f in figures for e in f.rating_errors]
        rows.append([source, kind, str(len(figures)), best, *clicks, *strokes, _mean(errors)])
    write_rows(path, rows)
    return rows


def _mean(numbers: Sequence[float]) -> str:
    return f"{np.mean(numbers):.3f}" if numbers else ""
