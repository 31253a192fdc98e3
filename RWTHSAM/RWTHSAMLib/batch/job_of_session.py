"""What is set in a session, as a job: the same is then done with other scans, on other computers."""

from __future__ import annotations

from glob import escape
from pathlib import Path

from ..core.json_document import Json
from ..core.profile import SegmentationProfile, write_profile
from ..core.settings.automatic import PRESETS
from ..core.settings.automatic_run import AutomaticRunSettings
from ..core.system.atomic_file import write_text
from ..errors import StateError
from ..mrml.nodes import volumes
from ..mrml.session.session import Session
from .job import Job, JobStep
from .job_text import YAML_ENDINGS

_COMMENT = """What was set for automatic masks when this was saved. To do it: rwthsam batch {name}
'scans' may be a pattern for many scans, such as scans/*.nrrd; see Docs/batch.md for further steps."""


def save_job(session: Session, path: Path) -> tuple[Path, ...]:
    """Write model, window, settings of automatic masks and rules of a session as a job.

    Filters that only a list on the screen has, by grey value and by region, are no part of it.

    Parameters
    ----------
    session : Session
        With a scan.
    path : Path
        YAML, or JSON where it ends in ``.json``. Beside it come files for settings of one's own, and for a profile with
        rules.

    Returns
    -------
    tuple of Path
        All files that were written, the job first.

    Raises
    ------
    StateError
        If there is no scan.
    InputError
        If a file cannot be written.
    """
    choices, profile = session.automatic.settings, session.profile
    options = _options(session, choices)
    beside: list[Path] = []
    if choices.generator in PRESETS.values():
        options["preset"] = next(name for name, each in PRESETS.items() if each == choices.generator)
    else:
        beside.append(path.with_name(f"{path.stem}-settings.json"))
        write_text(beside[-1], choices.generator.to_json())
        options["settings"] = beside[-1].name
    rules = _saved_rules(profile, path, beside)
    steps = JobStep("auto", options), JobStep("measure", {"parts": True})
    job = Job((_pattern(session, path.absolute().parent),), steps, profile=rules)
    is_yaml = path.name.lower().endswith(YAML_ENDINGS)
    write_text(path, job.to_yaml(_COMMENT.format(name=path.name)) if is_yaml else job.to_json())
    return (path, *beside)


def _options(session: Session, choices: AutomaticRunSettings) -> dict[str, Json]:
    options: dict[str, Json] = {"mode": choices.mode, "min-slices": choices.min_slices}
    if not choices.hide_doubtful:
        options["keep-doubtful"] = True
    if session.model_name is not None:
        options["model"] = session.model_name
    if session.window is not None:
        options["window"] = [session.window.lower, session.window.upper]
    return options


def _saved_rules(profile: SegmentationProfile, path: Path, beside: list[Path]) -> str | None:
    if not profile.automatic.rules:
        return None
    beside.append(path.with_name(f"{path.stem}-profile.json"))
    write_profile(profile, beside[-1])
    return beside[-1].name


def _pattern(session: Session, folder: Path) -> str:
    """The scan as a pattern of itself alone; of one without a file, a pattern of its name."""
    node = session.volume_node
    if node is None:
        raise StateError("There is no scan: open one first.")
    scan = volumes.path_of(node)
    if scan is None:
        return f"{escape(node.GetName() or 'scan')}.*"
    scan = scan.absolute()
    return escape(str(scan.relative_to(folder) if folder in scan.parents else scan))
