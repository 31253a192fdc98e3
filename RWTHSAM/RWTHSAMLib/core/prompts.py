"""What a person asks for on one slice: points, a box, lines along windings, and which first candidate was meant.

Prompts are ordered, because a mask is refined prompt by prompt: the temporary mask is a pure function of the slice
image and of this one value. Undo, redo, deletion and replay therefore all give the mask that clicking would give.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import PromptError


@dataclass(frozen=True)
class PointPrompt:
    """A pixel that belongs to the object (positive) or does not (negative)."""

    x: int
    y: int
    positive: bool = True

    @property
    def bounds_xyxy(self) -> tuple[int, int, int, int]:
        """The pixel as a box of its own."""
        return self.x, self.y, self.x, self.y

    def moved(self, by_x: int, by_y: int) -> PointPrompt:
        """The same point somewhere else."""
        return PointPrompt(self.x + by_x, self.y + by_y, self.positive)

    def distance_to(self, x: float, y: float) -> float:
        """Distance in pixels."""
        return float(np.hypot(self.x - x, self.y - y))


@dataclass(frozen=True)
class BoxPrompt:
    """A bounding box around the object; both corners are pixels inside it.

    Raises
    ------
    PromptError
        If the corners are not ordered.
    """

    x_min: int
    y_min: int
    x_max: int
    y_max: int

    def __post_init__(self) -> None:
        if self.x_min > self.x_max or self.y_min > self.y_max:
            raise PromptError(f"A box needs x_min <= x_max and y_min <= y_max, not {self.box_xyxy}.")

    @classmethod
    def around(cls, first_xy: tuple[int, int], second_xy: tuple[int, int]) -> BoxPrompt:
        """Box with two opposite corners in any order."""
        (x0, y0), (x1, y1) = first_xy, second_xy
        return cls(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    @property
    def box_xyxy(self) -> tuple[int, int, int, int]:
        """(x_min, y_min, x_max, y_max), as SAM orders it."""
        return self.x_min, self.y_min, self.x_max, self.y_max

    @property
    def bounds_xyxy(self) -> tuple[int, int, int, int]:
        """The box itself."""
        return self.box_xyxy

    def moved(self, by_x: int, by_y: int) -> BoxPrompt:
        """The same box somewhere else."""
        return BoxPrompt(self.x_min + by_x, self.y_min + by_y, self.x_max + by_x, self.y_max + by_y)

    def distance_to(self, x: float, y: float) -> float:
        """Distance in pixels to the box's outline."""
        outside = np.hypot(max(self.x_min - x, 0, x - self.x_max), max(self.y_min - y, 0, y - self.y_max))
        inside = min(abs(x - self.x_min), abs(x - self.x_max), abs(y - self.y_min), abs(y - self.y_max))
        return float(outside or inside)


@dataclass(frozen=True)
class StrokePrompt:
    """A line that was drawn: a scribble that the model is asked with, or one along a winding, which is traced.

    A scribble says, as a point does, that what is under it belongs to the mask, or does not; the model is asked with
    points along it, see `scribble`. A winding is found by its grey values, see `windings.trace`; no model is asked.

    Attributes
    ----------
    points_xy : tuple of (int, int)
        At least two pixels, in the order of drawing.
    half_width_px : float, optional
        How far from the line a winding is looked for: to the middle of the gaps beside it. None: it is a scribble.
    positive : bool
        Whether what is meant is added to the mask; else it is taken from it.

    Raises
    ------
    PromptError
        If there are fewer than two points, or the width is not above 0.
    """

    points_xy: tuple[tuple[int, int], ...]
    half_width_px: float | None = None
    positive: bool = True

    def __post_init__(self) -> None:
        if len(self.points_xy) < 2:
            raise PromptError(f"A line needs two points or more, not {len(self.points_xy)}.")
        if self.half_width_px is not None and not 0 < self.half_width_px <= _WIDEST_PX:
            raise PromptError(f"half_width_px: expected more than 0, at most {_WIDEST_PX:g}, got {self.half_width_px}.")

    @property
    def is_winding(self) -> bool:
        """Whether a winding is traced along it; else it is a scribble for the model."""
        return self.half_width_px is not None

    @property
    def reach_px(self) -> float:
        """How far from the line its winding is looked for.

        Raises
        ------
        PromptError
            If it is a scribble.
        """
        if self.half_width_px is None:
            raise PromptError("A scribble has no winding to trace: give half_width_px, or ask the model.")
        return self.half_width_px

    @property
    def bounds_xyxy(self) -> tuple[int, int, int, int]:
        """Bounding box of the line."""
        x, y = zip(*self.points_xy, strict=True)
        return min(x), min(y), max(x), max(y)

    def moved(self, by_x: int, by_y: int) -> StrokePrompt:
        """The same line somewhere else."""
        return replace(self, points_xy=tuple((x + by_x, y + by_y) for x, y in self.points_xy))

    def distance_to(self, x: float, y: float) -> float:
        """Distance in pixels to the line."""
        points = np.asarray(self.points_xy, float)
        starts, ways = points[:-1], np.diff(points, axis=0)
        lengths = np.maximum((ways**2).sum(axis=1), 1e-12)
        share = np.clip(((np.array([x, y]) - starts) * ways).sum(axis=1) / lengths, 0, 1)[:, None]
        return float(np.hypot(*(starts + share * ways - [x, y]).T).min())


# a choice: half a network's picture; what is wider is no line
_WIDEST_PX = 500.0
Prompt = PointPrompt | BoxPrompt | StrokePrompt


@dataclass(frozen=True)
class Prompts:
    """The prompts of one slice in the order they were given.

    Attributes
    ----------
    items : tuple of PointPrompt, BoxPrompt and StrokePrompt
        At most one box.
    candidate : int
        Which of the masks offered for the first prompt was chosen; 0 is the one with the highest predicted IoU.
    replaces : bool
        Whether the mask takes the place of what the class has in the box, see `refinement.parts`; else it is added.
    tile_xyxy : tuple of int, optional
        The part of the slice that the model looks at, both corners inside, see `tiles`; by default all of it.
    """

    items: tuple[Prompt, ...] = ()
    candidate: int = 0
    replaces: bool = False
    tile_xyxy: tuple[int, int, int, int] | None = None

    def __post_init__(self) -> None:
        if sum(isinstance(item, BoxPrompt) for item in self.items) > 1:
            raise PromptError("A slice has at most one box; a new box replaces the old one.")
        if self.candidate not in (0, 1, 2):
            raise PromptError(f"A first prompt has candidates 0, 1 and 2; there is no candidate {self.candidate}.")

    def __len__(self) -> int:
        return len(self.items)

    @property
    def points(self) -> tuple[PointPrompt, ...]:
        """The points, oldest first."""
        return tuple(item for item in self.items if isinstance(item, PointPrompt))

    @property
    def box(self) -> BoxPrompt | None:
        """The box, if there is one."""
        return next((item for item in self.items if isinstance(item, BoxPrompt)), None)

    @property
    def strokes(self) -> tuple[StrokePrompt, ...]:
        """The lines, oldest first."""
        return tuple(item for item in self.items if isinstance(item, StrokePrompt))

    @property
    def windings(self) -> tuple[StrokePrompt, ...]:
        """The lines along windings, oldest first."""
        return tuple(each for each in self.strokes if each.is_winding)

    @property
    def scribbles(self) -> tuple[StrokePrompt, ...]:
        """The lines that the model is asked with, oldest first."""
        return tuple(each for each in self.strokes if not each.is_winding)

    @property
    def for_model(self) -> Prompts:
        """What the model is asked: all but the lines along windings."""
        return replace(self, items=tuple(item for item in self.items if _is_for_model(item)))

    @property
    def can_segment(self) -> bool:
        """Whether there is anything to find: a positive point, a box or a positive line."""
        return any(isinstance(item, BoxPrompt) or item.positive for item in self.items)

    def adding(self, prompt: Prompt) -> Prompts:
        """These prompts and one more; a new box replaces the old one."""
        if isinstance(prompt, BoxPrompt):
            kept = tuple(item for item in self.items if not isinstance(item, BoxPrompt))
            return replace(self, items=(*kept, prompt))
        return replace(self, items=(*self.items, prompt))

    def without(self, position: int) -> Prompts:
        """These prompts less the one at `position`; the choice of candidate falls back to the best."""
        if not 0 <= position < len(self.items):
            raise PromptError(f"There is no prompt {position}: the slice has {len(self.items)}.")
        return replace(self, items=self.items[:position] + self.items[position + 1 :], candidate=0)

    def choosing(self, candidate: int) -> Prompts:
        """These prompts with another of the first candidates chosen."""
        return replace(self, candidate=candidate)

    def first(self, count: int) -> Prompts:
        """The oldest `count` prompts, as they were when no more had been given."""
        return replace(self, items=self.items[:count])

    def nearest(self, x: float, y: float, within: float) -> int | None:
        """Position of the prompt nearest to a pixel, or None where none is `within` that many pixels."""
        distances = [item.distance_to(x, y) for item in self.items]
        best = min(range(len(distances)), key=distances.__getitem__, default=None)
        return best if best is not None and distances[best] <= within else None

    def check_inside(self, shape_yx: tuple[int, int]) -> None:
        """Raise `PromptError` unless every prompt lies on a slice of this shape."""
        rows, columns = shape_yx
        for item in self.items:
            corners = item.bounds_xyxy
            if corners[0] < 0 or corners[1] < 0 or corners[2] >= columns or corners[3] >= rows:
                raise PromptError(f"{item} lies outside the slice of {columns} x {rows} pixels.")
            if _is_for_model(item) and self.tile_xyxy is not None and not _is_within(corners, self.tile_xyxy):
                raise PromptError(
                    f"{item} lies outside the part {self.tile_xyxy} of the slice that the model looks at."
                )
        if self.tile_xyxy is not None and not _is_within(self.tile_xyxy, (0, 0, columns - 1, rows - 1)):
            raise PromptError(f"The part {self.tile_xyxy} is no part of a slice of {columns} x {rows} pixels.")

    def point_coords_xy(self) -> np.ndarray:
        """float32, (number of points, 2): SAM's `point_coords`."""
        return np.array([(point.x, point.y) for point in self.points], np.float32).reshape(-1, 2)

    def point_labels(self) -> np.ndarray:
        """int32, (number of points,): 1 positive, 0 negative, SAM's `point_labels`."""
        return np.array([point.positive for point in self.points], np.int32)


def _is_for_model(item: Prompt) -> bool:
    return not isinstance(item, StrokePrompt) or not item.is_winding


def _is_within(part: tuple[int, int, int, int], whole: tuple[int, int, int, int]) -> bool:
    return whole[0] <= part[0] <= part[2] <= whole[2] and whole[1] <= part[1] <= part[3] <= whole[3]
