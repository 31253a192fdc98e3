"""From prompted slices to an object in the volume: how far, by which rules, and which of its slices to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from RWTHSAMLib.core.field_check import with_fields
from RWTHSAMLib.core.settings.propagation import PropagationSettings
from RWTHSAMLib.core.settings.propagation_run import DIRECTIONS, PropagationRunSettings
from RWTHSAMLib.core.settings.typed import text_fields, texts_of, with_texts
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.mrml.session.parts.object_propagation import ObjectPropagation
from RWTHSAMLib.mrml.session.showing import show_place

from ..app_context import AppContext
from ..arguments import OneOf
from ..drafts import Drafts, why_of
from ..state import page_values, session_values
from .views import ViewActions

_RUN_FIELDS, _STEP_FIELDS = text_fields(PropagationRunSettings), text_fields(PropagationSettings)
_FIELDS = (*_RUN_FIELDS, *_STEP_FIELDS)
_LABELS = {name: each.label for name, each in (_RUN_FIELDS | _STEP_FIELDS).items()}


class PropagationActions:
    """The part of panel 4 that goes through the volume."""

    def __init__(self, context: AppContext, views: ViewActions) -> None:
        self._context, self._views = context, views
        self._drafts = Drafts()

    def shown(self) -> page_values.Json:
        """The part of the page's state that this answers for."""
        choices = self._propagation.settings
        return {
            **session_values.of_propagation(self._context.session),
            "prop_direction": choices.direction,
            "prop_way_back": choices.rules.way_back,
            "prop_mask_prompt": choices.rules.mask_prompt,
            "prop_values": {name: self._drafts.shown(name, text) for name, text in self._texts.items()},
            "prop_valid": not self._drafts,
        }

    def start(self) -> None:
        """Propagate the temporary masks."""
        self._do(self._propagation.start)

    def start_from_class(self) -> None:
        """Propagate what the chosen class has on the slice of the view in use."""
        self._do(lambda: self._propagation.start_from_class([self._views.slice_in_use()]))

    def stop(self) -> None:
        """Stop; what is known of the object stays."""
        self._do(self._propagation.stop)

    def drop(self) -> None:
        """Drop the object; prompts stay."""
        self._do(self._propagation.clear)

    def set_direction(self, direction: Annotated[str, OneOf(DIRECTIONS)] | None) -> None:
        """Go to both sides, forward or backward."""
        if direction:
            self._choose(lambda choices: with_fields(choices, {"direction": direction}))

    def set_way_back(self, checked: bool) -> None:
        """Check the way back to the prompted slice, or not."""
        self._choose(lambda choices: replace(choices, rules=replace(choices.rules, way_back=bool(checked))))

    def set_mask_prompt(self, shown: bool) -> None:
        """Show the model the mask of the slice before, or not."""
        self._choose(lambda choices: replace(choices, rules=replace(choices.rules, mask_prompt=bool(shown))))

    def set_value(self, name: Annotated[str, OneOf(_FIELDS)], text: str | None) -> None:
        """Take a rule or an end of the range when it is valid; else say why not and keep what was typed."""
        self._drafts.begin(name, self._texts[name])
        try:
            changed = _with(self._propagation.settings, name, text or "")
        except SettingsError as error:
            self._drafts.refuse(name, text or "", why_of(error))
            self._context.refresh()
        else:
            self._drafts.accept(name)
            self._context.is_right(_LABELS[name])
            self._choose(lambda _: changed)

    def leave(self, name: Annotated[str, OneOf(_FIELDS)]) -> None:
        """The last good value comes back where something else was typed, and it is said why."""
        refused = self._drafts.leave(name)
        if refused is not None:
            self._context.gave_way(_LABELS[name], refused.why, refused.before)
            self._choose(lambda choices: _with(choices, name, refused.before))

    def look_at(self, index: int) -> None:
        """Show a slice of the object in its view."""
        self._do(lambda: show_place(self._context.session.workspace, self._propagation.middle_of(int(index))))

    def confirm(self, index: int) -> None:
        """Say that a slice of the object is right."""
        axis = self._propagation.axis
        if axis is not None:
            self._do(lambda: self._propagation.confirm(SliceKey(axis, int(index))))

    def save_table(self, folder: Path) -> Path:
        """The object's slices as a CSV file in a folder."""
        path = folder / "object.csv"
        self._propagation.save_table(path)
        return path

    # inside

    @property
    def _propagation(self) -> ObjectPropagation:
        return self._context.session.propagation

    @property
    def _texts(self) -> dict[str, str]:
        choices = self._propagation.settings
        return texts_of(choices) | texts_of(choices.rules)

    def _choose(self, change: Callable[[PropagationRunSettings], PropagationRunSettings]) -> None:
        self._do(lambda: self._propagation.set_settings(change(self._propagation.settings)))

    def _do(self, action: Callable[[], None]) -> None:
        self._context.session.attempt(action)
        self._context.refresh()


def _with(choices: PropagationRunSettings, name: str, text: str) -> PropagationRunSettings:
    """The choices with another value, given as text; an empty one leaves an end open."""
    if name in _RUN_FIELDS:
        return with_texts(choices, {name: text})
    return replace(choices, rules=with_texts(choices.rules, {name: text}))
