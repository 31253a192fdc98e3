"""Whether a record can be done again on a scan, as far as its size tells."""

from __future__ import annotations

from collections.abc import Collection

from ..core.oblique_plane import Plane
from ..core.prompts import Prompts
from ..core.slices import SliceKey
from ..errors import PromptError
from .record_file import SegmentationRecord
from .steps import PromptedSlice, RecordedPropagation, Step, classes_of


def check_record_fits(
    record: SegmentationRecord, shape_kji: tuple[int, int, int], class_ids: Collection[str | None]
) -> None:
    """Raise `PromptError` or `GeometryError` unless every slice, prompt and class of a record is there.

    Parameters
    ----------
    record : SegmentationRecord
    shape_kji : tuple of int
        Of the scan.
    class_ids : collection of str
        Of the classes that there are.
    """
    for step in record.steps:
        for plane, prompts in _prompts_in(step):
            plane.check_inside(shape_kji)
            if prompts is not None:
                prompts.check_inside(plane.shape_yx(shape_kji))
        for class_id in classes_of(step):
            if class_id not in class_ids:
                raise PromptError(
                    f"The prompts name class '{class_id}', which the profile does not have: "
                    "choose the profile they were made with."
                )


def _prompts_in(step: Step) -> list[tuple[Plane, Prompts | None]]:
    if isinstance(step, PromptedSlice):
        return [(step.slice, step.prompts)]
    if isinstance(step, RecordedPropagation):
        return [(SliceKey(step.axis, each.index), each.prompts) for each in step.keyframes]
    return []
