"""A segmentation and its scan as a report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import slicer

from ... import __version__
from ...algorithms.quality.roles import is_cell
from ...core.system.atomic_file import write_text
from ...core.voxel_size import Spacing
from ...record.text import facts_of_record, steps_of_record
from ...report.compose import ReportSettings, compose, compose_of
from ...report.content import Picture, Provenance, Report
from ...report.from_disk import BYTES_OF_A_VOXEL, ClassOnDisk, masks_from_disk, statistics_from_disk
from ...report.page import html_page
from ...report.pictures import picture, without_margins
from ...report.statistics import ClassMask
from ...volumes.labelled_slabs import LabelledSlabs
from ...volumes.lazy_segmentation import LazySegmentation
from ...volumes.scan import Scan
from ...volumes.volume_data import VolumeData, check_upright
from ..nodes import labelmaps, record_tag, segments
from ..nodes.labelled_segments import labelled_classes
from ..nodes.standalone import new_scene
from .cell_quality import quality_from_disk, quality_of_masks
from .closed_surfaces import surface_of_segment
from .coarser_node import coarser_node
from .picture_3d import NoRenderer, render_surfaces

# choices for print: sharp at a page's width, edges of voxels hardly seen
_VIEW_PX = (1300, 1100)
_SMOOTHING = 0.5


def write_report(
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    scan: VolumeData,
    path: Path,
    choices: ReportSettings | None = None,
) -> None:
    """Write a report as one HTML file.

    Parameters
    ----------
    segmentation_node : vtkMRMLSegmentationNode
        On the scan's grid; not changed.
    scan : VolumeData
        See `volumes.volume_data_of` for a volume node.
    path : Path
        Replaced if it is there.
    choices : ReportSettings, optional
        Usual ones by default; the views in three dimensions are added here.

    Raises
    ------
    GeometryError
        If the segmentation lies on another grid.
    InputError
        If the file cannot be written.
    """
    write_text(path, html_page(report_of(segmentation_node, scan, choices), f"RWTHSAM {__version__}"))


def report_of(
    segmentation_node: slicer.vtkMRMLSegmentationNode, scan: VolumeData, choices: ReportSettings | None = None
) -> Report:
    """What the report says; see `write_report`."""
    segments.check_grid(segmentation_node, scan.grid)
    check_upright(scan.ijk_to_ras, scan.name)
    masks = [
        ClassMask(entry, partial(labelmaps.segment_voxels_kji, segmentation_node, segment_id, scan.grid.extent))
        for segment_id, entry in labelled_classes(segmentation_node).items()
    ]
    views = _views_3d(segmentation_node)
    given = choices or ReportSettings()
    by_name = {each.entry.name: each.voxels_kji for each in masks}
    names = list(by_name)
    with_views = replace(
        given,
        quality=quality_of_masks(names, lambda name: by_name[name](), scan, "k") if is_cell(names) else None,
        views_3d=views.pictures,
        no_view_3d=views.why_none,
        provenance=_with_record(given.provenance, segmentation_node),
    )
    return compose(scan, masks, with_views)


def write_report_from_disk(
    segmentation: LazySegmentation,
    segmentation_node: slicer.vtkMRMLSegmentationNode,
    scan: Scan,
    path: Path,
    choices: ReportSettings,
    spacing_mm: Spacing | None = None,
) -> None:
    """As `write_report`, of a segmentation and a scan that stay on their disk; the 3D view may be a coarser one.

    Parameters
    ----------
    segmentation : LazySegmentation
    segmentation_node : vtkMRMLSegmentationNode
        Its segments, without voxels.
    scan : Scan
    path : Path
    choices : ReportSettings
    spacing_mm : tuple of float, optional
        Of a voxel along i, j and k, instead of what the files say.
    """
    check_upright(scan.ijk_to_ras, scan.name)
    slabs = LabelledSlabs(segmentation, scan, BYTES_OF_A_VOXEL)
    places = segmentation.places
    classes = [ClassOnDisk(entry, places[each]) for each, entry in labelled_classes(segmentation_node).items()]
    # what was given is no note of the scan's file
    sized = scan if spacing_mm is None else replace(scan.with_spacing(spacing_mm), notes=scan.notes)
    scene = new_scene()
    coarse, told = coarser_node(scene, segmentation.on_grid_of(sized.grid))
    views = _views_3d(coarse)
    quality = None
    if is_cell([each.entry.name for each in classes]):
        quality = quality_from_disk(segmentation, segmentation_node, scan, spacing_mm=spacing_mm)
    with_views = replace(
        choices,
        quality=quality,
        views_3d=views.pictures,
        no_view_3d=views.why_none,
        provenance=_with_record(choices.provenance, segmentation_node),
    )
    statistics = statistics_from_disk(slabs, classes)
    report = compose_of(sized, statistics, partial(masks_from_disk, slabs, classes), with_views)
    if told:
        report = replace(report, notices=(*report.notices, told))
    write_text(path, html_page(report, f"RWTHSAM {__version__}"))


def _with_record(known: Provenance, segmentation_node: slicer.vtkMRMLSegmentationNode) -> Provenance:
    """What is known, and what the segmentation itself says of how it was made."""
    record = record_tag.kept(segmentation_node)
    about_classes = _facts_of_segments(segmentation_node)
    if record is None:
        unknown = ("Record", "none: the segmentation does not say how it was made")
        return replace(known, facts=(*known.facts, unknown, *about_classes))
    facts = (*known.facts, *facts_of_record(record), *about_classes)
    return replace(known, facts=facts, steps=(*known.steps, *steps_of_record(record)))


def _facts_of_segments(segmentation_node: slicer.vtkMRMLSegmentationNode) -> list[tuple[str, str]]:
    """What the segmentation itself says about its classes."""
    facts = []
    for segment_id, entry in labelled_classes(segmentation_node).items():
        segment = segmentation_node.GetSegmentation().GetSegment(segment_id)
        terminology = segments.tag_of(segment, segment.GetTerminologyEntryTagName())
        parts = [f"class {entry.class_id}", f"segment {segment_id}"]
        parts += ["locked"] if segments.is_locked(segmentation_node, segment_id) else []
        parts += [f"terminology {terminology}"] if terminology is not None else []
        facts.append((entry.name, ", ".join(parts)))
    return facts


@dataclass(frozen=True)
class _Views:
    pictures: tuple[Picture, ...] = ()
    why_none: str = ""


def _views_3d(segmentation_node: slicer.vtkMRMLSegmentationNode) -> _Views:
    made = (
        surface_of_segment(segmentation_node, segment_id, entry, _SMOOTHING)
        for segment_id, entry in labelled_classes(segmentation_node).items()
    )
    surfaces = [each for each in made if each is not None]
    if not surfaces:
        return _Views(why_none="There is no three-dimensional view: no class has a voxel.")
    names = ", ".join(each.entry.name for each in surfaces)
    try:
        whole, opened = without_margins([render_surfaces(surfaces, _VIEW_PX, cut_open) for cut_open in (False, True)])
    except NoRenderer as error:
        return _Views(why_none=str(error))
    return _Views(
        (
            picture(whole, "Closed surfaces of the classes, smoothed.", f"Surfaces of {names}"),
            picture(opened, "The same, without the half towards the viewer.", f"Surfaces of {names}, cut open"),
        )
    )
