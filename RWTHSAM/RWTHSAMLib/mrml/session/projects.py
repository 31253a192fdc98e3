"""A session as a project, and back: the same state that a saved scene keeps, and what was found besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import slicer

from ... import __version__
from ...core.json_document import Json, Node
from ...errors import InputError, ProjectError
from ...record.project import Project
from ...record.project_folder import ProjectContent, Write
from ...record.project_scan import ScanOfProject, relative_place
from ...record.steps import ScanFacts
from ...volumes.segmentation_file import write_segmentation_file
from ...volumes.volume_data import VolumeData
from ...volumes.write import write_volume
from ..nodes import labelmaps, segments, volumes
from ..nodes.on_disk.scan_on_disk import ScanOnDisk, label_path_beside, levels_beyond_memory
from ..nodes.segmentation_copy import copied_segmentation
from ..nodes.storage import load_segmentation, save_segmentation
from ..nodes.volume_geometry import VolumeGeometry
from ..views.class_look import looks_to_dict, set_looks
from ..views.view_state import look_again, view_to_dict
from .part import SessionPart
from .scene_persistence import ScenePersistence
from .session_engine import SessionEngine
from .session_state import SessionState
from .workspace import Workspace

_SLICES, _LOOKS, _ON_DISK = "slices", "looks", "on_disk"
_LABELS, _RELATIVE, _THERE = "labels", "labels_from_project", "has_labels"


class SessionProjects:
    """What a project keeps of a session.

    Parameters
    ----------
    workspace : Workspace
    engine : SessionEngine
    parts : sequence of SessionPart
        May grow afterwards.
    persistence : ScenePersistence
    """

    def __init__(
        self, workspace: Workspace, engine: SessionEngine, parts: Sequence[SessionPart], persistence: ScenePersistence
    ) -> None:
        self._workspace, self._engine, self._parts, self._persistence = workspace, engine, parts, persistence
        self._facts: tuple[object, ScanFacts] | None = None
        self._saved: object = self.work_stamp

    # what is unsaved

    @property
    def work_stamp(self) -> object:
        """Something that is equal as long as nothing that a person made has changed."""
        place, node = self._workspace, self._workspace.segmentation_node
        found = tuple(each.work_stamp for each in self._parts)
        grid = None if place.geometry is None else place.geometry.ijk_to_ras.tobytes()
        return place.volume_node, grid, place.profile, self._segmentation_stamp(), node, found

    @property
    def choices_stamp(self) -> object:
        """As `work_stamp`, of everything that a project keeps but for the views."""
        state = self._persistence.state()
        return self.work_stamp, state.class_id, state.window, self._engine.model_name, tuple(state.parts.items())

    @property
    def has_unsaved_work(self) -> bool:
        """Whether anything that a person made would be lost with the session."""
        return self._workspace.volume_node is not None and self.work_stamp != self._saved

    def count_as_saved(self, stamp: object) -> None:
        """What was there at a `work_stamp` is on disk, or was never made by anybody."""
        self._saved = stamp

    # into a folder

    def content(
        self, folder: Path, view: Mapping[str, Json], keeps_scan: bool = True, written: object = None
    ) -> ProjectContent:
        """Everything that a project in a folder keeps, ready to be written in any thread.

        Parameters
        ----------
        folder : Path
            Where it will be.
        view : mapping
            What the front adds for itself; JSON.
        keeps_scan : bool
            Whether a scan that has no file of its own is kept in the folder.
        written : object
            Stamp of the segmentation that is there already, which is not copied then; see
            `ProjectFolder.stamp_of_segmentation`.

        Raises
        ------
        StateError
            If there is no scan.
        """
        place, state = self._workspace, self._persistence.state()
        node = place.require_volume()
        path, stamp = volumes.path_of(node), self._segmentation_stamp()
        project = Project(
            scan=ScanOfProject(
                self.scan_facts,
                VolumeGeometry.of(node).ijk_to_ras,
                node.GetAttribute(volumes.UNIT_ATTRIBUTE) != "0",
                None if path is None else relative_place(path, folder),
                None if path is None else str(path),
            ),
            profile=state.profile,
            class_id=state.class_id,
            window=state.window,
            model=self._engine.model_name,
            choices={name: text for name, text in state.parts.items() if text},
            view={
                **view,
                _SLICES: view_to_dict(place.slice_nodes()),
                _LOOKS: looks_to_dict(place.segmentation_node),
                **({} if place.on_disk is None else {_ON_DISK: _labels_to_dict(place.on_disk, folder)}),
            },
            saved=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            program=f"RWTHSAM {__version__}",
        )
        found = {each.FOUND_AS: make for each in self._parts if (make := each.found()) is not None}
        keeps_scan = keeps_scan and path is None
        write = _nothing_to_write if stamp is not None and stamp == written else self._segmentation_writer()
        return ProjectContent(
            project,
            write,
            stamp,
            found,
            tuple(each.work_stamp for each in self._parts),
            partial(write_volume, volumes.volume_data_of(node), compressed=False)
            if path is None and keeps_scan
            else None,
            needs_scene=isinstance(write, partial) and write.func is save_segmentation,
        )

    # and back

    def open(
        self,
        folder: Path,
        project: Project,
        data: VolumeData,
        found: Mapping[str, Node],
        show: Callable[[slicer.vtkMRMLVolumeNode | None], object] = lambda node: None,
        scan_path: Path | None = None,
    ) -> None:
        """Go on with a project; the session's own scan is left, as `Session.set_volume` leaves it.

        Parameters
        ----------
        folder : Path
            The project's.
        project : Project
        data : VolumeData
            The project's scan, see `as_in_project`; its node has no path yet.
        found : mapping of str to Node
            What `read_found` gave; empty where the scan's grey values are others now.
        show : callable
            Lets a host's views show a scan, before anything else of it is shown.
        scan_path : Path, optional
            Where the scan was read from: a project of a scan larger than memory goes on with its finest level.

        Raises
        ------
        InputError
            If the segmentation cannot be read or lies elsewhere than the scan; the session is as before then.
        """
        place = self._workspace
        volume_node, views = volumes.add_volume(place.scene, data), view_to_dict(place.slice_nodes())
        show(volume_node)
        try:
            self.open_on(volume_node, folder, project, found, scan_path)
        except InputError:
            show(place.volume_node)
            place.scene.RemoveNode(volume_node)
            look_again(place.slice_nodes(), Node(views))
            raise

    def open_on(
        self,
        volume_node: slicer.vtkMRMLVolumeNode,
        folder: Path,
        project: Project,
        found: Mapping[str, Node],
        scan_path: Path | None = None,
    ) -> None:
        """Go on with a project on a scan that is in the scene; see `open`."""
        place = self._workspace
        on_disk = _on_disk_of(folder, project, volume_node, scan_path)
        try:
            segmentation_node = self._segmentation_of(folder, project, volume_node)
        except InputError:
            if on_disk is not None:
                on_disk.close()
            raise
        self._persistence.take_up(
            SessionState(
                volume_node,
                segmentation_node,
                project.profile,
                project.class_id,
                project.window,
                project.choices,
                on_disk,
            )
        )
        if place.segmentation_node is None:
            place.set_segmentation(None)
        problems = self._take_up_found(found)
        place.undo_history.clear()
        self.look_again(project)
        self.count_as_saved(self.work_stamp)
        if problems:
            place.remark(InputError(f"Not everything that was found is there again: {problems[0]}"))

    def look_again(self, project: Project) -> None:
        """Let the views show the slices that they showed, and classes look as they did."""
        place, slices, looks = self._workspace, project.view.get(_SLICES), project.view.get(_LOOKS)
        look_again(place.slice_nodes(), Node(slices if isinstance(slices, dict) else {}))
        if place.segmentation_node is not None:
            set_looks(place.segmentation_node, Node(looks if isinstance(looks, dict) else {}))

    def _segmentation_of(
        self, folder: Path, project: Project, volume_node: slicer.vtkMRMLVolumeNode
    ) -> slicer.vtkMRMLSegmentationNode | None:
        if project.segmentation is None:
            return None
        node = load_segmentation(self._workspace.scene, folder / project.segmentation)
        try:
            segments.check_grid(node, VolumeGeometry.of(volume_node))
        except InputError:
            self._workspace.scene.RemoveNode(node)
            raise
        node.SetName(f"{volume_node.GetName()} segmentation")
        node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
        return node

    def _take_up_found(self, found: Mapping[str, Node]) -> list[str]:
        problems = []
        for part in self._parts:
            if (kept := found.get(part.FOUND_AS)) is not None:
                try:
                    part.take_up_found(kept)
                except InputError as error:
                    problems.append(str(error))
        return problems

    # inside

    def _segmentation_stamp(self) -> object:
        node, on_disk = self._workspace.segmentation_node, self._workspace.on_disk
        if node is None:
            return None
        segmentation = node.GetSegmentation()
        names = tuple(
            (each, segmentation.GetSegment(each).GetName(), segmentation.GetSegment(each).GetColor())
            for each in segments.segment_ids(node)
        )
        return labelmaps.stamps(node), names, None if on_disk is None else on_disk.label_writes

    def _segmentation_writer(self) -> Write | None:
        node = self._workspace.segmentation_node
        if node is None or not segments.segment_ids(node):
            return None
        copy = copied_segmentation(node)
        if copy is None:
            return partial(save_segmentation, node)  # `ProjectContent.needs_scene`
        return partial(write_segmentation_file, copy)

    @property
    def scan_facts(self) -> ScanFacts:
        """Which scan is there.

        Raises
        ------
        StateError
            If there is none.
        """
        node = self._workspace.require_volume()
        stamp = node, node.GetImageData().GetMTime(), self._workspace.scan.version
        if self._facts is None or self._facts[0] != stamp:
            self._facts = stamp, volumes.facts_of(node)
        return self._facts[1]


def _labels_to_dict(on_disk: ScanOnDisk, folder: Path) -> dict[str, Json]:
    """Where the classes of a scan larger than memory lie."""
    path = on_disk.store_path
    return {_LABELS: str(path), _RELATIVE: relative_place(path, folder), _THERE: on_disk.has_store}


def _on_disk_of(
    folder: Path, project: Project, volume_node: slicer.vtkMRMLVolumeNode, scan_path: Path | None
) -> ScanOnDisk | None:
    """The finest level and the classes, where the project was made on a scan larger than memory."""
    kept = project.view.get(_ON_DISK)
    if not isinstance(kept, dict) or scan_path is None:
        return None
    named = [Path(each) for each in (kept.get(_LABELS),) if isinstance(each, str)]
    beside = [folder / each for each in (kept.get(_RELATIVE),) if isinstance(each, str)]
    places = [*beside, *named, label_path_beside(scan_path)]
    there = next((each for each in places if each.exists()), None)
    if there is None and kept.get(_THERE) is True:
        raise ProjectError(
            f"The classes of this project lie in the folder '{places[0]}', which is not there: put it back, or beside "
            f"the scan as '{places[-1].name}'."
        )
    levels = levels_beyond_memory(scan_path, VolumeGeometry.of(volume_node).shape_kji)
    return ScanOnDisk(levels, volume_node, (there or places[0]).resolve()) if levels else None


def _nothing_to_write(path: Path) -> None:
    raise InputError(f"'{path}' was there and is there no more: save again.")
