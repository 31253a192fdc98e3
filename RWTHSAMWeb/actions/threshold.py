"""What of the chosen class is kept: seen on the slices first, then applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from RWTHSAMLib.core.json_document import Json
from RWTHSAMLib.core.settings.threshold import PARTS, Part, ThresholdSettings
from RWTHSAMLib.core.settings.typed import text_fields, with_texts
from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.mrml.session.parts.threshold_refinement import ThresholdRefinement

from ..app_context import AppContext
from ..arguments import OneOf
from ..drafts import why_of
from ..kept_choices import choice_of
from ..state import page_values

_FIELDS = text_fields(ThresholdSettings)


class ThresholdActions:
    """The part of panel 5 that thresholds a class."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._texts = dict.fromkeys(_FIELDS, "")
        self._good = dict(self._texts)
        self._before: dict[str, str] = {}  # what fields held when somebody began to type
        self._otsu: Part | None = None
        self._target = ""
        self._outside: tuple[str, ...] = ()

    def shown(self) -> page_values.Json:
        """The part of the page's state that this answers for."""
        threshold, errors = self._context.session.threshold, self._errors()
        if threshold.wanted is not None and threshold.wanted.source != threshold.source:
            self._consider()  # another class was chosen, or a mask has come or gone
        text = f"{threshold.shown_pixels} pixels are left on the slices in view." if threshold.wanted else ""
        return {
            "threshold_on": threshold.wanted is not None,
            "threshold_source": threshold.source_name if self._context.session.volume_node is not None else "",
            "threshold_values": {name: {"value": self._texts[name], "error": errors.get(name, "")} for name in _FIELDS},
            "threshold_otsu": self._otsu or "",
            "threshold_target": self._target,
            "threshold_outside": list(self._outside),
            "threshold_text": str(threshold.error) if threshold.error is not None else text,
            "threshold_valid": not errors,
        }

    def kept(self) -> dict[str, Json]:
        """See `Keeper`: what is typed and chosen, and whether the slices show it."""
        return {
            "threshold_values": [self._good[name] for name in _FIELDS],
            "threshold_otsu": self._otsu or "",
            "threshold_target": self._target,
            "threshold_outside": list(self._outside),
            "threshold_on": self._context.session.threshold.wanted is not None,
        }

    def take_up(self, kept: Mapping[str, Json]) -> None:
        """See `Keeper`; profile and segmentation are there already."""
        known = [each.id for each in self._context.session.profile.classes]
        texts = choice_of(kept, "threshold_values", list[str], [])
        self._texts = (
            dict(zip(_FIELDS, texts, strict=False)) if len(texts) == len(_FIELDS) else dict.fromkeys(_FIELDS, "")
        )
        if self._errors():
            self._texts = dict.fromkeys(_FIELDS, "")
        self._good = dict(self._texts)
        self._otsu = choice_of(kept, "threshold_otsu", Annotated[str, OneOf(PARTS)], None)
        self._target = choice_of(kept, "threshold_target", Annotated[str, OneOf(known)], "")
        self._outside = tuple(choice_of(kept, "threshold_outside", list[Annotated[str, OneOf(known)]], ()))
        self.show(choice_of(kept, "threshold_on", bool, False))

    def show(self, shown: bool) -> None:
        """Show on the slices what would be left, or stop that."""
        if shown:
            self._consider()
        else:
            self._do(lambda: self._context.session.threshold.consider(None))

    def set_value(self, name: Annotated[str, OneOf(_FIELDS)], text: str | None) -> None:
        """Take what was typed; it is shown as soon as all fields are valid."""
        self._before.setdefault(name, self._good[name])
        self._texts[name] = text or ""
        if name not in self._errors():
            self._good[name] = self._texts[name]
            self._context.is_right(_FIELDS[name].label)
        self._changed()

    def leave(self, name: Annotated[str, OneOf(_FIELDS)]) -> None:
        """The last good value comes back where something else was typed, and it is said why."""
        before = self._before.pop(name, self._good[name])
        if why := self._errors().get(name):
            self._texts[name] = self._good[name] = before
            self._context.gave_way(_FIELDS[name].label, why, before)
            self._changed()

    def set_otsu(self, part: Annotated[str, OneOf(("", *PARTS))] | None) -> None:
        """Keep the bright or the dark side of Otsu's threshold, or both."""
        self._otsu = next((each for each in PARTS if each == part), None)
        self._changed()

    def set_target(self, class_id: str | None) -> None:
        """Choose the class that gets the result; '' is the class itself."""
        if class_id:
            self._context.session.profile.require_class(class_id)
        self._target = class_id or ""
        self._changed()

    def set_outside(self, class_ids: Sequence[str]) -> None:
        """Leave out what these classes have."""
        for each in class_ids:
            self._context.session.profile.require_class(each)
        self._outside = tuple(class_ids)
        self._changed()

    def apply(self) -> None:
        """Apply the threshold."""
        wanted = self._wanted()
        if wanted is not None:
            threshold = self._context.session.threshold

            def apply() -> None:
                threshold.consider(wanted)
                threshold.apply()

            self._do(apply)

    # inside

    def _settings(self) -> ThresholdSettings:
        """What is typed and chosen; an empty field has its default."""
        typed = {name: text for name, text in self._texts.items() if text.strip()}
        return with_texts(ThresholdSettings(otsu=self._otsu), typed)

    def _errors(self) -> dict[str, str]:
        try:
            self._settings()
        except SettingsError as error:
            return {str(error).partition(": ")[0]: why_of(error)}
        return {}

    def _wanted(self) -> ThresholdRefinement | None:
        if self._errors():
            return None
        own, source = self._context.session.class_id, self._context.session.threshold.source
        known = [each.id for each in self._context.session.profile.classes]
        outside = tuple(each for each in self._outside if each in known and each != own)
        return ThresholdRefinement(source, self._target if self._target in known else own, self._settings(), outside)

    def _changed(self) -> None:
        if self._context.session.threshold.wanted is not None:
            self._consider()
        self._context.refresh()

    def _consider(self) -> None:
        wanted = self._wanted()
        if wanted is not None:
            self._do(lambda: self._context.session.threshold.consider(wanted))

    def _do(self, action: Callable[[], object]) -> None:
        self._context.session.attempt(action)
        self._context.refresh()
