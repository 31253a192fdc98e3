"""The one file that touches trame-slicer: scene, views, layouts, mouse events, native tools and their undo.

Everything else of the web front speaks MRML and plain values, so that a new trame-slicer changes this file alone
(written against 2.0.0).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Literal

import numpy as np
import slicer
from trame_client.ui.core import AbstractLayout
from trame_server import Server
from trame_slicer.core import LayoutManager, SlicerApp
from trame_slicer.rca_view import register_rca_factories
from trame_slicer.rca_view.rca_view_factory import RcaView
from trame_slicer.segmentation import (
    SegmentationEffect,
    SegmentationEffectErase,
    SegmentationEffectNoTool,
    SegmentationEffectPaint,
    SegmentationEffectScissors,
    SegmentationEffectThreshold,
)
from trame_slicer.segmentation.paint_effect_parameters import BrushDiameterMode
from trame_slicer.segmentation.segmentation_undo_command import SegmentationLabelMapUndoCommand
from trame_slicer.views import AbstractView, Layout, LayoutDirection, SliceView, ThreeDView, ViewLayoutDefinition
from undo_stack import UndoCommand, UndoStack
from vtkmodules.vtkCommonCore import vtkObject
from vtkmodules.vtkRenderingCore import vtkRenderWindow

from RWTHSAMLib.mrml.nodes import volume_geometry as geometry
from RWTHSAMLib.mrml.nodes.weak_reaction import WeakEventReaction, WeakReaction
from RWTHSAMLib.mrml.session.gestures import Button, Phase, PointerEvent

from .native_edits import NativeEdit, native_edit
from .remote_views.drawn_once import draw_once
from .remote_views.exact_pointer import point_exactly

NativeTool = Literal["", "paint", "erase", "scissors", "threshold"]
ViewUi = Callable[[str], None]
"""Called with a view's name to draw widgets over it."""

SLICE_VIEWS = ("Axial", "Coronal", "Sagittal")
VOLUME_VIEW = "Volume"
LAYOUTS = {"primary": "One large view", "four": "Four views", "volume": "3D only"}
DEFAULT_LAYOUT = "primary"

_EFFECTS: dict[NativeTool, type[SegmentationEffect]] = {
    "": SegmentationEffectNoTool,
    "paint": SegmentationEffectPaint,
    "erase": SegmentationEffectErase,
    "scissors": SegmentationEffectScissors,
    "threshold": SegmentationEffectThreshold,
}
_VIEW_COLOURS = {"Axial": "#F34A33", "Coronal": "#6DAD4A", "Sagittal": "#EFD64D"}
_OBLIQUE_DIRECTION_RAS = (0.48, 0.64, 0.6)
_BEFORE_EVERY_OTHER_OBSERVER = 100.0
_AFTER_EVERY_OTHER_OBSERVER = -1.0
# a choice for the eye: quick while it moves; at rest trame-rca sends it once more, without blocks
_MOVING_JPEG_QUALITY = 60


class Host:
    """A Slicer application without its desktop, shown in a trame page.

    Parameters
    ----------
    server : Server
        Trame server that the views are shown by.
    slice_view_ui, volume_view_ui : callable
        Draw widgets over a view.
    """

    def __init__(self, server: Server, slice_view_ui: ViewUi, volume_view_ui: ViewUi) -> None:
        # VTK refers to its observers weakly: they live here
        self._waiting: dict[str, _Once] = {}
        self._told: list[_Told] = []
        self._fitted: dict[str, _Zoom] = {}
        self._has_fitted_3d = False
        with _resize_warnings_off():
            self._make(server, slice_view_ui, volume_view_ui)

    def _make(self, server: Server, slice_view_ui: ViewUi, volume_view_ui: ViewUi) -> None:
        self._app = SlicerApp()
        self._editor = self._app.segmentation_editor
        register_rca_factories(
            self._app.view_manager,
            server,
            slice_view_ui_f=lambda _server, _id, view: slice_view_ui(view.get_singleton_tag()),
            three_d_view_ui_f=lambda _server, _id, view: volume_view_ui(view.get_singleton_tag()),
            interactive_quality=_MOVING_JPEG_QUALITY,
        )
        self._layouts = LayoutManager(self.scene, self._app.view_manager, server)
        self._layouts.register_layout_dict(_layouts())
        self._layouts.set_layout(DEFAULT_LAYOUT)
        for view in self._app.view_manager.get_views():
            view.render_window().SetMultiSamples(0)  # half the time of software rendering, no visible loss
        for name in (*SLICE_VIEWS, VOLUME_VIEW):
            draw_once(self._sent(name).view_adapter)
            point_exactly(self._sent(name).view_adapter)
        self._app.view_manager.get_view(VOLUME_VIEW).get_view_node().SetAxisLabelsVisible(False)
        for name in SLICE_VIEWS:
            self._told.append(_Told(partial(self._fit_again, name)))
            interactor = self._app.view_manager.get_view(name).interactor()
            interactor.AddObserver("WindowResizeEvent", WeakReaction(self._told[-1].tell), _AFTER_EVERY_OTHER_OBSERVER)

    # -- scene -----------------------------------------------------------------------------------------------------

    @property
    def scene(self) -> slicer.vtkMRMLScene:
        """The scene that all views show."""
        return self._app.scene

    @property
    def editor_node(self) -> slicer.vtkMRMLSegmentEditorNode:
        """Overwrite mode and editable area of the native tools."""
        return self._editor.editor_node

    # -- views -----------------------------------------------------------------------------------------------------

    def place_views(self, page: AbstractLayout) -> None:
        """Put the views where the page is being built."""
        self._layouts.initialize_layout_grid(page)

    def set_layout(self, name: str) -> None:
        """Show another arrangement of the views, one of `LAYOUTS`."""
        self._layouts.set_layout(name)

    def slice_node(self, view_name: str) -> slicer.vtkMRMLSliceNode:
        """Node of a slice view."""
        return self._slice_view(view_name).get_view_node()

    def show_volume(self, volume_node: slicer.vtkMRMLVolumeNode | None) -> None:
        """Show a scan in all slice views; the 3D view shows classes only."""
        self._app.display_manager.show_volume_in_slice_background(volume_node)
        self.reset_views()
        self._has_fitted_3d = False

    def remove(self, node: slicer.vtkMRMLDisplayableNode | None) -> None:
        """Take a node and what displays it out of the scene."""
        if node is None or node.GetScene() is None:
            return
        for index in reversed(range(node.GetNumberOfDisplayNodes())):
            self.scene.RemoveNode(node.GetNthDisplayNode(index))
        self.scene.RemoveNode(node)

    def reset_views(self) -> None:
        """Fit every view to what it shows, slice views in its middle."""
        for name in (*SLICE_VIEWS, VOLUME_VIEW):
            self._reset_view(name)

    def fit_views_after_resize(self) -> None:
        """Fit every view as soon as the page has told how large it is."""
        for name in (*SLICE_VIEWS, VOLUME_VIEW):
            if (waiting := self._waiting.pop(name, None)) is not None:
                waiting.cancel()
            interactor = self._app.view_manager.get_view(name).interactor()
            self._waiting[name] = _Once(interactor, "WindowResizeEvent", partial(self.fit_view, name))

    def set_size(self, view_name: str, width_px: float, height_px: float, pixel_ratio: float) -> None:
        """Take over how large a view is, in pixels of the browser's window, and how many the screen has for each."""
        self._sent(view_name).view_adapter.take_size(width_px, height_px, pixel_ratio)

    def fit_3d_once(self) -> None:
        """Fit the 3D view to the first thing that it shows of a scan; from then on the camera stays where it is put."""
        if not self._has_fitted_3d:
            self._has_fitted_3d = True
            self.fit_view(VOLUME_VIEW)

    @property
    def camera_ras(self) -> tuple[float, float, float]:
        """Where the 3D view is looked at from."""
        x, y, z = self._app.view_manager.get_view(VOLUME_VIEW).get_camera_node().GetPosition()
        return x, y, z

    def fit_view(self, view_name: str) -> None:
        """Fit one view to what it shows; a slice view keeps its slice."""
        if view_name not in SLICE_VIEWS:
            self._reset_view(view_name)
            return
        node = self.slice_node(view_name)
        offset = node.GetSliceOffset()
        self._reset_view(view_name)
        node.SetSliceOffset(offset)

    def _reset_view(self, view_name: str) -> None:
        view = self._app.view_manager.get_view(view_name)
        view.reset_view()
        if view_name == VOLUME_VIEW:
            _look_obliquely(view)
        else:
            self._fitted[view_name] = _zoom_of(self.slice_node(view_name))

    def _fit_again(self, view_name: str) -> None:
        """A view that showed all of its slice shows all of it in its new size; where a hand has zoomed, that stays."""
        if view_name in self._fitted and np.allclose(self._fitted[view_name], _zoom_of(self.slice_node(view_name))):
            self.fit_view(view_name)

    @property
    def volume_window(self) -> vtkRenderWindow:
        """What the 3D view is drawn into."""
        return self._app.view_manager.get_view(VOLUME_VIEW).render_window()

    def render(self) -> None:
        """Draw every view soon."""
        for view in self._app.view_manager.get_views():
            view.schedule_render()

    def on_slice_moved(self, callback: Callable[[str], None]) -> None:
        """Call back with a view's name whenever its slice, zoom or size may have changed."""
        for name in SLICE_VIEWS:
            self._slice_view(name).modified.connect(lambda _view, name=name: callback(name))
            self._told.append(_Told(partial(callback, name)))
            self.slice_node(name).AddObserver("ModifiedEvent", WeakReaction(self._told[-1].tell))

    # -- mouse -----------------------------------------------------------------------------------------------------

    def on_pointer(self, consume: Callable[[PointerEvent], bool], hover: Callable[[PointerEvent], bool]) -> None:
        """Offer every mouse event of the slice views; what is taken does not reach Slicer's own handling.

        Moves without a button are told to `hover`, all others to `consume`, but for those of a native tool.
        """
        self._pointers = [
            _Pointer(
                self._slice_view(name),
                lambda event: not self.native_tool and consume(event),
                hover,
                partial(self._pixel_ratio, name),
            )
            for name in SLICE_VIEWS
        ]

    def on_wheel(self, turned: Callable[[str, int], bool]) -> None:
        """Offer turns of the wheel in slice views, with the name of the view and 1 or -1; what is taken ends there."""
        self._wheels = [_Wheel(self._slice_view(name), partial(turned, name)) for name in SLICE_VIEWS]

    def mm_per_pixel(self, view_name: str) -> float:
        """Size in mm of a pixel of the browser's window in a slice view."""
        return geometry.mm_per_view_pixel(self.slice_node(view_name)) * self._pixel_ratio(view_name)

    def width_px(self, view_name: str) -> float:
        """Width of a slice view in pixels of the browser's window."""
        return float(self.slice_node(view_name).GetDimensions()[0]) / self._pixel_ratio(view_name)

    def _pixel_ratio(self, view_name: str) -> float:
        """Pixels of a view's picture for one pixel of the browser's window: 2 on many screens of high resolution."""
        return float(self._sent(view_name).view_adapter.scale_factor) or 1.0

    def _sent(self, view_name: str) -> RcaView:
        """A view with what sends its pictures to the page."""
        maker = next(each for each in self._app.view_manager._factories if each.has_view(view_name))
        return maker._views[view_name]

    # -- native tools ----------------------------------------------------------------------------------------------

    @property
    def native_tool(self) -> NativeTool:
        """The chosen tool of trame-slicer's editor, or ''."""
        active = type(self._editor.active_effect)
        return next((name for name, effect in _EFFECTS.items() if effect is active), "")

    def set_native_tool(self, name: NativeTool) -> None:
        """Choose a tool of trame-slicer's editor; '' gives the mouse back."""
        self._editor.set_active_effect_type(_EFFECTS[name])
        if name == "threshold":
            self._editor.active_effect.auto_threshold()

    def set_edited(
        self, segmentation_node: slicer.vtkMRMLSegmentationNode, volume_node: slicer.vtkMRMLVolumeNode
    ) -> None:
        """Let the native tools edit a segmentation."""
        self._editor.set_active_segmentation(segmentation_node, volume_node)

    def set_edited_segment(self, segment_id: str) -> None:
        """Let the native tools edit a segment."""
        if self._editor.active_segment_id != segment_id:
            self._editor.set_active_segment_id(segment_id)

    def set_brush(self, diameter_mm: float, is_sphere: bool) -> None:
        """Diameter in mm and shape of the paint and erase tools."""
        for effect in (SegmentationEffectPaint, SegmentationEffectErase):
            tool = self._editor.get_effect(effect)
            tool.set_brush_diameter(diameter_mm, BrushDiameterMode.Absolute)
            tool.set_use_sphere_brush(is_sphere)

    @property
    def threshold(self) -> tuple[float, float]:
        """Grey values between which the threshold tool selects."""
        low, high = self._editor.get_effect(SegmentationEffectThreshold).get_threshold_min_max_values()
        return float(low), float(high)

    def set_threshold(self, low: float, high: float) -> None:
        """Grey values between which the threshold tool selects."""
        self._editor.get_effect(SegmentationEffectThreshold).set_threshold_min_max_values((low, high))

    def apply_threshold(self) -> None:
        """Add the voxels that the threshold tool shows to the edited segment."""
        self._editor.get_effect(SegmentationEffectThreshold).apply()
        self.set_native_tool("")

    # -- undo ------------------------------------------------------------------------------------------------------

    def on_native_edit(self, record: Callable[[NativeEdit], None], changed: Callable[[], None]) -> None:
        """Hand over what the native tools do, for the same history as everything else, and say when they did."""
        self._editor.set_undo_stack(_Recorder(record, lambda: self.native_tool, changed))

    def _slice_view(self, name: str) -> SliceView:
        return self._app.view_manager.get_view(name)


class _Pointer:
    """Offers a slice view's mouse events before Slicer's own interaction sees them.

    Observers of the interactor with a high priority are VTK's oldest way to do so; they need nothing of trame-slicer's
    effect pipelines, and an event that is not taken goes on to them and to Slicer untouched.
    """

    _BUTTONS: dict[str, Button] = {"Left": "left", "Middle": "middle", "Right": "right"}

    def __init__(
        self,
        view: AbstractView,
        consume: Callable[[PointerEvent], bool],
        hover: Callable[[PointerEvent], bool],
        pixel_ratio: Callable[[], float],
    ) -> None:
        self._view = view
        self._pixel_ratio = pixel_ratio
        self._consume = consume
        self._hover = hover
        self._pressed: Button = ""
        self._observed: dict[str, tuple[int, Phase, Button]] = {}
        self._observe("MouseMoveEvent", "move", "")
        for name, button in self._BUTTONS.items():
            self._observe(f"{name}ButtonPressEvent", "press", button)
            self._observe(f"{name}ButtonReleaseEvent", "release", button)

    def _observe(self, vtk_event: str, phase: Phase, button: Button) -> None:
        reaction = WeakEventReaction(self._on_event)
        tag = self._view.interactor().AddObserver(vtk_event, reaction, _BEFORE_EVERY_OTHER_OBSERVER)
        self._observed[vtk_event] = (tag, phase, button)

    def _on_event(self, interactor: vtkObject, vtk_event: str) -> None:
        tag, phase, button = self._observed[vtk_event]
        if self._handle(phase, button):
            interactor.GetCommand(tag).AbortFlagOn()

    def _handle(self, phase: Phase, button: Button) -> bool:
        event = self._event(phase, button)
        if phase == "press":
            self._pressed = button
        if phase == "move" and not self._pressed:
            return self._hover(event)
        if phase == "release":
            self._pressed = ""
        return self._consume(event)

    def _event(self, phase: Phase, button: Button) -> PointerEvent:
        interactor, node = self._view.interactor(), self._view.get_view_node()
        x, y = interactor.GetEventPosition()
        ratio = self._pixel_ratio()  # a hand trembles by as many pixels of the window on every screen
        return PointerEvent(
            phase=phase,
            button=button,
            slice_node=node,
            world_ras=geometry.world_of_view_point(node, x, y),
            view_xy=(x / ratio, (interactor.GetSize()[1] - y) / ratio),  # from above: the view may become lower
            shift=bool(interactor.GetShiftKey()),
            control=bool(interactor.GetControlKey()),
            mm_per_pixel=geometry.mm_per_view_pixel(node) * ratio,
        )


class _Wheel:
    """Offers turns of the wheel before Slicer sees them; those with Ctrl zoom, and stay Slicer's."""

    _STEPS = {"MouseWheelForwardEvent": 1, "MouseWheelBackwardEvent": -1}

    def __init__(self, view: AbstractView, turned: Callable[[int], bool]) -> None:
        self._view, self._turned = view, turned
        self._tags: dict[str, int] = {}
        for event in self._STEPS:
            reaction = WeakEventReaction(self._on_event)
            self._tags[event] = view.interactor().AddObserver(event, reaction, _BEFORE_EVERY_OTHER_OBSERVER)

    def _on_event(self, interactor: vtkObject, vtk_event: str) -> None:
        if not self._view.interactor().GetControlKey() and self._turned(self._STEPS[vtk_event]):
            interactor.GetCommand(self._tags[vtk_event]).AbortFlagOn()


class _Recorder(UndoStack):
    """Gives every command of trame-slicer's editor to the one history that prompts and submits are in.

    A command of the host keeps two copies of the whole segmentation; it is replaced by the voxels that changed.
    """

    def __init__(
        self, record: Callable[[NativeEdit], None], tool: Callable[[], str], changed: Callable[[], None]
    ) -> None:
        super().__init__()
        self._record = record
        self._tool = tool
        self._changed = changed

    def push(self, command: UndoCommand) -> None:
        """Record what the editor has just done."""
        edit = self._edit((self._tool() or "edit").capitalize(), command)
        if edit is not None:
            self._record(edit)
        self._changed()

    @staticmethod
    def _edit(text: str, command: UndoCommand) -> NativeEdit | None:
        if not isinstance(command, SegmentationLabelMapUndoCommand):
            return NativeEdit(text, command.undo, command.redo)
        before, after = command._segmentation_stack._segmentation_states
        edited = command._segmentation
        return native_edit(text, edited.segmentation_node, edited.volume_node, before, after)


_Zoom = tuple[float, float, float]


def _zoom_of(slice_node: slicer.vtkMRMLSliceNode) -> _Zoom:
    """Size of a pixel in mm, and where the view's middle lies on the slice."""
    x, y, _ = slice_node.GetXYZOrigin()
    return geometry.mm_per_view_pixel(slice_node), x, y


def _look_obliquely(view: ThreeDView) -> None:
    """Turn the 3D camera so that thin slices are not seen edge-on."""
    camera = view.get_camera_node()
    focus, distance = np.array(camera.GetFocalPoint()), camera.GetCamera().GetDistance()
    camera.SetPosition(focus + distance * np.array(_OBLIQUE_DIRECTION_RAS))
    camera.SetViewUp(0.0, 0.0, 1.0)
    view.reset_camera()
    view.schedule_render()


class _Told:
    """Does something at every occurrence of an event."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action

    def tell(self) -> None:
        """It has occurred."""
        self._action()


class _Once:
    """Does something at the next occurrence of an event, after everybody else has seen it."""

    def __init__(self, observed: vtkObject, event: str, action: Callable[[], None]) -> None:
        self._observed, self._action = observed, action
        with _resize_warnings_off():
            self._tag = observed.AddObserver(event, WeakReaction(self._occurred), -1.0)

    def cancel(self) -> None:
        """Do nothing any more; safe to call twice."""
        self._observed.RemoveObserver(self._tag)

    def _occurred(self) -> None:
        self.cancel()
        self._action()


@contextmanager
def _resize_warnings_off() -> Generator[None, None, None]:
    """VTK 9.6 warns of whoever observes its resize event, which trame-slicer itself still does, and invokes."""
    vtkObject.GlobalWarningDisplayOff()
    try:
        yield
    finally:
        vtkObject.GlobalWarningDisplayOn()


def _layouts() -> dict[str, Layout]:
    axial, coronal, sagittal = (
        ViewLayoutDefinition.slice_view(name, label=name, color=_VIEW_COLOURS[name]) for name in SLICE_VIEWS
    )
    volume = ViewLayoutDefinition.threed_view(name=VOLUME_VIEW, background_color=("#15181c", "#2a3038"))
    column, row = LayoutDirection.Vertical, LayoutDirection.Horizontal
    return {
        "primary": Layout(row, [axial, Layout(column, [volume, coronal, sagittal])], flex_sizes=["2", "1"]),
        "four": Layout(row, [Layout(column, [axial, coronal]), Layout(column, [volume, sagittal])]),
        "volume": Layout(row, [volume]),
    }
