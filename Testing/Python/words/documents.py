"""Good and bad documents; the readers and the JSON schemas must judge them alike."""

from __future__ import annotations

import base64
import zlib
from copy import deepcopy

PROFILE = {
    "format": "rwthsam-profile",
    "version": 2,
    "name": "Cell",
    "window": [0, 255.5],
    "model": "mobile_sam_vit_t",
    "classes": [
        {"id": "can", "name": "Can", "color": [1, 0.5, 0]},
        {"id": "core", "name": "Wickelkern \u00d8", "color": "#0072b2", "locked": True, "terminology": "a~b^c^d~e"},
    ],
}
PROMPTS = {
    "format": "rwthsam-prompts",
    "version": 1,
    "model": "sam_vit_b",
    "weights_sha256": "0a" * 32,
    "window": [-1350, 150],
    "volume": {"name": "scan", "shape_kji": [10, 20, 30]},
    "slices": [
        {"axis": "k", "index": 7, "class": "core", "prompts": [{"point": [3, 4, 7], "label": 1}]},
        {
            "axis": "j",
            "index": 2,
            "class": "can",
            "candidate": 2,
            "prompts": [{"box": [[9, 2, 1], [1, 2, 8]]}, {"point": [3, 2, 4], "label": 0}],
        },
    ],
}
# a cross of three by three pixels: rows 010, 111, 010, one bit each
MASK = {
    "shape_yx": [20, 30],
    "bounds_xyxy": [4, 5, 6, 7],
    "area": 5,
    "bits": base64.b64encode(zlib.compress(bytes([0b01011101, 0b00000000]))).decode(),
}
STEPS = {
    "format": "rwthsam-prompts",
    "version": 2,
    "program": "RWTHSAM 0.1.0",
    "model": "sam_vit_b",
    "window": [0, 255],
    "volume": {
        "name": "scan",
        "shape_kji": [10, 20, 30],
        "spacing_mm_ijk": [0.02, 0.02, 0.1],
        "fingerprint": "0b" * 32,
    },
    "steps": [
        {
            "kind": "prompts",
            "axis": "k",
            "index": 7,
            "class": "core",
            "time": "2026-05-04T10:00:00+00:00",
            "voxels": 40,
            "made_with": {"model": "mobile_sam_vit_t", "engine": "On the processor.", "window": [5, 9]},
            "prompts": [{"point": [3, 4, 7], "label": 1}],
            "replaces": True,
            "tile": [[1, 2, 7], [29, 19, 7]],
            "withheld": [{"axis": "k", "index": 7, **MASK}],
            "spared": ["can"],
        },
        {
            "kind": "propagation",
            "class": "core",
            "axis": "k",
            "choices": {"rules": {"most_growth": 1.5, "grey": [10, None]}, "direction": "forward", "last": 8},
            "given": [
                {"index": 2, "prompts": [{"box": [[1, 2, 2], [9, 9, 2]]}]},
                {"index": 5, "mask": MASK},
            ],
        },
        {
            "kind": "voxels",
            "class": "can",
            "source": "automatic masks",
            "details": {"points_per_side": 32},
            "overwrites": False,
            "masks": [{"axis": "k", "index": 1, **MASK}],
        },
        {"kind": "by_hand", "classes": ["can"], "tool": "Paint", "count": 3, "time": "2026-05-04T10:05:00+00:00"},
    ],
}
OBLIQUE = {
    "format": "rwthsam-prompts",
    "version": 2,
    "volume": {"shape_kji": [10, 20, 30]},
    "steps": [
        {
            "kind": "prompts",
            "class": "core",
            "plane": {
                "origin_ijk": [-0.5, 3.25, 0.125],
                "x_step_ijk": [1.0, 0.0, 0.0],
                "y_step_ijk": [0.0, 0.8, 0.3],
                "across_ijk": [0.0, -0.6, 0.4],
                "size_xy": [30, 22],
            },
            "prompts": [{"point": [3, 4], "label": 1}, {"point": [29, 21], "label": 0}, {"box": [[1, 2], [9, 8]]}],
            "tile": [[0, 0], [29, 21]],
        }
    ],
}
REMOVE = object()


def changed(document: dict, place: str, value: object) -> dict:
    """Copy of a document with the value at a place such as ``"classes.0.id"`` replaced or removed."""
    copy = deepcopy(document)
    *way, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    target = copy
    for step in way:
        target = target[step]
    if value is REMOVE:
        del target[last]
    else:
        target[last] = value
    return copy


def _changes(document: dict, *changes: tuple[str, object]) -> dict[str, dict]:
    return {
        f"{place} {'removed' if value is REMOVE else repr(value)[:40]}": changed(document, place, value)
        for place, value in changes
    }


GOOD_PROFILES = {
    "full": PROFILE,
    "whole number as 2.0": changed(PROFILE, "version", 2.0),
    "legacy": {"classes": ["a", "b"]},
    "legacy with more": {"classes": ["a"], "comment": 1},
    **_changes(
        PROFILE,
        ("window", REMOVE),
        ("window", None),
        ("model", None),
        ("classes.0.locked", None),
        ("classes.1.terminology", None),
        ("classes.0.color", "#00FF7f"),
        ("classes.0.color", [0, 0, 0]),
        ("classes.0.id", "a.b_c-9"),
        ("classes.0.id", "x" * 64),
        ("name", "n" * 200),
        ("later", {"points_per_side": 32}),
        ("automatic", None),
        ("automatic", {}),
        ("automatic", {"settings": None, "rules": []}),
        ("automatic", {"settings": {"points_per_side": 16.0, "pred_iou_thresh": 1}}),
        ("automatic", {"rules": [{"class": "can", "mean_grey": [None, 80.5], "roundness": [0.5, None]}]}),
        ("automatic", {"rules": [{"class": "core"}, {"class": "core", "area_mm2": [None, None]}]}),
        ("classes.0.opacity", 0.5),
    ),
}
BAD_PROFILES = {
    "list": [PROFILE],
    "text": "profile",
    "nothing": None,
    "empty": {},
    "legacy empty": {"classes": []},
    "legacy number": {"classes": ["a", 5]},
    "legacy blank": {"classes": ["a", " "]},
    "legacy twice": {"classes": ["a", "a"]},
    "legacy objects": {"classes": [{"id": "a", "name": "a", "color": "#000000"}]},
    "legacy no list": {"classes": "can"},
    "legacy too many": {"classes": [str(n) for n in range(256)]},
    **_changes(
        PROFILE,
        ("format", "rwthsam-prompts"),
        ("format", REMOVE),
        ("format", 5),
        ("version", 3),
        ("version", 1),
        ("version", True),
        ("version", "2"),
        ("version", REMOVE),
        ("name", REMOVE),
        ("name", ""),
        ("name", " Cell"),
        ("name", "Cell "),
        ("name", "two\nlines"),
        ("name", 5),
        ("name", "n" * 201),
        ("window", [1]),
        ("window", [1, 2, 3]),
        ("window", ["0", "1"]),
        ("window", {"lower": 0, "upper": 1}),
        ("model", 5),
        ("automatic", []),
        ("automatic", {"rule": []}),
        ("automatic", {"settings": {"points": 5}}),
        ("automatic", {"settings": {"points_per_side": 0}}),
        ("automatic", {"settings": {"points_per_side": 8.5}}),
        ("automatic", {"settings": {"pred_iou_thresh": "high"}}),
        ("automatic", {"rules": {"class": "can"}}),
        ("automatic", {"rules": [{"mean_grey": [0, 1]}]}),
        ("automatic", {"rules": [{"class": "can", "colour": [0, 1]}]}),
        ("automatic", {"rules": [{"class": "can", "mean_grey": [0]}]}),
        ("automatic", {"rules": [{"class": "can", "mean_grey": ["0", 1]}]}),
        ("classes", REMOVE),
        ("classes", []),
        ("classes", {"can": 1}),
        ("classes.0", "can"),
        ("classes.0.id", REMOVE),
        ("classes.0.id", ""),
        ("classes.0.id", "a b"),
        ("classes.0.id", "-a"),
        ("classes.0.id", "a\n"),
        ("classes.0.id", "x" * 65),
        ("classes.0.id", 5),
        ("classes.0.name", REMOVE),
        ("classes.0.name", ""),
        ("classes.0.name", "tab\tbed"),
        ("classes.0.color", REMOVE),
        ("classes.0.color", "red"),
        ("classes.0.color", "#12345"),
        ("classes.0.color", "#+12345"),
        ("classes.0.color", [0, 0, 255]),
        ("classes.0.color", [0, 0]),
        ("classes.0.color", [0, 0, "1"]),
        ("classes.0.color", [0, 0, True]),
        ("classes.0.locked", 1),
        ("classes.0.locked", "yes"),
        ("classes.0.terminology", 5),
        ("classes.0.terminology", "two\nlines"),
    ),
}
# what a schema cannot say
BAD_PROFILES_BEYOND_THE_SCHEMA = {
    "ids twice": changed(PROFILE, "classes.1.id", "can"),
    "names twice": changed(PROFILE, "classes.1.name", "Can"),
    "window upside down": changed(PROFILE, "window", [5, 5]),
    "rule of no class": changed(PROFILE, "automatic", {"rules": [{"class": "tab"}]}),
    "rule upside down": changed(PROFILE, "automatic", {"rules": [{"class": "can", "mean_grey": [5, 4]}]}),
    "legacy twice but for a space": {"classes": ["a", "a "]},
}

_SHORT = changed(PROMPTS, "slices.0", {"axis": "i", "index": 5, "class": "can", "points": [[5, 3, 2, 1], [5, 6, 7, 0]]})
GOOD_PROMPTS = {
    "full": PROMPTS,
    "least": {k: PROMPTS[k] for k in ("format", "version", "slices")},
    "with profile": {**PROMPTS, "profile": PROFILE},
    "with profile of RWTH-SAM": {**PROMPTS, "profile": {"classes": ["core", "can"]}},
    "all kinds of steps": STEPS,
    "oblique plane": OBLIQUE,
    "oblique plane, short": changed(
        OBLIQUE, "steps.0", {"class": "c", "plane": OBLIQUE["steps"][0]["plane"], "points": [[3, 4, 1], [5, 6, 0]]}
    ),
    "short points": _SHORT,
    "short box": changed(PROMPTS, "slices.0", {"axis": "i", "index": 5, "class": "c", "box": [[5, 3, 2], [5, 9, 7]]}),
    "short box and negative point": changed(
        PROMPTS,
        "slices.0",
        {"axis": "i", "index": 5, "class": "c", "box": [[5, 3, 2], [5, 9, 7]], "points": [[5, 4, 4, 0]]},
    ),
    **_changes(
        PROMPTS,
        ("model", None),
        ("window", None),
        ("volume", None),
        ("volume", {}),
        ("volume.shape_kji", None),
        ("profile", None),
        ("weights_sha256", "AB" * 32),
        ("slices.0.candidate", None),
        ("slices.0.index", 7.0),
        ("slices.0.prompts.0.point", [3.0, 4.0, 7.0]),
        ("slices.0.points", None),
    ),
    **_changes(
        STEPS,
        ("steps.0.kind", None),
        ("steps.0.kind", REMOVE),
        ("steps.0.made_with", None),
        ("steps.0.replaces", None),
        ("steps.0.tile", None),
        ("steps.1.choices.rules", {}),
        ("steps.2.overwrites", REMOVE),
        ("steps.2.details", None),
        ("steps.2.lost", [{"axis": "k", "index": 2, **MASK}]),
        ("steps.3.classes", []),
        ("steps.3.tool", None),
        ("volume.fingerprint", None),
    ),
}
BAD_PROMPTS = {
    "list": [],
    "profile": PROFILE,
    "short points only negative": changed(_SHORT, "slices.0.points", [[5, 3, 2, 0]]),
    "short points with three numbers": changed(_SHORT, "slices.0.points", [[5, 3, 2]]),
    "short points empty": changed(_SHORT, "slices.0.points", []),
    "short label 2": changed(_SHORT, "slices.0.points", [[5, 3, 2, 2]]),
    "both forms": changed(PROMPTS, "slices.0.points", [[3, 4, 7, 1]]),
    "slices in version 2": {**PROMPTS, "version": 2},
    "steps in version 1": {**STEPS, "version": 1},
    **_changes(
        STEPS,
        ("steps.0.kind", "magic"),
        ("steps.0.made_with", {"weights": "x"}),
        ("steps.0.voxels", -1),
        ("steps.0.replaces", 1),
        ("steps.1.given", []),
        ("steps.1.given.0.mask", MASK),
        ("steps.1.given.1.prompts", [{"point": [3, 4, 5], "label": 1}]),
        ("steps.1.choices", REMOVE),
        ("steps.1.choices.direction", "up"),
        ("steps.2.masks.0.bits", REMOVE),
        ("steps.2.masks.0.area", "5"),
        ("steps.2.source", REMOVE),
        ("steps.3.classes", REMOVE),
        ("steps.3.prompts", []),
        ("volume.spacing_mm_ijk", [0, 1, 1]),
        ("volume.fingerprint", "abc"),
    ),
    **_changes(
        OBLIQUE,
        ("steps.0.axis", "k"),
        ("steps.0.index", 0),
        ("steps.0.plane", REMOVE),
        ("steps.0.plane.across_ijk", REMOVE),
        ("steps.0.plane.origin_ijk", [1, 2]),
        ("steps.0.plane.size_xy", [30, 0]),
        ("steps.0.plane.size_xy", [30, 4097]),
        ("steps.0.plane.angle", 45),
        ("steps.0.prompts.0.point", [3, 4, 5]),
        ("steps.0.prompts.2.box", [[1, 2, 3], [9, 8, 3]]),
    ),
    "bad profile": {**PROMPTS, "profile": {"classes": []}},
    **_changes(
        PROMPTS,
        ("format", REMOVE),
        ("format", "rwthsam-profile"),
        ("version", 2),
        ("version", 3),
        ("version", 0),
        ("version", True),
        ("modell", "x"),
        ("model", 5),
        ("weights_sha256", "0a" * 31),
        ("weights_sha256", "0g" * 32),
        ("weights_sha256", 5),
        ("window", [0]),
        ("window", [None, 1]),
        ("volume", "scan"),
        ("volume.shape", [1, 1, 1]),
        ("volume.shape_kji", [10, 20]),
        ("volume.shape_kji", [0, 20, 30]),
        ("volume.shape_kji", [10.5, 20, 30]),
        ("slices", REMOVE),
        ("slices", []),
        ("slices", {}),
        ("slices.0", []),
        ("slices.0.axis", REMOVE),
        ("slices.0.axis", "z"),
        ("slices.0.axis", 0),
        ("slices.0.index", REMOVE),
        ("slices.0.index", -1),
        ("slices.0.index", 1.5),
        ("slices.0.index", "7"),
        ("slices.0.index", True),
        ("slices.0.class", REMOVE),
        ("slices.0.class", " "),
        ("slices.0.class", 1),
        ("slices.0.candidate", 3),
        ("slices.0.candidate", "0"),
        ("slices.0.candiate", 1),
        ("slices.0.prompts", REMOVE),
        ("slices.0.prompts", []),
        ("slices.0.prompts.0", [3, 4, 7]),
        ("slices.0.prompts.0", {}),
        ("slices.0.prompts.0.label", REMOVE),
        ("slices.0.prompts.0.label", 0),
        ("slices.0.prompts.0.label", 2),
        ("slices.0.prompts.0.label", True),
        ("slices.0.prompts.0.point", REMOVE),
        ("slices.0.prompts.0.point", [3, 4]),
        ("slices.0.prompts.0.point", [3, 4, 7, 1]),
        ("slices.0.prompts.0.point", [-3, 4, 7]),
        ("slices.0.prompts.0.point", [3.5, 4, 7]),
        ("slices.0.prompts.0.box", [[3, 4, 7], [5, 6, 7]]),
        ("slices.0.prompts.0.mask", "abc"),
        ("slices.1.prompts.0.box", [[9, 2, 1]]),
        ("slices.1.prompts.0.box", [9, 2, 1, 8]),
        ("slices.1.prompts.0.label", 1),
    ),
}
BAD_PROMPTS_BEYOND_THE_SCHEMA = {
    "off the slice": changed(PROMPTS, "slices.0.prompts.0.point", [3, 4, 8]),
    "box off the slice": changed(PROMPTS, "slices.1.prompts.0.box", [[9, 2, 1], [1, 3, 8]]),
    "outside the volume": changed(PROMPTS, "slices.0.prompts.0.point", [30, 4, 7]),
    "no such slice": changed(PROMPTS, "volume.shape_kji", [7, 20, 30]),
    "two boxes": changed(PROMPTS, "slices.1.prompts", [{"box": [[9, 2, 1], [1, 2, 8]]}] * 2),
    "window upside down": changed(PROMPTS, "window", [2, 1]),
    "no mask and nothing lost": changed(STEPS, "steps.2.masks", []),
    "prompt outside its tile": changed(STEPS, "steps.0.tile", [[4, 2, 7], [29, 19, 7]]),
    "tile off the slice": changed(STEPS, "steps.0.tile", [[1, 2, 7], [30, 19, 7]]),
    "mask off the slice": changed(STEPS, "steps.1.given.1.mask.bounds_xyxy", [28, 5, 30, 7]),
    "mask of another slice": changed(STEPS, "steps.2.masks.0.shape_yx", [20, 31]),
    "mask beyond the scan": changed(STEPS, "steps.2.masks.0.index", 10),
    "damaged bits": changed(STEPS, "steps.2.masks.0.bits", "AAAA"),
    "bits that are no base64": changed(STEPS, "steps.2.masks.0.bits", "%%%"),
    "another area": changed(STEPS, "steps.2.masks.0.area", 6),
    "steps of a plane that span no space": changed(OBLIQUE, "steps.0.plane.across_ijk", [1.0, 0.0, 0.0]),
    "prompt off the plane": changed(OBLIQUE, "steps.0.prompts.0.point", [30, 4]),
    "prompt off the plane of an unknown scan": changed(
        changed(OBLIQUE, "steps.0.prompts.0.point", [30, 4]), "volume", REMOVE
    ),
    "plane beside the scan": changed(OBLIQUE, "steps.0.plane.origin_ijk", [0.0, 500.0, 0.0]),
    "growth below 1": changed(STEPS, "steps.1.choices.rules.most_growth", 0.5),
}
