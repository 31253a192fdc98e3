"""Saving the work as a project, opening one, and what was not saved when a program ended."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import slicer

from RWTHSAMLib.core.json_document import Json
from RWTHSAMLib.core.system.user_folder import data_folder
from RWTHSAMLib.core.voxel_size import GivenSize, are_same
from RWTHSAMLib.errors import ProjectError
from RWTHSAMLib.models.catalogue import CATALOGUE
from RWTHSAMLib.mrml.nodes import volumes
from RWTHSAMLib.record.project import FILE_NAME, Project, is_project, main_file, own_file, read_found, read_project
from RWTHSAMLib.record.project_folder import SUFFIX, ProjectFolder
from RWTHSAMLib.record.recent_projects import RecentProjects
from RWTHSAMLib.record.unsaved_work import UnsavedWork
from RWTHSAMLib.volumes.read import VolumeData
from RWTHSAMLib.volumes.scan_of_project import as_in_project, has_other_values

from .. import jobs
from ..app_context import AppContext
from ..arguments import Position
from ..kept_choices import Keeper
from ..state import scan_values
from .segmentation import SegmentationActions

_SAVED_IN = "project"
_SIZE_DAY = "voxel_size_day"


@dataclass(frozen=True)
class _Waiting:
    """A project that a person has to say something about before it is opened; `left_id` of unsaved work."""

    folder: Path
    place: Path | None = None
    left_id: str = ""


class ProjectActions:
    """The panel above the others.

    Parameters
    ----------
    context : AppContext
    first : Path, optional
        Project named at the start.
    segmentation : SegmentationActions
        Opens what is a file and no project.
    choices : Keeper
        What the page has chosen besides the session.
    """

    def __init__(
        self, context: AppContext, first: Path | None, segmentation: SegmentationActions, choices: Keeper
    ) -> None:
        self._context, self.first, self._segmentation, self._choices = context, first, segmentation, choices
        self.unsaved = UnsavedWork(data_folder() / "unsaved")
        self._recent = RecentProjects(data_folder() / "projects.json")
        self._folder: ProjectFolder | None = None
        self._waiting: _Waiting | None = None
        self._is_saving = False
        self._given_back = ""  # left work that this program goes on with; it goes when its own is written

    async def begin(self) -> None:
        """Open the project that was named at the start."""
        if self.first is not None:
            self._context.state.project_path = str(self.first)
            await self._open(_Waiting(_absolute(str(self.first.absolute()))))

    def offer_unsaved(self) -> None:
        """Offer what programs that have ended had not saved."""
        self.unsaved.sweep()
        self._show_offers()
        self._context.state.unsaved_shown = bool(self._context.state.unsaved_offers)
        self._show_recent()

    # saving

    def save(self, path: str | None) -> None:
        """Save to the folder whose path was typed.

        It comes with the call, because what the page has in its fields may arrive later than what is pressed next.
        """
        self._context.start(self._save(path or ""))

    def view(self) -> dict[str, Json]:
        """What the page keeps in a project for itself."""
        given = self._context.session.voxel_size.given
        day = None if given is None or given.day is None else given.day.isoformat()
        saved_in = None if self._folder is None else str(self._folder.folder)
        return {_SAVED_IN: saved_in, _SIZE_DAY: day, **self._choices.kept()}

    async def _save(self, path: str) -> None:
        if self._is_saving:
            return
        folder = self._folder_of(path)
        if self._folder is None or self._folder.folder != folder:
            writer = ProjectFolder(folder)
        else:
            writer = self._folder
        self._is_saving = True
        try:
            with self._context.busy(f"Saving {folder.name} ..."):
                projects = self._context.session.projects
                stamp = projects.work_stamp
                view = {**self.view(), _SAVED_IN: str(folder)}
                content = projects.content(folder, view, written=writer.stamp_of_segmentation)
                await asyncio.to_thread(writer.write, content)
                projects.count_as_saved(stamp)
        finally:
            self._is_saving = False
        self._is_at(writer)
        if not projects.has_unsaved_work:
            await asyncio.to_thread(self.unsaved.drop_own)
            self.is_kept()
        self._context.notice(f"Saved to {folder}.", "success")

    @property
    def _base(self) -> Path:
        """Where a project lies of which only the name is typed: beside the scan, or at home where that has no file."""
        node = self._context.session.volume_node
        path = None if node is None else volumes.path_of(node)
        return Path.home() if path is None else path.parent

    def _place_of(self, text: str) -> Path:
        """The path that was typed, a name alone beside the scan."""
        typed = Path(text.strip()).expanduser()
        return _absolute(str(typed if typed.is_absolute() else self._base / typed))

    def _folder_of(self, text: str) -> Path:
        """The folder of a project that is to be saved, from what was typed."""
        if not text.strip():
            raise ProjectError(f"Type a name for the project first; it will lie in {self._base}.")
        folder = main_file(self._place_of(text)).parent
        return folder if folder.exists() or folder.suffix == SUFFIX else folder.with_name(folder.name + SUFFIX)

    def _is_at(self, writer: ProjectFolder | None) -> None:
        self._folder = writer
        with self._context.state as shown:
            shown.project_base = str(self._base)
            shown.project_name = "" if writer is None else writer.folder.stem
            if writer is not None:
                shown.project_path = str(writer.folder)
        if writer is not None:
            self._recent.add(writer.folder)
            self._show_recent()

    def scan_was_opened(self) -> None:
        """Another scan is there, which no project is about yet."""
        self._is_at(None)
        self._context.state.project_path = self._proposed_path()
        self._context.session.projects.count_as_saved(self._context.session.projects.work_stamp)
        self._offer_for_scan()

    def _proposed_path(self) -> str:
        node = self._context.session.volume_node
        path = None if node is None else volumes.path_of(node)
        return "" if path is None else str(path.with_name(path.name.split(".")[0] + SUFFIX))

    # opening

    def open(self, path: str | None) -> None:
        """Open the project whose path was typed."""
        self._context.start(self._open_typed(path or ""))

    def open_recent(self, position: Position) -> None:
        """Open one of the list."""
        paths = self._recent.paths()
        if position < len(paths):
            self._context.start(self._open(_Waiting(paths[position])))

    def use_place(self, place: str | None) -> None:
        """Open the project that waits for its scan with the path that was typed."""
        self._context.start(self._open_at_place(place or ""))

    def open_changed(self) -> None:
        """Open the project that waits although its scan has other grey values."""
        if self._waiting is not None and self._waiting.place is not None:
            self._context.start(self._open(self._waiting, accepts_changed=True))

    def cancel(self) -> None:
        """Leave the project that waits alone."""
        self._wait_for(None)

    async def _open_typed(self, text: str) -> None:
        path = self._place_of(text)
        if not path.suffix and not path.exists():
            path = path.with_name(path.name + SUFFIX)  # as it was named when it was saved
        if path.is_file() and path.name != FILE_NAME:
            await self._segmentation.open_file(path)
        else:
            await self._open(_Waiting(main_file(path).parent))

    async def _open_at_place(self, text: str) -> None:
        if self._waiting is not None and text.strip():
            await self._open(_Waiting(self._waiting.folder, _absolute(text.strip()), self._waiting.left_id))

    async def _open(self, wanted: _Waiting, accepts_changed: bool = False) -> None:
        folder = wanted.folder if wanted.folder.is_dir() else main_file(wanted.folder).parent
        with self._context.busy(f"Opening {folder.name} ..."):
            project = await asyncio.to_thread(read_project, wanted.folder)
            place = wanted.place or project.scan.found(folder)
            if place is None:
                self._ask_for_scan(wanted, project, folder)
                return
            read = await jobs.read_scan(place, project.scan.facts.shape_kji)
            data = as_in_project(read, project.scan)
            is_changed = await asyncio.to_thread(has_other_values, data, project.scan)
            if is_changed and not accepts_changed:
                self._wait_for(_Waiting(wanted.folder, place, wanted.left_id), changed=_changed_text(place))
                return
            found = {} if is_changed else await asyncio.to_thread(read_found, folder, project)
            self._wait_for(None)
            self._context.session.projects.open(folder, project, data, found, self._context.host.show_volume, place)
            self._opened(folder, project, data, place)
            if not are_same(data.spacing_mm, read.spacing_mm) or data.unit_known != read.unit_known:
                day = _day(project.view.get(_SIZE_DAY))
                given = GivenSize(self._context.session.voxel_size.spacing_mm_ijk or data.spacing_mm, day)
                self._context.session.voxel_size.comes_with(given, read.spacing_mm, read.unit_known, is_asked=False)
        if wanted.left_id:
            self._goes_on_with_left(wanted.left_id, project)
        else:
            self._is_at(ProjectFolder(folder))
        await self.open_what_waits()

    async def open_what_waits(self) -> None:
        """Open the segmentation that was named at the start, if it has waited for the scan that is there now."""
        await self._segmentation.begin()

    def _opened(self, folder: Path, project: Project, data: VolumeData, place: Path) -> None:
        session, host = self._context.session, self._context.host
        node = session.volume_node
        if node is None:
            return
        is_own = own_file(place.name) and place.parent == folder  # one that lies in the project has no other place
        if not is_own:
            node.SetAttribute(volumes.PATH_ATTRIBUTE, str(place))
        for each in self._others(node):
            host.remove(each)
        host.set_edited(session.segmentation_node, node)
        with self._context.state as shown:
            shown.update(scan_values.of_volume(node))
            shown.scan_notes = scan_values.notes_of(data, session, place)
            shown.scan_path = "" if is_own else str(place)
            if project.model in CATALOGUE:
                shown.model_name = project.model
            self._choices.take_up(project.view)
        host.reset_views()
        session.projects.look_again(project)
        self._context.refresh()

    def _others(self, node: slicer.vtkMRMLVolumeNode) -> list[slicer.vtkMRMLNode]:
        """Scans and segmentations of the work before."""
        session = self._context.session
        found: list[slicer.vtkMRMLNode] = []
        for kind in ("vtkMRMLVolumeNode", "vtkMRMLSegmentationNode"):
            nodes = session.scene.GetNodesByClass(kind)
            nodes.UnRegister(None)
            found += [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
        return [each for each in found if each not in (node, session.segmentation_node) and each.GetSaveWithScene()]

    def _goes_on_with_left(self, left_id: str, project: Project) -> None:
        saved_in = project.view.get(_SAVED_IN)
        folder = Path(saved_in) if isinstance(saved_in, str) and saved_in else None
        self._is_at(ProjectFolder(folder) if folder is not None and is_project(folder) else None)
        if self._folder is None:
            self._context.state.project_path = self._proposed_path()
        self._context.session.projects.count_as_saved(None)  # it is unsaved still, and becomes this program's own
        self._given_back = left_id
        self._show_offers()

    def _ask_for_scan(self, wanted: _Waiting, project: Project, folder: Path) -> None:
        sought = ", ".join(f"'{each}'" for each in project.scan.places(folder)) or "a place that nobody has kept"
        text = f"The scan '{project.scan.facts.name}' of this project is not at {sought}. Where is it now?"
        self._wait_for(wanted, missing=text)

    def _wait_for(self, waiting: _Waiting | None, missing: str = "", changed: str = "") -> None:
        self._waiting = waiting
        with self._context.state as shown:
            shown.project_missing, shown.project_changed = missing, changed

    # unsaved work of programs that have ended

    def restore(self, left_id: str) -> None:
        """Go on with it."""
        left = next((each for each in self.unsaved.left() if each.id == left_id), None)
        self._context.state.unsaved_shown = False
        if left is not None:
            self._context.start(self._restore(_Waiting(left.folder, left_id=left.id)))

    async def _restore(self, wanted: _Waiting) -> None:
        """Go on with it; what is unsaved here is offered from then on."""
        if self._context.session.projects.has_unsaved_work:
            await self._put_aside()
        await self._open(wanted)

    async def _put_aside(self) -> None:
        """Leave what is unsaved here to the next one who asks."""
        own = self.unsaved.own
        content = self._context.session.projects.content(own.folder, self.view(), written=own.stamp_of_segmentation)
        await asyncio.to_thread(self.unsaved.keep, own, content)
        self.is_kept()
        self.unsaved.release()

    def discard(self, left_id: str) -> None:
        """Remove it for good."""
        self.unsaved.discard(left_id)
        self._show_offers()

    def later(self) -> None:
        """Leave it where it is."""
        self._context.state.unsaved_shown = False

    def is_kept(self) -> None:
        """The present work is on disk: what it came from may go."""
        if self._given_back:
            self.unsaved.discard(self._given_back)
            self._given_back = ""
            self._show_offers()

    def _offer_for_scan(self) -> None:
        self._show_offers()
        name = self._context.state.scan_name
        offers = self._context.state.unsaved_offers
        self._context.state.unsaved_shown = any(each["scan"] == name for each in offers)

    def _show_offers(self) -> None:
        self._context.state.unsaved_offers = [
            {"id": each.id, "scan": each.project.scan.facts.name or "", "saved": _time_text(each.project.saved)}
            for each in self.unsaved.left()
            if each.id != self._given_back
        ]

    def _show_recent(self) -> None:
        self._context.state.recent_projects = [
            {"path": str(each), "text": f"{each.name} in {each.parent.name or each.parent}"}
            for each in self._recent.paths()
        ]


def _absolute(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute() or "\0" in text:
        raise ProjectError(f"Type the full path of the folder, from '{Path.home().anchor}' on, not '{text[:80]}'.")
    try:
        path.exists()
    except OSError as error:
        raise ProjectError(f"'{text[:80]} ...' is no path that can be opened: {error.strerror or error}.") from error
    return path


def _changed_text(place: Path) -> str:
    return (
        f"The scan at '{place}' has other grey values than when the project was saved. Classes and prompts stay where "
        "they are, masks are computed anew, and objects that were found are dropped."
    )


def _day(kept: Json) -> date | None:
    """The day that was kept in a project; None where it is none."""
    with suppress(ValueError):
        return date.fromisoformat(kept) if isinstance(kept, str) else None
    return None


def _time_text(saved: str) -> str:
    try:
        return datetime.fromisoformat(saved).astimezone().strftime("%d %B %Y, %H:%M")
    except ValueError:
        return saved
