"""What the page itself may set, how it is called there, and every value before anything is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from RWTHSAMLib.core.color import color_of_hex
from RWTHSAMLib.core.settings.class_rules import QUANTITIES
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import ProfileError
from RWTHSAMLib.models.catalogue import CATALOGUE
from RWTHSAMLib.mrml.session.detected_columns import COLUMNS
from RWTHSAMLib.mrml.session.shortcuts import SHORTCUT_OF

from ..arguments import Between, OneOf

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
