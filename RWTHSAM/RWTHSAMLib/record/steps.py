"""What was done to the classes of a segmentation, step by step, as far as it has to be known to do it again.

Four kinds of steps: prompts on a slice whose mask went into a class, an object that was propagated from some slices,
voxels that are kept as they were written because nothing smaller gives them again, and edits by hand, of which only is
known that they happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from ..core.json_document import Json
from ..core.mask import PackedMask
from ..core.oblique_plane import Plane
from ..core.placed_masks import PlacedMasks
from ..core.prompts import Prompts
from ..core.settings.propagation_run import PropagationRunSettings
from ..core.slices import Axis
from ..core.window import Window
from ..errors import PromptError


@dataclass(frozen=True)
class MadeWith:
    """What computed the masks of a step.

    Attributes
    ----------
    program : str, optional
        Such as ``"RWTHSAM 0.1.0"``.
    model : str, optional
        Name in the model catalogue.
    weights_sha256 : str, optional
        Of the weights file, 64 hexadecimal digits.
    engine : str, optional
        Where and how precisely the model computed, for people.
    window : Window, optional
        Grey values that the model saw from black to white.
    """

    program: str | None = None
    model: str | None = None
    weights_sha256: str | None = None
    engine: str | None = None
    window: Window | None = None


@dataclass(frozen=True)
class ScanFacts:
    """Which scan it was; what is None is not known.

    Attributes
    ----------
    name : str, optional
    shape_kji : tuple of int, optional
        Voxels along k, j and i.
    spacing_mm_ijk : tuple of float, optional
        Size of a voxel.
    fingerprint : str, optional
        Of the grey values, see `volume.fingerprint`: equal for equal scans.
    """

    name: str | None = None
    shape_kji: tuple[int, int, int] | None = None
    spacing_mm_ijk: tuple[float, float, float] | None = None
    fingerprint: str | None = None

    def differences(self, other: ScanFacts) -> tuple[str, ...]:
        """In which way another scan is not this one, in words; what one of them does not know is no difference."""
        words = {"shape_kji": "voxels (k, j, i)", "spacing_mm_ijk": "mm of a voxel (i, j, k)"}
        found = [
            f"{_numbers(theirs)} {words[name]} instead of {_numbers(ours)}"
            for name in words
            if _differ(ours := getattr(self, name), theirs := getattr(other, name))
        ]
        if not found and self.fingerprint and other.fingerprint and self.fingerprint != other.fingerprint:
            found.append("other grey values")
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """What every step says that put voxels into a class. Two steps that differ in it alone are equal.

    Attributes
    ----------
    time : str, optional
        When, as ISO 8601 with its offset from UTC.
    voxels : int, optional
        How many the step had for its class.
    made_with : MadeWith, optional
        Where it is not what the whole record says.
    withheld : PlacedMasks
        Of these voxels the ones that did not get into the class: a locked class had them, or the segment editor's
        mask left them out.
    spared : tuple of str
        Ids of classes that kept these voxels although the step's class got them too.
    kept : tuple of str
        Ids of classes that kept their voxels, which the step's class therefore did not get; all others lost theirs.
    """

    time: str | None = field(default=None, compare=False)
    voxels: int | None = field(default=None, compare=False)
    made_with: MadeWith | None = field(default=None, compare=False)
    withheld: PlacedMasks = field(default=(), compare=False)
    spared: tuple[str, ...] = field(default=(), compare=False)
    kept: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class PromptedSlice(Submitted):
    """The prompts of one slice, and the class that got their mask.

    Attributes
    ----------
    slice : SliceKey or ObliquePlane
    prompts : Prompts
    class_id : str
        Id of a profile's class; in a file also its name, see `SegmentationRecord.resolved`.
    """

    slice: Plane
    prompts: Prompts
    class_id: str


@dataclass(frozen=True)
class Keyframe:
    """A slice that an object was propagated from: by its prompts, or by a mask where it had none.

    Raises
    ------
    PromptError
        If it has both or neither.
    """

    index: int
    prompts: Prompts | None = None
    mask: PackedMask | None = None

    def __post_init__(self) -> None:
        if (self.prompts is None) == (self.mask is None):
            raise PromptError(f"Slice {self.index} is given by prompts or by a mask, not by both or neither.")


@dataclass(frozen=True)
class RecordedPropagation(Submitted):
    """An object that was propagated through the volume, to be propagated again.

    Attributes
    ----------
    axis : str
    keyframes : tuple of Keyframe
        On slices along that axis, at least one.
    settings : PropagationRunSettings
    class_id : str
    """

    axis: Axis
    keyframes: tuple[Keyframe, ...]
    settings: PropagationRunSettings
    class_id: str


@dataclass(frozen=True)
class RecordedVoxels(Submitted):
    """Voxels as they were written, for what no prompts can give again.

    Attributes
    ----------
    masks : PlacedMasks
    class_id : str
    source : str
        What they come from, for people: ``"automatic masks"``.
    overwrites : bool
        Whether other classes that are not `kept` lost these voxels.
    details : dict
        Settings that they were found with, JSON.
    lost : PlacedMasks
        Voxels that the class lost before.
    """

    masks: PlacedMasks
    class_id: str
    source: str
    overwrites: bool = True
    details: dict[str, Json] = field(default_factory=dict, compare=False)
    lost: PlacedMasks = ()


@dataclass(frozen=True)
class HandEdit:
    """Changes that a person made with tools such as a brush: noted, not recorded, so nothing can repeat them.

    Attributes
    ----------
    class_ids : tuple of str
        Classes that were edited, as far as that is known.
    tool : str, optional
    count : int
        How many changes in a row.
    time : str, optional
        Of the last one, as ISO 8601.
    """

    class_ids: tuple[str, ...]
    tool: str | None = None
    count: int = 1
    time: str | None = field(default=None, compare=False)


SubmittedStep = PromptedSlice | RecordedPropagation | RecordedVoxels
Step = SubmittedStep | HandEdit


def classes_of(step: Step) -> tuple[str, ...]:
    """Ids, or in a file names, of the classes that a step names."""
    return step.class_ids if isinstance(step, HandEdit) else (step.class_id, *step.spared, *step.kept)


def made_by(step: Step, record: MadeWith) -> MadeWith:
    """What computed a step: what the step says, else what the whole record says."""
    own = None if isinstance(step, HandEdit) else step.made_with
    if own is None:
        return record
    return MadeWith(*(getattr(own, each.name) or getattr(record, each.name) for each in fields(MadeWith)))


def _differ(ours: tuple[float, ...] | None, theirs: tuple[float, ...] | None) -> bool:
    if ours is None or theirs is None:
        return False
    return any(abs(a - b) > 1e-6 * max(abs(a), abs(b)) for a, b in zip(ours, theirs, strict=True))


def _numbers(values: tuple[float, ...]) -> str:
    return " x ".join(f"{each:g}" for each in values)
