"""Prompts as locked markups: every host draws them, none lets a stray drag move them."""

from __future__ import annotations

from collections.abc import Sequence

import slicer
import vtk

from ...core.oblique_plane import Plane
from ...core.prompts import BoxPrompt, PointPrompt, Prompts, StrokePrompt
from ..nodes.temporary_nodes import add_temporary, remove_with_display
from ..nodes.volume_geometry import VolumeGeometry

_POINT_KINDS = {"positive": (0.1, 0.95, 0.2), "negative": (1.0, 0.25, 0.2), "selected": (1.0, 0.85, 0.1)}
# choices for the eye: told from the green mask, and no larger than what is clicked
_BOX_COLOUR = (0.2, 0.7, 1.0)
_GLYPH_SCALE_PERCENT = 1.8
_DRAWING = -1
"""Instead of a position: a line that is not a prompt yet."""


class PromptMarkups:
    """Shows the prompts of all slices of one volume.

    Parameters
    ----------
    scene : vtkMRMLScene
    volume_node : vtkMRMLVolumeNode
    """

    def __init__(self, scene: slicer.vtkMRMLScene, volume_node: slicer.vtkMRMLVolumeNode) -> None:
        self._scene = scene
        self._volume_node = volume_node
        self._points: dict[str, slicer.vtkMRMLMarkupsFiducialNode] = {}
        self._boxes: dict[Plane, slicer.vtkMRMLMarkupsClosedCurveNode] = {}
        self._lines: dict[tuple[Plane, int], slicer.vtkMRMLMarkupsCurveNode] = {}

    def show(self, prompts: dict[Plane, Prompts], selected: tuple[Plane, int] | None) -> None:
        """Show exactly these prompts; the selected one, given by slice and position, stands out."""
        if not prompts:
            self.clear()
            return
        self._show_points(prompts, selected)
        self._show_lines(prompts, selected)
        boxes = {key: each.box for key, each in prompts.items() if each.box is not None}
        for key in [key for key in self._boxes if key not in boxes]:
            remove_with_display(self._boxes.pop(key))
        for key, box in boxes.items():
            is_selected = selected is not None and selected[0] == key and prompts[key].items[selected[1]] is box
            self.show_box(key, box, is_selected)

    def show_box(self, plane: Plane, box: BoxPrompt, is_selected: bool = False) -> None:
        """Show a slice's box, also while it is being drawn."""
        node = self._boxes.get(plane)
        if node is None or node.GetScene() is None:
            node = self._boxes[plane] = self._new_curve("vtkMRMLMarkupsClosedCurveNode", "RWTHSAM box")
        colour = _POINT_KINDS["selected"] if is_selected else _BOX_COLOUR
        _paint(node.GetDisplayNode(), colour)
        _set_points(node, self._corners(plane, box))

    def show_drawing(self, plane: Plane, path_xy: Sequence[tuple[int, int]]) -> None:
        """Show a line that is still being drawn, until `show` shows what became of it."""
        self._show_line((plane, _DRAWING), path_xy, _POINT_KINDS["positive"])

    def clear(self) -> None:
        """Show nothing and leave no node behind."""
        for node in (*self._points.values(), *self._boxes.values(), *self._lines.values()):
            remove_with_display(node)
        self._points.clear()
        self._boxes.clear()
        self._lines.clear()

    def _show_lines(self, prompts: dict[Plane, Prompts], selected: tuple[Plane, int] | None) -> None:
        lines = {
            (plane, position): item
            for plane, each in prompts.items()
            for position, item in enumerate(each.items)
            if isinstance(item, StrokePrompt)
        }
        for place in [place for place in self._lines if place not in lines]:
            remove_with_display(self._lines.pop(place))
        for place, item in lines.items():
            kind = "selected" if selected == place else "positive" if item.positive else "negative"
            self._show_line(place, item.points_xy, _POINT_KINDS[kind])

    def _show_line(
        self, place: tuple[Plane, int], path_xy: Sequence[tuple[int, int]], colour: tuple[float, float, float]
    ) -> None:
        node = self._lines.get(place)
        if node is None or node.GetScene() is None:
            node = self._lines[place] = self._new_curve("vtkMRMLMarkupsCurveNode", "RWTHSAM line")
        _paint(node.GetDisplayNode(), colour)
        geometry = VolumeGeometry.of(self._volume_node)
        _set_points(node, [geometry.ras_of(place[0].ijk_at(x, y)) for x, y in path_xy])

    def _show_points(self, prompts: dict[Plane, Prompts], selected: tuple[Plane, int] | None) -> None:
        places: dict[str, list[tuple[float, float, float]]] = {kind: [] for kind in _POINT_KINDS}
        geometry = VolumeGeometry.of(self._volume_node)
        for key, each in prompts.items():
            for position, item in enumerate(each.items):
                if isinstance(item, PointPrompt):
                    kind = "selected" if selected == (key, position) else "positive" if item.positive else "negative"
                    places[kind].append(geometry.ras_of(key.ijk(item.x, item.y)))
        for kind, points in places.items():
            if points or kind in self._points:
                _set_points(self._point_node(kind), points)

    def _point_node(self, kind: str) -> slicer.vtkMRMLMarkupsFiducialNode:
        node = self._points.get(kind)
        if node is None or node.GetScene() is None:
            node = add_temporary(
                self._scene, "vtkMRMLMarkupsFiducialNode", f"RWTHSAM {kind} points", like=self._volume_node
            )
            _style(node, _POINT_KINDS[kind])
            self._points[kind] = node
        return node

    def _new_curve(self, class_name: str, name: str) -> slicer.vtkMRMLMarkupsCurveNode:
        node = add_temporary(self._scene, class_name, name, like=self._volume_node)
        node.SetCurveTypeToLinear()
        _style(node, _BOX_COLOUR)
        node.GetDisplayNode().SetGlyphScale(0.2)
        node.GetDisplayNode().SetLineThickness(1.5)  # in glyph sizes; thinner lines vanish between pixels
        return node

    def _corners(self, plane: Plane, box: BoxPrompt) -> list[tuple[float, float, float]]:
        """The outer corners of the box's corner pixels, going round."""
        left, top, right, bottom = box.x_min - 0.5, box.y_min - 0.5, box.x_max + 0.5, box.y_max + 0.5
        around = ((left, top), (right, top), (right, bottom), (left, bottom))
        geometry = VolumeGeometry.of(self._volume_node)
        return [geometry.ras_of(plane.ijk_at(x, y)) for x, y in around]


def _style(node: slicer.vtkMRMLMarkupsNode, colour: tuple[float, float, float]) -> None:
    node.SetLocked(True)
    display = node.GetDisplayNode()
    display.SetGlyphTypeFromString("Circle2D")
    display.SetGlyphScale(_GLYPH_SCALE_PERCENT)
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    display.SetVisibility3D(False)
    _paint(display, colour)


def _paint(display: slicer.vtkMRMLMarkupsDisplayNode, colour: tuple[float, float, float]) -> None:
    display.SetColor(*colour)
    display.SetSelectedColor(*colour)
    display.SetActiveColor(*colour)


def _set_points(node: slicer.vtkMRMLMarkupsNode, points: list[tuple[float, float, float]]) -> None:
    positions = vtk.vtkPoints()
    for point in points:
        positions.InsertNextPoint(point)
    node.SetControlPointPositionsWorld(positions)
