"""A recorded segmentation: which prompts, on which slices, for which classes.

The file is what the command line replays and what the fronts export. The same prompts in the same order, with the
same weights and window, give the same voxels. See ``Docs/prompt-file.md`` and ``schemas/prompts.schema.json``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from .atomic_file import write_text
from .errors import GeometryError, PromptError
from .image import Window
from .json_document import Json, Node, parse_document, read_document, seems_to_be, to_text
from .profile import SegmentationProfile, profile_document, profile_of, window_of
from .prompts import BoxPrompt, PointPrompt, Prompt, Prompts
from .slices import ARRAY_AXIS, Axis, Ijk, SliceKey, slice_of_voxel

FORMAT = "rwthsam-prompts"
VERSION = 1

_MADE_WITH = ("program", "model", "weights_sha256", "engine")
_FILE_KEYS = ("format", "version", *_MADE_WITH, "window", "volume", "profile", "slices")
_SLICE_KEYS = ("axis", "index", "class", "time", "candidate", "prompts", "points", "box")


@dataclass(frozen=True)
class PromptedSlice:
    """What was submitted at once: the prompts of one slice, and the class that got their mask.

    Attributes
    ----------
    slice : SliceKey
    prompts : Prompts
    class_id : str
        Id of a profile's class; in a file also its name, see `PromptFile.resolved`.
    time : str, optional
        When it was submitted, as ISO 8601 with its offset from UTC. Two that differ in it alone are equal.
    """

    slice: SliceKey
    prompts: Prompts
    class_id: str
    time: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class PromptFile:
    """Everything that was submitted, in that order, and what it was made with.

    Attributes
    ----------
    slices : tuple of PromptedSlice
        The order counts, because later masks overwrite earlier ones. A slice may occur several times.
    window : Window, optional
        Grey values that the model saw from black to white.
    model : str, optional
        Name in the model catalogue.
    weights_sha256 : str, optional
        Of the weights file, 64 hexadecimal digits.
    volume_name : str, optional
    shape_kji : tuple of int, optional
        Voxels of the volume along k, j and i.
    profile : SegmentationProfile, optional
        With the classes that `slices` name.
    program : str, optional
        What recorded it, such as ``"RWTHSAM 0.1.0"``.
    engine : str, optional
        Where and how precisely the model computed, for people.
    """

    slices: tuple[PromptedSlice, ...]
    window: Window | None = None
    model: str | None = None
    weights_sha256: str | None = None
    volume_name: str | None = None
    shape_kji: tuple[int, int, int] | None = None
    profile: SegmentationProfile | None = None
    program: str | None = None
    engine: str | None = None

    @property
    def class_ids(self) -> tuple[str, ...]:
        """Every class that is named, in the order of first use."""
        return tuple(dict.fromkeys(prompted.class_id for prompted in self.slices))

    def resolved(self, profile: SegmentationProfile) -> PromptFile:
        """The file with `profile`, and with class ids where it had class names; an id wins over an equal name.

        Raises
        ------
        PromptError
            If the profile lacks a class.
        """
        found = {named: profile.class_by_id(named) or profile.class_named(named) for named in self.class_ids}
        missing = [named for named, entry in found.items() if entry is None]
        if missing:
            known = ", ".join(f"'{entry.name}'" for entry in profile.classes)
            raise PromptError(
                f"Profile '{profile.name}' has no class {', '.join(map(repr, missing))}; it has {known}. "
                "Choose the profile that the prompts were made with."
            )
        ids = {named: entry.id for named, entry in found.items() if entry is not None}
        slices = tuple(replace(each, class_id=ids[each.class_id]) for each in self.slices)
        return replace(self, slices=slices, profile=profile)

    def to_json(self) -> str:
        """JSON text of version 1.

        Raises
        ------
        PromptError
            If nothing was submitted: there is nothing to replay.
        """
        if not self.slices:
            raise PromptError("There are no prompts to write: submit a mask to a class first.")
        document: dict[str, Json] = {"format": FORMAT, "version": VERSION}
        for name in _MADE_WITH:
            if getattr(self, name) is not None:
                document[name] = getattr(self, name)
        if self.window is not None:
            document["window"] = [self.window.lower, self.window.upper]
        document.update(_volume_document(self.volume_name, self.shape_kji))
        document["slices"] = [_slice_document(each) for each in self.slices]
        if self.profile is not None:
            document["profile"] = profile_document(self.profile)
        return to_text(document)


def read_prompt_file(path: Path) -> PromptFile:
    """Read recorded prompts.

    Raises
    ------
    PromptError
        If there is no such file or it is no valid prompt file; names the file and the place within the document.
    """
    node = read_document(path, PromptError)
    try:
        return _prompt_file_of(node)
    except PromptError as error:
        raise PromptError(f"'{path}': {error}") from error


def parse_prompt_file(text: str | bytes) -> PromptFile:
    """Recorded prompts of a JSON text.

    Raises
    ------
    PromptError
        If the text is no valid prompt file; names the place within the document.
    """
    return _prompt_file_of(parse_document(text, PromptError))


def write_prompt_file(prompt_file: PromptFile, path: Path) -> None:
    """Write recorded prompts; the file is either old or new, never half of each.

    Raises
    ------
    InputError
        If there are no prompts, or the file cannot be written.
    """
    write_text(path, prompt_file.to_json())


def _prompt_file_of(node: Node) -> PromptFile:
    _check_header(node)
    # an unknown key may be a new kind of prompt: reading on without it would give other voxels
    node.only(*_FILE_KEYS)
    model, digest, window = (node.optional(key) for key in ("model", "weights_sha256", "window"))
    program, engine = node.optional("program"), node.optional("engine")
    profile = node.optional("profile")
    volume_name, shape_kji = _volume_of(node.optional("volume"))
    slices = node.item("slices").items(1, None, "slices with prompts")
    return PromptFile(
        slices=tuple(_prompted_slice(each, shape_kji) for each in slices),
        window=None if window is None else window_of(window),
        model=None if model is None else model.text("the name of a model"),
        weights_sha256=None if digest is None else _sha256_of(digest),
        volume_name=volume_name,
        shape_kji=shape_kji,
        profile=None if profile is None else profile_of(profile),
        program=None if program is None else program.text(),
        engine=None if engine is None else engine.text(),
    )


def _check_header(node: Node) -> None:
    if not isinstance(node.value, dict) or node.value.get("format") != FORMAT:
        raise PromptError(
            f'The document: expected a prompt file with "format": "{FORMAT}", got {seems_to_be(node.value)}.'
        )
    version = node.item("version").whole(f"the number {VERSION}")
    if version > VERSION:
        raise PromptError(
            f"version: this file has version {version}, this program reads up to {VERSION}. Update RWTHSAM to open it."
        )
    if version != VERSION:
        node.item("version").fail(f"the number {VERSION}")


def _volume_of(node: Node | None) -> tuple[str | None, tuple[int, int, int] | None]:
    if node is None:
        return None, None
    node.only("name", "shape_kji")
    name, shape = node.optional("name"), node.optional("shape_kji")
    return None if name is None else name.text(), None if shape is None else _shape_of(shape)


def _shape_of(node: Node) -> tuple[int, int, int]:
    counts = [each.whole() for each in node.items(3, 3, "numbers of voxels along k, j and i")]
    if min(counts) < 1:
        node.fail("three numbers of voxels, 1 or larger")
    return counts[0], counts[1], counts[2]


def _sha256_of(node: Node) -> str:
    expected = "64 hexadecimal digits"
    text = node.text(expected)
    if len(text) != 64 or any(digit not in "0123456789abcdefABCDEF" for digit in text):
        node.fail(expected)
    return text.lower()


def _prompted_slice(node: Node, shape_kji: tuple[int, int, int] | None) -> PromptedSlice:
    node.only(*_SLICE_KEYS)
    key = _slice_key(node)
    class_node = node.item("class")
    class_id = class_node.text("a class's name or id").strip()
    if not class_id:
        class_node.fail("a class's name or id")
    prompts = _prompts_of(node, key)
    if shape_kji is not None:
        _check_inside(node, key, prompts, shape_kji)
    time = node.optional("time")
    return PromptedSlice(key, prompts, class_id, None if time is None else time.text("a date and time"))


def _slice_key(node: Node) -> SliceKey:
    axis = node.item("axis")
    name = axis.text("'k', 'j' or 'i'")
    if name not in ARRAY_AXIS:
        axis.fail("'k', 'j' or 'i'")
    return SliceKey(_as_axis(name), node.item("index").whole())


def _as_axis(name: str) -> Axis:
    return "k" if name == "k" else "j" if name == "j" else "i"


def _prompts_of(node: Node, key: SliceKey) -> Prompts:
    candidate = node.optional("candidate")
    number = 0 if candidate is None else candidate.whole("0, 1 or 2")
    if candidate is not None and number > 2:
        candidate.fail("0, 1 or 2")
    try:
        prompts = Prompts(tuple(_ordered_prompts(node, key)), number)
    except PromptError as error:
        if str(error).startswith(node.path):
            raise
        raise PromptError(f"{node.path}: {error}") from error
    if not prompts.can_segment:
        raise PromptError(f"{node.path}: expected a positive point (label 1) or a box, got only negative points.")
    return prompts


def _ordered_prompts(node: Node, key: SliceKey) -> list[Prompt]:
    listed, points, box = (node.optional(name) for name in ("prompts", "points", "box"))
    if listed is not None:
        if points is not None or box is not None:
            raise PromptError(
                f'{node.path}: expected either "prompts" or the short forms "points" and "box", got both.'
            )
        return [_prompt_of(each, key) for each in listed.items(1, None, "prompts")]
    short: list[Prompt] = [] if box is None else [_box_of(box, key)]
    if points is not None:
        short += [_short_point_of(each, key) for each in points.items(1, None, "points")]
    if not short:
        raise PromptError(f'{node.path}: expected "prompts", "points" or "box", got none of them.')
    return short


def _prompt_of(node: Node, key: SliceKey) -> Prompt:
    members = node.members()
    if ("box" in members) == ("point" in members):
        node.fail('{"point": [i, j, k], "label": 1 or 0} or {"box": [[i, j, k], [i, j, k]]}')
    if "box" in members:
        node.only("box")
        return _box_of(node.item("box"), key)
    node.only("point", "label")
    return PointPrompt(*_pixel_of(node.item("point"), key), _is_positive(node.item("label")))


def _short_point_of(node: Node, key: SliceKey) -> PointPrompt:
    *voxel, label = node.items(4, 4, "numbers i, j, k, label")
    place = Node([each.value for each in voxel], node.path, node.error)
    return PointPrompt(*_pixel_of(place, key), _is_positive(label))


def _box_of(node: Node, key: SliceKey) -> BoxPrompt:
    first, second = node.items(2, 2, "corners [i, j, k]")
    return BoxPrompt.around(_pixel_of(first, key), _pixel_of(second, key))


def _is_positive(node: Node) -> bool:
    label = node.whole("1 (positive) or 0 (negative)")
    if label > 1:
        node.fail("1 (positive) or 0 (negative)")
    return label == 1


def _pixel_of(node: Node, key: SliceKey) -> tuple[int, int]:
    i, j, k = (each.whole("a voxel index, 0 or larger") for each in node.items(3, 3, "voxel indices i, j, k"))
    voxel: Ijk = (i, j, k)
    if slice_of_voxel(key.axis, voxel) != key:
        node.fail(f"a voxel [i, j, k] on slice {key.axis}={key.index}")
    return key.xy(voxel)


def _check_inside(node: Node, key: SliceKey, prompts: Prompts, shape_kji: tuple[int, int, int]) -> None:
    try:
        key.check_inside(shape_kji)
        prompts.check_inside(key.shape_yx(shape_kji))
    except (GeometryError, PromptError) as error:
        raise PromptError(f"{node.path}: {error}") from error


def _volume_document(name: str | None, shape_kji: tuple[int, int, int] | None) -> dict[str, Json]:
    volume: dict[str, Json] = {}
    if name is not None:
        volume["name"] = name
    if shape_kji is not None:
        volume["shape_kji"] = [int(count) for count in shape_kji]
    return {"volume": volume} if volume else {}


def _slice_document(prompted: PromptedSlice) -> Json:
    prompts: list[Json] = [_prompt_document(item, prompted.slice) for item in prompted.prompts.items]
    return {
        "axis": prompted.slice.axis,
        "index": prompted.slice.index,
        "class": prompted.class_id,
        **({} if prompted.time is None else {"time": prompted.time}),
        "candidate": prompted.prompts.candidate,
        "prompts": prompts,
    }


def _prompt_document(item: Prompt, key: SliceKey) -> Json:
    if isinstance(item, BoxPrompt):
        return {"box": [list(key.ijk(item.x_min, item.y_min)), list(key.ijk(item.x_max, item.y_max))]}
    return {"point": list(key.ijk(item.x, item.y)), "label": int(item.positive)}
