"""A session's state in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.mask import Segmentation
from ...core.prompts import Prompts
from ...core.slices import SliceKey
from ...core.system.counted import counted
from ...errors import RwthSamError
from ...worker.client import EngineStatus
from ..nodes import segments
from .pace import remaining_text
from .parts.automatic_masks import AutomaticMasks
from .parts.object_propagation import ObjectPropagation
from .parts.prefetch import Prefetch
from .parts.prompting import Prompting
from .prompted_slices import PromptedSlices
from .status import Level, SessionStatus
from .workspace import Workspace


@dataclass(frozen=True, eq=False)
class StatusSources:
    """What a status tells of."""

    workspace: Workspace
    prompting: Prompting
    prefetch: Prefetch
    automatic: AutomaticMasks
    propagation: ObjectPropagation


def describe(told: StatusSources, engine: EngineStatus, problem: RwthSamError | None) -> SessionStatus:
    """The present state of a session.

    Parameters
    ----------
    told : StatusSources
    engine : EngineStatus
    problem : RwthSamError, optional
        Why something that a part had begun has come to nothing.
    """
    slices, active = told.prompting.slices, told.prompting.active_plane
    prompts = slices.prompts_on(active) if slices and active else Prompts()
    answer = slices.segmentation_on(active) if slices and active else None
    masks = slices.masks() if slices else {}
    node = told.workspace.segmentation_node
    pixels = sum(mask.area for mask in masks.values())
    text, level = _sentence(told, engine, problem, pixels)
    offers_choice = answer is not None and len(answer.candidates) > 1 and len(prompts) == 1
    return SessionStatus(
        text=text,
        level=level,
        engine=engine,
        slice=active,
        prompts=prompts,
        selected=slices.selected[1] if slices and slices.selected and slices.selected[0] == active else None,
        candidate_scores=_scores(answer) if answer and offers_choice else (),
        candidate=answer.chosen if answer else 0,
        mask_pixels=pixels,
        prompted_slices=len(slices.prompts) if slices else 0,
        can_submit=(can_submit := _can_submit(told, bool(masks))),
        why_not_submit="" if can_submit else _why_not_submit(told, engine),
        undo_text=told.workspace.undo_history.undo_text,
        redo_text=told.workspace.undo_history.redo_text,
        embedding=told.prefetch.progress,
        run=told.automatic.progress,
        propagation=told.propagation.progress,
        said=told.workspace.said,
        object_slices=len(found.slices) if (found := told.propagation.result) is not None else 0,
        object_voxels=told.propagation.voxel_count,
        is_idle=level == "info" and not _awaits_person(told),
        needs_conversion=node is not None and segments.needs_conversion(node),
    )


def _awaits_person(told: StatusSources) -> bool:
    """Whether there is something to submit, or to be read of the last action, or no scan."""
    slices = told.prompting.slices
    return slices is None or bool(slices.prompts or told.workspace.said) or told.propagation.is_there


def _scores(answer: Segmentation) -> tuple[float, ...]:
    """What the model predicts, which may be somewhat more than can be."""
    return tuple(min(1.0, each.predicted_iou) for each in answer.candidates)


def _can_submit(told: StatusSources, has_mask: bool) -> bool:
    if told.prompting.awaits_masks or told.prompting.gathered or told.workspace.scan_problem is not None:
        return False
    return told.propagation.can_submit if told.propagation.is_there else has_mask


def _why_not_submit(told: StatusSources, engine: EngineStatus) -> str:
    """What is lacking before masks can be submitted, in words for beside the button."""
    slices = told.prompting.slices
    if slices is None:
        return "Open a scan first."
    if told.workspace.scan_problem is not None:
        return "The scan cannot be segmented as it is; the status line says why."
    if told.prompting.gathered:
        return "Prompts wait for their masks: press W to compute them."
    if engine.phase == "loading":
        return "The model is being loaded."
    if engine.phase != "ready":
        return "Load a model first."
    if told.prompting.awaits_masks:
        return "The mask is being computed."
    if told.propagation.is_there:
        return "The object is still being followed from slice to slice."
    if slices.prompts:
        return "There is no mask yet: add a positive point or a box."
    return "Click on a part first: Submit adds its mask to the class."


def _sentence(
    told: StatusSources, engine: EngineStatus, problem: RwthSamError | None, pixels: int
) -> tuple[str, Level]:
    if told.workspace.error is not None:
        return str(told.workspace.error), "warning"
    if (problem := told.workspace.scan_problem or problem) is not None:
        return str(problem), "error"
    slices = told.prompting.slices
    if engine.phase == "failed":
        return engine.text, "error"
    if engine.doubt:
        return engine.doubt, "warning"
    if slices is None:
        return "Load a scan to begin.", "info"
    if engine.phase == "loading":
        return engine.text, "busy"
    if engine.phase == "stopped":
        return "Load a model: prompts are kept and get their masks then.", "info"
    return _sentence_about_prompts(told, engine, slices, pixels)


def _sentence_about_prompts(
    told: StatusSources, engine: EngineStatus, slices: PromptedSlices, pixels: int
) -> tuple[str, Level]:
    class_name = told.workspace.class_name
    if slices.awaited:
        where = ", ".join(plane.text for plane in slices.awaited)
        return f"Computing the mask of slice {where} on {engine.device} ...", "busy"
    if slices.gathered:
        where = ", ".join(plane.text for plane in slices.gathered)
        return f"Prompts on slice {where} wait for their masks: W computes them.", "info"
    if told.propagation.is_there:
        return _sentence_about_object(told, engine, class_name)
    if pixels:
        first = " before any objects" if told.workspace.mode == "automatic" else ""
        return f"Mask of {pixels:,} pixels. Enter submits it to '{class_name}'{first}.", "info"
    if slices.prompts:
        if any(each.can_segment for each in slices.prompts.values()):
            return "The model finds nothing there: add a point, draw a box or change the window.", "warning"
        return "Negative points alone find nothing: add a positive point or a box.", "info"
    if told.workspace.said and not (told.automatic.progress is not None and told.automatic.progress.is_running):
        return told.workspace.said, "info"
    if told.workspace.mode == "automatic" or told.automatic.progress is not None:
        return _sentence_about_objects(told, engine)
    if told.prefetch.awaited is not None:
        return f"Preparing the visible slice on {engine.device} ...", "busy"
    embedded = told.prefetch.progress
    if embedded is not None:
        return f"Preparing slices on {engine.device}: {embedded.done} of {embedded.total} ...", "busy"
    return f"Click on an object to segment it as '{class_name}'.", "info"


def _sentence_about_object(told: StatusSources, engine: EngineStatus, class_name: str) -> tuple[str, Level]:
    propagation = told.propagation
    progress, result = propagation.progress, propagation.result
    if progress is not None or result is None:
        left = remaining_text(progress.remaining_s) if progress is not None else ""
        done = progress.done if progress is not None else 0
        return (
            f"Following the object from slice to slice on {engine.device}, {counted(done, 'slice')} so far{left} ...",
            "busy",
        )
    advice = _advice_on_correction(propagation.doubtful, propagation.proposed)
    look = f" {advice}" if advice else ""
    where = f"{propagation.span}, {propagation.voxel_count:,} voxels"
    return f"Object on {where}.{look} Enter submits it to '{class_name}'.", "info"


def _advice_on_correction(doubtful: Sequence[SliceKey], proposed: SliceKey | None) -> str:
    if proposed is not None and proposed not in doubtful:
        where = f"{proposed.axis} = {proposed.index}"
        if not doubtful:
            return f"If it is not right everywhere, correct {where} first."
        listed = "1 slice is" if len(doubtful) == 1 else f"{len(doubtful)} slices are"
        return f"{listed} doubtful; correcting {where} helps most."
    if not doubtful:
        return ""
    first = f"{doubtful[0].axis} = {doubtful[0].index}"
    if len(doubtful) == 1:
        return f"Look at {first} first: it is doubtful."
    return f"Look at {first} first: {len(doubtful)} slices are doubtful, and correcting this one helps most."


def _sentence_about_objects(told: StatusSources, engine: EngineStatus) -> tuple[str, Level]:
    automatic = told.automatic
    run, detected = automatic.progress, len(automatic.detected)
    if run is not None and run.is_running:
        where, left = f"slice {run.done + 1} of {run.total}", remaining_text(run.remaining_s)
        return f"Looking for objects in {where} on {engine.device}, {detected} so far{left} ...", "busy"
    if run is not None:
        return f"{run.text} with {counted(detected, 'object')}: resume, or use these.", "info"
    if not automatic.slices_done:
        return "Choose slices and start: objects are found without clicks.", "info"
    if not automatic.unfiltered_count:
        return (
            "No objects were found. Lower pred_iou_thresh or stability_score_thresh, ask more points per side, or set "
            "another window.",
            "warning",
        )
    if not detected:
        return (
            f"The filters leave none of {counted(automatic.unfiltered_count, 'object')}: loosen them, or look at "
            "doubtful ones too.",
            "warning",
        )
    class_name = told.workspace.class_name
    them = "it" if detected == 1 else "them"
    found = counted(detected, "object")
    return f"{found}: select {them} in the table or on the slice, then submit {them} to '{class_name}'.", "info"
