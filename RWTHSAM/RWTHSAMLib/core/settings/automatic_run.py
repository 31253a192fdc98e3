"""What a person chose for automatic masks: settings, what of the result is worth looking at, how it is submitted."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ...errors import SettingsError
from ..json_document import Json, Node, parse_document, to_text
from ..mask import Bounds
from ..value_range import Range
from ..word_check import one_of
from .automatic import MODES, AutomaticSettings, Mode, settings_of


@dataclass(frozen=True)
class AutomaticChoices:
    """Settings of a run, filters of its result, and how it becomes classes.

    Attributes
    ----------
    settings : AutomaticSettings
    mode : str
        ``"adaptive"`` or ``"exhaustive"``.
    min_slices : int
        Objects that go through fewer slices are left out.
    grey : Range
        Objects whose mean grey value lies outside are left out, as the background usually is.
    region_xyxy : Bounds, optional
        Pixels of the slices; objects whose middle lies outside are left out.
    hide_doubtful : bool
        Whether objects that hardly differ from their surroundings are left out.
    overwrite : bool
        Whether a submit takes voxels of other classes that are not locked; else they keep them.

    Raises
    ------
    SettingsError
        If a value is out of range; the message names it.
    """

    settings: AutomaticSettings = AutomaticSettings()
    mode: Mode = "adaptive"
    min_slices: int = 1
    grey: Range = Range()
    region_xyxy: Bounds | None = None
    hide_doubtful: bool = True
    overwrite: bool = False

    def __post_init__(self) -> None:
        one_of("mode", self.mode, MODES)
        if self.min_slices < 1:
            raise SettingsError(f"min_slices: expected 1 or more, got {self.min_slices}.")
        lower, upper = self.grey.lower, self.grey.upper
        if lower is not None and upper is not None and lower > upper:
            raise SettingsError(f"grey: expected from-to, got {lower:g} to {upper:g}.")

    def wants(self, mean_grey: float, middle_xy: tuple[float, float], is_doubtful: bool) -> bool:
        """Whether an object with these properties shall be offered."""
        if (self.hide_doubtful and is_doubtful) or mean_grey not in self.grey:
            return False
        if self.region_xyxy is None:
            return True
        (x, y), (x0, y0, x1, y1) = middle_xy, self.region_xyxy
        return x0 <= x <= x1 and y0 <= y <= y1

    def to_json(self) -> str:
        """JSON text that `parse_choices` reads."""
        document: dict[str, Json] = asdict(self)
        document["settings"] = self.settings.to_document()
        document["grey"] = [self.grey.lower, self.grey.upper]
        document["region_xyxy"] = None if self.region_xyxy is None else list(self.region_xyxy)
        return to_text(document)


def parse_choices(text: str) -> AutomaticChoices:
    """Choices of a JSON text, as a saved scene holds it.

    Raises
    ------
    SettingsError
        If it is no such text.
    """
    node = parse_document(text, SettingsError)
    region = node.optional("region_xyxy")
    return AutomaticChoices(
        settings_of(node.item("settings")),
        node.item("mode").one_of(MODES),
        node.item("min_slices").whole(),
        Range(*(_end(each) for each in node.item("grey").items(2, 2))),
        None if region is None else _bounds(region),
        node.item("hide_doubtful").flag(),
        node.item("overwrite").flag(),
    )


def _end(node: Node) -> float | None:
    return None if node.value is None else node.number()


def _bounds(node: Node) -> Bounds:
    x0, y0, x1, y1 = (each.whole() for each in node.items(4, 4))
    return x0, y0, x1, y1
