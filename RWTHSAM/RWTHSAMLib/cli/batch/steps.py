"""Steps of a job are commands: their options are read by the commands' own parsers, their work is the commands' own."""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...algorithms.classification.classifier import Classifier, read_classifier
from ...batch.job import Job, JobStep
from ...batch.placeholders import filled
from ...batch.scans import JobScan
from ...core.json_document import Json, path_below
from ...core.profile import SegmentationProfile, read_profile
from ...core.settings.automatic import AutomaticSettings
from ...errors import JobError, RwthSamError
from ...record.record_file import SegmentationRecord, read_prompt_file
from .. import (
    auto_command,
    export_command,
    measure_command,
    propagate_command,
    report_command,
    segment_command,
    threshold_command,
)
from ..learning import classify_command
from ..quality import command as quality_command
from ..recorded import profile_for
from .step_classes import KnownClasses
from .step_words import SCAN, StepParser, named_options, words_of

_MODULES = (
    auto_command,
    segment_command,
    propagate_command,
    classify_command,
    threshold_command,
    measure_command,
    quality_command,
    export_command,
    report_command,
)
_OUTPUTS = ("output", "csv")
_PROFILES = ("rules", "profile")
_READERS: dict[str, Callable[[Path], object]] = {
    "rules": read_profile,
    "profile": read_profile,
    "settings_file": AutomaticSettings.read,
    "prompts": read_prompt_file,
    "classifier": read_classifier,
}
_USUAL_OUTPUTS = {
    "auto": "{name}.seg.nrrd",
    "segment": "{name}.seg.nrrd",
    "propagate": "{name}.seg.nrrd",
    "classify": "{name}.seg.nrrd",
    "threshold": "{name}-threshold.seg.nrrd",
    "measure": "{name}-measurements.csv",
    "quality": "{name}-quality.csv",
    "export": "{name}-export",
    "report": "{name}-report.html",
}
_MAKES_SEGMENTATION = (auto_command, segment_command, propagate_command, classify_command, threshold_command)


class _Collected:
    """Stands where commands add their parsers."""

    def __init__(self) -> None:
        self.parsers: dict[str, StepParser] = {}

    def add_parser(self, name: str, **_: object) -> StepParser:
        self.parsers[name] = StepParser(prog=name, add_help=False, allow_abbrev=False)
        return self.parsers[name]


@cache
def _parsers() -> dict[str, tuple[Any, StepParser]]:
    """By the names of commands: their module and parser."""
    found: dict[str, tuple[Any, StepParser]] = {}
    for module in _MODULES:
        collected: Any = _Collected()
        module.add_to(collected)
        name = next(iter(collected.parsers))  # others are older names of it
        found[name] = (module, collected.parsers[name])
    return found


def step_parsers() -> dict[str, StepParser]:
    """The parser of every command that can be a step."""
    return {name: parser for name, (_, parser) in _parsers().items()}


@dataclass(frozen=True)
class PlannedStep:
    """A step for one scan, checked as far as it can be before work begins.

    Attributes
    ----------
    name : str
        Of the command.
    module : module
        With `check` and `run`.
    given : argparse.Namespace
        What the command takes; its outputs in the scan's folder of results.
    outputs, inputs : tuple of str
        Names of its options that are files to write, and files to read.
    """

    name: str
    module: Any
    given: argparse.Namespace
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]

    def writing_to(self, folder: Path) -> argparse.Namespace:
        """The same with its outputs in another folder."""
        given = copy.copy(self.given)
        for name in self.outputs:
            if (path := getattr(given, name)) is not None:
                setattr(given, name, folder / path.name)
        return given


Plan = list[tuple[JobScan, tuple[PlannedStep, ...]]]
"""Every scan of a job with its steps."""


def planned_steps(job: Job, scan: JobScan) -> tuple[PlannedStep, ...]:
    """All steps of a scan.

    Raises
    ------
    JobError
        If a step is no command, an option is unknown or of another type, a file that it names is missing or not of its
        kind, a class that it names will not be there, or two steps write the same file.
    """
    made: list[Path] = []
    written: dict[str, str] = {}
    planned, known = [], KnownClasses()
    for step in job.steps:
        each = _planned(job, scan, step, made)
        with _said_of(step, scan):
            known.check(each.module, each.given)
        for name in each.outputs:
            path = getattr(each.given, name)
            if path is None:
                continue
            other = written.setdefault(str(path.resolve()).casefold(), step.place)
            if other != step.place:
                raise JobError(f"{step.place}: '{path}' is already written by {other}: give it another output.")
        if each.module in _MAKES_SEGMENTATION:
            made.append(each.given.output)
            known.add(each.module, each.given, _classes_of(each))
        planned.append(each)
    return tuple(planned)


def check_steps(job: Job) -> None:
    """Raise `JobError` where a step is wrong for any scan there may be."""
    some = JobScan(Path("scan"), "scan", Path("results"))
    for step in job.steps:
        _parsed(job, some, step, [Path("some.seg.nrrd")])


def _planned(job: Job, scan: JobScan, step: JobStep, made: list[Path]) -> PlannedStep:
    module, parser = _known(step)
    given = _parsed(job, scan, step, made)
    outputs = tuple(each for each in _OUTPUTS if hasattr(given, each))
    inputs = tuple(each.dest for each in parser._actions if each.type is Path and each.dest not in _OUTPUTS)
    _resolve(job, scan, step, given, outputs, inputs, made)
    planned = PlannedStep(step.command, module, given, outputs, inputs)
    with _said_of(step, scan):
        module.check(given)
        recorded = recorded_of(planned)
        if module is propagate_command and recorded is not None and recorded.profile is not None:
            module.check_recorded(given, recorded, recorded.profile)
    return planned


@contextmanager
def _said_of(step: JobStep, scan: JobScan) -> Iterator[None]:
    """What a step cannot do is said with its place in the job, and the scan."""
    try:
        yield
    except RwthSamError as error:
        raise JobError(f"{step.place}, '{scan.path}': {error}") from error


def _classes_of(step: PlannedStep) -> SegmentationProfile | None:
    """The classes that a segmentation will have by what its step reads; None where nothing says it."""
    if (recorded := recorded_of(step)) is not None:
        return recorded.profile
    if (path := getattr(step.given, "classifier", None)) is not None:
        classifier = _read_once("classifier", path)
        assert isinstance(classifier, Classifier)
        return classifier.profile
    if (path := getattr(step.given, "rules", None)) is not None:
        profile = _read_once("rules", path)
        assert isinstance(profile, SegmentationProfile)
        return profile
    return None


def recorded_of(step: PlannedStep) -> SegmentationRecord | None:
    """The record that a step does again, with the classes that it will have; None for other steps.

    Raises
    ------
    PromptError
        If the profile lacks one of its classes.
    """
    path: Path | None = getattr(step.given, "prompts", None)
    if path is None:
        return None
    record = _read_once("prompts", path)
    assert isinstance(record, SegmentationRecord)
    return record.resolved(profile_for(step.given, record))


def _parsed(job: Job, scan: JobScan, step: JobStep, made: list[Path]) -> argparse.Namespace:
    _, parser = _known(step)
    _check_options(step, parser)
    options = {"output": _USUAL_OUTPUTS[step.command], **_with_profile(job, step, parser)}
    try:
        return parser.parse_args(words_of(parser, options, str(scan.path), made[-1] if made else None))
    except JobError as error:
        raise JobError(f"{step.place}: {error}") from error


def _known(step: JobStep) -> tuple[Any, StepParser]:
    if step.command not in _parsers():
        raise JobError(f"{step.place}: there is no such step; there are {', '.join(_parsers())}.")
    return _parsers()[step.command]


def _check_options(step: JobStep, parser: StepParser) -> None:
    known = named_options(parser)
    for name in step.options:
        if name.replace("_", "-") not in known and name not in known:
            listed = ", ".join(sorted(known))
            raise JobError(f"{path_below(step.place, name)}: there is no such setting; there are {listed}.")


def _with_profile(job: Job, step: JobStep, parser: StepParser) -> dict[str, Json]:
    options = {name.replace("_", "-"): value for name, value in step.options.items()}
    known = named_options(parser)
    for name in _PROFILES:
        if job.profile is not None and name in known:
            options.setdefault(name, job.profile)
    return options


def _resolve(
    job: Job,
    scan: JobScan,
    step: JobStep,
    given: argparse.Namespace,
    outputs: tuple[str, ...],
    inputs: tuple[str, ...],
    made: list[Path],
) -> None:
    """Names become places: outputs in the scan's folder of results, inputs from the job's folder."""
    known = {name: text for name, text in scan.known.items() if name != "results"}
    for name in outputs:
        if (path := getattr(given, name)) is not None:
            place = path_below(step.place, name)
            text = filled(str(path), known, place)
            if Path(text).name != text or not text.strip("."):
                raise JobError(f"{place}: expected the name of a file in the scan's folder of results, got '{text}'.")
            setattr(given, name, scan.results / text)
    for name in (each for each in inputs if each != SCAN):
        if (path := getattr(given, name)) is None or path in made:
            continue
        place = path_below(step.place, name)
        resolved = job.folder / filled(str(path), scan.known, place)
        setattr(given, name, resolved)
        if resolved not in made:
            _check_input(resolved, name, place)


def _check_input(path: Path, name: str, place: str) -> None:
    if not path.exists():
        raise JobError(f"{place}: there is no file '{path}'.")
    if name in _READERS:
        try:
            _read_once(name, path)
        except RwthSamError as error:
            raise JobError(f"{place}: {error}") from error


@cache
def _read_once(name: str, path: Path) -> object:
    return _READERS[name](path)
