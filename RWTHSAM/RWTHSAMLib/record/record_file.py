"""A recorded segmentation: what was done to its classes, step by step, and what with.

The file is what the command line replays and what the fronts export. The same steps in the same order, with the same
weights, device, precision and window, give the same voxels. See ``Docs/prompt-file.md`` and
``schemas/prompts.schema.json``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..core.json_document import Json, Node, parse_document, read_document, seems_to_be, to_text
from ..core.profile import SegmentationProfile, profile_of_json, profile_to_dict
from ..core.system.atomic_file import write_text
from ..core.window import Window
from ..errors import PromptError
from .step_codec import MADE_WITH_KEYS, made_with_of, made_with_to_dict, sha256_of, step_of, step_to_dict
from .steps import HandEdit, MadeWith, PromptedSlice, ScanFacts, Step, classes_of, made_by

FORMAT = "rwthsam-prompts"
VERSION = 2
MAX_BYTES = 64 * 1024 * 1024

_HEADER_KEYS = ("format", "version", *MADE_WITH_KEYS, "volume", "profile")
_STEPS = {1: "slices", 2: "steps"}


@dataclass(frozen=True)
class SegmentationRecord:
    """Everything that was done, in that order, and what it was made with.

    Attributes
    ----------
    steps : tuple of Step
        The order counts, because later masks overwrite earlier ones. A slice may occur several times.
    made_with : MadeWith
        Of every step that does not say otherwise.
    scan : ScanFacts
    profile : SegmentationProfile, optional
        With the classes that the steps name.
    """

    steps: tuple[Step, ...]
    made_with: MadeWith = MadeWith()
    scan: ScanFacts = ScanFacts()
    profile: SegmentationProfile | None = None

    @property
    def slices(self) -> tuple[PromptedSlice, ...]:
        """The steps that are prompts of a slice."""
        return tuple(each for each in self.steps if isinstance(each, PromptedSlice))

    def all_steps(self) -> tuple[Step, ...]:
        """The steps, each saying itself what it was made with."""
        return tuple(
            each if isinstance(each, HandEdit) else replace(each, made_with=made_by(each, self.made_with))
            for each in self.steps
        )

    def seen_through(self, window: Window) -> SegmentationRecord:
        """The file with this window for every step."""
        steps = tuple(
            each
            if isinstance(each, HandEdit) or each.made_with is None
            else replace(each, made_with=replace(each.made_with, window=window))
            for each in self.steps
        )
        return replace(self, steps=steps, made_with=replace(self.made_with, window=window))

    @property
    def class_ids(self) -> tuple[str, ...]:
        """Every class that is named, in the order of first use."""
        return tuple(dict.fromkeys(class_id for step in self.steps for class_id in classes_of(step)))

    def resolved(self, profile: SegmentationProfile) -> SegmentationRecord:
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
        return replace(self, steps=tuple(_renamed(each, ids) for each in self.steps), profile=profile)

    def to_json(self) -> str:
        """JSON text of version 2.

        Raises
        ------
        PromptError
            If nothing was submitted: there is nothing to replay.
        """
        if not self.steps:
            raise PromptError("There are no prompts to write: submit a mask to a class first.")
        steps: list[Json] = [step_to_dict(each, self.made_with) for each in self.steps]
        return to_text({**self.header_to_dict(), "steps": steps})

    def header_to_dict(self) -> dict[str, Json]:
        """All but the steps, as a JSON object."""
        document: dict[str, Json] = {"format": FORMAT, "version": VERSION, **made_with_to_dict(self.made_with)}
        volume = _scan_to_dict(self.scan)
        if volume:
            document["volume"] = volume
        if self.profile is not None:
            document["profile"] = profile_to_dict(self.profile)
        return document


def read_prompt_file(path: Path) -> SegmentationRecord:
    """Read recorded steps.

    Raises
    ------
    PromptError
        If there is no such file or it is no valid prompt file; names the file and the place within the document.
    """
    node = read_document(path, PromptError, MAX_BYTES)
    try:
        return _prompt_file_of(node)
    except PromptError as error:
        raise PromptError(f"'{path}': {error}") from error


def parse_prompt_file(text: str | bytes) -> SegmentationRecord:
    """Recorded steps of a JSON text.

    Raises
    ------
    PromptError
        If the text is no valid prompt file; names the place within the document.
    """
    return _prompt_file_of(parse_document(text, PromptError, MAX_BYTES))


def prompt_file_of(document: Json) -> SegmentationRecord:
    """Recorded steps of a JSON value.

    Raises
    ------
    PromptError
        If it is no valid prompt file; names the place within the document.
    """
    return _prompt_file_of(Node(document, "", PromptError))


def write_prompt_file(prompt_file: SegmentationRecord, path: Path) -> None:
    """Write recorded steps; the file is either old or new, never half of each.

    Raises
    ------
    InputError
        If there are none, or the file cannot be written.
    """
    write_text(path, prompt_file.to_json())


def _prompt_file_of(node: Node) -> SegmentationRecord:
    steps = _STEPS[_version_of(node)]
    # an unknown key may be a new kind of prompt: reading on without it would give other voxels
    node.only(*_HEADER_KEYS, steps)
    made_with, profile = made_with_of(node), node.optional("profile")
    scan = _scan_of(node.optional("volume"))
    return SegmentationRecord(
        steps=tuple(step_of(each, scan.shape_kji) for each in node.item(steps).items(1, None, "slices with prompts")),
        made_with=made_with,
        scan=scan,
        profile=None if profile is None else profile_of_json(profile),
    )


def _version_of(node: Node) -> int:
    if not isinstance(node.value, dict) or node.value.get("format") != FORMAT:
        raise PromptError(
            f'The document: expected a prompt file with "format": "{FORMAT}", got {seems_to_be(node.value)}.'
        )
    version = node.item("version").whole(f"a number from 1 to {VERSION}")
    if version > VERSION:
        raise PromptError(
            f"version: this file has version {version}, this program reads up to {VERSION}. Update RWTHSAM to open it."
        )
    if version not in _STEPS:
        node.item("version").fail(f"a number from 1 to {VERSION}")
    return version


def _renamed(step: Step, ids: dict[str, str]) -> Step:
    if isinstance(step, HandEdit):
        return replace(step, class_ids=tuple(ids[each] for each in step.class_ids))
    spared, kept = (tuple(ids[each] for each in named) for named in (step.spared, step.kept))
    return replace(step, class_id=ids[step.class_id], spared=spared, kept=kept)


def _scan_of(node: Node | None) -> ScanFacts:
    if node is None:
        return ScanFacts()
    node.only("name", "shape_kji", "spacing_mm_ijk", "fingerprint")
    name, shape, spacing, digest = (
        node.optional(key) for key in ("name", "shape_kji", "spacing_mm_ijk", "fingerprint")
    )
    return ScanFacts(
        name=None if name is None else name.text(),
        shape_kji=None if shape is None else _shape_of(shape),
        spacing_mm_ijk=None if spacing is None else _spacing_of(spacing),
        fingerprint=None if digest is None else sha256_of(digest),
    )


def _shape_of(node: Node) -> tuple[int, int, int]:
    counts = [each.whole() for each in node.items(3, 3, "numbers of voxels along k, j and i")]
    if min(counts) < 1:
        node.fail("three numbers of voxels, 1 or larger")
    return counts[0], counts[1], counts[2]


def _spacing_of(node: Node) -> tuple[float, float, float]:
    sizes = [each.number() for each in node.items(3, 3, "sizes of a voxel along i, j and k in mm")]
    if min(sizes) <= 0:
        node.fail("three sizes above 0")
    return sizes[0], sizes[1], sizes[2]


def _scan_to_dict(scan: ScanFacts) -> dict[str, Json]:
    document: dict[str, Json] = {"name": scan.name, "fingerprint": scan.fingerprint}
    if scan.shape_kji is not None:
        document["shape_kji"] = [int(count) for count in scan.shape_kji]
    if scan.spacing_mm_ijk is not None:
        document["spacing_mm_ijk"] = [float(size) for size in scan.spacing_mm_ijk]
    return {name: value for name, value in document.items() if value is not None}
