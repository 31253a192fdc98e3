"""What is set in a session, as a job: the same is then done with other scans, on other computers."""

from __future__ import annotations

from collections.abc import Sequence
from glob import escape
from pathlib import Path

from ..core.json_document import Json
from ..core.profile import SegmentationProfile, write_profile
from ..core.settings.automatic import PRESETS
from ..core.settings.automatic_run import AutomaticRunSettings
from ..core.slices import ARRAY_AXIS, SliceKey
from ..core.system.atomic_file import write_text
from ..core.value_range import Range
from ..errors import StateError
from ..mrml.nodes import volumes
from ..mrml.session.session import Session
from .job import Job, JobStep
from .job_text import YAML_ENDINGS

_COMMENT = """What was set for automatic masks when this was saved. To do it: rwthsam batch {name}
'scans' may be a pattern for many scans, such as scans/*.nrrd; see Docs/batch.md for further steps."""


def save_job(session: Session, path: Path, slices: Sequence[SliceKey] = ()) -> tuple[Path, ...]:
    """Write model, window, voxel size, settings and filters of automatic masks, and rules of a session as a job.

    Parameters
    ----------
    session : Session
        With a scan.
    path : Path
        YAML, or JSON where it ends in ``.json``. Beside it come files for settings of one's own, and for a profile with
        rules.
    slices : sequence of SliceKey
        Which are to be looked through, along one axis; by default all along k.

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
    options = {**_slices(session, slices), **_model(session), **_options(session, choices)}
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


def _slices(session: Session, slices: Sequence[SliceKey]) -> dict[str, Json]:
    if not slices or session.geometry is None:
        return {}
    axis, indices = slices[0].axis, [each.index for each in slices]
    first, last = min(indices), max(indices)
    is_all = (first, last) == (0, session.geometry.shape_kji[ARRAY_AXIS[axis]] - 1)
    return {"axis": axis} if is_all else {"axis": axis, "range": [first, last]}


def _model(session: Session) -> dict[str, Json]:
    """The network as it was chosen; what is chosen by itself is chosen anew on another computer."""
    spec = session.engine.spec
    if spec is None:
        return {}
    chosen: dict[str, Json] = {"model": spec.model}
    if spec.weights is not None:
        chosen["weights"] = str(spec.weights.absolute())
    named = {"device": spec.device, "backend": spec.backend, "precision": spec.precision}
    return chosen | {name: word for name, word in named.items() if word != "auto"}


def _options(session: Session, choices: AutomaticRunSettings) -> dict[str, Json]:
    options: dict[str, Json] = {"mode": choices.mode, "min-slices": choices.min_slices}
    if not choices.hide_doubtful:
        options["keep-doubtful"] = True
    if choices.grey != Range():
        options["grey"] = ["open" if end is None else end for end in (choices.grey.lower, choices.grey.upper)]
    if choices.region_xyxy is not None:
        options["region"] = [*choices.region_xyxy]
    if session.window is not None:
        options["window"] = [session.window.lower, session.window.upper]
    if (given := session.voxel_size.given_mm_ijk) is not None:
        options["voxel-size"] = [*given]
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
