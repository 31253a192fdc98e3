"""What a record says, in words for people."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.prompts import Prompts
from .record_file import SegmentationRecord
from .steps import (
    HandEdit,
    Keyframe,
    MadeWith,
    PromptedSlice,
    RecordedPropagation,
    Step,
)


def facts_of_record(record: SegmentationRecord) -> tuple[tuple[str, str], ...]:
    """Name and value of what holds for the whole record."""
    times = sorted(each.time for each in record.steps if each.time)
    made, scan = record.made_with, record.scan
    facts = (
        ("Program", made.program),
        ("Model", made.model),
        ("Weights (SHA-256)", made.weights_sha256),
        ("Engine", made.engine),
        ("Window", None if made.window is None else f"{made.window.lower:g} to {made.window.upper:g}"),
        ("Scan", scan.name),
        ("Scan's voxels (k, j, i)", None if scan.shape_kji is None else " x ".join(map(str, scan.shape_kji))),
        ("Submitted", f"{times[0]} to {times[-1]}" if times else None),
        ("Edits by hand", _hand_edits(record)),
    )
    return tuple((name, value) for name, value in facts if value)


def steps_of_record(record: SegmentationRecord) -> tuple[str, ...]:
    """A line for each step."""
    names = {each.id: each.name for each in record.profile.classes} if record.profile else {}
    return tuple(step_text(each, names, record.made_with) for each in record.steps)


def step_text(step: Step, names: Mapping[str, str], record: MadeWith) -> str:
    """A step in a line.

    Parameters
    ----------
    step : Step
    names : mapping
        Of classes, by their ids.
    record : MadeWith
        What the whole record was made with; only what differs from it is said.
    """
    if isinstance(step, HandEdit):
        return _with(_hand_text(step, names), step.time)
    name = f"'{names.get(step.class_id, step.class_id)}'"
    if isinstance(step, PromptedSlice):
        text = f"{name}: slice {step.slice.text}, {_prompts_text(step.prompts)}"
    elif isinstance(step, RecordedPropagation):
        keyframes = "; ".join(f"{step.axis} = {each.index} ({_keyframe_text(each)})" for each in step.keyframes)
        text = f"{name}: propagated from {keyframes}"
    else:
        text = f"{name}: {step.source}, kept voxel by voxel"
    counted = "" if step.voxels is None else f"{step.voxels} voxels"
    restricted = "some withheld by locks or the editor's mask" if step.withheld else ""
    return _with(text, counted, restricted, _other_engine(step.made_with, record), step.time)


def _hand_edits(record: SegmentationRecord) -> str | None:
    total = sum(each.count for each in record.steps if isinstance(each, HandEdit))
    return f"{total}, not recorded voxel by voxel: a replay leaves them out" if total else None


def _hand_text(step: HandEdit, names: Mapping[str, str]) -> str:
    classes = ", ".join(f"'{names.get(each, each)}'" for each in step.class_ids)
    tool = f" ({step.tool})" if step.tool else ""
    times = "" if step.count == 1 else f", {step.count} times"
    return f"{classes or 'Classes'}: changed by hand{tool}{times}"


def _prompts_text(prompts: Prompts) -> str:
    positive = sum(each.positive for each in prompts.points)
    counts = (
        ("a box", prompts.box is not None),
        (f"{len(prompts.windings)} along windings", bool(prompts.windings)),
        (f"{len(prompts.scribbles)} scribbled", bool(prompts.scribbles)),
        (f"{positive} positive", positive),
        (f"{len(prompts.points) - positive} negative", len(prompts.points) - positive),
        (f"candidate {prompts.candidate + 1}", prompts.candidate),
        ("replacing what was there", prompts.replaces),
        ("looked at closely", prompts.tile_xyxy is not None),
    )
    return ", ".join(text for text, is_there in counts if is_there)


def _keyframe_text(keyframe: Keyframe) -> str:
    return "a mask" if keyframe.prompts is None else _prompts_text(keyframe.prompts)


def _other_engine(made_with: MadeWith | None, record: MadeWith) -> str:
    if made_with is None or made_with == record:
        return ""
    said = [f"model {made_with.model}" if made_with.model != record.model else ""]
    if made_with.window is not None and made_with.window != record.window:
        said.append(f"window {made_with.window.lower:g} to {made_with.window.upper:g}")
    if made_with.engine and made_with.engine != record.engine:
        said.append(made_with.engine.rstrip("."))
    return ", ".join(text for text in said if text)


def _with(text: str, *more: str | None) -> str:
    return "; ".join([text, *(each for each in more if each)])
