"""Rules that say which objects, found without prompts, are of which class: from-to ranges of what can be measured.

They belong to a profile, because what tells a pore from a particle is the same in every scan of a series. Of several
rules that fit an object the first one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import ProfileError
from ..json_document import Json, Node
from ..value_range import Range
from .automatic import AutomaticSettings
from .codec import range_of
from .schema import RANGE_SCHEMA, Schema
from .setting import About

QUANTITIES: dict[str, About] = {
    "area_mm2": About("Largest area in one slice, in mm²", label="Largest area (mm²)"),
    "volume_mm3": About("Volume, in mm³", label="Volume (mm³)"),
    "slice_count": About("Number of slices", label="Slices"),
    "mean_grey": About("Mean grey value", label="Mean grey"),
    "roundness": About("Roundness: 1 is a disc, less is longer or more jagged", label="Roundness"),
    "x_share": About("Place of its middle from left (0) to right (1) of the slice", label="Place from left"),
    "y_share": About("Place of its middle from the top (0) to the bottom (1) of the slice", label="Place from top"),
    "from_middle": About(
        "Distance of its middle from that of the slice: 1 is half the slice's shorter side", label="From the middle"
    ),
    "predicted_iou": About("The model's own rating", label="Predicted IoU"),
    "stability_score": About("Stability under another threshold", label="Stability"),
}
"""What a rule can ask for, its short name and what it means."""

_RULE_KEYS = ("class", *QUANTITIES)


@dataclass(frozen=True)
class Rule:
    """Objects that become voxels of a class.

    Attributes
    ----------
    class_id : str
    ranges : tuple of (str, Range)
        Quantity and where it must lie; all must fit. Without any, every object fits.

    Raises
    ------
    ProfileError
        If a quantity is unknown or named twice, or a range is empty.
    """

    class_id: str
    ranges: tuple[tuple[str, Range], ...] = ()

    def __post_init__(self) -> None:
        names = [name for name, _ in self.ranges]
        for name, span in self.ranges:
            if name not in QUANTITIES:
                raise ProfileError(f"{name}: no such quantity; there are {', '.join(QUANTITIES)}.")
            if names.count(name) > 1:
                raise ProfileError(f"{name}: expected one range for each quantity, got two.")
            if span.lower is not None and span.upper is not None and span.lower > span.upper:
                raise ProfileError(f"{name}: expected from-to, got {span.lower:g} to {span.upper:g}.")

    def fits(self, measured: Mapping[str, float]) -> bool:
        """Whether an object, given by its `QUANTITIES`, is of this kind."""
        return all(measured[name] in span for name, span in self.ranges)


@dataclass(frozen=True)
class AutomaticDefaults:
    """What a profile says about automatic masks.

    Attributes
    ----------
    settings : AutomaticSettings, optional
    rules : tuple of Rule
    """

    settings: AutomaticSettings | None = None
    rules: tuple[Rule, ...] = ()

    def class_of(self, measured: Mapping[str, float]) -> str | None:
        """Id of the class of the first rule that fits, or None."""
        return next((rule.class_id for rule in self.rules if rule.fits(measured)), None)

    def without_class(self, class_id: str) -> AutomaticDefaults:
        """The plan less the rules of a class."""
        return AutomaticDefaults(self.settings, tuple(rule for rule in self.rules if rule.class_id != class_id))


def plan_to_dict(plan: AutomaticDefaults) -> dict[str, Json]:
    """The JSON object of a plan, as a profile holds it."""
    document: dict[str, Json] = {}
    if plan.settings is not None:
        document["settings"] = plan.settings.to_dict()
    if plan.rules:
        document["rules"] = [
            {"class": rule.class_id, **{name: [span.lower, span.upper] for name, span in rule.ranges}}
            for rule in plan.rules
        ]
    return document


def plan_of(node: Node) -> AutomaticDefaults:
    """Plan of a profile's member ``automatic``.

    Raises
    ------
    ProfileError
        With the place within the document.
    """
    node.only("settings", "rules")
    settings, rules = node.optional("settings"), node.optional("rules")
    return AutomaticDefaults(
        None if settings is None else AutomaticSettings.of(settings),
        () if rules is None else tuple(_rule_of(each) for each in rules.items(of="rules")),
    )


def _rule_of(node: Node) -> Rule:
    node.only(*_RULE_KEYS)
    ranges = tuple((name, range_of(node.item(name))) for name in node.members() if name != "class")
    try:
        return Rule(node.item("class").text("the id of a class"), ranges)
    except ProfileError as error:
        raise node.error(node.inside(error)) from error


def rule_schema() -> Schema:
    """JSON schema of a rule."""
    ranges: Schema = {name: {**RANGE_SCHEMA, "description": each.help} for name, each in QUANTITIES.items()}
    properties: Schema = {"class": {"type": "string", "description": "Id of a class of the profile."}, **ranges}
    return {"type": "object", "required": ["class"], "additionalProperties": False, "properties": properties}
