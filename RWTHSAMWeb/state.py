"""What the page shows, as plain values computed from the session: no widget, no node."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import slicer

from RWTHSAMLib.core.color import color_of_hex, nearest_hex
from RWTHSAMLib.core.crop import TILE_PX
from RWTHSAMLib.core.profile import SegmentationProfile
from RWTHSAMLib.core.prompts import BoxPrompt, Prompt, StrokePrompt
from RWTHSAMLib.core.settings.class_rules import QUANTITIES
from RWTHSAMLib.core.slices import ARRAY_AXIS, Ijk
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import ProfileError
from RWTHSAMLib.models.catalogue import CATALOGUE, ModelEntry
from RWTHSAMLib.models.install import TORCH_SIZE, missing_modules, needs_torch
from RWTHSAMLib.mrml.nodes.on_disk.scan_on_disk import label_path_beside
from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji
from RWTHSAMLib.mrml.previews.rendering_volume import seen_segments
from RWTHSAMLib.mrml.session.detected_columns import COLUMNS
from RWTHSAMLib.mrml.session.parts.prefetch import Progress
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.mrml.session.shortcuts import SHORTCUT_OF
from RWTHSAMLib.mrml.views.tilting import tilt_of
from RWTHSAMLib.volumes.ome_zarr.read import LEVEL_OPENED
from RWTHSAMLib.volumes.volume_data import VolumeData

from .arguments import Between, OneOf
from .small_pictures import gradient_of, grey_range, histogram_path

Json = dict[str, object]

SLICE_STEPS = {"Up": 1, "Right": 1, "Down": -1, "Left": -1, "PageUp": 10, "PageDown": -10}
"""By how many slices a key goes on."""
KEYS = [*SHORTCUT_OF, "Delete", "P", "B", "L", "H", "?", *"123456789", *SLICE_STEPS]
"""Keys that the page takes; see `RWTHSAMWeb.ui.help`."""

AUTOMATIC_WHERE = ("slice", "range", "all")
"""Where the page looks for objects: on the slice in view, on some, or on all of that axis."""

ROW_CHOICES = ("one", "more", "range")
"""What a press on a row of the table of found objects selects where there are no keys to say it."""

VOXEL_UNITS = ("mm", "µm")

MASK_FILL = 0.5
"""How opaque masks on the slices are, unless somebody chooses otherwise."""

STOPPED = {
    "object": "prop_running",
    "objects": "run_running",
    "slices": "embedding_percent",
    "weights": "fetch_percent",
    "turn": "render_turn_percent",
}
"""What a person can stop, and the value that tells whether it goes on: true, or from 0 on."""

_PANELS = list[str] | None
OF_THE_PAGE: dict[str, object] = {
    "upload_percent": Annotated[int, Between(-1, 100)],
    "notice": str,
    "notice_held": bool,
    "notices_stay": bool,
    "probe": str,
    "help_open": bool,
    "opening": Annotated[str, OneOf(("", "file", "path", "phantom", "project", "segmentation"))],
    "panels": _PANELS,
    "auto_open": _PANELS,
    "click_open": _PANELS,
    "native_open": _PANELS,
    "prop_open": _PANELS,
    "auto_where": Annotated[str, OneOf(AUTOMATIC_WHERE)],
    "class_new_name": str | None,
    "class_editing": str,
    "default_open": bool,
    "scan_path": str | None,
    "profile_path": str | None,
    "project_path": str | None,
    "unsaved_shown": bool,
    "scan_place": str | None,
    "model_name": Annotated[str, OneOf(CATALOGUE)],
    "device": Annotated[str, OneOf(("auto", "cuda", "mps", "cpu"))],
    "surfaces": bool,
    "voxel_unit": Annotated[str, OneOf(VOXEL_UNITS)],
    "takes_away": bool,
    "row_choice": Annotated[str, OneOf(ROW_CHOICES)],
    "stopping": Annotated[str, OneOf(("", *STOPPED))],
}
"""What the page itself may set, as annotations; everything else is the server's to say."""
LABELS = {
    "scan_path": "Full path of a scan on this computer",
    "project_path": "Folder of the project on this computer",
    "scan_place": "Full path of the scan",
    "profile_path": "Full path of a profile",
    "class_new_name": "New class",
    "auto_where": "Slices to look through",
    "model_name": "Model",
    "device": "Device",
    "voxel_unit": "Unit of the voxel size",
    "surfaces": "Surfaces of the classes",
}
"""What the fields of these values are called on the page; the others are in no field."""


def initial() -> Json:
    """Every value that the page refers to, before anything is loaded."""
    return {
        "trame__title": "RWTHSAM",
        "keys": list(KEYS),
        "upload_percent": -1,
        "busy_text": "",
        "notice": "",
        "notice_level": "error",
        "notice_number": 0,
        "notice_held": False,
        "notices_stay": False,
        "stopping": "",
        "takes_away": False,
        "row_choice": ROW_CHOICES[0],
        "stopped_values": dict(STOPPED),
        "messages": [],
        "help_open": False,
        "theme": "system",
        "opening": "",
        "layout": "primary",
        "probe": "",
        "scan_path": "",
        "scan_name": "",
        "scan_text": "",
        "scan_notes": [],
        "voxel_mm": [],
        "voxel_question": "",
        "voxel_told": "",
        "voxel_unit": "mm",
        "grey_range": [0, 255],
        "grey_step": 1,
        "window": [0, 255],
        "histogram": "",
        "model_sees": "",
        "fetch_percent": -1,
        "profile_path": "",
        "project_path": "",
        "project_base": "",
        "project_name": "",
        "project_missing": "",
        "project_changed": "",
        "scan_place": "",
        "recent_projects": [],
        "unsaved_offers": [],
        "unsaved_shown": False,
        "unsaved_work": False,
        "class_editing": "",
        "class_looks": {},
        "mask_fill": MASK_FILL,
        "mask_outlines": False,
        "default_open": False,
        "class_new_name": "",
        "native_tool": "",
        "brush_mm": 1.0,
        "brush_range": [0.1, 10.0],
        "brush_is_sphere": False,
        "threshold": [0, 1],
        "surfaces": True,
        "least_voxels": 1,
        "auto_where": "slice",
        "auto_first": 0,
        "auto_last": 0,
        "auto_open": [],
        "click_open": [],
        "native_open": [],
        "prop_open": [],
        "detected_columns": [
            {"key": key, "title": f"{each.title} ({each.unit})" if each.unit else each.title, "help": each.help}
            for key, each in COLUMNS.items()
        ],
        "quantities": [
            {"value": name, "title": each.label, "subtitle": each.help} for name, each in QUANTITIES.items()
        ],
        "panels": ["profile", "prompts"],
    }


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


def of_volume(volume_node: slicer.vtkMRMLVolumeNode) -> Json:
    """Name, size and histogram of a scan."""
    array = volume_array_kji(volume_node)
    low, high = grey_range(array)
    step = 1 if np.issubdtype(array.dtype, np.integer) else (high - low) / 1000
    return {
        "scan_name": volume_node.GetName(),
        "grey_range": [low, high],
        "grey_step": step,
        "histogram": histogram_path(array, low, high),
        "brush_range": list(brush_range_mm(volume_node)),
        "brush_mm": brush_range_mm(volume_node)[0] * 12,
    }


def notes_of(data: VolumeData, session: Session, place: Path | None) -> list[str]:
    """What a person should know of how a scan was read; of one that stays on the disk, which parts of it are where."""
    on_disk = session.workspace.on_disk
    if on_disk is not None:
        return [*(each for each in data.notes if not each.startswith(LEVEL_OPENED)), on_disk.note]
    labels = None if place is None else label_path_beside(place)
    if labels is None or not labels.is_dir():
        return [*data.notes]
    return [
        *data.notes,
        f"Classes that were made on this scan while it stayed on the disk lie in '{labels}': open them.",
    ]


def brush_range_mm(volume_node: slicer.vtkMRMLVolumeNode) -> tuple[float, float]:
    """The smallest and the largest brush for a scan."""
    spacing_mm = min(volume_node.GetSpacing())
    return spacing_mm, 120 * spacing_mm


def of_model(entry: ModelEntry, weights_path: str | None) -> Json:
    """Whether a model's weights are there, and what fetching them would mean."""
    return {
        "weights_found": weights_path is not None,
        "weights_text": weights_path or f"The weights of {entry.title} are not on this computer yet.",
        "fetch_text": f"Fetch weights ({entry.size_text})" if entry.url else "",
        "install_text": _install_text(entry),
        "model_text": _model_text(entry),
    }


def _model_text(entry: ModelEntry) -> str:
    size = f"{entry.parameter_count / 1e6:,.2g} million parameters, licence {entry.licence}"
    return f"Comes with RWTHSAM: nothing is downloaded, no PyTorch is needed. {size}" if entry.is_own else size


def _install_text(entry: ModelEntry) -> str:
    """What is to be installed before a Segment Anything model can run; empty where all is there."""
    lacking = [*(["PyTorch"] if needs_torch(entry) else []), *missing_modules(entry)]
    if entry.is_own or not lacking:
        return ""
    return f"{entry.title} needs packages that are not installed: {', '.join(lacking)} (PyTorch: {TORCH_SIZE})."


def model_items(entries: Sequence[ModelEntry]) -> list[Json]:
    """The catalogue as a drop-down list."""
    return [{"title": each.title, "value": each.name} for each in entries]


NO_SLICE: Json = {"axis": "", "index": 0, "last": 0, "text": "", "oblique": False, "tilt": [0, 0]}


def of_slice(session: Session, slice_node: slicer.vtkMRMLSliceNode) -> Json:
    """Which slice a view shows."""
    geometry = session.geometry
    if geometry is None:
        return NO_SLICE
    axis = geometry.slice_axis(slice_node)
    shown = geometry.slice_shown(slice_node)
    last = geometry.shape_kji["kji".index(axis)] - 1
    index, is_oblique = shown.index if shown else 0, geometry.is_oblique(slice_node)
    degrees = f"{geometry.obliqueness_deg(slice_node):.0f}\N{DEGREE SIGN}"
    return {
        "axis": axis,
        "index": index,
        "last": last,
        "text": f"oblique by {degrees}" if is_oblique else f"{axis} = {index} of {last}",
        "oblique": is_oblique,
        "tilt": [round(each, 1) + 0.0 for each in tilt_of(slice_node, session.volume_node)],
    }


def probe_text(
    view: str,
    ijk: Ijk | None,
    grey: np.ndarray | None,
    world_ras: tuple[float, float, float],
    classes: Sequence[str],
) -> str:
    """Voxel (i, j, k), grey value, place in mm and classes under the pointer."""
    if ijk is None:
        return ""
    i, j, k = ijk
    value = "" if grey is None else "grey " + "/".join(f"{each:g}" for each in np.atleast_1d(grey))
    parts = [view, f"i {i}", f"j {j}", f"k {k}", value, _place_text(world_ras), " + ".join(classes)]
    return "   ".join(each for each in parts if each)


def _place_text(world_ras: tuple[float, float, float]) -> str:
    """Millimetres to the right or left, and so on, as Slicer tells them."""
    sides = zip(("RL", "AP", "SI"), world_ras, strict=True)
    return " ".join(f"{side[value < 0]} {abs(value):.2f}" for side, value in sides) + " mm"


def color_of(hex_text: str) -> tuple[float, float, float]:
    """Colour with parts from 0 to 1 of ``#rrggbb``.

    Raises
    ------
    ProfileError
        If it is written otherwise.
    """
    try:
        return color_of_hex(hex_text)
    except ValueError as error:
        raise ProfileError(str(error)) from error


def window_of(values: Sequence[float]) -> Window:
    """Window of two slider values in any order."""
    return Window(min(values), max(values))


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
