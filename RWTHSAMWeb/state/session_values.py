"""What the page shows of the session."""

from __future__ import annotations

from RWTHSAMLib.core.color import nearest_hex
from RWTHSAMLib.core.crop import TILE_PX
from RWTHSAMLib.core.profile import SegmentationProfile
from RWTHSAMLib.core.prompts import BoxPrompt, Prompt, StrokePrompt
from RWTHSAMLib.core.slices import ARRAY_AXIS
from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji
from RWTHSAMLib.mrml.previews.rendering_volume import seen_segments
from RWTHSAMLib.mrml.session.parts.prefetch import Progress
from RWTHSAMLib.mrml.session.session import Session

from .page_values import Json
from .small_pictures import gradient_of


def of_session(session: Session) -> Json:
    """The part of the page that follows the session's status."""
    status = session.status
    chosen = session.profile.class_by_id(session.class_id)
    return {
        "status_text": status.text,
        "status_level": status.level,
        "engine_phase": status.engine.phase,
        "engine_text": status.engine.text,
        "engine_device": status.engine.device,
        "engine_doubt": status.engine.doubt,
        "embedding_percent": _percent(status.embedding),
        "embedding_text": f"{status.embedding.done} of {status.embedding.total}" if status.embedding else "",
        "has_scan": session.volume_node is not None,
        "tool": session.tool,
        "winding_distance": f"{session.windings.given_px:g}" if session.windings.given_px else "",
        "winding_measured": f"{session.windings.measured_px:.1f}" if session.windings.measured_px else "",
        "winding_repeats": session.windings.can_repeat,
        "slice_text": status.slice.text if status.slice else "",
        "replaces": status.prompts.replaces,
        "detail": session.prompting.detail,
        "waits": session.prompting.waits,
        "has_large_slices": _has_large_slices(session),
        "prompts": [_prompt(position, item, status.selected) for position, item in enumerate(status.prompts.items)],
        "prompted_slices": status.prompted_slices,
        "candidates": [f"{score:.2f}" for score in status.candidate_scores],
        "candidate": status.candidate,
        "mask_pixels": status.mask_pixels,
        "can_submit": status.can_submit and not (chosen is not None and chosen.locked),
        "why_not_submit": _why_not_submit(session),
        "overwrite_mode": session.submitting.overwriting.mode,
        "overwrite_classes": [*session.submitting.overwriting.class_ids],
        "said": status.said,
        "can_clear": status.prompted_slices > 0,
        "undo_text": status.undo_text or "",
        "redo_text": status.redo_text or "",
        "scan_text": _describe(session) if session.geometry is not None else "",
        "voxel_mm": [f"{each:.5g}" for each in session.voxel_size.spacing_mm_ijk or ()],
        "voxel_question": session.voxel_size.question,
        "voxel_told": session.voxel_size.told,
        "window": [session.window.lower, session.window.upper] if session.window else [0, 255],
        "has_history": bool(session.provenance.steps),
        "unsaved_work": session.projects.has_unsaved_work,
        **of_profile(session.profile, session.class_id),
    }


def _why_not_submit(session: Session) -> str:
    chosen = session.profile.class_by_id(session.class_id)
    if chosen is not None and chosen.locked:
        return f"'{chosen.name}' is locked: unlock it in panel 3, or choose another class."
    if session.mode == "automatic":
        return "" if session.automatic.can_submit else _WHY_NO_OBJECTS[bool(session.automatic.detected)]
    return session.status.why_not_submit


_WHY_NO_OBJECTS = {
    False: "Find objects first: Submit adds those that you choose to the class.",
    True: "Select objects in the table or on the slice, or accept some of them.",
}


def of_automatic(session: Session) -> Json:
    """The run and the filters of the automatic mode; the table and the rules are shown by their actions."""
    run, choices = session.status.run, session.automatic.settings
    region = choices.region_xyxy
    return {
        "mode": session.mode,
        "run_running": run is not None and run.is_running,
        "run_stopped": run is not None and not run.is_running,
        "run_percent": round(100 * run.share) if run is not None else -1,
        "run_text": run.text if run is not None else "",
        "auto_points": choices.mode,
        "auto_own_points": choices.generator.own_point_count,
        "auto_shortest": choices.min_slices,
        "auto_doubtful": choices.hide_doubtful,
        "auto_region": "" if region is None else f"{region[0]}, {region[1]} to {region[2]}, {region[3]}",
        "unfiltered_count": session.automatic.unfiltered_count,
    }


def of_propagation(session: Session) -> Json:
    """The propagated object: how far it is, and which of its slices to look at."""
    propagation = session.propagation
    progress, result = propagation.progress, propagation.result
    return {
        "prop_there": propagation.is_there,
        "prop_running": progress is not None,
        "prop_percent": round(100 * progress.share) if progress is not None else -1,
        "prop_text": _propagation_text(session),
        "prop_range": propagation.settings.range_text,
        "prop_axis": propagation.axis or "",
        "prop_strip": _strip(session),
        "prop_ends": [f"{each.index}: {each.reason}" for each in result.ends] if result is not None else [],
        "prop_doubtful": [
            {"index": each.index, "score": f"{each.score:.2f}", "remark": each.remark}
            for each in (result.doubtful if result is not None else ())
        ],
    }


def _strip(session: Session) -> str:
    propagation, geometry = session.propagation, session.geometry
    if propagation.result is None or propagation.axis is None or geometry is None:
        return ""
    last = geometry.shape_kji[ARRAY_AXIS[propagation.axis]] - 1
    rules = propagation.settings.rules
    return gradient_of(propagation.result.slices, propagation.keyframe_indices, rules.doubtful_below, max(1, last))


def of_rendering(session: Session) -> Json:
    """The volume rendering: what was chosen, how far it is, and what it leaves out."""
    rendering, choices = session.rendering, session.rendering.settings
    whole = rendering.whole_extent if session.geometry is not None else (0, 0, 0, 0, 0, 0)
    crop = choices.crop_ijk or whole
    progress = rendering.progress
    return {
        "render_shown": choices.shown,
        "render_percent": -1 if progress is None else round(100 * progress),
        "render_notice": rendering.notice,
        "render_color_by": choices.color_by,
        "render_opacity": {
            "grey_opacity": choices.grey_opacity,
            "edge_opacity": choices.edge_opacity,
            "rest_opacity": choices.rest_opacity,
        },
        "render_cut": choices.cut,
        "render_cut_axis": choices.cut_axis,
        "render_cropped": choices.crop_ijk is not None,
        "render_crop": {axis: list(crop[side : side + 2]) for axis, side in (("i", 0), ("j", 2), ("k", 4))},
        "render_last": {axis: whole[side] for axis, side in (("i", 1), ("j", 3), ("k", 5))},
        "render_detail": str(choices.most_voxels),
        "render_segments": _rendered_segments(session),
    }


def _rendered_segments(session: Session) -> list[Json]:
    node = session.segmentation_node
    if node is None:
        return []
    seen = seen_segments(node, session.rendering.settings)
    return [
        {
            "id": segment_id,
            "name": node.GetSegmentation().GetSegment(segment_id).GetName(),
            "color": "#" + bytes(each.rgb).hex(),
            "visible": each.look.visible,
            "opacity": each.look.opacity,
        }
        for segment_id, each in seen.items()
    ]


def _propagation_text(session: Session) -> str:
    progress = session.propagation.progress
    return progress.text if progress is not None else session.propagation.span


def of_profile(profile: SegmentationProfile, class_id: str) -> Json:
    """The class list."""
    chosen = profile.class_by_id(class_id)
    return {
        "profile_name": profile.name,
        "classes": [
            {
                "id": each.id,
                "name": each.name,
                "color": nearest_hex(each.color),
                "locked": each.locked,
                "key": position + 1 if position < 9 else "",
            }
            for position, each in enumerate(profile.classes)
        ],
        "class_id": class_id,
        "class_name": chosen.name if chosen else "",
        "class_color": nearest_hex(chosen.color) if chosen else "#888888",
        "class_locked": bool(chosen and chosen.locked),
    }


def _percent(progress: Progress | None) -> int:
    """From 0 to 100; -1 where nothing is under way."""
    return round(100 * progress.done / progress.total) if progress else -1


def _has_large_slices(session: Session) -> bool:
    geometry = session.geometry
    return geometry is not None and max(geometry.shape_kji) > TILE_PX


def _prompt(position: int, item: Prompt, selected: int | None) -> Json:
    if isinstance(item, StrokePrompt) and not item.is_winding:
        kind, text = "positive" if item.positive else "negative", f"a line of {len(item.points_xy)} places"
    elif isinstance(item, StrokePrompt):
        kind, text = "winding" if item.positive else "not winding", f"{len(item.points_xy)} places along it"
    elif isinstance(item, BoxPrompt):
        kind, text = "box", f"{item.x_min}, {item.y_min} to {item.x_max}, {item.y_max}"
    else:
        kind, text = "positive" if item.positive else "negative", f"{item.x}, {item.y}"
    return {"position": position, "kind": kind, "text": text, "selected": position == selected}


def _describe(session: Session) -> str:
    array, geometry = volume_array_kji(session.volume_node), session.workspace.require_geometry()
    voxels = " × ".join(str(count) for count in reversed(geometry.shape_kji))
    return f"{voxels} voxels (i × j × k), {array.dtype}{', RGB' if array.ndim == 4 else ''}"
