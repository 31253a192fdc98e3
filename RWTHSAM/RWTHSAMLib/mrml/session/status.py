"""What a session is doing, as one value that a front can show without thinking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...core.oblique_plane import Plane
from ...core.prompts import Prompts
from ...worker.client import EngineStatus
from .parts.automatic_run import RunProgress
from .parts.prefetch import Progress
from .parts.propagation_run import PropagationProgress

Level = Literal["info", "busy", "warning", "error"]


@dataclass(frozen=True)
class SessionStatus:
    """State of a session at one moment.

    Attributes
    ----------
    text : str
        One sentence in plain words: what is going on, or what to do next.
    level : str
        ``"info"``, ``"busy"``, ``"warning"`` or ``"error"``.
    engine : EngineStatus
        Phase and device of the model.
    slice : SliceKey or ObliquePlane, optional
        The slice that buttons act on: the one prompted last.
    prompts : Prompts
        The prompts of that slice.
    selected : int, optional
        Position of the selected prompt among them.
    candidate_scores : tuple of float
        Predicted IoU, at most 1, of the masks offered for a first prompt, the best first; empty afterwards.
    candidate : int
        Which of them is shown.
    mask_pixels : int
        Pixels of all temporary masks together.
    embedding : Progress, optional
        How far the embedding of the whole volume has come, while it goes on.
    run : RunProgress, optional
        How far the search for objects without prompts is, until it has ended.
    propagation : PropagationProgress, optional
        How far the propagation of an object is, while it goes on.
    said : str
        What the last action did to classes, which `Session.undo` takes back; `text` says it if nothing is urgent.
    why_not_submit : str
        What is lacking before anything can be submitted; empty where nothing is.
    object_slices, object_voxels : int
        Of the propagated object; 0 where there is none.
    is_idle : bool
        Nothing is going on and nothing waits for the person: `text` says what to do next.
    needs_conversion : bool
        The segmentation consists of surfaces: `Session.convert_segmentation` makes voxels of them.
    """

    text: str
    level: Level
    engine: EngineStatus
    slice: Plane | None = None
    prompts: Prompts = Prompts()
    selected: int | None = None
    candidate_scores: tuple[float, ...] = ()
    candidate: int = 0
    mask_pixels: int = 0
    prompted_slices: int = 0
    can_submit: bool = False
    why_not_submit: str = ""
    undo_text: str | None = None
    redo_text: str | None = None
    embedding: Progress | None = None
    run: RunProgress | None = None
    propagation: PropagationProgress | None = None
    said: str = ""
    object_slices: int = 0
    object_voxels: int = 0
    is_idle: bool = False
    needs_conversion: bool = False

    @property
    def has_mask(self) -> bool:
        """Whether a temporary mask is shown."""
        return self.mask_pixels > 0

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to take back."""
        return self.undo_text is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is anything to do again."""
        return self.redo_text is not None

    @property
    def prompt_count(self) -> int:
        """Number of prompts on the slice."""
        return len(self.prompts)
