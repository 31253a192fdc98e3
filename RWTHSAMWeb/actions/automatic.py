"""Annotation without prompts: a run over slices, its settings and filters, and what becomes of the objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from RWTHSAMLib.core.field_check import with_fields
from RWTHSAMLib.core.json_document import Json
from RWTHSAMLib.core.settings.automatic import MODES, PRESETS, AutomaticSettings
from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.settings.typed import TextField, text_fields, texts_of, with_texts
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.word_check import one_of
from RWTHSAMLib.errors import SettingsError, StateError
from RWTHSAMLib.mrml.session.detected_columns import COLUMNS
from RWTHSAMLib.mrml.session.parts.automatic_kept import CHOSEN_STATES
from RWTHSAMLib.mrml.session.parts.automatic_masks import AutomaticMasks
from RWTHSAMLib.mrml.session.showing import show_place
from RWTHSAMLib.mrml.session.workspace import ANNOTATION_MODES

from ..app_context import AppContext
from ..arguments import OneOf, Position
from ..detected_table import DetectedTable
from ..drafts import Drafts, why_of
from ..kept_choices import choice_of
from ..state import page_values, session_values
from .views import ViewActions

_FIELDS, _FILTERS = text_fields(AutomaticSettings), text_fields(AutomaticRunSettings)


class AutomaticActions:
    """Panel 4 in its automatic mode, and the table below the views."""

    def __init__(self, context: AppContext, views: ViewActions) -> None:
        self._context, self._views = context, views
        self.table = DetectedTable()
        # what was typed and is not a valid setting yet, and why
        self._drafts = Drafts()
        self._grey_draft: tuple[str, str] | None = None
        self._grey_problem: tuple[str, str] = ("", "")  # label of the wrong one of both ends, and why
        self._last_clicked: int | None = None
        self._seen_selection: tuple[int, ...] = ()

    def shown(self) -> page_values.Json:
        """The part of the page's state that this answers for."""
        automatic = self._automatic
        if automatic.selection != self._seen_selection:
            self._seen_selection = automatic.selection
            if automatic.selection:
                self.table.turn_to(automatic.selection[-1], automatic.detected)
        choices = automatic.settings
        texts, shown = texts_of(choices.generator), texts_of(choices)
        return {
            **session_values.of_automatic(self._context.session),
            "auto_fields": [self._field(each, texts) for each in _FIELDS.values()],
            "auto_valid": not self._drafts,
            "auto_preset": next((name for name, each in PRESETS.items() if each == choices.generator), ""),
            "auto_grey": list(self._grey_draft or (shown["grey_lower"], shown["grey_upper"])),
            **self.table.shown(automatic.detected, self._context.session.profile),
        }

    def kept(self) -> dict[str, Json]:
        """See `Keeper`: the order of the table."""
        return {"detected_sort": self.table.sort_by, "detected_descending": self.table.descending}

    def take_up(self, kept: Mapping[str, Json]) -> None:
        """See `Keeper`."""
        first = DetectedTable()
        column = choice_of(kept, "detected_sort", Annotated[str, OneOf(COLUMNS)], first.sort_by)
        self.table.sort_as(column, choice_of(kept, "detected_descending", bool, first.descending))

    # run

    def set_mode(self, mode: str | None) -> None:
        """Annotate by clicks or look at what is found without them."""
        if mode:
            self._context.host.set_native_tool("")
            self._do(lambda: self._context.session.set_mode(one_of("mode", mode, ANNOTATION_MODES)))

    def start(self, where: Annotated[str, OneOf(page_values.AUTOMATIC_WHERE)]) -> None:
        """Look through slices of the view in use.

        `where` comes with the call, because what the page itself has set may arrive later than what is pressed next.
        """
        self._do(lambda: self._automatic.start(self._wanted_slices(where)))

    def slices_of_job(self) -> list[SliceKey]:
        """Those from - to, else every slice of the view in use: a look at a single one is no job."""
        session, node = self._context.session, self._views.node_in_use
        if self._context.state.auto_where == "range":
            return self._wanted_slices("range")
        return [] if session.slice_shown(node) is None else session.slices_along(node)

    def set_range_end(self, end: Literal["first", "last"], text: str) -> None:
        """Take the first or the last slice to look through, if the view in use has it."""
        self._context.attempt(lambda: self._set_range_end(end, text))

    def stop(self) -> None:
        """Stop; what is done stays."""
        self._do(self._automatic.stop)

    def resume(self) -> None:
        """Go on."""
        self._do(self._automatic.resume)

    # settings and filters

    def use_preset(self, name: Annotated[str, OneOf(PRESETS)]) -> None:
        """Take all settings of a preset."""
        self._drafts.clear()
        self._choose(generator=PRESETS[name])

    def set_setting(self, name: Annotated[str, OneOf(_FIELDS)], text: str | None) -> None:
        """Take a setting as soon as it is valid; else say why not and keep what was typed."""
        generator = self._automatic.settings.generator
        self._drafts.begin(name, texts_of(generator)[name])
        try:
            changed = with_texts(generator, {name: text or ""})
        except SettingsError as error:
            self._drafts.refuse(name, text or "", why_of(error))
            self._context.refresh()
        else:
            self._drafts.accept(name)
            self._context.is_right(_FIELDS[name].label)
            self._choose(generator=changed)

    def leave(self, name: Annotated[str, OneOf(_FIELDS)]) -> None:
        """The last good value of a setting comes back where something else was typed, and it is said why."""
        refused = self._drafts.leave(name)
        if refused is not None:
            self._context.gave_way(_FIELDS[name].label, refused.why, refused.before)
            self._choose(generator=with_texts(self._automatic.settings.generator, {name: refused.before}))

    def set_points(self, mode: Annotated[str, OneOf(MODES)]) -> None:
        """Ask every point of the grid, or only where it pays."""
        self._choose(mode=mode)

    def use_points(self) -> None:
        """Ask the positive points of the slice that was prompted last instead of a grid."""
        self._drafts.accept("points_per_side")
        self._do(self._automatic.use_points)

    def use_grid(self) -> None:
        """Ask a grid of points again."""
        self._drafts.accept("points_per_side")
        self._do(self._automatic.use_grid)

    def keep_settings(self) -> None:
        """Write the settings into the profile."""
        self._do(self._automatic.keep_settings)

    def set_shortest(self, text: str | None) -> None:
        """Leave out objects in fewer slices."""
        self._context.attempt(lambda: self._set_shortest(text or ""))

    def leave_grey(self, stays: bool) -> None:
        """As `leave`, for the grey values, unless the focus stays within them."""
        if not stays:
            if self._grey_draft is not None:
                ends = texts_of(self._automatic.settings)
                span = f"{ends['grey_lower'] or 'open'} to {ends['grey_upper'] or 'open'}"
                self._context.gave_way(*self._grey_problem, span)
            self._grey_draft = None
            self._context.refresh()

    def set_grey(self, lower: str | None, upper: str | None) -> None:
        """Leave out objects of other grey values; an empty end is open."""
        try:
            choices = with_texts(self._automatic.settings, {"grey_lower": lower or "", "grey_upper": upper or ""})
        except SettingsError as error:
            self._grey_draft = (lower or "", upper or "")
            self._grey_problem = _FILTERS[str(error).partition(":")[0]].label, why_of(error)
            self._context.refresh()
        else:
            self._grey_draft = None
            self._do(lambda: self._automatic.set_settings(choices))

    def set_doubtful(self, hidden: bool) -> None:
        """Leave out what hardly differs from its surroundings, or not."""
        self._choose(hide_doubtful=bool(hidden))

    def use_box(self) -> None:
        """Keep only objects inside the box that is drawn on the active slice."""
        self._do(self._automatic.use_box)

    def drop_box(self) -> None:
        """Keep objects wherever they lie."""
        self._choose(region_xyxy=None)

    # table

    def sort(self, column: Annotated[str, OneOf(COLUMNS)]) -> None:
        """Sort the table."""
        self.table.sort(column)
        self._context.refresh()

    def turn_page(self, page: int) -> None:
        """Show another page of the table, from 1."""
        self.table.page = max(1, page) - 1
        self._context.refresh()

    def click_row(self, number: Position, adds: bool, extends: bool) -> None:
        """Select rows as in any list: alone, one more or less, or all up to here."""
        selected = list(self._automatic.selection)
        if number not in [each.object.number for each in self._automatic.detected]:
            raise StateError(f"There is no object {number} in the table.")
        if extends and self._last_clicked is not None:
            numbers = [each.object.number for each in self.table.in_order(self._automatic.detected)]
            ends = sorted(numbers.index(each) for each in (self._last_clicked, number) if each in numbers)
            selected = numbers[ends[0] : ends[-1] + 1]  # the row itself is there at least
        elif adds:
            selected = [each for each in selected if each != number] if number in selected else [*selected, number]
        else:
            selected = [number]
        self._last_clicked = number
        self._seen_selection = tuple(selected)  # the row is in view already
        self._do(lambda: self._automatic.select(selected))

    def look_at(self, number: Position) -> None:
        """Show the middle of an object in all views."""
        session = self._context.session
        self._do(lambda: show_place(session.workspace, self._automatic.middle_of(number)))

    def select_all(self) -> None:
        """Select everything that can be submitted."""
        numbers = [each.object.number for each in self._automatic.detected if each.state in ("open", "accepted")]
        self._do(lambda: self._automatic.select(numbers))

    def review(self, word: Annotated[str, OneOf(("accepted", "rejected", "open"))]) -> None:
        """Accept or reject what is selected, or open it again."""
        self._do(lambda: self._automatic.review(one_of("state", word, CHOSEN_STATES)))

    def submit(self) -> None:
        """Put what is selected, else what is accepted, into the chosen class."""
        self._do(self._automatic.submit)

    def submit_apart(self) -> None:
        """Make a class of each."""
        self._do(self._automatic.submit_apart)

    def apply_rules(self) -> None:
        """Put every object into the class that the rules give it."""
        self._do(self._automatic.apply_rules)

    def show_rules(self, shown: bool) -> None:
        """Show objects in the colours of the classes that the rules give them."""
        self._do(lambda: self._automatic.show_rules(bool(shown)))

    def save_table(self, folder: Path) -> Path:
        """The table as a CSV file in a folder."""
        if not self._automatic.detected:
            raise StateError("There are no objects yet: look for some first.")
        path = folder / "objects.csv"
        self._automatic.save_table(path)
        return path

    # inside

    @property
    def _automatic(self) -> AutomaticMasks:
        return self._context.session.automatic

    def _set_range_end(self, end: str, text: str) -> None:
        count = len(self._context.session.slices_along(self._views.node_in_use))
        if not text.strip().isdecimal() or int(text) >= count:
            raise StateError(f"There are the slices 0 to {count - 1}, and no slice '{text[:20]}'.")
        setattr(self._context.state, f"auto_{end}", int(text))

    def _set_shortest(self, text: str) -> None:
        try:
            choices = with_texts(self._automatic.settings, {"min_slices": text})
        except SettingsError as error:
            raise SettingsError(why_of(error)) from error
        self._automatic.set_settings(choices)

    def _wanted_slices(self, where: str) -> list[SliceKey]:
        session, node = self._context.session, self._views.node_in_use
        if where == "range":
            first, last = int(self._context.state.auto_first), int(self._context.state.auto_last)
            if first > last:
                raise StateError(f"From {first} to {last} there is no slice: give the lower number first.")
            return session.slices_along(node, first, last)
        every = session.slices_along(node)
        return every if where == "all" else every[:1]

    def _field(self, field: TextField, texts: dict[str, str]) -> page_values.Json:
        shown = self._drafts.shown(field.name, texts[field.name])
        return {"name": field.name, "label": field.label, "help": field.help, **shown}

    def _choose(self, **changes: object) -> None:
        self._do(lambda: self._automatic.set_settings(with_fields(self._automatic.settings, changes)))

    def _do(self, action: Callable[[], object]) -> None:
        self._context.session.attempt(action)
        self._context.refresh()
