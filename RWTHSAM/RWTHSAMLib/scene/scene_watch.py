"""Notices that nodes have left a scene, whether one was deleted or the whole scene was closed."""

from __future__ import annotations

from collections.abc import Callable

import slicer


class SceneWatch:
    """Calls `nodes_gone` after nodes were removed from a scene.

    Parameters
    ----------
    scene : vtkMRMLScene
    nodes_gone : callable
        Called without arguments; finds out itself what it misses.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, nodes_gone: Callable[[], None]) -> None:
        self._scene = scene
        self._nodes_gone = nodes_gone
        events = (slicer.vtkMRMLScene.NodeRemovedEvent, slicer.vtkMRMLScene.EndCloseEvent)
        self._tags = [scene.AddObserver(event, self._notice) for event in events]

    def close(self) -> None:
        """Stop watching; safe to call twice."""
        for tag in self._tags:
            self._scene.RemoveObserver(tag)
        self._tags.clear()

    def _notice(self, _caller: slicer.vtkMRMLScene, _event: str) -> None:
        self._nodes_gone()
