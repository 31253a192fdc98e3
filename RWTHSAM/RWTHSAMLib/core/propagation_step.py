"""One step of a propagation in words: what it begins with, what it gives, and how far that can be believed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .mask import Mask
from .settings.propagation import PropagationSettings
from .value_range import Range

# between these figures of a step its score falls from 1 to 0: choices, no search was made over them
_GOOD_PREDICTED_IOU, _POOR_PREDICTED_IOU = 0.9, 0.6
_USUAL_IOU, _LESS_TOLD_BY = 0.9, 1.5
"""Where the model rates the prompted slice lower, its ratings of other slices are held against that one instead of 1:
networks have scales of their own (equally good masks are .95 to MobileSAM and .5 to .75 to RWTHSAM-Net, which says .57
to .71 of one part from slice to slice; the exponent lets such a fall pass)."""
_GOOD_CONTRAST, _LEAST_CONTRAST_OF_STEADY = 0.5, 0.15
_POOR_OVERLAP, _GOOD_OVERLAP = 0.6, 1.0
_GOOD_MATERIAL = 0.4
_STEADY_SHRINKING, _LEAST_STEADY_GROWTH = 0.5, 0.6


@dataclass(frozen=True)
class Edge:
    """Where the edge of an object runs.

    Attributes
    ----------
    level : float
        The grey value there, of slightly smoothed values.
    is_dark : bool
        Whether the object is darker than that.
    reach : float
        How far the model's edge may be moved to it, in 256ths of the slice's longer side.
    """

    level: float
    is_dark: bool
    reach: float


@dataclass(frozen=True)
class Look:
    """What the mask that a propagation begins with looks like, see `looks`.

    Attributes
    ----------
    grey_quantiles : tuple of float
        Of its slightly smoothed grey values, evenly from the least to the largest; empty where none is known.
    grey_tolerance : float
        By how much such values of other slices may be off.
    sharpness : float
        How sharp its outline is, 0 to 1.
    surroundings : tuple of float
        Grey level, noise and share of what lies around it, see `absence`; empty where too little does.
    """

    grey_quantiles: tuple[float, ...] = ()
    grey_tolerance: float = 0.0
    sharpness: float = 0.5
    surroundings: tuple[float, ...] = ()


@dataclass(frozen=True)
class Seed:
    """What the mask that a propagation begins with tells about its object.

    Attributes
    ----------
    grey : Range
        Which values may belong to it; open where they do not tell it from what is around it.
    contrast : float, optional
        Mean grey value around it less that inside; None where grey values do not tell it apart.
    edge : Edge, optional
        Where its edge runs; None where no grey value says so.
    opening_px : int
        By how many pixels what has these values is opened: threads into what lies beside it are cut off.
    inner_grey : Range
        Where nearly all of its slightly smoothed grey values lie, off its rim; open where they do not tell it apart.
    rated : float, optional
        How the model itself rates the object on its slice; None where it was not asked.
    multimask : bool
        Whether the model is asked for its candidates, of which the one nearest to the mask before is taken.
    mask_prompt : bool
        Whether a model that was trained for it is shown the mask before, and asked for one mask.
    look : Look
        What the mask looks like.
    """

    grey: Range
    contrast: float | None
    edge: Edge | None = None
    opening_px: int = 0
    inner_grey: Range = Range()
    rated: float | None = None
    multimask: bool = False
    mask_prompt: bool = False
    look: Look = Look()

    @property
    def usual_iou(self) -> float:
        """What the model's ratings are held against, up to 1."""
        return 1.0 if self.rated is None else min(1.0, (max(self.rated, 0.0) / _USUAL_IOU) ** _LESS_TOLD_BY)

    def completed_by(self, before: Seed) -> Seed:
        """The same, with what a mask on another slice told of the object's grey values where this one told nothing.

        A mask that takes in what lies beside its object has all grey values: without them nothing would hold it, or say
        where the object ends. The larger rating holds.
        """
        rated = self.rated if before.rated is None or self.rated is None else max(self.rated, before.rated)
        told = before if self.contrast is None and before.contrast is not None else self
        return replace(
            self, grey=told.grey, contrast=told.contrast, edge=told.edge, opening_px=told.opening_px, rated=rated
        )


@dataclass(frozen=True)
class StepJudgement:
    """What was measured of a step.

    Attributes
    ----------
    predicted_iou : float
        The model's own rating.
    growth : float
        Area over that of the mask before.
    overlap : float
        IoU with the mask before.
    contained : float
        Share of the mask that lies in the one before.
    contrast : float
        Difference between object and surroundings over that on the first slice; 1 where there was none.
    material : float
        Share of the model's answer that has the object's grey values.
    likeness : float
        Share of the mask, off its rim, that looks as the first slice does there: of what came from slice to slice, it
        alone is compared with the slice that a person saw. No rule asks for it, so that it changes no mask.
    usual_iou : float
        What the rating is held against, see `Seed.usual_iou`.
    agreement : float
        IoU of the model's answer, as it comes, with the mask before.
    follows : bool
        Whether the model was shown the mask before, and is one that was trained for that.
    grey_match : float
        How alike the grey values are distributed as on the first slice, see `looks`. No rule asks for it, nor for the
        next two.
    sharpness : float
        How sharp the outline is, 0 to 1.
    sharpness_kept : float
        The same over that of the first slice, at most 1.
    is_absent : bool
        Whether the object is gone, on a slice that is as good as the first one, see `absence`.
    """

    predicted_iou: float
    growth: float
    overlap: float
    contained: float
    contrast: float
    material: float
    likeness: float = 1.0
    usual_iou: float = 1.0
    agreement: float = 1.0
    follows: bool = False
    grey_match: float = 1.0
    sharpness: float = 1.0
    sharpness_kept: float = 1.0
    is_absent: bool = False

    @property
    def relative_iou(self) -> float:
        """The model's rating on the scale that the rules are written for."""
        return self.predicted_iou / self.usual_iou if self.usual_iou else 1.0

    @property
    def score(self) -> float:
        """From 0, not to be believed, to 1: the weakest of what was measured."""
        return max(0.0, min(1.0, *(part for part, _ in self._parts())))

    @property
    def weakness(self) -> str:
        """What the score is low for, in words."""
        return min(self._parts())[1]

    def _parts(self) -> list[tuple[float, str]]:
        """What speaks for the step, each 1 and more where nothing is wrong, and what a low value means."""
        believable = (self.relative_iou - _POOR_PREDICTED_IOU) / (_GOOD_PREDICTED_IOU - _POOR_PREDICTED_IOU)
        steady = min(self.growth / _STEADY_SHRINKING, 1 - (self.growth - 1) / _LEAST_STEADY_GROWTH)
        alike = max(self.overlap, self.contained * min(1.0, self.growth + 0.5))
        change = f"shrinks by {1 - self.growth:.0%}" if self.growth < 1 else f"grows by {self.growth - 1:.0%}"
        return [
            (believable, self._rating_text),
            (steady, f"the area {change}"),
            (alike, f"it overlaps with the slice before by {self.overlap:.0%} only"),
            (self._distinct, "it hardly differs from what is around it"),
            (self.material / _GOOD_MATERIAL, f"{self.material:.0%} of it only has the object's grey values"),
        ]

    @property
    def _rating_text(self) -> str:
        seen = ", more where it was prompted" if self.usual_iou < 1 else ""
        return f"the model rates it {self.predicted_iou:.2f} only{seen}"

    @property
    def _distinct(self) -> float:
        """How far grey values speak for it; less of a difference will do where the mask is that of the slice before."""
        unchanged = (self.overlap - _POOR_OVERLAP) / (_GOOD_OVERLAP - _POOR_OVERLAP)
        return max(self.contrast / _GOOD_CONTRAST, min(self.contrast / _LEAST_CONTRAST_OF_STEADY, unchanged))

    def broken_rule(self, rules: PropagationSettings) -> str:
        """Which rule the step breaks, in words; empty if none."""
        is_inside = self.contained >= rules.least_contained and self.growth >= rules.least_area
        if not self.growth:
            return "nothing of the object is left"
        if self.growth > rules.most_growth:
            return f"the area grows by {self.growth - 1:.0%}"
        if self.overlap < rules.least_overlap and not is_inside:
            return f"it overlaps with the slice before by {self.overlap:.0%} only"
        if self.relative_iou < rules.least_predicted_iou:
            return self._rating_text
        if self.contrast < rules.least_contrast:
            return "it no longer differs from what is around it"
        return ""


@dataclass(frozen=True, eq=False)
class Step:
    """What a step gave: a mask, which may be empty, and how far it can be believed."""

    mask: Mask
    judgement: StepJudgement
