"""VTK observers that end with the Qt object that they serve."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import shiboken6
import slicer
import vtk

from ..pythonqt.runtime import call_python

_WITH_OBJECT = (
    *("NodeAddedEvent", "NodeRemovedEvent"),
    *(slicer.vtkMRMLScene.NodeAddedEvent, slicer.vtkMRMLScene.NodeRemovedEvent),
)


class Observers:
    """Observers of one Qt object on any number of VTK objects."""

    def __init__(self, owner: Any) -> None:
        self._owner = weakref.ref(owner)
        self._tags: list[tuple[Any, int]] = []
        tags = self._tags
        owner.destroyed.connect(lambda *_args: _remove_all(tags))

    def add(self, target: Any, event: int | str, method: Callable[..., None], priority: float = 0.0) -> int:
        """Call ``method(caller, event, data)`` while the owner lives; ``event`` is as given here."""
        call = weakref.WeakMethod(method) if hasattr(method, "__self__") else (lambda: method)
        tags = self._tags

        def observe(caller: Any, _name: str, data: Any = None) -> None:
            owner, bound = self._owner(), call()
            if owner is not None and bound is not None and shiboken6.isValid(owner):
                # VTK calls every event of MRML "NoEvent": hand on what was asked for
                call_python(bound, caller, event, data)

        # only these events carry an object; reading another's data as one would crash
        if event in _WITH_OBJECT:
            observe = vtk.calldata_type(vtk.VTK_OBJECT)(observe)
        tag: int = target.AddObserver(event, observe, priority)
        tags.append((target, tag))
        return tag

    def clear(self, target: Any = None) -> None:
        """Remove the observers of one object, or all."""
        for entry in list(self._tags):
            if target is None or entry[0] is target:
                entry[0].RemoveObserver(entry[1])
                self._tags.remove(entry)

    def watch(self, before: Any, after: Any, *events: tuple[int | str, Callable[..., None]]) -> None:
        """Move observers from one object to another."""
        if before is not None:
            self.clear(before)
        for event, method in events if after is not None else ():
            self.add(after, event, method)


def _remove_all(tags: list[tuple[Any, int]]) -> None:
    while tags:
        target, tag = tags.pop()
        target.RemoveObserver(tag)
