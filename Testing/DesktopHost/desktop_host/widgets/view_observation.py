"""Events of the views on their way to the active effect, before the view's own interaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import vtk

from ..pythonqt.runtime import call_python

_PRIORITY = 1.0
_BUTTONS = [f"{side}Button{what}Event" for side in ("Left", "Right", "Middle") for what in ("Press", "Release")]
_COMMON = [
    *_BUTTONS, "MouseMoveEvent", "MouseWheelForwardEvent", "MouseWheelBackwardEvent", "MouseWheelLeftEvent",
    "MouseWheelRightEvent", "KeyPressEvent", "KeyReleaseEvent", "EnterEvent", "LeaveEvent",
]  # fmt: skip
_DOUBLE = [f"{side}ButtonDoubleClickEvent" for side in ("Left", "Right", "Middle")]


class ViewObservation:
    """Observers of one editor on all views of a layout.

    Parameters
    ----------
    on_interaction : callable
        ``(interactor, event_id, view) -> bool``; True keeps the event from observers of lower priority.
    on_view_node : callable
        ``(view_node, event_id, view)``.
    """

    def __init__(self, on_interaction: Callable[..., bool], on_view_node: Callable[..., None]) -> None:
        self._on_interaction, self._on_view_node = on_interaction, on_view_node
        self._tags: list[tuple[Any, int]] = []

    def start(self, layout: Any, is_shown_in: Callable[[Any], bool]) -> None:
        """Observe every view that shows the segmentation."""
        self.stop()
        for name in layout.sliceViewNames():
            view = layout.sliceWidget(name)
            if is_shown_in(view.mrmlSliceNode()):
                self._observe(view, view.sliceView().interactor(), [*_COMMON, *_DOUBLE], view.mrmlSliceNode())
        for index in range(layout.threeDViewCount()):
            view = layout.threeDWidget(index)
            if is_shown_in(view.mrmlViewNode()):
                self._observe(view, view.threeDView().interactor(), _COMMON, view.mrmlViewNode())

    def stop(self) -> None:
        """Remove all observers."""
        for target, tag in self._tags:
            target.RemoveObserver(tag)
        self._tags.clear()

    @property
    def active(self) -> bool:
        """Whether any view is observed."""
        return bool(self._tags)

    def _observe(self, view: Any, interactor: Any, events: list[str], node: Any) -> None:
        for event in events:
            event_id = vtk.vtkCommand.GetEventIdFromString(event)
            self._tags.append((interactor, self._on_interactor(interactor, event_id, view)))
        modified = vtk.vtkCommand.ModifiedEvent
        self._tags.append(
            (node, node.AddObserver(modified, lambda n, _e: self._on_view_node(n, modified, view), _PRIORITY))
        )

    def _on_interactor(self, interactor: Any, event_id: int, view: Any) -> int:
        tag: int = 0

        def observe(caller: Any, _event: str) -> None:
            if call_python(self._on_interaction, caller, event_id, view):
                caller.GetCommand(tag).SetAbortFlag(1)

        tag = interactor.AddObserver(event_id, observe, _PRIORITY)
        return tag
