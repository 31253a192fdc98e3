"""A project: everything that is needed to go on tomorrow, as a folder.

``project.json`` says which scan it is about and what was chosen, and names the other files: the segmentation, a
``.seg.nrrd`` that Slicer opens, and what was found but not submitted yet. It is replaced last and in one step, so it
never names a file that is not whole. See ``Docs/projects.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..core.json_document import Json, Node, read_document, seems_to_be
from ..core.profile import SegmentationProfile, profile_of_json, profile_to_dict
from ..core.window import Window
from ..errors import ImageError, InputError, ProjectError
from .project_scan import ScanOfProject, scan_of, scan_to_dict

FORMAT = "rwthsam-project"
VERSION = 1
FILE_NAME = "project.json"
MAX_BYTES = 16 * 1024 * 1024
MAX_FOUND_BYTES = 512 * 1024 * 1024
_KEYS = (
    "format",
    "version",
    "program",
    "saved",
    "scan",
    "window",
    "model",
    "profile",
    "class",
    "segmentation",
    "found",
    "choices",
    "view",
)
_OWN_FILE = re.compile(r"(segmentation|found|scan)-[0-9a-f]{8}\.(seg\.nrrd|json|nrrd)")


@dataclass(frozen=True, eq=False)
class Project:
    """What a project's main file says.

    Attributes
    ----------
    scan : ScanOfProject
    profile : SegmentationProfile
    class_id : str
        The class that was chosen.
    window : Window, optional
    model : str, optional
        Name in the model catalogue.
    segmentation : str, optional
        Name of the segmentation's file in the project's folder.
    found : str, optional
        Name of the file with what was found and not submitted.
    choices : mapping of str to str
        What the session's parts keep, as a saved scene has it too.
    view : dict
        How the front showed it; only the front understands it.
    saved : str
        When, as ISO 8601 with its offset from UTC.
    program : str
    """

    scan: ScanOfProject
    profile: SegmentationProfile
    class_id: str
    window: Window | None = None
    model: str | None = None
    segmentation: str | None = None
    found: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    view: Mapping[str, Json] = field(default_factory=dict)
    saved: str = ""
    program: str = ""

    def to_dict(self) -> dict[str, Json]:
        """What `read_project` reads."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "program": self.program,
            "saved": self.saved,
            "scan": scan_to_dict(self.scan),
            "window": None if self.window is None else [self.window.lower, self.window.upper],
            "model": self.model,
            "class": self.class_id,
            "segmentation": self.segmentation,
            "found": self.found,
            "profile": profile_to_dict(self.profile),
            "choices": dict(self.choices),
            "view": dict(self.view),
        }


def is_project(path: Path) -> bool:
    """Whether a path names a project: its folder, or the main file in it."""
    return main_file(path).is_file()


def main_file(path: Path) -> Path:
    """The main file of a project that is named by its folder or by that file."""
    return path if path.name == FILE_NAME else path / FILE_NAME


def own_file(name: str) -> bool:
    """Whether a file's name is one that a project gives to its parts."""
    return _OWN_FILE.fullmatch(name) is not None


def read_project(path: Path) -> Project:
    """Read a project's main file.

    Parameters
    ----------
    path : Path
        The folder, or ``project.json`` in it.

    Raises
    ------
    ProjectError
        If there is none, it is damaged, cut short or of a newer version, or a file that it names is not there.
    """
    file = main_file(Path(path))
    if not file.is_file():
        raise ProjectError(f"'{path}' is no project: expected a folder with a file '{FILE_NAME}' in it.")
    node = read_document(file, ProjectError, MAX_BYTES)
    try:
        project = _project_of(node)
    except InputError as error:
        raise ProjectError(f"'{file}': {error}") from error
    for name in filter(None, (project.segmentation, project.found)):
        if not (file.parent / name).is_file():
            raise ProjectError(
                f"The project '{file.parent}' is incomplete: its file '{name}' is not there. Copy the whole folder."
            )
    return project


def read_found(folder: Path, project: Project) -> dict[str, Node]:
    """What was found and not submitted, by the part of the session that found it.

    Raises
    ------
    ProjectError
        If the file is damaged or cut short.
    """
    if project.found is None:
        return {}
    return read_document(folder / project.found, ProjectError, MAX_FOUND_BYTES).entries()


def numbers_of(node: Node, count: int, what: str) -> np.ndarray:
    """So many finite numbers."""
    return np.array([each.number() for each in node.items(count, count, what)], float)


def _project_of(node: Node) -> Project:
    _check_version(node)
    node.only(*_KEYS)
    profile = profile_of_json(node.item("profile"))
    class_id = node.item("class").text("a class's id")
    texts = {key: each.text() for key, each in node.item("choices").entries().items() if each.value is not None}
    window, model, view = node.optional("window"), node.optional("model"), node.optional("view")
    return Project(
        scan=scan_of(node.item("scan")),
        profile=profile,
        class_id=class_id if profile.class_by_id(class_id) else profile.classes[0].id,
        window=None if window is None else _window_of(window),
        model=None if model is None else model.text("the name of a model"),
        segmentation=_file_of(node.optional("segmentation")),
        found=_file_of(node.optional("found")),
        choices=texts,
        view={} if view is None else view.members(),
        saved=node.item("saved").text(),
        program=node.item("program").text(),
    )


def _check_version(node: Node) -> None:
    if not isinstance(node.value, dict) or node.value.get("format") != FORMAT:
        raise ProjectError(f'expected a project with "format": "{FORMAT}", got {seems_to_be(node.value)}.')
    version = node.item("version").whole(f"a number from 1 to {VERSION}")
    if version > VERSION:
        raise ProjectError(
            f"this project has version {version}, this program reads up to {VERSION}. Update RWTHSAM to open it."
        )
    if version < 1:
        node.item("version").fail(f"a number from 1 to {VERSION}")


def _window_of(node: Node) -> Window:
    lower, upper = numbers_of(node, 2, "grey values that are black and white")
    try:
        return Window(float(lower), float(upper))
    except ImageError as error:
        raise ProjectError(f"{node.path}: {error}") from error


def _file_of(node: Node | None) -> str | None:
    if node is None:
        return None
    # a name from elsewhere must not lead out of the folder
    if not own_file(node.text("a file of the project")):
        node.fail("the name of a file of the project, such as 'segmentation-0123abcd.seg.nrrd'")
    return node.text()
