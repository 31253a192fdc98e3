"""Mouse and keys of a slice view, from VTK's interactor to the session's terms."""

from __future__ import annotations

from typing import Literal

import slicer
import vtk

from ...mrml.nodes.volume_geometry import mm_per_view_pixel, world_of_view_point
from ...mrml.session.gestures import Button, Phase, PointerEvent

_BUTTONS: dict[int, tuple[Phase, Button]] = {
    vtk.vtkCommand.LeftButtonPressEvent: ("press", "left"),
    vtk.vtkCommand.LeftButtonReleaseEvent: ("release", "left"),
    vtk.vtkCommand.MiddleButtonPressEvent: ("press", "middle"),
    vtk.vtkCommand.MiddleButtonReleaseEvent: ("release", "middle"),
    vtk.vtkCommand.MouseMoveEvent: ("move", ""),
    # a second press that comes soon is reported like this, and is a click like any other
    vtk.vtkCommand.LeftButtonDoubleClickEvent: ("press", "left"),
    vtk.vtkCommand.MiddleButtonDoubleClickEvent: ("press", "middle"),
}
_KEY_NAMES = {"Return": "Return", "KP_Enter": "Return", "Enter": "Return", "Escape": "Escape"}

What = Literal["pointer", "key", "entered", "other"]


def kind_of(event_id: int) -> What:
    """Which kind of event an id stands for."""
    if event_id in _BUTTONS:
        return "pointer"
    if event_id == vtk.vtkCommand.KeyPressEvent:
        return "key"
    return "entered" if event_id == vtk.vtkCommand.EnterEvent else "other"


def pixel_ratio(interactor: vtk.vtkRenderWindowInteractor, view_widget: slicer.qMRMLSliceWidget) -> float:
    """Pixels of the picture for one pixel of the window system: 2 on many screens of high resolution."""
    shown, drawn = view_widget.sliceView().width, interactor.GetRenderWindow().GetSize()[0]
    return drawn / shown if shown > 0 and drawn > 0 else 1.0


def pointer_event(
    interactor: vtk.vtkRenderWindowInteractor, event_id: int, slice_node: slicer.vtkMRMLSliceNode, ratio: float
) -> PointerEvent:
    """The pointer event of a slice view that an interactor has just reported.

    Parameters
    ----------
    interactor : vtkRenderWindowInteractor
        Its positions are pixels of the picture.
    event_id : int
        Of the event, one of VTK's.
    slice_node : vtkMRMLSliceNode
        Of the view.
    ratio : float
        See `pixel_ratio`; a hand trembles by as many pixels of the window system on every screen.
    """
    phase, button = _BUTTONS[event_id]
    x, y = interactor.GetEventPosition()
    return PointerEvent(
        phase=phase,
        button=button,
        slice_node=slice_node,
        world_ras=world_of_view_point(slice_node, x, y),
        view_xy=(x / ratio, y / ratio),
        shift=bool(interactor.GetShiftKey()),
        control=bool(interactor.GetControlKey()),
        mm_per_pixel=mm_per_view_pixel(slice_node) * ratio,
    )


def key_name(interactor: vtk.vtkRenderWindowInteractor) -> str:
    """Name of the pressed key as the session knows it, such as ``"Ctrl+Shift+K"``; with Alt empty: not used."""
    if interactor.GetAltKey():
        return ""
    symbol = interactor.GetKeySym() or ""
    name = _KEY_NAMES.get(symbol, symbol.upper() if len(symbol) == 1 else symbol)
    return with_modifiers(name, bool(interactor.GetControlKey()), bool(interactor.GetShiftKey()))


def with_modifiers(name: str, control: bool, shift: bool) -> str:
    """A key's name with its modifiers in the order that the session uses."""
    return f"{'Ctrl+' if control else ''}{'Shift+' if shift else ''}{name}"
