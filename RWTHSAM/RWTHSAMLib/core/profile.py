"""Segmentation profiles: the classes that a kind of scan is segmented into, and how it is looked at.

A class is an id, not a row: renaming, recolouring or re-ordering classes never changes which voxels belong to which.
Profiles are JSON files, see ``Docs/profile.md`` and ``schemas/profile.schema.json``. The files of RWTH-SAM,
``{"classes": ["can", "core"]}``, are read too; their ids come from the names.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from ..errors import ImageError, ProfileError
from .color import Color, color_of_hex, hex_of_color, next_color
from .json_document import Json, Node, item_path, parse_document, path_below, read_document, seems_to_be, to_text
from .settings.class_rules import AutomaticDefaults, plan_of, plan_to_dict
from .system.atomic_file import write_text
from .window import Window

FORMAT = "rwthsam-profile"
VERSION = 2
MAX_CLASSES = 255
"""As many as Slicer's labelmaps of 8 bit can tell apart."""

# limits against damaged files, far above what people type
_MAX_NAME = 200
_MAX_ID = 64
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PROFILE_KEYS = ("format", "version", "name", "window", "model", "automatic", "classes")
_CLASS_KEYS = ("id", "name", "color", "terminology", "locked")
_Part = TypeVar("_Part")

Extras = tuple[tuple[str, str], ...]
"""Keys of a file that this version does not know, each with its value as JSON text."""


@dataclass(frozen=True)
class ProfileClass:
    """One class of a profile.

    Attributes
    ----------
    id : str
        Stays the same as long as the class exists; letters, digits, ``.``, ``_`` and ``-``.
    name : str
        What people read; unique within a profile.
    color : tuple of float
        Red, green, blue, each 0 to 1.
    terminology : str, optional
        A terminology entry as Slicer serialises it, ``category~type~modifier~region~regionModifier``.
    locked : bool
        Whether the voxels of the class are protected from every change.
    extras : tuple
        What a newer version wrote here; kept and written again.

    Raises
    ------
    ProfileError
        If a value does not fit; the message begins with the attribute's name.
    """

    id: str
    name: str
    color: Color
    terminology: str | None = None
    locked: bool = False
    extras: Extras = ()

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id) or len(self.id) > _MAX_ID:
            raise ProfileError(
                f"id: expected 1 to {_MAX_ID} letters, digits, '.', '_' or '-', the first a letter or digit, "
                f"got {self.id!r}."
            )
        _check_name(self.name)
        if len(self.color) != 3 or not all(0 <= part <= 1 for part in self.color):
            raise ProfileError(f"color: expected red, green and blue from 0 to 1, got {self.color}.")
        if self.terminology is not None and not _is_one_line(self.terminology):
            raise ProfileError("terminology: expected one line of text as Slicer serialises it, or null.")


@dataclass(frozen=True)
class SegmentationProfile:
    """Classes in their order, and optionally the window and the model that suit these scans.

    A profile never changes: every editing method returns a new one.

    Attributes
    ----------
    name : str
    classes : tuple of ProfileClass
        At least one; ids and names are unique.
    window : Window, optional
        Grey values that the model sees from black to white.
    model : str, optional
        Name in the model catalogue.
    automatic : AutomaticDefaults
        Settings of automatic masks, and rules that make classes of them.
    extras : tuple
        What a newer version wrote here; kept and written again.

    Raises
    ------
    ProfileError
        If there is no class, there are more than 255, an id or a name is given twice, or a rule names no class.
    """

    name: str
    classes: tuple[ProfileClass, ...]
    window: Window | None = None
    model: str | None = None
    extras: Extras = ()
    automatic: AutomaticDefaults = AutomaticDefaults()

    def __post_init__(self) -> None:
        _check_name(self.name)
        if not 1 <= len(self.classes) <= MAX_CLASSES:
            raise ProfileError(f"classes: expected 1 to {MAX_CLASSES} classes, got {len(self.classes)}.")
        _check_unique("id", [entry.id for entry in self.classes])
        _check_unique("name", [entry.name for entry in self.classes])
        for index, rule in enumerate(self.automatic.rules):
            if self.class_by_id(rule.class_id) is None:
                place = path_below(item_path("'rules' of 'automatic'", index), "class")
                raise ProfileError(f"{place}: there is no class {rule.class_id!r}.")

    def class_by_id(self, class_id: str) -> ProfileClass | None:
        """The class with an id, or None."""
        return next((entry for entry in self.classes if entry.id == class_id), None)

    def class_named(self, name: str) -> ProfileClass | None:
        """The class with a name, or None."""
        return next((entry for entry in self.classes if entry.name == name), None)

    def require_class(self, class_id: str) -> ProfileClass:
        """The class with an id.

        Raises
        ------
        ProfileError
            If the profile has no such class.
        """
        entry = self.class_by_id(class_id)
        if entry is None:
            known = ", ".join(each.id for each in self.classes)
            raise ProfileError(f"Profile '{self.name}' has no class '{class_id}'; it has {known}.")
        return entry

    def adding(self, entry: ProfileClass | str, position: int | None = None) -> SegmentationProfile:
        """The profile and one class more.

        Parameters
        ----------
        entry : ProfileClass or str
            A name gets an id made from it and the next colour that no class has.
        position : int, optional
            Default: the end.
        """
        if isinstance(entry, str):
            self._check_free(entry.strip())
            new_id = fresh_id(entry, [each.id for each in self.classes])
            entry = ProfileClass(new_id, entry.strip(), next_color([each.color for each in self.classes]))
        classes = list(self.classes)
        classes.insert(len(classes) if position is None else position, entry)
        return replace(self, classes=tuple(classes))

    def without(self, class_id: str) -> SegmentationProfile:
        """The profile less a class and its rules; the last one cannot go."""
        gone = self.require_class(class_id)
        classes = tuple(entry for entry in self.classes if entry is not gone)
        return replace(self, classes=classes, automatic=self.automatic.without_class(class_id))

    def renaming(self, class_id: str, name: str) -> SegmentationProfile:
        """The profile with another name for a class; its id stays."""
        self._check_free(name.strip(), class_id)
        return self._changing(replace(self.require_class(class_id), name=name.strip()))

    def _check_free(self, name: str, class_id: str | None = None) -> None:
        """Raise `ProfileError`, in words for whoever has typed it, unless a class can have a name."""
        if not name or len(name) > _MAX_NAME or not _is_one_line(name):
            raise ProfileError(
                f"The name of a class has 1 to {_MAX_NAME} characters in one line; '{name[:60]}' does not."
            )
        if any(each.name == name and each.id != class_id for each in self.classes):
            raise ProfileError(f"Another class is called '{name}' already: choose another name.")

    def recolouring(self, class_id: str, color: Color) -> SegmentationProfile:
        """The profile with another colour (red, green, blue from 0 to 1) for a class."""
        return self._changing(replace(self.require_class(class_id), color=color))

    def locking(self, class_id: str, locked: bool = True) -> SegmentationProfile:
        """The profile with a class protected from changes, or not any more."""
        return self._changing(replace(self.require_class(class_id), locked=locked))

    def describing(self, class_id: str, terminology: str | None) -> SegmentationProfile:
        """The profile with another terminology entry, as Slicer serialises it, for a class."""
        return self._changing(replace(self.require_class(class_id), terminology=terminology))

    def moving(self, class_id: str, position: int) -> SegmentationProfile:
        """The profile with a class at another place; beyond the ends means the end."""
        moved = self.require_class(class_id)
        classes = [entry for entry in self.classes if entry is not moved]
        classes.insert(max(0, position), moved)
        return replace(self, classes=tuple(classes))

    def to_json(self) -> str:
        """JSON text of version 2."""
        return self._text

    @cached_property
    def _text(self) -> str:
        # a scene keeps it after every change of anything
        return to_text(profile_to_dict(self))

    def _changing(self, changed: ProfileClass) -> SegmentationProfile:
        return replace(self, classes=tuple(changed if each.id == changed.id else each for each in self.classes))


def read_profile(path: Path) -> SegmentationProfile:
    """Read a profile of version 2, or one of RWTH-SAM, which is then named after its file.

    Raises
    ------
    ProfileError
        If there is no such file or it is no valid profile; names the file and the place within the document.
    """
    path = Path(path)
    node = read_document(path, ProfileError)
    try:
        return profile_of_json(node, path.stem.strip() or "Profile")
    except ProfileError as error:
        raise ProfileError(f"'{path}': {error}") from error


def parse_profile(text: str | bytes, name: str = "Profile") -> SegmentationProfile:
    """Profile of a JSON text.

    Parameters
    ----------
    text : str or bytes
        Version 2 or RWTH-SAM's ``{"classes": ["can", "core"]}``.
    name : str
        For a file of RWTH-SAM, which has no name of its own.

    Raises
    ------
    ProfileError
        If the text is no valid profile; names the place within the document.
    """
    return profile_of_json(parse_document(text, ProfileError), name)


def write_profile(profile: SegmentationProfile, path: Path) -> None:
    """Write a profile; the file is either old or new, never half of each.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    write_text(path, profile.to_json())


def profile_of_json(node: Node, name: str = "Profile") -> SegmentationProfile:
    """Profile of a parsed document, see `parse_profile`."""
    if not isinstance(node.value, dict) or ("format" not in node.value and "classes" not in node.value):
        raise node.error(
            f"{node.path or 'The document'}: expected a segmentation profile, got {seems_to_be(node.value)}."
        )
    if "format" not in node.value and "version" not in node.value:
        return _legacy_profile(node, name)
    _check_header(node)
    window, model, automatic = (node.optional(key) for key in ("window", "model", "automatic"))
    entries = [_class_of(each) for each in node.item("classes").items(1, MAX_CLASSES, "classes")]
    return _built(
        node,
        SegmentationProfile,
        node.item("name").text(),
        tuple(entries),
        None if window is None else window_of_json(window),
        None if model is None else model.text(),
        _extras(node, _PROFILE_KEYS),
        AutomaticDefaults() if automatic is None else plan_of(automatic),
    )


def profile_to_dict(profile: SegmentationProfile) -> dict[str, Json]:
    """The JSON object of a profile, version 2."""
    document: dict[str, Json] = {"format": FORMAT, "version": VERSION, "name": profile.name}
    if profile.window is not None:
        document["window"] = [profile.window.lower, profile.window.upper]
    if profile.model is not None:
        document["model"] = profile.model
    if profile.automatic != AutomaticDefaults():
        document["automatic"] = plan_to_dict(profile.automatic)
    document["classes"] = [_class_to_dict(entry) for entry in profile.classes]
    return {**document, **_unknown(profile.extras)}


def default_profile() -> SegmentationProfile:
    """Classes of a cylindrical battery cell."""
    return profile_of_names("Cylindrical cell", ["Can", "Cap", "Jelly roll", "Core", "Tab", "Gasket", "Defect"])


def profile_of_names(name: str, class_names: Iterable[str]) -> SegmentationProfile:
    """Profile of class names alone: ids are made from the names, colours taken from the palette."""
    classes: list[ProfileClass] = []
    for class_name in class_names:
        class_id = fresh_id(class_name, [entry.id for entry in classes])
        classes.append(ProfileClass(class_id, class_name, next_color([entry.color for entry in classes])))
    return SegmentationProfile(name, tuple(classes))


def fresh_id(name: str, taken: Collection[str]) -> str:
    """An id made from a name, the same for the same arguments: ``"Jelly roll"`` gives ``"jelly-roll"``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[: _MAX_ID - 8].rstrip("-") or "class"
    candidate, number = stem, 1
    while candidate in taken:
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def window_of_json(node: Node) -> Window:
    """Window of a list ``[lower, upper]``."""
    lower, upper = (each.number() for each in node.items(2, 2, "grey values, lower and upper"))
    try:
        return Window(lower, upper)
    except ImageError:
        node.fail("two grey values, the first below the second")


def _legacy_profile(node: Node, name: str) -> SegmentationProfile:
    nodes = node.item("classes").items(1, MAX_CLASSES, "class names")
    if any(isinstance(each.value, dict) for each in nodes):
        raise node.error(
            f'{node.path or "The document"}: "format" is missing, expected "{FORMAT}" beside classes that are objects.'
        )
    names = [each.text('a class name such as "can"').strip() for each in nodes]
    for each, class_name in zip(nodes, names, strict=True):
        _built(each, _check_name, class_name)
    _built(node, _check_unique, "name", names)
    return profile_of_names(name, names)


def _check_header(node: Node) -> None:
    if node.item("format").text(f'"{FORMAT}"') != FORMAT:
        raise node.error(
            f'{node.path or "The document"}: expected "format": "{FORMAT}", got {seems_to_be(node.value)}.'
        )
    version = node.item("version").whole(f"the number {VERSION}")
    if version > VERSION:
        raise node.error(
            f"{node.item('version').path}: this profile has version {version}, this program reads up to {VERSION}. "
            "Update RWTHSAM to open it."
        )
    if version != VERSION:
        node.item("version").fail(f"the number {VERSION}")


def _class_of(node: Node) -> ProfileClass:
    terminology, locked = node.optional("terminology"), node.optional("locked")
    return _built(
        node,
        ProfileClass,
        node.item("id").text("a text"),
        node.item("name").text("a text"),
        _color_of(node.item("color")),
        None if terminology is None else terminology.text("text or null"),
        False if locked is None else locked.flag(),
        _extras(node, _CLASS_KEYS),
    )


def _color_of(node: Node) -> Color:
    expected = 'three numbers from 0 to 1 or a text such as "#E69F00"'
    if isinstance(node.value, str):
        try:
            return color_of_hex(node.value)
        except ValueError:
            node.fail(expected)
    if not isinstance(node.value, list) or len(node.value) != 3:
        node.fail(expected)
    parts = [each.number("a number from 0 to 1") for each in node.items()]
    if not all(0 <= part <= 1 for part in parts):
        node.fail(expected)
    return parts[0], parts[1], parts[2]


def _class_to_dict(entry: ProfileClass) -> dict[str, Json]:
    document: dict[str, Json] = {
        "id": entry.id,
        "name": entry.name,
        "color": hex_of_color(entry.color) or list(entry.color),
    }
    if entry.terminology is not None:
        document["terminology"] = entry.terminology
    if entry.locked:
        document["locked"] = True
    return {**document, **_unknown(entry.extras)}


def _extras(node: Node, known: tuple[str, ...]) -> Extras:
    return tuple((key, json.dumps(value)) for key, value in node.members().items() if key not in known)


def _unknown(extras: Extras) -> dict[str, Json]:
    return {key: json.loads(text) for key, text in extras}


def _built(node: Node, make: Callable[..., _Part], *parts: object) -> _Part:
    """Call `make`; what it refuses is said with its place within the document."""
    try:
        return make(*parts)
    except ProfileError as error:
        raise node.error(node.inside(error)) from error


def _check_name(name: str) -> None:
    if not name or name != name.strip() or len(name) > _MAX_NAME or not _is_one_line(name):
        raise ProfileError(
            f"name: expected one line of 1 to {_MAX_NAME} characters without spaces at its ends, got {name[:60]!r}."
        )


def _check_unique(what: str, values: list[str]) -> None:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise ProfileError(
                f"{path_below(item_path('classes', index), what)}: {value!r} is taken by "
                f"{item_path('classes', values.index(value))}, expected another {what} for each class."
            )


def _is_one_line(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in text)
