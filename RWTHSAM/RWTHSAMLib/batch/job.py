"""A job: which scans, what is done with each of them, and where the results go."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ..core.json_document import Json, Node, path_below, to_text
from ..errors import JobError
from .job_text import read_text
from .placeholders import check_placeholders

FORMAT, VERSION = "rwthsam-job", 1
DEFAULT_RESULTS = "results/{name}"
_WORD = re.compile(r"[a-z][a-z-]*")
_KEYS = ("format", "version", "scans", "results", "profile", "steps", "slices_per_task")


@dataclass(frozen=True)
class JobStep:
    """One thing that is done with each scan: a command with some of its options.

    Attributes
    ----------
    command : str
        Such as ``"auto"``.
    options : mapping of str to Json
        As they are called on the command line, without dashes before them.
    place : str
        Within the job, for messages: ``"'auto' of the 1st step"``.
    """

    command: str
    options: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    place: str = ""


@dataclass(frozen=True)
class Job:
    """What is to be done with many scans.

    Attributes
    ----------
    scans : tuple of str
        Patterns of files and folders (``*``, ``?``, ``[...]``, ``**``), from the folder of the job.
    steps : tuple of JobStep
        In their order, each on the results of those before it.
    results : str
        Folder of a scan's results, from the folder of the job; may hold placeholders.
    profile : str, optional
        File with classes and rules for every step that takes one and names none.
    slices_per_task : int, optional
        Slices that are looked through together; by default as many as are worth a task and fit.
    folder : Path
        That relative names are from.
    """

    scans: tuple[str, ...]
    steps: tuple[JobStep, ...]
    results: str = DEFAULT_RESULTS
    profile: str | None = None
    slices_per_task: int | None = None
    folder: Path = Path()

    def to_json(self) -> str:
        """What `read_job` reads."""
        return to_text(self._document())

    def to_yaml(self, comment: str = "") -> str:
        """The same as YAML that people change: a key or step a line; with some lines of comment before it."""
        lines = [*(f"# {each}" for each in comment.splitlines())]
        for key, value in self._document().items():
            if isinstance(value, list):
                lines += [f"{key}:", *(f"  - {_in_line(each)}" for each in value)]
            else:
                lines.append(f"{key}: {_in_line(value)}")
        return "\n".join(lines) + "\n"

    def _document(self) -> dict[str, Json]:
        steps: list[Json] = [
            {each.command: dict(each.options)} if each.options else each.command for each in self.steps
        ]
        document: dict[str, Json] = {
            "format": FORMAT,
            "version": VERSION,
            "scans": list(self.scans),
            "results": self.results,
            "steps": steps,
        }
        if self.profile is not None:
            document["profile"] = self.profile
        if self.slices_per_task is not None:
            document["slices_per_task"] = self.slices_per_task
        return document


def _in_line(value: Json) -> str:
    """A value as YAML in one line, which is JSON but for words and a step's command."""
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    if isinstance(value, dict):
        ((key, options),) = value.items()
        return f"{key}: {json.dumps(options, ensure_ascii=False)}"
    return json.dumps(value, ensure_ascii=False)


def read_job(path: Path) -> Job:
    """Read a job file, YAML or JSON.

    Raises
    ------
    JobError
        If it cannot be read, or says something that no job says; the message names the place within the file.
    DependencyMissing
        If it is YAML and PyYAML is not installed.
    """
    path = Path(path)
    node = read_text(path)
    try:
        return job_of(node, path.absolute().parent)
    except JobError as error:
        raise JobError(f"'{path}': {error}") from error


def job_of(node: Node, folder: Path) -> Job:
    """The job of a parsed document.

    Raises
    ------
    JobError
        See `read_job`.
    """
    node.only(*_KEYS)
    header = (node.item("format").value, node.item("version").value)
    if header != (FORMAT, VERSION):
        node.fail(f'"format": "{FORMAT}" of version {VERSION}')
    steps = node.item("steps").items(at_least=1, of="steps")
    results = _text_of(node, "results") or DEFAULT_RESULTS
    check_placeholders(results, "results")
    return Job(
        scans=_patterns_of(node.item("scans")),
        steps=tuple(_step_of(each) for each in steps),
        results=results,
        profile=_text_of(node, "profile"),
        slices_per_task=_count_of(node.optional("slices_per_task")),
        folder=folder,
    )


def _text_of(node: Node, key: str) -> str | None:
    part = node.optional(key)
    return None if part is None else part.text()


def _patterns_of(node: Node) -> tuple[str, ...]:
    if isinstance(node.value, str):
        return (node.text(),)
    return tuple(each.text("a pattern of files") for each in node.items(at_least=1, of="patterns of files"))


def _count_of(node: Node | None) -> int | None:
    if node is None:
        return None
    count = node.whole("a whole number, 1 or larger")
    if count < 1:
        node.fail("a whole number, 1 or larger")
    return count


def _step_of(node: Node) -> JobStep:
    if isinstance(node.value, str):
        return JobStep(node.value, place=path_below(node.path, node.value))
    if not isinstance(node.value, dict) or len(node.value) != 1:
        node.fail("one command, or one command with its options, such as 'auto: {preset: fast}'")
    ((command, options),) = node.entries().items()
    members = {} if options.value is None else options.members()
    return JobStep(command, MappingProxyType(dict(members)), options.path)
